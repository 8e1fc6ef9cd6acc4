"""What every table is made with: the metadata, moments, PostgreSQL's 64-bit transaction ids."""

from sqlalchemy import DateTime, MetaData
from sqlalchemy.types import UserDefinedType

metadata = MetaData()
NOW = DateTime(timezone=True)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id; never wraps."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "xid8"
