"""One outbound stream to one subscriber.

An outlet gives its listener an unbroken stream of numbers and times, however often its edge closes and opens and its
picture changes size. What the recorder gets leaves by a `Tap`.
"""

import logging
import secrets
import struct
from collections import deque
from typing import Any, Protocol

from signaling.media import rtcp
from signaling.media.description import SEND_TIME_ID
from signaling.media.numbering import Numbered, Numbering
from signaling.media.payload import Codec
from signaling.media.sink import TrackSink

log = logging.getLogger(__name__)

_NUMBERS = struct.Struct("!HII")
_EXTENSION = struct.Struct("!II")

PADDING = 255
"""Bytes of one packet of padding, the most that can be said in one byte."""

REPORT_AGE = 10.0
"""Seconds after which a publisher's clock report is too old to be carried on."""

UNANSWERED = 5
"""So many of the last sender reports may still be answered: on a full line the newest ones are under way or lost."""


def send_time(now: float) -> int:
    """The header extension `abs-send-time`, with which browsers judge their line: 24 bits of 1/2**18 s."""
    return SEND_TIME_ID << 28 | 2 << 24 | int(now * 262144) & 0xFFFFFF


class Meter:
    """What has gone over one edge since the room opened."""

    __slots__ = ("bytes", "packets")

    def __init__(self) -> None:
        self.packets = self.bytes = 0


class Inlet(Numbered, Protocol):
    """The side of a stream that an outlet looks at."""

    flowing: "list[Outlet]"
    tap: "Tap | None"
    history: list[tuple[int, bytes] | None]

    def request_key_frame(self, now: float) -> None: ...


class Outlet(Numbering):
    """`session` and `address` are the subscriber's SRTP session and the place of its address in memory.

    `stream` is what flows from, `target` what is waited for: a key frame there makes it the stream.
    """

    __slots__ = (
        "_base_bytes",
        "_base_packets",
        "_rtx_seq",
        "address",
        "cname",
        "codec",
        "first",
        "meter",
        "opened",
        "reported",
        "rtx_ssrc",
        "session",
        "source",
        "ssrc",
        "stream",
        "target",
    )

    def __init__(self, source: str, codec: Codec, cname: str, meter: Meter, session: Any, address: int) -> None:
        super().__init__(secrets.randbits(14))
        self.source, self.codec, self.cname = source, codec, cname
        self.session, self.address = session, address
        self.meter = meter
        self._base_packets, self._base_bytes = meter.packets, meter.bytes
        self.ssrc, self.rtx_ssrc = secrets.randbits(31) | 1 << 31, secrets.randbits(31) | 1
        self.opened = self.first = 0
        self._rtx_seq = secrets.randbits(14)
        self.reported: deque[tuple[int, float]] = deque(maxlen=UNANSWERED)
        self.stream: Inlet | None = None
        self.target: Inlet | None = None

    def begin(self, stream: Inlet, number: int, timestamp: int, now: float) -> None:
        """The first packet since the edge opened, or of a picture of another size: it flows from `stream` now."""
        if self.stream is not None:
            self.stream.flowing.remove(self)
            self.stop(self.stream)
        self.follow(stream, number, timestamp, now)
        self.first = number
        self.stream, self.target = stream, None
        stream.flowing.append(self)

    def repair(self, seq: int, source: Inlet, now: float) -> bytes | None:
        """Our packet `seq` once more, unprotected: as RTX for video, as it was for sound.

        None when it is too old, or when it was never sent because the edge was closed.
        """
        wanted = (seq - self.seq_offset) & 0xFFFF
        number = source.newest - ((source.newest - wanted) & 0xFFFF)
        kept = source.history[number % len(source.history)]
        if number < self.first or kept is None or kept[0] != number:
            return None
        packet = kept[1][:16] + send_time(now).to_bytes(4, "big") + kept[1][20:]
        timestamp = (int.from_bytes(packet[4:8], "big") + self.timestamp_offset) & 0xFFFFFFFF
        if self.codec.rtx_payload_type is None:
            # RFC 4588 is not spoken for Opus; libsrtp is allowed to protect the same number again.
            return packet[:2] + _NUMBERS.pack(seq, timestamp, self.ssrc) + packet[12:]
        start = 16 + 4 * (packet[14] << 8 | packet[15])
        self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
        head = bytes((packet[0], packet[1] & 0x80 | self.codec.rtx_payload_type))
        head += _NUMBERS.pack(self._rtx_seq, timestamp, self.rtx_ssrc)
        return head + packet[12:start] + seq.to_bytes(2, "big") + packet[start:]

    def padding(self, now: float) -> bytes:
        """Nothing, as a repair of nothing (RFC 4588): it shows whether the line would carry more."""
        assert self.codec.rtx_payload_type is not None
        self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
        head = bytes((0xB0, self.codec.rtx_payload_type)) + _NUMBERS.pack(self._rtx_seq, 0, self.rtx_ssrc)
        return head + _EXTENSION.pack(0xBEDE0001, send_time(now)) + bytes(PADDING - 1) + bytes((PADDING,))

    def sender_report(self, source: Inlet, now: float) -> bytes | None:
        """The publisher's clock, translated into our numbers, so that lips and voice stay together."""
        packets = self.meter.packets - self._base_packets
        if (known := source.sender_report) is None or not packets:
            return None
        report, at = known
        if (elapsed := now - at) > REPORT_AGE:
            return None
        ntp = report.ntp + int(elapsed * (1 << 32))
        timestamp = report.rtp + int(elapsed * self.codec.clock_rate) + self.timestamp_offset
        octets = self.meter.bytes - self._base_bytes
        self.reported.append((ntp >> 16 & 0xFFFFFFFF, now))
        return rtcp.write_sender_report(self.ssrc, self.cname, ntp, timestamp, packets, octets)

    def round_trip(self, block: rtcp.ReportBlock, now: float) -> float | None:
        """Seconds a sender report and its first echo took; later echoes say nothing new, and None is returned."""
        at = dict(self.reported).get(block.last_report)
        if at is None:
            return None
        while self.reported and self.reported[0][1] <= at:
            self.reported.popleft()
        return max(0.0, now - at - block.delay / 65536)


class Tap(Numbering):
    """The outlet to a sink. A sink that fails is given up: `on_fault` is told once, the call goes on.

    The sink gets the numbers of the stream it began with, continued over streams of other sizes.
    """

    def __init__(self, sink: TrackSink, meter: Meter, on_fault: Any) -> None:
        super().__init__(0)
        self._sink, self._meter, self._on_fault = sink, meter, on_fault
        self.open = True
        self.opened: float = 0
        self._given_up = False

    def take(self, seq: int, timestamp: int, marker: bool, payload: bytes, now: float) -> None:
        self._meter.packets += 1
        self._meter.bytes += len(payload)
        try:
            self._sink.rtp(
                (seq + self.seq_offset) & 0xFFFF,
                (timestamp + self.timestamp_offset) & 0xFFFFFFFF,
                marker,
                payload,
                now,
            )
        except Exception as error:
            self._failed(error)

    def report(self, report: rtcp.SenderReport, now: float) -> None:
        try:
            self._sink.sender_report(report.ntp, (report.rtp + self.timestamp_offset) & 0xFFFFFFFF, now)
        except Exception as error:
            self._failed(error)

    def pause(self, at: float) -> None:
        if self.open:
            self.open, self.opened = False, float("inf")
            self._sink.pause(at)

    def resume(self, after: int, at: float) -> None:
        """Go on with the packet that follows number `after`."""
        if not self.open and not self._given_up:
            self.open, self.opened = True, after + 1
            self._sink.resume(at)

    def close(self, reason: str) -> None:
        self.open, self.opened = False, float("inf")
        self._sink.close(reason)

    def move(self, before: Inlet, after: Inlet, number: int, timestamp: int, now: float) -> None:
        """Go on with packet `number` of `after`, a key frame."""
        before.tap, after.tap = None, self
        self.stop(before)
        self.follow(after, number, timestamp, now)
        if self.open:
            self.opened = number

    def _failed(self, error: Exception) -> None:
        log.error("a sink failed and is given up", exc_info=error)
        self.open, self.opened, self._given_up = False, float("inf"), True
        self._on_fault(error)


class TapMove:
    """Waits at `target` for the key frame with which `tap` leaves `before` for it."""

    def __init__(self, tap: Tap, before: Inlet) -> None:
        self.tap, self.before = tap, before
        self.opened = 0
        self.target: Inlet | None = None

    def begin(self, stream: Inlet, number: int, timestamp: int, now: float) -> None:
        if self.before.tap is self.tap:
            self.tap.move(self.before, stream, number, timestamp, now)
