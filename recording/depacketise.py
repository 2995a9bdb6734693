"""RTP payloads -> encoded frames, for the room's codecs VP8 (RFC 7741) and Opus (RFC 7587). Rule: no decoding.

A payload comes from a stranger's browser: whatever is too short or contradicts itself is not a frame, never an error.
"""

import struct
from typing import NamedTuple

OPUS_LONGEST_MS = 120.0
KEY_FRAME_MARK = b"\x9d\x01\x2a"


class Packet(NamedTuple):
    """One RTP packet in the order it was sent. `timestamp` no longer wraps, `arrival` is the monotonic clock."""

    timestamp: int
    marker: bool
    payload: bytes
    arrival: float


class Frame(NamedTuple):
    """One encoded frame. `duration_ms` is exact for Opus; 0 for video, where only the next frame tells."""

    timestamp: int
    arrival: float
    key: bool
    data: bytes
    duration_ms: float = 0.0
    size: tuple[int, int] | None = None


def opus_duration_ms(packet: bytes) -> float:
    """How long a packet sounds, from its first byte (RFC 6716, 3.1); 0 for what is not an Opus packet."""
    if not packet:
        return 0.0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = (10.0, 20.0, 40.0, 60.0)[config & 3]
    elif config < 16:
        frame = (10.0, 20.0)[config & 1]
    else:
        frame = (2.5, 5.0, 10.0, 20.0)[config & 3]
    if code == 3 and len(packet) < 2:
        return 0.0
    count = (1, 2, 2, packet[1] & 63 if code == 3 else 0)[code]
    total = frame * count
    return total if total <= OPUS_LONGEST_MS else 0.0


def vp8_picture(payload: bytes) -> tuple[bool, bytes] | None:
    """Without the descriptor: (begins a frame, the codec's bytes). None when the descriptor is not whole."""
    try:
        first, at = payload[0], 1
        if first & 0x80:
            extension, at = payload[1], 2
            if extension & 0x80:
                at += 2 if payload[at] & 0x80 else 1
            if extension & 0x40:
                at += 1
            if extension & 0x30:
                at += 1
    except IndexError:
        return None
    if at >= len(payload):
        return None
    return bool(first & 0x10) and not first & 0x07, payload[at:]


def vp8_key_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height when `frame` is a key frame (RFC 6386, 9.1), else None."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != KEY_FRAME_MARK:
        return None
    width, height = struct.unpack_from("<HH", frame, 6)
    size = (width & 0x3FFF, height & 0x3FFF)
    return size if all(size) else None


class Opus:
    """Every packet is a frame, and stands for itself: nothing is ever torn."""

    torn = 0

    def push(self, timestamp: int, marker: bool, payload: bytes, arrival: float) -> Frame | None:
        duration = opus_duration_ms(payload)
        if not duration:
            return None
        return Frame(timestamp, arrival, True, payload, duration)

    def broken(self) -> None:
        """Packets are missing before the next one."""


class Vp8:
    """Joins the packets of a picture; a picture with a packet missing is thrown away whole.

    You must call `broken()` when packets are missing before the next one. `torn` counts what was thrown away: when it
    has grown, the pictures that follow lean on one that is not there, until the next key frame.
    """

    def __init__(self) -> None:
        self.torn = 0
        self._parts: list[bytes] = []
        self._timestamp = 0
        self._arrival = 0.0

    def push(self, timestamp: int, marker: bool, payload: bytes, arrival: float) -> Frame | None:
        if not payload:
            return None  # padding only: it takes a number and carries nothing
        picture = vp8_picture(payload)
        if picture is None:
            self.broken()
            return None
        begins, part = picture
        parts = self._parts
        if parts and (begins or timestamp != self._timestamp):
            self.broken()
            parts = self._parts
        if not parts:
            if not begins:
                self.torn += 1
                return None
            self._timestamp, self._arrival = timestamp, arrival
        elif arrival < self._arrival:
            self._arrival = arrival
        parts.append(part)
        if not marker:
            return None
        data = part if len(parts) == 1 else b"".join(parts)
        self._parts = []
        size = None if data[0] & 1 else vp8_key_size(data)
        return Frame(timestamp, self._arrival, size is not None, data, 0.0, size)

    def broken(self) -> None:
        """Packets are missing before the next one."""
        if self._parts:
            self._parts = []
            self.torn += 1
