"""Alembic's entrance. Rule: only ever runs inside the connection that `hearing.store.migrate` hands over."""

from alembic import context

from hearing.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
