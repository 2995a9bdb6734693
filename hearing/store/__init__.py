"""The database: `open_store(url)` brings it up to date and opens every part of it. SQLAlchemy lives in this package.

Parts: `record` (the entries), `placements`, `people`, `invitations`, `courts`, `numbers`, `cases`, `calendar`,
`access`. Whatever lists something takes the actor who asks.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from hearing.people import Passwords
from hearing.ports import Clock, Ids
from hearing.store.access import SqlAccess
from hearing.store.calendar import SqlCalendar
from hearing.store.cases import SqlCases
from hearing.store.courts import SqlCourts
from hearing.store.engines import Engines
from hearing.store.invitations import SqlInvitations
from hearing.store.migrate import migrate
from hearing.store.numbers import SqlNumbers
from hearing.store.people import SqlPeople
from hearing.store.placement import SqlPlacements
from hearing.store.record import SqlRecord
from hearing.system import SystemClock, Uuid7Ids

__all__ = ["Store", "open_store"]


class Store:
    def __init__(self, engines: Engines, clock: Clock, ids: Ids) -> None:
        self._engines = engines
        self._passwords = Passwords()
        self.clock = clock
        self.ids = ids
        self.record = SqlRecord(engines, clock)
        self.placements = SqlPlacements(engines, clock)
        self.courts = SqlCourts(engines, ids)
        self.people = SqlPeople(engines, clock, ids, self._passwords)
        self.invitations = SqlInvitations(engines, clock, ids, self.people)
        self.numbers = SqlNumbers(engines, clock, ids)
        self.access = SqlAccess(engines, clock, ids, self.people)
        self.cases = SqlCases(engines, clock, ids, self.access)
        self.calendar = SqlCalendar(engines, clock)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncConnection]:
        """One writing transaction. On SQLite it keeps every other writer waiting: await nothing else within."""
        async with self._engines.writing.begin() as connection:
            yield connection

    async def close(self) -> None:
        self._passwords.close()
        await self._engines.close()


async def open_store(
    url: str, *, clock: Clock | None = None, ids: Ids | None = None, synchronous: str = "FULL"
) -> Store:
    """`sqlite:///path` or `postgresql://user@host/name`. `synchronous` is SQLite's; only benchmarks weaken it."""
    engines = Engines(url, synchronous=synchronous)
    await migrate(engines)
    return Store(engines, clock or SystemClock(), ids or Uuid7Ids())
