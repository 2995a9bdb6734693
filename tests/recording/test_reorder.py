"""The window of one stream: order, patience, wraps."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recording.reorder import Reorder, unwrap

pytestmark = pytest.mark.pure


def numbers(window: Reorder, now: float, *, at_once: bool = False) -> list[tuple[int, int]]:
    """(timestamp, lost before it); the tests' timestamps count packets."""
    return [(ordered.packet.timestamp, ordered.lost) for ordered in window.ready(now, at_once=at_once)]


def push(window: Reorder, number: int, arrival: float, first: int = 0) -> None:
    window.push(first + number & 0xFFFF, number, False, b"x", arrival)


@given(st.integers(0, 1 << 40), st.integers(-30_000, 30_000))
def test_unwrapping_finds_the_nearest_number(near: int, distance: int) -> None:
    assert unwrap(near + distance & 0xFFFF, near, 16) == near + distance


def test_the_first_packets_are_held_until_it_is_clear_which_is_first() -> None:
    window = Reorder(0.3)
    push(window, 2, 0.000)
    push(window, 0, 0.010)
    assert window.opening and numbers(window, 0.010) == []
    push(window, 1, 0.060)
    assert numbers(window, 0.060) == [(0, 0), (1, 0), (2, 0)]
    assert not window.opening


def test_a_lone_first_packet_is_not_held_for_ever() -> None:
    window = Reorder(0.3)
    push(window, 0, 0.0)
    assert numbers(window, 0.4) == []
    assert numbers(window, 0.5) == [(0, 0)]


def opened(first: int = 0) -> Reorder:
    window = Reorder(0.3)
    for number in range(3):
        push(window, number, 0.0, first)
    assert len(numbers(window, 0.1)) == 3
    return window


def test_a_hole_waits_for_its_repair() -> None:
    window = opened()
    push(window, 4, 1.0)
    assert numbers(window, 1.29) == []
    push(window, 3, 1.29)
    assert numbers(window, 1.29) == [(3, 0), (4, 0)]


def test_a_hole_is_given_up_after_its_time_counted_from_the_packet_behind_it() -> None:
    window = opened()
    push(window, 5, 1.0)
    push(window, 8, 1.2)
    assert numbers(window, 1.299) == []
    assert numbers(window, 1.301) == [(5, 2)]
    assert numbers(window, 1.49) == []
    assert numbers(window, 1.51) == [(8, 2)]
    push(window, 3, 1.6)
    assert numbers(window, 1.6) == [] and window.late == 1


def test_at_the_end_nothing_is_waited_for() -> None:
    window = opened()
    push(window, 5, 1.0)
    assert numbers(window, 1.0, at_once=True) == [(5, 2)]
    assert window.idle


def test_a_jump_is_a_loss_of_unknown_size_and_not_a_wait() -> None:
    window = opened()
    push(window, 20_000, 1.0)
    assert numbers(window, 1.0) == [(20_000, 1)]
    push(window, 20_001, 1.0)
    assert numbers(window, 1.0) == [(20_001, 0)]
    assert window.jumps == 1


@given(st.integers(0, 2**32), st.integers(0, 0xFFFF))
def test_shuffled_within_the_window_everything_comes_out_once_and_in_order(seed: int, first: int) -> None:
    source = random.Random(seed)
    window = opened(first)
    arrivals = sorted((number * 0.01 + source.random() * 0.2, number) for number in range(3, 200))
    got = []
    for arrival, number in arrivals:
        for _ in range(source.choice((1, 1, 2))):
            push(window, number, 1.0 + arrival, first)
        got += numbers(window, 1.0 + arrival)
    assert got == [(number, 0) for number in range(3, 200)]
