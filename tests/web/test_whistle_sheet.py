"""The whistle on paper and in review: the whole for its street, the minimum for a department, a chain that holds."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import Browser, expect

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.whistlers import BLOW, CITY, POLICE, REPLY, Whistlers

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
TASK, OTHER, WHY, MISSING = "请到一号楼前查处占道经营", "请维持现场秩序", "物业劝阻三次无效", "还有两处没有清理"
TWO = [{"department": CITY, "text": TASK, "lead": True}, {"department": POLICE, "text": OTHER}]


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    return await Whistlers(site, filer).sit(people)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


async def read(hands: Whistlers, who: str, path: str, status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (who, path, answer.text[:300])
    return answer.text


async def blown(hands: Whistlers) -> tuple[str, str]:
    """A ticket that a community whistles for, with evidence, and its whistle."""
    ticket = await hands.file("B04")
    await hands.do("street", ticket, "note", {"text": "已到现场劝阻"})
    answer = await hands.order("community", ticket, "whistle", BLOW | {"text": WHY, "asks": TWO})
    assert answer.status_code == 201, answer.text
    return ticket, str(answer.json()["number"])


async def lived(hands: Whistlers, number: str) -> None:
    """To the end, sent back once."""
    await hands.does("street", number, "pass-on")
    await hands.does("boss", number, "approve")
    for who in ("city", "police"):
        await hands.does(who, number, "acknowledge")
    await hands.does("police", number, "answer", {"text": "秩序已恢复"})
    reply = REPLY | {"accepted_at": (await hands.stands("city", number))["called_at"]}
    await hands.does("city", number, "reply", reply)
    await hands.does("community", number, "return", {"text": MISSING})
    await hands.does("city", number, "reply", reply | {"text": "三处已全部清理"})
    await hands.does("community", number, "confirm")
    for department in (CITY, POLICE):
        scores = {"department": department, "response": 5, "quality": 4, "cooperation": 3}
        await hands.does("community", number, "rate", scores)
    await hands.does("city", number, "rate-back", {"justified": "partly", "score": 3})


async def test_the_whole_sheet(hands: Whistlers) -> None:
    """Before the call there is room for the leader's hand; at the end everything stands there."""
    ticket, number = await blown(hands)
    early = await read(hands, "street", f"/whistles/{number}/sheet")
    for words in (number, ticket, WHY, "没有执法权", "记录了办理进展", "还没有派哨", "城管部门", "待填", "签字、盖章"):
        assert words in early, words
    await lived(hands, number)
    late = await read(hands, "street", f"/whistles/{number}/sheet")
    for words in (
        *(
            "清河街道转报",
            "主要领导",
            "同意",
            TASK,
            OTHER,
            "接哨 1",
            "秩序已恢复",
            "现场人员",
            "三处已全部清理",
            "已经办结",
        ),
        *("第 1 次退回", MISSING, "响应 5 分", "部分合理", "双方已互评", "<svg"),
    ):
        assert words in late or words.removeprefix("清河街道") in late, words
    assert (late.count("办结答复 11月"), late.count("协办反馈 11月")) == (1, 1), "each department its own limits"
    assert "经过</h2>" not in late
    assert "待填" not in late.split("核验与互评")[1]
    story = await read(hands, "auditor", f"/whistles/{number}/sheet?story=1")
    for words in ("吹哨办结报告", "经过</h2>", "结哨", "转报", MISSING):
        assert words in story, words
    for person in ("王小明", "13800000000", 'value="p-'):
        assert person not in story


async def test_a_department_prints_its_own_part(hands: Whistlers) -> None:
    ticket, number = await blown(hands)
    await lived(hands, number)
    for who, own, other in (("city", TASK, OTHER), ("police", OTHER, TASK)):
        for query in ("", "?story=1"):
            said = await read(hands, who, f"/whistles/{number}/sheet{query}")
            assert own in said
            for secret in (other, ticket, WHY, "没有执法权", "来自", "记录了办理进展", "领导审批", "转报"):
                assert secret not in said, (who, secret)
    assert "三处已全部清理" in await read(hands, "city", f"/whistles/{number}/sheet")
    assert "三处已全部清理" not in await read(hands, "police", f"/whistles/{number}/sheet"), "told to the lead's side"
    assert "部门联" in await read(hands, "police", f"/whistles/{number}/sheet")


async def test_hidden_is_not_there(hands: Whistlers, admin: asyncpg.Connection) -> None:
    ticket, number = await blown(hands)
    for path in (f"/whistles/{number}/sheet", f"/review/whistles/{number}"):
        await read(hands, "street2", path, 404)
        await read(hands, "street", path.replace(number, "SH999999999"), 404)
        await read(hands, "street", path.replace(number, "x"), 404)
        await read(hands, "property", path, 403)
    await read(hands, "city", f"/whistles/{number}/sheet", 404)
    await read(hands, "city", f"/review/whistles/{number}", 403)
    person = await admin.fetchval("SELECT person FROM accounts WHERE username = 'street'")
    row = "INSERT INTO parties (number, role, person, at) VALUES ($1, 'respondent', $2, now())"
    await admin.execute(row, ticket, person)
    for path in (f"/whistles/{number}/sheet", f"/review/whistles/{number}"):
        await read(hands, "street", path, 404)
        await read(hands, "boss", path)


async def test_its_log_in_review(hands: Whistlers, admin: asyncpg.Connection) -> None:
    _, number = await blown(hands)
    await lived(hands, number)
    hashes = await admin.fetch("SELECT hash FROM log WHERE noun = 'whistle' AND id = $1", number)
    for query in ("", "?view=line"):
        said = await read(hands, "auditor", f"/review/whistles/{number}{query}")
        for words in ("日志链完整", f"{len(hashes)} 步首尾相接", "吹日常哨", "结哨", "转报 11月", "看哨单"):
            assert words in said, words
        assert TASK not in said, "events and hashes, no words"
    table = await read(hands, "street", f"/review/whistles/{number}")
    assert all(row["hash"].hex()[:16] in table for row in hashes)
    found = await hands.site.http.get(f"/review?number={number.lower()}", headers=hands.heads["street"])
    assert (found.status_code, found.headers["location"]) == (303, f"/review/whistles/{number}")
    assert "哨单号是 SH" in await read(hands, "street", "/review?number=SH1")
    assert "哨单" not in await read(hands, "community", f"/review?number={number}")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            "UPDATE log SET body = convert_to(replace(convert_from(body, 'UTF8'), 'street', 'stre_t'), 'UTF8')",
            "被改动过",
        ),
        ("UPDATE log SET body = 'x'", "读不出"),
        ("DELETE FROM log", "缺少步骤"),
        ("UPDATE log SET at = at + interval '1 hour'", "与存证不符"),
        ("UPDATE log SET prev = sha256('x')", "接不上"),
    ],
)
async def test_a_tampered_whistle_says_where(
    hands: Whistlers, admin: asyncpg.Connection, statement: str, why: str
) -> None:
    number = await hands.called()
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(f"{statement} WHERE id = $1 AND version = 2", number)
    said = await read(hands, "street", f"/review/whistles/{number}")
    assert "该哨单的日志被改动过" in said
    assert why in said
    assert 'class="broken"' in said


@pytest.mark.parametrize("width", WIDTHS)
async def test_on_a_screen_and_on_paper(hands: Whistlers, browser: Browser, width: str) -> None:
    _, number = await blown(hands)
    await lived(hands, number)
    async with window(browser, hands.site.url, width) as seen:
        page = seen.page
        for who in ("street", "city"):
            await page.set_extra_http_headers(hands.heads[who])
            for query in ("", "?story=1"):
                await page.goto(f"/whistles/{number}/sheet{query}")
                await accessible(page)
        await page.emulate_media(media="print")
        await expect(page.locator("nav.menu")).to_be_hidden()
        await expect(page.get_by_role("button", name="打印")).to_be_hidden()
        await expect(page.locator(".signs")).to_be_visible()
        await page.emulate_media(media="screen")
        await page.set_extra_http_headers(hands.heads["street"])
        await page.goto(f"/review/whistles/{number}")
        await accessible(page)
