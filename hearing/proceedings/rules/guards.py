"""The questions every rule asks. Each answers with the seat in question or refuses with a code of its own."""

from hearing.errors import Powerless, Refused
from hearing.proceedings import COURT
from hearing.proceedings.attendance import missing
from hearing.proceedings.roles import Power, Scope, Seating
from hearing.proceedings.values import Hearing, SeatState
from hearing.proceedings.words import Mode, Place, PointKind


def actor(hearing: Hearing, by: str) -> SeatState:
    """The seat of whoever asks."""
    seat = hearing.seats.get(by)
    if seat is None:
        raise Refused("no-seat")
    if not seat.active:
        raise Refused("removed-from-hearing")
    return seat


def target(hearing: Hearing, id: str) -> SeatState:
    """The seat that is spoken of; it must still take part."""
    seat = hearing.seats.get(id)
    if seat is None:
        raise Refused("no-such-seat")
    if not seat.active:
        raise Refused("seat-not-active")
    return seat


def court_only(by: str) -> None:
    """Timers, connections and the recorder's ledger speak for the court itself; nobody else does."""
    if by != COURT:
        raise Refused("court-only")


def need(hearing: Hearing, by: str, *powers: Power) -> SeatState:
    """The actor, who holds one of `powers` over the whole hearing."""
    seat = actor(hearing, by)
    if not any(seat.has(power) for power in powers) or seat.row.scope is not Scope.HEARING:
        raise Powerless("not-your-power")
    return seat


def need_over(hearing: Hearing, by: str, power: Power, seat: SeatState) -> None:
    """The actor holds `power` over `seat`: everywhere, or at the point both share."""
    who = actor(hearing, by)
    if not who.has(power):
        raise Powerless("not-your-power")
    if who.row.scope is Scope.OWN_POINT and who.located != seat.located:
        raise Refused("other-point")


def over(hearing: Hearing) -> None:
    """Refuse when this attempt to hear the case has ended."""
    if hearing.over:
        raise Refused("hearing-over")


def in_sitting(hearing: Hearing) -> None:
    """The doors are open and the hearing has not ended."""
    over(hearing)
    if hearing.sitting is None:
        raise Refused("doors-closed")


def running(hearing: Hearing) -> None:
    """The hearing is open and nothing interrupts it."""
    over(hearing)
    if hearing.pause is not None:
        raise Refused("interrupted")
    if not hearing.in_phase:
        raise Refused("not-open")


def not_sealed(hearing: Hearing) -> None:
    """The panel is not deliberating."""
    if hearing.sealed:
        raise Refused("deliberating")


def everybody_there(hearing: Hearing) -> None:
    """Nobody mandatory is missing without the presiding judge's word."""
    if absent := missing(hearing):
        raise Refused("mandatory-absent", seats=absent)


def in_courtroom(seat: SeatState) -> None:
    """The person is connected and in the courtroom."""
    if seat.place is not Place.COURTROOM:
        raise Refused("not-in-courtroom")
    if not seat.connected:
        raise Refused("not-connected")


def reason(text: str) -> None:
    """A decision that changes somebody's position needs a reason on the record."""
    if not text.strip():
        raise Refused("reason-needed")


def may_sit_at(hearing: Hearing, seat: SeatState, point: str, mode: Mode) -> None:
    """Where the law binds the bench to the central point, its seats are there. A remote bench frees the panel."""
    if not hearing.law.central_bench or seat.row.seating is not Seating.CENTRAL:
        return
    central = any(p.id == point and p.kind is PointKind.CENTRAL for p in hearing.points)
    if not central and not (mode is Mode.REMOTE_BENCH and seat.has(Power.DELIBERATE)):
        raise Refused("must-be-at-central")
