"""What a media process measures of itself."""

import time

import pytest

from signaling.media import gauge
from signaling.media.gauge import Gauge

pytestmark = pytest.mark.pure


def test_a_core_that_is_used_is_seen_and_one_that_waits_is_not() -> None:
    began = time.monotonic()
    busy = Gauge(began)
    while time.process_time() < busy._cpu_at + 0.05:
        pass
    wall = time.monotonic() - began
    for second in range(1, 30):  # the work of one moment, then nothing: the average forgets it
        busy.second(began + wall * second, 0, 0)
        if second == 1:
            first = busy.reading.cpu
    assert first >= 50 / wall / 1000 * gauge.WEIGHT * 900
    assert busy.reading.cpu < first / 3


def test_packets_and_lateness_are_averages_and_the_worst_is_kept_for_a_while() -> None:
    now = 100.0
    seen = Gauge(now)
    for second in range(1, 41):
        seen.late(0.004)
        if second == 20:
            seen.late(0.7)
        seen.second(now + second, 3_000 * second, 10 * second)
        if second == 20:
            assert 100 < seen.reading.lag_ms < 200, "one bad second is not a state"
        if second == 34:
            assert seen.worst_lag_ms == 700, "whoever looks every fifteen seconds sees it"
    assert 2_990 <= seen.reading.packets <= 3_000
    assert seen.reading.unsent == 10
    for second in range(41, 75):
        seen.second(now + second, 120_000, 400)
    assert seen.worst_lag_ms == 0
    assert seen.reading.packets < 30
