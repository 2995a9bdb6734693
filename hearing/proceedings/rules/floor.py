"""Hands, the floor, microphones."""

from hearing.errors import Refused
from hearing.proceedings import audience
from hearing.proceedings import commands as cmd
from hearing.proceedings import events as ev
from hearing.proceedings.roles import Power
from hearing.proceedings.rules import guards
from hearing.proceedings.values import CourtMicrophone, Hearing, SeatState
from hearing.proceedings.words import HandReason, Interruption, Kind, Place

Events = tuple[ev.Event, ...]

# What one must be able to do to ask for it. Whoever cannot hear may always say so.
_FOR_HAND = {
    HandReason.SPEAK: {Power.SPEAK, Power.ASK},
    HandReason.OBJECTION: {Power.OBJECT},
    HandReason.REQUEST: {Power.SPEAK, Power.OBJECT, Power.ASK},
}


def raise_hand(hearing: Hearing, command: cmd.RaiseHand, by: str) -> Events:
    """In the courtroom, also while the hearing is paused."""
    seat = guards.actor(hearing, by)
    guards.in_sitting(hearing)
    guards.not_sealed(hearing)
    guards.in_courtroom(seat)
    needed = _FOR_HAND.get(command.reason)
    if needed is not None and not seat.row.powers & needed:
        raise Refused("not-your-power")
    if seat.hand is not None:
        raise Refused("hand-already-up")
    return (ev.HandRaised(seat=by, reason=command.reason, text=command.text),)


def lower_hand(hearing: Hearing, command: cmd.LowerHand, by: str) -> Events:
    """One's own, or anybody's by whoever controls the floor or the microphones."""
    who = guards.actor(hearing, by)
    seat = guards.target(hearing, command.seat or by)
    if seat.id != who.id:
        guards.need(hearing, by, Power.CONTROL, Power.MUTE)
    if seat.hand is None:
        raise Refused("hand-not-up")
    return (ev.HandLowered(seat=seat.id),)


def lower_all_hands(hearing: Hearing, by: str) -> Events:
    """One fact per hand, so that each person is told."""
    guards.need(hearing, by, Power.CONTROL, Power.MUTE)
    up = tuple(ev.HandLowered(seat=seat.id) for seat in hearing.seats.values() if seat.hand is not None)
    if not up:
        raise Refused("hand-not-up")
    return up


def _may_speak(seat: SeatState) -> None:
    guards.in_courtroom(seat)
    if not (seat.has(Power.SPEAK) or seat.has(Power.ASK) or seat.row.open_microphone):
        raise Refused("may-not-speak")
    if seat.court is CourtMicrophone.LOCKED:
        raise Refused("microphone-locked")


def give_floor(hearing: Hearing, command: cmd.GiveFloor, by: str) -> Events:
    """One turn at a time: giving the floor ends the turn before."""
    guards.need(hearing, by, Power.CONTROL)
    guards.in_sitting(hearing)
    guards.not_sealed(hearing)
    if hearing.pause is not None:
        raise Refused("interrupted")
    seat = guards.target(hearing, command.seat)
    _may_speak(seat)
    if hearing.row.floor_for and seat.role not in hearing.row.floor_for:
        raise Refused("floor-reserved")
    if command.answering is not None:
        _may_be_asked(hearing, seat, command.answering)
    floor = hearing.floor
    if floor is not None and (floor.seat, floor.answering, floor.purpose) == (
        command.seat,
        command.answering,
        command.purpose,
    ):
        raise Refused("already-has-floor")
    ended: Events = (ev.TurnEnded(seat=floor.seat),) if floor is not None else ()
    return (*ended, ev.FloorGiven(seat=command.seat, answering=command.answering, purpose=command.purpose))


def _may_be_asked(hearing: Hearing, seat: SeatState, answering: str) -> None:
    if not hearing.row.questions:
        raise Refused("no-questions-now")
    if not seat.has(Power.ASK) or answering == seat.id:
        raise Refused("may-not-ask")
    _may_speak(guards.target(hearing, answering))


def end_turn(hearing: Hearing, by: str) -> Events:
    """By whoever has the floor, or whoever controls it."""
    who = guards.actor(hearing, by)
    floor = hearing.floor
    if floor is None:
        raise Refused("nobody-has-floor")
    if floor.seat != by and not who.has(Power.CONTROL):
        raise Refused("not-your-turn")
    return (ev.TurnEnded(seat=floor.seat),)


def _own_microphone(hearing: Hearing, seat: SeatState) -> None:
    """The microphone of a room serves several people: closing it would silence them all."""
    for source in hearing.sources.values():
        if source.kind.media is Kind.AUDIO and seat.id in source.seats and len(source.seats) > 1:
            raise Refused("shared-microphone")


def mute(hearing: Hearing, command: cmd.Mute, by: str) -> Events:
    """A person's own switch and the court's decision are two facts; what the court locked only the court opens."""
    seat = guards.target(hearing, command.seat)
    own = by == command.seat and not command.locked
    if not own:
        guards.need(hearing, by, Power.MUTE)
    guards.actor(hearing, by)
    guards.in_sitting(hearing)
    if own:
        if seat.self_muted:
            raise Refused("already-muted")
    elif seat.row.conducts and seat.has(Power.CONTROL):
        raise Refused("part-of-the-court")
    elif seat.court is CourtMicrophone.LOCKED or (seat.court is CourtMicrophone.MUTED and not command.locked):
        raise Refused("already-muted")
    _own_microphone(hearing, seat)
    return (ev.Muted(seat=command.seat, locked=command.locked, own=own),)


def unmute(hearing: Hearing, command: cmd.Unmute, by: str) -> Events:
    """Opening one's own switch gives no right to speak; the court's word does."""
    seat = guards.target(hearing, command.seat)
    who = guards.actor(hearing, by)
    guards.in_sitting(hearing)
    own = by == command.seat and not (who.has(Power.MUTE) and not seat.self_muted)
    if own:
        if seat.court is CourtMicrophone.LOCKED:
            raise Refused("microphone-locked")
        if not seat.self_muted and seat.court is not CourtMicrophone.MUTED:
            raise Refused("not-your-turn" if not audience.audible(hearing, seat) else "already-open")
        return (ev.Unmuted(seat=command.seat, own=True),)
    guards.need(hearing, by, Power.MUTE)
    guards.in_courtroom(seat)
    guards.not_sealed(hearing)
    if not seat.publishes:
        raise Refused("may-not-speak")
    if hearing.pause is not None and hearing.pause.kind is not Interruption.INCIDENT_HOLD:
        raise Refused("interrupted")
    if seat.court is CourtMicrophone.OPENED or (seat.court is CourtMicrophone.UNDECIDED and seat.row.open_microphone):
        raise Refused("already-open")
    return (ev.Unmuted(seat=command.seat),)


def mute_all(hearing: Hearing, by: str) -> Events:
    """Everybody who is heard without conducting the hearing; shared microphones stay as they are."""
    guards.need(hearing, by, Power.MUTE)
    guards.in_sitting(hearing)
    shared = {
        id
        for source in hearing.sources.values()
        if source.kind.media is Kind.AUDIO and len(source.seats) > 1
        for id in source.seats
    }
    heard = tuple(
        ev.Muted(seat=seat.id)
        for seat in hearing.seats.values()
        if seat.place is Place.COURTROOM
        and not seat.row.open_microphone
        and seat.id not in shared
        and audience.audible(hearing, seat)
    )
    if not heard:
        raise Refused("nobody-to-mute")
    return heard
