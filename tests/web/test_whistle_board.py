"""The board of whistles: what is there for whom, in which order, how far each department is, at both widths."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from playwright.async_api import Browser, expect

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.whistlers import BLOW, CITY, COMMUNITY, FIRE, POLICE, STREET, Whistlers

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
TWO = [{"department": CITY, "text": "请查处", "lead": True}, {"department": POLICE, "text": "请维持秩序"}]


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


async def board(hands: Whistlers, who: str, query: str = "") -> list[str]:
    """The numbers on a board, in their order."""
    said = await read(hands, who, f"/whistles{query}")
    return re.findall(r'data-number="(SH\d+)"', said)


async def test_what_is_due_first_stands_first_and_departments_show_how_far_they_are(hands: Whistlers) -> None:
    slow = await hands.called(asks=TWO)
    fast = await hands.blow(kind="emergency", category="A01", asks=[{"department": FIRE, "text": "请灭火"}])
    waits = await hands.blow("community", apart="另一件")
    assert (await board(hands, "street"))[0] == fast
    assert set(await board(hands, "street")) == {slow, fast, waits}
    await hands.does("city", slow, "acknowledge")
    await hands.does("police", slow, "object", {"reason": "not-our-duty", "text": "不属于"})
    await hands.does("fire", fast, "acknowledge")
    await hands.does("fire", fast, "arrive", {"on_site": False})
    said = await read(hands, "street", "/whistles")
    for words in ("城管部门", "●○", "已接哨", "异议待裁定", "不在现场", "还没有派哨", "待街道转报", "待补审批", "应急"):
        assert words in said, words
    assert "请查处" not in said, "no words on a list"


async def test_tabs_filters_and_pages(hands: Whistlers, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [await hands.called(apart="另一件") for _ in range(3)]
    made.append(await hands.blow(kind="emergency", category="A01", asks=[{"department": FIRE, "text": "x"}]))
    gone = await hands.blow(apart="又一件")
    await hands.does("street", gone, "cancel", {"reason": "mistaken"})
    assert await board(hands, "street", "?closed=1") == [gone]
    assert "撤哨" in await read(hands, "street", "/whistles?closed=1")
    for query, expected in (
        ("?kind=emergency", made[3:]),
        (f"?department={FIRE}", made[3:]),
        ("?category=A01", made[3:]),
        ("?category=A", made[3:]),
        ("?state=called", made),
        ("?state=approving", []),
        ("?late=true", []),
        ("?late=false", made),
        (f"?community={COMMUNITY}", made),
        ("?community=990101009001", []),
        ("?kind=daily&category=B04", made[:3]),
    ):
        assert sorted(await board(hands, "street", query)) == expected, query
    for query in ("?kind=x", "?state=x", "?late=1", "?cursor=x", "?category=%00", f"?category={'x' * 65}"):
        await read(hands, "street", f"/whistles{query}", 400)
    assert "去掉条件:哨的种类:应急处置哨" in await read(hands, "street", "/whistles?kind=emergency")
    assert "没有符合条件的哨单" in await read(hands, "street", "/whistles?state=approving")
    monkeypatch.setattr("huiyin.web.staff.whistles.board.PAGE", 3)
    first = await read(hands, "street", "/whistles")
    more = re.search(r'href="(/whistles\?cursor=[^"]+)"', first)
    assert more
    rest = await read(hands, "street", more[1])
    shown = re.findall(r'data-number="(SH\d+)"', first + rest)
    assert sorted(shown) == made
    assert len(set(shown)) == 4


async def test_who_sees_which(hands: Whistlers, admin: asyncpg.Connection) -> None:
    number = await hands.called()
    ticket = await hands.file("B04")
    await hands.do("street", ticket, "note", {"text": "已劝阻"})
    answer = await hands.order("street", ticket, "whistle", BLOW | {"apart": "另一件"})
    assert answer.status_code == 201, answer.text
    both = {number, str(answer.json()["number"])}
    for who, expected in (
        ("street", both), ("boss", both), ("community", both), ("auditor", both), ("street2", set()),
        ("community2", set()),
    ):  # fmt: skip
        assert set(await board(hands, who)) == expected, who
        assert f"<strong>{len(expected)}</strong><span>进行中" in await read(hands, who, "/whistles/figures"), who
        rows = await read(hands, who, "/whistles/list")
        assert set(re.findall(r'data-number="(SH\d+)"', rows)) == expected
    for who in ("city", "property", "grid", "leader", "owners"):
        for path in ("/whistles", "/whistles/list", "/whistles/figures"):
            await read(hands, who, path, 403)
    assert await board(hands, "auditor", f"?street={STREET}")
    assert await board(hands, "auditor", "?street=990101002") == []
    await read(hands, "auditor", "/whistles/figures?street=nowhere", 404)
    await read(hands, "street2", f"/whistles/figures?community={COMMUNITY}", 404)
    # A ticket that is kept from somebody takes its whistle out of their list and of their sums.
    person = await admin.fetchval("SELECT person FROM accounts WHERE username = 'street'")
    row = "INSERT INTO parties (number, role, person, at) VALUES ($1, 'respondent', $2, now())"
    await admin.execute(row, ticket, person)
    assert await board(hands, "street") == [number]
    assert "<strong>1</strong><span>进行中" in await read(hands, "street", "/whistles/figures")
    assert set(await board(hands, "boss")) == both


async def test_levels_of_supervision(hands: Whistlers, admin: asyncpg.Connection) -> None:
    number = await hands.called()
    await admin.execute("UPDATE whistles SET level = 3 WHERE number = $1", number)
    said = await read(hands, "street", "/whistles")
    assert "挂牌督办" in said
    figures = await read(hands, "street", "/whistles/figures")
    assert "挂牌督办 1" in figures
    assert 'href="/whistles?late=true"' in figures
    assert await board(hands, "street", "?late=true") == [number]


@pytest.mark.parametrize("width", WIDTHS)
async def test_on_a_screen(hands: Whistlers, browser: Browser, width: str) -> None:
    number = await hands.called(asks=TWO)
    async with window(browser, hands.site.url, width) as seen:
        page = seen.page
        await page.set_extra_http_headers(hands.heads["street"])
        await page.goto("/whistles")
        await expect(page.locator("#standing .figure").first).to_contain_text("进行中")
        await expect(page.locator(f'[data-number="{number}"]')).to_contain_text("待接哨")
        await accessible(page)
        await hands.does("city", number, "acknowledge")
        hands.site.clock.now += timedelta(minutes=1)
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('live', {detail: []}))")
        await expect(page.locator(f'[data-number="{number}"]')).to_contain_text("已接哨")
        await page.get_by_text("按条件查找").click()
        await page.get_by_label("哨的种类").select_option("daily")
        await page.get_by_role("button", name="查找").click()
        await expect(page.get_by_role("link", name="去掉条件:哨的种类:日常哨")).to_be_visible()
        await accessible(page)
        await page.get_by_role("link", name="已结", exact=True).click()
        await expect(page.locator("#rows")).to_contain_text("没有符合条件的哨单")
        await accessible(page)


async def test_without_a_script(hands: Whistlers, browser: Browser) -> None:
    number = await hands.called()
    async with window(browser, hands.site.url, "phone", script=False) as seen:
        await seen.page.set_extra_http_headers(hands.heads["street"])
        await seen.page.goto("/whistles?kind=daily")
        await expect(seen.page.locator(f'[data-number="{number}"]')).to_be_visible()
