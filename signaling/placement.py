"""Which media process takes a sitting, and whether it takes one more person. Pure: figures in, a choice out.

A sitting that is open is never ended for want of capacity: only what would be new is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from signaling.health import Load

SITTING_PACKETS = 5_000
"""Packets a second to expect of a sitting that has just been placed: a six-party room, in and out. Without it several
sittings that open in one minute would all go to the process that happened to be idle."""

SETTLING_S = 60.0
"""After that its people are there, and what the process measures speaks for itself."""

LAG_LIMIT_MS = 500
"""Worst lateness in a second, averaged: sound is heard to stutter from there on."""

UNSENT_LIMIT = 50
"""Packets a second that the kernel does not take: the socket's buffer is full, so the way out is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """`sitting` and `person`: thousandths of a core from which no further sitting or person is taken in."""

    sitting: int
    person: int

    @classmethod
    def at(cls, percent: int) -> "Limits":
        """No new sitting from `percent` of a core on; half of what is left is kept for people of open ones."""
        return cls(sitting=percent * 10, person=percent * 10 + (100 - percent) * 5)


class Place(Protocol):
    """A media process as it is seen here."""

    @property
    def up(self) -> bool: ...

    @property
    def load(self) -> Load | None: ...


P = TypeVar("P", bound=Place)

NO_LIMITS = Limits(sitting=1 << 30, person=1 << 30)


def strained(load: Load) -> bool:
    """Whatever its share of the core: it is too late, or cannot get rid of what it sends."""
    return load.lag_ms > LAG_LIMIT_MS or load.unsent > UNSENT_LIMIT


def takes_sitting(place: Place, limits: Limits | None) -> bool:
    """Without `limits` the sitting is open already: it has to be somewhere, and only draining rules a place out."""
    load = place.load
    if not place.up or load is None:
        return place.up
    return not load.draining and (limits is None or (load.cpu < limits.sitting and not strained(load)))


def takes_person(place: Place, limits: Limits) -> bool:
    """A process that is being emptied still takes people into its open sittings."""
    load = place.load
    return load is None or (load.cpu < limits.person and not strained(load))


def lightest(places: Iterable[tuple[P, int]], limits: Limits | None) -> P | None:
    """The process with the fewest packets a second among those that take a sitting; None when none does.

    Each comes with the number of its sittings that opened less than `SETTLING_S` ago, or are about to open.
    """
    fitting = [(place, young) for place, young in places if takes_sitting(place, limits)]

    def weight(one: tuple[P, int]) -> int:
        place, young = one
        return (place.load.packets if place.load is not None else 0) + young * SITTING_PACKETS

    return min(fitting, key=weight)[0] if fitting else None
