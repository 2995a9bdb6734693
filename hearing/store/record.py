"""The record in SQL. Rule: one transaction per append, and nothing here ever changes an entry.

`docs/record.md` defines the hash chain; `hearing.chain` computes it.
"""

import os
from collections.abc import Sequence

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from hearing import chain, wire
from hearing.ports import Clock, Conflict, Draft, Fenced
from hearing.store.engines import Engines
from hearing.store.tables import bodies, entries, heads, placements


class SqlRecord:
    def __init__(self, engines: Engines, clock: Clock) -> None:
        self._engines = engines
        self._clock = clock

    async def append(
        self, hearing: str, expected: int, drafts: Sequence[Draft], *, generation: int | None = None
    ) -> tuple[wire.Entry, ...]:
        def write(connection: Connection) -> tuple[wire.Entry, ...]:
            if generation is not None:
                refuse_an_old_generation(connection, hearing, generation)
            prev = head(connection, hearing, expected)
            salts = [os.urandom(chain.SALT_BYTES) for _ in drafts]
            written = chain.seal(hearing, expected, prev, drafts, salts)
            connection.execute(
                insert(entries), [header(entry, draft) for entry, draft in zip(written, drafts, strict=True)]
            )
            connection.execute(
                insert(bodies),
                [
                    {"hearing": hearing, "number": entry.number, "salt": salt, "body": entry.body}
                    for entry, salt in zip(written, salts, strict=True)
                ],
            )
            move_head(connection, hearing, expected, written[-1])
            return written

        try:
            return await self._engines.write(write)
        except IntegrityError as taken:
            raise Conflict(hearing) from taken

    async def read(self, hearing: str, after: int = 0, limit: int | None = None) -> list[wire.Entry]:
        query = (
            select(entries, bodies.c.body, bodies.c.stand_in)
            .join(bodies, (bodies.c.hearing == entries.c.hearing) & (bodies.c.number == entries.c.number))
            .where(entries.c.hearing == hearing, entries.c.number > after)
            .order_by(entries.c.number)
            .limit(limit)
        )
        async with self._engines.reading.connect() as connection:
            return [entry_of(row) for row in await connection.execute(query)]

    async def heads(self) -> dict[str, int]:
        async with self._engines.reading.connect() as connection:
            return {
                row.hearing: row.number for row in await connection.execute(select(heads.c.hearing, heads.c.number))
            }

    async def erase(self, hearing: str, number: int, *, stand_in: bytes, by: str, reason: str) -> None:
        """Destroy a body by law: text and salt go, the header stays, `stand_in` is folded in its place.

        The caller owes a `stand_in` that is the same event with its free text emptied.
        """
        async with self._engines.writing.begin() as connection:
            row = (
                await connection.execute(
                    select(entries.c.kind, entries.c.schema).where(
                        entries.c.hearing == hearing, entries.c.number == number
                    )
                )
            ).one()
            wire.decode(row.kind, row.schema, stand_in)  # a stand-in that cannot be folded would lose the hearing
            await connection.execute(
                update(bodies)
                .where(bodies.c.hearing == hearing, bodies.c.number == number, bodies.c.body.is_not(None))
                .values(
                    body=None,
                    salt=None,
                    stand_in=stand_in,
                    erased_at=self._clock.now(),
                    erased_by=by,
                    erased_reason=reason,
                )
            )


def header(entry: wire.Entry, draft: Draft) -> dict[str, object]:
    return {
        "hearing": entry.hearing,
        "number": entry.number,
        "at": chain.instant(entry.at),
        "by": entry.by,
        "kind": entry.kind,
        "schema": entry.schema,
        "op_id": entry.op_id,
        "ordinal": draft.ordinal,
        "key_id": draft.key_id,
        "body_sha256": entry.body_sha256,
        "prev": entry.prev,
        "hash": entry.hash,
    }


def entry_of(row: Row[tuple[object, ...]]) -> wire.Entry:
    body = bytes(row.stand_in if row.body is None else row.body)
    return wire.Entry(
        hearing=row.hearing,
        number=row.number,
        at=chain.parse_instant(row.at),
        by=row.by,
        kind=row.kind,
        schema=row.schema,
        op_id=row.op_id,
        body_sha256=row.body_sha256,
        prev=row.prev,
        hash=row.hash,
        body=body,
        event=wire.decode(row.kind, row.schema, body),
    )


def head(connection: Connection, hearing: str, expected: int) -> str:
    """The hash that the next entry follows; raises `Conflict` when another process has written meanwhile."""
    query = select(heads.c.number, heads.c.hash).where(heads.c.hearing == hearing).with_for_update()
    row = connection.execute(query).one_or_none()
    number, prev = (row.number, row.hash) if row else (0, chain.BEGINNING)
    if number != expected:
        raise Conflict(hearing)
    return str(prev)


def move_head(connection: Connection, hearing: str, expected: int, last: wire.Entry) -> None:
    if expected == 0:
        connection.execute(insert(heads).values(hearing=hearing, number=last.number, hash=last.hash))
    else:
        connection.execute(update(heads).where(heads.c.hearing == hearing).values(number=last.number, hash=last.hash))


def refuse_an_old_generation(connection: Connection, hearing: str, generation: int) -> None:
    """The placement row stays locked until the commit: a new owner starts before the append or after, never within."""
    query = select(placements.c.generation).where(placements.c.hearing == hearing).with_for_update()
    current = connection.execute(query).scalar_one_or_none()
    if current != generation:
        raise Fenced(f"{hearing}: generation {generation} is not {current}")
