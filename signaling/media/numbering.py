"""One unbroken run of numbers and times over streams that begin, end and change places. Pure.

Every stream counts from a number and a time of its own choice. What flows to one listener continues where the last one
stopped; the time goes on by the publisher's clock where its reports allow, else by the time that has passed here.
"""

from typing import Protocol

from signaling.media import rtcp
from signaling.media.payload import Codec

AGREEMENT = 0.3
"""Seconds by which the publisher's clock may differ from the arrival of its packets and be believed."""


class Numbered(Protocol):
    """The side of a stream that is looked at here."""

    codec: Codec
    run: int
    newest: int
    newest_timestamp: int
    last_arrival: float

    @property
    def sender_report(self) -> tuple[rtcp.SenderReport, float] | None: ...


class Numbering:
    """Add the offsets to a stream's number (then modulo 2**16) and timestamp (modulo 2**32)."""

    __slots__ = ("_clock", "_last", "_run", "seq_offset", "timestamp_offset")

    def __init__(self, seq_offset: int) -> None:
        self.seq_offset = seq_offset
        self.timestamp_offset = 0
        self._run: tuple[object, int] | None = None
        self._last: tuple[int, int, float] | None = None
        self._clock: tuple[int, int] | None = None

    def follow(self, stream: Numbered, number: int, timestamp: int, now: float) -> None:
        """`stream` flows from packet `number` on: continue our numbers, and our time while the clock is the same."""
        run = (stream, stream.run)
        if self._last is not None:
            last_seq, last_timestamp, last_at = self._last
            self.seq_offset = last_seq + 1 - number
            if run != self._run:
                rate = stream.codec.clock_rate
                elapsed = max(1, int((now - last_at) * rate))
                if (told := self._by_clock(stream, timestamp)) is not None:
                    by_clock = (told - last_timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
                    if abs(by_clock - elapsed) < AGREEMENT * rate:
                        elapsed = max(1, by_clock)
                self.timestamp_offset = (last_timestamp + elapsed - timestamp) & 0xFFFFFFFF
        self._run = run

    def stop(self, stream: Numbered) -> None:
        """`stream` flows no longer; remember where we were."""
        self._last = (
            (stream.newest + self.seq_offset) & 0xFFFF,
            (stream.newest_timestamp + self.timestamp_offset) & 0xFFFFFFFF,
            stream.last_arrival,
        )
        self._clock = None
        if (known := stream.sender_report) is not None:
            self._clock = (known[0].ntp, known[0].rtp + self.timestamp_offset)

    def _by_clock(self, stream: Numbered, timestamp: int) -> int | None:
        """`timestamp` in our time, when the publisher has told both streams' times by one clock."""
        if self._clock is None or (known := stream.sender_report) is None:
            return None
        ntp, rtp = self._clock
        between = (known[0].ntp - ntp) * stream.codec.clock_rate >> 32
        return rtp + between + timestamp - known[0].rtp
