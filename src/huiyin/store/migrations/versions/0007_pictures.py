"""Pictures (照片): what the vault keeps of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# event_id: of the complaint that it came with over the doorstep, until and after that is a ticket.
SCHEMA = """
CREATE TABLE vault.pictures (
    ref text PRIMARY KEY, event_id text, person bytea, key bytea, body bytea NOT NULL, small bytea NOT NULL,
    digest text NOT NULL, at timestamptz NOT NULL
);
ALTER TABLE vault.pictures ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE vault.pictures ALTER COLUMN small SET STORAGE EXTERNAL;
CREATE INDEX pictures_event ON vault.pictures (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX pictures_person ON vault.pictures (person) WHERE person IS NOT NULL;
"""

# The services write pictures and learn which came with a complaint; only the vault's role sees what lies there.
RIGHTS = """
GRANT INSERT ON vault.pictures TO huiyin_app;
GRANT SELECT (ref, event_id, digest) ON vault.pictures TO huiyin_app;
GRANT SELECT, UPDATE ON vault.pictures TO huiyin_vault;
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
