"""An index of mediations by committee and when they were accepted: what some months come to, however many are filed."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing that is kept changes."""
    op.get_bind().exec_driver_sql(
        "CREATE INDEX mediations_accepted ON mediations (committee, kind, accepted_at) WHERE accepted_at IS NOT NULL"
    )


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
