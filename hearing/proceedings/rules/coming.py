"""Arriving, being checked, being let in, called, sent out, and losing the connection."""

from datetime import datetime

from hearing.errors import Refused
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.roles import Power
from hearing.proceedings.rules import guards
from hearing.proceedings.values import Hearing, SeatState
from hearing.proceedings.words import Place

Events = tuple[ev.Event, ...]


def arrive(hearing: Hearing, command: cmd.Arrive, by: str) -> Events:
    """Everybody begins in the waiting room; whoever comes back after a loss is where they were."""
    guards.court_only(by)
    seat = hearing.seats.get(command.seat)
    if seat is None:
        raise Refused("no-such-seat")
    if not seat.active:
        raise Refused("removed-from-hearing")
    if hearing.over and hearing.sitting is None:
        raise Refused("hearing-over")
    guards.may_sit_at(hearing, seat, command.point or seat.point, hearing.mode)
    return (ev.Arrived(seat=command.seat, connection=command.connection, point=command.point),)


def lose_connection(hearing: Hearing, command: cmd.LoseConnection, by: str) -> Events:
    """When a mandatory person drops out of the courtroom the hearing pauses by itself (circular 05/2021, art. 14)."""
    guards.court_only(by)
    seat = hearing.seats.get(command.seat)
    if seat is None:
        raise Refused("no-such-seat")
    if not seat.connected:
        raise Refused("not-connected")
    lost = ev.ConnectionLost(seat=command.seat)
    needed = seat.mandatory and not seat.in_absence and seat.place is Place.COURTROOM
    if not needed or not hearing.in_phase or hearing.sealed or hearing.pronounced:
        return (lost,)
    return (lost, ev.IncidentHeld(reason="connection-lost", seat=command.seat, automatic=True))


def accept_duties(hearing: Hearing, command: cmd.AcceptDuties, by: str) -> Events:
    """The five duties of circular 05/2021, in the version that was shown."""
    seat = guards.actor(hearing, by)
    guards.over(hearing)
    if seat.duties == command.version:
        raise Refused("duties-already-accepted")
    return (ev.DutiesAccepted(seat=by, version=command.version),)


def check_papers(hearing: Hearing, command: cmd.CheckPapers, by: str) -> Events:
    """The kind of paper and four digits are kept, never its picture."""
    seat = guards.target(hearing, command.seat)
    guards.need_over(hearing, by, Power.ADMIT, seat)
    guards.over(hearing)
    if not command.document.strip() or len(command.last4) != 4 or not command.last4.isalnum():
        raise Refused("papers-incomplete")
    return (ev.PapersChecked(seat=command.seat, document=command.document, last4=command.last4),)


def call_roll(hearing: Hearing, command: cmd.CallRoll, by: str) -> Events:
    """Somebody who is not connected cannot answer; whoever is absent has a reason or none is known."""
    seat = guards.target(hearing, command.seat)
    guards.need_over(hearing, by, Power.ADMIT, seat)
    guards.in_sitting(hearing)
    if command.present and not seat.connected:
        raise Refused("not-connected")
    return (ev.RollCalled(seat=command.seat, present=command.present, reason=command.reason),)


def confirm_identity(hearing: Hearing, command: cmd.ConfirmIdentity, by: str) -> Events:
    """By question and answer, so only once the person has been let in."""
    guards.need(hearing, by, Power.CONTROL)
    seat = guards.target(hearing, command.seat)
    guards.in_sitting(hearing)
    guards.in_courtroom(seat)
    if seat.oral:
        raise Refused("already-confirmed")
    return (ev.IdentityConfirmed(seat=command.seat),)


def _fit_to_enter(hearing: Hearing, seat: SeatState) -> None:
    if not seat.connected:
        raise Refused("not-connected")
    if seat.enters_at_ms is not None:
        raise Refused("already-announced")
    if seat.public and not hearing.public_now():
        raise Refused("closed-to-public")
    if seat.row.vouched and seat.duties is None:
        raise Refused("duties-not-accepted")
    if seat.row.vouched and seat.papers is None:
        raise Refused("papers-not-checked")


def _entry(hearing: Hearing, seat: str, now: datetime) -> ev.Event:
    """Nobody is seen or heard without notice, unless the hearing was set up without any."""
    if hearing.admission_notice_ms == 0:
        return ev.Admitted(seat=seat)
    return ev.AdmissionAnnounced(seat=seat, enters_at_ms=hearing.clock_ms(now) + hearing.admission_notice_ms)


def admit(hearing: Hearing, command: cmd.Admit, by: str, now: datetime) -> Events:
    """All or none: a list with one person who may not enter is refused as a whole."""
    guards.in_sitting(hearing)
    seats = [guards.target(hearing, id) for id in dict.fromkeys(command.seats)]
    if not seats:
        guards.actor(hearing, by)
        raise Refused("nobody-named")
    for seat in seats:
        guards.need_over(hearing, by, Power.ADMIT, seat)
        if seat.row.isolated and not seat.released:
            raise Refused("witness-must-be-called")
        if seat.place is not Place.WAITING_ROOM:
            raise Refused("not-waiting")
        _fit_to_enter(hearing, seat)
    return tuple(_entry(hearing, seat.id, now) for seat in seats)


def enter(hearing: Hearing, command: cmd.Enter, by: str, now: datetime) -> Events:
    """The notice has run out."""
    guards.court_only(by)
    seat = guards.target(hearing, command.seat)
    if seat.enters_at_ms is None:
        raise Refused("not-announced")
    if hearing.clock_ms(now) < seat.enters_at_ms:
        raise Refused("notice-running")
    return (ev.Admitted(seat=command.seat),)


def call_witness(hearing: Hearing, command: cmd.CallWitness, by: str, now: datetime) -> Events:
    """Until this moment a witness hears and sees nothing (arts. 304 and 311 of the Criminal Procedure Code)."""
    guards.need(hearing, by, Power.CONTROL)
    guards.running(hearing)
    seat = guards.target(hearing, command.seat)
    if not seat.row.isolated:
        raise Refused("not-a-witness")
    if not hearing.row.witnesses:
        raise Refused("no-witness-now")
    if seat.place not in (Place.WITNESS_ROOM, Place.WAITING_ROOM):
        raise Refused("not-waiting")
    _fit_to_enter(hearing, seat)
    return (ev.WitnessCalled(seat=command.seat), _entry(hearing, command.seat, now))


def release_witness(hearing: Hearing, command: cmd.ReleaseWitness, by: str) -> Events:
    """After the testimony: stay and listen, or go."""
    guards.need(hearing, by, Power.CONTROL)
    guards.running(hearing)
    seat = guards.target(hearing, command.seat)
    if not seat.row.isolated or not seat.called or seat.place is not Place.COURTROOM:
        raise Refused("witness-not-called")
    if seat.released and command.stays:
        raise Refused("already-released")
    return (*turn_of(hearing, seat.id), ev.WitnessReleased(seat=command.seat, stays=command.stays))


def send_to_witness_room(hearing: Hearing, command: cmd.SendToWitnessRoom, by: str) -> Events:
    """By the court, or by whoever admits people."""
    seat = guards.target(hearing, command.seat)
    guards.need_over(hearing, by, Power.ADMIT, seat)
    guards.in_sitting(hearing)
    if not seat.row.isolated:
        raise Refused("not-a-witness")
    if seat.place not in (Place.WAITING_ROOM, Place.COURTROOM) or seat.released:
        raise Refused("not-waiting")
    return (*turn_of(hearing, seat.id), ev.SentToWitnessRoom(seat=command.seat))


def turn_of(hearing: Hearing, *seats: str) -> Events:
    """The end of the turn in which one of `seats` speaks, when there is one."""
    floor = hearing.floor
    speaking = floor is not None and bool({floor.seat, floor.answering} & set(seats))
    return (ev.TurnEnded(seat=floor.seat),) if floor is not None and speaking else ()


def return_to_waiting_room(hearing: Hearing, command: cmd.ReturnToWaitingRoom, by: str) -> Events:
    """For those who take part; the court itself does not wait outside."""
    seat = guards.target(hearing, command.seat)
    guards.need_over(hearing, by, Power.ADMIT, seat)
    guards.in_sitting(hearing)
    guards.reason(command.reason)
    if seat.row.conducts:
        raise Refused("part-of-the-court")
    inside = seat.place in (Place.COURTROOM, Place.WITNESS_ROOM)
    if not inside and seat.enters_at_ms is None:
        raise Refused("not-in-courtroom")
    return (*turn_of(hearing, seat.id), ev.ReturnedToWaitingRoom(seat=command.seat, reason=command.reason))


def remove(hearing: Hearing, command: cmd.Remove, by: str) -> Events:
    """Discipline is the presiding judge's."""
    guards.need(hearing, by, Power.CONTROL)
    seat = guards.target(hearing, command.seat)
    guards.in_sitting(hearing)
    guards.reason(command.reason)
    if seat.row.conducts:
        raise Refused("part-of-the-court")
    return (*turn_of(hearing, seat.id), ev.Removed(seat=command.seat, reason=command.reason))
