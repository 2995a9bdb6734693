"""Every table of the product. Rule: a change here comes with a migration; a test compares the two on both databases.

Ids are text (UUIDv7). Names and contact data live in `persons` alone: entries hold ids only.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware time in UTC on both databases; SQLite has no time zones and would hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time has no place in the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def identity() -> Column[str]:
    return Column("id", String(80), primary_key=True)


def refers(name: str, target: str, *, optional: bool = False, **options: Any) -> Column[str]:
    return Column(name, String(80), ForeignKey(f"{target}.id"), nullable=optional, **options)


# --- the record -------------------------------------------------------------------------------------------------------

entries = Table(
    "entries",
    metadata,
    Column("hearing", String(80), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),  # the hashed spelling itself, see docs/record.md
    Column("by", String(80), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("schema", Integer, nullable=False),
    Column("op_id", String(160), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("key_id", String(80), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("hearing", "op_id", "ordinal"),
    CheckConstraint("number > 0", name="numbered_from_one"),
)

# The body stands apart so that it can be erased by law while the header, and with it the chain, stays. `stand_in` is
# the same event without its free text, so that the hearing can still be folded.
bodies = Table(
    "bodies",
    metadata,
    Column("hearing", String(80), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=True),
    Column("body", LargeBinary, nullable=True),
    Column("stand_in", LargeBinary),
    Column("erased_at", Instant),
    Column("erased_by", String(80)),
    Column("erased_reason", Text),
    ForeignKeyConstraint(["hearing", "number"], ["entries.hearing", "entries.number"]),
    CheckConstraint("(body IS NULL) = (erased_at IS NOT NULL)", name="erased_or_whole"),
)

# The head is what makes a cut-off tail visible, and the row that serialises two writers.
heads = Table(
    "heads",
    metadata,
    Column("hearing", String(80), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

placements = Table(
    "placements",
    metadata,
    Column("hearing", String(80), primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("lease_until", Instant, nullable=False),
)

# --- courts and people ------------------------------------------------------------------------------------------------

courts = Table(
    "courts",
    metadata,
    identity(),
    refers("parent", "courts", optional=True),
    Column("name", String(200), nullable=False),
    Column("province", String(200), nullable=False, server_default=""),
    Column("time_zone", String(60), nullable=False),
    Column("pack", String(20), nullable=False),
)

courtrooms = Table(
    "courtrooms",
    metadata,
    identity(),
    refers("court", "courts"),
    Column("name", String(200), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    # at most one live sitting at a time: StartSitting fills this, EndSitting empties it
    Column("live_hearing", String(80)),
    UniqueConstraint("court", "name"),
)

persons = Table(
    "persons",
    metadata,
    identity(),
    Column("name", String(200), nullable=False),
    Column("name_folded", String(200), nullable=False, index=True),
    Column("title", String(200), nullable=False, server_default=""),
    Column("email", String(200), nullable=False, server_default=""),
    Column("phone", String(80), nullable=False, server_default=""),
    Column("language", String(10), nullable=False, server_default="vi"),
    Column("document_last4", String(4), nullable=False, server_default=""),
)

accounts = Table(
    "accounts",
    metadata,
    identity(),
    refers("person", "persons", unique=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", Instant, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("court", String(80), ForeignKey("courts.id"), primary_key=True),
    Column("person", String(80), ForeignKey("persons.id"), primary_key=True),
    Column("role", String(80), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    refers("person", "persons", index=True),
    refers("account", "accounts", optional=True),
    # set together for a session that came from an invitation: it opens this one hearing and nothing else
    Column("hearing", String(80)),
    Column("seat", String(80)),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

invitations = Table(
    "invitations",
    metadata,
    identity(),
    Column("hearing", String(80), nullable=False, index=True),
    Column("seat", String(80), nullable=False),
    refers("person", "persons"),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("code_sha256", String(64), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)

# --- cases and the calendar -------------------------------------------------------------------------------------------

cases = Table(
    "cases",
    metadata,
    identity(),
    refers("court", "courts", index=True),
    refers("court_at_acceptance", "courts"),
    Column("kind", String(80), nullable=False),
    Column("title", String(300), nullable=False),
    Column("title_folded", String(300), nullable=False),
    Column("status", String(20), nullable=False),
    Column("sealed", Boolean, nullable=False, default=False),
    Column("accepted_on", String(10)),
    Column("created_at", Instant, nullable=False),
)

case_numbers = Table(
    "case_numbers",
    metadata,
    identity(),
    refers("court", "courts"),
    refers("case", "cases", index=True),
    Column("year", Integer, nullable=False),
    Column("symbol", String(80), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("raw", String(80), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    UniqueConstraint("court", "year", "symbol", "sequence"),
    CheckConstraint("state IN ('reserved', 'confirmed', 'void')", name="state"),
    CheckConstraint("state <> 'void' OR reason <> ''", name="void_has_a_reason"),
)

parties = Table(
    "parties",
    metadata,
    identity(),
    refers("case", "cases", index=True),
    refers("person", "persons", index=True),
    Column("role", String(80), nullable=False),
    refers("accompanies", "parties", optional=True),
    UniqueConstraint("case", "person", "role"),
)

items = Table(
    "items",
    metadata,
    identity(),
    refers("case", "cases", index=True),
    Column("hearing", String(80), index=True),
    Column("kind", String(80), nullable=False),
    Column("source", String(80), nullable=False),
    Column("title", String(300), nullable=False),
    Column("blob", String(300), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("visibility", String(12), nullable=False),
    Column("seal", Text),
    Column("folio_from", Integer),
    Column("folio_to", Integer),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80), nullable=False),
    CheckConstraint("visibility IN ('public', 'parties', 'court', 'panel')", name="visibility"),
    CheckConstraint("(folio_from IS NULL) = (folio_to IS NULL)", name="folio_range_is_whole"),
)

grants = Table(
    "grants",
    metadata,
    identity(),
    refers("case", "cases", index=True),
    refers("item", "items", optional=True, index=True),
    refers("person", "persons", index=True),
    Column("verb", String(20), nullable=False),
    Column("granted_by", String(80), nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)

# Projections of the record: made again from the entries at any time, never decided upon.
hearings = Table(
    "hearings",
    metadata,
    identity(),
    refers("case", "cases", index=True),
    refers("court", "courts", index=True),
    refers("courtroom", "courtrooms", optional=True),
    Column("pack", String(20), nullable=False),
    Column("procedure", String(80), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("starts_at", Instant, nullable=False, index=True),
    Column("stage", String(20), nullable=False),
    Column("phase", String(80)),
    Column("interruption", String(80)),
    Column("outcome", String(80)),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("number", BigInteger, nullable=False),
)

seats = Table(
    "seats",
    metadata,
    Column("hearing", String(80), ForeignKey("hearings.id"), primary_key=True),
    Column("seat", String(80), primary_key=True),
    Column("person", String(80), nullable=False, index=True),
    Column("role", String(80), nullable=False),
    Column("point", String(80), nullable=False),
)

sittings = Table(
    "sittings",
    metadata,
    identity(),
    refers("hearing", "hearings", index=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

# A booking is made before the hearing's first entry, so it refers to no hearing row.
bookings = Table(
    "bookings",
    metadata,
    Column("hearing", String(80), primary_key=True),
    refers("courtroom", "courtrooms"),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("ix_bookings_courtroom_starts_at", "courtroom", "starts_at"),
    CheckConstraint("starts_at < ends_at", name="ends_after_it_starts"),
)

sealed_reads = Table(
    "sealed_reads",
    metadata,
    identity(),
    refers("item", "items", index=True),
    refers("person", "persons"),
    Column("at", Instant, nullable=False),
)
