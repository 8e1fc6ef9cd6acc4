"""Holiday notices that a deployer imports; those that come with the software are files."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    bind.exec_driver_sql(
        "CREATE TABLE calendars (year integer PRIMARY KEY, body text NOT NULL, at timestamptz NOT NULL)"
    )
    roles = bind.execute(
        sa.text("SELECT count(*) FROM pg_roles WHERE rolname IN ('huiyin_app', 'huiyin_vault')")
    ).scalar_one()
    if roles == 2:
        bind.exec_driver_sql("GRANT SELECT, INSERT, UPDATE ON calendars TO huiyin_app")


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
