"""RTP timestamps -> our monotonic clock. Rule: nobody is placed later than he was heard, and time moves in small steps.

Sender reports pair a stream's timestamps with the sender's wall clock, which sound and picture of one device share.
That wall clock may be an hour wrong, so it is mapped to our monotonic clock by the smallest difference (arrival - sent)
of the last reports: the fastest way through the network is the steadiest. Before the first report a stream is
anchored at the arrival of its first packets.

Corrections (drift of a sound card, the first report) are slewed by at most 2 ms a frame, so that no sound is squeezed
audibly. A disagreement of more than 2 s is not drift but a new encoder or a laptop that slept: the stream is anchored
anew. (Measured: 200 ppm over 30 minutes end at the true time to a few milliseconds.)
"""

from collections import deque
from collections.abc import Iterable

from recording.depacketise import Packet
from recording.reorder import unwrap

SLEW_S = 0.002
FUTURE_S = 0.1  # farther ahead of its own arrival than this is not jitter: the anchor was late
REANCHOR_S = 2.0
REPORTS = 16  # some 15 to 80 s of reports
STRANGE_S = 1.0  # a report this late was held up on its way, or the sender set its clock
STRANGE_TIMES = 3
NTP_FRACTION = 1 << 32


class Sync:
    """One stream's place on the monotonic clock of this process."""

    def __init__(self, clock_rate: int) -> None:
        self.reanchors = 0
        self._rate = clock_rate
        self._anchor: tuple[int, float] | None = None
        self._report: tuple[float, int] | None = None
        self._offsets: deque[float] = deque(maxlen=REPORTS)
        self._least = 0.0  # of the offsets
        self._strange = 0

    def sender_report(self, ntp: int, rtp: int, arrival: float) -> None:
        """`ntp` is the 64-bit time of the report as sent (RFC 3550, 6.4.1), `rtp` its 32-bit twin."""
        sent = ntp / NTP_FRACTION
        offset = arrival - sent
        if self._offsets:
            least = self._least
            if offset - least > STRANGE_S:
                self._strange += 1
                if self._strange < STRANGE_TIMES:
                    return
                self._offsets.clear()
            elif least - offset > STRANGE_S:
                self._offsets.clear()
        self._strange = 0
        self._offsets.append(offset)
        self._least = min(self._offsets)
        self._report = (sent, rtp)

    def begin(self, packets: Iterable[Packet]) -> None:
        """Anchor at the fastest of the first packets; later calls change nothing."""
        held = list(packets)
        if self._anchor is None and held:
            first = held[0].timestamp
            self._anchor = (first, min(p.arrival - (p.timestamp - first) / self._rate for p in held))

    def expected(self, timestamp: int) -> float | None:
        """Where `timestamp` would lie by what is known so far; None before the first packet."""
        if self._anchor is None:
            return None
        return self._anchor[1] + (timestamp - self._anchor[0]) / self._rate

    def place(self, timestamp: int, arrival: float) -> float:
        """The monotonic time at which the frame with `timestamp` was made, as exactly as is known now."""
        at = self.expected(timestamp)
        by_report = self._by_report(timestamp)
        if at is not None and abs(at - arrival) > REANCHOR_S:
            self.reanchors += 1
            at = None
            if by_report is not None and abs(by_report - arrival) > REANCHOR_S:
                self._report = by_report = None  # the report belongs to the old timestamps
        if at is None:
            at = arrival if by_report is None else min(by_report, arrival)
        elif at - arrival > FUTURE_S:
            at = arrival
        else:
            wanted = min(at, arrival) if by_report is None else by_report
            at += max(-SLEW_S, min(SLEW_S, wanted - at))
        self._anchor = (timestamp, at)
        return at

    def _by_report(self, timestamp: int) -> float | None:
        if self._report is None:
            return None
        sent, rtp = self._report
        return sent + (timestamp - unwrap(rtp, timestamp, 32)) / self._rate + self._least
