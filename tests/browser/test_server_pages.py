"""The server's pages in a real Chromium: axe, no cut-off text, keyboard, devices given and refused."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from tests.browser.conftest import AT_REST, PHONE, SWITCHES
from tests.web.scene import PASSWORD, Scene, build, open_scene

Scheme = Literal["light", "dark"]
# Who looks at which page. `-` is nobody, a name is an account, `seat:` an invited person.
PAGES = (
    ("-", "/sign-in"),
    ("-", "/join"),
    ("-", "/help"),
    ("-", "/trust"),
    ("-", "/calendar"),
    ("-", "/device-check"),
    ("-", "/not-there"),
    ("judge", "/today"),
    ("judge", "/more"),
    ("judge", "/calendar"),
    ("clerk", "/cases"),
    ("clerk", "/cases?q=khong-co"),
    ("clerk", "/cases/new"),
    ("clerk", "/cases/case-l/schedule"),
    ("judge", "/cases/case-a/overview"),
    ("judge", "/cases/case-a/documents"),
    ("clerk", "/cases/case-a/hearings"),
    ("judge", "/cases/case-a/recordings"),
    ("judge", "/cases/case-a/people"),
    ("clerk", "/hearings/hearing-a/invitations"),
    ("judge", "/hearings/hearing-a/film"),
    ("seat:victim", "/hearings/hearing-a/invitation"),
    ("seat:witness", "/hearings/hearing-a/invitation"),
    ("seat:victim", "/hearings/hearing-a/duties"),
)

# Anything wider than the window, text cut by its box, text too small to read, a key instead of words.
FAULTS = r"""() => {
  const found = new Set();
  const shown = (node) => {
    const style = getComputedStyle(node);
    if (style.visibility === 'hidden' || node.closest('.visually-hidden, svg')) return false;
    for (let up = node; up; up = up.parentElement) if (getComputedStyle(up).clipPath !== 'none') return false;
    return true;
  };
  const name = (node) => `${node.tagName}.${node.getAttribute('class') ?? ''} ${node.textContent.trim().slice(0, 40)}`;
  if (document.documentElement.scrollWidth > innerWidth) found.add(`page is ${document.documentElement.scrollWidth}`);
  for (const node of document.querySelectorAll('body *')) {
    const box = node.getBoundingClientRect();
    if (!box.width || !shown(node)) continue;
    const style = getComputedStyle(node);
    if (box.right > innerWidth + 1 && !node.closest('.tabs')) found.add(`outside: ${name(node)}`);
    const clips = ['hidden', 'clip'].includes(style.overflowX) && !node.matches('.panel');
    if (clips && node.scrollWidth > node.clientWidth + 1) found.add(`cut: ${name(node)}`);
    if (node.childElementCount) continue;
    const text = node.textContent.trim();
    if (text && parseFloat(style.fontSize) < 12) found.add(`small: ${name(node)}`);
    if (/^[a-z_]+(\.[a-z0-9_-]+)+$/.test(text)) found.add(`key: ${text}`);
  }
  return [...found];
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def origin(scene: Scene) -> AsyncIterator[str]:
    async with TestServer(build(scene.parts)) as server:
        yield f"http://127.0.0.1:{server.port}"


# What axe finds, told in short; the whole answer of a page would be a megabyte.
BARRIERS = """async () => {
  const found = await axe.run({resultTypes: ['violations']});
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 120)}`));
}"""

# A page is opened once in each language and then looked at in these sizes and colours; below the phone's width nothing
# that axe judges changes, only what is cut off is looked for.
LOOKS: tuple[tuple[str, tuple[tuple[int, Scheme], ...]], ...] = (
    ("vi", ((1440, "light"), (1440, "dark"), (390, "light"), (320, "light"))),
    ("en", ((1440, "light"), (390, "light"))),
)


async def look(
    browser: Browser, scene: Scene, origin: str, who: str, lang: str = "vi", width: int = 1440
) -> BrowserContext:
    context = await browser.new_context(viewport=window(width), color_scheme="light", reduced_motion="reduce")
    await context.add_init_script(AXE_SCRIPT)
    await context.add_cookies([{"name": "lang", "value": lang, "url": origin}])
    if who != "-":
        seat = who.removeprefix("seat:")
        token = await (scene.seat_token(seat) if who.startswith("seat:") else scene.token(who))
        await context.add_cookies([{"name": "session", "value": token, "url": origin}])
    return context


def window(width: int) -> ViewportSize:
    return {"width": width, "height": 900 if width > 600 else 844}


async def faults_of(page: Page, width: int = PHONE["width"]) -> list[str]:
    found: list[str] = await page.evaluate(FAULTS)
    if width >= PHONE["width"]:
        found += await page.evaluate(BARRIERS)
    return found


@pytest.mark.parametrize(("lang", "looks"), LOOKS)
async def test_every_page_is_accessible_and_nothing_is_cut_off(
    browser: Browser, scene: Scene, origin: str, lang: str, looks: tuple[tuple[int, Scheme], ...]
) -> None:
    found: dict[str, list[str]] = {}
    errors: list[str] = []
    pages: dict[str, Page] = {}
    for who, path in PAGES:
        if who not in pages:
            pages[who] = await (await look(browser, scene, origin, who, lang)).new_page()
            pages[who].on("pageerror", lambda error: errors.append(str(error)))
        page = pages[who]
        await page.goto(origin + path)
        assert who == "-" or "/sign-in" not in page.url, path
        for width, scheme in looks:
            await page.set_viewport_size(window(width))
            await page.emulate_media(color_scheme=scheme)
            await page.evaluate(AT_REST)
            if faults := [*errors, *await faults_of(page, width)]:
                found[f"{who} {path} {width} {scheme}"] = faults
            errors.clear()
    assert found == {}


async def test_no_policy_stops_our_own_pages(browser: Browser, scene: Scene, origin: str) -> None:
    context = await look(browser, scene, origin, "judge")
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for path in ("/sign-in", "/device-check", "/today", "/trust"):
        await page.goto(origin + path)
        await page.wait_for_load_state("networkidle")
    assert said == []


async def test_a_person_signs_in_by_keyboard_alone(browser: Browser, scene: Scene, origin: str) -> None:
    page = await (await look(browser, scene, origin, "-")).new_page()
    await page.goto(origin + "/sign-in")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "name":
            break
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    await page.keyboard.type("judge")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/today")
    assert await page.get_by_role("heading", level=1).count() == 1


async def test_the_code_in_a_link_is_used_on_a_press_and_leaves_the_address_bar(
    browser: Browser, scene: Scene, origin: str
) -> None:
    issued = await scene.invite("victim")
    page = await (await look(browser, scene, origin, "-", width=390)).new_page()
    await page.goto(f"{origin}/join#{issued.token}")
    await page.get_by_text("Đã nhận mã từ liên kết").wait_for()
    assert issued.token not in page.url
    await page.get_by_role("button", name="Dùng mã này").click()
    await page.wait_for_url("**/invitation")
    assert "Nguyễn Thị Cẩm Hà" in await page.get_by_role("heading", level=1).inner_text()


async def test_the_device_check_sees_hears_rings_and_measures(browser: Browser, scene: Scene, origin: str) -> None:
    context = await look(browser, scene, origin, "-", width=390)
    await context.grant_permissions(["camera", "microphone"])
    page = await context.new_page()
    await page.goto(origin + "/device-check")
    await page.get_by_role("button", name="Bắt đầu kiểm tra").click()
    for name in ("camera", "microphone", "network"):
        good = page.locator(f"[data-result={name}] [data-state].pill-ok")
        await good.wait_for(timeout=60_000)
    await page.get_by_role("button", name="Chuông thử").click()
    await page.get_by_role("button", name="Có nghe").click()
    await page.get_by_text("Thiết bị đã sẵn sàng").wait_for()
    await page.get_by_role("button", name="Ghi thử 4 giây").click()
    await page.get_by_role("button", name="Nghe lại giọng tôi").wait_for(timeout=60_000)
    await page.evaluate(AT_REST)
    assert await faults_of(page) == []


async def test_a_refused_microphone_is_told_in_words_that_help(scene: Scene, origin: str) -> None:
    async with async_playwright() as playwright:
        # Without the fake dialog's yes the headless browser refuses, as a person who presses Block does.
        refusing = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[*(one for one in SWITCHES if "fake-ui" not in one), "--deny-permission-prompts"],
        )
        page = await (await look(refusing, scene, origin, "-", width=390)).new_page()
        await page.goto(origin + "/device-check")
        await page.get_by_role("button", name="Bắt đầu kiểm tra").click()
        told = page.locator("[data-result=microphone]")
        await told.get_by_text("Trình duyệt chưa cho dùng micro").wait_for()
        assert await page.get_by_role("button", name="Bắt đầu kiểm tra").is_visible()
        await refusing.close()
