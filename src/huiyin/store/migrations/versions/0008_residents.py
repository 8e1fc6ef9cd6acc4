"""What residents may add: urging, pressure, proofs of work that were used."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
