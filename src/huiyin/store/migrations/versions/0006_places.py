"""A post tells the place, a grid its community: what the planner must know to go by the index of a desk."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Without it (post_code = … AND street_code = …) counts as rare as both together would be if they were independent,
# and a desk is read whole and sorted instead of by `tickets_desk`, the most urgent first.
STATISTICS = """
CREATE STATISTICS tickets_places (dependencies)
    ON post_code, street_code, community_code, estate_code, grid_code, building_code FROM tickets
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATISTICS)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
