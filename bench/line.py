"""The load of the forwarding measurement: raw connections that send packets made beforehand and count what arrives.

ICE by aioice and the handshake by aiortc; from then on nothing but sendto, libsrtp and counting, so that the load
costs little beside the server under test. Every packet carries a stamp: its number and the time it was sent.
"""

import heapq
import os
import secrets
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aioice import Candidate, Connection
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

STAMP = struct.Struct("!IQ")
VIDEO_PAYLOAD = 1113
"""With twelve bytes of header, 1,125 bytes a packet."""
VIDEO_INTERVAL, AUDIO_INTERVAL = 0.01, 0.02
SILENT_FRAMES, LOUD_FRAMES = 90, 10
"""The microphone is silent for 1.8 s and loud for 0.2 s, so that an onset can be found after re-encoding."""
LOUD_BYTES = 60
CODECS = ("opus/48000/2", "VP8/90000")
CERTIFICATE = RTCCertificate.generateCertificate()


@dataclass(frozen=True)
class Packet:
    payload: bytes
    timestamp_step: int
    marker: bool


def make_video() -> list[Packet]:
    """Real VP8, 640x480, a key frame each second, every frame filled up with zeros to whole packets."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 640, 480, "yuv420p"
    encoder.time_base, encoder.bit_rate, encoder.gop_size = Fraction(1, 25), 700_000, 25
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "25", "keyint_min": "25"}
    random = np.random.default_rng(1)
    packets: list[Packet] = []
    for number in range(100):
        picture = np.full((480, 640, 3), 90, np.uint8)
        left = number * 4 % 500
        picture[100:300, left : left + 120] = random.integers(0, 255, (200, 120, 3), np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        for encoded in encoder.encode(frame):
            data = bytes(encoded)
            piece = VIDEO_PAYLOAD - 1
            data += bytes(-(len(data) + STAMP.size) % piece + STAMP.size)
            for at in range(0, len(data), piece):
                last = at + piece >= len(data)
                head = b"\x10" if at == 0 else b"\x00"
                packets.append(Packet(head + data[at : at + piece], 3600 if at == 0 else 0, last))
    return packets


def make_audio() -> list[Packet]:
    """Real Opus, 20 ms a packet, two seconds of it."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "s16"
    encoder.bit_rate, encoder.time_base = 48_000, Fraction(1, 48000)
    packets = []
    for number in range(SILENT_FRAMES + LOUD_FRAMES + 1):
        at = (np.arange(960) + 960 * number) / 48000
        loud = SILENT_FRAMES <= number < SILENT_FRAMES + LOUD_FRAMES
        wave = (12000 * loud * np.sin(2 * np.pi * (500 + 3000 * (at % 0.1)) * at)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48000, 960 * number
        packets += [Packet(bytes(one), 960, False) for one in encoder.encode(frame)]
    return packets[: SILENT_FRAMES + LOUD_FRAMES]


@dataclass
class Feed:
    """One stream that a publisher sends. `sent` are the times of its packets in ns, by number."""

    number: int
    payload_type: int
    ssrc: int
    interval: float
    packets: list[Packet]
    sent: list[int] = field(default_factory=list)
    onsets: list[int] = field(default_factory=list)
    timestamp: int = 0


class Line:
    """One connection to the server under test."""

    def __init__(self, controlling: bool) -> None:
        self.ice = Connection(ice_controlling=controlling, use_ipv6=False)
        self.dtls = RTCDtlsTransport(self, [CERTIFICATE])  # type: ignore[arg-type]
        self.role = "controlling" if controlling else "controlled"
        self.sending: Any = None
        self.receiving: Any = None
        self.arrivals: list[tuple[int, int]] = []
        self.raw: list[tuple[int, int, int, int, int]] = []
        self.stamped = True
        self.streams: set[int] = set()
        self.highest: dict[int, int] = {}

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
            self.streams |= {int(x[7:].split()[0]) for x in one if x.startswith("a=ssrc:") and active}
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
        await self.ice.connect()
        prints = {tuple(x[14:].split()) for x in lines if x.startswith("a=fingerprint:")}
        self.dtls._set_role("server" if server else "client")
        await self.dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(a.lower(), v) for a, v in prints]))
        assert self.dtls.state == "connected", self.dtls.state
        self.sending, self.receiving = self.dtls._tx_srtp, self.dtls._rx_srtp
        self.dtls._rx_srtp = None  # type: ignore[assignment]
        pair = self.ice._nominated[1]
        self._remote = pair.remote_addr
        handle = pair.protocol.transport.get_extra_info("socket")
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket = socket.socket(fileno=os.dup(handle.fileno()))
        for protocol in self.ice._protocols:
            self._divert(protocol)

    def _divert(self, protocol: Any) -> None:
        """Take media before aioice parses it as STUN and queues it."""
        slow = protocol.datagram_received

        def received(data: bytes, address: Any) -> None:
            if 128 <= data[0] < 192:
                self._take(data)
            else:
                slow(data, address)

        protocol.datagram_received = received

    def _take(self, data: bytes) -> None:
        if 192 <= data[1] <= 223:
            return
        now = time.monotonic_ns()
        plain = self.receiving.unprotect(data)
        seq, timestamp, ssrc = struct.unpack_from("!HII", plain, 2)
        self.highest[ssrc] = seq
        if self.stamped:
            number, sent = STAMP.unpack_from(plain, len(plain) - STAMP.size)
            self.arrivals.append((number, now - sent))
        else:
            self.raw.append((now, plain[1] & 127, timestamp, len(plain), ssrc))

    def send(self, data: bytes) -> None:
        self._socket.sendto(self.sending.protect(data), self._remote)

    def report(self) -> None:
        """A receiver report, as a browser sends each second."""
        blocks = b"".join(struct.pack("!IIIIII", s, 0, q, 0, 0, 0) for s, q in list(self.highest.items())[:31])
        packet = struct.pack("!BBHI", 0x80 | len(blocks) // 24, 201, 1 + len(blocks) // 4, 77) + blocks
        if len(self.highest):
            self._socket.sendto(self.sending.protect_rtcp(packet), self._remote)

    async def close(self) -> None:
        await self.dtls.stop()
        await self.ice.close()
        if hasattr(self, "_socket"):
            self._socket.close()


class Sender(threading.Thread):
    """Sends every feed at its own pace, packet by packet, each on its own moment."""

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
                time.sleep(wait)
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
            payload = payload[: -STAMP.size] + stamp if feed.interval == VIDEO_INTERVAL else payload + stamp
        elif feed.interval == AUDIO_INTERVAL and count % len(feed.packets) == SILENT_FRAMES:
            feed.onsets.append(now)
        feed.sent.append(now)
        line.send(header + payload)

    def stop(self) -> None:
        self._ended.set()
        self.join()


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
