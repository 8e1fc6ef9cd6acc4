"""The calendar's half of the one door: an imported holiday notice (放假安排) is read, decided on and written here."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import clock
from huiyin.core.calendar import Year, imported
from huiyin.rules.calendars import read_year
from huiyin.settings import Explained
from huiyin.store import calendars, log
from huiyin.store.database import connect, driver, turn

NOUN = "calendar"
CONSOLE = "console"  # the post of whoever sits at the machine itself
_LOCK = 0x48555935  # one import at a time; 33 is the registry's


class Summary(Struct, frozen=True):
    """What an import did; `version` equals `was` where the same notice stood already."""

    year: Year
    version: str
    was: str


async def import_year(engine: AsyncEngine, year: Year, *, at: datetime, actor: str = CONSOLE) -> Summary:
    """`put_year` in a transaction of its own."""
    async with engine.begin() as connection:
        return await put_year(connection, year, at=at, actor=actor)


async def put_year(connection: AsyncConnection, year: Year, *, at: datetime, actor: str = CONSOLE) -> Summary:
    """Put a year's notice into the calendar, row and log step together; nothing where it stands already.

    The step's cause is the content itself: a version is the hash of the whole calendar.
    """
    await turn(connection, _LOCK)
    was = await calendars.load(connection)
    steps = imported(year, was)
    if steps:
        await calendars.save(connection, year, at)
        made = await log.continued(
            connection, NOUN, NOUN, steps, actor=actor, at=at, cause=f"calendar#{steps[0].version}"
        )
        await log.append(await driver(connection), made)
    return Summary(year, steps[0].version if steps else was.version, was.version)


async def import_notice(
    url: str, notice: bytes, year: int | None = None, at: datetime | None = None, *, actor: str = CONSOLE
) -> Summary:
    """Import a notice's file into the database at `url`; Explained, in Chinese, where it is none."""
    try:
        wanted = read_year(notice, year)
    except ValueError as bad:
        raise Explained(f"放假安排有误,未导入任何数据:\n{bad}") from bad
    engine = connect(url, name="calendar", size=1)
    try:
        return await import_year(engine, wanted, at=at or clock.now(), actor=actor)
    finally:
        await engine.dispose()
