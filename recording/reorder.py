"""RTP packets in the order they were sent. Rule: a hole stays open as long as a retransmission may still fill it.

No asyncio and no clock: time is an argument. Numbers are unwrapped here, sequence numbers and timestamps both, so that
nobody after this file knows that they wrap.
"""

from collections.abc import Iterator
from typing import NamedTuple

from recording.depacketise import Packet

OPENING_S = 0.05  # the first packets may be swapped on the wire: a reordered first key frame must not be lost
OPENING_PACKETS = 3
OPENING_LIMIT_S = 0.5
JUMP = 3000  # packets; farther than this is another numbering (a new encoder), not a late packet


class Ordered(NamedTuple):
    """A packet whose turn has come, and how many before it were given up as lost."""

    packet: Packet
    lost: int


def unwrap(number: int, near: int, bits: int) -> int:
    """The integer congruent to `number` that is nearest to `near`."""
    half = 1 << bits - 1
    return near + ((number - near + half) & ((1 << bits) - 1)) - half


class Reorder:
    """One stream's window. Call `push` for each packet, then drain `ready(now)`; call `ready` now and then anyway."""

    def __init__(self, hold_s: float) -> None:
        self.hold_s = hold_s
        self.late = 0
        self.jumps = 0
        self._waiting: dict[int, Packet] = {}
        self._next: int | None = None
        self._highest = 0
        self._timestamp: int | None = None
        self._hole_since: float | None = None
        self._opened: float | None = None
        self._jumped = False

    @property
    def opening(self) -> bool:
        """Still collecting the first packets, or the first after a restart."""
        return self._next is None

    @property
    def idle(self) -> bool:
        return not self._waiting

    def waiting(self) -> list[Packet]:
        """What is held, in the order of sending."""
        return [self._waiting[number] for number in sorted(self._waiting)]

    def push(self, seq: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> None:
        if self._opened is None:
            self._opened, self._highest = arrival, seq
        number = unwrap(seq, self._highest, 16)
        if abs(number - self._highest) > JUMP:
            self._jump(number)
        if self._timestamp is None:
            self._timestamp = timestamp
        extended = unwrap(timestamp, self._timestamp, 32)
        if number >= self._highest:
            self._highest, self._timestamp = number, extended
        if (self._next is not None and number < self._next) or number in self._waiting:
            self.late += 1
            return
        self._waiting[number] = Packet(extended, marker, payload, arrival)

    def in_turn(self, seq: int, timestamp: int) -> int | None:
        """The unwrapped timestamp of a packet that is the very next one while nothing is held, as nearly always.

        After None, for any other packet, nothing has happened yet: call `push`.
        """
        number = self._next
        if number is None or self._waiting or self._jumped or seq != number & 0xFFFF:
            return None
        near = self._timestamp
        assert near is not None
        timestamp = near + ((timestamp - near + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        self._highest, self._timestamp = number, timestamp
        self._next = number + 1
        return timestamp

    def ready(self, now: float, *, at_once: bool = False) -> Iterator[Ordered]:
        """Packets whose turn has come. With `at_once` nothing is waited for: the stream ends here."""
        while self._waiting:
            if self._next is None:
                if not at_once and self.still_opening(now):
                    return
                self._next = min(self._waiting)
            packet = self._waiting.pop(self._next, None)
            if packet is not None:
                self._next += 1
                self._hole_since = None
                yield Ordered(packet, self._unknown())
                continue
            oldest = min(self._waiting)
            if self._hole_since is None:
                # the hole was seen when the packet behind it came, which may be earlier than this call
                self._hole_since = min(held.arrival for held in self._waiting.values())
            if not at_once and now - self._hole_since <= self.hold_s:
                return
            lost = oldest - self._next + self._unknown()
            packet = self._waiting.pop(oldest)
            self._next = oldest + 1
            self._hole_since = None
            yield Ordered(packet, lost)

    def restart(self) -> None:
        """Forget the numbering, not the timestamps: what comes next may stand anywhere."""
        self._waiting.clear()
        self._next = None
        self._hole_since = None
        self._opened = None

    def forget(self, packet: Packet) -> None:
        """Take back a packet that may not be kept."""
        for number, held in self._waiting.items():
            if held is packet:
                del self._waiting[number]
                return

    def still_opening(self, now: float) -> bool:
        """Too early to say which packet is the first."""
        assert self._opened is not None
        if not self._waiting:
            return True
        age = now - self._opened
        if age >= OPENING_LIMIT_S:
            return False
        return age < OPENING_S or len(self._waiting) < OPENING_PACKETS

    def _unknown(self) -> int:
        """After a jump nobody can say how many are missing: at least one."""
        jumped, self._jumped = self._jumped, False
        return int(jumped)

    def _jump(self, number: int) -> None:
        self.jumps += 1
        self._jumped = True
        self._waiting.clear()
        self._highest = number
        self._hole_since = None
        if self._next is not None:
            self._next = number
