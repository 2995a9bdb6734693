"""The first schema: the record, courts and people, cases and the calendar."""

import sqlalchemy as sa
from alembic import op

from hearing.store.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The record is append-only for the database as well: whoever wants to change an entry must first take this down, and
# the hash chain then still tells. A head moves forward only.
SQLITE_GUARDS = (
    "CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END",
    "CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END",
    "CREATE TRIGGER bodies_remain BEFORE DELETE ON bodies BEGIN SELECT RAISE(ABORT, 'bodies are erased in place'); END",
    "CREATE TRIGGER heads_go_forward BEFORE UPDATE ON heads WHEN NEW.number <= OLD.number "
    "BEGIN SELECT RAISE(ABORT, 'a head moves forward only'); END",
)
POSTGRESQL_GUARDS = (
    "CREATE FUNCTION record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$",
    "CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries "
    "FOR EACH ROW EXECUTE FUNCTION record_is_append_only()",
    "CREATE TRIGGER bodies_remain BEFORE DELETE ON bodies FOR EACH ROW EXECUTE FUNCTION record_is_append_only()",
    "CREATE TRIGGER heads_go_forward BEFORE UPDATE ON heads FOR EACH ROW WHEN (NEW.number <= OLD.number) "
    "EXECUTE FUNCTION record_is_append_only()",
)


def upgrade() -> None:
    op.create_table(
        "courts",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("parent", sa.String(length=80), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("province", sa.String(length=200), server_default="", nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("pack", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["courts.id"], name=op.f("fk_courts_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courts")),
    )
    op.create_table(
        "entries",
        sa.Column("hearing", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(length=160), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=80), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_entries_numbered_from_one")),
        sa.PrimaryKeyConstraint("hearing", "number", name=op.f("pk_entries")),
        sa.UniqueConstraint("hearing", "op_id", "ordinal", name=op.f("uq_entries_hearing_op_id_ordinal")),
    )
    op.create_table(
        "heads",
        sa.Column("hearing", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("hearing", name=op.f("pk_heads")),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_folded", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), server_default="", nullable=False),
        sa.Column("email", sa.String(length=200), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=80), server_default="", nullable=False),
        sa.Column("language", sa.String(length=10), server_default="vi", nullable=False),
        sa.Column("document_last4", sa.String(length=4), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_index(op.f("ix_persons_name_folded"), "persons", ["name_folded"], unique=False)
    op.create_table(
        "placements",
        sa.Column("hearing", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hearing", name=op.f("pk_placements")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_accounts_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
        sa.UniqueConstraint("person", name=op.f("uq_accounts_person")),
    )
    op.create_table(
        "bodies",
        sa.Column("hearing", sa.String(length=80), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("stand_in", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", Instant(), nullable=True),
        sa.Column("erased_by", sa.String(length=80), nullable=True),
        sa.Column("erased_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(body IS NULL) = (erased_at IS NOT NULL)", name=op.f("ck_bodies_erased_or_whole")),
        sa.ForeignKeyConstraint(
            ["hearing", "number"], ["entries.hearing", "entries.number"], name=op.f("fk_bodies_hearing_number")
        ),
        sa.PrimaryKeyConstraint("hearing", "number", name=op.f("pk_bodies")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("court", sa.String(length=80), nullable=False),
        sa.Column("court_at_acceptance", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("title_folded", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("accepted_on", sa.String(length=10), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["court"], ["courts.id"], name=op.f("fk_cases_court")),
        sa.ForeignKeyConstraint(["court_at_acceptance"], ["courts.id"], name=op.f("fk_cases_court_at_acceptance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_court"), "cases", ["court"], unique=False)
    op.create_table(
        "courtrooms",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("court", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("live_hearing", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["court"], ["courts.id"], name=op.f("fk_courtrooms_court")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courtrooms")),
        sa.UniqueConstraint("court", "name", name=op.f("uq_courtrooms_court_name")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("hearing", sa.String(length=80), nullable=False),
        sa.Column("seat", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_invitations_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_invitations_code_sha256")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitations_token_sha256")),
    )
    op.create_index(op.f("ix_invitations_hearing"), "invitations", ["hearing"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("court", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["court"], ["courts.id"], name=op.f("fk_memberships_court")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_memberships_person")),
        sa.PrimaryKeyConstraint("court", "person", "role", name=op.f("pk_memberships")),
    )
    op.create_table(
        "bookings",
        sa.Column("hearing", sa.String(length=80), nullable=False),
        sa.Column("courtroom", sa.String(length=80), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_bookings_ends_after_it_starts")),
        sa.ForeignKeyConstraint(["courtroom"], ["courtrooms.id"], name=op.f("fk_bookings_courtroom")),
        sa.PrimaryKeyConstraint("hearing", name=op.f("pk_bookings")),
    )
    op.create_index("ix_bookings_courtroom_starts_at", "bookings", ["courtroom", "starts_at"], unique=False)
    op.create_table(
        "case_numbers",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("court", sa.String(length=80), nullable=False),
        sa.Column("case", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("raw", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("state <> 'void' OR reason <> ''", name=op.f("ck_case_numbers_void_has_a_reason")),
        sa.CheckConstraint("state IN ('reserved', 'confirmed', 'void')", name=op.f("ck_case_numbers_state")),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_case_numbers_case")),
        sa.ForeignKeyConstraint(["court"], ["courts.id"], name=op.f("fk_case_numbers_court")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_numbers")),
        sa.UniqueConstraint(
            "court", "year", "symbol", "sequence", name=op.f("uq_case_numbers_court_year_symbol_sequence")
        ),
    )
    op.create_index(op.f("ix_case_numbers_case"), "case_numbers", ["case"], unique=False)
    op.create_table(
        "hearings",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("case", sa.String(length=80), nullable=False),
        sa.Column("court", sa.String(length=80), nullable=False),
        sa.Column("courtroom", sa.String(length=80), nullable=True),
        sa.Column("pack", sa.String(length=20), nullable=False),
        sa.Column("procedure", sa.String(length=80), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("visibility", sa.String(length=20), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("phase", sa.String(length=80), nullable=True),
        sa.Column("interruption", sa.String(length=80), nullable=True),
        sa.Column("outcome", sa.String(length=80), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_hearings_case")),
        sa.ForeignKeyConstraint(["court"], ["courts.id"], name=op.f("fk_hearings_court")),
        sa.ForeignKeyConstraint(["courtroom"], ["courtrooms.id"], name=op.f("fk_hearings_courtroom")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearings")),
    )
    op.create_index(op.f("ix_hearings_case"), "hearings", ["case"], unique=False)
    op.create_index(op.f("ix_hearings_court"), "hearings", ["court"], unique=False)
    op.create_index(op.f("ix_hearings_starts_at"), "hearings", ["starts_at"], unique=False)
    op.create_table(
        "items",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("case", sa.String(length=80), nullable=False),
        sa.Column("hearing", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("blob", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("visibility", sa.String(length=12), nullable=False),
        sa.Column("seal", sa.Text(), nullable=True),
        sa.Column("folio_from", sa.Integer(), nullable=True),
        sa.Column("folio_to", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("visibility IN ('public', 'parties', 'court', 'panel')", name=op.f("ck_items_visibility")),
        sa.CheckConstraint("(folio_from IS NULL) = (folio_to IS NULL)", name=op.f("ck_items_folio_range_is_whole")),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_items_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_case"), "items", ["case"], unique=False)
    op.create_index(op.f("ix_items_hearing"), "items", ["hearing"], unique=False)
    op.create_table(
        "parties",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("case", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("accompanies", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["accompanies"], ["parties.id"], name=op.f("fk_parties_accompanies")),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_parties_case")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_parties_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
        sa.UniqueConstraint("case", "person", "role", name=op.f("uq_parties_case_person_role")),
    )
    op.create_index(op.f("ix_parties_case"), "parties", ["case"], unique=False)
    op.create_index(op.f("ix_parties_person"), "parties", ["person"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=True),
        sa.Column("hearing", sa.String(length=80), nullable=True),
        sa.Column("seat", sa.String(length=80), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_sessions_account")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_sessions_person")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_person"), "sessions", ["person"], unique=False)
    op.create_table(
        "grants",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("case", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=True),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("granted_by", sa.String(length=80), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_grants_case")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_grants_item")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_grants_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_case"), "grants", ["case"], unique=False)
    op.create_index(op.f("ix_grants_item"), "grants", ["item"], unique=False)
    op.create_index(op.f("ix_grants_person"), "grants", ["person"], unique=False)
    op.create_table(
        "sealed_reads",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_sealed_reads_item")),
        sa.ForeignKeyConstraint(["person"], ["persons.id"], name=op.f("fk_sealed_reads_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_reads")),
    )
    op.create_index(op.f("ix_sealed_reads_item"), "sealed_reads", ["item"], unique=False)
    op.create_table(
        "seats",
        sa.Column("hearing", sa.String(length=80), nullable=False),
        sa.Column("seat", sa.String(length=80), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("point", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["hearing"], ["hearings.id"], name=op.f("fk_seats_hearing")),
        sa.PrimaryKeyConstraint("hearing", "seat", name=op.f("pk_seats")),
    )
    op.create_index(op.f("ix_seats_person"), "seats", ["person"], unique=False)
    op.create_table(
        "sittings",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("hearing", sa.String(length=80), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["hearing"], ["hearings.id"], name=op.f("fk_sittings_hearing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sittings")),
    )
    op.create_index(op.f("ix_sittings_hearing"), "sittings", ["hearing"], unique=False)

    for statement in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(statement)
