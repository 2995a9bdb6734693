"""Case numbers in SQL: unique per court, year and symbol, without gaps, never used twice, void only with a reason."""

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hearing.cases import CaseNumber, Number, NumberState, Purpose, written
from hearing.errors import Refused
from hearing.ports import Clock, Ids
from hearing.store.engines import Engines
from hearing.store.tables import case_numbers, courts


class SqlNumbers:
    def __init__(self, engines: Engines, clock: Clock, ids: Ids) -> None:
        self._engines = engines
        self._clock = clock
        self._ids = ids

    async def reserve(self, *, court: str, case: str, year: int, symbol: str, purpose: Purpose) -> CaseNumber:
        """The next number of the court's register for this year and symbol. Confirm it, or void it with a reason."""
        async with self._engines.writing.begin() as connection:
            # The court's row is the lock: two clerks get two numbers, one after the other.
            await connection.execute(select(courts.c.id).where(courts.c.id == court).with_for_update())
            last = select(func.max(case_numbers.c.sequence)).where(
                case_numbers.c.court == court, case_numbers.c.year == year, case_numbers.c.symbol == symbol
            )
            sequence = ((await connection.execute(last)).scalar() or 0) + 1
            number = Number(sequence=sequence, year=year, symbol=symbol, raw=written(sequence, year, symbol))
            return await self._insert(connection, court, case, number, purpose, NumberState.RESERVED)

    async def register(self, *, court: str, case: str, number: Number, purpose: Purpose) -> CaseNumber:
        """Enter a number that exists already, as when a file comes from elsewhere. Raises `Refused("number-taken")`."""
        try:
            async with self._engines.writing.begin() as connection:
                return await self._insert(connection, court, case, number, purpose, NumberState.CONFIRMED)
        except IntegrityError as taken:
            raise Refused("number-taken") from taken

    async def confirm(self, id: str) -> None:
        await self._turn(id, NumberState.RESERVED, NumberState.CONFIRMED, "")

    async def void(self, id: str, reason: str) -> None:
        """Signing failed, or it was given by mistake: the number stays in the register and is never given again."""
        if not reason.strip():
            raise Refused("reason-missing")
        await self._turn(id, NumberState.RESERVED, NumberState.VOID, reason.strip())

    async def of_case(self, case: str) -> list[CaseNumber]:
        query = select(case_numbers).where(case_numbers.c.case == case).order_by(case_numbers.c.at, case_numbers.c.id)
        async with self._engines.reading.connect() as connection:
            return [number_of(row) for row in await connection.execute(query)]

    async def _turn(self, id: str, before: NumberState, after: NumberState, reason: str) -> None:
        async with self._engines.writing.begin() as connection:
            changed = await connection.execute(
                update(case_numbers)
                .where(case_numbers.c.id == id, case_numbers.c.state == before)
                .values(state=after, reason=reason)
            )
            if changed.rowcount != 1:
                raise Refused("number-not-reserved")

    async def _insert(
        self,
        connection: AsyncConnection,
        court: str,
        case: str,
        number: Number,
        purpose: Purpose,
        state: NumberState,
    ) -> CaseNumber:
        id = self._ids.new()
        await connection.execute(
            insert(case_numbers).values(
                id=id,
                court=court,
                case=case,
                year=number.year,
                symbol=number.symbol,
                sequence=number.sequence,
                raw=number.raw,
                purpose=purpose,
                state=state,
                reason="",
                at=self._clock.now(),
            )
        )
        return CaseNumber(id=id, case=case, number=number, purpose=purpose, state=state, reason="")


def number_of(row: Row[tuple[object, ...]]) -> CaseNumber:
    return CaseNumber(
        id=row.id,
        case=row.case,
        number=Number(sequence=row.sequence, year=row.year, symbol=row.symbol, raw=row.raw),
        purpose=Purpose(row.purpose),
        state=NumberState(row.state),
        reason=row.reason,
    )
