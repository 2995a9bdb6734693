"""Who was heard and shown when, and what is missing, from a record alone."""

from datetime import UTC, datetime

import pytest

from hearing.proceedings import events as happened
from hearing.proceedings.commands import Point, Seat
from hearing.proceedings.events import Event
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Kind, Mode, PointKind, SourceKind, Visibility
from recording.timeline import Gap, Timeline, planned, timeline
from tests.recording.entries import record

pytestmark = pytest.mark.pure

Line = tuple[int, Event]
MICROPHONE, CAMERA = "judge-microphone", "judge-camera"


def scheduled() -> happened.HearingScheduled:
    return happened.HearingScheduled(
        hearing="hearing",
        case="case",
        court="court",
        pack="vn",
        procedure="civil",
        courtroom="courtroom",
        starts_at=datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
        mode=Mode.ONLINE,
        visibility=Visibility.PUBLIC,
        points=(Point(id="central", kind=PointKind.CENTRAL, host="court"),),
        seats=(
            Seat(id="judge", person="p1", role=Role.PRESIDING_JUDGE, point="central", mandatory=True),
            Seat(id="assessor", person="p2", role=Role.ASSESSOR, point="central", mandatory=True),
        ),
    )


def opening() -> list[Line]:
    """The judge sits in the courtroom with microphone and camera; the recording runs from 10 s on."""
    return [
        (0, scheduled()),
        (1000, happened.SittingStarted(sitting="sitting")),
        (2000, happened.Arrived(seat="judge", connection="c1")),
        (3000, happened.Admitted(seat="judge")),
        (4000, happened.SourceAnnounced(source=MICROPHONE, seat="judge", kind=SourceKind.MICROPHONE)),
        (4000, happened.SourceAnnounced(source=CAMERA, seat="judge", kind=SourceKind.CAMERA)),
        (11_000, happened.RecordingStarted()),
    ]


def kept(track: str, source: str, kind: Kind, *spans: tuple[int, int], at: int = 60_000) -> list[Line]:
    lines: list[Line] = [
        (at, happened.TrackOpened(track=track, source=source, kind=kind, codec="", file=f"{track}.webm"))
    ]
    for index, (t0_ms, t1_ms) in enumerate(spans):
        piece = happened.SegmentClosed(
            track=track,
            index=index,
            offset=0,
            length=1,
            t0_ms=t0_ms,
            t1_ms=t1_ms,
            sha256="",
            prev="",
            key_id="none",
        )
        lines.append((at, piece))
    return lines


def told(*lines: Line) -> Timeline:
    return timeline(record(*lines), "sitting")


def test_the_recorder_listens_from_the_start_of_the_recording_to_a_mute_and_again_after_it() -> None:
    entries = record(
        *opening(),
        (21_000, happened.Muted(seat="judge", own=True)),
        (31_000, happened.Unmuted(seat="judge", own=True)),
        (41_000, happened.SittingEnded()),
    )
    assert planned(entries, "sitting") == {
        (MICROPHONE, "audio"): [(10_000, 20_000), (30_000, 40_000)],
        (CAMERA, "video"): [(10_000, 40_000)],
    }


def test_what_was_kept_is_heard_and_shown_with_its_owner() -> None:
    found = told(
        *opening(),
        *kept("a", MICROPHONE, Kind.AUDIO, (10_000, 14_000), (14_000, 18_000), at=20_000),
        *kept("v", CAMERA, Kind.VIDEO, (10_200, 14_200), at=20_000),
    )
    (sound,) = found.heard
    assert (sound.source, sound.seat, sound.certain, sound.t0_ms, sound.t1_ms) == (
        MICROPHONE,
        "judge",
        True,
        10_000,
        18_000,
    )
    (picture,) = found.shown
    assert (picture.seat, picture.t0_ms, picture.t1_ms) == ("judge", 10_200, 14_200)
    assert [stretch.track for stretch in found.heard_at(17_999)] == ["a"]
    assert found.heard_at(18_000) == () and found.shown_at(9_999) == ()


def test_a_pause_by_mute_is_no_gap_and_a_loss_is_one_with_its_reason() -> None:
    lines = [
        *opening(),
        (21_000, happened.Muted(seat="judge", own=True)),
        (31_000, happened.Unmuted(seat="judge", own=True)),
        *kept("a", MICROPHONE, Kind.AUDIO, (10_000, 13_000), (15_000, 20_000), (30_100, 59_900)),
        *kept("v", CAMERA, Kind.VIDEO, (10_500, 59_500)),
        (60_000, happened.MediaLost(track="a", source=MICROPHONE, t0_ms=13_000, t1_ms=15_000, reason="lost")),
        (61_000, happened.SittingEnded()),
    ]
    assert told(*lines).gaps == (Gap(source=MICROPHONE, kind="audio", t0_ms=13_000, t1_ms=15_000, reason="lost"),)


def test_what_should_be_there_and_is_not_is_a_gap_even_if_nobody_reported_it() -> None:
    lines = [
        *opening(),
        *kept("a", MICROPHONE, Kind.AUDIO, (10_000, 30_000), (35_000, 60_000)),
        (61_000, happened.SittingEnded()),
    ]
    assert told(*lines).gaps == (
        Gap(source=CAMERA, kind="video", t0_ms=10_000, t1_ms=60_000, reason="not-recorded"),
        Gap(source=MICROPHONE, kind="audio", t0_ms=30_000, t1_ms=35_000, reason="not-recorded"),
    )


def test_a_shared_microphone_belongs_to_who_has_the_floor() -> None:
    lines = [
        *opening(),
        (11_000, happened.SourceAssigned(source=MICROPHONE, seats=("judge", "assessor"))),
        (21_000, happened.FloorGiven(seat="assessor")),
        (31_000, happened.TurnEnded(seat="assessor")),
        *kept("a", MICROPHONE, Kind.AUDIO, (10_000, 40_000), at=41_000),
    ]
    found = told(*lines)
    assert [(part.seat, part.certain, part.t0_ms, part.t1_ms) for part in found.heard] == [
        (None, False, 10_000, 20_000),
        ("assessor", True, 20_000, 30_000),
        (None, False, 30_000, 40_000),
    ]
    assert [(part.seat, part.t0_ms, part.t1_ms) for part in found.speaking()] == [("assessor", 20_000, 30_000)]
    assert [(turn.seat, turn.t0_ms, turn.t1_ms) for turn in found.turns] == [("assessor", 20_000, 30_000)]


def test_phases_and_pauses_hold_until_the_next_and_only_in_their_sitting() -> None:
    found = told(
        *opening(),
        (12_000, happened.PhaseEntered(phase="opening")),
        (22_000, happened.RecessStarted(minutes=5, reason="water")),
        (32_000, happened.RecessEnded()),
        (42_000, happened.PhaseEntered(phase="challenges")),
        (52_000, happened.SittingEnded()),
        (90_000, happened.SittingStarted(sitting="next")),
        (91_000, happened.PhaseEntered(phase="opening")),
    )
    assert [(part.phase, part.t0_ms, part.t1_ms) for part in found.phases] == [
        ("opening", 11_000, 41_000),
        ("challenges", 41_000, 51_000),
    ]
    assert [(part.kind, part.reason, part.t0_ms, part.t1_ms) for part in found.pauses] == [
        ("recess", "water", 21_000, 31_000)
    ]
    assert found.t1_ms == 51_000


def test_a_sitting_that_never_was_is_empty() -> None:
    found = timeline(record(*opening()), "other")
    assert (found.heard, found.shown, found.gaps, found.t1_ms) == ((), (), (), 0)
