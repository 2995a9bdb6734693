"""Courts and courtrooms in SQL."""

from zoneinfo import ZoneInfo

from sqlalchemy import Row, insert, select
from sqlalchemy.exc import IntegrityError

from hearing.courts import Court, Courtroom
from hearing.errors import Refused
from hearing.ports import Ids
from hearing.store.engines import Engines
from hearing.store.tables import courtrooms, courts


class SqlCourts:
    def __init__(self, engines: Engines, ids: Ids) -> None:
        self._engines = engines
        self._ids = ids

    async def add(
        self,
        *,
        name: str,
        time_zone: str,
        pack: str,
        province: str = "",
        parent: str | None = None,
        id: str | None = None,
    ) -> Court:
        ZoneInfo(time_zone)  # a name no computer knows must not reach the calendar
        court = Court(
            id=id or self._ids.new(), name=name, time_zone=time_zone, pack=pack, province=province, parent=parent
        )
        async with self._engines.writing.begin() as connection:
            await connection.execute(
                insert(courts).values(
                    id=court.id, name=name, time_zone=time_zone, pack=pack, province=province, parent=parent
                )
            )
        return court

    async def court(self, id: str) -> Court:
        async with self._engines.reading.connect() as connection:
            row = (await connection.execute(select(courts).where(courts.c.id == id))).one_or_none()
        if row is None:
            raise Refused("not-found")
        return court_of(row)

    async def all(self) -> list[Court]:
        async with self._engines.reading.connect() as connection:
            return [court_of(row) for row in await connection.execute(select(courts).order_by(courts.c.name))]

    async def below(self, id: str) -> list[Court]:
        """The courts directly under `id` in the tree."""
        query = select(courts).where(courts.c.parent == id).order_by(courts.c.name)
        async with self._engines.reading.connect() as connection:
            return [court_of(row) for row in await connection.execute(query)]

    async def add_courtroom(self, court: str, *, name: str, id: str | None = None) -> Courtroom:
        courtroom = Courtroom(id=id or self._ids.new(), court=court, name=name)
        try:
            async with self._engines.writing.begin() as connection:
                await connection.execute(
                    insert(courtrooms).values(id=courtroom.id, court=court, name=name, active=True)
                )
        except IntegrityError as taken:
            raise Refused("courtroom-name-taken") from taken
        return courtroom

    async def courtrooms(self, court: str) -> list[Courtroom]:
        query = select(courtrooms).where(courtrooms.c.court == court, courtrooms.c.active).order_by(courtrooms.c.name)
        async with self._engines.reading.connect() as connection:
            return [courtroom_of(row) for row in await connection.execute(query)]

    async def courtroom(self, id: str) -> Courtroom:
        async with self._engines.reading.connect() as connection:
            row = (await connection.execute(select(courtrooms).where(courtrooms.c.id == id))).one_or_none()
        if row is None:
            raise Refused("not-found")
        return courtroom_of(row)


def court_of(row: Row[tuple[object, ...]]) -> Court:
    return Court(
        id=row.id, name=row.name, time_zone=row.time_zone, pack=row.pack, province=row.province, parent=row.parent
    )


def courtroom_of(row: Row[tuple[object, ...]]) -> Courtroom:
    return Courtroom(id=row.id, court=row.court, name=row.name, active=row.active)
