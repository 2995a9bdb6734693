"""Where a frame that was sent lies on the hearing clock: found again on disk by what is in it, not by what we call it.

Pure. Offsets are milliseconds between the clock's time of a block and the moment its frame went out; what counts is how
they change.
"""

import statistics
from collections.abc import Sequence

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
FRAME_MS = 20
FRAME = RATE * FRAME_MS // 1000
BEEP_HZ, BEEP_S = 1_000, 0.1
LOUD = 3_000
LEAD_MS, TAIL_MS = 300, 700
"""What is decoded around a beep: the decoder has to find its way in, the block may lie late."""

Block = tuple[float, bytes]
"""(milliseconds of the hearing clock, encoded frame)"""


def beep() -> NDArray[np.int16]:
    """Starts at full height, so that its first sample is the one that is found."""
    at = np.arange(int(BEEP_S * RATE)) / RATE
    return (20_000 * np.cos(2 * np.pi * BEEP_HZ * at)).astype(np.int16)


def onset_ms(blocks: Sequence[Block], sent_ms: float) -> float | None:
    """The clock's time of the first loud sample near `sent_ms`; None when the beep is not whole on disk."""
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = RATE, "stereo"  # type: ignore[attr-defined]
    near = [one for one in blocks if sent_ms - LEAD_MS <= one[0] <= sent_ms + TAIL_MS]
    whole_since = before = -float("inf")
    for t_ms, data in near:
        if t_ms - before > FRAME_MS * 1.5:
            whole_since = t_ms
        before = t_ms
        for frame in decoder.decode(av.Packet(data)):
            sound = np.abs(frame.to_ndarray().astype(np.float64).reshape(-1, 2)[:, 0])
            loud = np.flatnonzero(sound > LOUD)
            if len(loud):
                whole = t_ms - whole_since > 3 * FRAME_MS  # behind a hole a decoder begins softly
                return t_ms + 1000 * float(loud[0]) / RATE if whole else None
    return None


def sound_offset(blocks: Sequence[Block], sent_ms: Sequence[float]) -> float | None:
    """The median over the beeps that went out at `sent_ms`; None when fewer than two were found."""
    found = [at - sent for sent in sent_ms if (at := onset_ms(blocks, sent)) is not None]
    return statistics.median(found) if len(found) > 1 else None


def picture_offset(blocks: Sequence[Block], sent: Sequence[tuple[float, int]], loop: Sequence[bytes]) -> float | None:
    """The same for pictures: `sent` are (milliseconds of the clock, number in the loop) of what went out."""
    by_content = {data: number for number, data in enumerate(loop)}
    times: dict[int, list[float]] = {}
    for at, number in sent:
        times.setdefault(number, []).append(at)
    found = []
    for t_ms, data in blocks:
        if candidates := times.get(by_content.get(data, -1)):
            found.append(t_ms - min(candidates, key=lambda at: abs(at - t_ms)))
    return statistics.median(found) if len(found) > 10 else None


def slope_per_hour(samples: Sequence[tuple[float, float]]) -> float:
    """Of (seconds, value), by least squares."""
    if len(samples) < 3:
        return 0.0
    at, value = np.array(samples, np.float64).T
    return float(np.polyfit(at / 3600, value, 1)[0])
