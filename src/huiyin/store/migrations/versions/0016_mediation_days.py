"""Indexes of a mediator's day and a committee's: by stage, what is to be reported, who has an interest between whom."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCHEMA = """
CREATE INDEX mediations_stage ON mediations
  (committee, kind, stage, coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz), number) WHERE state <> 'archived';
CREATE INDEX mediations_owing ON mediations (committee, kind, number) WHERE report_owed AND state <> 'archived';
CREATE INDEX mediation_people_person ON mediation_people (person) WHERE person IS NOT NULL;
CREATE INDEX mediation_people_organisation ON mediation_people (organisation) WHERE organisation IS NOT NULL
"""


def upgrade() -> None:
    """Nothing that is kept changes."""
    for statement in SCHEMA.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("the log is never dropped by a migration")
