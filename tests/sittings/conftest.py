"""Whole sittings in real pages: looked at, and held by their buttons. No test here bounds a time."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.product.conftest import CHROMIUM, SWITCHES, product

__all__ = ["product"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Several windows film at once: two pictures a second are enough to see everybody on a small machine."""
    slow = [one.replace("fps=5", "fps=2") for one in SWITCHES]
    async with async_playwright() as play:
        started = await play.chromium.launch(executable_path=CHROMIUM, args=slow)
        yield started
        await started.close()
