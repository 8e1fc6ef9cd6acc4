"""Persons, relations, who holds which post from when to when; accounts belong to persons and have TOTP secrets."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE TABLE persons (person text PRIMARY KEY, phone bytea, household bytea, employer text);
CREATE TABLE relations (a text NOT NULL, b text NOT NULL, kind text NOT NULL, PRIMARY KEY (a, b));
CREATE TABLE holdings (
    post_code text NOT NULL, person text NOT NULL, role text NOT NULL, scope text NOT NULL,
    deputy boolean NOT NULL, since timestamptz NOT NULL, until timestamptz,
    PRIMARY KEY (post_code, person, since)
);
CREATE INDEX holdings_post ON holdings (post_code);
CREATE INDEX holdings_person ON holdings (person);
ALTER TABLE accounts
    ADD COLUMN person text NOT NULL DEFAULT '', ADD COLUMN totp bytea, ADD COLUMN totp_step bigint,
    ADD COLUMN exempt boolean NOT NULL DEFAULT false;
ALTER TABLE sessions ADD COLUMN post_code text;
"""

RIGHTS = """
GRANT SELECT, INSERT, UPDATE ON persons, holdings TO huiyin_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON relations TO huiyin_app;
"""

# Accounts of before: a person each, in the account's post since it was made. A machine is nobody.
PERSON = sa.text("INSERT INTO persons (person) VALUES (:person)")
HOLDING = sa.text(
    "INSERT INTO holdings (post_code, person, role, scope, deputy, since, until)"
    " SELECT post_code, :person, role, scope, false, created_at, disabled_at FROM accounts WHERE username = :username"
)
ACCOUNT = sa.text("UPDATE accounts SET person = :person WHERE username = :username")
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def script(block: str) -> None:
    """asyncpg takes one statement a call; every statement here ends its line."""
    for statement in block.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    bind = op.get_bind()
    script(SCHEMA)
    for (username,) in bind.execute(sa.text("SELECT username FROM accounts WHERE role <> 'machine'")).all():
        person = "p-" + "".join(secrets.choice(LETTERS) for _ in range(8))
        for statement in (PERSON, HOLDING, ACCOUNT):
            bind.execute(statement, {"person": person, "username": username})
    bind.execute(sa.text("UPDATE accounts SET exempt = true WHERE role = 'machine'"))
    roles = bind.execute(
        sa.text("SELECT count(*) FROM pg_roles WHERE rolname IN ('huiyin_app', 'huiyin_vault')")
    ).scalar_one()
    if roles == 2:
        script(RIGHTS)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
