"""Tallies (统计): what the street's screen counts, by day and place."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The sums of a busy street change many times a second: room on each page for the next version of a row.
SCHEMA = """
CREATE TABLE counted (
    number text NOT NULL, version integer NOT NULL, metric text NOT NULL, day date NOT NULL,
    street text NOT NULL, community text NOT NULL, grid text NOT NULL, rung text NOT NULL, topic text NOT NULL,
    about text NOT NULL, said text NOT NULL, minutes integer NOT NULL,
    CONSTRAINT counted_pkey PRIMARY KEY (number, version, metric)
);
CREATE INDEX counted_all ON counted (metric, day);
CREATE INDEX counted_street ON counted (street, metric, day);
CREATE INDEX counted_community ON counted (community, metric, day);
CREATE TABLE tallies (
    place text NOT NULL, metric text NOT NULL, by text NOT NULL, day date NOT NULL, key text NOT NULL,
    about text NOT NULL, count bigint NOT NULL, minutes bigint NOT NULL,
    CONSTRAINT tallies_pkey PRIMARY KEY (place, metric, by, day, key, about)
) WITH (fillfactor = 70);
CREATE INDEX tickets_open_street ON tickets (street_code) WHERE closed_at IS NULL;
"""

RIGHTS = """
GRANT SELECT, INSERT ON counted TO huiyin_app;
GRANT SELECT, INSERT, UPDATE ON tallies TO huiyin_app;
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
