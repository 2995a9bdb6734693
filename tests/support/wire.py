"""What really travels: the RTP packets on this machine's loopback, with the kernel's own times.

Rule: neither the product's counters nor the browser's are asked. Root is needed (AF_PACKET); only headers are kept.
"""

import socket
import struct
import threading
from dataclasses import dataclass, field

ETH_P_ALL = 3
PACKET_HOST = 0  # arriving here, as everything on loopback does; each packet counts once
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
RECEIVE_BUFFER = 16 << 20
HEAD = 96  # IP, UDP and the fixed part of RTP
IPV6_HEAD = 40


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet: unix seconds, UDP ports, SSRC, sequence number, length of the datagram, payload type."""

    at: float
    source: int
    target: int
    ssrc: int
    number: int
    length: int
    payload_type: int


@dataclass
class Wire:
    """`with Wire() as wire:` collects until the end. `others` counts datagrams that are not RTP by target port."""

    packets: list[Packet] = field(default_factory=list)
    others: dict[int, int] = field(default_factory=dict)

    def __enter__(self) -> "Wire":
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind(("lo", ETH_P_ALL))
        self._socket.settimeout(0.2)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wire")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._socket.close()

    def to(
        self, port: int, *, after: float = 0.0, before: float = float("inf"), ssrc: int | None = None
    ) -> list[Packet]:
        """What reached this port between two moments."""
        return [
            one
            for one in list(self.packets)
            if one.target == port and after <= one.at < before and ssrc in (None, one.ssrc)
        ]

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                head, ancillary, _, address = self._socket.recvmsg(HEAD, 64, socket.MSG_TRUNC)
            except TimeoutError:
                continue
            if address[2] != PACKET_HOST or (at := udp_at(head)) is None or len(head) < at + 20:
                continue
            source, target, length = struct.unpack_from("!HHH", head, at)
            first, second, number, _, ssrc = struct.unpack_from("!BBHII", head, at + 8)
            if not 128 <= first <= 191 or 192 <= second <= 223:  # RFC 7983; RTCP by RFC 5761
                self.others[target] = self.others.get(target, 0) + 1
                continue
            seconds, nanoseconds = struct.unpack("@ll", ancillary[0][2][:16])
            at_s = seconds + nanoseconds / 1e9
            self.packets.append(Packet(at_s, source, target, ssrc, number, length - 8, second & 0x7F))


def udp_at(head: bytes) -> int | None:
    """Where the UDP header begins, in an IPv4 or IPv6 packet; None when it is something else."""
    if head[:1] and head[0] >> 4 == 6:
        return IPV6_HEAD if head[6] == socket.IPPROTO_UDP else None
    return (head[0] & 15) * 4 if len(head) > 20 and head[9] == socket.IPPROTO_UDP else None


def longest_pause(times: list[float], begin: float, end: float) -> float:
    """The longest stretch without a packet between two moments, in seconds, their edges included."""
    inside = [begin, *sorted(at for at in times if begin <= at <= end), end]
    return max(later - earlier for earlier, later in zip(inside, inside[1:], strict=False))
