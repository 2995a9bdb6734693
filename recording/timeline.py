"""Who was heard, shown and speaking when, in which phase, and what is missing. Pure: entries in, stretches out.

Rule: heard and shown is only what was kept (`segments.py`); what should have been kept follows from the audience plan,
replayed entry by entry with the recorder as its listener. The difference is a gap, and no gap is hidden. All times are
hearing-clock milliseconds of one sitting; a stretch does not include its end.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from hearing.proceedings import audience
from hearing.proceedings import events as happened
from hearing.proceedings.state import evolve
from hearing.proceedings.values import Hearing
from hearing.wire import Entry
from recording.segments import Manifest
from recording.sitting import Sitting

TOLERANCE_MS = 1000  # until a device sends its first frame, and from the last one to the word that it has gone
NOT_RECORDED = "not-recorded"

Span = tuple[int, int]
# The recorder's own entries come every few seconds and never change who may be heard.
OF_THE_RECORDER = (
    happened.TrackOpened,
    happened.SegmentClosed,
    happened.TrackClosed,
    happened.MediaLost,
    happened.AlarmRaised,
    happened.AlarmCleared,
    happened.ItemAttached,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Kept sound or picture of a source, and whose it was. `certain` is False where a shared device leaves it open."""

    track: str
    source: str
    seat: str | None
    seats: tuple[str, ...]
    certain: bool
    t0_ms: int
    t1_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    seat: str
    answering: str | None
    t0_ms: int
    t1_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseStretch:
    phase: str
    t0_ms: int
    t1_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """The hearing was interrupted: recess, incident hold, suspension."""

    kind: str
    reason: str
    t0_ms: int
    t1_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """The recorder was a listener of `source` and has nothing of this stretch."""

    source: str
    kind: str
    t0_ms: int
    t1_ms: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    sitting: str
    t1_ms: int
    heard: tuple[Stretch, ...]
    shown: tuple[Stretch, ...]
    turns: tuple[Turn, ...]
    phases: tuple[PhaseStretch, ...]
    pauses: tuple[Pause, ...]
    gaps: tuple[Gap, ...]

    def heard_at(self, t_ms: int) -> tuple[Stretch, ...]:
        return tuple(stretch for stretch in self.heard if stretch.t0_ms <= t_ms < stretch.t1_ms)

    def shown_at(self, t_ms: int) -> tuple[Stretch, ...]:
        return tuple(stretch for stretch in self.shown if stretch.t0_ms <= t_ms < stretch.t1_ms)

    def speaking(self) -> tuple[Stretch, ...]:
        """What was kept of those who had the floor, while they had it."""
        found = [
            _part(stretch, max(stretch.t0_ms, turn.t0_ms), min(stretch.t1_ms, turn.t1_ms))
            for turn in self.turns
            for stretch in self.heard
            if stretch.seat in (turn.seat, turn.answering)
        ]
        return tuple(stretch for stretch in found if stretch.t0_ms < stretch.t1_ms)


def _part(stretch: Stretch, t0_ms: int, t1_ms: int) -> Stretch:
    return Stretch(
        track=stretch.track,
        source=stretch.source,
        seat=stretch.seat,
        seats=stretch.seats,
        certain=stretch.certain,
        t0_ms=t0_ms,
        t1_ms=t1_ms,
    )


def timeline(entries: Sequence[Entry], sitting: str) -> Timeline:
    """Of one sitting; what is still going on ends at the sitting's last entry or last kept frame."""
    story = Sitting(id=sitting)
    story.take_all(entries)
    manifest = Manifest.from_entries(entries, sitting)
    own = list(_of_sitting(entries, sitting))
    last = story.clock_ms(own[-1].at) if own else 0
    end = max(last, story.last_ms())
    kept = {kind: _kept(manifest, story, own, kind) for kind in ("audio", "video")}
    return Timeline(
        sitting=sitting,
        t1_ms=end,
        heard=kept["audio"],
        shown=kept["video"],
        turns=tuple(_turns(own, story.clock_ms, end)),
        phases=tuple(_phases(own, story.clock_ms, end)),
        pauses=tuple(_pauses(own, story.clock_ms, end)),
        gaps=tuple(_gaps(manifest, planned(entries, sitting), end)),
    )


def _of_sitting(entries: Iterable[Entry], sitting: str) -> Iterable[Entry]:
    inside = False
    for entry in entries:
        if isinstance(entry.event, happened.SittingStarted):
            inside = entry.event.sitting == sitting
        if inside:
            yield entry


# -- what was kept -------------------------------------------------------------------------------------------------


def _kept(manifest: Manifest, story: Sitting, own: Sequence[Entry], kind: str) -> tuple[Stretch, ...]:
    """Every kept span, cut where the user of its source may have changed."""
    changes = sorted(
        story.clock_ms(entry.at)
        for entry in own
        if isinstance(entry.event, happened.SourceAssigned | happened.FloorGiven | happened.TurnEnded)
    )
    found: list[Stretch] = []
    for track in manifest.tracks.values():
        if track.kind != kind:
            continue
        for t0_ms, t1_ms in track.spans():
            cuts = [t0_ms, *(at for at in changes if t0_ms < at < t1_ms), t1_ms]
            for begin, stop in pairwise(cuts):
                user = story.user(track.source, begin)
                stretch = Stretch(
                    track=track.track,
                    source=track.source,
                    seat=user.seat,
                    seats=user.seats,
                    certain=user.certain,
                    t0_ms=begin,
                    t1_ms=stop,
                )
                if found and _part(stretch, 0, 0) == _part(found[-1], 0, 0) and found[-1].t1_ms == begin:
                    found[-1] = _part(found[-1], found[-1].t0_ms, stop)
                elif begin < stop:
                    found.append(stretch)
    return tuple(sorted(found, key=lambda stretch: (stretch.t0_ms, stretch.source)))


# -- what should have been kept ------------------------------------------------------------------------------------


def planned(entries: Sequence[Entry], sitting: str) -> dict[tuple[str, str], list[Span]]:
    """By source and kind: when the recorder was a listener. Open stretches end with the entries."""
    hearing: Hearing | None = None
    started: datetime | None = None
    since: dict[tuple[str, str], int] = {}
    spans: dict[tuple[str, str], list[Span]] = {}
    now_ms = 0
    for entry in entries:
        hearing = evolve(hearing, entry.event, entry.at)
        if isinstance(entry.event, happened.SittingStarted):
            started = entry.at if entry.event.sitting == sitting else None
        if started is None or isinstance(entry.event, OF_THE_RECORDER):
            continue
        now_ms = round((entry.at - started).total_seconds() * 1000)
        edges = audience.plan(hearing)
        listening = {(edge.source, str(edge.kind)) for edge in edges if edge.listener == audience.RECORDER}
        for key in [key for key in since if key not in listening]:
            spans.setdefault(key, []).append((since.pop(key), now_ms))
        for key in listening:
            since.setdefault(key, now_ms)
    for key, t0_ms in since.items():
        spans.setdefault(key, []).append((t0_ms, now_ms))
    return {key: [span for span in found if span[0] < span[1]] for key, found in spans.items()}


def _gaps(manifest: Manifest, plan: dict[tuple[str, str], list[Span]], end: int) -> list[Gap]:
    found: list[Gap] = []
    for (source, kind), wanted in plan.items():
        tracks = [track for track in manifest.tracks.values() if (track.source, track.kind) == (source, kind)]
        kept = sorted(span for track in tracks for span in track.spans())
        losses = [loss for track in tracks for loss in track.losses]
        for t0_ms, t1_ms in (hole for span in wanted for hole in _holes(span, kept)):
            told = [loss for loss in losses if loss.t0_ms < t1_ms and loss.t1_ms > t0_ms]
            if told or t1_ms - t0_ms > TOLERANCE_MS:
                reason = told[0].reason if told else NOT_RECORDED
                found.append(Gap(source=source, kind=kind, t0_ms=t0_ms, t1_ms=min(t1_ms, end), reason=reason))
    return sorted(found, key=lambda gap: (gap.t0_ms, gap.source, gap.kind))


def _holes(span: Span, kept: Iterable[Span]) -> list[Span]:
    """What of `span` no kept span covers."""
    holes, at = [], span[0]
    for t0_ms, t1_ms in kept:
        if at < min(t0_ms, span[1]):
            holes.append((at, min(t0_ms, span[1])))
        at = max(at, t1_ms)
    if at < span[1]:
        holes.append((at, span[1]))
    return holes


# -- what happened meanwhile ---------------------------------------------------------------------------------------

T = TypeVar("T")
ClockMs = Callable[[datetime], int]


def _until_next(marks: Sequence[tuple[int, T | None]], end: int) -> list[tuple[T, int, int]]:
    """(what, from, to): each mark holds until the next one; None holds nothing."""
    return [(what, at, until) for (at, what), (until, _) in pairwise([*marks, (end, None)]) if what is not None]


def _turns(own: Iterable[Entry], clock_ms: ClockMs, end: int) -> list[Turn]:
    marks: list[tuple[int, tuple[str, str | None] | None]] = []
    for entry in own:
        match entry.event:
            case happened.FloorGiven(seat=seat, answering=answering):
                marks.append((clock_ms(entry.at), (seat, answering)))
            case happened.TurnEnded() | happened.PhaseEntered() | happened.HearingClosed():
                marks.append((clock_ms(entry.at), None))
            case _:
                pass
    found = _until_next(marks, end)
    return [Turn(seat=what[0], answering=what[1], t0_ms=t0, t1_ms=t1) for what, t0, t1 in found]


def _phases(own: Iterable[Entry], clock_ms: ClockMs, end: int) -> list[PhaseStretch]:
    marks: list[tuple[int, str | None]] = []
    for entry in own:
        match entry.event:
            case happened.PhaseEntered(phase=phase):
                marks.append((clock_ms(entry.at), phase))
            case happened.HearingClosed() | happened.HearingAdjourned() | happened.HearingEnded():
                marks.append((clock_ms(entry.at), None))
            case _:
                pass
    return [PhaseStretch(phase=phase, t0_ms=t0, t1_ms=t1) for phase, t0, t1 in _until_next(marks, end)]


def _pauses(own: Iterable[Entry], clock_ms: ClockMs, end: int) -> list[Pause]:
    marks: list[tuple[int, tuple[str, str] | None]] = []
    for entry in own:
        at = clock_ms(entry.at)
        match entry.event:
            case happened.RecessStarted(reason=reason):
                marks.append((at, ("recess", reason)))
            case happened.IncidentHeld(reason=reason):
                marks.append((at, ("incident_hold", reason)))
            case happened.HearingSuspended(reason=reason):
                marks.append((at, ("suspension", reason)))
            case happened.RecessEnded() | happened.IncidentEnded() | happened.HearingResumed():
                marks.append((at, None))
            case _:
                pass
    return [Pause(kind=what[0], reason=what[1], t0_ms=t0, t1_ms=t1) for what, t0, t1 in _until_next(marks, end)]
