"""What `make soak` measures with: a beep and a picture are found where they lie, and a clock that runs away is seen."""

from fractions import Fraction

import av
import numpy as np
import pytest

from bench.drift import FRAME, RATE, Block, beep, onset_ms, picture_offset, slope_per_hour, sound_offset

pytestmark = pytest.mark.pure

BEEPS_MS = [2_000.0, 4_000.0, 6_000.0, 8_000.0]


@pytest.fixture(scope="module")
def track() -> list[Block]:
    """Ten seconds of real Opus with a beep at each of the times above."""
    sound = np.zeros(10 * RATE, np.int16)
    for at in BEEPS_MS:
        first = int(at * RATE / 1000)
        sound[first : first + len(beep())] = beep()
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    encoder.time_base = Fraction(1, RATE)
    found: list[Block] = []
    for number in range(len(sound) // FRAME):
        frame = av.AudioFrame.from_ndarray(sound[None, number * FRAME : (number + 1) * FRAME], "s16", "mono")
        frame.sample_rate, frame.pts = RATE, number * FRAME
        found += [(0.0, bytes(packet)) for packet in encoder.encode(frame)]
    return [(20.0 * number, data) for number, (_, data) in enumerate(found)]


def shifted(track: list[Block], offset: float) -> list[Block]:
    return [(t_ms + offset, data) for t_ms, data in track]


@pytest.mark.parametrize("offset", [-60.0, 0.0, 35.0, 140.0])
def test_a_beep_is_found_where_it_lies(track: list[Block], offset: float) -> None:
    still = sound_offset(track, BEEPS_MS)
    moved = sound_offset(shifted(track, offset), BEEPS_MS)
    assert still is not None and moved is not None and 0 <= still < 10, "a codec's delay, and no more"
    assert moved - still == pytest.approx(offset, abs=1)


def test_a_beep_whose_beginning_was_lost_is_not_measured(track: list[Block]) -> None:
    gone = [one for one in track if not 1_990 <= one[0] <= 2_030]
    assert onset_ms(gone, 2_000.0) is None
    assert sound_offset(gone, BEEPS_MS) == sound_offset(track, BEEPS_MS)
    assert sound_offset([], BEEPS_MS) is None


def test_a_picture_is_known_by_what_is_in_it() -> None:
    loop = [bytes([number]) for number in range(60)]
    sent = [(1000 * number / 15, number % 60) for number in range(300)]
    disk = [(at + 33.0, loop[number]) for at, number in sent if number % 7]
    assert picture_offset(disk, sent, loop) == pytest.approx(33.0)
    assert picture_offset([(at, b"?") for at, _ in disk], sent, loop) is None


def test_the_slope_is_told_in_its_unit_for_an_hour() -> None:
    assert slope_per_hour([(at, 100 + 5 * at / 3600) for at in range(0, 1800, 5)]) == pytest.approx(5)
    assert slope_per_hour([(at, 100.0) for at in range(0, 1800, 5)]) == pytest.approx(0, abs=1e-6)
