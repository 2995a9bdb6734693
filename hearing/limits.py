"""Token buckets against guessing. Rule: what succeeds costs nothing, so that a busy morning locks nobody out."""

from collections import OrderedDict
from datetime import datetime

from hearing.errors import Refused
from hearing.ports import Clock

LARGEST = 50_000


class Limit:
    """`per_minute` failures a minute for each key; kept in memory by the process that serves the key."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def spend(self, key: str) -> None:
        """Take one token, or raise `Refused("too-many-attempts")`. Give it back with `refund` after a success."""
        now = self._clock.now()
        tokens, at = self._buckets.pop(key, (float(self._per_minute), now))
        tokens = min(float(self._per_minute), tokens + max((now - at).total_seconds(), 0.0) * self._per_minute / 60)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > LARGEST:
            self._buckets.popitem(last=False)
        if not allowed:
            raise Refused("too-many-attempts")

    def refund(self, key: str) -> None:
        if key in self._buckets:
            tokens, at = self._buckets[key]
            self._buckets[key] = (min(float(self._per_minute), tokens + 1), at)
