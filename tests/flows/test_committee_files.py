"""Committees that come with a registry: their files are all or nothing, what is wrong is said with its line."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import posts
from huiyin.cli import huiyin
from huiyin.convening import Office
from huiyin.core.mediation.committee import Member
from huiyin.registration import import_folder
from huiyin.settings import Explained
from huiyin.store import accounts, bookings, committees, registry
from huiyin.store.bookings import Room
from huiyin.store.committees import Body
from huiyin.store.database import connect
from tests.conftest import Bus, Database
from tests.flows.test_registry import AT, write

HEAD = "committee_code,kind,short,committee,mixed"
SEATS = "committee_code,kind,username,since,until,chair,woman,minority"
ROOMS = "room_code,committee_code,kind,room,seats"
GOOD = {
    "committees.csv": [
        HEAD,
        "330199001001,residents,桂花,桂花社区人民调解委员会,no",
        "330199001001,property,桂花物,桂花社区物业纠纷人民调解委员会,",
        "330199001,street,桂花街,桂花街道人民调解委员会,yes",
    ],
    "committee_members.csv": [
        SEATS,
        "330199001001,residents,wang,2025-01-01,2028-01-01,yes,no,no",
        "330199001001,residents,li,2025-01-01,2028-01-01,no,yes,no",
    ],
    "mediation_rooms.csv": [ROOMS, "R1,330199001001,residents,老娘舅调解室,8"],
}
BODY = Body("330199001001", "residents", "桂花", "桂花社区人民调解委员会")


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    async with made.begin() as connection:
        for name in ("wang", "li"):
            account = accounts.Account(name, "mediator", "mediator:330199001001", "community:330199001001")
            await posts.enrol(connection, account, None, None, at=AT)
    yield made
    await made.dispose()


async def test_they_come_with_members_and_rooms(database: Database, engine: AsyncEngine, tmp_path: Path) -> None:
    done = await import_folder(database.url, write(tmp_path, GOOD), AT)
    assert done.committees == {"调解委员会": 3, "委员": 2, "调解室": 1}
    assert done.changed
    async with engine.connect() as connection:
        known = await committees.known(connection)
        assert BODY in known
        assert len(known) == 3
        assert [one.mixed for one in known if one.kind == "street"] == [True]
        persons = await accounts.persons(connection, ["wang", "li"])
        members = (await committees.composition(connection, BODY)).members
        since, until = date(2025, 1, 1), date(2028, 1, 1)
        assert set(members) == {
            Member(persons["wang"], since, until, chair=True),
            Member(persons["li"], since, until, woman=True),
        }
        assert await bookings.rooms(connection, BODY) == [Room("R1", "330199001001", "residents", "老娘舅调解室", 8)]
    again = await import_folder(database.url, write(tmp_path, GOOD), AT)
    assert not again.changed
    assert not again.changes


async def test_without_files_none_is_invented_and_what_stands_stays(
    database: Database, engine: AsyncEngine, tmp_path: Path
) -> None:
    done = await import_folder(database.url, write(tmp_path / "a"), AT)
    assert done.committees == {}
    async with engine.connect() as connection:
        assert await committees.known(connection) == []
    await import_folder(database.url, write(tmp_path / "b", GOOD), AT)
    await import_folder(database.url, write(tmp_path / "a"), AT)
    async with engine.connect() as connection:
        assert len(await committees.known(connection)) == 3


async def test_what_a_desk_took_away_stays_away(database: Database, engine: AsyncEngine, tmp_path: Path) -> None:
    await import_folder(database.url, write(tmp_path, GOOD), AT)
    async with engine.begin() as connection:
        office = Office(connection, BODY, at=AT, actor="community:330199001001")
        gone = (await accounts.persons(connection, ["li"]))["li"]
        assert await office.remove(gone, date(2025, 1, 1))
        assert await office.close("R1")
    assert not (await import_folder(database.url, write(tmp_path, GOOD), AT)).changed
    async with engine.connect() as connection:
        assert gone not in {one.person for one in (await committees.composition(connection, BODY)).members}
        assert await bookings.rooms(connection, BODY) == []


BAD = {
    "committees.csv": [
        ("330199001001,residents,桂花,桂花社区人民调解委员会,no", ""),
        ("330199001001,residents,桂,又一个,no", "与第 2 行重复"),
        ("330199001,residents,甲,甲,no", "登记册里没有社区 330199001"),
        ("330199001001,street,乙,乙,no", "登记册里没有街道 330199001001"),
        ("330199001,village,丙,丙,no", "kind 须为"),
        ("330199001,street,(丁),丁,no", "short 是案号里的简称"),
        ("330199001002,residents,戊,,no", "committee 为空"),
        ("330199001002,property,己,己,maybe", "mixed 须为 yes、no 之一"),
    ],
    "committee_members.csv": [
        ("330199001001,residents,wang,2025-01-01,2024-01-01,yes,no,no", "until 须晚于 since"),
        ("330199001001,residents,li,去年,2028-01-01,no,no,no", "since 须为日期"),
        ("330199001001,street,li,2025-01-01,2028-01-01,no,no,no", ""),
        ("330199001009,residents,li,2025-01-01,2028-01-01,no,no,no", "调解委员会 330199001009/residents 不存在"),
    ],
    "mediation_rooms.csv": [
        ("R1,330199001001,residents,一室,0", "seats 须在"),
        ("R2,330199001001,residents,二室,8", ""),
        ("R2,330199001001,residents,三室,8", "与第 3 行重复"),
    ],
}


async def test_everything_that_is_wrong_at_once_with_its_line(
    database: Database, engine: AsyncEngine, tmp_path: Path
) -> None:
    heads = {"committees.csv": HEAD, "committee_members.csv": SEATS, "mediation_rooms.csv": ROOMS}
    files = {name: [heads[name], *(line for line, _ in lines)] for name, lines in BAD.items()}
    with pytest.raises(Explained) as wrong:
        await import_folder(database.url, write(tmp_path, files), AT)
    said = str(wrong.value).splitlines()
    for name, lines in BAD.items():
        for n, (_, what) in enumerate(lines, 2):
            here = [line for line in said if line.startswith(f"{name} 第 {n} 行")]
            assert len(here) == bool(what), (name, n, said)
            assert what in "".join(here)
    async with engine.connect() as connection:
        assert await registry.version(connection) == "", "nothing half"
        assert await committees.known(connection) == []


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"committee_members.csv": [SEATS]}, "committees.csv:文件不存在"),
        ({"committees.csv": [HEAD]}, "committees.csv:没有一行调解委员会"),
        (
            {"committees.csv": [*GOOD["committees.csv"], "330199001002,residents,桂花,梧桐社区人民调解委员会,no"]},
            "简称 桂花 用了两次",
        ),
        (
            GOOD | {"committee_members.csv": [SEATS, "330199001001,residents,nobody,2025-01-01,2028-01-01,,,"]},
            "没有账号 nobody",
        ),
    ],
)
async def test_nothing_comes_half(
    database: Database, engine: AsyncEngine, tmp_path: Path, files: dict[str, list[str]], what: str
) -> None:
    with pytest.raises(Explained, match=what.replace("(", r"\(")):
        await import_folder(database.url, write(tmp_path, files), AT)
    async with engine.connect() as connection:
        assert await registry.version(connection) == ""
        assert await committees.known(connection) == []


async def test_a_short_name_stays_once_a_number_bears_it(
    database: Database, engine: AsyncEngine, tmp_path: Path
) -> None:
    await import_folder(database.url, write(tmp_path, GOOD), AT)
    other = [line.replace(",桂花,", ",金桂,") for line in GOOD["committees.csv"]]
    await import_folder(database.url, write(tmp_path, GOOD | {"committees.csv": other}), AT)
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO mediation_counters VALUES ('330199001001', 'residents', 2026, 1)"))
    with pytest.raises(Explained, match="已经用简称 金桂 编了案号"):
        await import_folder(database.url, write(tmp_path, GOOD), AT)
    taken = [HEAD, "330199001002,residents,金桂,梧桐社区人民调解委员会,no"]
    alone = {"committees.csv": taken}
    with pytest.raises(Explained, match="简称 金桂 已经是 桂花社区人民调解委员会 的"):
        await import_folder(database.url, write(tmp_path / "c", alone), AT)


async def test_the_command_says_what_came(
    database: Database, nats: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_DATABASE_URL", database.url)
    monkeypatch.setenv("HUIYIN_NATS_URL", nats.url)
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path / "data"))
    folder = write(tmp_path / "city", {"committees.csv": GOOD["committees.csv"]})
    said = []
    for _ in range(2):
        result = await asyncio.to_thread(CliRunner().invoke, huiyin, ["registry", "import", str(folder)])
        assert result.exit_code == 0, result.output
        said.append(result.output)
    assert "调解委员会 3,委员 0,调解室 0\n" in said[0]
    assert "调解室 0,无变化" in said[1]
