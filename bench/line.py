"""The load of the forwarding measurement: raw connections that send packets made beforehand and count what arrives.

ICE by aioice and the handshake by aiortc; from then on nothing but sendto, libsrtp and counting, so that the load
costs little beside the server under test.
"""

import asyncio
import heapq
import os
import secrets
import socket
import struct
import threading
import time
from typing import Any

from aioice import Candidate, Connection
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from bench.counting import Arrivals
from bench.packets import SILENT_FRAMES, STAMP, Feed

CODECS = ("opus/48000/2", "VP8/90000")
RECEIVE_BUFFER = 4 << 20
CERTIFICATE = RTCCertificate.generateCertificate()
CONNECTS_WITHIN_S = 20.0


class Line:
    """One connection to the server under test. Of what it receives every `sample`th packet is opened."""

    def __init__(self, controlling: bool, stamped: bool = True, sample: int = 1) -> None:
        self.ice = Connection(ice_controlling=controlling, use_ipv6=False)
        self.dtls = RTCDtlsTransport(self, [CERTIFICATE])  # type: ignore[arg-type]
        self.role = "controlling" if controlling else "controlled"
        self.sending: Any = None
        self._stamped, self._sample = stamped, sample
        self.arrivals = Arrivals(None, sample, stamped)

    async def _recv(self) -> bytes:
        return await self.ice.recv()

    async def _send(self, data: bytes) -> None:
        await self.ice.send(data)

    def transport(self, setup: str) -> str:
        fingerprint = next(one for one in CERTIFICATE.getFingerprints() if one.algorithm == "sha-256")
        return (
            f"c=IN IP4 0.0.0.0\r\na=ice-ufrag:{self.ice.local_username}\r\na=ice-pwd:{self.ice.local_password}\r\n"
            f"a=fingerprint:sha-256 {fingerprint.value}\r\na=setup:{setup}\r\na=rtcp-mux\r\n"
        )

    def candidates(self) -> str:
        return "".join(f"a=candidate:{one.to_sdp()}\r\n" for one in self.ice.local_candidates) + (
            "a=end-of-candidates\r\n"
        )

    async def offer(self, feeds: list[Feed]) -> str:
        await self.ice.gather_candidates()
        text = head(["0", "1"])
        for mid, (kind, codec, feed) in enumerate(zip(("audio", "video"), CODECS, feeds, strict=True)):
            number = feed.payload_type
            text += f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}\r\n{self.transport('actpass')}{self.candidates()}"
            text += f"a=mid:{mid}\r\na=sendonly\r\na=rtpmap:{number} {codec}\r\na=ssrc:{feed.ssrc} cname:load\r\n"
            text += f"a=msid:load load-{mid}\r\n"
            if kind == "video":
                text += f"a=rtcp-fb:{number} nack pli\r\n"
        return text

    async def answer(self, offer: str) -> str:
        """Accept every m-line of `offer` for receiving."""
        await self.ice.gather_candidates()
        lines = sections(offer)
        text = head([attribute(one, "mid") for one in lines])
        for place, one in enumerate(lines):
            kind, number = one[0].split()[0][2:], one[0].split()[3]
            text += f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}\r\n{self.transport('active')}"
            text += self.candidates() if place == 0 else ""
            active = "a=inactive" not in one
            text += f"a=mid:{attribute(one, 'mid')}\r\na={'recvonly' if active else 'inactive'}\r\n"
            text += next(x for x in one if x.startswith(f"a=rtpmap:{number} ")) + "\r\n"
            if kind == "video":
                text += f"a=rtcp-fb:{number} nack pli\r\n"
        return text

    async def connect(self, remote: str, server: bool) -> None:
        """Use the other side's description; `server` when we are passive in DTLS."""
        lines = remote.replace("\r", "").split("\n")
        self.ice.remote_is_lite = "a=ice-lite" in lines
        if self.ice.remote_is_lite:
            self.ice.ice_controlling = True
        self.ice.remote_username = attribute(lines, "ice-ufrag")
        self.ice.remote_password = attribute(lines, "ice-pwd")
        for text in dict.fromkeys(x[12:] for x in lines if x.startswith("a=candidate:")):
            candidate = Candidate.from_sdp(text)
            if candidate.transport.lower() == "udp" and ":" not in candidate.host:
                await self.ice.add_remote_candidate(candidate)
        await self.ice.add_remote_candidate(None)
        prints = {tuple(x[14:].split()) for x in lines if x.startswith("a=fingerprint:")}
        self.dtls._set_role("server" if server else "client")
        # A server may have died meanwhile (Janus has), and aioice waits for it without end.
        async with asyncio.timeout(CONNECTS_WITHIN_S):
            await self.ice.connect()
            await self.dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(a.lower(), v) for a, v in prints]))
        assert self.dtls.state == "connected", self.dtls.state
        # cffi frees a session nobody refers to; and without one, no RTP takes the library's own slow path.
        self.sending, self._receiving = self.dtls._tx_srtp, self.dtls._rx_srtp
        self.dtls._rx_srtp = None  # type: ignore[assignment]
        pair = self.ice._nominated[1]
        self._remote = pair.remote_addr
        self._socket = socket.socket(fileno=os.dup(_descriptor(pair.protocol)))
        self.arrivals = Arrivals(self._receiving._srtp[0], self._sample, self._stamped)
        # asyncio's own way of reading costs a call for each datagram; the loop refuses in public what it does here.
        loop: Any = asyncio.get_running_loop()
        for protocol in self.ice._protocols:  # what the server chooses to send to need not be what we send from
            descriptor = _descriptor(protocol)
            loop._remove_reader(descriptor)
            loop._add_reader(descriptor, self.arrivals.read, descriptor, protocol.datagram_received)

    def send(self, data: bytes) -> None:
        self._socket.sendto(self.sending.protect(data), self._remote)

    def report(self) -> None:
        """A receiver report, as a browser sends each second."""
        highest = {stream: numbers[-1] for stream, numbers in self.arrivals.numbers.items() if numbers}
        blocks = b"".join(struct.pack("!IIIIII", s, 0, q, 0, 0, 0) for s, q in list(highest.items())[:31])
        packet = struct.pack("!BBHI", 0x80 | len(blocks) // 24, 201, 1 + len(blocks) // 4, 77) + blocks
        if highest:
            self._socket.sendto(self.sending.protect_rtcp(packet), self._remote)

    async def close(self) -> None:
        await self.dtls.stop()
        await self.ice.close()
        if hasattr(self, "_socket"):
            self._socket.close()


class Sender(threading.Thread):
    """Sends every feed at its own pace, packet by packet, each on its own moment."""

    at_least = 0.0
    """Seconds it sleeps when nothing is due; what falls due meanwhile goes together, late by as much."""

    def __init__(self, feeds: list[tuple[Line, Feed]], stamped: bool) -> None:
        super().__init__(daemon=True)
        self._feeds, self._stamped = feeds, stamped
        self._ended = threading.Event()

    def run(self) -> None:
        start = time.monotonic()
        due = [
            (start + secrets.randbelow(1000) / 1000 * feed.interval, place, line, feed)
            for place, (line, feed) in enumerate(self._feeds)
        ]
        heapq.heapify(due)
        while not self._ended.is_set():
            at, place, line, feed = due[0]
            if (wait := at - time.monotonic()) > 0:
                time.sleep(max(wait, self.at_least))
            heapq.heapreplace(due, (at + feed.interval, place, line, feed))
            self._send(line, feed)

    def _send(self, line: Line, feed: Feed) -> None:
        count = len(feed.sent)
        packet = feed.packets[count % len(feed.packets)]
        feed.timestamp = (feed.timestamp + packet.timestamp_step) & 0xFFFFFFFF
        second = feed.payload_type | (0x80 if packet.marker else 0)
        header = struct.pack("!BBHII", 0x80, second, count & 0xFFFF, feed.timestamp, feed.ssrc)
        now = time.monotonic_ns()
        payload = packet.payload
        if self._stamped:
            stamp = STAMP.pack(feed.number << 24 | count, now)
            # In video the stamp replaces zeros at the end of a frame, or picture data nobody decodes here.
            payload = payload[: -STAMP.size] + stamp if feed.number & 1 else payload + stamp
        elif not feed.number & 1 and count % len(feed.packets) == SILENT_FRAMES:
            feed.onsets.append(now)
        feed.sent.append(now)
        line.send(header + payload)

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _descriptor(protocol: Any) -> int:
    """The socket of an aioice protocol, with room for what comes while we are busy."""
    handle = protocol.transport.get_extra_info("socket")
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return int(handle.fileno())


def head(mids: list[str]) -> str:
    return (
        f"v=0\r\no=- {secrets.randbits(40)} 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
        f"a=group:BUNDLE {' '.join(mids)}\r\na=msid-semantic:WMS *\r\n"
    )


def sections(text: str) -> list[list[str]]:
    found: list[list[str]] = []
    for line in text.replace("\r", "").split("\n"):
        if line.startswith("m="):
            found.append([])
        if found:
            found[-1].append(line)
    return found


def attribute(lines: list[str], name: str, separator: str = ":") -> str:
    prefix = f"a={name}{separator}"
    return next(line[len(prefix) :] for line in lines if line.startswith(prefix))
