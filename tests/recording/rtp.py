"""Makes RTP of a known truth, for the tests of the recorder: real encoders, a network of the test's choosing."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np

NTP_1900 = 2_208_988_800


@dataclass(slots=True)
class Sent:
    """A packet and when it left; the network decides when it arrives."""

    at: float
    seq: int
    timestamp: int
    marker: bool
    payload: bytes


def vp8_frames(
    seconds: float, *, fps: int = 25, width: int = 320, height: int = 240, key_every: int = 0
) -> list[bytes]:
    """Encoded pictures that move, so that each differs; one key frame at the start, or one every `key_every`."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, fps)
    encoder.bit_rate = 400_000
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": str(key_every or 100_000)}
    frames: list[bytes] = []
    rows = np.arange(height, dtype=np.uint16)[:, None]
    columns = np.arange(width, dtype=np.uint16)[None, :]
    for number in range(int(seconds * fps)):
        grey = ((rows + columns * 2 + number * 5) % 256).astype(np.uint8)
        picture = av.VideoFrame.from_ndarray(np.vstack([grey, np.full((height // 2, width), 128, np.uint8)]), "yuv420p")
        picture.pts = number
        frames += [bytes(packet) for packet in encoder.encode(picture)]
    return frames


def opus_frames(seconds: float) -> list[bytes]:
    """A tone in packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.time_base = Fraction(1, 48_000)
    encoder.bit_rate = 24_000
    packets: list[bytes] = []
    for number in range(int(seconds * 50)):
        time = (np.arange(960) + number * 960) / 48_000
        tone = (8_000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone[None, :], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, number * 960
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


@dataclass(slots=True)
class Sender:
    """Packetises frames as a browser does. The numbers begin just before they wrap."""

    clock_rate: int
    interval: float
    seq: int = 65_500
    timestamp: int = 0xFFFF_0000
    started: float = 0.0
    picture_id: int = 32_700
    mtu: int = 1_000
    packets: list[Sent] = field(default_factory=list)

    def audio(self, frames: list[bytes]) -> list[Sent]:
        for number, frame in enumerate(frames):
            self._packet(number, frame, number == 0)
        return self.packets

    def video(self, frames: list[bytes]) -> list[Sent]:
        for number, frame in enumerate(frames):
            parts = [frame[at : at + self.mtu] for at in range(0, len(frame), self.mtu)]
            identity = struct.pack("!H", 0x8000 | (self.picture_id + number) & 0x7FFF)
            for index, part in enumerate(parts):
                first = 0x90 if index == 0 else 0x80
                self._packet(number, bytes((first, 0x80)) + identity + part, index == len(parts) - 1)
        return self.packets

    def _packet(self, number: int, payload: bytes, marker: bool) -> None:
        at = self.started + number * self.interval
        timestamp = self.timestamp + round(number * self.interval * self.clock_rate) & 0xFFFF_FFFF
        self.packets.append(Sent(at, self.seq, timestamp, marker, payload))
        self.seq = self.seq + 1 & 0xFFFF

    def report(self, at: float, wall: float) -> tuple[int, int]:
        """The pair (NTP, RTP) that a sender whose wall clock shows `wall` at `at` would report."""
        rtp = self.timestamp + round((at - self.started) * self.clock_rate) & 0xFFFF_FFFF
        return int((wall + NTP_1900) * (1 << 32)), rtp


def in_order_of_arrival(packets: list[Sent], delay: dict[int, float] | None = None) -> Iterator[tuple[float, Sent]]:
    """(arrival, packet), each 10 ms after it left unless `delay` (by position) says otherwise; negative: never."""
    delays = delay or {}
    arrivals = [(sent.at + delays.get(position, 0.01), position) for position, sent in enumerate(packets)]
    for arrival, position in sorted(arrivals):
        if delays.get(position, 0.0) >= 0:
            yield arrival, packets[position]
