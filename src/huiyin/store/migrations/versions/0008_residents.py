"""What residents may add: urging, pressure; a lane of its own for floods, proofs of work that were used."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = """
ALTER TABLE tickets ADD COLUMN urged integer NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN watcher_code text;
ALTER TABLE tickets ADD COLUMN pressured boolean NOT NULL DEFAULT false;
CREATE INDEX tickets_watcher ON tickets (watcher_code, due_at, number)
    WHERE watcher_code IS NOT NULL AND closed_at IS NULL AND lead IS NULL;
CREATE INDEX tickets_open ON tickets (community_code, category) WHERE closed_at IS NULL;
ALTER TABLE vault.waiting ADD COLUMN lane smallint NOT NULL DEFAULT 0;
CREATE INDEX waiting_lane ON vault.waiting (lane, xid, seq);
CREATE TABLE proofs (mark bytea PRIMARY KEY, until timestamptz NOT NULL);
CREATE INDEX proofs_until ON proofs (until);
"""

RIGHTS = """
GRANT SELECT, INSERT, DELETE ON proofs TO huiyin_app;
"""


def script(block: str) -> None:
    """asyncpg takes one statement a call; every statement here ends its line."""
    for statement in block.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    script(SCHEMA)
    roles = op.get_bind().execute(
        sa.text("SELECT count(*) FROM pg_roles WHERE rolname IN ('huiyin_app', 'huiyin_vault')")
    ).scalar_one()
    if roles == 2:
        script(RIGHTS)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
