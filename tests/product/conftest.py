"""The running product and its windows. One product for all tests on loopback, a real Chromium for each."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.support.court import PEOPLE, Court
from tests.support.product import Product

CHROMIUM = "/usr/bin/chromium"
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
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("product"))
    running.start()
    yield running
    took = running.stop()
    assert "did not end in" not in running.log, f"the product ended after {took:.1f} s:\n{running.log[-3000:]}"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        started = await play.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield started
        await started.close()


@pytest.fixture
async def court(product: Product) -> AsyncIterator[Court]:
    """Sample case B, scheduled: a single judge, the clerk, the plaintiff, the witness."""
    found = Court(await product.schedule("B", PEOPLE))
    yield found
    await found.case.close()
