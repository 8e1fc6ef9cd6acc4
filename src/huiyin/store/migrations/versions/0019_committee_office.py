"""A member entered by mistake and a room that is no more: taken away, and back again."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was taken away yet. Sessions that were held in a room keep it, so its row stays."""
    for table, column in (("mediation_members", "removed"), ("mediation_rooms", "closed")):
        op.get_bind().exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column} boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
