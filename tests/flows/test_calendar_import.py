"""Importing a holiday notice: all or nothing, nothing twice, one step in the log, and due times reckoned anew."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.calendars import import_notice, import_year
from huiyin.cli import huiyin
from huiyin.core.calendar import Calendar, with_year
from huiyin.core.deadline import Limit, due, recomputed
from huiyin.rules.calendars import load_calendar, read_year, written
from huiyin.settings import Explained
from huiyin.store import calendars
from huiyin.store.database import connect
from tests.conftest import Database

AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
NOTICE = """date,kind,name
2027-01-01,off,元旦
2027-02-05,off,春节
2027-02-20,work,春节
2027-10-01,off,国庆节
""".encode()
YEAR = read_year(NOTICE)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """The services' own connection."""
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


async def stored(engine: AsyncEngine) -> Calendar:
    async with engine.connect() as connection:
        found = await calendars.load(connection)
        assert await calendars.version(connection) == found.version
    return found


async def steps(engine: AsyncEngine) -> list[dict[str, object]]:
    """What the log says about the calendar."""
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT body FROM log WHERE noun = 'calendar' ORDER BY version"))
        return [msgspec.json.decode(body)["data"] for (body,) in found]


async def test_before_any_import_the_published_years_stand(engine: AsyncEngine) -> None:
    assert await stored(engine) == load_calendar()


async def test_import_and_again(database: Database, engine: AsyncEngine) -> None:
    done = await import_notice(database.url, NOTICE, at=AT)
    assert done.was == load_calendar().version
    assert await stored(engine) == with_year(load_calendar(), YEAR)
    assert done.version == (await stored(engine)).version
    again = await import_notice(database.url, written(YEAR).encode(), 2027)
    assert again.version == again.was == done.version
    assert await steps(engine) == [
        {
            "step": "calendar.imported.v1",
            "year": 2027,
            "off": 3,
            "work": 1,
            "version": done.version,
            "was": done.was,
        }
    ]
    async with engine.connect() as connection:
        assert await calendars.imported_at(connection) == {2027: AT}


async def test_a_published_year_again_changes_nothing(engine: AsyncEngine) -> None:
    done = await import_year(engine, load_calendar().years[2026], at=AT)
    assert done.version == done.was
    assert await steps(engine) == []


async def test_a_correction_stands_over_what_was_there(engine: AsyncEngine) -> None:
    first = await import_year(engine, YEAR, at=AT)
    other = read_year(NOTICE.replace(b"2027-02-05", b"2027-02-04"))
    second = await import_year(engine, other, at=AT)
    assert (await stored(engine)).years[2027] == other
    back = await import_year(engine, YEAR, at=AT)
    assert (second.was, back.version) == (first.version, first.version)
    assert [step["version"] for step in await steps(engine)] == [first.version, second.version, first.version]
    extra = read_year(written(load_calendar().years[2026]).replace("2026-10-07", "2026-10-08").encode())
    await import_year(engine, extra, at=AT)
    assert (await stored(engine)).workday(date(2026, 10, 7))


async def test_two_at_once_agree(database: Database, engine: AsyncEngine) -> None:
    done = await asyncio.gather(*(import_notice(database.url, NOTICE, at=AT) for _ in range(3)))
    assert sorted(one.version != one.was for one in done) == [False, False, True]
    assert len(await steps(engine)) == 1


async def test_a_bad_notice_changes_nothing(database: Database, engine: AsyncEngine) -> None:
    await import_notice(database.url, NOTICE, at=AT)
    before = await stored(engine)
    bad = NOTICE.replace(b"2027-02-20", b"2027-02-19").replace(b"2027-10-01", b"2027-10-09")
    with pytest.raises(Explained, match="未导入任何数据:\n第 4 行:补班日 2027-02-19 是星期五"):
        await import_notice(database.url, bad, at=AT)
    assert await stored(engine) == before
    assert len(await steps(engine)) == 1


async def test_a_due_time_is_reckoned_anew_when_its_year_arrives(database: Database, engine: AsyncEngine) -> None:
    start = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)
    guess = due(start, Limit(1, "working_day"), "事项A01", await stored(engine))
    assert (guess.at, guess.provisional) == (datetime(2027, 1, 1, 9, 30, tzinfo=UTC), True)
    await import_notice(database.url, NOTICE, at=AT)
    known = recomputed(guess, await stored(engine))
    assert known is not None
    assert (known.at, known.provisional) == (datetime(2027, 1, 4, 9, 30, tzinfo=UTC), False)


async def test_the_services_never_delete_a_notice(database: Database) -> None:
    connection = await asyncpg.connect(database.url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM calendars")
    await connection.close()


# -- the command --------------------------------------------------------------------------------------------


async def test_the_command(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_DATABASE_URL", database.url)
    monkeypatch.setenv("HUIYIN_NATS_URL", "nats://127.0.0.1:1")
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path / "data"))
    (tmp_path / "2027.csv").write_bytes(NOTICE)
    (tmp_path / "bad.csv").write_bytes(NOTICE.replace(b"off", b"of"))

    async def said(*arguments: str) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, huiyin, ["calendar", *arguments])
        return done.output if done.exit_code == 0 else str(done.exception)

    before = await said("list")
    assert "2026  放假 33 天  补班  6 天  工作日 248 天  随软件提供" in before
    assert "2027 年起尚无放假安排" in before
    assert "2027 年放假安排已导入:放假 3 天,补班 1 天" in await said("import", str(tmp_path / "2027.csv"))
    assert "无变化:2027 年放假安排" in await said("import", str(tmp_path / "2027.csv"), "--year", "2027")
    assert "第 2 行:类别应为 off(放假)或 work(补班),实为“of”" in await said("import", str(tmp_path / "bad.csv"))
    assert "不属于 2026 年的放假安排" in await said("import", str(tmp_path / "2027.csv"), "--year", "2026")
    after = await said("list")
    assert "2027  放假  3 天  补班  1 天" in after
    assert "2028 年起尚无放假安排" in after
