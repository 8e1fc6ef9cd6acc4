"""What whistles fold to (吹哨): one row each, one a department, one a duty that waits, one a ticket."""

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from huiyin.store.tables.kinds import NOW, metadata

LAST = "'9999-01-01 00:00:00+00'::timestamptz"  # where nothing is due: behind all that is
_SOONEST = f"coalesce(due_at, {LAST})"
_OPEN, _CLOSED = text("closed_at IS NULL"), text("closed_at IS NOT NULL")

whistles = Table(
    "whistles",
    metadata,
    Column("number", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("street_code", Text, nullable=False),
    Column("community_code", Text),
    Column("estate_code", Text),
    Column("grid_code", Text),
    Column("building_code", Text),
    Column("blower", Text, nullable=False),
    Column("lead", Text),
    Column("departments", Integer, nullable=False),
    Column("approval", Text, nullable=False),
    Column("level", Integer, nullable=False),  # the highest supervision it ever came to
    Column("returned", Integer, nullable=False),
    Column("justified", Text),
    Column("score", Integer),
    Column("solved", Text),  # what the last resident who was asked said
    Column("blown_at", NOW, nullable=False),
    Column("called_at", NOW),
    Column("due_at", NOW),  # the soonest limit that runs
    Column("next_at", NOW),
    Column("closed_at", NOW),
    Column("outcome", Text),
    Column("provisional", Boolean, nullable=False),
    Index("whistles_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("whistles_provisional", "number", postgresql_where=text("provisional")),
    Index("whistles_matter", "street_code", "category", "estate_code", "grid_code", postgresql_where=_OPEN),
    Index("whistles_open", "street_code", "due_at", "number", postgresql_where=_OPEN),
    Index("whistles_open_community", "community_code", "due_at", "number", postgresql_where=_OPEN),
    Index("whistles_open_all", "due_at", "number", postgresql_where=_OPEN),
    Index("whistles_closed", "street_code", "number", postgresql_where=_CLOSED),
    Index("whistles_closed_community", "community_code", "number", postgresql_where=_CLOSED),
    Index("whistles_closed_all", "number", postgresql_where=_CLOSED),
    Index("whistles_blown", "blown_at", "street_code"),
)

lines = Table(
    "whistle_lines",
    metadata,
    Column("number", Text, nullable=False),
    Column("post_code", Text, nullable=False),
    Column("lead", Boolean, nullable=False),
    Column("stage", Text, nullable=False),  # called, acknowledged, arrived, planned, answered, replied
    Column("on_site", Text),
    Column("objected", Boolean, nullable=False),
    Column("bound", Boolean, nullable=False),
    Column("late", Text),  # duties of its own that ran out, space between
    Column("duty", Text),  # its soonest duty
    Column("due_at", NOW),
    Column("level", Integer, nullable=False),  # the highest level of what is late now
    Column("called_at", NOW, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("response", Integer),
    Column("arrival", Integer),
    Column("quality", Integer),
    Column("cooperation", Integer),
    PrimaryKeyConstraint("number", "post_code"),
    Index("whistle_lines_inbox", "post_code", text(_SOONEST), "number", postgresql_where=text("open")),
    Index("whistle_lines_post", "post_code", "called_at", "number"),
    Index("whistle_lines_done", "post_code", "called_at", "number", postgresql_where=text("NOT open")),
)

duties = Table(
    "whistle_duties",
    metadata,
    Column("number", Text, nullable=False),
    Column("duty", Text, nullable=False),
    Column("post_code", Text, nullable=False),
    Column("about", Text, nullable=False),  # the department that a ruling or a grant is about
    Column("due_at", NOW, nullable=False),
    Column("level", Integer, nullable=False),
    PrimaryKeyConstraint("number", "duty", "post_code", "about"),
    Index("whistle_duties_post", "post_code", "due_at", "number", "duty", "about"),
)

tickets = Table(
    "whistle_tickets",
    metadata,
    Column("ticket", Text, nullable=False),
    Column("number", Text, nullable=False),
    PrimaryKeyConstraint("ticket", "number"),
    Index("whistle_tickets_number", "number"),
)
