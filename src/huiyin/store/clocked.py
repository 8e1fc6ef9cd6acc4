"""What time does by itself (到期): rows of a noun's view, claimed by when they are due, or by a calendar they lack."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.store.database import Driver


class Clocked:
    """The queues of one view with the columns number, next_at, provisional."""

    def __init__(self, table: str) -> None:
        due = f"SELECT number FROM {table} WHERE next_at <= $1 AND {{}}"  # noqa: S608
        due += " ORDER BY next_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED"
        self._claim, self._claim_these = due.format("number <> ALL($3::text[])"), due.format("number = ANY($3::text[])")
        by_number = f"SELECT number FROM {table} WHERE provisional AND {{}}"  # noqa: S608
        by_number += " ORDER BY number LIMIT $1 FOR NO KEY UPDATE"
        self._provisional = by_number.format("number > $2")
        self._provisional_these = by_number.format("number = ANY($2::text[])")
        self._soonest = text(
            f"SELECT next_at FROM {table} WHERE next_at IS NOT NULL"  # noqa: S608
            " AND number <> ALL(CAST(:without AS text[])) ORDER BY next_at LIMIT 1"
        )

    async def due(
        self,
        connection: Driver,
        at: datetime,
        limit: int,
        without: Sequence[str] = (),
        only: Sequence[str] | None = None,
    ) -> list[str]:
        """Claim what something happens to by now: soonest first, nothing that another sweep holds."""
        if only is not None:
            return [found["number"] for found in await connection.fetch(self._claim_these, at, limit, only)]
        return [found["number"] for found in await connection.fetch(self._claim, at, limit, without)]

    async def soonest(self, connection: AsyncConnection, without: Sequence[str] = ()) -> datetime | None:
        """When something happens next by itself, to those of `without` apart."""
        found: datetime | None = (await connection.execute(self._soonest, {"without": list(without)})).scalar()
        return found

    async def provisional(
        self, connection: Driver, after: str, limit: int, only: Sequence[str] | None = None
    ) -> list[str]:
        """Claim what has a due time that was worked out without a calendar, by number, from `after` on; waits for
        what somebody else holds, since nothing may be left out."""
        if only is not None:
            return [found["number"] for found in await connection.fetch(self._provisional_these, limit, only)]
        return [found["number"] for found in await connection.fetch(self._provisional, limit, after)]
