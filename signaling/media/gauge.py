"""How busy this process is, measured by itself: share of a core, lateness of the loop, packets, and what was not sent.

Looked at once a second; nothing here stands in the way of a packet.
"""

import time
from dataclasses import dataclass

WEIGHT = 0.25
"""Of the newest second in the running averages: a burst of handshakes is no load, five seconds of it are."""

WORST_OF_S = 15.0
"""`worst_lag_ms` looks back this long, at most twice as long: a lag between two looks from outside is not missed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """`cpu` in thousandths of a core, the others a second (`lag_ms`: the worst of a second), averaged."""

    cpu: int
    lag_ms: int
    packets: int
    unsent: int


class Gauge:
    """Tell `late` at every tick and `second` once a second."""

    def __init__(self, now: float) -> None:
        self._at = now
        self._cpu_at = time.process_time()
        self._totals = (0, 0)
        self._averages = [0.0, 0.0, 0.0, 0.0]
        self._late = 0.0
        self._windows = [0.0, 0.0]
        self._window_at = now

    def late(self, seconds: float) -> None:
        """The loop came to a tick this much after it was due."""
        self._late = max(self._late, seconds)
        self._windows[-1] = max(self._windows[-1], seconds)

    def second(self, now: float, packets: int, unsent: int) -> None:
        """`packets` and `unsent` count from the start of the process."""
        if (elapsed := now - self._at) <= 0:
            return
        cpu = time.process_time()
        newest = (
            (cpu - self._cpu_at) / elapsed * 1000,
            self._late * 1000,
            (packets - self._totals[0]) / elapsed,
            (unsent - self._totals[1]) / elapsed,
        )
        self._averages = [old + WEIGHT * (new - old) for old, new in zip(self._averages, newest, strict=True)]
        self._at, self._cpu_at, self._totals, self._late = now, cpu, (packets, unsent), 0.0
        if now - self._window_at >= WORST_OF_S:
            self._windows, self._window_at = [self._windows[-1], 0.0], now

    @property
    def reading(self) -> Reading:
        cpu, lag, packets, unsent = (round(one) for one in self._averages)
        return Reading(cpu=cpu, lag_ms=lag, packets=packets, unsent=unsent)

    @property
    def worst_lag_ms(self) -> int:
        return round(max(self._windows) * 1000)
