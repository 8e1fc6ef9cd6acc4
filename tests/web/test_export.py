"""A list that leaves the house: no identity, no formula, its source in the file, its step in the log before it."""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from python_calamine import CalamineWorkbook

from huiyin import review
from huiyin.core.export import Exported
from huiyin.core.people import Scope, Viewer
from huiyin.core.proof import read
from huiyin.store import lists
from huiyin.store.database import connect
from huiyin.web.staff import export, workbook
from huiyin.web.staff.workbook import COLUMNS, Mark
from tests.conftest import Database
from tests.core.world import AT, RULES, sorting, spot
from tests.web.conftest import People, Site
from tests.web.sightings import COMMUNITY, NAME, PHONE, ROOM, TEXT, City
from tests.web.test_lists_page import Window

pytestmark = pytest.mark.usefixtures("city")

REASON = "向区里报送十一月物业类诉求,联系人张三"


@pytest.fixture
async def town(site: Site, people: People) -> City:
    return await City(site, people).sit()


def opened(raw: bytes) -> tuple[list[list[Any]], list[dict[str, Any]]]:
    """The lines above the table, and its rows by column."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    head = [str(one) for one in rows[3]]
    assert head == [name for name, _ in COLUMNS]
    return rows[:3], [dict(zip(head, row, strict=True)) for row in rows[4:]]


async def taken(town: City, who: str, *fields: tuple[str, str]) -> bytes:
    answer = await Window(town, who).post("/tickets/export", ("reason", REASON), *fields)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == workbook.KIND
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r'attachment; filename="X[0-9a-f]{12}\.xlsx"', answer.headers["content-disposition"])
    return answer.content


async def test_what_is_in_the_file(town: City) -> None:
    number = await town.file("C01")
    closed = await town.file("D01", found=sorting("D01", spot("E2", "E2-B01")))
    said = {"reason": "in-legal-process", "text": "已由法院受理"}
    assert (await town.give("street", f"/tickets/{closed}/redirect", said)).status_code == 200
    _, rows = opened(await taken(town, "street"))
    assert [one["工单号"] for one in rows] == [closed, number]
    (first,) = [one for one in rows if one["工单号"] == number]
    assert first | {"本级时限": 0, "全程时限": 0} == {
        "工单号": number, "事项": RULES.catalogue.entries["C01"].name, "街道": "清河街道", "社区": "柳岸社区",
        "小区": "柳岸花园", "楼栋": "1栋", "状态": "已派单,待签收", "承办岗位": "柳岸花园物业服务企业", "缓急": "一般",
        "登记时间": (AT + timedelta(hours=8)).replace(tzinfo=None), "本级时限": 0, "全程时限": 0, "结案时间": "",
        "结果": "",
    }  # fmt: skip
    assert rows[0]["状态"] == "已答复,待回访" or rows[0]["结果"]


async def test_nobody_is_in_the_file(town: City) -> None:
    """No name, phone, room, entrance, handler, person or word of anybody, in any part of it."""
    number = await town.file("A01")
    await town.give("leader", f"/tickets/{number}/sign")
    handler = (await town.ask("street", f"/tickets/{number}")).json()["handler"]
    assert handler
    parts = b""
    searched = [await taken(town, "street", ("q", words)) for words in (number, "张三")]
    for one in (*searched, await taken(town, "auditor")):
        whole = zipfile.ZipFile(io.BytesIO(one))
        parts += b"".join(whole.read(name) for name in whole.namelist())
    text = parts.decode()
    assert number in text
    for secret in (NAME, PHONE, ROOM, TEXT, "2单元", handler, "张三", "street@", REASON):
        assert secret not in text


async def test_hidden_tickets_are_in_no_export(town: City) -> None:
    seen, about = await town.file("C01"), await town.file("C01", "street")
    _, rows = opened(await taken(town, "street"))
    assert [one["工单号"] for one in rows] == [seen]
    _, rows = opened(await taken(town, "auditor"))
    assert about in [one["工单号"] for one in rows]
    _, rows = opened(await taken(town, "street2"))
    assert rows == []
    page = (await Window(town, "street").get("/tickets/export")).text
    assert "将导出 1 件" in page
    assert (await Window(town, "property").post("/tickets/export", ("reason", REASON))).status_code == 403


async def test_what_went_out_of_sight_meanwhile_is_not_read(town: City, site: Site) -> None:
    """Between the page of numbers and the rows a ticket may become hidden: the rows look again."""
    seen, hidden = await town.file("C01"), await town.file("C01", "property")
    who = Viewer("p", "property", "property:E1", Scope("estate", "E1"))
    sight = site.room.sight(who)
    rows = await site.room.ask(lambda c: lists.lines(c, sight, [seen, hidden]))
    assert [one.number for one in rows] == [seen]


async def test_the_filter_holds(town: City) -> None:
    await town.file("C01")
    other = await town.file("D01")
    head, rows = opened(await taken(town, "street", ("category", "D"), ("community", COMMUNITY)))
    assert [one["工单号"] for one in rows] == [other]
    assert "社区:柳岸社区、事项:" in str(head[1])
    assert "1 件,已全部导出" in str(head[1])


async def test_the_file_says_where_it_comes_from_and_the_log_that_it_left(
    town: City, site: Site, admin: asyncpg.Connection
) -> None:
    await town.file("C01")
    raw = await taken(town, "street", ("category", "C"), ("q", "张三"))
    head, rows = opened(raw)
    (row,) = await admin.fetch("SELECT id, at, body, key FROM log WHERE noun = 'export'")
    line = f"导出编号 {row['id']} · 清河街道三方办 · 2026-11-22 09:00(北京时间)"
    assert head[0][0] == line
    whole = zipfile.ZipFile(io.BytesIO(raw))
    assert line in whole.read("docProps/core.xml").decode()
    assert row["id"] in whole.read("xl/worksheets/sheet1.xml").decode().split("headerFooter")[1]

    leaf = read(row["body"])
    step = msgspec.json.decode(leaf.data, type=Exported)
    assert (leaf.actor, step.rows, step.by, step.searched, step.more) == (
        "street:990101001", len(rows), ("category=C",), True, False
    )  # fmt: skip
    assert "张三".encode() not in row["body"]
    kept = await site.room.vaults.read(step.why.dossier, step.why.sealed)
    assert kept is not None
    assert kept.text == f"{REASON}\n搜索:张三"
    assert (await review.verify(site.room.engine)).whole


async def test_the_log_repeats_no_words_that_were_typed_as_codes(town: City, admin: asyncpg.Connection) -> None:
    await taken(town, "street", ("community", "张三"), ("state", "signed"))
    (body,) = (await admin.fetch("SELECT body FROM log WHERE noun = 'export'"))[0]
    assert msgspec.json.decode(read(body).data, type=Exported).by == ("state=signed", "community=?")
    assert "张三".encode() not in body


async def test_the_sealed_reason_is_verified(town: City, admin: asyncpg.Connection, database: Database) -> None:
    await town.file("C01")
    engine = connect(database.vault_url, name="test")
    before = (await review.verify_sealed(engine)).leaves
    await taken(town, "street")
    verdict = await review.verify_sealed(engine)
    assert (verdict.whole, verdict.leaves) == (True, before + 1)
    await admin.execute("UPDATE vault.dossiers SET body = 'x' WHERE ref LIKE 'X%'")
    assert not (await review.verify_sealed(engine)).whole
    await engine.dispose()


async def test_a_reason_is_asked(town: City, admin: asyncpg.Connection) -> None:
    await town.file("C01")
    window = Window(town, "street")
    for reason in ("", " ", "x"):
        answer = await window.post("/tickets/export", ("reason", reason), ("category", "C"))
        assert answer.status_code == 422
        assert 'name="category" value="C"' in answer.text
        assert "请写明导出做什么用" in answer.text
    assert await admin.fetchval("SELECT count(*) FROM log WHERE noun = 'export'") == 0


async def test_no_more_than_a_thousand(town: City, admin: asyncpg.Connection) -> None:
    """Of 1,200 the newest thousand, and the file, the page and the log say that there are more."""
    await town.file("C01")
    fields = ", ".join(one for one in await _columns(admin) if one != "number")
    copy = f"INSERT INTO tickets (number, {fields}) SELECT 'HY' || lpad((5000 + i)::text, 9, '0'), {fields}"
    await admin.execute(f"{copy} FROM tickets, generate_series(1, 1199) i")
    page = (await Window(town, "street").get("/tickets/export")).text
    assert "最新的至多 1000 件" in page
    head, rows = opened(await taken(town, "street"))
    assert len(rows) == 1000
    assert rows[0]["工单号"] == "HY000006199"
    assert "还有更多,没有导出" in str(head[1])
    (body,) = (await admin.fetch("SELECT body FROM log WHERE noun = 'export'"))[0]
    assert msgspec.json.decode(read(body).data, type=Exported).more
    await admin.execute("DELETE FROM tickets WHERE number > 'HY000005999'")
    head, rows = opened(await taken(town, "street"))
    assert len(rows) == 1000
    assert "已全部导出" in str(head[1])


async def _columns(admin: asyncpg.Connection) -> list[str]:
    rows = await admin.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'tickets' AND table_schema = 'public'"
    )
    return [row[0] for row in rows]


def test_a_cell_is_never_a_formula() -> None:
    """Whatever a name in the registry begins with, it is words: no formula, no link, no number, quoted for others."""
    nasty = ['=HYPERLINK("http://x","y")', "+1+1", "-1", "@SUM(A1)", "http://example.org", "12345", "\t=1"]
    rows = [_line(f"HY{i:09}", one) for i, one in enumerate(nasty)]
    raw = workbook.workbook(rows, Mark("X1", "=post", AT, "全部", False), RULES)
    whole = zipfile.ZipFile(io.BytesIO(raw))
    sheet, styles = whole.read("xl/worksheets/sheet1.xml").decode(), whole.read("xl/styles.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower()
    assert 'quotePrefix="1"' in styles
    _, found = opened(raw)
    assert [str(one["承办岗位"]).strip() for one in found] == [one.strip() for one in nasty]


def _line(number: str, post: str) -> lists.Line:
    place = (None, None, None, None)
    return lists.Line(number, "signed", post, *place, "C01", "normal", AT, AT, AT, None, None)


async def test_rare_things_are_looked_for_far_back(town: City, admin: asyncpg.Connection) -> None:
    """A filter that fits few of many tickets still finds the old ones: window after window."""
    first = await town.file("D01")
    await town.file("C01")
    fields = ", ".join(one for one in await _columns(admin) if one != "number")
    copy = f"INSERT INTO tickets (number, {fields}) SELECT 'HY' || lpad((5000 + i)::text, 9, '0'), {fields}"
    many = 2 * lists.WINDOW + 10
    await admin.execute(f"{copy} FROM tickets, generate_series(1, {many}) i WHERE category = 'C01'")
    head, rows = opened(await taken(town, "street", ("category", "D01")))
    assert [one["工单号"] for one in rows] == [first]
    assert "已全部导出" in str(head[1])
    assert export.MOST == 1000
