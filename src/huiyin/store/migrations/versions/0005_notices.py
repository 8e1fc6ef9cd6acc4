"""What respondents are told; and the index that a supervisor of a community asks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE notices (id text PRIMARY KEY, post_code text NOT NULL, ref text NOT NULL, day date NOT NULL);
CREATE INDEX notices_post ON notices (post_code, day, id);
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
