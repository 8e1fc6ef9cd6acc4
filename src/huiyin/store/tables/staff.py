"""Who may log in, and as which post (岗位)."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, UniqueConstraint

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
    UniqueConstraint("token", name="accounts_token"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("username", Text, nullable=False),
    Column("created_at", NOW, nullable=False),
    Column("seen_at", NOW, nullable=False),
    Column("ended_at", NOW),
    Index("sessions_username", "username"),
)
