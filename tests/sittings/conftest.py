"""Whole sittings in real pages: looked at, and held by their buttons. No test here bounds a time."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.product.conftest import CHROMIUM, filming
from tests.support.product import Product, served


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Nobody reads these transcripts, and what is said are beeps."""
    with served(tmp_path_factory.mktemp("sittings"), HEARING_ASR="none:") as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Several windows film at once: two pictures a second are enough to see everybody on a small machine."""
    async with async_playwright() as play:
        started = await play.chromium.launch(executable_path=CHROMIUM, args=filming(2))
        yield started
        await started.close()
