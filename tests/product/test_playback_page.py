"""The playback page over what the demonstration recorded: real tracks, real cuts, all of them on one clock.

The page's policy forbids code from strings, so the test looks again and again instead of leaving a condition there.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize

from tests.product.conftest import WITHIN_S, Held
from tests.support.product import Product

pytestmark = [pytest.mark.alone, pytest.mark.timeout(WITHIN_S + 120)]
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
IN_STEP_MS = 100
# At a cut an element may need a moment; only what was recorded well around this moment must play.
INSIDE_MS = 700

STATE = """(inside) => {
  const ms = player.clock.ms;
  return {ms, tracks: [...player.players.values()].map((one) => ({
    id: one.track.id, kind: one.track.kind,
    shown: one.track.kind === 'audio' || (one.element.isConnected && one.element.offsetParent !== null),
    due: one.track.segments.some((part) => part.t0_ms <= ms && ms < part.t1_ms)
      && one.ready(ms - inside) && one.ready(ms) && one.ready(ms + inside),
    paused: one.element.paused, drift: Math.round(one.element.currentTime * 1000 - ms),
    frames: one.track.kind === 'video' ? one.element.getVideoPlaybackQuality().totalVideoFrames : 0,
  }))};
}"""


class Kept(Product):
    """The product over a folder that is filled already."""

    async def _seed(self) -> None:
        assert (self.data / "hearing.sqlite").exists()


@pytest.fixture(scope="module")
def archive(held: Held) -> Iterator[Product]:
    running = Kept(held.data)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
async def page(browser: Browser, archive: Product, held: Held) -> AsyncIterator[Page]:
    """The clerk's page, open and loaded; a fault in it fails the test."""
    accounts = json.loads((held.data / "demo.json").read_text(encoding="utf-8"))["accounts"]
    clerk = next(one for one in accounts if one["key"] == "tk1")
    api = archive.api()
    await api.sign_in(clerk["name"], clerk["password"])
    context = await browser.new_context(viewport=DESK, locale="vi-VN")
    await context.add_cookies([{"name": "session", "value": api.token, "url": archive.origin}])
    await api.close()
    opened = await context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    await opened.goto(f"{archive.origin}/hearings/{held.report['hearing']}/playback?lang=vi")
    await until(opened, "!!window.player && player.players.size > 0")
    yield opened
    assert not faults, faults
    await context.close()


async def until(page: Page, condition: str, patience_s: float = 12.0) -> None:
    end = time.monotonic() + patience_s
    while not await page.evaluate(condition):
        assert time.monotonic() < end, f"waited in vain for {condition}"
        await asyncio.sleep(0.1)


def off(state: dict[str, Any]) -> list[dict[str, Any]]:
    """What ought to play at this moment and does not, or not in step."""
    due = [one for one in state["tracks"] if one["due"] and one["shown"]]
    return [one for one in due if one["paused"] or abs(one["drift"]) > IN_STEP_MS]


async def in_step(page: Page, patience_s: float = 15.0) -> dict[str, Any]:
    """The first moment at which sounds are due and everything due is in step with the clock."""
    end = time.monotonic() + patience_s
    while True:
        state: dict[str, Any] = await page.evaluate(STATE, INSIDE_MS)
        if not off(state) and any(one["due"] and one["kind"] == "audio" for one in state["tracks"]):
            return state
        assert time.monotonic() < end, f"still out of step after {patience_s} s at {state['ms']:.0f}: {off(state)}"
        await asyncio.sleep(0.2)


async def test_every_track_plays_and_none_stays_behind(page: Page) -> None:
    await page.locator(".play-main").click()
    first = await in_step(page)
    behind: dict[str, int] = {}
    for _ in range(16):
        await asyncio.sleep(0.5)
        state = await page.evaluate(STATE, INSIDE_MS)
        out = {one["id"] for one in off(state)}
        behind = {one: behind.get(one, 0) + 1 for one in out}
        assert max(behind.values(), default=0) < 8, f"four seconds out of step: {off(state)}"
    assert state["ms"] - first["ms"] > 4000
    before = {one["id"]: one["frames"] for one in first["tracks"]}
    pictures = [one for one in state["tracks"] if one["kind"] == "video" and one["shown"] and one["due"]]
    assert len(pictures) >= 5
    still = [one["id"] for one in pictures if one["frames"] - before[one["id"]] < 20]
    assert not still, f"pictures that stood still: {still}"


async def test_lanes_chapters_words_and_speed_go_where_they_say(page: Page) -> None:
    length: float = await page.evaluate("player.clock.length")
    rows = page.locator(".lane-rows")
    box = await rows.bounding_box()
    assert box is not None
    await rows.click(position={"x": box["width"] * 0.4, "y": 30})
    assert abs(await page.evaluate("player.clock.ms") - 0.4 * length) < 0.01 * length
    await page.keyboard.press("]")
    here: float = await page.evaluate("player.clock.ms")
    phases: list[float] = await page.evaluate("player.state.data.chapters.map((one) => one.t_ms)")
    assert here in phases and here > 0.39 * length
    word = page.locator("[data-ms]").last
    said = float(await word.get_attribute("data-ms") or 0)
    await word.click()
    assert said <= await page.evaluate("player.clock.ms") < said + 1500
    await in_step(page)
    await page.locator(".speed select").select_option("2")
    await page.keyboard.press("[")
    await in_step(page)
    before: float = await page.evaluate("player.clock.ms")
    began = time.monotonic()
    await asyncio.sleep(1.5)
    gone = time.monotonic() - began
    assert await page.evaluate("player.clock.ms") - before > gone * 1000 * 1.2


async def test_nothing_bars_the_way_in_either_language_or_width(page: Page) -> None:
    await until(page, "player.state.reading === 'done'")
    for size in (DESK, PHONE):
        await page.set_viewport_size(size)
        for lang in ("vi", "en"):
            await page.locator(f".language[lang={lang}]").click()
            await until(page, f"document.documentElement.lang === '{lang}'")
            found = await Axe().run(page)
            told = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found.response["violations"]]
            assert not told, json.dumps(told)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
