"""The link emulator keeps what it was told: by its arithmetic here, over real devices in `test_network.py`."""

import pytest

from tests.support.link import Conditions, Counters, Way

pytestmark = pytest.mark.pure

FRAME = bytes(1250)
MANY = 20_000


def way(**conditions: float) -> Way:
    found = Way("1/up")
    found.become(Conditions(**conditions))  # type: ignore[arg-type]
    return found


def passed(one: Way, count: int, every: float = 0.001) -> list[int]:
    """The numbers of the frames that came out, in their order."""
    found: list[bytes] = []
    for number in range(count):
        found += one.due(number * every)
        one.take(number.to_bytes(4, "big"), number * every)
    found += one.due(count * every + 60)
    return [int.from_bytes(frame, "big") for frame in found]


def test_a_perfect_line_passes_everything_at_once_and_in_order() -> None:
    one = way()
    one.take(FRAME, 5.0)
    assert list(one.due(5.0)) == [FRAME]
    assert passed(way(), 100) == list(range(100))


@pytest.mark.parametrize("burst", [1, 4])
@pytest.mark.parametrize("loss", [1, 5, 20])
def test_the_share_that_is_lost_is_the_share_that_was_set(loss: float, burst: float) -> None:
    one = way(loss_pct=loss, burst=burst)
    there = set(passed(one, MANY))
    lost = [number not in there for number in range(MANY)]
    runs = sum(1 for before, now in zip([False, *lost], lost, strict=False) if now and not before)
    assert sum(lost) == one.counters.lost
    assert 100 * sum(lost) / MANY == pytest.approx(loss, rel=0.25)
    # Without bursts, a loss is followed by another one by chance only.
    assert sum(lost) / runs == pytest.approx(burst if burst > 1 else 1 / (1 - loss / 100), rel=0.15)


def test_the_same_seed_loses_the_same_frames() -> None:
    assert passed(way(loss_pct=10, jitter_ms=5), 500) == passed(way(loss_pct=10, jitter_ms=5), 500)
    other = Way("2/up")
    other.become(Conditions(loss_pct=10))
    assert passed(other, 500) != passed(way(loss_pct=10), 500)


def test_a_frame_is_late_by_the_delay_and_never_early() -> None:
    one = way(delay_ms=150)
    one.take(FRAME, 1.0)
    assert list(one.due(1.1499)) == []
    assert one.next_at() == pytest.approx(1.15)
    assert list(one.due(1.15)) == [FRAME]


def test_jitter_keeps_the_order_unless_it_may_reorder() -> None:
    kept = passed(way(delay_ms=100, jitter_ms=30), 1000)
    mixed = passed(way(delay_ms=100, jitter_ms=30, reorder=True), 1000)
    assert kept == sorted(kept) and len(kept) == 1000
    assert mixed != kept and sorted(mixed) == kept


def test_a_slow_line_takes_its_time_for_every_bit_and_drops_what_it_cannot_hold() -> None:
    one = way(rate_kbps=1000, limit=10)
    for _ in range(15):
        one.take(FRAME, 0.0)  # 10 ms each
    assert len(list(one.due(0.0501))) == 5
    assert len(list(one.due(1.0))) == 5
    assert one.counters.overflowed == 5


def test_a_cut_line_loses_what_is_under_way_and_is_whole_again_afterwards() -> None:
    one = way(delay_ms=100)
    one.take(FRAME, 0.0)
    one.become(Conditions(cut=True))
    one.take(FRAME, 0.05)
    assert list(one.due(10.0)) == [] and one.counters.cut == 2
    one.become(Conditions())
    one.take(FRAME, 10.0)
    assert list(one.due(10.0)) == [FRAME]


def test_every_frame_is_accounted_for() -> None:
    one = way(loss_pct=10, duplicate_pct=10, rate_kbps=200, limit=20, delay_ms=5)
    for number in range(1000):
        one.take(FRAME, number * 0.01)
        for _ in one.due(number * 0.01):
            pass
    told = Counters(**one.told())
    assert min(told.lost, told.copied, told.overflowed, told.sent, told.waiting) > 0
    assert told.received + told.copied == told.lost + told.overflowed + told.cut + told.sent + told.waiting
