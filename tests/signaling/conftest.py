from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.signaling.courthouse import Courthouse


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
