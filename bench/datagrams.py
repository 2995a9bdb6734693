"""Thirteen kinds of hostile datagrams, made beforehand; sending them costs nearly nothing.

`STRANGER` kinds come from addresses nobody knows, `FORGED` kinds carry the address of somebody in the call (as one on
the same network can), `INSIDER` kinds come from a real connection, properly encrypted.
"""

import contextlib
import secrets
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from aioice import stun
from OpenSSL import SSL

VARIANTS = 64
"""Different datagrams made of each kind."""

STRANGER = {
    "empty": "empty",
    "short": "short",
    "stun-bare": "stun",
    "stun-length": "stun",
    "stun-attribute": "stun",
    "stun-name": "stun",
    "stun-family": "stun",
    "hello": "stranger",
    "srtp": "stranger",
}
"""Kind -> the reason under which the server counts it."""

FORGED = {"forged-dtls": "dtls", "forged-srtp": "srtp"}
INSIDER = {"rtcp": "", "nack": ""}
"""Not refused: these are real RTCP. What is too much of it is counted as `reports` and `repairs`."""

KINDS = (*STRANGER, *FORGED, *INSIDER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """Where to: the server's address, the ICE credentials a participant knows, and the address of who is to suffer."""

    server: tuple[str, int]
    ufrag: str
    password: str
    victim: tuple[str, int]


def client_hello() -> bytes:
    """A real one, as OpenSSL writes it."""
    engine = SSL.Connection(SSL.Context(SSL.DTLS_METHOD))
    engine.set_connect_state()
    with contextlib.suppress(SSL.WantReadError):
        engine.do_handshake()
    return engine.bio_read(4096)


def binding(user: bytes, *attributes: tuple[int, bytes]) -> bytes:
    """A binding request without integrity."""
    body = b""
    for kind, value in ((0x0006, user), (0x0024, bytes(4)), *attributes):
        body += struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
    return struct.pack("!HHI", 1, len(body), stun.COOKIE) + secrets.token_bytes(12) + body


def make(kind: str, aim: Aim) -> list[bytes]:
    """Variants of one of the `STRANGER` and `FORGED` kinds."""
    return [MAKERS[kind](aim) for _ in range(VARIANTS)]


def _user(aim: Aim) -> bytes:
    return f"{aim.ufrag}:far".encode()


def _stun_length(aim: Aim) -> bytes:
    whole = binding(_user(aim))
    return whole[:2] + struct.pack("!H", secrets.choice((0, 1, len(whole), 4000, 65535))) + whole[4:]


def _stun_attribute(aim: Aim) -> bytes:
    """An attribute that claims more than is there; or hundreds of empty ones before the name."""
    if secrets.randbelow(2):
        body = struct.pack("!HH", 0x0006, len(_user(aim))) + _user(aim) + bytes(-len(_user(aim)) % 4)
        body += b"\x80\x22\xff\xff" + secrets.token_bytes(8)
        return struct.pack("!HHI", 1, len(body), stun.COOKIE) + secrets.token_bytes(12) + body
    body = b"\x80\x99\x00\x00" * secrets.choice((100, 340))
    return struct.pack("!HHI", 1, len(body), stun.COOKIE) + secrets.token_bytes(12) + body


def _dtls(aim: Aim) -> bytes:
    """After the handshake: hellos, fatal alerts and goodbyes in the clear."""
    alert = b"\x15\xfe\xfd" + bytes(6) + secrets.token_bytes(2) + b"\x00\x02"
    return secrets.choice((client_hello(), client_hello()[:40], alert + b"\x02\x28", alert + b"\x01\x00"))


def _srtp(aim: Aim) -> bytes:
    return b"\x80" + secrets.choice((b"\x6f", b"\xe0", b"\xc8")) + secrets.token_bytes(secrets.choice((12, 90, 1100)))


def _stun_name(aim: Aim) -> bytes:
    return binding(secrets.choice((b"\xff\xfe" + secrets.token_bytes(6), aim.ufrag.encode())) + b":\xc3")


def _stun_family(aim: Aim) -> bytes:
    return binding(_user(aim), (0x0020, b"\x00\x09" + secrets.token_bytes(18)), (0x0008, bytes(20)))


def _hello(aim: Aim) -> bytes:
    return secrets.choice((client_hello(), client_hello()[:40], b"\x15\xfe\xfd" + bytes(8) + b"\0\2\2\x28"))


def _forged_srtp(aim: Aim) -> bytes:
    return b"\x80" + secrets.choice((b"\x6f", b"\xe0")) + secrets.token_bytes(90)


MAKERS: dict[str, Callable[[Aim], bytes]] = {
    "empty": lambda aim: b"",
    "short": lambda aim: secrets.token_bytes(1 + secrets.randbelow(12)),
    "stun-bare": lambda aim: binding(_user(aim)),
    "stun-length": _stun_length,
    "stun-attribute": _stun_attribute,
    "stun-name": _stun_name,
    "stun-family": _stun_family,
    "hello": _hello,
    "srtp": _srtp,
    "forged-dtls": _dtls,
    "forged-srtp": _forged_srtp,
}


def pour(aim: Aim, kinds: list[str], rate: float, seconds: float, counts: Connection) -> None:
    """In a process of its own: `rate` datagrams a second in all, the kinds by turns; what was sent goes to `counts`."""
    thrower = Thrower(aim, kinds)
    counts.send("ready")
    counts.recv()
    began = time.monotonic()
    thrown = 0
    while (elapsed := time.monotonic() - began) < seconds:
        while thrown < elapsed * rate:
            thrower.throw(kinds[thrown % len(kinds)])
            thrown += 1
        time.sleep(0.001)
    counts.send(thrower.sent)
    thrower.close()


class Thrower:
    """Sends kinds by turns. `throw` sends one datagram and says whether the kernel took it."""

    def __init__(self, aim: Aim, kinds: list[str]) -> None:
        self._stock = {kind: make(kind, aim) for kind in kinds}
        self._aim = aim
        self._forging = {kind for kind in kinds if kind in FORGED}
        self._sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
        self._raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) if self._forging else None
        self.sent = dict.fromkeys(kinds, 0)

    def throw(self, kind: str) -> bool:
        count = self.sent[kind]
        data = self._stock[kind][count % VARIANTS]
        try:
            if kind in self._forging and self._raw is not None:
                self._raw.sendto(self._packet(data), (self._aim.server[0], 0))
            else:
                self._sockets[count % len(self._sockets)].sendto(data, self._aim.server)
        except OSError:
            return False
        self.sent[kind] = count + 1
        return True

    def _packet(self, data: bytes) -> bytes:
        """An IPv4 packet from the victim's address."""
        (host, port), (server, server_port) = self._aim.victim, self._aim.server
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(data), 0, 0, 64, socket.IPPROTO_UDP, 0,
                           socket.inet_aton(host), socket.inet_aton(server))  # fmt: skip
        return head + struct.pack("!HHHH", port, server_port, 8 + len(data), 0) + data

    def close(self) -> None:
        for one in (*self._sockets, self._raw):
            if one is not None:
                one.close()
