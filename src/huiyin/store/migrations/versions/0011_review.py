"""Review (复盘): the log of a post over a period; dead letters that wait; accounts by person, sessions whose password was shown again."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The actor stands in the canonical bytes; nothing there is escaped, and what is not ASCII is told by `encode`.
# Steps that are always the sorter's or the clock's are left out: intake pays nothing for the index.
SCHEMA = """
CREATE FUNCTION log_actor(body bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN split_part(encode(substring(body, position('"actor":"'::bytea in body) + 9, 256), 'escape'), '"', 1);
CREATE INDEX log_actor_at ON log (log_actor(body), at, id, version)
    WHERE noun = 'ticket' AND step <> ALL (ARRAY['ticket.filed.v1', 'ticket.hotline_instructed.v1',
    'ticket.sorted.v1', 'ticket.reminded.v1', 'ticket.recomputed.v1']);
CREATE INDEX dead_letters_waiting ON dead_letters (id) WHERE replayed_at IS NULL;
CREATE INDEX accounts_person ON accounts (person);
ALTER TABLE sessions ADD COLUMN confirmed_at timestamptz;
"""


def script(block: str) -> None:
    """asyncpg takes one statement a call; every statement here ends its line."""
    for statement in block.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    script(SCHEMA)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
