"""Who takes part and how: absence, reserve members, points, mode, visibility, the confidential channel."""

from dataclasses import replace

from hearing.errors import Refused
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.attendance import is_missing
from hearing.proceedings.roles import Confidence, Power
from hearing.proceedings.rules import guards
from hearing.proceedings.rules.coming import turn_of
from hearing.proceedings.rules.course import public_out
from hearing.proceedings.values import Hearing
from hearing.proceedings.words import Interruption, Place, Stage

Events = tuple[ev.Event, ...]


def continue_without(hearing: Hearing, command: cmd.ContinueWithout, by: str) -> Events:
    """Until the person is back. Nothing replaces a member of the panel but a reserve member."""
    guards.need(hearing, by, Power.CONTROL)
    guards.in_sitting(hearing)
    guards.reason(command.reason)
    seat = guards.target(hearing, command.seat)
    if seat.has(Power.DELIBERATE):
        raise Refused("panel-must-be-complete")
    if not is_missing(seat):
        raise Refused("not-missing")
    return (ev.AbsenceAccepted(seat=command.seat, reason=command.reason),)


def try_in_absence(hearing: Hearing, command: cmd.TryInAbsence, by: str) -> Events:
    """For the whole hearing; a person who was removed may be tried in absence as well."""
    guards.need(hearing, by, Power.CONTROL)
    guards.in_sitting(hearing)
    guards.reason(command.reason)
    seat = hearing.seats.get(command.seat)
    if seat is None:
        raise Refused("no-such-seat")
    if seat.row.conducts:
        raise Refused("part-of-the-court")
    if seat.in_absence:
        raise Refused("already-in-absence")
    if seat.connected and seat.place is Place.COURTROOM:
        raise Refused("not-missing")
    return (ev.TriedInAbsence(seat=command.seat, reason=command.reason),)


def replace_member(hearing: Hearing, command: cmd.ReplaceMember, by: str) -> Events:
    """Only somebody who has followed from the start may decide (arts. 226 civil, 288 criminal)."""
    guards.need(hearing, by, Power.CONTROL)
    guards.in_sitting(hearing)
    guards.not_sealed(hearing)
    guards.reason(command.reason)
    seat, reserve = guards.target(hearing, command.seat), guards.target(hearing, command.by_seat)
    if not seat.has(Power.DELIBERATE) or seat.has(Power.CONTROL):
        raise Refused("not-replaceable")
    if reserve.row.replaces is not seat.role:
        raise Refused("not-a-reserve")
    guards.in_courtroom(reserve)
    if hearing.stage is not Stage.DOORS_OPEN and not reserve.attended:
        raise Refused("reserve-not-from-start")
    replaced = ev.MemberReplaced(seat=command.seat, by_seat=command.by_seat, reason=command.reason)
    floor = hearing.floor
    ended: Events = (
        (ev.TurnEnded(seat=floor.seat),) if floor is not None and command.seat in (floor.seat, floor.answering) else ()
    )
    return (*ended, replaced)


def move_seat(hearing: Hearing, command: cmd.MoveSeat, by: str) -> Events:
    """To another point of this hearing."""
    guards.need(hearing, by, Power.ADMIT, Power.CONTROL)
    guards.over(hearing)
    seat = guards.target(hearing, command.seat)
    if command.point not in {point.id for point in hearing.points}:
        raise Refused("unknown-point")
    if command.point == seat.point == seat.located:
        raise Refused("no-change")
    guards.may_sit_at(hearing, seat, command.point, hearing.mode)
    return (ev.SeatMoved(seat=command.seat, point=command.point),)


def change_mode(hearing: Hearing, command: cmd.ChangeMode, by: str) -> Events:
    """On the record before anything follows from it: a remote bench needs it to arrive at all."""
    guards.need(hearing, by, Power.CONTROL)
    guards.over(hearing)
    guards.reason(command.reason)
    if command.mode is hearing.mode:
        raise Refused("no-change")
    for seat in hearing.seats.values():
        if seat.active and seat.connected:
            guards.may_sit_at(hearing, seat, seat.located, command.mode)
    return (ev.ModeChanged(mode=command.mode, reason=command.reason),)


def change_visibility(hearing: Hearing, command: cmd.ChangeVisibility, by: str) -> Events:
    """Closing sends press and public out at once, and only then says so."""
    guards.need(hearing, by, Power.CONTROL)
    guards.over(hearing)
    guards.reason(command.reason)
    if command.visibility is hearing.visibility:
        raise Refused("no-change")
    changed = replace(hearing, visibility=command.visibility)
    out = () if changed.public_now() else public_out(hearing, "closed-to-public")
    return (*out, ev.VisibilityChanged(visibility=command.visibility, reason=command.reason))


def open_channel(hearing: Hearing, command: cmd.OpenConfidentialChannel, by: str) -> Events:
    """Counsel and client, with an interpreter where one is needed. Officers are never in it.

    While the court sits, only the presiding judge opens it; in a pause or before the opening counsel and client may.
    """
    who = guards.actor(hearing, by)
    guards.in_sitting(hearing)
    guards.not_sealed(hearing)
    seats = [guards.target(hearing, id) for id in dict.fromkeys(command.seats)]
    if not who.has(Power.CONTROL):
        if who.row.confidence is None or who not in seats:
            raise Refused("not-your-power")
        if hearing.in_phase:
            raise Refused("ask-the-presiding-judge")
    if any(seat.place is Place.CONFIDENTIAL_CHANNEL for seat in hearing.seats.values()):
        raise Refused("channel-in-use")
    parts = {seat.row.confidence for seat in seats}
    if None in parts or not {Confidence.COUNSEL, Confidence.CLIENT} <= parts:
        raise Refused("counsel-and-client-only")
    for seat in seats:
        if seat.place not in (Place.COURTROOM, Place.WAITING_ROOM):
            raise Refused("not-in-courtroom")
        if not seat.connected:
            raise Refused("not-connected")
    return (
        *turn_of(hearing, *(seat.id for seat in seats)),
        ev.ConfidentialChannelOpened(seats=tuple(seat.id for seat in seats)),
    )


def close_channel(hearing: Hearing, by: str) -> Events:
    """By anybody inside, or by the presiding judge."""
    who = guards.actor(hearing, by)
    if not any(seat.place is Place.CONFIDENTIAL_CHANNEL for seat in hearing.seats.values()):
        raise Refused("channel-not-open")
    if who.place is not Place.CONFIDENTIAL_CHANNEL and not who.has(Power.CONTROL):
        raise Refused("not-your-power")
    return (ev.ConfidentialChannelClosed(),)


def recordable(hearing: Hearing) -> bool:
    """Whether the law lets the courtroom be recorded now."""
    quiet = hearing.pause is not None and hearing.pause.kind in (Interruption.RECESS, Interruption.SUSPENSION)
    return not hearing.sealed and not quiet
