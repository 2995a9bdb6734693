"""Nineteen people in the court by its own protocol: Socket.IO for what they say, packets made beforehand for the rest.

Their pictures were encoded once, in the two sizes that the page sends of such a camera. Their microphones are silent,
but for those who read aloud by turns, where the one before them stopped. Each packet has its level, as browsers do it.
They receive nothing: that is the work of the one real browser.
"""

import asyncio
import secrets
import struct
import time
import uuid
from typing import Any

from bench.line import Line, Sender, attribute, sections
from bench.packets import AUDIO_INTERVAL, SILENT_FRAMES, VIDEO_INTERVAL, Feed, Packet, make_audio, make_video
from tests.recording.speech import opus, two_cities
from web.demo.client import CourtClient

LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
LEVEL_ID = 1
RID_URI = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
RID_ID = 2
RIDS = (b"s", b"l")
SMALL_RATE = 12
"""Pictures a second of the small size, each mostly one packet; as `SMALL_RATE` in `web/static/court/shown.js`."""
TALK_S = 2.0
"""So long one speaks until the next does."""

LOUD, SILENT = 25, 100
"""Levels in -dBov."""

PATIENCE_S = 20.0


class Made:
    """What everybody sends: silence or speech, and the picture small and large (`web/static/court/shown.js` says how
    small)."""

    def __init__(self) -> None:
        self.silence = make_audio()[:SILENT_FRAMES]
        self.speech = [Packet(data, 960, False) for _, data in opus(two_cities()[0])]
        self.small = make_video(216, 160, 110_000, SMALL_RATE, filled=False)
        self.large = make_video()


class Person:
    """One of the crowd: a connection to the court, a line up that sends, a line down that takes nothing."""

    def __init__(self, key: str, client: CourtClient) -> None:
        self.key, self.client = key, client
        self.up = Line(controlling=True)
        self.down: Line | None = None
        self.feeds: list[Feed] = []
        self.sources = {"microphone": str(uuid.uuid4()), "camera": str(uuid.uuid4())}
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        client.on_signal = self._signal

    async def arrive(self) -> None:
        await self.client.connect()

    async def send(self, number: int, made: Made) -> None:
        """Publish microphone and camera; packets flow when a `Talk` sends them."""
        self.feeds = [
            Feed(4 * number, 111, secrets.randbits(31) | 1, AUDIO_INTERVAL, made.silence),
            Feed(4 * number + 1, 96, secrets.randbits(31) | 1, 1 / SMALL_RATE, made.small),
            Feed(4 * number + 3, 96, secrets.randbits(31) | 1, VIDEO_INTERVAL, made.large),
        ]
        offer = await self.up.offer(self.feeds[:2])
        offer = offer.replace("a=mid:0\r\n", f"a=mid:0\r\na=extmap:{LEVEL_ID} {LEVEL_URI}\r\n")
        sizes = f"a=extmap:{RID_ID} {RID_URI}\r\na=rid:s send\r\na=rid:l send\r\na=simulcast:send s;l\r\n"
        offer = offer.replace("a=mid:1\r\n", f"a=mid:1\r\n{sizes}")
        sources = [
            {"mid": str(mid), "source": self.sources[kind], "kind": kind, "label": kind}
            for mid, kind in enumerate(("microphone", "camera"))
        ]
        await self.client.signal("publish", sdp=offer, sources=sources)
        answer = await asyncio.wait_for(self._answer, PATIENCE_S)
        await self.up.connect(answer, server=attribute(sections(answer)[0], "setup") == "active")

    async def _signal(self, kind: str, body: dict[str, Any]) -> None:
        if kind == "published" and not self._answer.done():
            self._answer.set_result(body["sdp"])
        elif kind == "subscribe":
            first = self.down is None
            self.down = self.down or Line(controlling=False)
            answer = await self.down.answer(body["sdp"].replace("a=sendonly", "a=inactive"))
            await self.client.signal("subscribed", offer=body["offer"], sdp=answer)
            if first:
                await asyncio.wait_for(self.down.connect(body["sdp"], server=False), PATIENCE_S)

    async def leave(self) -> None:
        await self.client.close()
        await self.up.close()
        if self.down is not None:
            await self.down.close()


class Talk(Sender):
    """Sends for everybody. Those of `speaking` talk by turns; the level stands in each packet of sound.

    Nineteen people have nineteen machines: to wake for each of their packets would be the most work of this one.
    """

    at_least = 0.005

    def __init__(self, people: list[Person], speech: list[Packet]) -> None:
        super().__init__([(one.up, feed) for one in people for feed in one.feeds], stamped=False)
        self._speech = speech
        self.speaking: list[int] = []

    def _send(self, line: Line, feed: Feed) -> None:
        count = len(feed.sent)
        packets = feed.packets
        now = time.monotonic()
        feed.sent.append(int(now * 1e9))
        if feed.number & 1:
            id, said = RID_ID, RIDS[feed.number >> 1 & 1]
        else:
            turn = self.speaking[int(now / TALK_S) % len(self.speaking)] if self.speaking else -1
            id, said = LEVEL_ID, bytes((LOUD if feed.number == turn else SILENT,))
            if feed.number == turn:
                packets = self._speech
        packet = packets[count % len(packets)]
        feed.timestamp = (feed.timestamp + packet.timestamp_step) & 0xFFFFFFFF
        second = feed.payload_type | (0x80 if packet.marker else 0)
        head = struct.pack("!BBHII", 0x90, second, count & 0xFFFF, feed.timestamp, feed.ssrc)
        head += struct.pack("!HHB1sH", 0xBEDE, 1, id << 4, said, 0)
        line.send(head + packet.payload)
