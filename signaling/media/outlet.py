"""One outbound stream to one subscriber.

An outlet gives its listener an unbroken stream of numbers and times, however often its edge closes and opens. What the
recorder gets leaves by a `Tap`.
"""

import logging
import secrets
import struct
from typing import Any, Protocol

from signaling.media import rtcp
from signaling.media.payload import Codec
from signaling.media.sink import TrackSink

log = logging.getLogger(__name__)

_NUMBERS = struct.Struct("!HII")

REPORT_AGE = 10.0
"""Seconds after which a publisher's clock report is too old to be carried on."""


class Meter:
    """What has gone over one edge since the room opened."""

    __slots__ = ("bytes", "packets")

    def __init__(self) -> None:
        self.packets = self.bytes = 0


class Inlet(Protocol):
    """The side of a source that an outlet looks at."""

    codec: Codec
    run: int
    newest: int
    newest_timestamp: int
    last_arrival: float
    history: list[tuple[int, bytes] | None]

    @property
    def sender_report(self) -> tuple[rtcp.SenderReport, float] | None: ...


class Outlet:
    """`session` and `address` are the subscriber's SRTP session and the place of its address in memory."""

    __slots__ = (
        "_base_bytes",
        "_base_packets",
        "_last",
        "_rtx_seq",
        "_run",
        "address",
        "cname",
        "codec",
        "first",
        "meter",
        "opened",
        "rtx_ssrc",
        "seq_offset",
        "session",
        "source",
        "ssrc",
        "timestamp_offset",
    )

    def __init__(self, source: str, codec: Codec, cname: str, meter: Meter, session: Any, address: int) -> None:
        self.source, self.codec, self.cname = source, codec, cname
        self.session, self.address = session, address
        self.meter = meter
        self._base_packets, self._base_bytes = meter.packets, meter.bytes
        self.ssrc, self.rtx_ssrc = secrets.randbits(31) | 1 << 31, secrets.randbits(31) | 1
        self.seq_offset = secrets.randbits(14)
        self.timestamp_offset = 0
        self.opened = self.first = 0
        self._rtx_seq = secrets.randbits(14)
        self._run: tuple[object, int] | None = None
        self._last: tuple[int, int, float] | None = None

    def start(self, source: Inlet, number: int, timestamp: int, now: float) -> None:
        """The first packet since the edge opened: continue our numbers, and our time while the clock is the same."""
        run = (source, source.run)
        if self._last is not None:
            last_seq, last_timestamp, last_at = self._last
            self.seq_offset = last_seq + 1 - number
            if run != self._run:
                elapsed = int((now - last_at) * self.codec.clock_rate)
                self.timestamp_offset = (last_timestamp + max(1, elapsed) - timestamp) & 0xFFFFFFFF
        self._run = run
        self.first = number

    def stop(self, source: Inlet) -> None:
        """The edge has closed; remember where we were."""
        self._last = (
            (source.newest + self.seq_offset) & 0xFFFF,
            (source.newest_timestamp + self.timestamp_offset) & 0xFFFFFFFF,
            source.last_arrival,
        )

    def repair(self, seq: int, source: Inlet) -> bytes | None:
        """Our packet `seq` once more, unprotected: as RTX for video, as it was for sound.

        None when it is too old, or when it was never sent because the edge was closed.
        """
        wanted = (seq - self.seq_offset) & 0xFFFF
        number = source.newest - ((source.newest - wanted) & 0xFFFF)
        kept = source.history[number % len(source.history)]
        if number < self.first or kept is None or kept[0] != number:
            return None
        packet = kept[1]
        timestamp = (int.from_bytes(packet[4:8], "big") + self.timestamp_offset) & 0xFFFFFFFF
        if self.codec.rtx_payload_type is None:
            # RFC 4588 is not spoken for Opus; libsrtp is allowed to protect the same number again.
            return packet[:2] + _NUMBERS.pack(seq, timestamp, self.ssrc) + packet[12:]
        start = 16 + 4 * (packet[14] << 8 | packet[15])
        self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
        head = bytes((packet[0], packet[1] & 0x80 | self.codec.rtx_payload_type))
        head += _NUMBERS.pack(self._rtx_seq, timestamp, self.rtx_ssrc)
        return head + packet[12:start] + seq.to_bytes(2, "big") + packet[start:]

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
        return rtcp.write_sender_report(self.ssrc, self.cname, ntp, timestamp, packets, octets)


class Tap:
    """The outlet to a sink. A sink that fails is given up: `on_fault` is told once, the call goes on."""

    def __init__(self, sink: TrackSink, meter: Meter, on_fault: Any) -> None:
        self._sink, self._meter, self._on_fault = sink, meter, on_fault
        self.open = True
        self.opened: float = 0
        self._given_up = False

    def take(self, seq: int, timestamp: int, marker: bool, payload: bytes, now: float) -> None:
        self._meter.packets += 1
        self._meter.bytes += len(payload)
        try:
            self._sink.rtp(seq, timestamp, marker, payload, now)
        except Exception as error:
            self._failed(error)

    def report(self, report: rtcp.SenderReport, now: float) -> None:
        try:
            self._sink.sender_report(report.ntp, report.rtp, now)
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

    def _failed(self, error: Exception) -> None:
        log.error("a sink failed and is given up", exc_info=error)
        self.open, self.opened, self._given_up = False, float("inf"), True
        self._on_fault(error)
