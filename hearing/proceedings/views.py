"""What one person may know of a hearing: the value that is sent to the page, and which entries that person is told."""

from dataclasses import dataclass
from datetime import datetime

from hearing.proceedings import audience, checklist
from hearing.proceedings.guide import guide
from hearing.proceedings.rules.allowed import allowed
from hearing.proceedings.secrecy import follows, looks_after, visible
from hearing.proceedings.values import CourtMicrophone, Hearing, SeatState
from hearing.proceedings.words import Microphone

__all__ = ["View", "microphone", "view", "visible"]


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
    """A seat as this person may see it. What is hidden is null, and so are checks that this role does not need."""

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
    """Everything one person may know. `order`: the seats that ask or speak in this phase, in the order of the law."""

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


def microphone(hearing: Hearing, seat: SeatState) -> Microphone:
    """What the sign beside a microphone says."""
    if seat.court is CourtMicrophone.LOCKED:
        return Microphone.LOCKED
    if seat.self_muted:
        return Microphone.SELF_MUTED
    return Microphone.OPEN if audience.audible(hearing, seat) else Microphone.COURT_MUTED


def _seat(hearing: Hearing, me: SeatState, seat: SeatState) -> SeatView:
    near, cares = follows(me) or me.id == seat.id, looks_after(me, seat)
    asked = cares and seat.row.vouched
    roll = None if seat.roll is None else "present" if seat.roll else "absent"
    return SeatView(
        id=seat.id,
        person=seat.person,
        role=seat.role,
        point=seat.located if seat.connected else seat.point,
        place=seat.place,
        connected=seat.connected,
        since=seat.since,
        microphone=microphone(hearing, seat) if near else None,
        hand=seat.hand.reason if near and seat.hand is not None else None,
        mandatory=seat.mandatory,
        roll=roll if cares else None,
        papers=seat.papers is not None if asked else None,
        oral=seat.oral if asked else None,
        duties=seat.duties is not None if asked else None,
    )


def _you(hearing: Hearing, me: SeatState) -> YouView:
    floor = hearing.floor
    where, may = guide(hearing, me)
    return YouView(
        seat=me.id,
        role=me.role,
        place=me.place,
        point=me.located if me.connected else me.point,
        microphone=microphone(hearing, me),
        hand=None if me.hand is None else me.hand.reason,
        duties_accepted=me.duties is not None,
        holds_floor=floor is not None and floor.seat == me.id,
        answering=floor is not None and floor.answering == me.id,
        enters_at_ms=me.enters_at_ms,
        guide=where,
        guide_may=may,
    )


def _phases(hearing: Hearing) -> tuple[PhaseView, ...]:
    codes = [row.code for row in hearing.course.phases]
    here = codes.index(hearing.phase)
    return tuple(
        PhaseView(
            code=row.code,
            article=row.article if hearing.law.cites else "",
            state="done" if index < here else "now" if index == here else "later",
        )
        for index, row in enumerate(hearing.course.phases)
    )


def _interruption(hearing: Hearing) -> InterruptionView | None:
    pause = hearing.pause
    if pause is None:
        return None
    return InterruptionView(kind=pause.kind, reason=pause.reason, since=pause.since, until=pause.until)


def _floor(hearing: Hearing) -> FloorView | None:
    floor = hearing.floor
    if floor is None:
        return None
    return FloorView(seat=floor.seat, answering=floor.answering, purpose=floor.purpose, since=floor.since)


def _hands(hearing: Hearing) -> tuple[HandView, ...]:
    up = [
        HandView(seat=seat.id, reason=seat.hand.reason, text=seat.hand.text, at=seat.hand.at)
        for seat in hearing.seats.values()
        if seat.hand is not None
    ]
    return tuple(sorted(up, key=lambda hand: hand.at))


def _checklist(hearing: Hearing) -> tuple[CheckView, ...]:
    found = []
    for item in checklist.items(hearing):
        check = hearing.checks.get((hearing.phase, item.code))
        state = "open" if check is None else "done" if check.done else "waived"
        found.append(CheckView(code=item.code, state=state, reason="" if check is None else check.reason))
    return tuple(found)


def _next_phases(hearing: Hearing) -> tuple[NextPhaseView, ...]:
    forward = hearing.course.next_phase(hearing.phase)
    left = checklist.open_items(hearing)
    return tuple(
        NextPhaseView(phase=phase, open_items=left if phase == forward else ())
        for phase in hearing.course.steps(hearing.phase)
    )


def _order(hearing: Hearing) -> tuple[str, ...]:
    seats = [seat for seat in hearing.seats.values() if seat.active]
    return tuple(seat.id for role in hearing.row.order for seat in seats if seat.role is role)


def _sources(hearing: Hearing, who: str) -> tuple[SourceView, ...]:
    return tuple(
        SourceView(
            id=source.id,
            seats=source.seats,
            kind=source.kind,
            point=hearing.seats[source.owner].located,
        )
        for source in (hearing.sources[id] for id in audience.received(hearing).get(who, ()))
    )


def view(hearing: Hearing, who: str) -> View:
    """What the person on seat `who` may know now, with the commands open to them."""
    me = hearing.seats[who]
    inside, staff = follows(me), me.staff
    return View(
        hearing=HearingView(
            id=hearing.id,
            case=hearing.case,
            court=hearing.court,
            pack=hearing.pack,
            procedure=hearing.procedure,
            mode=hearing.mode,
            visibility=hearing.visibility,
            courtroom=hearing.courtroom,
            starts_at=hearing.starts_at,
        ),
        stage=hearing.stage,
        phase=hearing.phase,
        phases=_phases(hearing),
        interruption=_interruption(hearing),
        recording=RecordingView(on=hearing.recording, since=hearing.recording_since),
        you=_you(hearing, me),
        seats=tuple(_seat(hearing, me, seat) for seat in hearing.seats.values()),
        points=tuple(
            PointView(id=point.id, kind=point.kind, host=point.host, place_text=point.place_text)
            for point in hearing.points
        ),
        floor=_floor(hearing) if inside else None,
        hands=_hands(hearing) if inside else (),
        checklist=_checklist(hearing) if staff else (),
        next_phases=_next_phases(hearing) if staff else (),
        order=_order(hearing),
        sources=_sources(hearing, who),
        alarms=tuple(AlarmView(id=id, reason=a.reason, since=a.since) for id, a in hearing.alarms.items())
        if staff
        else (),
        notes=tuple(NoteView(id=n.id, text=n.text, about=n.about, t_ms=n.t_ms, by=n.by) for n in hearing.notes)
        if staff
        else (),
        allowed=allowed(hearing, who),
    )
