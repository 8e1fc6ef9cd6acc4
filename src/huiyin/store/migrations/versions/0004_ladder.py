"""What the ladder needs of the tickets' view, of dossiers and of parties."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = """
ALTER TABLE tickets ADD COLUMN next_at timestamptz;
ALTER TABLE tickets ADD COLUMN supervised integer;
ALTER TABLE tickets ADD COLUMN ruler_code text;
ALTER TABLE tickets ADD COLUMN lead text;
ALTER TABLE tickets ADD COLUMN provisional boolean NOT NULL DEFAULT false;
DROP INDEX tickets_due;
CREATE INDEX tickets_next ON tickets (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX tickets_desk ON tickets (post_code, due_at, number) WHERE closed_at IS NULL AND lead IS NULL;
CREATE INDEX tickets_ruler ON tickets (ruler_code) WHERE ruler_code IS NOT NULL;
CREATE INDEX tickets_supervised ON tickets (street_code, number) WHERE supervised IS NOT NULL;
CREATE INDEX tickets_provisional ON tickets (number) WHERE provisional;
CREATE INDEX log_rulings ON log (id) WHERE step = 'ticket.objection_ruled.v1';
ALTER TABLE vault.dossiers ADD COLUMN household bytea;
CREATE INDEX dossiers_household ON vault.dossiers (household) WHERE household IS NOT NULL;
CREATE TABLE parties (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number text NOT NULL, role text NOT NULL, phone bytea, household bytea, person text, organisation text,
    at timestamptz NOT NULL
);
CREATE INDEX parties_number ON parties (number);
CREATE INDEX parties_phone ON parties (phone) WHERE phone IS NOT NULL;
CREATE INDEX parties_household ON parties (household) WHERE household IS NOT NULL;
CREATE INDEX parties_person ON parties (person) WHERE person IS NOT NULL;
CREATE INDEX parties_organisation ON parties (organisation) WHERE organisation IS NOT NULL;
"""

# The services compare keyed hashes of who complained; the words and their keys stay the vault's alone.
RIGHTS = """
GRANT SELECT, INSERT ON parties TO huiyin_app;
GRANT SELECT (ref, person, household) ON vault.dossiers TO huiyin_app;
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
