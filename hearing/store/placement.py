"""Which process owns a hearing. Rule: a generation only grows, and an append with an old one is refused.

A lease is for the other processes (when may they take over?), the generation for the old owner (may it still write?):
a process that slept through its lease finds its next append refused instead of forking the record.
"""

from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from hearing.errors import Refused
from hearing.ports import Clock
from hearing.store.engines import Engines
from hearing.store.tables import placements

LEASE = timedelta(seconds=15)


class SqlPlacements:
    def __init__(self, engines: Engines, clock: Clock) -> None:
        self._engines = engines
        self._clock = clock

    async def take(self, hearing: str, owner: str) -> int:
        now = self._clock.now()
        lease_until = now + LEASE
        try:
            async with self._engines.writing.begin() as connection:
                query = select(placements).where(placements.c.hearing == hearing).with_for_update()
                row = (await connection.execute(query)).one_or_none()
                if row is None:
                    first = {"hearing": hearing, "owner": owner, "generation": 1, "lease_until": lease_until}
                    await connection.execute(insert(placements).values(first))
                    return 1
                if row.owner != owner and row.lease_until > now:
                    raise Refused("hearing-elsewhere")
                generation = int(row.generation) + 1
                await connection.execute(
                    update(placements)
                    .where(placements.c.hearing == hearing)
                    .values(owner=owner, generation=generation, lease_until=lease_until)
                )
                return generation
        except IntegrityError as taken:
            raise Refused("hearing-elsewhere") from taken

    async def renew(self, owner: str) -> None:
        now = self._clock.now()
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                update(placements)
                .where(placements.c.owner == owner, placements.c.lease_until > now)
                .values(lease_until=now + LEASE)
            )

    async def release(self, hearing: str, owner: str, generation: int) -> None:
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                update(placements)
                .where(
                    placements.c.hearing == hearing,
                    placements.c.owner == owner,
                    placements.c.generation == generation,
                )
                .values(lease_until=self._clock.now())
            )

    async def owner(self, hearing: str) -> str | None:
        """Who serves this hearing now, for a process that must send a browser there."""
        query = select(placements.c.owner).where(
            placements.c.hearing == hearing, placements.c.lease_until > self._clock.now()
        )
        async with self._engines.reading.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none()
