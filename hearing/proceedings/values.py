"""The hearing as it now is, and its parts. Values only: they answer questions about themselves and change nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hearing.proceedings.commands import Point
from hearing.proceedings.phases import Media, Pack, PhaseRow, Procedure
from hearing.proceedings.procedures import PACKS, PROCEDURES
from hearing.proceedings.roles import ROLES, Power, Role, RoleRow, Scope
from hearing.proceedings.words import (
    HandReason,
    Interruption,
    Kind,
    Mode,
    Outcome,
    Place,
    Purpose,
    SourceKind,
    Stage,
    Visibility,
)

OVER = (Stage.CLOSED, Stage.ADJOURNED, Stage.ENDED)


class CourtMicrophone(StrEnum):
    """What the court has decided about a microphone, beside its owner's own switch."""

    UNDECIDED = "undecided"
    OPENED = "opened"
    MUTED = "muted"
    LOCKED = "locked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hand:
    """A hand that is up."""

    reason: HandReason
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Floor:
    """Who has the floor."""

    seat: str
    answering: str | None
    purpose: Purpose
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """The interruption that is on."""

    kind: Interruption
    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceState:
    """A source, the device's seat and the seats that use it."""

    id: str
    owner: str
    seats: tuple[str, ...]
    kind: SourceKind
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackState:
    """A track of the recording: enough to know what the record already has."""

    source: str
    kind: Kind
    last_index: int = -1
    closed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """What became of an item: done, or waived with a reason."""

    done: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """An alarm that is on."""

    reason: str
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A line of the clerk's log."""

    id: str
    text: str
    about: str | None
    t_ms: int
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatState:
    """A seat and everything that has become of it."""

    id: str
    person: str
    role: Role
    point: str
    mandatory: bool
    accompanies: str | None
    located: str
    """The point where the device really is."""
    place: Place = Place.OUTSIDE
    connection: str | None = None
    since: datetime | None = None
    """Since when the connection is as it is."""
    duties: str | None = None
    papers: str | None = None
    oral: bool = False
    roll: bool | None = None
    roll_reason: str = ""
    hand: Hand | None = None
    self_muted: bool = False
    court: CourtMicrophone = CourtMicrophone.UNDECIDED
    enters_at_ms: int | None = None
    came_from: Place | None = None
    """The place to go back to from the confidential channel."""
    called: bool = False
    released: bool = False
    absence_accepted: bool = False
    in_absence: bool = False
    attended: bool = False
    """In the courtroom since the hearing was opened."""
    removed: bool = False
    replaced: bool = False

    @property
    def row(self) -> RoleRow:
        """The row of the role table."""
        return ROLES[self.role]

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self.connection is not None

    @property
    def active(self) -> bool:
        """Whether the seat still takes part."""
        return not self.removed and not self.replaced

    @property
    def kept_apart(self) -> bool:
        """Whether the person must hear nothing yet."""
        return self.row.isolated and not self.called and not self.released

    def has(self, power: Power) -> bool:
        """Whether the seat holds `power`."""
        return power in self.row.powers

    @property
    def staff(self) -> bool:
        """Whether the person sees the working side of the hearing: bench, clerk, whoever keeps the record."""
        return self.row.scope is Scope.HEARING and bool(
            self.row.powers & {Power.CONTROL, Power.ADMIT, Power.NOTE, Power.DELIBERATE}
        )

    @property
    def public(self) -> bool:
        """Whether the person only attends."""
        return self.row.scope is Scope.PUBLIC_PHASES

    @property
    def publishes(self) -> bool:
        """Whether devices of this seat may send sound and picture."""
        return bool(self.row.powers & {Power.SPEAK, Power.ASK, Power.NOTE, Power.ADMIT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Hearing:
    """One attempt to hear a case. Dictionaries in it are replaced, never changed."""

    id: str
    case: str
    court: str
    pack: str
    procedure: str
    courtroom: str
    starts_at: datetime
    mode: Mode
    visibility: Visibility
    points: tuple[Point, ...]
    seats: dict[str, SeatState]
    admission_notice_ms: int
    phase: str
    stage: Stage = Stage.SCHEDULED
    outcome: Outcome | None = None
    sitting: str | None = None
    sitting_started: datetime | None = None
    pause: Pause | None = None
    floor: Floor | None = None
    checks: dict[tuple[str, str], Check]
    """What became of the items, by phase and item."""
    spoken: frozenset[tuple[str, str]] = frozenset()
    """Phase and seat of every ended turn."""
    answered: frozenset[tuple[str, str]] = frozenset()
    """Phase and seat of everybody who was asked in an ended turn."""
    recording: bool = False
    recording_since: datetime | None = None
    recording_resumes: bool = False
    sources: dict[str, SourceState]
    tracks: dict[str, TrackState]
    alarms: dict[str, Alarm]
    notes: tuple[Note, ...] = ()
    judgment_sha256: str | None = None
    minutes_signed: frozenset[str] = frozenset()
    pronounced: bool = False

    @property
    def law(self) -> Pack:
        """The values of the jurisdiction."""
        return PACKS[self.pack]

    @property
    def course(self) -> Procedure:
        """The table of this kind of case."""
        return PROCEDURES[self.procedure]

    @property
    def row(self) -> PhaseRow:
        """The row of the phase that is on."""
        return self.course.row(self.phase)

    @property
    def sealed(self) -> bool:
        """Whether the panel is alone now."""
        return self.row.media is Media.SEALED

    @property
    def over(self) -> bool:
        """Whether this attempt has ended."""
        return self.stage in OVER

    @property
    def in_phase(self) -> bool:
        """Whether the hearing is open and nothing interrupts it."""
        return self.stage is Stage.IN_SESSION

    def clock_ms(self, at: datetime) -> int:
        """Milliseconds since the doors of this sitting opened; 0 before."""
        if self.sitting_started is None:
            return 0
        return max(0, (at - self.sitting_started) // timedelta(milliseconds=1))

    def panel(self) -> tuple[SeatState, ...]:
        """The members of the panel."""
        return tuple(seat for seat in self.seats.values() if seat.active and seat.has(Power.DELIBERATE))

    def public_now(self) -> bool:
        """Whether press and public may be in the courtroom."""
        return self.visibility in self.row.public_when
