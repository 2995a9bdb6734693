"""The migrations make exactly the tables the code uses, on both databases, and when processes start together."""

import asyncio
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from hearing.store import Store, open_store
from hearing.store.tables import metadata


def difference(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def checks(connection: Connection) -> set[str]:
    """Alembic's comparison does not look at CHECK constraints, so they are compared by name here."""
    found = inspect(connection)
    return {str(check["name"]) for table in found.get_table_names() for check in found.get_check_constraints(table)}


async def test_the_migrated_schema_is_the_declared_one(store: Store) -> None:
    async with store.session() as session:
        assert await session.run_sync(difference) == []


async def test_every_check_constraint_is_in_the_database(store: Store) -> None:
    declared = {
        f"ck_{table.name}_{constraint.name}" if not str(constraint.name).startswith("ck_") else str(constraint.name)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if type(constraint).__name__ == "CheckConstraint"
    }
    async with store.session() as session:
        found = await session.run_sync(checks)
    assert len(declared) >= 7
    assert declared <= found


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    stores = await asyncio.gather(*(open_store(database_url) for _ in range(4)))
    assert [await store.record.heads() for store in stores] == [{}] * 4
    for store in stores:
        await store.close()


async def test_opening_again_changes_nothing(database_url: str) -> None:
    first = await open_store(database_url)
    await first.courts.add(name="Tòa án", time_zone="Asia/Ho_Chi_Minh", pack="vn", id="court-1")
    await first.close()
    second = await open_store(database_url)
    assert (await second.courts.court("court-1")).name == "Tòa án"
    await second.close()
