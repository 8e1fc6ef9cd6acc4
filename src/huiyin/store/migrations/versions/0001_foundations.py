"""The log, the inbox, the first view, the vault, the registry, accounts; and who may touch what."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = """
CREATE SCHEMA vault;
CREATE SEQUENCE ticket_number;

CREATE TABLE log (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    noun text NOT NULL, id text NOT NULL, version integer NOT NULL,
    step text NOT NULL, key text NOT NULL, at timestamptz NOT NULL,
    prev bytea NOT NULL, hash bytea NOT NULL, body bytea NOT NULL,
    CONSTRAINT log_pkey PRIMARY KEY (xid, seq),
    CONSTRAINT log_once UNIQUE (noun, id, version)
);


CREATE TABLE inbox (
    source text NOT NULL, event_id text NOT NULL, stream_seq bigint,
    noun text NOT NULL, id text NOT NULL, receipt bigint, refused text, at timestamptz NOT NULL,
    CONSTRAINT inbox_pkey PRIMARY KEY (source, event_id),
    CONSTRAINT inbox_receipt UNIQUE (receipt)
);

CREATE TABLE tickets (
    number text PRIMARY KEY, version integer NOT NULL, state text NOT NULL, rung text,
    post_code text NOT NULL, street_code text, community_code text, estate_code text, grid_code text,
    building_code text, category text NOT NULL, leaves text NOT NULL, words text NOT NULL,
    urgency text NOT NULL, channel text NOT NULL, about text NOT NULL, filed_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL, case_due_at timestamptz NOT NULL, closed_at timestamptz, outcome text
);
CREATE INDEX tickets_due ON tickets (due_at) WHERE closed_at IS NULL;
CREATE INDEX tickets_grid ON tickets (grid_code, number);
CREATE INDEX tickets_community ON tickets (community_code, number);
CREATE INDEX tickets_matter ON tickets (estate_code, filed_at)
    WHERE closed_at IS NULL AND estate_code IS NOT NULL;

CREATE TABLE cursors (name text PRIMARY KEY, xid xid8 NOT NULL, seq bigint NOT NULL);

CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text NOT NULL, stream_seq bigint NOT NULL, subject text NOT NULL, source text, event_id text,
    reason text NOT NULL, detail text NOT NULL, deliveries integer NOT NULL, at timestamptz NOT NULL,
    replayed_at timestamptz,
    CONSTRAINT dead_letters_once UNIQUE (stream, stream_seq)
);
CREATE INDEX dead_letters_event ON dead_letters (source, event_id);
CREATE TABLE suspects (
    stream text NOT NULL, stream_seq bigint NOT NULL, attempts integer NOT NULL, at timestamptz NOT NULL,
    PRIMARY KEY (stream, stream_seq)
);

CREATE TABLE doorstep (
    receipt bigint PRIMARY KEY, source text NOT NULL, event_id text NOT NULL, same bytea NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT doorstep_once UNIQUE (source, event_id)
);
CREATE TABLE vault.waiting (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    event_id text NOT NULL, key bytea NOT NULL, body bytea NOT NULL,
    CONSTRAINT waiting_pkey PRIMARY KEY (xid, seq)
);
CREATE TABLE vault.dossiers (
    ref text PRIMARY KEY, person bytea, key bytea, body bytea NOT NULL, at timestamptz NOT NULL
);
ALTER TABLE vault.dossiers ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX dossiers_person ON vault.dossiers (person) WHERE person IS NOT NULL;
CREATE TABLE vault.dead_bodies (
    stream text NOT NULL, stream_seq bigint NOT NULL, key bytea NOT NULL, body bytea NOT NULL,
    PRIMARY KEY (stream, stream_seq)
);

CREATE TABLE streets (code text PRIMARY KEY, name text NOT NULL, district text NOT NULL);
CREATE TABLE communities (code text PRIMARY KEY, name text NOT NULL, street_code text NOT NULL);
CREATE TABLE estates (
    code text PRIMARY KEY, name text NOT NULL, aliases text[] NOT NULL, community_code text NOT NULL,
    owners_committee text NOT NULL, property_company text NOT NULL, households integer NOT NULL
);
CREATE TABLE grids (
    code text PRIMARY KEY, community_code text NOT NULL, estate_code text,
    polygon double precision[][] NOT NULL
);
CREATE TABLE buildings (
    code text PRIMARY KEY, estate_code text NOT NULL, name text NOT NULL, units integer NOT NULL,
    grid_code text NOT NULL
);
CREATE TABLE registry_version (one integer PRIMARY KEY CHECK (one = 1), version text NOT NULL, at timestamptz NOT NULL);

CREATE TABLE accounts (
    username text PRIMARY KEY, role text NOT NULL, post_code text NOT NULL, scope text NOT NULL,
    password text, token bytea, created_at timestamptz NOT NULL, disabled_at timestamptz,
    CONSTRAINT accounts_token UNIQUE (token)
);
CREATE TABLE sessions (
    token bytea PRIMARY KEY, username text NOT NULL, created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL, ended_at timestamptz
);
CREATE INDEX sessions_username ON sessions (username);
"""

# The log only grows: rights first, a trigger behind them (RELIABILITY 3.3 item 7).
APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER log_append_only BEFORE UPDATE OR DELETE ON log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_keep BEFORE TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# huiyin_app: the services. huiyin_vault: the only reader of identity (DOMAIN 8, RELIABILITY A1).
RIGHTS = """
GRANT USAGE ON SCHEMA public, vault TO huiyin_app, huiyin_vault;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, vault TO huiyin_app, huiyin_vault;
GRANT SELECT, INSERT ON log, inbox, doorstep TO huiyin_app;
GRANT SELECT, INSERT, UPDATE ON tickets, cursors, dead_letters, suspects, accounts, sessions TO huiyin_app;
GRANT DELETE ON suspects TO huiyin_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON streets, communities, estates, grids, buildings, registry_version
    TO huiyin_app;
GRANT INSERT ON vault.waiting, vault.dossiers, vault.dead_bodies TO huiyin_app;
GRANT SELECT, DELETE ON vault.waiting TO huiyin_vault;
GRANT SELECT, UPDATE ON vault.dossiers TO huiyin_vault;
GRANT SELECT ON vault.dead_bodies TO huiyin_vault;
GRANT SELECT, UPDATE ON dead_letters TO huiyin_vault;
GRANT SELECT ON inbox, log TO huiyin_vault;
"""


def script(block: str) -> None:
    """asyncpg takes one statement a call; every statement here ends its line."""
    for statement in block.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    bind = op.get_bind()
    script(SCHEMA)
    script(APPEND_ONLY)
    roles = bind.execute(
        sa.text("SELECT count(*) FROM pg_roles WHERE rolname IN ('huiyin_app', 'huiyin_vault')")
    ).scalar_one()
    if roles == 2:  # on a server of one's own the administrator makes the roles first (deploy/)
        script(RIGHTS)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
