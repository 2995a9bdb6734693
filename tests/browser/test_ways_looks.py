"""What the device check says of each way the network leaves open: in words, in both languages, wide and narrow.

The connections are played here, so that every outcome can be looked at; real ones are tried in `tests/product`.
"""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page

from signaling.turn import Ways
from tests.browser.conftest import AT_REST
from tests.browser.test_server_pages import faults_of, window
from tests.support.looks import FOREIGN
from tests.web.scene import Scene, build, open_scene

PICTURES = os.environ.get("LOOKS", "")

RELAYS = {
    "udp": [{"urls": ["turn:turn.toaan.example:3478?transport=udp"]}],
    "tcp": [{"urls": ["turn:turn.toaan.example:3478?transport=tcp"]}],
    "tls": [{"urls": ["turns:turn.toaan.example:443?transport=tcp"]}],
}
ANSWER = """v=0
a=candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host
a=candidate:2 1 udp 1 127.0.0.1 50000 typ host
"""

# `played` says how each way ends; "never" does not end.
CONNECTION = """
(() => {
  const played = %s;
  window.RTCPeerConnection = class extends EventTarget {
    constructor({iceServers = []}) {
      super();
      const url = iceServers[0]?.urls[0] ?? '';
      this.way = !url ? 'direct' : url.startsWith('turns') ? 'tls' : url.endsWith('tcp') ? 'tcp' : 'udp';
      this.connectionState = 'new';
    }
    addTransceiver() {}
    async createOffer() { return {type: 'offer', sdp: 'v=0'}; }
    async setLocalDescription(description) { this.localDescription = description; }
    async setRemoteDescription() {
      const how = played[this.way];
      if (how === 'broken') {
        const event = new Event('icecandidate');
        event.candidate = {type: 'relay'};
        this.dispatchEvent(event);
      }
      this.connectionState = how === 'open' ? 'connected' : 'failed';
      if (how !== 'never') setTimeout(() => this.dispatchEvent(new Event('connectionstatechange')), 20);
    }
    close() {}
  };
})();
"""

OPEN, SHUT, BROKEN, NEVER = "open", "blocked", "broken", "never"
STATES = {
    "direct": ({"direct": OPEN, "udp": OPEN, "tcp": OPEN, "tls": OPEN}, "notice-ok", 0),
    "relayed": ({"direct": SHUT, "udp": SHUT, "tcp": SHUT, "tls": OPEN}, "notice-ok", 1),
    "none": ({"direct": SHUT, "udp": SHUT, "tcp": SHUT, "tls": SHUT}, "notice-bad", 4),
    "broken": ({"direct": SHUT, "udp": BROKEN, "tcp": BROKEN, "tls": SHUT}, "notice-bad", 2),
    "busy": ({"direct": SHUT, "udp": NEVER, "tcp": NEVER, "tls": NEVER}, "notice", 0),
}


async def answer(sdp: str, process: int) -> str | None:
    return ANSWER


async def busy(sdp: str, process: int) -> str | None:
    return ""


def ways(connection: str) -> Ways:
    return Ways(processes=1, relays=RELAYS)


@pytest_asyncio.fixture(loop_scope="session")
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path, ways=ways, probe=answer) as opened:
        yield opened


async def opened(browser: Browser, scene: Scene, origin: str, played: dict[str, str], lang: str, width: int) -> Page:
    context = await browser.new_context(viewport=window(width), reduced_motion="reduce")
    await context.add_init_script(AXE_SCRIPT)
    await context.add_init_script(CONNECTION % json.dumps(played))
    token = await scene.seat_token("victim")
    await context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in
                               (("session", token), ("lang", lang))])  # fmt: skip
    page = await context.new_page()
    await page.goto(origin + "/device-check#ways")
    return page


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("state", STATES)
async def test_every_outcome_is_told_in_words_and_whole(browser: Browser, scene: Scene, state: str, lang: str) -> None:
    played, notice, steps = STATES[state]
    port = {"vi": "cổng", "en": "port"}[lang]
    found: dict[int, list[str]] = {}
    async with TestServer(build(scene.parts)) as server:
        page = await opened(browser, scene, f"http://127.0.0.1:{server.port}", played, lang, 1440)
        section = page.locator("#ways")
        await section.locator(".pill-warn" if state == "busy" else f"[data-ways=told].{notice}").wait_for()
        for width in (1440, 390, 320):
            await page.set_viewport_size(window(width))
            await page.evaluate(AT_REST)
            assert await section.locator("[data-ways=steps] li").count() == steps
            text = await section.inner_text()
            # What an administrator is told names the address and the port, and never this machine's own.
            assert (f"192.0.2.7 {port} 50000" in text) == (state not in ("direct", "busy")) and "127.0.0.1" not in text
            assert (f"turn.toaan.example {port} 3478; turn.toaan.example {port} 443" in text) == (state == "none")
            if PICTURES:
                await section.scroll_into_view_if_needed()
                await page.screenshot(path=f"{PICTURES}/ways-{state}-{width}-{lang}.png", full_page=True)
            if wrong := [*await faults_of(page, width), *(one for one in FOREIGN[lang] if one in text)]:
                found[width] = wrong
        await page.context.close()
    assert found == {}


async def test_a_court_that_is_too_busy_says_so_and_lets_one_try_again(browser: Browser, tmp_path: Path) -> None:
    async with open_scene(tmp_path / "busy", ways=ways, probe=busy) as scene, TestServer(build(scene.parts)) as server:
        page = await opened(browser, scene, f"http://127.0.0.1:{server.port}", STATES["direct"][0], "vi", 390)
        await page.get_by_text("Chưa thử được đường truyền.").wait_for()
        assert await page.get_by_role("button", name="Thử lại đường truyền").is_enabled()
        await page.evaluate(AT_REST)
        assert await faults_of(page) == []


async def test_a_blocked_network_is_never_called_ready(browser: Browser, scene: Scene) -> None:
    async with TestServer(build(scene.parts)) as server:
        origin = f"http://127.0.0.1:{server.port}"
        for state, ready in (("direct", True), ("none", False)):
            page = await opened(browser, scene, origin, STATES[state][0], "vi", 1440)
            await page.context.grant_permissions(["camera", "microphone"])
            await page.get_by_role("button", name="Bắt đầu kiểm tra").click()
            for name in ("camera", "microphone", "network"):
                await page.locator(f"[data-result={name}] [data-state].pill-ok").wait_for(timeout=60_000)
            await page.get_by_role("button", name="Chuông thử").click()
            await page.get_by_role("button", name="Có nghe").click()
            await page.locator(f"[data-ways=told].{STATES[state][1]}").wait_for()
            assert await page.get_by_text("Thiết bị đã sẵn sàng").is_visible() is ready
            await page.context.close()
