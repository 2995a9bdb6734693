"""A subscriber's end of the wire for tests of sources and outlets: a real socket, real SRTP, no handshake."""

import socket
import struct
from dataclasses import dataclass

from pylibsrtp import Policy, Session

from signaling.media.batch import stable_address
from signaling.media.fanout import FanOut
from signaling.media.outlet import Meter, Outlet
from signaling.media.payload import Codec
from signaling.media.source import Source

KEY = bytes(range(30))


@dataclass(frozen=True)
class Arrived:
    seq: int
    timestamp: int
    ssrc: int
    payload_type: int
    marker: bool
    payload: bytes


class Wire:
    def __init__(self, slots: int = 8, host: str = "127.0.0.1") -> None:
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self._sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.batch = FanOut(slots, 16, self._sending.fileno())
        self._tx = Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_OUTBOUND))
        self._rx = Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_INBOUND))
        self._host = host
        self._addresses: list[object] = []

    def outlet(self, codec: Codec, beside: Outlet | None = None) -> Outlet:
        """To a listener of its own, or to the one that has `beside`."""
        address = beside.address if beside is not None else self._listener()
        return Outlet("source", codec, "seat", Meter(), self._tx._srtp[0], address)

    def _listener(self) -> int:
        memory, view, pointer = stable_address(16)
        self._addresses.append(memory)
        port = struct.pack("!H", self._listening.getsockname()[1])
        view[0:16] = struct.pack("=H", socket.AF_INET) + port + socket.inet_aton(self._host) + bytes(8)
        return pointer

    def arrived(self) -> list[Arrived]:
        """Everything sent since the last call, as the subscriber decrypts it."""
        self.batch.flush()
        found = []
        while True:
            try:
                data = self._rx.unprotect(self._listening.recv(4096))
            except BlockingIOError:
                return found
            found.append(self.opened(data))

    @staticmethod
    def opened(data: bytes) -> Arrived:
        seq, timestamp, ssrc = struct.unpack_from("!HII", data, 2)
        (words,) = struct.unpack_from("!H", data, 14)
        payload = data[16 + 4 * words :]
        return Arrived(seq, timestamp, ssrc, data[1] & 127, bool(data[1] & 128), payload)

    def close(self) -> None:
        self._listening.close()
        self._sending.close()


class Feed:
    """The publisher's end: keeps the RTCP it is sent."""

    round_trip = 0.0

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send_rtcp(self, data: bytes) -> None:
        self.sent.append(data)


def packet(payload_type: int, payload: bytes, *, marker: bool = False, padding: bool = False) -> bytes:
    """The twelve bytes before the payload hold only what a source reads of them."""
    return bytes((0x80 | 0x20 * padding, payload_type | 0x80 * marker)) + bytes(10) + payload


def give(
    source: Source, wire: Wire, seq: int, payload: bytes, *, timestamp: int = 0, now: float = 0.0, repair: bool = False
) -> None:
    """Let one packet arrive at `source`, in its own stream or as a repair."""
    if repair:
        assert source.rtx_payload_type is not None
        data = packet(source.rtx_payload_type, seq.to_bytes(2, "big") + payload)
        source.take(data, 12, 1, timestamp, -1, -1, now, wire.batch)
    else:
        source.take(packet(source.payload_type, payload), 12, seq, timestamp, -1, -1, now, wire.batch)
