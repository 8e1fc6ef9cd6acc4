"""What mediations fold to (人民调解), and what they are set among: committees, rooms, whoever is a party, counters."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from huiyin.store.tables.kinds import NOW, metadata

LAST = "'9999-01-01 00:00:00+00'::timestamptz"  # where nothing is due: behind all that is
_OPEN, _CLOSED = text("state <> 'archived'"), text("state = 'archived'")
_OWING = text("report_owed AND state <> 'archived'")
_SOONEST = text(f"coalesce(due_at, {LAST})")

# -- views of the log -------------------------------------------------------------------------------------

mediations = Table(
    "mediations",
    metadata,
    Column("number", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("stage", Text, nullable=False),  # finer than the state: what is being waited for
    Column("committee", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("ticket", Text),
    Column("before", Text),
    Column("case_number", Text),
    Column("restricted", Boolean, nullable=False),
    Column("report_owed", Boolean, nullable=False),
    Column("parties", Integer, nullable=False),
    Column("mediators", Integer, nullable=False),
    Column("sessions", Integer, nullable=False),  # held
    Column("level", Integer, nullable=False),  # how often any duty was late, at the most
    Column("accepted_at", NOW),
    Column("effective_at", NOW),
    Column("ended_at", NOW),
    Column("reason", Text),
    Column("confirmation", Text, nullable=False),
    Column("owed", Integer, nullable=False),
    Column("performed", Integer, nullable=False),
    Column("due_at", NOW),  # the soonest limit that runs
    Column("next_at", NOW),
    Column("provisional", Boolean, nullable=False),
    Index("mediations_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("mediations_provisional", "number", postgresql_where=text("provisional")),
    Index("mediations_open", "committee", "kind", _SOONEST, "number", postgresql_where=_OPEN),
    Index("mediations_closed", "committee", "kind", "number", postgresql_where=_CLOSED),
    Index("mediations_stage", "committee", "kind", "stage", _SOONEST, "number", postgresql_where=_OPEN),
    Index("mediations_owing", "committee", "kind", "number", postgresql_where=_OWING),
    Index("mediations_accepted", "committee", "kind", "accepted_at", postgresql_where=text("accepted_at IS NOT NULL")),
    Index("mediations_ticket", "ticket", postgresql_where=text("ticket IS NOT NULL")),
    Index("mediations_case", "case_number", unique=True, postgresql_where=text("case_number IS NOT NULL")),
)

seats = Table(
    "mediation_seats",
    metadata,
    Column("number", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("chosen", Boolean, nullable=False),  # by the parties
    Column("open", Boolean, nullable=False),
    Column("due_at", NOW),  # of the case
    PrimaryKeyConstraint("number", "person"),
    Index("mediation_seats_day", "person", _SOONEST, "number", postgresql_where=text("open")),
    Index("mediation_seats_done", "person", "number", postgresql_where=text("NOT open")),
)

duties = Table(
    "mediation_duties",
    metadata,
    Column("number", Text, nullable=False),
    Column("duty", Text, nullable=False),
    Column("about", Text, nullable=False),  # the session or the item
    Column("due_at", NOW, nullable=False),
    Column("level", Integer, nullable=False),
    PrimaryKeyConstraint("number", "duty", "about"),
)

sessions = Table(
    "mediation_sessions",
    metadata,
    Column("number", Text, nullable=False),
    Column("session", Integer, nullable=False),
    Column("at", NOW, nullable=False),
    Column("online", Boolean, nullable=False),
    Column("state", Text, nullable=False),  # planned, held, adjourned
    PrimaryKeyConstraint("number", "session"),
    Index("mediation_sessions_at", "at", "number", postgresql_where=text("state = 'planned'")),
)

whistles = Table(
    "mediation_whistles",
    metadata,
    Column("number", Text, nullable=False),
    Column("whistle", Text, nullable=False),
    PrimaryKeyConstraint("number", "whistle"),
    Index("mediation_whistles_whistle", "whistle"),
)

# -- who the parties are, by reference ---------------------------------------------------------------------

people = Table(
    "mediation_people",
    metadata,
    Column("number", Text, nullable=False),
    Column("ident", Text, nullable=False),  # the opaque id that the steps name
    Column("capacity", Text, nullable=False),  # party, agent, representative, helper
    Column("side", Text, nullable=False),  # the party they stand by; of a party itself ""
    Column("applicant", Boolean, nullable=False),
    Column("ref", Text),  # of the record in the vault; its hashes are what conflicts are computed from
    Column("person", Text),  # an opaque id, where they hold a post too
    Column("organisation", Text),  # a post code
    Column("at", NOW, nullable=False),
    PrimaryKeyConstraint("number", "ident"),
    Index("mediation_people_person", "person", postgresql_where=text("person IS NOT NULL")),
    Index("mediation_people_organisation", "organisation", postgresql_where=text("organisation IS NOT NULL")),
)

codes = Table(
    "mediation_codes",
    metadata,
    Column("code", LargeBinary, primary_key=True),  # SHA-256 of what a party shows; the code itself is nowhere
    Column("number", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("at", NOW, nullable=False),
    Index("mediation_codes_party", "number", "party", unique=True),
)

# -- committees --------------------------------------------------------------------------------------------

committees = Table(
    "mediation_committees",
    metadata,
    Column("committee", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("short", Text, nullable=False),  # what it calls itself in its case numbers
    Column("called", Text, nullable=False),
    Column("mixed", Boolean, nullable=False),  # of an area where several peoples live
    PrimaryKeyConstraint("committee", "kind"),
    Index("mediation_committees_short", "short", unique=True),
)

members = Table(
    "mediation_members",
    metadata,
    Column("committee", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("chair", Boolean, nullable=False),
    Column("woman", Boolean, nullable=False),
    Column("minority", Boolean, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=text("false")),  # entered by mistake
    PrimaryKeyConstraint("committee", "kind", "person", "since"),
)

# Who mediates is who holds the post `mediator:<committee>` (holdings); here is only what they know best.
specialities = Table(
    "mediation_specialities",
    metadata,
    Column("committee", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("speciality", Text, nullable=False),
    PrimaryKeyConstraint("committee", "person", "speciality"),
)

roster = Table(
    "mediation_roster",
    metadata,
    Column("committee", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("person", Text, nullable=False),
    PrimaryKeyConstraint("committee", "kind", "day", "person"),
)

rooms = Table(
    "mediation_rooms",
    metadata,
    Column("room", Text, primary_key=True),
    Column("committee", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("called", Text, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),  # nobody books it any more
    Index("mediation_rooms_committee", "committee", "kind"),
)

bookings = Table(
    "mediation_bookings",
    metadata,
    Column("room", Text, nullable=False),
    Column("since", NOW, nullable=False),
    Column("until", NOW, nullable=False),
    Column("number", Text, nullable=False),
    Column("session", Integer, nullable=False),
    PrimaryKeyConstraint("number", "session"),
    Index("mediation_bookings_room", "room", "since"),
)

counters = Table(
    "mediation_counters",
    metadata,
    Column("committee", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
    PrimaryKeyConstraint("committee", "kind", "year"),
)
