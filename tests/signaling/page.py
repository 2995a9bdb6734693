"""A page of the hearing without a browser: the real protocol client and two real (aiortc) connections.

It does what our page does: publishes after the welcome, answers each offer, makes both connections anew when told.
"""

import asyncio
import time
import uuid
from typing import Any

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from hearing import tasks
from tests.signaling.courthouse import Courthouse
from tests.signaling.media.court import CONFIGURATION, Picture, Tone
from web.demo.client import CourtClient

KINDS = {"audio": "microphone", "video": "camera"}


class Page:
    """`frames` counts decoded frames by source and `first` says when the first came (monotonic seconds)."""

    def __init__(self, client: CourtClient) -> None:
        self.client, self.seat = client, client.token
        self.sources = {kind: f"{kind}-{uuid.uuid4()}" for kind in KINDS}
        self.pub: RTCPeerConnection | None = None
        self.sub: RTCPeerConnection | None = None
        self.peer = ""
        self.streams: dict[str, str] = {}
        self.frames: dict[str, int] = {}
        self.first: dict[str, float] = {}
        self.flow: dict[str, str] = {}
        self.offers = self.answers = self.restarts = 0
        self._tracks: set[int] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        client.on_signal = self._signal

    @classmethod
    async def open(cls, courthouse: Courthouse, seat: str, *, publishes: bool = True) -> "Page":
        page = cls(courthouse.client(seat))
        await page.client.connect()
        if publishes:
            await page.publish()
        return page

    async def publish(self) -> None:
        if self.pub is not None:
            await self.pub.close()
        self.pub = RTCPeerConnection(CONFIGURATION)
        self.pub.addTrack(Tone())
        self.pub.addTrack(Picture())
        await self.pub.setLocalDescription(await self.pub.createOffer())
        await self.offer()

    async def offer(self) -> None:
        assert self.pub is not None
        sources = [
            {"mid": one.mid, "source": self.sources[one.kind], "kind": KINDS[one.kind], "label": "test"}
            for one in self.pub.getTransceivers()
        ]
        await self.client.signal("publish", sdp=self.pub.localDescription.sdp, sources=sources)

    def hears(self, other: "Page", kind: str = "audio") -> bool:
        return self.frames.get(other.sources[kind], 0) > 0

    def connected(self) -> bool:
        connections = [one for one in (self.pub, self.sub) if one is not None]
        return len(connections) == 2 and all(one.connectionState == "connected" for one in connections)

    async def close(self) -> None:
        await tasks.stop(self._tasks)
        for connection in (self.pub, self.sub):
            if connection is not None:
                await connection.close()

    async def _signal(self, kind: str, body: dict[str, Any]) -> None:
        match kind:
            case "published":
                self.answers += 1
                assert self.pub is not None
                await self.pub.setRemoteDescription(RTCSessionDescription(body["sdp"], "answer"))
            case "subscribe":
                await self._subscribe(body)
            case "flow":
                self.flow = body["sources"]
            case "media-restarted":
                self.restarts += 1
                if self.pub is not None:
                    # In a task, because the answer to our offer comes by the same queue as this signal.
                    tasks.spawn(self.publish(), name="publish again", owner=self._tasks)

    async def _subscribe(self, body: dict[str, Any]) -> None:
        self.offers += 1
        if self.sub is None or body["peer"] != self.peer:
            if self.sub is not None:
                await self.sub.close()
            self.sub, self.peer, self._tracks = RTCPeerConnection(CONFIGURATION), body["peer"], set()
        await self.sub.setRemoteDescription(RTCSessionDescription(body["sdp"], "offer"))
        self.streams = {one["mid"]: one["source"] for one in body["streams"]}
        await self.sub.setLocalDescription(await self.sub.createAnswer())
        for transceiver in self.sub.getTransceivers():
            track = transceiver.receiver.track
            if track is not None and id(track) not in self._tracks:
                self._tracks.add(id(track))
                tasks.spawn(self._watch(transceiver.mid, track), name="watch", owner=self._tasks)
        await self.client.signal("subscribed", offer=body["offer"], sdp=self.sub.localDescription.sdp)

    async def _watch(self, mid: str, track: MediaStreamTrack) -> None:
        while True:
            try:
                await track.recv()
            except MediaStreamError:
                return
            source = self.streams.get(mid, "")
            self.frames[source] = self.frames.get(source, 0) + 1
            self.first.setdefault(source, time.monotonic())
