"""One load on one running server, and what is measured of it."""

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Any

from bench.counting import Contradiction
from bench.line import Line, Sender, attribute, sections
from bench.packets import AUDIO_INTERVAL, LOUD_BYTES, VIDEO_INTERVAL, Feed, Packet
from bench.servers import Server


@dataclass(frozen=True)
class Load:
    """`speed` multiplies what a publisher sends; in a meeting everybody is both and hears everybody else.

    Every `sample`th packet is opened; `seconds` are measured, if not as many as the others.
    """

    publishers: int
    listeners: int
    speed: int = 1
    meeting: bool = False
    sample: int = 1
    seconds: float | None = None

    def packets_per_s(self) -> int:
        """What leaves the server."""
        heard = self.publishers - self.meeting
        return round(self.listeners * heard * self.speed * (1 / AUDIO_INTERVAL + 1 / VIDEO_INTERVAL))


LOADS = {
    "1": Load(1, 1),
    "5": Load(1, 5),
    "10": Load(1, 10),
    "20": Load(1, 20),
    "6-way": Load(6, 6, meeting=True),
    "20-way": Load(20, 20, meeting=True, sample=16, seconds=6.0),
    "18kpps": Load(1, 20, speed=6, sample=4, seconds=6.0),
    "48kpps": Load(2, 20, speed=8, sample=16, seconds=6.0),
    "96kpps": Load(2, 20, speed=16, sample=16, seconds=6.0),
}


class Trial:
    """One load on one running server."""

    def __init__(self, server: Server, load: Load, seconds: float, sound: list[Packet], picture: list[Packet]) -> None:
        self.server, self.load, self.seconds = server, load, min(seconds, load.seconds or seconds)
        self.room = str(secrets.randbelow(1 << 30) + 1)
        self._sound, self._picture = sound, picture
        self._lines: list[Line] = []
        self._receivers: list[tuple[Line, int]] = []
        self._feeds: list[tuple[Line, Feed]] = []

    async def run(self) -> dict[str, float]:
        for number in range(self.load.publishers):
            await self._publish(number)
        sender = Sender(self._feeds, self.server.stamped)
        sender.start()
        reports: list[asyncio.Task[Any]] = []
        try:
            await asyncio.sleep(0.3)  # Janus offers a publisher's streams only when it has seen media of it
            for number in range(self.load.listeners):
                await self._subscribe(number)
            reports.append(asyncio.ensure_future(self._report()))
            await self._flowing()
            return await self._measure()
        finally:
            sender.stop()
            for task in reports:
                task.cancel()
            await asyncio.gather(*(one.close() for one in self._lines))
            await self.server.leave(self.room)

    async def _publish(self, number: int) -> None:
        line, speed = Line(controlling=True), self.load.speed
        self._lines.append(line)
        feeds = [
            Feed(2 * number, 111, secrets.randbits(31) | 1, AUDIO_INTERVAL / speed, self._sound),
            Feed(2 * number + 1, 96, secrets.randbits(31) | 1, VIDEO_INTERVAL / speed, self._picture),
        ]
        answer = await self.server.publish(self.room, f"seat{number}", await line.offer(feeds))
        setup = attribute(sections(answer)[0], "setup")
        await line.connect(answer, server=setup == "active")
        self._feeds += [(line, one) for one in feeds]

    async def _subscribe(self, number: int) -> None:
        own = number if self.load.meeting else -1
        seat = f"seat{number}" if own >= 0 else f"listener{number}"
        line = Line(controlling=False, stamped=self.server.stamped, sample=self.load.sample)
        self._lines.append(line)
        self._receivers.append((line, own))
        offers: list[str] = []

        async def answering(offer: str) -> str:
            offers.append(offer)
            return await line.answer(offer)

        heard = [f"seat{one}" for one in range(self.load.publishers) if one != own]
        await self.server.subscribe(self.room, seat, heard, answering)
        await line.connect(offers[0], server=False)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(1)
            for line, _ in self._receivers:
                line.report()

    async def _flowing(self) -> None:
        """Wait until every stream arrives everywhere, and a little longer."""
        end = time.monotonic() + 12
        while any(len(line.arrivals.numbers) < 2 * self._heard(own) for line, own in self._receivers):
            if time.monotonic() > end:
                raise TimeoutError(f"only {[len(line.arrivals.numbers) for line, _ in self._receivers]} streams arrive")
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.7)

    async def _measure(self) -> dict[str, float]:
        for line, _ in self._receivers:
            line.arrivals.clear()
        load_before = time.process_time_ns()
        begin, before = time.monotonic_ns(), self.server.cpu_ns()
        await asyncio.sleep(self.seconds)
        end, after = time.monotonic_ns(), self.server.cpu_ns()
        load_ns = time.process_time_ns() - load_before
        self._check_pace(begin, end)
        await asyncio.sleep(0.5)
        count = self._stamped(begin, end) if self.server.stamped else self._relayed(begin, end)
        packets, delivered, delays = count
        delays.sort()
        return {
            "cpu_us_per_packet": (after - before) / 1000 / max(1, packets),
            "delivered": delivered,
            "latency_p50_ms": delays[len(delays) // 2] / 1e6 if delays else float("nan"),
            "latency_p99_ms": delays[int(len(delays) * 0.99)] / 1e6 if delays else float("nan"),
            "packets_per_s": packets / (end - begin) * 1e9,
            "core_share": (after - before) / (end - begin),
            "load_share": load_ns / (end - begin),
        }

    def _check_pace(self, begin: int, end: int) -> None:
        """A load that is late is not the load that the row names."""
        sent = sum(begin <= at < end for _, feed in self._feeds for at in feed.sent)
        planned = sum((end - begin) / 1e9 / feed.interval for _, feed in self._feeds)
        if sent < 0.98 * planned - 2 * len(self._feeds):
            raise Contradiction(f"the load sent {sent} packets instead of {planned:.0f}")

    def _heard(self, own: int) -> int:
        """How many publishers this listener hears."""
        return self.load.publishers - (own >= 0)

    def _stamped(self, begin: int, end: int) -> tuple[int, float, list[int]]:
        """Every packet by its own number: sent within the window, arrived at each listener or not."""
        sent = {
            feed.number: {count & 0xFFFF for count, at in enumerate(feed.sent) if begin <= at < end}
            for _, feed in self._feeds
        }
        expected = arrived = 0
        delays: list[int] = []
        for line, own in self._receivers:
            got = line.arrivals.arrived()
            delays += line.arrivals.delays
            for feed, numbers in sent.items():
                if feed // 2 != own:
                    expected += len(numbers)
                    arrived += len(numbers & got.get(feed, set()))
        return arrived, arrived / expected, delays

    def _relayed(self, begin: int, end: int) -> tuple[int, float, list[int]]:
        """After re-encoding packets are others: count sound packets and pictures, and find the onsets of the sound."""
        packets = seen = 0
        expected = 0.0
        delays: list[int] = []
        for line, own in self._receivers:
            inside = [one for one in line.arrivals.raw if begin <= one[0] < end]
            packets += len(inside)
            streams = {one[4] for one in inside}
            for stream in streams:
                mine = [one for one in line.arrivals.raw if one[4] == stream]
                step = min((b[2] - a[2] for a, b in zip(mine, mine[1:], strict=False) if b[2] > a[2]), default=960)
                if step == 960:
                    seen += sum(begin <= one[0] < end for one in mine)
                    delays += self._onsets(mine, begin, end)
                else:
                    seen += len({one[2] for one in mine if begin <= one[0] < end})
            heard = self._heard(own)
            pictures = sum(one.timestamp_step > 0 for one in self._picture) / len(self._picture) / VIDEO_INTERVAL
            expected += heard * (end - begin) / 1e9 * (1 / AUDIO_INTERVAL + pictures)
        return packets, min(1.0, seen / expected), delays

    def _onsets(self, packets: list[tuple[int, int, int, int, int]], begin: int, end: int) -> list[int]:
        """From the first loud packet sent to the first large packet received."""
        large = [
            at
            for (at, _, _, size, _), (_, _, _, last, _) in zip(packets[1:], packets, strict=False)
            if size > LOUD_BYTES >= last
        ]
        found = []
        for onset in (at for _, feed in self._feeds for at in feed.onsets if begin <= at < end):
            later = [at - onset for at in large if 0 <= at - onset < 1_700_000_000]
            found += later[:1]
        return found
