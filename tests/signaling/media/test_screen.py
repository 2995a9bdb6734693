"""A page gets what it shows, as large as it shows it, as far as its line goes, and never more than seven pictures."""

import pytest

from signaling.media.layers import STEADY, Layers
from signaling.media.payload import VP8
from signaling.media.quality import PICTURES, START
from signaling.media.screen import OVERHEAD, Screen
from signaling.media.source import Source
from tests.signaling.media.wire import Feed

RATES = [100_000, 900_000]


def camera(name: str, sizes: int = 2) -> Layers:
    """A camera whose sizes all flow."""
    made = Layers([Source(name, "seat", VP8, "1", (100, 101), Feed()) for _ in range(sizes)])
    for at in (10.0, 10.5, 10.0 + STEADY):
        for stream in made.streams:
            stream.newest, stream.last_arrival = 1, at
        made.tick(at)
    made.rates = RATES[:sizes]
    return made


@pytest.fixture
def screen() -> Screen:
    made = Screen()
    made.line.limit = None
    return made


async def test_a_page_that_says_nothing_gets_everything(screen: Screen) -> None:
    screen.plan([camera(f"c{number}") for number in range(20)])
    assert set(screen.ranks.values()) == {1} and len(screen.ranks) == 20


async def test_a_page_gets_what_it_shows_as_large_as_it_shows_it(screen: Screen) -> None:
    cameras = [camera(name) for name in ("stand", "side", "hidden")]
    screen.show({"stand": 900, "side": 180, "hidden": 0}, ["stand", "side", "hidden"])
    screen.plan(cameras)
    assert screen.ranks == {"stand": 1, "side": 0, "hidden": -1}
    assert screen.limited == (), "what the page does not show is not the line's doing"
    screen.show({"side": 500}, ["stand", "side", "hidden"])
    screen.plan(cameras)
    assert screen.ranks == {"stand": -1, "side": 1, "hidden": -1}


async def test_a_picture_the_page_does_not_know_yet_comes_at_once_and_small(screen: Screen) -> None:
    screen.show({"stand": 900}, ["stand", "hidden"])
    screen.plan([camera(name) for name in ("stand", "hidden", "new")])
    assert screen.ranks == {"stand": 1, "hidden": -1, "new": 0}


async def test_seven_pictures_are_the_most_however_many_are_shown(screen: Screen) -> None:
    cameras = [camera(f"c{number:02}") for number in range(20)]
    screen.show({one.source: 100 + number for number, one in enumerate(cameras)}, [one.source for one in cameras])
    screen.plan(cameras)
    sent = [source for source, rank in screen.ranks.items() if rank >= 0]
    assert len(sent) == PICTURES and set(sent) == {f"c{number}" for number in range(13, 20)}, "the largest ones"


async def test_what_the_line_takes_away_is_named(screen: Screen) -> None:
    cameras = [camera(name) for name in ("stand", "side")]
    screen.show({"stand": 900, "side": 600}, ["stand", "side"])
    for second, rate in enumerate((900_000, 150_000)):
        screen.line.estimated(rate, float(second))
        screen.line.took(0.02 + 0.2 * second)
    screen.line.step(1.0, sent=900_000, loss=None, more=0)
    screen.plan(cameras)
    assert screen.ranks == {"stand": 0, "side": -1} and set(screen.limited) == {"stand", "side"}


async def test_it_begins_small_and_a_quiet_line_gets_all_of_it_in_time(screen: Screen) -> None:
    screen.line.limit = START
    screen.line.took(0.02)
    cameras = [camera(name) for name in ("stand", "side")]
    screen.plan(cameras)
    assert set(screen.ranks.values()) == {0} and screen.limited == (), "not the line's doing"
    sent = 0
    for second in range(6):
        screen.received(7, 100 * second, 0, float(second))
        sent += 2_000_000 // 8
        screen.second(float(second), [("stand", False, sent)])
        screen.plan(cameras)
    assert set(screen.ranks.values()) == {1}


async def test_sound_is_taken_off_first(screen: Screen) -> None:
    (only,) = cameras = [camera("stand")]
    screen.line.limit, screen.line.pressed = 130_000, 2
    screen.second(1.0, [("mic", True, 0)])
    screen.second(2.0, [("mic", True, 50_000 // 8)])
    screen.plan(cameras)
    assert screen.ranks == {only.source: 0}, "80 000 left for 100 000: it errs on the side of the last picture"
    screen.second(3.0, [("mic", True, 50_000 // 8 + 52_000 // 8)])
    screen.plan(cameras)
    assert screen.ranks == {only.source: 0}, "what is there stays for a little less"
    screen.second(4.0, [("mic", True, 50_000 // 8 + 52_000 // 8 + 100_000 // 8)])
    screen.plan(cameras)
    assert screen.ranks == {only.source: -1}


@pytest.mark.parametrize("with_sound", [True, False])
async def test_an_estimate_of_the_pictures_alone_says_nothing_of_the_sound(screen: Screen, with_sound: bool) -> None:
    screen.second(1.0, [("mic", True, 0), ("stand", False, 0)])
    for second in (2, 3, 4):
        sent = (second - 1) * 100_000 // 8
        screen.estimated(400_000 if second == 2 else 100_000, second - 0.1, with_sound=with_sound)
        screen.second(float(second), [("mic", True, sent), ("stand", False, sent)])
    assert screen.line.shown is with_sound, "200 000 were sent"


async def test_loss_is_weighed_by_what_was_sent(screen: Screen) -> None:
    highest = {1: 1000, 2: 1000}
    sent = 0
    for second in range(4):
        for ssrc, packets, lost in ((1, 900, 192), (2, 100, 0)):  # three quarters of 900, none of 100
            highest[ssrc] += packets
            screen.received(ssrc, highest[ssrc], lost, second - 0.5)
        screen.second(float(second), [("stand", False, sent)])
        sent += 1_000_000 // 8
    assert screen.line.shown and screen.line.limit == pytest.approx(1_000_000 * (1 - 0.675), rel=0.01)


def test_the_header_is_not_counted() -> None:
    assert OVERHEAD == 12 + 4 + 4
