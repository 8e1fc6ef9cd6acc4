"""What an account's person is called: the name of a mediator stands on papers and before the parties."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has one yet: what they log in as is shown until then."""
    op.get_bind().exec_driver_sql("ALTER TABLE accounts ADD COLUMN called text NOT NULL DEFAULT ''")


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
