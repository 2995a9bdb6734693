"""Which two sentences stand in the banner of a person: where the hearing is, and what this person may do now."""

from collections.abc import Iterator

from hearing.proceedings.audience import audible
from hearing.proceedings.procedures import PROCEDURES
from hearing.proceedings.roles import Group
from hearing.proceedings.values import Hearing, SeatState
from hearing.proceedings.words import Interruption, Outcome, Place, Stage

_APART = {
    Place.WAITING_ROOM: "waiting_room",
    Place.WITNESS_ROOM: "witness_room",
    Place.CONFIDENTIAL_CHANNEL: "confidential_channel",
    Place.OUTSIDE: "outside",
}


def guide(hearing: Hearing, seat: SeatState) -> tuple[str, str]:
    """The catalogue keys of both sentences."""
    if hearing.outcome is not None:
        return f"guide.over.{hearing.outcome}.where", f"guide.over.{hearing.outcome}.may"
    if hearing.pause is not None and seat.place is not Place.CONFIDENTIAL_CHANNEL:
        leads = "presiding" if seat.row.group is Group.PRESIDING else "others"
        return f"guide.paused.{hearing.pause.kind}.where", f"guide.paused.{hearing.pause.kind}.{leads}.may"
    if hearing.stage is Stage.SCHEDULED:
        return "guide.scheduled.where", "guide.scheduled.may"
    if seat.enters_at_ms is not None:
        return "guide.entering.where", "guide.entering.may"
    where = f"guide.{hearing.phase}.{seat.row.group}.where"
    if (apart := _APART.get(seat.place)) is not None:
        # Before the opening everybody is in the waiting room, and the phase's own sentence says more.
        preparing = hearing.stage is Stage.DOORS_OPEN and seat.place is Place.WAITING_ROOM
        return (where if preparing else f"guide.{apart}.where"), f"guide.{apart}.may"
    return where, _turn(hearing, seat) or f"guide.{hearing.phase}.{seat.row.group}.may"


def _turn(hearing: Hearing, seat: SeatState) -> str | None:
    floor = hearing.floor
    if floor is None or seat.id not in (floor.seat, floor.answering):
        return None
    if not audible(hearing, seat):
        return "guide.turn.muted"
    return "guide.turn.speaking" if floor.seat == seat.id else "guide.turn.answering"


def keys() -> Iterator[str]:
    """Every key that `guide` can give."""
    phases = dict.fromkeys(row.code for procedure in PROCEDURES.values() for row in procedure.phases)
    for phase in phases:
        for group in Group:
            yield f"guide.{phase}.{group}.where"
            yield f"guide.{phase}.{group}.may"
    for kind in Interruption:
        yield f"guide.paused.{kind}.where"
        yield f"guide.paused.{kind}.presiding.may"
        yield f"guide.paused.{kind}.others.may"
    for subject in ("scheduled", "entering", *_APART.values(), *(f"over.{outcome}" for outcome in Outcome)):
        yield f"guide.{subject}.where"
        yield f"guide.{subject}.may"
    yield from ("guide.turn.muted", "guide.turn.speaking", "guide.turn.answering")
