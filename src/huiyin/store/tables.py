"""The tables as SQLAlchemy Core sees them; `migrations/` makes them, a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import UserDefinedType


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id; never wraps."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "xid8"


metadata = MetaData()
_now = DateTime(timezone=True)

log = Table(
    "log",
    metadata,
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("noun", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("key", Text, nullable=False),  # the grid the step belongs to, "-" where none: the subject's last token
    Column("at", _now, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("xid", "seq", name="log_pkey"),
    UniqueConstraint("noun", "id", "version", name="log_once"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("stream_seq", BigInteger),
    Column("noun", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("receipt", BigInteger),
    Column("refused", Text),
    Column("at", _now, nullable=False),
    PrimaryKeyConstraint("source", "event_id", name="inbox_pkey"),
    UniqueConstraint("receipt", name="inbox_receipt"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("rung", Text),
    Column("post_code", Text, nullable=False),
    Column("street_code", Text),
    Column("community_code", Text),
    Column("estate_code", Text),
    Column("grid_code", Text),
    Column("building_code", Text),
    Column("category", Text, nullable=False),
    Column("leaves", Text, nullable=False),  # the candidates' codes, best first, space between
    Column("words", Text, nullable=False),  # the excerpt: words of the catalogue and the model only
    Column("urgency", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("filed_at", _now, nullable=False),
    Column("due_at", _now, nullable=False),
    Column("case_due_at", _now, nullable=False),
    Column("closed_at", _now),
    Column("outcome", Text),
    Index("tickets_due", "due_at", postgresql_where=text("closed_at IS NULL")),
    Index("tickets_grid", "grid_code", "number"),
    Index("tickets_community", "community_code", "number"),
    Index(
        "tickets_matter",
        "estate_code",
        "filed_at",
        postgresql_where=text("closed_at IS NULL AND estate_code IS NOT NULL"),
    ),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("xid", Xid8, nullable=False),
    Column("seq", BigInteger, nullable=False),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("stream", Text, nullable=False),
    Column("stream_seq", BigInteger, nullable=False),
    Column("subject", Text, nullable=False),
    Column("source", Text),
    Column("event_id", Text),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("at", _now, nullable=False),
    Column("replayed_at", _now),
    UniqueConstraint("stream", "stream_seq", name="dead_letters_once"),
    Index("dead_letters_event", "source", "event_id"),
)

suspects = Table(
    "suspects",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("stream_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("at", _now, nullable=False),
)

doorstep = Table(
    "doorstep",
    metadata,
    Column("receipt", BigInteger, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("same", LargeBinary, nullable=False),  # keyed hash of the body: the same key must mean the same words
    Column("at", _now, nullable=False),
    UniqueConstraint("source", "event_id", name="doorstep_once"),
)

waiting = Table(
    "waiting",
    metadata,
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("xid", "seq", name="waiting_pkey"),
    schema="vault",
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("person", LargeBinary),  # keyed hash of the phone number: finds a person's records to erase them
    Column("key", LargeBinary),  # the record's own key, wrapped; NULL = erased
    Column("body", LargeBinary, nullable=False),
    Column("at", _now, nullable=False),
    Index("dossiers_person", "person", postgresql_where=text("person IS NOT NULL")),
    schema="vault",
)

dead_bodies = Table(
    "dead_bodies",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("stream_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    schema="vault",
)

streets = Table(
    "streets",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("district", Text, nullable=False),
)
communities = Table(
    "communities",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("street_code", Text, nullable=False),
)
estates = Table(
    "estates",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("aliases", ARRAY(Text), nullable=False),
    Column("community_code", Text, nullable=False),
    Column("owners_committee", Text, nullable=False),
    Column("property_company", Text, nullable=False),
    Column("households", Integer, nullable=False),
)
grids = Table(
    "grids",
    metadata,
    Column("code", Text, primary_key=True),
    Column("community_code", Text, nullable=False),
    Column("estate_code", Text),
    Column("polygon", ARRAY(Double, dimensions=2), nullable=False),
)
buildings = Table(
    "buildings",
    metadata,
    Column("code", Text, primary_key=True),
    Column("estate_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("grid_code", Text, nullable=False),
)
registry_version = Table(
    "registry_version",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("version", Text, nullable=False),
    Column("at", _now, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("username", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("post_code", Text, nullable=False),
    Column("scope", Text, nullable=False),  # all, street:CODE, community:CODE, estate:CODE, grid:CODE, building:CODE
    Column("password", Text),  # argon2id
    Column("token", LargeBinary),  # SHA-256 of a 256-bit bearer token
    Column("created_at", _now, nullable=False),
    Column("disabled_at", _now),
    UniqueConstraint("token", name="accounts_token"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("username", Text, nullable=False),
    Column("created_at", _now, nullable=False),
    Column("seen_at", _now, nullable=False),
    Column("ended_at", _now),
    Index("sessions_username", "username"),
)
