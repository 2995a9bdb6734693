"""Brings a database to the newest schema at start-up. Rule: one transaction, and two processes take turns."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hearing.store.engines import Engines, listen

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 7_304_011


async def migrate(engines: Engines, revision: str = "head") -> None:
    """On an engine of its own: batch mode copies tables, which SQLite's foreign keys would turn into deletions."""
    driver = "sqlite+aiosqlite" if engines.sqlite else "postgresql+psycopg"
    engine = create_async_engine(engines.url.set(drivername=driver), poolclass=NullPool)
    if engines.sqlite:
        listen(engine.sync_engine, begin="BEGIN IMMEDIATE", pragmas=("foreign_keys=OFF",))
    try:
        async with engine.begin() as connection:
            if not engines.sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
            await connection.run_sync(upgrade, revision)
    finally:
        await engine.dispose()


def upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(config(connection), revision)


def config(connection: Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made
