"""The log, what it folds to, and what comes in."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from huiyin.store.tables.kinds import NOW, Xid8, metadata

# Steps that a post may have made: always the sorter's and the clock's are not looked for by post.
BY_PEOPLE = (
    "noun = 'ticket' AND step <> ALL (ARRAY['ticket.filed.v1', 'ticket.hotline_instructed.v1',"
    " 'ticket.sorted.v1', 'ticket.reminded.v1', 'ticket.recomputed.v1'])"
)

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
    Column("at", NOW, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("xid", "seq", name="log_pkey"),
    UniqueConstraint("noun", "id", "version", name="log_once"),
    Index("log_whistle_rulings", "id", postgresql_where=text("step = 'whistle.objection_ruled.v1'")),
    Index("log_rulings", "id", postgresql_where=text("step = 'ticket.objection_ruled.v1'")),
    Index("log_actor_at", text("log_actor(body)"), "at", "id", "version", postgresql_where=text(BY_PEOPLE)),
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
    Column("at", NOW, nullable=False),
    PrimaryKeyConstraint("source", "event_id", name="inbox_pkey"),
    UniqueConstraint("receipt", name="inbox_receipt"),
)

# What people sort (人工分拣); word for word as `store.worklists` asks it.
_UNSORTED = text(
    "closed_at IS NULL AND (state = 'sorting' OR (state = 'dispatched'"
    " AND (category = 'T09' OR coalesce(estate_code, grid_code) IS NULL)))"
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
    Column("filed_at", NOW, nullable=False),
    Column("due_at", NOW, nullable=False),
    Column("case_due_at", NOW, nullable=False),
    Column("closed_at", NOW),
    Column("outcome", Text),
    Column("next_at", NOW),  # when something happens by itself
    Column("supervised", Integer),  # the level of a supervision that is not answered yet
    Column("ruler_code", Text),  # the post that must rule on an objection
    Column("lead", Text),  # the ticket that it was merged into
    Column("provisional", Boolean, nullable=False, server_default=text("false")),
    Column("also", Text),  # other posts that were told at once (an emergency), space between
    Column("passed", Text),  # the rungs that it left
    Column("urged", Integer, nullable=False, server_default=text("0")),  # how often at this post (催办)
    Column("watcher_code", Text),  # the post above that was told of the urging
    Column("pressured", Boolean, nullable=False, server_default=text("false")),  # out of the reach of who had it
    Column("asked", Text),  # what waits for approval: extend 延期, shelve 挂账
    Index("tickets_asked_street", "street_code", "number", postgresql_where=text("asked IS NOT NULL")),
    Index("tickets_asked_community", "community_code", "number", postgresql_where=text("asked IS NOT NULL")),
    Index("tickets_open_street", "street_code", postgresql_where=text("closed_at IS NULL")),
    Index("tickets_open", "community_code", "category", postgresql_where=text("closed_at IS NULL")),
    Index(
        "tickets_watcher",
        "watcher_code",
        "due_at",
        "number",
        postgresql_where=text("watcher_code IS NOT NULL AND closed_at IS NULL AND lead IS NULL"),
    ),
    Index("tickets_also", "number", postgresql_where=text("also IS NOT NULL AND closed_at IS NULL")),
    Index("tickets_post", "post_code", "number"),
    Index("tickets_street", "street_code", "number"),
    Index("tickets_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index(
        "tickets_desk",
        "post_code",
        "due_at",
        "number",
        postgresql_where=text("closed_at IS NULL AND lead IS NULL"),
    ),
    Index("tickets_ruler", "ruler_code", "number", postgresql_where=text("ruler_code IS NOT NULL")),
    Index("tickets_supervised", "street_code", "number", postgresql_where=text("supervised IS NOT NULL")),
    Index("tickets_supervised_community", "community_code", "number", postgresql_where=text("supervised IS NOT NULL")),
    Index("tickets_provisional", "number", postgresql_where=text("provisional")),
    Index("tickets_unsorted_street", "street_code", "number", postgresql_where=_UNSORTED),
    Index("tickets_unsorted_community", "community_code", "number", postgresql_where=_UNSORTED),
    Index("tickets_unsorted_grid", "grid_code", "number", postgresql_where=_UNSORTED),
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
    Column("at", NOW, nullable=False),
    Column("replayed_at", NOW),
    UniqueConstraint("stream", "stream_seq", name="dead_letters_once"),
    Index("dead_letters_event", "source", "event_id"),
    Index("dead_letters_waiting", "id", postgresql_where=text("replayed_at IS NULL")),
)

suspects = Table(
    "suspects",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("stream_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("at", NOW, nullable=False),
)

doorstep = Table(
    "doorstep",
    metadata,
    Column("receipt", BigInteger, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("same", LargeBinary, nullable=False),  # keyed hash of the body: the same key must mean the same words
    Column("at", NOW, nullable=False),
    UniqueConstraint("source", "event_id", name="doorstep_once"),
)

parties = Table(
    "parties",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("number", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("phone", LargeBinary),  # keyed hash
    Column("household", LargeBinary),  # keyed hash
    Column("person", Text),
    Column("organisation", Text),
    Column("at", NOW, nullable=False),
    Index("parties_number", "number"),
    Index("parties_phone", "phone", postgresql_where=text("phone IS NOT NULL")),
    Index("parties_household", "household", postgresql_where=text("household IS NOT NULL")),
    Index("parties_person", "person", postgresql_where=text("person IS NOT NULL")),
    Index("parties_organisation", "organisation", postgresql_where=text("organisation IS NOT NULL")),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Text, primary_key=True),  # says nothing of the ticket
    Column("post_code", Text, nullable=False),
    Column("ref", Text, nullable=False),  # its words in the vault
    Column("day", Date, nullable=False),  # and nothing finer
    Index("notices_post", "post_code", "day", "id"),
)

# Proofs of work that were used (验算): each once, until it is out of date anyway.
proofs = Table(
    "proofs",
    metadata,
    Column("mark", LargeBinary, primary_key=True),
    Column("until", NOW, nullable=False),
    Index("proofs_until", "until"),
)
