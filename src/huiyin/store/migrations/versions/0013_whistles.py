"""The whistle (吹哨): its views, one row a whistle, a department, a duty that waits, a ticket it is about."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE SEQUENCE whistle_number;
CREATE TABLE whistles (
  number text PRIMARY KEY,
  version integer NOT NULL,
  state text NOT NULL,
  kind text NOT NULL,
  source text NOT NULL,
  category text NOT NULL,
  street_code text NOT NULL,
  community_code text,
  estate_code text,
  grid_code text,
  building_code text,
  blower text NOT NULL,
  lead text,
  departments integer NOT NULL,
  approval text NOT NULL,
  level integer NOT NULL,
  returned integer NOT NULL,
  justified text,
  score integer,
  solved text,
  blown_at timestamptz NOT NULL,
  called_at timestamptz,
  due_at timestamptz,
  next_at timestamptz,
  closed_at timestamptz,
  outcome text,
  provisional boolean NOT NULL
);
CREATE INDEX whistles_next ON whistles (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX whistles_provisional ON whistles (number) WHERE provisional;
CREATE INDEX whistles_matter ON whistles (street_code, category, estate_code, grid_code) WHERE closed_at IS NULL;
CREATE INDEX whistles_open ON whistles (street_code, due_at, number) WHERE closed_at IS NULL;
CREATE INDEX whistles_open_community ON whistles (community_code, due_at, number) WHERE closed_at IS NULL;
CREATE INDEX whistles_open_all ON whistles (due_at, number) WHERE closed_at IS NULL;
CREATE INDEX whistles_street ON whistles (street_code, number);
CREATE INDEX whistles_community ON whistles (community_code, number);
CREATE INDEX whistles_blown ON whistles (blown_at, street_code);
CREATE INDEX log_whistle_rulings ON log (id) WHERE step = 'whistle.objection_ruled.v1';
CREATE TABLE whistle_lines (
  number text NOT NULL,
  post_code text NOT NULL,
  lead boolean NOT NULL,
  stage text NOT NULL,
  on_site text,
  objected boolean NOT NULL,
  bound boolean NOT NULL,
  late text,
  duty text,
  due_at timestamptz,
  level integer NOT NULL,
  called_at timestamptz NOT NULL,
  open boolean NOT NULL,
  response integer,
  arrival integer,
  quality integer,
  cooperation integer,
  PRIMARY KEY (number, post_code)
);
CREATE INDEX whistle_lines_inbox ON whistle_lines (post_code, coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz), number) WHERE open;
CREATE INDEX whistle_lines_post ON whistle_lines (post_code, called_at, number);
CREATE TABLE whistle_duties (
  number text NOT NULL,
  duty text NOT NULL,
  post_code text NOT NULL,
  about text NOT NULL,
  due_at timestamptz NOT NULL,
  level integer NOT NULL,
  PRIMARY KEY (number, duty, post_code, about)
);
CREATE INDEX whistle_duties_post ON whistle_duties (post_code, due_at, number, duty, about);
CREATE TABLE whistle_tickets (
  ticket text NOT NULL,
  number text NOT NULL,
  PRIMARY KEY (ticket, number)
);
CREATE INDEX whistle_tickets_number ON whistle_tickets (number);
GRANT USAGE ON SEQUENCE whistle_number TO huiyin_app;
GRANT SELECT, INSERT, UPDATE ON whistles TO huiyin_app;
GRANT SELECT, INSERT, DELETE ON whistle_lines, whistle_duties, whistle_tickets TO huiyin_app;
"""


def upgrade() -> None:
    """Empty views: no whistle was blown before."""
    for statement in SCHEMA.split(";\n"):  # asyncpg takes one statement a call
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
