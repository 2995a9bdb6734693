"""What must happen in a phase, and what the court's acts show to have happened."""

from typing import assert_never

from hearing.proceedings.phases import Act, ItemRow
from hearing.proceedings.values import Hearing, SeatState
from hearing.proceedings.words import Place


def _taking_part(hearing: Hearing) -> tuple[SeatState, ...]:
    return tuple(seat for seat in hearing.seats.values() if seat.active and not seat.in_absence)


def _applies(hearing: Hearing, item: ItemRow) -> bool:
    return (
        (not item.packs or hearing.pack in item.packs)
        and (not item.modes or hearing.mode in item.modes)
        and (not item.roles or any(seat.role in item.roles for seat in _taking_part(hearing)))
    )


def items(hearing: Hearing) -> tuple[ItemRow, ...]:
    """What must happen in the phase that is on, in this hearing."""
    return tuple(item for item in hearing.row.items if _applies(hearing, item))


def item(hearing: Hearing, code: str) -> ItemRow | None:
    """The item `code` of the phase that is on."""
    return next((row for row in items(hearing) if row.code == code), None)


def open_items(hearing: Hearing) -> tuple[str, ...]:
    """What is neither done nor waived."""
    return tuple(row.code for row in items(hearing) if (hearing.phase, row.code) not in hearing.checks)


def shown(hearing: Hearing) -> tuple[str, ...]:
    """The open items that the court's acts now show to be done."""
    return tuple(
        row.code
        for row in items(hearing)
        if row.act is not None and (hearing.phase, row.code) not in hearing.checks and _done(hearing, row, row.act)
    )


def _present(seat: SeatState) -> bool:
    return seat.place is not Place.OUTSIDE and seat.roll is not False


def _speaks_for(hearing: Hearing, seat: SeatState, item: ItemRow) -> bool:
    if seat.role in item.roles:
        return True
    return seat.accompanies is not None and hearing.seats[seat.accompanies].role in item.roles


def _done(hearing: Hearing, item: ItemRow, act: Act) -> bool:
    seats = _taking_part(hearing)
    vouched = [seat for seat in seats if seat.row.vouched and _present(seat)]
    match act:
        case Act.ROLL_CALLED:
            return _called(hearing)
        case Act.PAPERS_CHECKED:
            return _called(hearing) and all(seat.papers is not None for seat in vouched)
        case Act.DUTIES_ACCEPTED:
            return _called(hearing) and all(seat.duties is not None for seat in vouched)
        case Act.IDENTITY_CONFIRMED:
            return all(seat.oral for seat in vouched if not seat.row.isolated)
        case Act.WITNESSES_APART:
            return all(seat.place is not Place.COURTROOM for seat in seats if seat.row.isolated and not seat.released)
        case Act.WITNESSES_HEARD:
            heard = hearing.spoken | hearing.answered
            witnesses = [seat for seat in seats if seat.row.isolated and _present(seat)]
            return all(seat.released or (hearing.phase, seat.id) in heard for seat in witnesses)
        case Act.SOMEBODY_SPOKE:
            return any((hearing.phase, seat.id) in hearing.spoken for seat in seats if _speaks_for(hearing, seat, item))
        case Act.EVERYBODY_SPOKE:
            heard = hearing.spoken | hearing.answered
            return all((hearing.phase, seat.id) in heard for seat in seats if seat.role in item.roles)
        case Act.JUDGMENT_FROZEN:
            return hearing.judgment_sha256 is not None
        case Act.MINUTES_SIGNED:
            return signed_by_all(hearing)
        case Act.PRONOUNCED:
            return hearing.pronounced
    assert_never(act)


def _called(hearing: Hearing) -> bool:
    """Whether everybody summoned was called. Before that nobody knows whose papers should have been checked."""
    return all(seat.roll is not None for seat in _taking_part(hearing) if seat.row.vouched)


def signed_by_all(hearing: Hearing) -> bool:
    """Whether every member of the panel signed the minutes of the deliberation."""
    return all(seat.id in hearing.minutes_signed for seat in hearing.panel())
