"""Chromium for the tests of the pages: real browser, fake devices, one window per page.

Rule: the browser is started once for all of them, on one loop; each test has contexts of its own, which end with it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.browser import court_house
from tests.browser.recording_made import make

SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream=fps=5",  # enough to be seen, and little to encode and paint
    "--autoplay-policy=no-user-gesture-required",
]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# The fonts are there and whatever moved has come to rest; what turns for ever does not count.
AT_REST = """async () => {
  await document.fonts.ready;
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const passing = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(passing.map((one) => one.finished));
}"""

Open = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        started = await play.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    yield chromium
    for context in chromium.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house() -> AsyncIterator[str]:
    runner, address = await court_house.start()
    yield address
    await runner.cleanup()


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("recording")
    return folder, make(folder)


@pytest_asyncio.fixture(loop_scope="session")
async def archive(recording: tuple[Path, dict[str, Any]]) -> AsyncIterator[str]:
    folder, made = recording
    runner, address = await court_house.start(folder, dict(made))
    yield address
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def live(browser: Browser, house: str) -> Open:
    """Open one fixture's live page; a fault in the page fails the test that looks at it."""

    async def open_page(name: str, *, lang: str = "vi", phone: bool = False, devices: bool = False) -> Page:
        size = PHONE if phone else DESK
        context = await browser.new_context(viewport={**size}, has_touch=phone)  # type: ignore[typeddict-item]
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        query = f"?lang={lang}" + ("&devices" if devices else "")
        await page.goto(f"{house}/hearings/{name}/live{query}")
        await page.wait_for_selector("body[data-scene]")
        await page.wait_for_function("window.line.signals !== undefined")
        assert not faults, faults
        return page

    return open_page
