"""What may be asked of the court: one frozen dataclass per wish, in the imperative.

Field names are the names on the wire. A command that creates something carries the new id. Who asks is not a field: the
docket hands it to `decide` from the signed-in seat.
"""

from dataclasses import dataclass
from datetime import datetime

from hearing.proceedings.roles import Role
from hearing.proceedings.words import HandReason, Kind, Mode, Outcome, PointKind, Purpose, SourceKind, Visibility


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A place from which people take part."""

    id: str
    kind: PointKind
    host: str
    place_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A place in one hearing, with a role and a point. `accompanies` is the seat this one represents or assists.

    `language` is the language this person speaks (BCP 47) when it is not the court's.
    """

    id: str
    person: str
    role: Role
    point: str
    mandatory: bool
    accompanies: str | None = None
    language: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleHearing:
    """Put a hearing on the calendar with its points and seats."""

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
class StartSitting:
    """Open the doors: the hearing clock of this day starts at zero."""

    sitting: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EndSitting:
    """Close the doors at the end of the day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorClock:
    """Tie the hearing clock to a time source (by the court)."""

    ms: int
    utc: datetime
    source: str
    offset_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrive:
    """A connection took its seat; a second arrival is a reconnection (by the court).

    `point` is where the device is, when that is not the point of the seat.
    """

    seat: str
    connection: str
    point: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LoseConnection:
    """The connection of a seat is gone (by the court)."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptDuties:
    """Accept the five duties of people who take part from afar, in the given version of the text."""

    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckPapers:
    """Record that an identity paper was compared: its kind and its last four digits."""

    seat: str
    document: str
    last4: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRoll:
    """Record whether a person answered the roll call."""

    seat: str
    present: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmIdentity:
    """The presiding judge confirms by question and answer who this is."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Admit:
    """Let people from the waiting room into the courtroom, after a notice."""

    seats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Enter:
    """The notice of an admission has run out (by the court)."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnToWaitingRoom:
    """Send a person back to the waiting room."""

    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Remove:
    """Remove a person from the hearing for a breach of the rules."""

    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenHearing:
    """Declare the hearing open: the recording starts and the opening begins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterPhase:
    """Go on to the next phase, or back along a return the law allows."""

    phase: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TickItem:
    """Mark something that must happen in this phase as done."""

    item: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiveItem:
    """Mark something that must happen in this phase as not applicable, with the reason."""

    item: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RaiseHand:
    """Ask for attention."""

    reason: HandReason
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LowerHand:
    """Take a hand down, one's own when no seat is named."""

    seat: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LowerAllHands:
    """Take every hand down."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveFloor:
    """Give the floor to a seat; `answering` is the seat that is being asked."""

    seat: str
    answering: str | None = None
    purpose: Purpose = Purpose.SPEECH


@dataclass(frozen=True, kw_only=True, slots=True)
class EndTurn:
    """End the turn of whoever has the floor."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mute:
    """Close a microphone, one's own or another's; locked, only the court can open it again."""

    seat: str
    locked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmute:
    """Open a microphone, one's own or another's."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MuteAll:
    """Close every microphone but those of the bench, the clerk and the procurator."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallWitness:
    """Call an isolated witness into the courtroom."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseWitness:
    """End the hearing of a witness, who stays to listen or leaves."""

    seat: str
    stays: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SendToWitnessRoom:
    """Send a witness to the witness room."""

    seat: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StartRecess:
    """Break for some minutes; the phase stays."""

    minutes: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndRecess:
    """Come back from the recess."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldForIncident:
    """Pause for a technical fault; the phase stays."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ResumeAfterIncident:
    """Go on after a technical pause."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SuspendHearing:
    """Suspend the hearing: the same panel resumes it later, in the same phase."""

    reason: str
    resumes_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResumeHearing:
    """Resume a suspended hearing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdjournHearing:
    """Adjourn: this attempt ends and the hearing opens again from the start another day."""

    reason: str
    reopens_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EndWithoutJudgment:
    """Take the case out of the hearing by a decision: stayed, stopped, returned, or agreement."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ContinueWithout:
    """Go on although this mandatory person is not connected."""

    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TryInAbsence:
    """Hear the case without this person."""

    seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaceMember:
    """A reserve member who followed from the start takes the place of a panel member."""

    seat: str
    by_seat: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveSeat:
    """Move a seat to another point."""

    seat: str
    point: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeMode:
    """Change how the hearing is held."""

    mode: Mode
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeVisibility:
    """Close the hearing to the public, or open it."""

    visibility: Visibility
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenConfidentialChannel:
    """Let counsel and client talk alone: nobody else hears, nothing is recorded."""

    seats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseConfidentialChannel:
    """End the confidential talk."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FreezeJudgment:
    """Fix the text of the judgment by its hash."""

    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignDeliberationMinutes:
    """Sign the minutes of the deliberation, as a member of the panel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pronounce:
    """Record that the judgment has been pronounced."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseHearing:
    """Declare the hearing closed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogNote:
    """Write a line of the clerk's log; `about` is a seat, `said_at_ms` the moment meant."""

    note: str
    text: str
    about: str | None = None
    said_at_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StartRecording:
    """Start the official recording."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StopRecording:
    """Stop the official recording, with the reason."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnounceSource:
    """A device offers a source."""

    source: str
    seat: str
    kind: SourceKind
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class WithdrawSource:
    """A source is gone."""

    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignSource:
    """Say which seats use a source, such as the microphone of a room."""

    source: str
    seats: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenTrack:
    """A track of the recording was opened (by the court)."""

    track: str
    source: str
    kind: Kind
    codec: str
    file: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseSegment:
    """A segment of a track is durable and hashed (by the court)."""

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
class CloseTrack:
    """A track of the recording has ended (by the court)."""

    track: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLoss:
    """Sound or picture of this stretch is lost (by the court)."""

    track: str
    source: str
    t0_ms: int
    t1_ms: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RaiseAlarm:
    """Something needs the court's attention at once (by the court)."""

    alarm: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClearAlarm:
    """The matter of an alarm is settled (by the court)."""

    alarm: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachItem:
    """Something was added to the case file, such as the transcript (by the court)."""

    item: str
    kind: str
    sha256: str
    title: str


Command = (
    ScheduleHearing
    | StartSitting
    | EndSitting
    | AnchorClock
    | Arrive
    | LoseConnection
    | AcceptDuties
    | CheckPapers
    | CallRoll
    | ConfirmIdentity
    | Admit
    | Enter
    | ReturnToWaitingRoom
    | Remove
    | OpenHearing
    | EnterPhase
    | TickItem
    | WaiveItem
    | RaiseHand
    | LowerHand
    | LowerAllHands
    | GiveFloor
    | EndTurn
    | Mute
    | Unmute
    | MuteAll
    | CallWitness
    | ReleaseWitness
    | SendToWitnessRoom
    | StartRecess
    | EndRecess
    | HoldForIncident
    | ResumeAfterIncident
    | SuspendHearing
    | ResumeHearing
    | AdjournHearing
    | EndWithoutJudgment
    | ContinueWithout
    | TryInAbsence
    | ReplaceMember
    | MoveSeat
    | ChangeMode
    | ChangeVisibility
    | OpenConfidentialChannel
    | CloseConfidentialChannel
    | FreezeJudgment
    | SignDeliberationMinutes
    | Pronounce
    | CloseHearing
    | LogNote
    | StartRecording
    | StopRecording
    | AnnounceSource
    | WithdrawSource
    | AssignSource
    | OpenTrack
    | CloseSegment
    | CloseTrack
    | ReportLoss
    | RaiseAlarm
    | ClearAlarm
    | AttachItem
)

COMMANDS: dict[str, type[Command]] = {
    command.__name__: command
    for command in (
        ScheduleHearing,
        StartSitting,
        EndSitting,
        AnchorClock,
        Arrive,
        LoseConnection,
        AcceptDuties,
        CheckPapers,
        CallRoll,
        ConfirmIdentity,
        Admit,
        Enter,
        ReturnToWaitingRoom,
        Remove,
        OpenHearing,
        EnterPhase,
        TickItem,
        WaiveItem,
        RaiseHand,
        LowerHand,
        LowerAllHands,
        GiveFloor,
        EndTurn,
        Mute,
        Unmute,
        MuteAll,
        CallWitness,
        ReleaseWitness,
        SendToWitnessRoom,
        StartRecess,
        EndRecess,
        HoldForIncident,
        ResumeAfterIncident,
        SuspendHearing,
        ResumeHearing,
        AdjournHearing,
        EndWithoutJudgment,
        ContinueWithout,
        TryInAbsence,
        ReplaceMember,
        MoveSeat,
        ChangeMode,
        ChangeVisibility,
        OpenConfidentialChannel,
        CloseConfidentialChannel,
        FreezeJudgment,
        SignDeliberationMinutes,
        Pronounce,
        CloseHearing,
        LogNote,
        StartRecording,
        StopRecording,
        AnnounceSource,
        WithdrawSource,
        AssignSource,
        OpenTrack,
        CloseSegment,
        CloseTrack,
        ReportLoss,
        RaiseAlarm,
        ClearAlarm,
        AttachItem,
    )
}
"""Every command by its name on the wire."""
