"""What is counted (统计): a row a step for each thing that it counts as, and the sums that pages read."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from huiyin.store.tables.kinds import metadata

counted = Table(
    "counted",
    metadata,
    Column("number", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("metric", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("street", Text, nullable=False),  # a place's code, "" where none is known: also below
    Column("community", Text, nullable=False),
    Column("grid", Text, nullable=False),
    Column("rung", Text, nullable=False),
    Column("topic", Text, nullable=False),  # the first letter of the code in the catalogue
    Column("about", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    PrimaryKeyConstraint("number", "version", "metric", name="counted_pkey"),
    Index("counted_all", "metric", "day"),
    Index("counted_street", "street", "metric", "day"),
    Index("counted_community", "community", "metric", "day"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("place", Text, nullable=False),  # all, or street:… community:… grid:…
    Column("metric", Text, nullable=False),
    Column("by", Text, nullable=False),  # "" all together, else what `key` is one of: rung, topic, said
    Column("day", Date, nullable=False),
    Column("key", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("minutes", BigInteger, nullable=False),
    PrimaryKeyConstraint("place", "metric", "by", "day", "key", "about", name="tallies_pkey"),
)
