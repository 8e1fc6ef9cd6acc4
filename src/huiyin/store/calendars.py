"""The working calendar as it stands: the published years of the software, and over them the imported ones."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.calendar import Calendar, Year
from huiyin.rules.calendars import load_calendar, read_year, written


async def load(connection: AsyncConnection) -> Calendar:
    """The calendar with its version; a few rows, and only what was imported since is read anew."""
    bodies = tuple((await connection.execute(_LOAD)).scalars())
    return _overlaid(bodies)


_LOAD = text("SELECT body FROM calendars ORDER BY year")


@lru_cache(maxsize=8)
def _overlaid(bodies: tuple[str, ...]) -> Calendar:
    return Calendar.of([*load_calendar().years.values(), *(read_year(body.encode()) for body in bodies)])


async def version(connection: AsyncConnection) -> str:
    """The version that stands; cheap."""
    return (await load(connection)).version


async def imported_at(connection: AsyncConnection) -> dict[int, datetime]:
    """The years that were imported here, and when."""
    return {int(year): at for year, at in await connection.execute(_IMPORTED)}


_IMPORTED = text("SELECT year, at FROM calendars")


async def save(connection: AsyncConnection, year: Year, at: datetime) -> None:
    """Keep a notice, in the place of that year's former one; only `huiyin.calendars` calls this."""
    await connection.execute(_SAVE, {"year": year.year, "body": written(year), "at": at})


_SAVE = text(
    "INSERT INTO calendars (year, body, at) VALUES (:year, :body, :at)"
    " ON CONFLICT (year) DO UPDATE SET body = excluded.body, at = excluded.at"
)
