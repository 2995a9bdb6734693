"""What the record says about one sitting, as far as sound and picture are concerned. Pure: entries in, questions out.

Rule: who used a source at a moment is answered here and nowhere else. A personal device belongs to the seat that
announced it; for a shared one `SourceAssigned` says which seats use it, and the floor decides between them.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from hearing.proceedings import events as happened
from hearing.proceedings.commands import Seat
from hearing.wire import Entry

# The language of a seat that states none, by jurisdiction pack.
LANGUAGE_OF_PACK = {"vn": "vi", "open": "en"}
TIME_ZONE_OF_PACK = {"vn": "Asia/Ho_Chi_Minh"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Floor:
    """Who may speak: the holder, and the person whom the holder questions."""

    seat: str
    answering: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Something that a reader of the transcript or a viewer wants to find: a phase, a note, a pause of the record."""

    number: int
    kind: str
    t0_ms: int
    label: str = ""
    author: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Who used a source. `certain` is False where several seats share it and the floor does not decide."""

    seat: str | None
    seats: tuple[str, ...]
    certain: bool


@dataclass(kw_only=True, slots=True)
class TrackStory:
    """One track: its file, the stretches of which something was kept, and those of which nothing was.

    Segments without a hole between them are one stretch: a worker keeps the story of a sitting for hours, and a
    segment of 4 s costs 650 bytes (tracemalloc), 3.5 MB an hour for three people.
    """

    track: str
    source: str
    kind: str
    codec: str
    file: str
    spans: list[tuple[int, int]] = field(default_factory=list)
    lost: list[tuple[int, int, str]] = field(default_factory=list)
    closed: bool = False

    def kept(self, t0_ms: int, t1_ms: int) -> None:
        """The next segment."""
        if self.spans and self.spans[-1][1] == t0_ms:
            t0_ms, _ = self.spans.pop()
        self.spans.append((t0_ms, t1_ms))


@dataclass(slots=True)
class Sitting:
    """The story of one sitting, grown entry by entry with `take`; entries of other sittings only set the scene."""

    id: str
    hearing: str = ""
    case: str = ""
    pack: str = ""
    started_at: datetime | None = None
    closing_at: datetime | None = None
    ended: bool = False
    last_number: int = 0
    seats: dict[str, Seat] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    tracks: dict[str, TrackStory] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    _uses: dict[str, list[tuple[int, tuple[str, ...]]]] = field(default_factory=dict)
    _floor: list[tuple[int, Floor | None]] = field(default_factory=list)
    _current: str = ""

    def take_all(self, entries: Iterable[Entry]) -> None:
        """Every entry of the hearing, in order."""
        for entry in entries:
            self.take(entry)

    def clock_ms(self, at: datetime) -> int:
        """The hearing clock of this sitting; 0 before the doors opened."""
        return 0 if self.started_at is None else round((at - self.started_at).total_seconds() * 1000)

    def take(self, entry: Entry) -> None:
        """The next entry of the hearing."""
        self.last_number = entry.number
        match entry.event:
            case happened.HearingScheduled() as event:
                self.hearing, self.case, self.pack = event.hearing, event.case, event.pack
                self.seats = {seat.id: seat for seat in event.seats}
            case happened.SittingStarted(sitting=sitting):
                if self._current == self.id and sitting != self.id:
                    self.ended = True
                self._current = sitting
                if sitting == self.id:
                    self.started_at = entry.at
        if self._current != self.id:
            return
        t_ms = self.clock_ms(entry.at)
        self._of_people(entry, t_ms)
        self._of_tracks(entry)
        self._of_marks(entry, t_ms)

    def _of_people(self, entry: Entry, t_ms: int) -> None:
        match entry.event:
            case happened.SourceAnnounced(source=source, seat=seat, kind=kind):
                self.kinds[source] = str(kind)
                self._uses.setdefault(source, []).append((t_ms, (seat,)))
            case happened.SourceAssigned(source=source, seats=seats):
                self._uses.setdefault(source, []).append((t_ms, tuple(seats)))
            case happened.FloorGiven(seat=seat, answering=answering):
                self._floor.append((t_ms, Floor(seat=seat, answering=answering)))
            case happened.TurnEnded():
                self._floor.append((t_ms, None))
            case happened.HearingClosed() | happened.HearingAdjourned() | happened.HearingEnded():
                self.closing_at = self.closing_at or entry.at
            case happened.SittingEnded():
                self.closing_at = self.closing_at or entry.at
                self.ended = True

    def _of_tracks(self, entry: Entry) -> None:
        match entry.event:
            case happened.TrackOpened() as event:
                self.tracks[event.track] = TrackStory(
                    track=event.track,
                    source=event.source,
                    kind=str(event.kind),
                    codec=event.codec,
                    file=event.file,
                )
            case happened.SegmentClosed() as event:
                if event.track in self.tracks:
                    self.tracks[event.track].kept(event.t0_ms, event.t1_ms)
            case happened.TrackClosed(track=track):
                if track in self.tracks:
                    self.tracks[track].closed = True
            case happened.MediaLost() as event:
                if event.track in self.tracks:
                    self.tracks[event.track].lost.append((event.t0_ms, event.t1_ms, event.reason))

    def _of_marks(self, entry: Entry, t_ms: int) -> None:
        def mark(kind: str, label: str = "", author: str = "", at_ms: int = t_ms) -> None:
            self.marks.append(Mark(number=entry.number, kind=kind, t0_ms=at_ms, label=label, author=author))

        match entry.event:
            case happened.PhaseEntered(phase=phase):
                mark("phase", str(phase))
            case happened.NoteLogged(text=text, by=by, said_at_ms=said_at_ms):
                mark("log_note", text, by, t_ms if said_at_ms is None else said_at_ms)
            case happened.RecordingStopped(reason=reason):
                mark("off_record", reason)
            case happened.RecordingStarted():
                mark("back_on")
            case happened.RecessStarted(reason=reason) | happened.HearingSuspended(reason=reason):
                mark("off_record", reason)
            case happened.RecessEnded() | happened.HearingResumed():
                mark("back_on")

    def user(self, source: str, t_ms: int) -> User:
        """Who used `source` at `t_ms`."""
        uses = self._uses.get(source, [])
        # A device may send its first packets in the same moment in which it is announced.
        seats = uses[max(0, bisect_right([at for at, _ in uses], t_ms) - 1)][1] if uses else ()
        if len(seats) <= 1:
            return User(seat=seats[0] if seats else None, seats=seats, certain=bool(seats))
        floor = self.floor(t_ms)
        speaking = [seat for seat in (floor.seat, floor.answering) if seat in seats] if floor else []
        if not speaking:
            return User(seat=None, seats=seats, certain=False)
        # Question and answer over the same microphone: the holder is named, and the doubt is shown.
        return User(seat=speaking[0], seats=seats, certain=len(speaking) == 1)

    def floor(self, t_ms: int) -> Floor | None:
        """Who held the floor at `t_ms`."""
        index = bisect_right([at for at, _ in self._floor], t_ms) - 1
        return self._floor[index][1] if index >= 0 else None

    def language(self, seat: str | None, wanted: dict[str, str]) -> str:
        """What is spoken at a seat: as the job says, as the seat says, or the language of the court."""
        if seat is not None and seat in wanted:
            return wanted[seat]
        stated = self.seats[seat].language if seat in self.seats else ""
        return stated or LANGUAGE_OF_PACK.get(self.pack, "en")

    @property
    def time_zone(self) -> str:
        """The court's time zone, for the times that are printed."""
        return TIME_ZONE_OF_PACK.get(self.pack, "UTC")

    def last_ms(self) -> int:
        """The hearing time at which the last kept segment ends."""
        return max((t1_ms for track in self.tracks.values() for _, t1_ms in track.spans), default=0)
