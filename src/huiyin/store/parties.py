"""Whose cases tickets are (当事人), by keyed hashes and opaque ids: what a conflict of interest is computed from."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.staff import Party
from huiyin.store.database import Driver

COLUMNS = ("number", "role", "phone", "household", "person", "organisation", "at")


async def of(connection: AsyncConnection, numbers: Sequence[str]) -> dict[str, tuple[Party, ...]]:
    """The parties of some tickets: who complained (from the dossier's hashes), and who was named since."""
    found: dict[str, tuple[Party, ...]] = {}
    for number, *fields in await connection.execute(_OF, {"numbers": list(numbers)}):
        found[number] = (*found.get(number, ()), Party(*fields))
    return found


_OF = text(
    "SELECT n.number, 'complainant', d.person, d.household, NULL, NULL"
    " FROM unnest(CAST(:numbers AS text[])) AS n(number) JOIN vault.dossiers d ON d.ref = n.number || '/1'"
    " WHERE d.person IS NOT NULL OR d.household IS NOT NULL"
    " UNION ALL SELECT number, role, phone, household, person, organisation FROM parties"
    " WHERE number = ANY(:numbers)"
)


async def write(connection: Driver, rows: Sequence[tuple[str, Party]], at: datetime) -> None:
    """Parties that became known; only the desk calls this (a law test looks)."""
    if rows:
        await connection.copy_records_to_table(
            "parties",
            columns=COLUMNS,
            records=[
                (number, one.role, one.phone, one.household, one.person, one.organisation, at) for number, one in rows
            ],
        )
