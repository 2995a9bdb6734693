"""One connection of a browser: ICE-lite, DTLS and SRTP on the common socket. What flows in it is for the two kinds of
peer, `publisher` and `subscriber`, to say.
"""

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hearing.errors import Malformed
from signaling.control import News
from signaling.media.batch import stable_address
from signaling.media.description import Transport
from signaling.media.dtls import Certificate, Dtls, protect_rtcp, srtp_ffi, unprotect_rtcp, unprotect_rtp
from signaling.media.icelite import CONSENT_TIMEOUT, Agent
from signaling.media.mux import Mux

SETUP_TIMEOUT = 30.0
"""Seconds from a description to the finished handshake; who asks for connections and never uses them loses them."""

LONGEST_ROUND_TRIP = 2.0
"""Seconds; what a peer says beyond it is not believed, because repairs wait by it."""

STREAMS_LIMIT = 64
"""Numbers (SSRC) one connection may use; browsers need two a source. libsrtp keeps and searches every one."""

_length = srtp_ffi.new("int *")
_number = struct.Struct("!I").unpack_from


@dataclass(frozen=True, kw_only=True, slots=True)
class Plane:
    """What every peer of the process shares. `connected`, `lost(peer, reason)` and `tell` tell the node."""

    mux: Mux
    certificate: Certificate
    addresses: Callable[[], list[str]]
    connected: Callable[["Peer"], None]
    lost: Callable[["Peer", str], None]
    tell: Callable[[News], None]


class Peer:
    direction = ""

    def __init__(self, plane: Plane, peer: str, room: str, seat: str, now: float) -> None:
        self.plane, self.peer, self.room, self.seat = plane, peer, room, seat
        self.agent = Agent(plane.mux.ice, self, now)
        self.dtls = Dtls(plane.certificate, self._send_handshake, self._dtls_connected, self._dtls_closed)
        self.connected = False
        self.closed = False
        self._ssrcs: set[int] = set()
        self.described = now
        self._memory, self._address, self.address_pointer = stable_address(plane.mux.address_size)
        self._fingerprints: tuple[tuple[str, str], ...] | None = None
        self.session = secrets.randbits(40)
        self.version = 0
        self.round_trip = 0.0

    def learn_round_trip(self, seconds: float) -> None:
        """One measurement. `round_trip` follows the middle of them; 0 means that nothing is known yet."""
        seconds = min(seconds, LONGEST_ROUND_TRIP)
        known = self.round_trip
        self.round_trip = known + (seconds - known) / 4 if known else seconds

    # -- transport -------------------------------------------------------------------------------------------------

    def transport(self) -> Transport:
        return Transport(
            ufrag=self.agent.ufrag,
            password=self.agent.password,
            fingerprint=self.plane.certificate.fingerprint,
            port=self.plane.mux.port,
            addresses=self.plane.addresses(),
        )

    def trust(self, fingerprints: tuple[tuple[str, str], ...], now: float) -> None:
        """Shake hands with the owner of these fingerprints only. They stay for the life of the connection."""
        self.described = now
        if self._fingerprints is not None and self._fingerprints != fingerprints:
            raise Malformed("the DTLS fingerprint has changed; that needs a new connection")
        self._fingerprints = fingerprints
        self._begin()

    def address_chosen(self, address: bytes) -> None:
        self._address[0 : len(address)] = address
        self._begin()

    def _begin(self) -> None:
        if self._fingerprints is not None and self.agent.chosen is not None and not self.dtls.started:
            self.dtls.start(self._fingerprints)

    def _send_handshake(self, data: bytes) -> None:
        if self.agent.chosen is not None:
            self.plane.mux.send_plain(data, self.agent.chosen)

    def _dtls_connected(self) -> None:
        self.connected = True
        self.ready()
        self.plane.connected(self)

    def _dtls_closed(self, reason: str) -> None:
        self.connected = False
        self.plane.lost(self, reason)

    def take_dtls(self, data: bytes) -> str | None:
        return self.dtls.take(data)

    def take_srtp(self, pointer: Any, length: int, control: bool, now: float) -> str | None:
        session = self.dtls.receiving
        if session is None:
            return "early"
        size = _length
        size[0] = length
        (ssrc,) = _number(srtp_ffi.buffer(pointer, 12), 4 if control else 8)
        known = self._ssrcs
        if ssrc not in known and len(known) >= STREAMS_LIMIT:
            return "streams"
        if control:
            if unprotect_rtcp(session, pointer, size):
                return "srtcp"
            known.add(ssrc)
            self.take_rtcp(srtp_ffi.unpack(pointer, size[0]), now)
            return None
        if unprotect_rtp(session, pointer, size):
            return "srtp"
        known.add(ssrc)
        return self.take_rtp(srtp_ffi.unpack(pointer, size[0]), now)

    def send_rtcp(self, data: bytes) -> None:
        if self.dtls.sending is not None:
            batch = self.plane.mux.outgoing
            batch.protected(data, protect_rtcp, self.dtls.sending, self.address_pointer)
            self.plane.mux.flush_soon()

    def expired(self, now: float) -> str | None:
        """Why this peer should be given up now, if it should."""
        if self.connected:
            return "consent" if now - self.agent.heard > CONSENT_TIMEOUT else None
        return "idle" if now - self.described > SETUP_TIMEOUT else None

    async def close(self) -> None:
        self.closed = True
        self.connected = False
        self.agent.close()
        await self.dtls.close()

    # -- for the two kinds -----------------------------------------------------------------------------------------

    def ready(self) -> None:
        """The handshake is done."""

    def take_rtp(self, data: bytes, now: float) -> str | None:
        return "unasked"

    def take_rtcp(self, data: bytes, now: float) -> None:
        raise NotImplementedError
