"""The registry (登记册) and the holiday notices (放假安排)."""

from sqlalchemy import Column, Double, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from huiyin.store.tables.kinds import NOW, metadata

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
    Column("at", NOW, nullable=False),
)

calendars = Table(
    "calendars",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),  # the notice as rules/calendars.py writes it
    Column("at", NOW, nullable=False),
)
