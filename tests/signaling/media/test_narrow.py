"""A line of 250 kbit/s in one direction: sound stays whole, the picture gets small or goes, and the page is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from signaling.media import quality
from tests.signaling.media.court import Court, court, until
from tests.signaling.media.narrow import Narrow, Way
from tests.signaling.media.test_chromium import ARGUMENTS, Window, edges
from tests.signaling.media.test_sizes_chromium import CAMERA, SIZES, show, subscriber, told

pytestmark = pytest.mark.alone

RATE = 250_000
SOUND = "judge-mic"
SETTLE_S, LISTEN_S = 6.0, 10.0


@asynccontextmanager
async def meeting(tmp_path: Path, up: Way, down: Way) -> AsyncIterator[tuple[Court, Window]]:
    """The witness sees the judge in large; `up` is the judge's way to the node, `down` the witness's way from it."""
    async with async_playwright() as playwright, court(tmp_path) as room:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        lines = [Narrow(up, Way()), Narrow(Way(), down)]
        for line in lines:
            await line.open(room.node.mux.port)
        judge = await Window.open(room, chromium, "judge", lines[0])
        witness = await Window.open(room, chromium, "witness", lines[1])
        await room.plan(*(edge for edge in edges("judge", "witness") if edge[0].startswith("judge")))
        await show(room, 900)
        await judge.publish(SIZES)
        await witness.wait(lambda found: found["decoded"].get(SOUND, 0) > 0)
        yield room, witness
        await chromium.close()
        for line in lines:
            line.close()


async def lost_sound(room: Court, down: Way, seconds: float) -> float:
    """The share of the witness's sound that the line could not carry in the next `seconds`."""
    ssrc = next(one.outlet.ssrc for one in subscriber(room)._places if one.outlet and one.codec.kind == "audio")
    before = down.streams.copy()
    await asyncio.sleep(seconds)
    carried, lost = (down.streams[ssrc, passed] - before[ssrc, passed] for passed in (True, False))
    assert carried > 10 * seconds, "sound was sent"
    return lost / (carried + lost)


async def test_a_narrow_way_down_takes_the_picture_and_leaves_the_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = Way(rate=RATE)
    async with meeting(tmp_path, Way(), down) as (room, witness):
        await until(lambda: subscriber(room).screen.line.shown, what="the line has shown its limit")
        await asyncio.sleep(SETTLE_S)
        assert down.waited > 0.1, "the line was too narrow for what was tried"
        assert await lost_sound(room, down, LISTEN_S) < 0.02
        flow = told(room)[-1]
        assert flow.sources[CAMERA] in ("thumbnail", "off") and flow.limited == (CAMERA,)
        down.rate = 20 * RATE
        # How long that may take is a matter of the pure tests; a busy machine looks like a queue.
        for name, value in (("PATIENCE", 1.0), ("LONGEST_PATIENCE", 2.0), ("QUEUING", 0.5)):
            monkeypatch.setattr(quality, name, value)
        await until(lambda: told(room)[-1].sources[CAMERA] == "large", what="the large picture comes back")
        assert told(room)[-1].limited == ()


async def test_without_the_rule_the_sound_suffers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: whatever is wanted is sent, however narrow the line is."""
    monkeypatch.setattr(quality.Downlink, "step", lambda self, now, **figures: setattr(self, "limit", None))
    down = Way(rate=RATE)
    async with meeting(tmp_path, Way(), down) as (room, witness):
        await until(lambda: told(room) and told(room)[-1].sources.get(CAMERA) == "large")
        await asyncio.sleep(SETTLE_S)
        assert subscriber(room).screen.line.limit is None
        assert await lost_sound(room, down, LISTEN_S) > 0.1


@pytest.mark.parametrize("loss", [0.1, 0.2])
async def test_the_record_of_the_sound_is_whole_although_packets_are_lost_each_way(tmp_path: Path, loss: float) -> None:
    up = Way()
    async with meeting(tmp_path, up, Way()) as (room, witness):
        up.loss = loss
        lost = up.lost
        heard = next(one for one in room.sink.tracks if one.track.kind == "audio")
        first = len(heard.packets)
        await asyncio.sleep(LISTEN_S)
        if loss >= 0.2:  # of less Chromium takes longer to be convinced
            await witness.wait(lambda found: found["fec"][SOUND] > 0)  # sound repairs itself for who cannot wait
        up.loss = 0.0
        await room.flows(30)  # the last repairs
        numbers = [packet[0] for packet in heard.packets[first:]]
        span = max((one - numbers[0] + (1 << 15) & 0xFFFF) - (1 << 15) for one in numbers) + 1
        assert up.lost - lost > loss * 50 * LISTEN_S / 2, "packets were lost"
        assert len(set(numbers)) >= 0.99 * span


async def test_a_narrow_way_up_takes_the_large_picture_and_leaves_the_record_of_the_sound_whole(tmp_path: Path) -> None:
    up = Way(rate=RATE)
    async with meeting(tmp_path, up, Way()) as (room, _):
        await asyncio.sleep(SETTLE_S)
        assert up.waited > 0.05, "the line was too narrow for what was sent"
        heard = next(one for one in room.sink.tracks if one.track.kind == "audio")
        first = len(heard.packets)
        await asyncio.sleep(LISTEN_S)
        numbers = [packet[0] for packet in heard.packets[first:]]
        span = ((numbers[-1] - numbers[0]) & 0xFFFF) + 1
        assert len(numbers) > 0.95 * 50 * LISTEN_S and len(set(numbers)) >= 0.99 * span
        camera = room.node.rooms["room"]._sources[CAMERA]
        assert camera.rates[0] > 0, "a small picture is still there"
        assert not camera._steady[1], "the browser leaves out the large one"
        assert told(room)[-1].sources[CAMERA] == "thumbnail" and told(room)[-1].limited == (), "not the witness's line"
