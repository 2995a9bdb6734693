"""What follows from a hearing alone is worked out once for all who ask: in a full courtroom twenty ask at one moment.

Most entries of a sitting are the recorder's: forty tracks close a segment every four seconds, and nobody sees or hears
anything else for it. So two hearings that differ in their tracks alone count as the same one here.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from operator import attrgetter
from typing import Any, TypeVar

from hearing.proceedings.values import Hearing

T = TypeVar("T")

KEPT = 8
"""So many hearings, as they last were, are remembered."""

_all_but_tracks: Callable[[Hearing], tuple[Any, ...]] = attrgetter(
    *(field.name for field in fields(Hearing) if field.name != "tracks")
)


def quiet(before: Hearing, after: Hearing) -> bool:
    """Whether nothing has changed but the recorder's own books, which are in nobody's view. Parts are replaced when
    they change, so a part that is the same object is the same."""
    return all(one is other for one, other in zip(_all_but_tracks(before), _all_but_tracks(after), strict=True))


def once(work: Callable[[Hearing], T]) -> Callable[[Hearing], T]:
    """`work` must be pure and not look at `tracks`."""
    known: list[tuple[Hearing, T]] = []

    @wraps(work)
    def answer(hearing: Hearing) -> T:
        for asked, found in known:
            if quiet(asked, hearing):
                return found
        found = work(hearing)
        known[KEPT - 1 :] = []
        known.insert(0, (hearing, found))
        return found

    return answer
