"""Who may log in (账号), who they are to the house, and which posts (岗位) they hold or held."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text, UniqueConstraint, text

from huiyin.store.tables.kinds import NOW, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("username", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("post_code", Text, nullable=False),
    Column("scope", Text, nullable=False),  # all, street:CODE, community:CODE, estate:CODE, grid:CODE, building:CODE
    Column("password", Text),  # argon2id
    Column("token", LargeBinary),  # SHA-256 of a 256-bit bearer token
    Column("created_at", NOW, nullable=False),
    Column("disabled_at", NOW),
    Column("person", Text, nullable=False, server_default=""),  # empty: a machine
    Column("totp", LargeBinary),  # the secret, sealed with the vault key
    Column("totp_step", BigInteger),  # the last 30-second step whose code was used: each code once
    Column("exempt", Boolean, nullable=False, server_default=text("false")),  # needs no TOTP: demo, machine
    Column("called", Text, nullable=False, server_default=""),  # the person's name, as papers and parties read it
    UniqueConstraint("token", name="accounts_token"),
    Index("accounts_person", "person"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("username", Text, nullable=False),
    Column("created_at", NOW, nullable=False),
    Column("seen_at", NOW, nullable=False),
    Column("ended_at", NOW),
    Column("post_code", Text),  # the post that it acts as; null: the account's own
    Column("confirmed_at", NOW),  # when its password was last shown again
    Index("sessions_username", "username"),
)

persons = Table(
    "persons",
    metadata,
    Column("person", Text, primary_key=True),  # p- and eight random characters, never a name
    Column("phone", LargeBinary),  # keyed hash, as in vault.dossiers.person
    Column("household", LargeBinary),  # keyed hash of building and room
    Column("employer", Text),  # a post code: property:E1, owners_committee:E1, community:C, street:S, department:X
)

relations = Table(
    "relations",
    metadata,
    Column("a", Text, primary_key=True),
    Column("b", Text, primary_key=True),  # and the row the other way round
    Column("kind", Text, nullable=False),
)

holdings = Table(
    "holdings",
    metadata,
    Column("post_code", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("deputy", Boolean, nullable=False),
    Column("since", NOW, primary_key=True),
    Column("until", NOW),
    Index("holdings_post", "post_code"),
    Index("holdings_person", "person"),
)

filters = Table(
    "filters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),  # as it stands in the address of the list
    Column("first", Boolean, nullable=False, server_default=text("false")),  # what the list opens with
    Column("at", NOW, nullable=False),
    Index("filters_username", "username", "at"),
    Index("filters_first", "username", unique=True, postgresql_where=text("first")),
)
