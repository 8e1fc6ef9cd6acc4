"""The registry import: all or nothing, every fault with its line, and nothing twice."""

import asyncio
import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.cli import huiyin
from huiyin.core.registry import Building, Registry
from huiyin.registration import import_folder, import_registry
from huiyin.settings import Explained
from huiyin.store import registry
from huiyin.store.database import connect
from huiyin.store.registry import Change, InUse
from huiyin.store.registry_files import BadRegistry, odd_codes, read_folder
from tests.asked import asked
from tests.conftest import Bus, Database

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FILES = {
    "streets.csv": ["street_code,street,district", "330199001,桂花街道,示范区"],
    "communities.csv": [
        "community_code,community,street_code",
        "330199001001,桂花社区,330199001",
        "330199001002,梧桐社区,330199001",
    ],
    "estates.csv": [
        "estate_code,estate,aliases,community_code,owners_committee,property_company,households",
        "K001,桂花苑,桂花小区|老桂花苑|桂花小区,330199001001,formed,company,320",
        "K002,梧桐里,,330199001002,none,withdrawn,0",
    ],
    "grids.csv": [
        "grid_code,community_code,estate_code",
        "330199001001001,330199001001,K001",
        "330199001002001,330199001002,K002",
        "330199001002002,330199001002,",
    ],
    "buildings.csv": [
        "building_code,estate_code,building,units,grid_code",
        "K001-B01,K001,1栋,2,330199001001001",
        "K001-B02,K001,2栋,3,330199001001001",
        "K002-B01,K002,1号楼,1,330199001002001",
        "K002-B02,K002,2号楼,1,330199001002002",
    ],
}


def write(folder: Path, changed: dict[str, list[str]] | None = None, encoding: str = "utf-8", end: str = "\n") -> Path:
    """The sample city in a folder, some of its files otherwise."""
    folder.mkdir(exist_ok=True)
    for name, lines in (FILES | (changed or {})).items():
        (folder / name).write_bytes((end.join(lines) + end).encode(encoding))
    return folder


def changed(name: str, line: int, to: str | None) -> dict[str, list[str]]:
    """One file with its line `line` (the header is 1) replaced, or left out."""
    lines = list(FILES[name])
    lines[line - 1 : line] = [] if to is None else [to]
    return {name: lines}


def faults(folder: Path) -> list[str]:
    """What is wrong with a folder, as a person reads it."""
    with pytest.raises(BadRegistry) as raised:
        read_folder(folder)
    return [str(fault) for fault in raised.value.faults]


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """The services' own connection."""
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


async def stored(engine: AsyncEngine) -> Registry:
    """The registry in the database."""
    async with engine.connect() as connection:
        return await registry.load(connection)


async def steps(engine: AsyncEngine) -> list[dict[str, object]]:
    """What the log says about the registry."""
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT body FROM log WHERE noun = 'registry' ORDER BY version"))
        return [msgspec.json.decode(body)["data"] for (body,) in found]


# -- reading ------------------------------------------------------------------------------------------------


def test_a_good_folder(tmp_path: Path) -> None:
    found = read_folder(write(tmp_path / "city"))
    assert found.estates["K001"].aliases == ("桂花小区", "老桂花苑")
    assert found.grids["330199001002002"].estate_code is None
    assert found.buildings["K002-B01"] == Building("K002-B01", "K002", "1号楼", 1, "330199001002001")
    assert len(found.version) == 12
    assert odd_codes(found) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_however_excel_saved_it(tmp_path: Path, encoding: str, end: str) -> None:
    assert read_folder(write(tmp_path / "a", encoding=encoding, end=end)) == read_folder(write(tmp_path / "b"))


def test_the_version_is_the_content_and_not_its_order(tmp_path: Path) -> None:
    header, *rows = FILES["buildings.csv"]
    turned = {"buildings.csv": [header, *reversed(rows), ",,,,", ""]}
    other = changed("buildings.csv", 2, "K001-B01,K001,1栋,9,330199001001001")
    first, same, differs = (read_folder(write(tmp_path / n, c)) for n, c in (("a", {}), ("b", turned), ("c", other)))
    assert first.version == same.version != differs.version


WRONG = [
    ("streets.csv", 2, ",桂花街道,示范区", "streets.csv 第 2 行:缺少街道编码 street_code"),
    ("streets.csv", 2, "330199001,,示范区", "streets.csv 第 2 行:street 为空"),
    ("streets.csv", 2, "3.30199E+08,桂花街道,示范区", "科学计数法"),
    ("streets.csv", 2, "3301.99,桂花街道,示范区", "streets.csv 第 2 行:街道编码 3301.99 只能用"),
    ("streets.csv", 2, "330199001,桂花街道", "streets.csv 第 2 行:应有 3 列,实有 2 列"),
    ("streets.csv", 1, "street_code,street", "streets.csv 第 1 行:缺少列 district"),
    ("streets.csv", 1, "street_code,street,district,street", "streets.csv 第 1 行:有重复的列名"),
    ("streets.csv", 2, None, "streets.csv:没有一行街道"),
    ("streets.csv", 2, '330199001,"桂\n花",示范区', "streets.csv 第 2 行:street 过长或含有控制字符"),
    ("communities.csv", 3, "330199001002,梧桐社区,999", "communities.csv 第 3 行:街道 999 不存在"),
    (
        "communities.csv",
        3,
        "330199001001,再来,330199001",
        "communities.csv 第 3 行:社区编码 330199001001 与第 2 行重复",
    ),
    ("estates.csv", 3, "K002,梧桐里,,,none,company,1", "estates.csv 第 3 行:缺少社区编码"),
    ("estates.csv", 3, "K002,梧桐里,,330199001009,none,company,1", "estates.csv 第 3 行:社区 330199001009 不存在"),
    ("estates.csv", 3, "K002,梧桐里,,330199001002,有,company,1", "estates.csv 第 3 行:owners_committee 须为 none、"),
    ("estates.csv", 3, "K002,梧桐里,,330199001002,none,好,1", "estates.csv 第 3 行:property_company 须为 company、"),
    ("estates.csv", 3, "K002,梧桐里,,330199001002,none,none,-1", "estates.csv 第 3 行:households 须为不小于 0 的整数"),
    ("estates.csv", 3, "K002,梧桐里,,330199001002,none,none,1.5", "households 须为不小于 0 的整数,实为“1.5”"),
    ("grids.csv", 3, "330199001002001,330199001002,K009", "grids.csv 第 3 行:小区 K009 不存在"),
    ("grids.csv", 3, "330199001002001,330199001002,K001", "grids.csv 第 3 行:网格 330199001002001 属社区"),
    ("buildings.csv", 3, "K001-B02,K001,2栋,3,9901", "buildings.csv 第 3 行:网格 9901 不存在"),
    ("buildings.csv", 3, "K001-B02,K001,2栋,3,", "buildings.csv 第 3 行:缺少网格编码"),
    ("buildings.csv", 3, "K001-B02,K009,2栋,3,330199001001001", "buildings.csv 第 3 行:小区 K009 不存在"),
    ("buildings.csv", 3, "K001-B02,K001,2栋,3,330199001002001", "属小区 K001,但它的网格 330199001002001 属小区 K002"),
    ("buildings.csv", 3, "K001-B02,K001,2栋,3,330199001002002", "但它的网格 330199001002002 属社区 330199001002"),
    (
        "buildings.csv",
        3,
        "K001-B02,K001,2栋,,330199001001001",
        "buildings.csv 第 3 行:units 须为不小于 0 的整数,实为“”",
    ),
]


@pytest.mark.parametrize(("name", "line", "to", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, name: str, line: int, to: str | None, said: str) -> None:
    found = faults(write(tmp_path / "city", changed(name, line, to)))
    assert said in found[0]
    if to is not None and to.split(",")[0] == FILES[name][line - 1].split(",")[0]:
        assert len(found) == 1  # what hangs on the wrong row is not blamed for it


def test_every_wrong_row_is_listed_at_once(tmp_path: Path) -> None:
    files = changed("grids.csv", 2, "330199001001001,330199001001,K777") | changed(
        "buildings.csv", 5, "X,K002,2号楼,1,404"
    )
    found = faults(write(tmp_path / "city", files))
    assert found == ["grids.csv 第 2 行:小区 K777 不存在", "buildings.csv 第 5 行:网格 404 不存在"]


def test_a_missing_file_is_the_only_fault(tmp_path: Path) -> None:
    folder = write(tmp_path / "city")
    (folder / "grids.csv").unlink()
    assert faults(folder) == ["grids.csv:文件不存在"]


def test_a_long_list_is_capped(tmp_path: Path) -> None:
    rows = [f"B{i},K001,{i}栋,1,404" for i in range(200)]
    folder = write(tmp_path / "city", {"buildings.csv": [FILES["buildings.csv"][0], *rows]})
    with pytest.raises(BadRegistry) as raised:
        read_folder(folder)
    lines = str(raised.value).splitlines()
    assert lines[0] == "登记册有 200 处错误,未导入任何数据:"
    assert lines[-1] == "… 另有 150 处"
    assert len(lines) == 52


def test_damage_is_not_taken_for_gbk(tmp_path: Path) -> None:
    folder = write(tmp_path / "city")
    raw = (folder / "communities.csv").read_bytes()
    at = raw.index("梧".encode())
    (folder / "communities.csv").write_bytes(raw[: at + 2] + raw[at + 3 :])
    assert faults(folder)[0] == "communities.csv 第 3 行:UTF-8 编码在此处损坏"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"PK\x03\x04rest", "是 Excel 工作簿"),
        ("\ufeff街道".encode("utf-16-le"), "是 UTF-16 编码"),
        (b"street_code,street,district\n1,\xff\xff,\xff", "第 2 行:既不是 UTF-8 也不是 GB18030 编码"),
        (b"", "缺少列"),
    ],
)
def test_what_is_no_csv_is_named(tmp_path: Path, raw: bytes, said: str) -> None:
    folder = write(tmp_path / "city")
    (folder / "streets.csv").write_bytes(raw)
    assert said in faults(folder)[0]


@pytest.mark.parametrize(
    ("outline", "ring"),
    [
        ('"POLYGON((120.1 30.1, 120.2 30.1, 120.2 30.2, 120.1 30.1))"', ((120.1, 30.1), (120.2, 30.1), (120.2, 30.2))),
        (
            '"{""type"":""Polygon"",""coordinates"":[[[120,30],[121,30],[121,31]]]}"',
            ((120.0, 30.0), (121.0, 30.0), (121.0, 31.0)),
        ),
        ("", ()),
    ],
)
async def test_outlines(tmp_path: Path, engine: AsyncEngine, outline: str, ring: object) -> None:
    lines = ["grid_code,community_code,estate_code,polygon", f"330199001001001,330199001001,K001,{outline}"]
    lines += [f"{line}," for line in FILES["grids.csv"][2:]]
    wanted = read_folder(write(tmp_path / "city", {"grids.csv": lines}))
    assert wanted.grids["330199001001001"].polygon == ring
    await import_registry(engine, wanted, at=AT)
    assert await stored(engine) == wanted


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ("POLYGON((1 1))", "不足三个顶点"),
        ('"POLYGON((30.1 120.1, 30.2 120.1, 30.2 120.2))"', "坐标超出范围"),
        ('"POLYGON((1 1,2 1,2 2),(1 1,2 1,2 2))"', "只支持一个外环"),
        ('"POLYGON((1 1,2,2 2))"', "不是成对的数字"),
        ('"{""type"":""MultiPolygon""}"', "只支持单个 Polygon"),
        ('"{""type"":""Polygon"",""coordinates"":[[[1,1],[2,1],[2,2]],[[1,1]]]}"', "不支持带洞"),
        ('"{""type"":""Polygon"",""coordinates"":[[1]]}"', "coordinates 有误"),
        ('"{""type"":"', "不是合法的 GeoJSON"),
    ],
)
def test_wrong_outlines(tmp_path: Path, outline: str, said: str) -> None:
    lines = ["grid_code,community_code,estate_code,polygon", f"330199001001001,330199001001,K001,{outline}"]
    lines += [f"{line}," for line in FILES["grids.csv"][2:]]
    found = faults(write(tmp_path / "city", {"grids.csv": lines}))
    assert found[0].startswith("grids.csv 第 2 行:")
    assert said in found[0]
    assert len(found) == 1


def test_odd_codes_are_only_a_reminder(tmp_path: Path) -> None:
    files = changed("grids.csv", 4, "G7,330199001002,") | changed("buildings.csv", 5, "K002-B02,K002,2号楼,1,G7")
    assert odd_codes(read_folder(write(tmp_path / "city", files))) == ["1 个网格编码不是 15 位数字,如 G7"]


# -- importing ----------------------------------------------------------------------------------------------


async def test_import_and_again(tmp_path: Path, engine: AsyncEngine) -> None:
    assert (await stored(engine)).version == ""
    wanted = read_folder(write(tmp_path / "city"))
    done = await import_registry(engine, wanted, at=AT)
    assert (done.was, done.version) == ("", wanted.version)
    assert done.changes["buildings"] == Change(added=4)
    assert await stored(engine) == wanted
    async with engine.connect() as connection:
        before = (await connection.execute(text("SELECT max(xmin::text::bigint) FROM buildings"))).scalar()
    again = await import_registry(engine, wanted, at=AT)
    assert again.changes == {}
    async with engine.connect() as connection:
        after = (await connection.execute(text("SELECT max(xmin::text::bigint) FROM buildings"))).scalar()
    assert before == after
    assert [step["version"] for step in await steps(engine)] == [wanted.version]


async def test_another_version_writes_the_difference_and_one_step(tmp_path: Path, engine: AsyncEngine) -> None:
    first = read_folder(write(tmp_path / "a"))
    lines = [*FILES["buildings.csv"][:2], "K001-B02,K001,2幢,3,330199001001001", "K001-B09,K001,9栋,1,330199001001001"]
    second = read_folder(write(tmp_path / "b", {"buildings.csv": lines}))
    await import_registry(engine, first, at=AT)
    done = await import_registry(engine, second, at=AT)
    assert done.changes["buildings"] == Change(added=1, changed=1, removed=2)
    assert done.changes["grids"] == Change()
    assert await stored(engine) == second
    await import_registry(engine, first, at=AT)
    assert await stored(engine) == first
    found = await steps(engine)
    assert [step["was"] for step in found] == ["", first.version, second.version]
    assert [step["buildings"] for step in found] == [4, 3, 4]


async def test_two_at_once_agree(tmp_path: Path, database: Database, engine: AsyncEngine) -> None:
    folder = write(tmp_path / "city")
    done = await asyncio.gather(*(import_folder(database.url, folder, AT) for _ in range(3)))
    assert sorted(bool(one.changes) for one in done) == [False, False, True]
    assert len(await steps(engine)) == 1


async def test_a_bad_folder_changes_nothing(tmp_path: Path, database: Database, engine: AsyncEngine) -> None:
    await import_folder(database.url, write(tmp_path / "a"), AT)
    before = await stored(engine)
    bad = write(
        tmp_path / "b",
        changed("buildings.csv", 3, "K001-B02,K001,2栋,3,404") | changed("streets.csv", 2, "330199001,新街道,示范区"),
    )
    with pytest.raises(Explained, match=r"buildings\.csv 第 3 行:网格 404 不存在"):
        await import_folder(database.url, bad, AT)
    assert await stored(engine) == before


async def test_rows_with_open_tickets_stay(tmp_path: Path, database: Database, engine: AsyncEngine) -> None:
    await import_folder(database.url, write(tmp_path / "a"), AT)
    await ticket(engine, "HY1", "K001-B02", closed=False)
    await ticket(engine, "HY2", "K002-B02", closed=True)
    smaller = write(tmp_path / "b", {"buildings.csv": FILES["buildings.csv"][:2]})
    with pytest.raises(Explained, match="楼栋 K001-B02:1 件未结工单"):
        await import_folder(database.url, smaller, AT)
    with pytest.raises(InUse) as raised:
        await import_registry(engine, read_folder(smaller), at=AT)
    assert raised.value.codes == {"buildings": {"K001-B02": 1}}
    assert len((await stored(engine)).buildings) == 4
    kept = write(tmp_path / "c", {"buildings.csv": FILES["buildings.csv"][:3]})
    assert (await import_folder(database.url, kept, AT)).changes["buildings"] == Change(removed=2)


async def ticket(engine: AsyncEngine, number: str, building: str, *, closed: bool) -> None:
    """A row of the view, enough for who looks for open tickets."""
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO tickets (number, version, state, post_code, building_code, category, leaves, words,"
                " urgency, channel, about, filed_at, due_at, case_due_at, closed_at) VALUES (:number, 1,"
                " 'dispatched', 'p', :building, 'T01', '', '', 'normal', 'web', 'none', :at, :at, :at, :closed)"
            ),
            {"number": number, "building": building, "at": AT, "closed": AT if closed else None},
        )


async def test_ten_thousand_buildings_are_no_more_statements_than_a_hundred(
    tmp_path: Path, database: Database, engine: AsyncEngine
) -> None:
    with asked() as few:
        await import_folder(database.url, large(tmp_path / "small", buildings=100), AT)
    with asked() as many:
        done = await import_folder(database.url, large(tmp_path / "large", buildings=10_000), AT)
    assert done.changes["buildings"].added == 10_000 - 100
    assert len(many) <= len(few) + 10, (len(few), len(many))
    with asked() as read:
        assert (await stored(engine)).version == done.version
    assert len(read) <= 20
    print(f"statements: {len(few)} for a hundred, {len(many)} for ten thousand; {len(read)} to read them")


def large(folder: Path, buildings: int) -> Path:
    """A made-up city: twenty buildings an estate, ten a grid, five estates a community."""
    folder.mkdir()
    estates = buildings // 20
    homes = [f"330199{i // 50 + 1:03d}{i // 5 % 10 + 1:03d}" for i in range(estates)]
    tables: dict[str, list[list[object]]] = {
        "streets.csv": [[code, f"第{code}街道", "示范区"] for code in dict.fromkeys(home[:9] for home in homes)],
        "communities.csv": [[code, f"第{code}社区", code[:9]] for code in dict.fromkeys(homes)],
        "estates.csv": [[f"K{i}", f"花园{i}", "", home, "none", "none", 9] for i, home in enumerate(homes)],
        "grids.csv": [[f"{homes[i // 2]}{i % 10 + 1:03d}", homes[i // 2], f"K{i // 2}"] for i in range(2 * estates)],
        "buildings.csv": [
            [
                f"K{i // 20}-B{i % 20:02d}",
                f"K{i // 20}",
                f"{i % 20 + 1}栋",
                2,
                f"{homes[i // 20]}{i // 10 % 10 + 1:03d}",
            ]
            for i in range(buildings)
        ],
    }
    for name, rows in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([FILES[name][0].split(","), *rows])
    return folder


# -- the command --------------------------------------------------------------------------------------------


async def test_the_command(tmp_path: Path, database: Database, nats: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_DATABASE_URL", database.url)
    monkeypatch.setenv("HUIYIN_NATS_URL", nats.url)
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path / "data"))
    folder = str(write(tmp_path / "city"))

    async def run(*arguments: str) -> tuple[int, str, BaseException | None]:
        result = await asyncio.to_thread(CliRunner().invoke, huiyin, ["registry", *arguments])
        return result.exit_code, result.output, result.exception

    assert "还没有导入登记册" in (await run("show"))[1]
    code, said, _ = await run("import", folder)
    assert code == 0
    assert "楼栋       4  新增 4  变更 0  删除 0" in said
    assert "无变化" in (await run("import", folder))[1]
    assert "楼栋       4" in (await run("show"))[1]
    bad = write(tmp_path / "bad", changed("buildings.csv", 3, "K001-B02,K001,2栋,3,404"))
    code, _, error = await run("import", str(bad))
    assert code == 1
    assert isinstance(error, Explained)
