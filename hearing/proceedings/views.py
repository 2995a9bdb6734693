"""What one person may know of a hearing: the value that is sent to the page, and which entries that person is told."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingView:
    """What the hearing is."""

    id: str
    case: str
    court: str
    pack: str
    procedure: str
    mode: str
    visibility: str
    courtroom: str
    starts_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseView:
    """A step of the procedure: `state` is done, now or later."""

    code: str
    article: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InterruptionView:
    """Why nothing goes on, and until when."""

    kind: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingView:
    """Whether the courtroom is being recorded, since when it has been so."""

    on: bool
    since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HandView:
    """A hand that is up."""

    seat: str
    reason: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class YouView:
    """What the person must know of the own seat. `guide` and `guide_may` are catalogue keys of the guide sentences."""

    seat: str
    role: str
    place: str
    point: str
    microphone: str
    hand: str | None
    duties_accepted: bool
    holds_floor: bool
    answering: bool
    enters_at_ms: int | None
    guide: str
    guide_may: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatView:
    """A seat as this person may see it; what is hidden is null."""

    id: str
    person: str
    role: str
    point: str
    place: str
    connected: bool
    since: datetime | None
    microphone: str | None
    hand: str | None
    mandatory: bool
    roll: str | None
    papers: bool | None
    oral: bool | None
    duties: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PointView:
    """A point of the hearing."""

    id: str
    kind: str
    host: str
    place_text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FloorView:
    """Who has the floor, who is asked, and what for."""

    seat: str
    answering: str | None
    purpose: str
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckView:
    """Something that must happen in this phase: open, done, or waived with a reason."""

    code: str
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NextPhaseView:
    """A phase one may go to, and what is still open before that."""

    phase: str
    open_items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceView:
    """A source this person may receive now."""

    id: str
    seats: tuple[str, ...]
    kind: str
    point: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmView:
    """Something that needs the court's attention."""

    id: str
    reason: str
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteView:
    """A line of the clerk's log."""

    id: str
    text: str
    about: str | None
    t_ms: int
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """Everything one person may know. `order` are the seats that ask or speak in this phase, in the order of the law."""

    hearing: HearingView
    stage: str
    phase: str
    phases: tuple[PhaseView, ...]
    interruption: InterruptionView | None
    recording: RecordingView
    you: YouView
    seats: tuple[SeatView, ...]
    points: tuple[PointView, ...]
    floor: FloorView | None
    hands: tuple[HandView, ...]
    checklist: tuple[CheckView, ...]
    next_phases: tuple[NextPhaseView, ...]
    order: tuple[str, ...]
    sources: tuple[SourceView, ...]
    alarms: tuple[AlarmView, ...]
    notes: tuple[NoteView, ...]
    allowed: dict[str, tuple[str, ...]]
