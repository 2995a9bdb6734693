"""The packets of the load: real VP8 and Opus, made beforehand. Each carries a stamp: its number, when it was sent."""

import struct
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np

STAMP = struct.Struct("!IQ")
VIDEO_PAYLOAD = 1113
"""With twelve bytes of header, 1,125 bytes a packet."""
VIDEO_INTERVAL, AUDIO_INTERVAL = 0.01, 0.02
SILENT_FRAMES, LOUD_FRAMES = 90, 10
"""The microphone is silent for 1.8 s and loud for 0.2 s, so that an onset can be found after re-encoding."""
LOUD_BYTES = 60


@dataclass(frozen=True)
class Packet:
    payload: bytes
    timestamp_step: int
    marker: bool


def make_video(
    width: int = 640, height: int = 480, bit_rate: int = 700_000, rate: int = 25, *, filled: bool = True
) -> list[Packet]:
    """Real VP8 of `rate` pictures a second, a key frame each second; `filled` up with zeros to whole packets."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.bit_rate, encoder.gop_size = Fraction(1, rate), bit_rate, rate
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "g": str(rate),
        "keyint_min": str(rate),
    }
    random = np.random.default_rng(1)
    packets: list[Packet] = []
    for number in range(100):
        picture = np.full((480, 640, 3), 90, np.uint8)
        left = number * 4 % 500
        picture[100:300, left : left + 120] = random.integers(0, 255, (200, 120, 3), np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        if (width, height) != (640, 480):
            frame = frame.reformat(width, height)
        frame.pts = number
        for encoded in encoder.encode(frame):
            data = bytes(encoded)
            piece = VIDEO_PAYLOAD - 1
            data += bytes(-(len(data) + STAMP.size) % piece + STAMP.size) if filled else b""
            for at in range(0, len(data), piece):
                last = at + piece >= len(data)
                head = b"\x10" if at == 0 else b"\x00"
                packets.append(Packet(head + data[at : at + piece], 90_000 // rate if at == 0 else 0, last))
    return packets


def make_audio() -> list[Packet]:
    """Real Opus, 20 ms a packet, two seconds of it."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "s16"
    encoder.bit_rate, encoder.time_base = 48_000, Fraction(1, 48000)
    packets = []
    for number in range(SILENT_FRAMES + LOUD_FRAMES + 1):
        at = (np.arange(960) + 960 * number) / 48000
        loud = SILENT_FRAMES <= number < SILENT_FRAMES + LOUD_FRAMES
        wave = (12000 * loud * np.sin(2 * np.pi * (500 + 3000 * (at % 0.1)) * at)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48000, 960 * number
        packets += [Packet(bytes(one), 960, False) for one in encoder.encode(frame)]
    return packets[: SILENT_FRAMES + LOUD_FRAMES]


@dataclass
class Feed:
    """One stream that a publisher sends, `interval` seconds apart: sound if its number is even, else a picture.

    `sent` are the times of its packets in ns, by number.
    """

    number: int
    payload_type: int
    ssrc: int
    interval: float
    packets: list[Packet]
    sent: list[int] = field(default_factory=list)
    onsets: list[int] = field(default_factory=list)
    timestamp: int = 0
