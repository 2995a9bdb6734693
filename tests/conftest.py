"""What every test may ask for. A real PostgreSQL is started once for the whole run, and only when a test wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.time import CountingIds, SetClock

if TYPE_CHECKING:  # pure tests must not pay for the database's libraries
    from hearing.store import Store
    from tests.support.postgres import Postgres


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ids() -> CountingIds:
    return CountingIds()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    from tests.support import postgres

    with postgres.running() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: a test that asks for it runs on a SQLite file and on PostgreSQL, both always."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hearing.sqlite'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
async def store(database_url: str, clock: SetClock, ids: CountingIds) -> AsyncIterator[Store]:
    from hearing.store import open_store

    opened = await open_store(database_url, clock=clock, ids=ids)
    yield opened
    await opened.close()
