import math

import pytest

from tests.support.wire import longest_held

pytestmark = pytest.mark.pure

CAME = [0.0, 0.02, 0.04, 1.0, 1.02, 1.04]  # the sender paused for a second


def test_a_sender_that_pauses_is_held_by_nobody() -> None:
    assert longest_held(CAME, [at + 0.002 for at in CAME]) == pytest.approx(0.002)


def test_who_stands_still_while_packets_come_is_seen() -> None:
    assert longest_held(CAME, [0.002, 0.5, 1.002, 1.022, 1.042]) == pytest.approx(0.48)
    assert longest_held(CAME, [0.002]) == math.inf
