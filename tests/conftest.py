"""What every test may ask for. A real PostgreSQL is started once for the whole run, and only when a test wants it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Before everything else: it settles the surroundings in which the tests and their programs run.
from tests.support.steady import pytest_make_collect_report, pytest_runtest_makereport
from tests.support.time import CountingIds, SetClock

if TYPE_CHECKING:  # pure tests must not pay for the database's libraries
    from hearing.store import Store
    from tests.support.postgres import Postgres

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]


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


def migrated(url: str) -> str:
    """Bring an empty database up to date, once; the tests then copy it."""
    from hearing.store import open_store

    async def open_and_close() -> None:
        await (await open_store(url)).close()

    asyncio.run(open_and_close())
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hearing.sqlite"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> str:
    return migrated(postgres_server.create())


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with every table and no row."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "hearing.sqlite")
        yield f"sqlite:///{tmp_path / 'hearing.sqlite'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.create(template=request.getfixturevalue("postgres_template"))
    yield url
    server.drop(url)


@pytest.fixture
async def store(migrated_url: str, clock: SetClock, ids: CountingIds) -> AsyncIterator[Store]:
    from hearing.store import open_store

    opened = await open_store(migrated_url, clock=clock, ids=ids)
    yield opened
    await opened.close()
