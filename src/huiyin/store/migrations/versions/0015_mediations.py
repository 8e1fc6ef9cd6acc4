"""Mediation (人民调解): its views, who the parties are by reference, committees with rooms, rosters and counters."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE SEQUENCE mediation_number;
CREATE TABLE mediations (
  number text PRIMARY KEY,
  version integer NOT NULL,
  state text NOT NULL,
  stage text NOT NULL,
  committee text NOT NULL,
  kind text NOT NULL,
  source text NOT NULL,
  category text NOT NULL,
  ticket text,
  before text,
  case_number text,
  restricted boolean NOT NULL,
  report_owed boolean NOT NULL,
  parties integer NOT NULL,
  mediators integer NOT NULL,
  sessions integer NOT NULL,
  level integer NOT NULL,
  accepted_at timestamptz,
  effective_at timestamptz,
  ended_at timestamptz,
  reason text,
  confirmation text NOT NULL,
  owed integer NOT NULL,
  performed integer NOT NULL,
  due_at timestamptz,
  next_at timestamptz,
  provisional boolean NOT NULL
);
CREATE INDEX mediations_next ON mediations (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mediations_provisional ON mediations (number) WHERE provisional;
CREATE INDEX mediations_open ON mediations (committee, kind, coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz), number) WHERE state <> 'archived';
CREATE INDEX mediations_closed ON mediations (committee, kind, number) WHERE state = 'archived';
CREATE INDEX mediations_ticket ON mediations (ticket) WHERE ticket IS NOT NULL;
CREATE UNIQUE INDEX mediations_case ON mediations (case_number) WHERE case_number IS NOT NULL;
CREATE TABLE mediation_seats (
  number text NOT NULL,
  person text NOT NULL,
  chosen boolean NOT NULL,
  open boolean NOT NULL,
  due_at timestamptz,
  PRIMARY KEY (number, person)
);
CREATE INDEX mediation_seats_day ON mediation_seats (person, coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz), number) WHERE open;
CREATE INDEX mediation_seats_done ON mediation_seats (person, number) WHERE NOT open;
CREATE TABLE mediation_duties (
  number text NOT NULL,
  duty text NOT NULL,
  about text NOT NULL,
  due_at timestamptz NOT NULL,
  level integer NOT NULL,
  PRIMARY KEY (number, duty, about)
);
CREATE TABLE mediation_sessions (
  number text NOT NULL,
  session integer NOT NULL,
  at timestamptz NOT NULL,
  online boolean NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (number, session)
);
CREATE INDEX mediation_sessions_at ON mediation_sessions (at, number) WHERE state = 'planned';
CREATE TABLE mediation_people (
  number text NOT NULL,
  ident text NOT NULL,
  capacity text NOT NULL,
  side text NOT NULL,
  applicant boolean NOT NULL,
  ref text,
  person text,
  organisation text,
  at timestamptz NOT NULL,
  PRIMARY KEY (number, ident)
);
CREATE TABLE mediation_codes (
  code bytea PRIMARY KEY,
  number text NOT NULL,
  party text NOT NULL,
  at timestamptz NOT NULL
);
CREATE UNIQUE INDEX mediation_codes_party ON mediation_codes (number, party);
CREATE TABLE mediation_committees (
  committee text NOT NULL,
  kind text NOT NULL,
  short text NOT NULL,
  called text NOT NULL,
  mixed boolean NOT NULL,
  PRIMARY KEY (committee, kind)
);
CREATE UNIQUE INDEX mediation_committees_short ON mediation_committees (short);
CREATE TABLE mediation_members (
  committee text NOT NULL,
  kind text NOT NULL,
  person text NOT NULL,
  since date NOT NULL,
  until date NOT NULL,
  chair boolean NOT NULL,
  woman boolean NOT NULL,
  minority boolean NOT NULL,
  PRIMARY KEY (committee, kind, person, since)
);
CREATE TABLE mediation_specialities (
  committee text NOT NULL,
  person text NOT NULL,
  speciality text NOT NULL,
  PRIMARY KEY (committee, person, speciality)
);
CREATE TABLE mediation_roster (
  committee text NOT NULL,
  kind text NOT NULL,
  day date NOT NULL,
  person text NOT NULL,
  PRIMARY KEY (committee, kind, day, person)
);
CREATE TABLE mediation_rooms (
  room text PRIMARY KEY,
  committee text NOT NULL,
  kind text NOT NULL,
  called text NOT NULL,
  seats integer NOT NULL
);
CREATE INDEX mediation_rooms_committee ON mediation_rooms (committee, kind);
CREATE TABLE mediation_bookings (
  room text NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz NOT NULL,
  number text NOT NULL,
  session integer NOT NULL,
  PRIMARY KEY (number, session)
);
CREATE INDEX mediation_bookings_room ON mediation_bookings (room, since);
CREATE TABLE mediation_counters (
  committee text NOT NULL,
  kind text NOT NULL,
  year integer NOT NULL,
  last bigint NOT NULL,
  PRIMARY KEY (committee, kind, year)
);
GRANT USAGE ON SEQUENCE mediation_number TO huiyin_app;
GRANT SELECT, INSERT, UPDATE ON mediations, mediation_people, mediation_codes, mediation_committees, mediation_rooms, mediation_counters TO huiyin_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON mediation_members, mediation_specialities, mediation_roster, mediation_bookings TO huiyin_app;
GRANT SELECT, INSERT, DELETE ON mediation_seats, mediation_duties, mediation_sessions TO huiyin_app
"""


def upgrade() -> None:
    """Empty: nobody mediated here before."""
    for statement in SCHEMA.split(";\n"):  # asyncpg takes one statement a call
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
