"""What a robot's camera shows: a drawn figure, encoded once as VP8 and sent again and again.

Encoding ahead keeps nine robots and a whole court on two cores; each key frame is a place where anybody may begin.
"""

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 240
FRAMES_PER_SECOND = 15
# A robot cannot answer a key-frame request (its pictures are encoded already), so it sends one every third of a second.
KEY_EVERY = 5
LOOP_FRAMES = 60
TIME_BASE = Fraction(1, 90_000)
TICKS = 90_000 // FRAMES_PER_SECOND


@dataclass(frozen=True, kw_only=True, slots=True)
class Loop:
    """Encoded VP8 frames that repeat without a seam: the first is a key frame."""

    frames: tuple[bytes, ...]


def draw(wall: tuple[int, int, int], robe: tuple[int, int, int]) -> Loop:
    """A calm figure in front of a wall, breathing and nodding a little, `LOOP_FRAMES` long."""
    context = av.CodecContext.create("libvpx", "w")
    context.width, context.height = WIDTH, HEIGHT
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, FRAMES_PER_SECOND)
    context.framerate = Fraction(FRAMES_PER_SECOND, 1)
    context.bit_rate = 140_000
    context.thread_count = 1  # libvpx with one thread per core takes sixty times as long for pictures this small
    context.options = {
        "deadline": "realtime", "cpu-used": "8", "g": str(KEY_EVERY), "keyint_min": str(KEY_EVERY),
        "lag-in-frames": "0", "error-resilient": "1",
    }  # fmt: skip
    packets: list[bytes] = []
    for number in range(LOOP_FRAMES):
        frame = av.VideoFrame.from_ndarray(_figure(wall, robe, number / LOOP_FRAMES), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts = number
        packets += [bytes(packet) for packet in context.encode(frame)]
    packets += [bytes(packet) for packet in context.encode(None)]
    return Loop(frames=tuple(packets))


def _figure(wall: tuple[int, int, int], robe: tuple[int, int, int], turn: float) -> NDArray[np.uint8]:
    """One picture as RGB; `turn` runs from 0 to 1 over the loop."""
    nod = 2.0 * np.sin(2 * np.pi * turn)
    breath = 1.5 * np.sin(4 * np.pi * turn)
    light = 0.82 + 0.30 * (1 - np.arange(HEIGHT, dtype=np.float32) / HEIGHT)
    rows = np.clip(np.asarray(wall, np.float32) * light[:, None], 0, 255).astype(np.uint8)
    picture = np.repeat(rows[:, None, :], WIDTH, axis=1)

    def ellipse(cx: float, cy: float, rx: float, ry: float, colour: tuple[int, int, int]) -> None:
        """Paint inside the ellipse's own rectangle only; the whole picture would cost ten times as much."""
        left, right = max(0, int(cx - rx)), min(WIDTH, int(cx + rx) + 2)
        top, bottom = max(0, int(cy - ry)), min(HEIGHT, int(cy + ry) + 2)
        y, x = np.ogrid[top:bottom, left:right]
        picture[top:bottom, left:right][((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1] = colour

    skin, hair = (206, 164, 132), (38, 30, 28)
    ellipse(160, 250 - breath, 104, 92, robe)
    ellipse(160, 176, 20, 30, (188, 146, 116))
    ellipse(160, 100 + nod, 46, 54, hair)
    ellipse(160, 112 + nod, 40, 48, skin)
    ellipse(160, 72 + nod, 42, 22, hair)
    for side in (-1, 1):
        ellipse(160 + side * 15, 110 + nod, 4, 0.8 if turn > 0.93 else 3, hair)
        ellipse(160 + side * 15, 100 + nod, 8, 1.6, hair)
    ellipse(160, 136 + nod, 11, 2.2 + 1.2 * abs(np.sin(6 * np.pi * turn)), (140, 78, 70))
    for row in range(197, 236):
        half = int((row - 196) * 0.35)
        picture[row, 160 - half : 160 + half + 1] = (236, 236, 232)
    return picture
