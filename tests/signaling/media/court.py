"""A small court for the tests: a real node behind its control socket, aiortc clients as the browsers of its seats."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from hearing import tasks
from signaling import control
from signaling.link import NodeLink
from signaling.media.mux import Mux
from signaling.media.node import Node
from signaling.media.sink import MemorySink

CONFIGURATION = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)


PATIENCE_S = 60.0
"""How long something may take on a machine that does other things too; how long it does take is measured elsewhere."""


async def until(condition: Callable[[], Any], seconds: float = PATIENCE_S, what: str = "") -> None:
    """Wait until `condition()` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"never: {what or condition}"
        await asyncio.sleep(0.01)


class Tone(MediaStreamTrack):
    """A microphone: 440 Hz, 20 ms a frame."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._start: float | None = None

    async def recv(self) -> av.AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._count * 0.02 - time.monotonic()))
        at = (np.arange(960) + self._count * 960) / 48000
        samples = (8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, self._count * 960, Fraction(1, 48000)
        self._count += 1
        return frame


class Picture(MediaStreamTrack):
    """A camera: 160x120, 15 frames a second, each a little different."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._start: float | None = None

    async def recv(self) -> av.VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._count / 15 - time.monotonic()))
        picture = np.full((120, 160, 3), (self._count * 5) % 200, np.uint8)
        picture[20:60, self._count % 100 : self._count % 100 + 40] = 250
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = self._count * 6000, Fraction(1, 90000)
        self._count += 1
        return frame


class Browser:
    """The connections of one seat. `received` counts decoded frames by source, `packets` what came on the wire."""

    def __init__(self, court: "Court", seat: str) -> None:
        self.court, self.seat = court, seat
        self.pub: RTCPeerConnection | None = None
        self.sub: RTCPeerConnection | None = None
        self.received: dict[str, int] = {}
        self.streams: dict[str, str] = {}
        self.packets = 0
        self.sequence: dict[int, list[int]] = {}
        self.offers = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._consumed: set[str] = set()

    async def publish(self, sources: dict[str, MediaStreamTrack], peer: str = "") -> None:
        """Send `sources` (id -> track); the peer is called `<seat>-pub`."""
        peer = peer or f"{self.seat}-pub"
        self.pub = RTCPeerConnection(CONFIGURATION)
        await self.court.ask(control.CreatePeer(peer=peer, room="room", seat=self.seat, direction="pub"))
        for track in sources.values():
            self.pub.addTrack(track)
        await self.pub.setLocalDescription(await self.pub.createOffer())
        mids = {t.mid: source for t, source in zip(self.pub.getTransceivers(), sources, strict=True)}
        answer = await self.court.ask(control.Offer(peer=peer, sdp=self.pub.localDescription.sdp, sources=mids))
        await self.pub.setRemoteDescription(RTCSessionDescription(sdp=answer.sdp, type="answer"))

    async def subscribe(self) -> None:
        """Be ready to receive; offers are answered as they come."""
        self.sub = RTCPeerConnection(CONFIGURATION)
        self.court.browsers[f"{self.seat}-sub"] = self
        await self.court.ask(control.CreatePeer(peer=f"{self.seat}-sub", room="room", seat=self.seat, direction="sub"))

    async def take_offer(self, offer: control.SubOffer) -> str:
        assert self.sub is not None
        self.offers += 1
        await self.sub.setRemoteDescription(RTCSessionDescription(sdp=offer.sdp, type="offer"))
        self.streams = {one.mid: one.source for one in offer.streams}
        await self.sub.setLocalDescription(await self.sub.createAnswer())
        for transceiver in self.sub.getTransceivers():
            receiver = transceiver.receiver
            if receiver.track is not None and transceiver.mid not in self._consumed:
                self._consumed.add(transceiver.mid)
                self._count(receiver)
                tasks.spawn(self._consume(transceiver.mid, receiver.track), name="consume", owner=self._tasks)
        return self.sub.localDescription.sdp

    def _count(self, receiver: Any) -> None:
        take = receiver._handle_rtp_packet

        async def counted(packet: Any, arrival_time_ms: int) -> None:
            self.packets += 1
            self.sequence.setdefault(packet.ssrc, []).append(packet.sequence_number)
            await take(packet, arrival_time_ms=arrival_time_ms)

        receiver._handle_rtp_packet = counted

    async def _consume(self, mid: str, track: MediaStreamTrack) -> None:
        while True:
            try:
                await track.recv()
            except MediaStreamError:
                return
            source = self.streams.get(mid, "")
            self.received[source] = self.received.get(source, 0) + 1

    async def close(self) -> None:
        for connection in (self.pub, self.sub):
            if connection is not None:
                await connection.close()
        await tasks.stop(self._tasks)


class Court:
    """One room called `room`, in which `plan` says who receives what."""

    def __init__(self, node: Node, socket: Path, sink: MemorySink) -> None:
        self.node, self.socket, self.sink = node, socket, sink
        self.link: NodeLink | None = None
        self.browsers: dict[str, Browser] = {}
        self.news: list[control.News] = []
        self.version = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._seats: list[Browser] = []

    async def connect(self, generation: int = 1) -> None:
        self.link = await NodeLink.connect(self.socket, generation, self._heard)
        await self.link.ask(control.OpenRoom(room="room", hearing_ms=1000, directory=str(self.socket.parent)))

    async def ask(self, request: control.Request[control.R]) -> control.R:
        assert self.link is not None
        return await asyncio.wait_for(self.link.ask(request), PATIENCE_S)

    def seat(self, name: str) -> Browser:
        browser = Browser(self, name)
        self._seats.append(browser)
        return browser

    async def plan(self, *edges: tuple[str, str, str]) -> None:
        self.version += 1
        await self.ask(control.SetEdges(room="room", version=self.version, edges=edges))

    async def flows(self, packets: int = 6) -> None:
        """So many more packets of every source have reached the node."""
        before = {one.source: one.packets for one in (await self.statistics()).sources}
        end = time.monotonic() + PATIENCE_S
        while any(one.packets < before[one.source] + packets for one in (await self.statistics()).sources):
            assert time.monotonic() < end, f"the publishers stopped sending: {before}"
            await asyncio.sleep(0.02)

    async def statistics(self) -> control.RoomStatistics:
        return await self.ask(control.Statistics(room="room"))

    def _heard(self, news: control.News) -> None:
        self.news.append(news)
        if isinstance(news, control.OfferNeeded) and (browser := self.browsers.get(news.peer)) is not None:
            tasks.spawn(self._negotiate(news.peer, browser), name="negotiate", owner=self._tasks)

    async def _negotiate(self, peer: str, browser: Browser) -> None:
        offer = await self.ask(control.MakeOffer(peer=peer))
        answer = await browser.take_offer(offer)
        await self.ask(control.AcceptAnswer(peer=peer, offer=offer.offer, sdp=answer))

    async def close(self) -> None:
        await tasks.stop(self._tasks)
        await asyncio.gather(*(one.close() for one in self._seats))
        if self.link is not None:
            await self.link.close()


@asynccontextmanager
async def court(path: Path, **mux: Any) -> AsyncIterator[Court]:
    sink = MemorySink()
    node = Node(Mux(**mux), lambda notify: sink)
    await node.start(path / "media.sock")
    found = Court(node, path / "media.sock", sink)
    await found.connect()
    try:
        yield found
    finally:
        await found.close()
        await node.close()
