"""The robots' sending log: what counts as sent, worked out by hand."""

import pytest

from web.demo.robot_media import Sent

pytestmark = pytest.mark.pure


def log() -> Sent:
    """Frames of 100 ms at unix times 0.0, 0.1, ... 0.9, then nothing for 2 s, then ten more."""
    sent = Sent(frame_ms=100, gap_ms=500)
    sent.frames = [(n / 10, n * 100) for n in range(10)] + [(n / 10, n * 100) for n in range(30, 40)]
    return sent


def test_only_what_went_out_inside_the_intervals_counts() -> None:
    assert log().within([(0.0, 1.0)]) == 1000
    assert log().within([(0.25, 0.55)]) == 300
    assert log().within([(0.0, 0.2), (0.5, 0.7)]) == 400


def test_a_silence_longer_than_the_gap_was_not_sent() -> None:
    assert log().within([(0.0, 10.0)]) == 2000


def test_nothing_sent_is_nothing() -> None:
    assert log().within([(1.5, 2.5)]) == 0
    assert log().within([]) == 0
