"""A hearing on a stage: the product, a judge's page beside it, a party's page behind a line that can be made bad.

Everything is asked of the other side: what the party's browser says it sent, what the judge's page was given by its
browser, what lies on disk. The figures of the server under test are not asked.
"""

import asyncio
import os
import signal
import time
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import async_playwright

from tests.product.conftest import CHROMIUM, SWITCHES
from tests.product.test_lan import key_of_authority
from tests.support import network
from tests.support.court import Court
from tests.support.link import Conditions, Counters
from tests.support.network import Network
from tests.support.product import Case, Product
from tests.support.window import Window, eventually

BASE = Conditions(delay_ms=10)
"""Each way, when nothing is wrong."""

PEOPLE = (
    ("tp1", "presiding_judge", True),
    ("tk1", "clerk", True),
    ("b_plaintiff", "plaintiff", False),
    ("b_witness", "witness", False),
)
"""The party is not one without whom the court may not go on: the line is measured, not the law of the pause."""

BEEP_HZ, BEEP_S, BEEPS_APART_S = 1_000, 0.1, 1.0
RATE = 48_000
FRAME_MS = 20
WATCH = Path(__file__).with_name("watch.js")


@dataclass(frozen=True, slots=True)
class Sent:
    """What the party's browser says it has sent of its sound, and when it said so (unix seconds)."""

    at: float
    frames: int


@dataclass
class Stage:
    """`judge` sits beside the server, `party` behind the line of `net`."""

    net: Network
    case: Case
    judge: Window
    party: Window

    async def noted(self, window: Window, what: str, since: float = 0.0) -> list[Any]:
        """What this page noted (`watch.js`) since a moment, times in unix seconds."""
        found: list[Any] = await window.page.evaluate(
            "([what, since]) => noted[what].filter((one) => (one.at ?? one) > since)", [what, since * 1000]
        )
        return [one / 1000 if isinstance(one, float | int) else {**one, "at": one["at"] / 1000} for one in found]

    async def sent(self) -> Sent:
        """Sound frames the party has sent for the first time; what was sent again is not counted again."""
        rows = await self.party.page.evaluate(
            """async () => {
              const found = [];
              for (const one of connections) for (const row of (await one.getStats()).values())
                if (row.type === 'outbound-rtp' && row.kind === 'audio')
                  found.push([row.packetsSent - (row.retransmittedPacketsSent ?? 0), row.timestamp]);
              return found;
            }"""
        )
        return Sent(max(at for _, at in rows) / 1000, sum(frames for frames, _ in rows))

    def recorded(self, kind: str) -> list[float]:
        """Unix seconds of every block of the party's `microphone` or `camera` on disk, by the hearing clock."""
        began = self.case.began()
        seat = self.case.seats["b_plaintiff"]
        sources = {
            one.body["source"]
            for one in self.case.entries("SourceAnnounced")
            if one.by == seat and one.body["kind"] == kind
        }
        return sorted(began + ms / 1000 for one in self.case.recorded() if one.source in sources for ms in one.blocks)

    async def well(self, patience_s: float = 30.0) -> None:
        """The line is as it should be, and both pages see and hear each other. Raises AssertionError."""
        self.net.link.set(BASE)
        found: dict[str, tuple[int, int]] = {}

        async def whole() -> bool:
            since = time.time()
            await asyncio.sleep(1.5)
            for window in (self.judge, self.party):
                sound = await self.noted(window, "sound", since)
                found[window.key] = packets(sound), len(await self.noted(window, "pictures", since))
            return all(sound > 40 and pictures > 5 for sound, pictures in found.values())

        if not await self.until(whole, patience_s):
            raise AssertionError(f"in 1.5 s there arrived (packets of sound, pictures) {found}")

    async def until(self, holds: Callable[[], Any], patience_s: float) -> bool:
        """Whether `holds` became true in time."""
        try:
            await eventually("", holds, patience_s)
        except AssertionError:
            return False
        return True


def packets(sound: list[Any]) -> int:
    """Sound packets that arrived between the first and the last of these notes."""
    streams: dict[int, list[int]] = {}
    for one in sound:
        streams.setdefault(one["ssrc"], []).append(one["packets"])
    return sum(max(one) - min(one) for one in streams.values())


def longest_gap(times: list[float], begin: float, end: float) -> float:
    """The longest time between `begin` and `end` without any of `times`, in seconds."""
    inside = [begin, *(at for at in sorted(times) if begin < at < end), end]
    return max(later - earlier for earlier, later in zip(inside, inside[1:], strict=False))


def fault(before: dict[str, Counters], after: dict[str, Counters]) -> dict[str, str]:
    """What the emulator did meanwhile: the proof of the fault."""
    found = {}
    for way, now in after.items():
        part = now - before[way]
        bad = {"lost": part.lost, "cut": part.cut, "overflowed": part.overflowed}
        found[way] = f"{part.received} frames" + "".join(f", {count} {name}" for name, count in bad.items() if count)
    return found


def beeps(path: Path) -> None:
    """Ten seconds of a microphone that beeps each second."""
    at = np.arange(10 * RATE) / RATE
    on = (at % BEEPS_APART_S) < BEEP_S
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((on * 14_000 * np.sin(2 * np.pi * BEEP_HZ * at)).astype("<i2").tobytes())


def end_gently() -> None:
    """Asked to end, end as by Ctrl+C: whatever was started is stopped, and what there is is shown."""
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))


@asynccontextmanager
async def stage(folder: Path, seed: int) -> AsyncIterator[Stage]:
    """A product of its own, a hearing that is opened, both microphones open. `folder` must be empty."""
    tone = folder / "beeps.wav"
    beeps(tone)
    with network.line(seed) as net:
        product = Product(folder / "data", host="0.0.0.0")
        await asyncio.to_thread(product.start)
        try:
            origin = f"https://{net.here}:{product.port}"
            key = await asyncio.to_thread(key_of_authority, f"http://{net.here}:{product.port + 1}/trust/authority.crt")
            switches = [*SWITCHES, f"--ignore-certificate-errors-spki-list={key}"]
            beeping = [*switches, f"--use-file-for-fake-audio-capture={tone}"]
            far = str(net.wrapper(folder, CHROMIUM))
            case = await product.schedule("B", PEOPLE)
            async with async_playwright() as play, AsyncExitStack() as stack:
                stack.push_async_callback(case.close)
                here = await play.chromium.launch(executable_path=CHROMIUM, args=beeping)
                stack.push_async_callback(here.close)
                there = await play.chromium.launch(executable_path=far, args=beeping)
                stack.push_async_callback(there.close)
                net.link.set(BASE)
                court = Court(case)
                judge, party, _ = await court.opened(here, witness=False, elsewhere=(there, origin))
                await court.admits(judge, party)
                await court.opens(judge)
                await court.about(judge, party, "Bật micro")
                for window in (judge, party):
                    await window.page.evaluate(WATCH.read_text())
                found = Stage(net, case, judge, party)
                await found.well()
                yield found
        finally:
            await asyncio.to_thread(product.stop)
