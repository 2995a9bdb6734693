import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from signaling import presence
from tests.signaling.courthouse import Courthouse
from web.demo import client

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The court's answer is waited for; how soon it comes is no matter of these tests."""
    monkeypatch.setattr(client, "PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr(client.CourtClient.until, "__defaults__", (PATIENCE_S,))


class Graces:
    """The clock of the grace periods of lost connections: none passes before the test says so."""

    def __init__(self) -> None:
        self._over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        await self._over.wait()

    async def pass_by(self, courthouse: Courthouse) -> None:
        """All that have begun are over, and what comes of them is done."""
        self._over.set()
        async with asyncio.timeout(PATIENCE_S):
            while courthouse.signaling._presence._tasks:
                await asyncio.sleep(0.01)

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)


@pytest.fixture
def graces(monkeypatch: pytest.MonkeyPatch) -> Graces:
    found = Graces()
    monkeypatch.setattr(presence, "asyncio", found)
    return found


@pytest.fixture
async def courthouse(tmp_path: Path) -> AsyncIterator[Courthouse]:
    """The hearing is scheduled, the doors are closed; there is no media process."""
    from hearing.store import open_store

    store = await open_store(f"sqlite:///{tmp_path / 'hearing.sqlite'}")
    house = Courthouse(store.record, tmp_path, grace_s=0.3, grace_at_start_s=0.6)
    await house.start()
    await house.schedules()
    yield house
    await house.close()
    await store.close()
