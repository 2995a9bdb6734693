"""The running product and its windows. One product for all tests on loopback, a real Chromium for each.

The demonstration is held once; several modules look at what it left.
"""

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from tests.support.court import PEOPLE, Court
from tests.support.ports import free_port
from tests.support.product import Product, served

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

WITHIN_S = 240


class Held:
    """A finished run of the demonstration: its folder, its report, how long it took."""

    def __init__(self, data: Path) -> None:
        self.data = data
        path = data / "report.json"
        command = [
            sys.executable, "-m", "web.cli", "demo", "--exit", "--data", str(data), "--port", str(free_port()),
            "--report", str(path),
        ]  # fmt: skip
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S + 50, check=False)
        self.seconds = time.monotonic() - began
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        self.printed = done.stdout
        self.report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return Held(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with served(tmp_path_factory.mktemp("product")) as running:
        yield running


def filming(pictures: int) -> list[str]:
    """The switches for a camera of so many pictures a second: fewer are enough to be seen, and less to encode."""
    return [f"{one}=fps={pictures}" if one == "--use-fake-device-for-media-stream" else one for one in SWITCHES]


@pytest.fixture
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """Whoever has the machine to himself may measure pictures."""
    switches = filming(20 if request.node.get_closest_marker("alone") else 8)
    async with async_playwright() as play:
        started = await play.chromium.launch(executable_path=CHROMIUM, args=switches)
        yield started
        await started.close()


@pytest.fixture
async def court(product: Product) -> AsyncIterator[Court]:
    """Sample case B, scheduled: a single judge, the clerk, the plaintiff, the witness."""
    found = Court(await product.schedule("B", PEOPLE))
    yield found
    await found.case.close()
