"""Who used a source, what is off the record, which language: answered from entries alone."""

from pathlib import Path

import pytest

from hearing.proceedings import events as happened
from hearing.proceedings.roles import Role
from hearing.proceedings.words import Kind
from recording.sitting import Sitting
from tests.recording.speech import Court

pytestmark = pytest.mark.pure

ROOM = {"judge": Role.PRESIDING_JUDGE, "clerk": Role.CLERK, "w": Role.WITNESS}


def told(court: Court) -> Sitting:
    sitting = Sitting("s1")
    sitting.take_all(court.entries)  # type: ignore[arg-type]
    return sitting


def test_a_device_of_ones_own_belongs_to_its_seat() -> None:
    court = Court(root=Path(), seats=ROOM).begin()
    source = court.announce("w")
    user = told(court).user(source, 5_000)
    assert (user.seat, user.seats, user.certain) == ("w", ("w",), True)


def test_over_a_shared_microphone_the_floor_decides() -> None:
    court = Court(root=Path(), seats=ROOM).begin()
    source = court.announce("clerk")
    court.happens(1_000, happened.SourceAssigned(source=source, seats=("judge", "w")))
    court.happens(5_000, happened.FloorGiven(seat="w"))
    court.happens(9_000, happened.TurnEnded(seat="w"))
    court.happens(12_000, happened.FloorGiven(seat="judge", answering="w"))
    sitting = told(court)
    assert sitting.user(source, 500).seat == "clerk"
    assert sitting.user(source, 3_000).seat is None and not sitting.user(source, 3_000).certain
    assert sitting.user(source, 6_000).seat == "w" and sitting.user(source, 6_000).certain
    assert sitting.user(source, 10_000).seat is None
    questioned = sitting.user(source, 13_000)
    assert questioned.seat == "judge" and not questioned.certain, "question and answer share it: the doubt is shown"


def test_the_language_is_the_jobs_then_the_seats_then_the_courts() -> None:
    court = Court(root=Path(), pack="vn", seats=ROOM, languages={"w": "en"}).begin()
    sitting = told(court)
    assert sitting.language("judge", {}) == "vi"
    assert sitting.language("w", {}) == "en"
    assert sitting.language("w", {"w": "fr"}) == "fr"
    assert sitting.language(None, {}) == "vi"


def test_entries_of_another_day_are_no_matter_of_this_sitting() -> None:
    court = Court(root=Path(), seats=ROOM).begin()
    court.happens(1_000, happened.PhaseEntered(phase="opening"))
    court.happens(2_000, happened.SittingEnded())
    court.happens(90_000_000, happened.SittingStarted(sitting="s2"))
    court.happens(90_001_000, happened.PhaseEntered(phase="debate"))
    sitting = told(court)
    assert [mark.label for mark in sitting.marks] == ["opening"]
    assert sitting.ended and sitting.closing_at is not None


def test_segments_without_a_hole_between_them_are_one_stretch() -> None:
    court = Court(root=Path(), seats=ROOM).begin()
    source = court.announce("w")
    court.happens(0, happened.TrackOpened(track="t", source=source, kind=Kind.AUDIO, codec="opus", file="f"))
    times = [(0, 4_000), (4_000, 8_000), (8_000, 9_500), (12_000, 16_000), (16_000, 20_000)]
    for index, (t0_ms, t1_ms) in enumerate(times):
        event = happened.SegmentClosed(
            track="t", index=index, offset=0, length=1, t0_ms=t0_ms, t1_ms=t1_ms, sha256="", prev="", key_id="none"
        )
        court.happens(t1_ms, event)
    sitting = told(court)
    assert sitting.tracks["t"].spans == [(0, 9_500), (12_000, 20_000)]
    assert sitting.last_ms() == 20_000
