"""Who must be there, and who is not. No phase goes on while a mandatory person is missing without the judge's word."""

from hearing.proceedings.values import Hearing, SeatState
from hearing.proceedings.words import Place


def in_place(seat: SeatState) -> bool:
    """Whether the person is where the hearing needs them: inside, or kept ready as a witness."""
    if seat.row.isolated:
        return seat.released or seat.place is not Place.OUTSIDE
    return seat.place in (Place.COURTROOM, Place.DELIBERATION_ROOM)


def is_missing(seat: SeatState) -> bool:
    """Whether a mandatory person is missing and the presiding judge has not decided to go on."""
    if not seat.mandatory or seat.replaced or seat.in_absence or seat.absence_accepted:
        return False
    if seat.row.isolated and seat.released:
        return False
    return not seat.connected or not in_place(seat)


def missing(hearing: Hearing) -> tuple[str, ...]:
    """The mandatory seats that keep the hearing from going on."""
    return tuple(seat.id for seat in hearing.seats.values() if is_missing(seat))
