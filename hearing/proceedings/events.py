"""What has happened: one frozen dataclass per fact, in the past tense.

Events live for ever. Add fields with defaults; never change a meaning; a new meaning gets a new name. The time and the
author stand in the entry's header, so a field says who only where that is part of the fact.
"""

from dataclasses import dataclass
from datetime import datetime

from hearing.proceedings.commands import Point, Seat
from hearing.proceedings.words import HandReason, Kind, Mode, Outcome, Purpose, SourceKind, Visibility


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingScheduled:
    """A hearing was put on the calendar."""

    hearing: str
    case: str
    court: str
    pack: str
    procedure: str
    courtroom: str
    starts_at: datetime
    mode: Mode
    visibility: Visibility
    points: tuple[Point, ...]
    seats: tuple[Seat, ...]
    admission_notice_ms: int = 10000


@dataclass(frozen=True, kw_only=True, slots=True)
class SittingStarted:
    """The doors opened; the hearing clock of this day started at zero."""

    sitting: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SittingEnded:
    """The doors closed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockAnchored:
    """The hearing clock was tied to a time source."""

    ms: int
    utc: datetime
    source: str
    offset_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """A connection took its seat."""

    seat: str
    connection: str
    point: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionLost:
    """The connection of a seat was lost."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DutiesAccepted:
    """A person accepted the five duties."""

    seat: str
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PapersChecked:
    """An identity paper was compared."""

    seat: str
    document: str
    last4: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RollCalled:
    """A person's presence was noted at the roll call."""

    seat: str
    present: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityConfirmed:
    """The presiding judge confirmed an identity."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AdmissionAnnounced:
    """A person will enter the courtroom at this time of the hearing clock."""

    seat: str
    enters_at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Admitted:
    """A person entered the courtroom."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedToWaitingRoom:
    """A person was sent back to the waiting room."""

    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """A person was removed from the hearing."""

    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingOpened:
    """The hearing was declared open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseEntered:
    """A phase began."""

    phase: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemTicked:
    """Something that must happen was done; `automatic` when the court's own acts show it."""

    item: str
    automatic: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemWaived:
    """Something that must happen does not apply here."""

    item: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HandRaised:
    """A hand went up."""

    seat: str
    reason: HandReason
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HandLowered:
    """A hand went down."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FloorGiven:
    """The floor was given."""

    seat: str
    answering: str | None = None
    purpose: Purpose = Purpose.SPEECH


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnEnded:
    """A turn ended."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Muted:
    """A microphone was closed, by its owner (`own`) or by the court."""

    seat: str
    locked: bool = False
    own: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmuted:
    """A microphone was opened, by its owner (`own`) or by the court."""

    seat: str
    own: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WitnessCalled:
    """A witness was called."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WitnessReleased:
    """The hearing of a witness ended."""

    seat: str
    stays: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SentToWitnessRoom:
    """A witness went to the witness room."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecessStarted:
    """A recess began."""

    minutes: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecessEnded:
    """The recess ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentHeld:
    """The hearing was paused for a technical fault; `seat` is whose connection failed."""

    reason: str
    seat: str | None = None
    automatic: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentEnded:
    """The technical pause ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingSuspended:
    """The hearing was suspended; everyone returned to the waiting room."""

    reason: str
    resumes_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingResumed:
    """The suspended hearing resumed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingAdjourned:
    """The hearing was adjourned."""

    reason: str
    reopens_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingEnded:
    """The case left the hearing by a decision."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AbsenceAccepted:
    """The presiding judge decided to go on while this person is not connected."""

    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedInAbsence:
    """The presiding judge decided to hear the case without this person."""

    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberReplaced:
    """A reserve member took the place of a panel member."""

    seat: str
    by_seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatMoved:
    """A seat was moved to another point."""

    seat: str
    point: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ModeChanged:
    """The way the hearing is held changed."""

    mode: Mode
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VisibilityChanged:
    """The hearing was closed to the public, or opened."""

    visibility: Visibility
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfidentialChannelOpened:
    """Counsel and client talk alone."""

    seats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfidentialChannelClosed:
    """The confidential talk ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgmentFrozen:
    """The text of the judgment was fixed."""

    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliberationMinutesSigned:
    """A member of the panel signed the minutes of the deliberation."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgmentPronounced:
    """The judgment was pronounced."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HearingClosed:
    """The hearing was declared closed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteLogged:
    """A line was written in the clerk's log."""

    note: str
    text: str
    by: str
    about: str | None = None
    said_at_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingStarted:
    """The official recording started."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingStopped:
    """The official recording stopped; `resumes` when it starts again by itself."""

    reason: str
    resumes: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceAnnounced:
    """A device offered a source."""

    source: str
    seat: str
    kind: SourceKind
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceWithdrawn:
    """A source went away."""

    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceAssigned:
    """It was noted which seats use a source."""

    source: str
    seats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackOpened:
    """A track of the recording was opened."""

    track: str
    source: str
    kind: Kind
    codec: str
    file: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentClosed:
    """A segment of a track became durable."""

    track: str
    index: int
    offset: int
    length: int
    t0_ms: int
    t1_ms: int
    sha256: str
    prev: str
    key_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackClosed:
    """A track of the recording ended."""

    track: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaLost:
    """Sound or picture of this stretch is lost."""

    track: str
    source: str
    t0_ms: int
    t1_ms: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmRaised:
    """An alarm was raised."""

    alarm: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmCleared:
    """An alarm was settled."""

    alarm: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemAttached:
    """Something was added to the case file."""

    item: str
    kind: str
    sha256: str
    title: str


Event = (
    HearingScheduled
    | SittingStarted
    | SittingEnded
    | ClockAnchored
    | Arrived
    | ConnectionLost
    | DutiesAccepted
    | PapersChecked
    | RollCalled
    | IdentityConfirmed
    | AdmissionAnnounced
    | Admitted
    | ReturnedToWaitingRoom
    | Removed
    | HearingOpened
    | PhaseEntered
    | ItemTicked
    | ItemWaived
    | HandRaised
    | HandLowered
    | FloorGiven
    | TurnEnded
    | Muted
    | Unmuted
    | WitnessCalled
    | WitnessReleased
    | SentToWitnessRoom
    | RecessStarted
    | RecessEnded
    | IncidentHeld
    | IncidentEnded
    | HearingSuspended
    | HearingResumed
    | HearingAdjourned
    | HearingEnded
    | AbsenceAccepted
    | TriedInAbsence
    | MemberReplaced
    | SeatMoved
    | ModeChanged
    | VisibilityChanged
    | ConfidentialChannelOpened
    | ConfidentialChannelClosed
    | JudgmentFrozen
    | DeliberationMinutesSigned
    | JudgmentPronounced
    | HearingClosed
    | NoteLogged
    | RecordingStarted
    | RecordingStopped
    | SourceAnnounced
    | SourceWithdrawn
    | SourceAssigned
    | TrackOpened
    | SegmentClosed
    | TrackClosed
    | MediaLost
    | AlarmRaised
    | AlarmCleared
    | ItemAttached
)

EVENTS: dict[str, type[Event]] = {
    event.__name__: event
    for event in (
        HearingScheduled,
        SittingStarted,
        SittingEnded,
        ClockAnchored,
        Arrived,
        ConnectionLost,
        DutiesAccepted,
        PapersChecked,
        RollCalled,
        IdentityConfirmed,
        AdmissionAnnounced,
        Admitted,
        ReturnedToWaitingRoom,
        Removed,
        HearingOpened,
        PhaseEntered,
        ItemTicked,
        ItemWaived,
        HandRaised,
        HandLowered,
        FloorGiven,
        TurnEnded,
        Muted,
        Unmuted,
        WitnessCalled,
        WitnessReleased,
        SentToWitnessRoom,
        RecessStarted,
        RecessEnded,
        IncidentHeld,
        IncidentEnded,
        HearingSuspended,
        HearingResumed,
        HearingAdjourned,
        HearingEnded,
        AbsenceAccepted,
        TriedInAbsence,
        MemberReplaced,
        SeatMoved,
        ModeChanged,
        VisibilityChanged,
        ConfidentialChannelOpened,
        ConfidentialChannelClosed,
        JudgmentFrozen,
        DeliberationMinutesSigned,
        JudgmentPronounced,
        HearingClosed,
        NoteLogged,
        RecordingStarted,
        RecordingStopped,
        SourceAnnounced,
        SourceWithdrawn,
        SourceAssigned,
        TrackOpened,
        SegmentClosed,
        TrackClosed,
        MediaLost,
        AlarmRaised,
        AlarmCleared,
        ItemAttached,
    )
}
"""Every event by its name in the record."""
