"""What is closed has indexes of its own: a page of it never looks through what is open (已结哨单)."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE INDEX whistles_closed ON whistles (street_code, number) WHERE closed_at IS NOT NULL;
CREATE INDEX whistles_closed_community ON whistles (community_code, number) WHERE closed_at IS NOT NULL;
CREATE INDEX whistles_closed_all ON whistles (number) WHERE closed_at IS NOT NULL;
CREATE INDEX whistle_lines_done ON whistle_lines (post_code, called_at, number) WHERE NOT open;
DROP INDEX whistles_street;
DROP INDEX whistles_community;
"""


def upgrade() -> None:
    """The indexes over all rows served nothing else."""
    for statement in SCHEMA.split(";\n"):  # asyncpg takes one statement a call
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
