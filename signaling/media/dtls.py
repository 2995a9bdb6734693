"""DTLS by aiortc, on our own socket, and libsrtp through pylibsrtp's binding.

This is the only module that touches private names of the two libraries; their versions are pinned exactly, and
`self_test` refuses to start the process when a name has moved.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiortc
import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from pylibsrtp import _binding

from hearing import tasks

log = logging.getLogger(__name__)

try:
    srtp_ffi: Any = _binding.ffi
    protect_rtp: Callable[[Any, Any, Any], int] = _binding.lib.srtp_protect
    protect_rtcp: Callable[[Any, Any, Any], int] = _binding.lib.srtp_protect_rtcp
    unprotect_rtp: Callable[[Any, Any, Any], int] = _binding.lib.srtp_unprotect
    unprotect_rtcp: Callable[[Any, Any, Any], int] = _binding.lib.srtp_unprotect_rtcp
except AttributeError as error:
    raise ImportError(f"pylibsrtp {pylibsrtp.__version__} has moved a name this server needs: {error}") from error

HANDSHAKE_BACKLOG = 32
"""Datagrams waiting for the handshake; more come from somebody who is not shaking hands."""


_ALERT, _HANDSHAKE, _CLIENT_HELLO = 21, 22, b"\x01"


class NameMoved(Exception):
    """A private name of aiortc or pylibsrtp is not where it was. The pinned versions are known to work."""


class Certificate:
    """One for the whole process: the fingerprint in every description is the same."""

    def __init__(self) -> None:
        self._certificate = RTCCertificate.generateCertificate()
        self.fingerprint = next(one.value for one in self._certificate.getFingerprints() if one.algorithm == "sha-256")

    def transport(self, ice: "_Ice") -> RTCDtlsTransport:
        return RTCDtlsTransport(ice, [self._certificate])  # type: ignore[arg-type]


class _Ice:
    """What RTCDtlsTransport needs of an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_datagram = send
        self.inbox: asyncio.Queue[bytes | None] = asyncio.Queue(HANDSHAKE_BACKLOG)

    async def _recv(self) -> bytes:
        data = await self.inbox.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self._send_datagram(data)


class Dtls:
    """One handshake and the two SRTP sessions it gives. `on_connected` and `on_closed(reason)` come at most once."""

    def __init__(
        self,
        certificate: Certificate,
        send: Callable[[bytes], None],
        on_connected: Callable[[], None],
        on_closed: Callable[[str], None],
    ) -> None:
        self._ice = _Ice(send)
        self._transport = certificate.transport(self._ice)
        self._transport._set_role("server")
        self._on_connected, self._on_closed = on_connected, on_closed
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sessions: tuple[Any, Any] | None = None
        self._fingerprints: tuple[tuple[str, str], ...] | None = None
        self._closed = False
        self.receiving: Any = None
        self.sending: Any = None

    @property
    def started(self) -> bool:
        return self._fingerprints is not None

    def start(self, fingerprints: tuple[tuple[str, str], ...]) -> None:
        """Shake hands with whoever owns one of `fingerprints`."""
        self._fingerprints = fingerprints
        tasks.spawn(self._run(fingerprints), name="dtls", owner=self._tasks)

    def take(self, data: bytes) -> str | None:
        """One DTLS datagram from a proven address; the reason when it is refused.

        After the handshake the other side says nothing in the clear but its last flight, when ours was lost.
        """
        if self._sessions is not None and _is_plain_hello_or_alert(data):
            return "dtls"
        try:
            self._ice.inbox.put_nowait(data)
        except asyncio.QueueFull:
            return "dtls-backlog"
        return None

    async def _run(self, fingerprints: tuple[tuple[str, str], ...]) -> None:
        parameters = RTCDtlsParameters(
            fingerprints=[RTCDtlsFingerprint(algorithm=algorithm, value=value) for algorithm, value in fingerprints],
            role="client",
        )
        await self._transport.start(parameters)
        if self._closed:
            return
        if self._transport.state != "connected":
            self._finish("dtls")
            return
        sessions = (self._transport._rx_srtp, self._transport._tx_srtp)
        # cffi frees a session nobody refers to; and without one, no RTP can take the library's own slow path.
        self._sessions = sessions
        self._transport._rx_srtp = None  # type: ignore[assignment]
        self.receiving, self.sending = sessions[0]._srtp[0], sessions[1]._srtp[0]
        self._transport.on("statechange", self._state_changed)
        self._on_connected()

    def _state_changed(self) -> None:
        if self._transport.state in ("closed", "failed"):
            self._finish("left")

    def _finish(self, reason: str) -> None:
        if not self._closed:
            self._closed = True
            self.receiving = self.sending = None
            self._on_closed(reason)

    async def close(self) -> None:
        """Say goodbye to the peer and stop."""
        self._closed = True
        self.receiving = self.sending = None
        if self.started:
            await self._transport.stop()
        while not self._ice.inbox.empty():
            self._ice.inbox.get_nowait()
        self._ice.inbox.put_nowait(None)
        await tasks.stop(self._tasks)
        self._sessions = None


def _is_plain_hello_or_alert(data: bytes) -> bool:
    """RFC 6347 4.1: content type, version, epoch; epoch 0 is in the clear."""
    if data[3:5] != b"\0\0":
        return False
    return data[0] == _ALERT or (data[0] == _HANDSHAKE and data[13:14] == _CLIENT_HELLO)


async def self_test() -> None:
    """Two of our transports shake hands in memory, and a packet goes through SRTP in place, or `NameMoved` says why."""
    versions = f"aiortc {aiortc.__version__}, pylibsrtp {pylibsrtp.__version__}"
    certificate = Certificate()
    ends: list[_Ice] = [
        _Ice(lambda data: ends[1].inbox.put_nowait(data)),
        _Ice(lambda data: ends[0].inbox.put_nowait(data)),
    ]
    transports = [certificate.transport(end) for end in ends]
    try:
        transports[0]._set_role("server")
        transports[1]._set_role("client")
        parameters = transports[0].getLocalParameters()
        await asyncio.wait_for(asyncio.gather(*(one.start(parameters) for one in transports)), 10)
        if [one.state for one in transports] != ["connected"] * 2:
            raise NameMoved(f"{versions}: the DTLS handshake in memory ended as {[one.state for one in transports]}")
        sending, receiving = transports[0]._tx_srtp, transports[1]._rx_srtp
        packet = bytes((0x80, 111, 0, 1)) + bytes(8) + b"self-test"
        buffer = srtp_ffi.new("char[]", 2048)
        view = srtp_ffi.buffer(buffer)
        view[0 : len(packet)] = packet
        length = srtp_ffi.new("int *", len(packet))
        if protect_rtp(sending._srtp[0], buffer, length) or view[0 : len(packet)] == packet:
            raise NameMoved(f"{versions}: srtp_protect does not work in place any more")
        if unprotect_rtp(receiving._srtp[0], buffer, length) or view[0 : length[0]] != packet:
            raise NameMoved(f"{versions}: srtp_unprotect does not give back the packet any more")
    except (AttributeError, TypeError) as error:
        raise NameMoved(f"{versions}: a private name this server needs has moved: {error}") from error
    finally:
        for one in transports:
            await one.stop()
