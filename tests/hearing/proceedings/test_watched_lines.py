"""Who may know how good whose connection is: a power of few, and never of a room one is not in."""

from dataclasses import replace

import pytest

from hearing.proceedings import secrecy
from hearing.proceedings.roles import ROLES, Power, Role
from hearing.proceedings.state import Hearing
from hearing.proceedings.words import Place
from tests.hearing.proceedings.world import CAST, begin

pytestmark = pytest.mark.pure


def hearing(**places: Place) -> Hearing:
    now = begin().hearing
    seats = {id: replace(seat, place=places.get(id, Place.COURTROOM)) for id, seat in now.seats.items()}
    return replace(now, seats=seats)


def test_the_clerk_and_technical_support_watch_the_lines_and_nobody_else() -> None:
    assert {row.role for row in ROLES.values() if Power.WATCH_LINES in row.powers} == {Role.CLERK, Role.TECH_SUPPORT}
    now = hearing()
    assert secrecy.watched_lines(now, "clerk") == set(CAST)
    for seat in set(CAST) - {"clerk"}:
        assert secrecy.watched_lines(now, seat) == frozenset(), seat
    assert secrecy.watched_lines(now, "nobody") == frozenset()


@pytest.mark.parametrize(
    ("place", "apart"),
    [(Place.DELIBERATION_ROOM, ("judge", "lay")), (Place.CONFIDENTIAL_CHANNEL, ("counsel", "defendant"))],
)
def test_what_is_sent_behind_a_closed_door_is_not_known_outside(place: Place, apart: tuple[str, ...]) -> None:
    now = hearing(**dict.fromkeys(apart, place))
    assert secrecy.watched_lines(now, "clerk") == set(CAST) - set(apart)


def test_somebody_who_was_removed_watches_nothing() -> None:
    now = hearing()
    removed = replace(now, seats={**now.seats, "clerk": replace(now.seats["clerk"], removed=True)})
    assert secrecy.watched_lines(removed, "clerk") == frozenset()
