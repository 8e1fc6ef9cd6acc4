"""The tables as SQLAlchemy Core sees them; `migrations/` makes them, a test compares the two."""

from huiyin.store.tables import city, mediation, record, staff, tally, vault, whistle
from huiyin.store.tables.kinds import metadata
from huiyin.store.tables.record import tickets

__all__ = ["city", "mediation", "metadata", "record", "staff", "tally", "tickets", "vault", "whistle"]
