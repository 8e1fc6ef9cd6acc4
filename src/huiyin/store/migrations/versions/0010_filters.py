"""Saved filters of lists; indexes of what waits to be sorted by people."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The condition is word for word what `store.worklists` asks: else the planner would not know its index.
UNSORTED = (
    "closed_at IS NULL AND (state = 'sorting' OR (state = 'dispatched'"
    " AND (category = 'T09' OR coalesce(estate_code, grid_code) IS NULL)))"
)
SCHEMA = f"""
CREATE TABLE filters (
    id text PRIMARY KEY, username text NOT NULL, name text NOT NULL, query text NOT NULL,
    first boolean NOT NULL DEFAULT false, at timestamptz NOT NULL
);
CREATE INDEX filters_username ON filters (username, at);
CREATE UNIQUE INDEX filters_first ON filters (username) WHERE first;
CREATE INDEX tickets_unsorted_street ON tickets (street_code, number) WHERE {UNSORTED};
CREATE INDEX tickets_unsorted_community ON tickets (community_code, number) WHERE {UNSORTED};
CREATE INDEX tickets_unsorted_grid ON tickets (grid_code, number) WHERE {UNSORTED};
"""

RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON filters TO huiyin_app;
"""


def script(block: str) -> None:
    """asyncpg takes one statement a call; every statement here ends its line."""
    for statement in block.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    script(SCHEMA)
    roles = (
        op.get_bind()
        .execute(sa.text("SELECT count(*) FROM pg_roles WHERE rolname IN ('huiyin_app', 'huiyin_vault')"))
        .scalar_one()
    )
    if roles == 2:
        script(RIGHTS)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
