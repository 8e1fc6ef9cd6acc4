"""Tallies (统计): what the street's screen counts, by day and place."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
