"""What somebody asked for, extension or shelving, is on the desk of whoever may grant it (待批准)."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = """
ALTER TABLE tickets ADD COLUMN asked text;
CREATE INDEX tickets_asked_street ON tickets (street_code, number) WHERE asked IS NOT NULL;
CREATE INDEX tickets_asked_community ON tickets (community_code, number) WHERE asked IS NOT NULL;
"""


def upgrade() -> None:
    """Tickets of before have it from their next step on."""
    for statement in SCHEMA.split(";\n"):  # asyncpg takes one statement a call
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
