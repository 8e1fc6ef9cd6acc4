"""Which whistles were blown for which mediation (吹哨): a view of the mediation's log."""

from alembic import op

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE mediation_whistles (
  number text NOT NULL,
  whistle text NOT NULL,
  PRIMARY KEY (number, whistle)
);
CREATE INDEX mediation_whistles_whistle ON mediation_whistles (whistle);
GRANT SELECT, INSERT, UPDATE, DELETE ON mediation_whistles TO huiyin_app;
"""


def upgrade() -> None:
    """Nothing was blown for a mediation yet."""
    for statement in filter(None, map(str.strip, SCHEMA.split(";"))):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
