"""Timestamps -> time, over half an hour and through what clocks do."""

import pytest

from recording.depacketise import Packet
from recording.sync import SLEW_S, Sync

pytestmark = pytest.mark.pure

NTP = 1 << 32
RATE = 48_000


def run(sync: Sync, seconds: float, *, rate: float = RATE, wall: float = 0.0, reports: bool = True) -> list[float]:
    """20 ms frames of a sender whose sound card runs at `rate`; how far each was placed from the truth."""
    errors = []
    for number in range(int(seconds * 50)):
        at = 1000.0 + number * 0.02
        timestamp = round((at - 1000.0) * rate)
        if reports and number % 250 == 10:
            sync.sender_report(int((at + wall) * NTP), timestamp & 0xFFFF_FFFF, at + 0.01)
        errors.append(sync.place(timestamp, at + 0.01 + 0.005 * (number % 3)) - (at + 0.01))
    return errors


@pytest.mark.parametrize("wall", [0.0, 3600.0, -3600.0])
def test_a_sound_card_200_ppm_fast_ends_half_an_hour_at_the_true_time(wall: float) -> None:
    errors = run(Sync(RATE), 1800, rate=RATE * 1.0002, wall=wall)
    assert max(map(abs, errors)) < 0.005
    # the same without reports drifts by a third of a second: the test can see it
    assert abs(run(Sync(RATE), 1800, rate=RATE * 0.9998, reports=False)[-1]) > 0.3


def test_no_step_is_longer_than_the_slew() -> None:
    sync = Sync(RATE)
    placed = []
    for number in range(500):
        if number == 100:
            sync.sender_report(int(1001.7 * NTP), 100 * 960, 1001.8)
        placed.append(sync.place(number * 960, 1000.2 + number * 0.02))
    steps = [after - before for before, after in zip(placed, placed[1:], strict=False)]
    assert all(abs(step - 0.02) <= SLEW_S + 1e-9 for step in steps)
    assert placed[-1] == pytest.approx(1000.2 + 499 * 0.02 - 0.4, abs=0.001)


def test_a_report_held_up_on_its_way_moves_nothing() -> None:
    sync = Sync(RATE)
    sync.sender_report(1000 * NTP, 0, 1000.0)
    before = sync.place(960, 1000.02)
    sync.sender_report(1000 * NTP + NTP // 2, 24_000, 1003.0)
    assert sync.place(1920, 1000.04) - before == pytest.approx(0.02, abs=1e-6)


def test_a_sender_that_sets_its_clock_is_followed_without_a_jump() -> None:
    sync = Sync(RATE)
    placed = []
    for number in range(1000):
        at = 1000.0 + number * 0.02
        if number % 50 == 0:
            step = 3600.0 if number >= 500 else 0.0
            sync.sender_report(int((at + step) * NTP), number * 960, at + 0.01)
        placed.append(sync.place(number * 960, at + 0.01))
    steps = [after - before for before, after in zip(placed, placed[1:], strict=False)]
    assert all(abs(step - 0.02) <= SLEW_S + 1e-9 for step in steps)
    assert placed[-1] == pytest.approx(1000.01 + 999 * 0.02, abs=0.002)


def test_a_jump_of_the_timestamps_is_anchored_anew() -> None:
    sync = Sync(RATE)
    sync.sender_report(1000 * NTP, 0, 1000.0)
    sync.place(960, 1000.02)
    assert sync.place(500_000_000, 1000.04) == pytest.approx(1000.04)
    assert sync.reanchors == 1
    assert sync.place(500_000_960, 1000.06) == pytest.approx(1000.06, abs=SLEW_S)


def test_a_stream_begins_where_the_fastest_of_its_first_packets_says() -> None:
    sync = Sync(RATE)
    late = [Packet(number * 960, False, b"x", 1000.0 + (0.3 if number == 0 else 0.02 * number)) for number in range(3)]
    sync.begin(late)
    assert sync.place(0, 1000.3) == pytest.approx(1000.0)
