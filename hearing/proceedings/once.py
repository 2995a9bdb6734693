"""What follows from a hearing alone is worked out once for all who ask: in a full courtroom twenty ask at one moment."""

from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from hearing.proceedings.values import Hearing

T = TypeVar("T")

KEPT = 8
"""So many hearings, as they last were, are remembered."""


def once(work: Callable[[Hearing], T]) -> Callable[[Hearing], T]:
    """`work` must be pure: a hearing is replaced and never changed, so for the same object the answer is the same."""
    known: deque[tuple[Hearing, T]] = deque(maxlen=KEPT)

    @wraps(work)
    def answer(hearing: Hearing) -> T:
        for asked, found in known:
            if asked is hearing:
                return found
        found = work(hearing)
        known.append((hearing, found))
        return found

    return answer
