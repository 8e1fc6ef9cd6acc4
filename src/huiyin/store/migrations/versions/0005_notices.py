"""What respondents are told; who else sees an emergency, who saw a ticket before; indexes of what is listed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE notices (id text PRIMARY KEY, post_code text NOT NULL, ref text NOT NULL, day date NOT NULL);
CREATE INDEX notices_post ON notices (post_code, day, id);
ALTER TABLE tickets ADD COLUMN also text;
ALTER TABLE tickets ADD COLUMN passed text;
CREATE INDEX tickets_also ON tickets (number) WHERE also IS NOT NULL AND closed_at IS NULL;
CREATE INDEX tickets_post ON tickets (post_code, number);
CREATE INDEX tickets_street ON tickets (street_code, number);
CREATE INDEX tickets_supervised_community ON tickets (community_code, number) WHERE supervised IS NOT NULL;
DROP INDEX tickets_ruler;
CREATE INDEX tickets_ruler ON tickets (ruler_code, number) WHERE ruler_code IS NOT NULL;
"""

RIGHTS = """
GRANT SELECT, INSERT ON notices TO huiyin_app;
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
