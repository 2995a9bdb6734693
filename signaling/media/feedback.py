"""Transport-wide congestion feedback: which packets arrived when, so that a publisher can judge its own line
(draft-holmer-rmcat-transport-wide-cc-extensions-01). Pure: the caller brings the times.
"""

import struct

from signaling.media.rtcp import OWN_SSRC, TRANSPORT_FEEDBACK

# 15 words of status and two bytes of delta for each packet must fit a datagram.
PACKETS_PER_REPORT = 400
_TICK = 0.00025  # a delta counts quarters of a millisecond
_REFERENCE = 0.064  # the reference time counts 64 ms


class TransportFeedback:
    """Collects arrivals of one publisher and writes them up."""

    def __init__(self) -> None:
        self._arrivals: list[tuple[int, float]] = []
        self._base: int | None = None
        self._reports = 0

    def add(self, number: int, now: float) -> None:
        self._arrivals.append((number, now))

    @property
    def pending(self) -> bool:
        return bool(self._arrivals)

    def write(self, media_ssrc: int) -> bytes | None:
        """The feedback for all arrivals since the last call, or None when all of it was reported before."""
        arrivals, self._arrivals = self._arrivals, []
        if not arrivals:
            return None
        if self._base is None:
            self._base = arrivals[0][0]
        times: dict[int, float] = {}
        for number, at in arrivals:
            distance = (number - self._base) & 0xFFFF
            if distance < 0x8000:
                times.setdefault(distance, at)
        if not times:
            return None
        last = max(times)
        if last >= PACKETS_PER_REPORT:
            # A hole this size is an outage; the sender has drawn its conclusion already. Begin again after it.
            start = last - PACKETS_PER_REPORT + 1
            self._base = (self._base + start) & 0xFFFF
            times = {distance - start: at for distance, at in times.items() if distance >= start}
            last -= start
        packet = self._packet(media_ssrc, self._base, last + 1, times)
        self._base = (self._base + last + 1) & 0xFFFF
        self._reports = (self._reports + 1) & 0xFF
        return packet

    def _packet(self, media_ssrc: int, base: int, count: int, times: dict[int, float]) -> bytes:
        reference = int(min(times.values()) / _REFERENCE)
        previous = reference * _REFERENCE
        symbols: list[int] = []
        deltas: list[bytes] = []
        for distance in range(count):
            if (at := times.get(distance)) is None:
                symbols.append(0)
                continue
            ticks = round((at - previous) / _TICK)
            ticks = max(-32768, min(32767, ticks))
            previous += ticks * _TICK
            if 0 <= ticks <= 255:
                symbols.append(1)
                deltas.append(bytes((ticks,)))
            else:
                symbols.append(2)
                deltas.append(struct.pack("!h", ticks))
        chunks = [
            struct.pack("!H", 0xC000 | sum(s << (12 - 2 * i) for i, s in enumerate(symbols[at : at + 7])))
            for at in range(0, count, 7)
        ]
        body = struct.pack("!IIHH", OWN_SSRC, media_ssrc, base, count)
        body += (reference & 0xFFFFFF).to_bytes(3, "big") + bytes((self._reports,)) + b"".join(chunks + deltas)
        first = 0x8F
        if padding := -len(body) % 4:
            body += bytes(padding - 1) + bytes((padding,))
            first |= 0x20
        return struct.pack("!BBH", first, TRANSPORT_FEEDBACK, len(body) // 4) + body
