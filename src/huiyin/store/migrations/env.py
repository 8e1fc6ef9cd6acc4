"""Alembic's entry: runs on the connection that `store.migrate` hands in."""

from alembic import context

from huiyin.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name in (None, "vault"),
)
with context.begin_transaction():
    context.run_migrations()
