"""Scheduling a hearing, opening and closing the doors of a day, the hearing clock."""

from collections.abc import Sequence

from hearing.errors import Refused
from hearing.proceedings import COURT
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.audience import RECORDER
from hearing.proceedings.phases import Pack, Procedure
from hearing.proceedings.procedures import PACKS, PROCEDURES
from hearing.proceedings.roles import ROLES, Power, Seating
from hearing.proceedings.rules import guards
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import Interruption, Mode, PointKind, Stage

Events = tuple[ev.Event, ...]


def schedule(command: cmd.ScheduleHearing) -> Events:
    """Who may schedule is decided by the grants of the court: there is no seat yet to hold a power."""
    pack, procedure = PACKS.get(command.pack), PROCEDURES.get(command.procedure)
    if pack is None:
        raise Refused("unknown-pack")
    if procedure is None:
        raise Refused("unknown-procedure")
    if command.mode is Mode.REMOTE_BENCH and pack.central_bench:
        raise Refused("mode-needs-reason")
    if command.admission_notice_ms < 0:
        raise Refused("notice-invalid")
    _points(command.points, pack)
    _seats(command, pack, procedure)
    return (
        ev.HearingScheduled(
            hearing=command.hearing,
            case=command.case,
            court=command.court,
            pack=command.pack,
            procedure=command.procedure,
            courtroom=command.courtroom,
            starts_at=command.starts_at,
            mode=command.mode,
            visibility=command.visibility,
            points=command.points,
            seats=command.seats,
            admission_notice_ms=command.admission_notice_ms,
        ),
    )


def _points(points: Sequence[cmd.Point], pack: Pack) -> None:
    if len({point.id for point in points}) != len(points):
        raise Refused("point-twice")
    kinds = [point.kind for point in points]
    if kinds.count(PointKind.CENTRAL) != 1:
        raise Refused("one-central-point")
    limit = pack.max_component_points
    if limit is not None and kinds.count(PointKind.COMPONENT) > limit:
        raise Refused("too-many-points", limit=limit)


def _seats(command: cmd.ScheduleHearing, pack: Pack, procedure: Procedure) -> None:
    ids = [seat.id for seat in command.seats]
    if len(set(ids)) != len(ids) or {COURT, RECORDER} & set(ids):
        raise Refused("seat-twice")
    points = {point.id: point.kind for point in command.points}
    for seat in command.seats:
        if seat.point not in points:
            raise Refused("unknown-point")
        if seat.accompanies is not None and (seat.accompanies not in ids or seat.accompanies == seat.id):
            raise Refused("accompanies-nobody")
        seating = ROLES[seat.role].seating
        if seating is Seating.NONE:
            raise Refused("no-seat-for-role", role=seat.role)
        if not pack.central_bench:
            continue
        if seating is Seating.CENTRAL and points[seat.point] is not PointKind.CENTRAL:
            raise Refused("must-sit-centrally", role=seat.role)
        if seating is Seating.COMPONENT and points[seat.point] is not PointKind.COMPONENT:
            raise Refused("must-sit-at-component", role=seat.role)
    roles = [seat.role for seat in command.seats]
    if sum(Power.CONTROL in ROLES[role].powers for role in roles) != 1:
        raise Refused("one-presiding-judge")
    if pack.full_bench:
        for role in procedure.required:
            if role not in roles:
                raise Refused("seat-missing", role=role)


def start_sitting(hearing: Hearing, command: cmd.StartSitting, by: str) -> Events:
    """Doors open on the first day, on the day a suspended hearing resumes, and after a night of deliberation."""
    guards.need(hearing, by, Power.CONTROL, Power.ADMIT)
    guards.over(hearing)
    if hearing.sitting is not None:
        raise Refused("doors-already-open")
    return (ev.SittingStarted(sitting=command.sitting),)


def end_sitting(hearing: Hearing, by: str) -> Events:
    """Doors close when the hearing has ended, is suspended, has not begun, or the panel deliberates."""
    if by != COURT:
        guards.need(hearing, by, Power.CONTROL, Power.ADMIT)
    if hearing.sitting is None:
        raise Refused("doors-already-closed")
    suspended = hearing.pause is not None and hearing.pause.kind is Interruption.SUSPENSION
    deliberating = hearing.sealed and hearing.in_phase
    if hearing.stage in (Stage.IN_SESSION, Stage.INTERRUPTED) and not suspended and not deliberating:
        raise Refused("still-in-session")
    stopped: Events = (ev.RecordingStopped(reason="doors-closed"),) if hearing.recording else ()
    return (*stopped, ev.SittingEnded())


def anchor_clock(command: cmd.AnchorClock, by: str) -> Events:
    """Every start of a process that stamps media ties its clock to the hearing's."""
    guards.court_only(by)
    anchor = ev.ClockAnchored(ms=command.ms, utc=command.utc, source=command.source, offset_ms=command.offset_ms)
    return (anchor,)
