"""What only the vault may hold (身份保管库)."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from huiyin.store.tables.kinds import NOW, Xid8, metadata

waiting = Table(
    "waiting",
    metadata,
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("lane", SmallInteger, nullable=False, server_default=text("0")),  # 0 everybody's, 1 a flood's
    PrimaryKeyConstraint("xid", "seq", name="waiting_pkey"),
    Index("waiting_lane", "lane", "xid", "seq"),
    schema="vault",
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("person", LargeBinary),  # keyed hash of the phone number: finds a person's records to erase them
    Column("key", LargeBinary),  # the record's own key, wrapped; NULL = erased
    Column("body", LargeBinary, nullable=False),
    Column("at", NOW, nullable=False),
    Column("household", LargeBinary),  # keyed hash of building and room
    Index("dossiers_household", "household", postgresql_where=text("household IS NOT NULL")),
    Index("dossiers_person", "person", postgresql_where=text("person IS NOT NULL")),
    schema="vault",
)

pictures = Table(
    "pictures",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("event_id", Text),  # the complaint that it came with over the doorstep
    Column("person", LargeBinary),
    Column("key", LargeBinary),  # of both sizes; NULL = erased
    Column("body", LargeBinary, nullable=False),
    Column("small", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),  # of the body, as the log has it
    Column("at", NOW, nullable=False),
    Index("pictures_event", "event_id", postgresql_where=text("event_id IS NOT NULL")),
    Index("pictures_person", "person", postgresql_where=text("person IS NOT NULL")),
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
