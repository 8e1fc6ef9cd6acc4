"""Administration of what is the house's: dead letters, the rulebook with its history, calendars, the system page."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import msgspec
import nats as nats_py
import pytest

from huiyin.engines.nats import SERVICE_INBOX
from huiyin.rules.load import FILES
from huiyin.rules.load import said as rule_text
from huiyin.store import dead
from huiyin.store.dead import Letter
from huiyin.store.vault import Seal
from tests.conftest import Bus
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.clerks import BAD, PASSWORD, Clerk, office, person, steps
from tests.web.conftest import NOW, VAULT_KEY, People, Site, until
from tests.web.sightings import STREET, City

MINE = f"registrar:{STREET}"
YEAR = "date,kind,name\n2027-01-01,off,元旦\n2027-02-06,off,春节\n2027-02-08,off,春节\n2027-02-14,work,春节\n"
YEAR += "2027-05-03,off,劳动节\n2027-10-01,off,国庆节\n"

pytestmark = pytest.mark.usefixtures("city")


async def bury(here: City, count: int = 1, payload: bytes = b"{not json") -> None:
    """Letters of the intake, numbered from 1."""
    subject, why = "huiyin.intake.complaint", "not-json"
    letters = [
        Letter("INTAKE", n + 1, subject, why, "body", 1, payload, {"x": BAD}, BAD, f"e{n}") for n in range(count)
    ]
    await here.room.write(lambda c: dead.bury(c, Seal(VAULT_KEY), letters, NOW))


@pytest.fixture
async def here(site: Site, people: People) -> City:
    return await office(site, people)


@pytest.fixture
async def clerk(here: City) -> AsyncIterator[Clerk]:
    made = await Clerk(here).enter()
    yield made
    await made.http.aclose()


# -- dead letters -----------------------------------------------------------------------------------------


async def test_letters_are_listed_without_their_words(here: City, clerk: Clerk) -> None:
    await bury(here, 45, "王小明13912345678".encode())
    first = await clerk.read("/admin/letters")
    assert (first.count('type="checkbox"'), "字节" in first, "not-json" in first) == (40, True, True)
    second = await clerk.read("/admin/letters?after=40")
    assert second.count('type="checkbox"') == 5
    for said in (first, second, await clerk.read("/admin/letters/1")):
        assert "13912345678" not in said
        assert "<script>alert" not in said
    for path in ("/admin/letters/99", "/admin/letters/x", "/admin/letters/0", f"/admin/letters/{'9' * 30}"):
        await clerk.read(path, 404)
    seen = (await here.site.http.get("/admin/letters", headers=here.heads["auditor"])).text
    assert ("not-json" in seen, "checkbox" in seen) == (True, False)


async def test_a_look_is_kept_before_it_is_given(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    await bury(here, payload=f"王小明13912345678{BAD}\x1b[2J\u202e".encode())
    refused = await clerk.send("/admin/letters/1/reveal")
    assert refused.headers["location"].endswith("wrong=choose")
    assert await steps(admin, "letter") == []
    for password, why in (("", "confirm"), ("wrong", "password")):
        refused = await clerk.send("/admin/letters/1/reveal", purpose="repair", password=password)
        assert refused.headers["location"].endswith(f"wrong={why}")
    assert await steps(admin, "letter") == []
    shown = await clerk.send("/admin/letters/1/reveal", purpose="repair", password=PASSWORD)
    assert "13912345678" in shown.text
    assert "&lt;script&gt;alert" in shown.text
    assert not [bad for bad in ("<script>alert", "\x1b", "\u202e") if bad in shown.text]
    ((ident, actor, step, data),) = await steps(admin, "letter")
    assert (ident, actor, step, data["purpose"]) == ("1", MINE, "letter.revealed.v1", "repair")


async def test_letters_go_back_to_where_they_came_from(
    here: City, clerk: Clerk, nats: Bus, admin: asyncpg.Connection
) -> None:
    await bury(here, 3)
    assert (await clerk.send("/admin/letters/replay")).headers["location"].endswith("wrong=choose")

    async def connected() -> bool:
        return here.room.bell.connected

    await until(connected)
    await admin.execute("DELETE FROM vault.dead_bodies WHERE stream_seq = 3")
    client = await nats_py.connect(nats.url, inbox_prefix=SERVICE_INBOX.encode())
    before = (await client.jetstream().stream_info("INTAKE")).state.messages
    answer = await clerk.send("/admin/letters/replay", letter=["1", "2"])
    assert answer.headers["location"].endswith("said=sent")
    assert (await client.jetstream().stream_info("INTAKE")).state.messages == before + 2
    lost = await clerk.send("/admin/letters/replay", letter="3")
    assert lost.headers["location"].endswith("wrong=lost")
    await client.close()
    replayed = [(ident, actor) for ident, actor, step, _ in await steps(admin, "letter") if "replayed" in step]
    assert replayed == [(ident, MINE) for ident in ("1", "2", "3")]
    waiting = await clerk.read("/admin/letters")
    assert ("第 1 号" in waiting, "第 3 号" in waiting) == (False, True)
    assert "已重投" in await clerk.read("/admin/letters?show=all")


async def test_an_event_of_the_house_is_not_sent_again(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    await bury(here)
    event = Letter("EVENTS", 7, "huiyin.event.whistle.called.-", "wrong-type", "", 1, b"{}", {"x": "y"}, None, None)
    await here.room.write(lambda c: dead.bury(c, Seal(VAULT_KEY), [event], NOW))
    listed, one = await clerk.read("/admin/letters"), await clerk.read("/admin/letters/2")
    assert (listed.count('type="checkbox"'), "确定重投" in one) == (1, False)
    for some in ("2", ["1", "2"]):
        refused = await clerk.send("/admin/letters/replay", letter=some)
        assert "都没有重投" in await clerk.read(refused.headers["location"])
    assert await steps(admin, "letter") == []


async def test_without_nats_nothing_is_sent_and_nothing_kept(
    lone: Site, people: People, admin: asyncpg.Connection
) -> None:
    away = City(lone, People(lone))
    await away.sit("registrar")
    await bury(away)
    clerk = await Clerk(away).enter()
    assert (await clerk.send("/admin/letters/replay", letter="1")).headers["location"].endswith("wrong=nats")
    assert await steps(admin, "letter") == []
    assert "连不上" in await clerk.read("/admin/system")
    await clerk.http.aclose()


# -- the rulebook -----------------------------------------------------------------------------------------


async def test_the_rulebook_is_kept_once_and_again_when_a_file_changes(
    here: City, clerk: Clerk, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    for part in ("", "catalogue", "sorting", "history", "nonsense"):
        assert "默认" in await clerk.read(f"/admin/rulebook?part={part}")
    assert [step for *_, step, _ in await steps(admin, "rulebook")] == ["rulebook.stands.v1"]
    own = rule_text(None, "ladder.toml").replace("length = 3, unit", "length = 4, unit")
    (tmp_path / "ladder.toml").write_text(own)
    here.room.where = msgspec.structs.replace(here.room.where, rules=tmp_path)
    shown = await clerk.read("/admin/rulebook")
    assert "4 个工作日" in shown
    assert "本市自己的" in shown
    first, second = await steps(admin, "rulebook")
    assert second[1] == "system"
    assert [f["file"] for f in second[3]["files"]] == list(FILES)
    differing = [a["file"] for a, b in zip(first[3]["files"], second[3]["files"], strict=True) if a != b]
    assert differing == ["ladder.toml"]
    history = await clerk.read("/admin/rulebook?part=history")
    assert history.count("现在生效") == 1
    assert "逐级与时限" in history


# -- calendars --------------------------------------------------------------------------------------------


async def upload(clerk: Clerk, content: bytes, csrf: str | None = None) -> httpx.Response:
    data = {"csrf": await clerk.mark() if csrf is None else csrf}
    return await clerk.http.post("/admin/calendars", data=data, files={"file": ("2027.csv", content, "text/csv")})


async def test_a_year_is_looked_at_and_then_put_in(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    await here.file("C01")
    await admin.execute("UPDATE tickets SET provisional = true")
    looked = await upload(clerk, YEAR.encode())
    assert looked.status_code == 200, looked.text
    for words in ("2027 年放假安排", "2027-02-08(周一)", "补班", "1 件工单的时限是推算的", "有 6 天不同"):
        assert words in looked.text
    assert "2027-02-09" not in looked.text
    assert await steps(admin, "calendar") == []
    notice = re.search(r'name="notice" value="([^"]+)"', looked.text)
    assert notice is not None
    done = await clerk.send("/admin/calendars/import", notice=html.unescape(notice[1]))
    assert done.headers["location"].endswith("said=saved")
    ((_, actor, step, data),) = await steps(admin, "calendar")
    assert (actor, step, data["year"]) == (MINE, "calendar.imported.v1", 2027)
    assert "2028 年起还没有" in await clerk.read("/admin/calendars")
    again = await clerk.send("/admin/calendars/import", notice=html.unescape(notice[1]))
    assert again.headers["location"].endswith("wrong=nothing")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "没有收到文件"),
        (BAD.encode(), "第 1 行"),
        (b"date,kind,name\n2027-13-01,off,x\n", "日期应形如"),
        (f"date,kind,name\n2027-01-01,{BAD},x\n".encode(), "类别应为"),
        (b"\xff\xfe\x00" * 9, "编码"),
    ],
)
async def test_a_file_that_is_none_says_so(clerk: Clerk, admin: asyncpg.Connection, content: bytes, words: str) -> None:
    answer = await upload(clerk, content)
    assert (answer.status_code, words in answer.text, "<script>alert" in answer.text) == (422, True, False)
    assert await steps(admin, "calendar") == []


async def test_an_upload_from_elsewhere_is_refused(clerk: Clerk) -> None:
    assert (await upload(clerk, YEAR.encode(), "0" * 32)).status_code == 403


async def test_what_was_looked_at_may_not_be_anything(clerk: Clerk) -> None:
    answer = await clerk.send("/admin/calendars/import", notice=BAD)
    assert (answer.status_code, "没有导入" in answer.text, "<script>alert" in answer.text) == (422, True, False)


# -- the system -------------------------------------------------------------------------------------------


async def test_the_system_says_what_is_wrong(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    here.site.clock.now = datetime.now(UTC)
    await admin.execute("DELETE FROM dead_letters")
    said = await clerk.read("/admin/system")
    for words in ("PostgreSQL", "事件发布(relay)", "数据库时钟", "服务账号"):
        assert words in said
    await bury(here)
    await here.file("C01")
    await admin.execute("UPDATE tickets SET next_at = now() - interval '2 hours 5 minutes'")
    said = await clerk.read("/admin/system")
    for words in ("1 封待处理", "最早一项已过期 2 小时", "处需要处理"):
        assert words in said
    assert "1</strong>" in await clerk.read("/admin")


async def test_who_is_behind_is_counted(here: City, clerk: Clerk, admin: asyncpg.Connection) -> None:
    await here.file("C01")
    count = await admin.fetchval("SELECT count(*) FROM log")
    assert f"还有 {count} 步" in await clerk.read("/admin/system")
    newest = "SELECT 'relay', xid, seq FROM log ORDER BY xid DESC, seq DESC LIMIT 1"
    await admin.execute(f"INSERT INTO cursors (name, xid, seq) {newest}")
    assert "还有 0 步" in await clerk.read("/admin/system")


# -- in a browser -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_registrar_s_day(
    here: City, people: People, admin: asyncpg.Connection, width: str, tmp_path: Path
) -> None:
    """Every page by axe; a vacancy filled, an account added, a letter read, a year put in."""
    await people.make("registrar", f"street:{STREET}", PASSWORD, post=MINE)
    await bury(here, 2)
    name, leader = f"registrar-street:{STREET}", await person(admin, "leader2")
    file = tmp_path / "2027.csv"
    file.write_text(YEAR)
    async with browsing() as browser, window(browser, here.site.url, width) as seen:
        page = seen.page
        await page.goto("/login?next=/admin")
        await page.get_by_label("用户名").fill(name)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        for path in ("", "/posts", "/accounts", "/letters", "/letters/1", "/rulebook", "/rulebook?part=catalogue",
                     "/rulebook?part=history", "/calendars", "/system", f"/accounts/{leader}"):  # fmt: skip
            answer = await page.goto(f"/admin{path}")
            assert answer is not None
            assert answer.status == 200, path
            await accessible(page)
        await page.goto("/admin/posts/building_leader:E1-B02")
        await accessible(page)
        await page.get_by_text("办理离任").click()
        await page.locator("details[open]").get_by_label("您自己的密码").fill(PASSWORD)
        await page.get_by_role("button", name="确定离任").click()
        await page.get_by_text("空缺").first.wait_for()
        await page.get_by_label("用户名").fill("leader")
        await page.get_by_role("button", name="确定任命").click()
        await page.get_by_text("已办理").wait_for()
        await page.goto("/admin/accounts")
        await page.get_by_text("添加账号").first.click()
        await page.get_by_label("用户名", exact=True).fill("新来的")
        await page.get_by_label("岗位代码").fill("mediator:990101001001")
        await page.get_by_role("button", name="添加账号").click()
        await page.get_by_text("这一页只显示一次").wait_for()
        await accessible(page)
        await page.get_by_role("link", name="已经交给本人").click()
        await page.goto("/admin/letters/1")
        await page.get_by_text("查看原文").click()
        await page.get_by_label("查明为什么").check()
        await page.get_by_role("button", name="记入日志并查看").click()
        await page.get_by_text("{not json").wait_for()
        await accessible(page)
        await page.goto("/admin/calendars")
        await page.get_by_label("放假安排文件").set_input_files(file)
        await page.get_by_role("button", name="先看看会改什么").click()
        await accessible(page)
        await page.get_by_role("button", name="核对无误,导入").click()
        await page.get_by_text("已保存").wait_for()
