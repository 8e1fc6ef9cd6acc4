"""The report on whistles: rates with both parts, who sees whose, a street beside the others, on paper and as a file."""

import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Browser, expect
from python_calamine import CalamineWorkbook

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import NOW, Filer, People, Site
from tests.web.whistlers import BLOW, CITY, FIRE, POLICE, REPLY, STREET, Whistlers

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


async def read(hands: Whistlers, who: str, path: str = "/whistles/report", status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (who, path, answer.text[:300])
    return answer.text


async def lived(hands: Whistlers, *, returned: bool = False, justified: str = "yes", **more: Any) -> str:
    """A whistle through its life: two departments, answered, confirmed, rated both ways."""
    number = await hands.called(**({"asks": TWO, "apart": "另一件"} | more))
    for who in ("city", "police"):
        await hands.does(who, number, "acknowledge")
    await hands.does("police", number, "answer", {"text": "已到场"})
    reply = REPLY | {"accepted_at": (await hands.stands("city", number))["called_at"]}
    await hands.does("city", number, "reply", reply)
    if returned:
        await hands.does("street", number, "return", {"text": "还有两处没有清理"})
        await hands.does("city", number, "reply", reply | {"text": "已全部清理"})
    await hands.does("street", number, "confirm")
    for department, score in ((CITY, 5), (POLICE, 3)):
        scores = {"department": department, "response": score, "quality": 4, "cooperation": score}
        await hands.does("street", number, "rate", scores)
    await hands.does("city", number, "rate-back", {"justified": justified, "score": 4})
    return number


async def week(hands: Whistlers) -> None:
    """Two that were done, one of them sent back; one that nobody answers in time; one readdressed; one declined."""
    await lived(hands)
    await lived(hands, returned=True, justified="partly")
    number = await hands.called(apart="又一件")
    await hands.does("city", number, "object", {"reason": "other-department", "text": "不属于"})
    await hands.does("second", number, "rule", {"department": CITY, "upheld": True, "to": FIRE})
    emergency = await hands.blow(kind="emergency", category="A01", asks=[{"department": FIRE, "text": "x"}])
    await hands.does("fire", emergency, "acknowledge")
    await hands.does("fire", emergency, "arrive", {"on_site": False})
    declined = await hands.blow(apart="还有一件")
    await hands.does("boss", declined, "decline", {"reason": "not-enough", "text": "理由不足"})


def cells(text: str, row: str) -> str:
    """The row of a table by its heading, without tags."""
    found = text.split(f'<th scope="row">{row}</th>')[1].partition("</tr>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


async def test_what_a_street_reads(hands: Whistlers) -> None:
    await week(hands)
    said = await read(hands, "street")
    city = cells(said, "城管部门")
    assert city.startswith("2 100.0% 2/2 样本少 没有数据 100.0% 2/2 样本少 没有数据 50.0% 1/2"), city
    assert "100.0% 1/1 样本少 响应 5.0 (2)" in city, "its upheld objection counts, the call it was for does not"
    police = cells(said, "公安部门")
    assert police.startswith("2 主办 0 100.0% 2/2"), police
    assert "响应 3.0 (2)" in police
    fire = cells(said, "消防救援部门")
    assert fire.startswith("2 100.0% 1/1 样本少 没有数据 不在现场 1"), fire
    blower = cells(said, "清河街道")
    assert blower.startswith("5 领导不同意 1 0 75.0% 1.5/2"), blower
    assert "应急处置哨" in said
    assert "工单太少,不比较" in said
    for secret in ("请查处", "还有两处没有清理", "已全部清理", "SH0", "HY0", "没有处罚权"):
        assert secret not in said


async def test_whose_figures(hands: Whistlers) -> None:
    """A department reads of itself alone; another place reads nothing; the community its own."""
    await week(hands)
    own = await read(hands, "city")
    assert "城管部门" in own
    assert "100.0%" in own
    for other in ("公安", "消防", "吹哨准率", "清河街道", "中位数", "看板"):
        assert other not in own, other
    assert "<strong>2</strong><span>派给本部门" in own
    assert "异议成立率 1/1" in own
    assert "异议成立率 0/0" in await read(hands, "police")
    assert "没有数据" in await read(hands, "street2")
    assert "没有数据" in await read(hands, "community2")
    assert cells(await read(hands, "community"), "城管部门").startswith("2 ")
    assert cells(await read(hands, "auditor"), "公安部门").startswith("2 ")
    assert "清河街道" in await read(hands, "auditor", f"/whistles/report?street={STREET}")
    for who in ("property", "grid", "owners", "leader"):
        await read(hands, who, status=403)
        await read(hands, who, "/whistles/report/export", 403)
    await read(hands, "auditor", "/whistles/report?street=x", 404)
    await read(hands, "street2", "/whistles/report?community=990101001001", 404)
    await read(hands, "community2", "/whistles/report?community=990101001001", 404)


async def test_the_days(hands: Whistlers) -> None:
    await lived(hands)
    for query, there in (
        ("?days=7", True), ("?days=90", True), (f"?month={NOW:%Y-%m}", True), ("?month=2026-10", False),
    ):  # fmt: skip
        assert ("城管部门" in await read(hands, "street", f"/whistles/report{query}")) == there, query
        assert ("100.0%" in await read(hands, "city", f"/whistles/report{query}")) == there, query
    for query in ("?days=8", "?days=x", "?month=2026-13", "?month=2027-01", "?month=x"):
        await read(hands, "street", f"/whistles/report{query}", 400)
    hands.site.clock.now = NOW + timedelta(days=8)
    assert "城管部门" not in await read(hands, "street", "/whistles/report?days=7")
    assert "城管部门" in await read(hands, "street", "/whistles/report?days=30")


async def test_a_hidden_ticket_takes_its_whistle_out_of_every_sum(hands: Whistlers, admin: asyncpg.Connection) -> None:
    await lived(hands)
    ticket = await hands.file("B04")
    await hands.do("street", ticket, "note", {"text": "已劝阻"})
    answer = await hands.order("street", ticket, "whistle", BLOW | {"apart": "另一件"})
    await hands.does("boss", answer.json()["number"], "approve")
    assert cells(await read(hands, "street"), "清河街道").startswith("2 ")
    person = await admin.fetchval("SELECT person FROM accounts WHERE username = 'street'")
    row = "INSERT INTO parties (number, role, person, at) VALUES ($1, 'respondent', $2, now())"
    await admin.execute(row, ticket, person)
    hidden = await read(hands, "street")
    assert cells(hidden, "清河街道").startswith("1 ")
    assert cells(hidden, "城管部门").startswith("1 ")
    assert cells(await read(hands, "boss"), "城管部门").startswith("2 ")


async def streets(admin: asyncpg.Connection, own: int = 0) -> None:
    """Five more streets with a thousand tickets and ten whistles each; the tiny city's with as many tickets."""
    registry = "INSERT INTO streets (code, name, district) VALUES ($1, $2, '东城区')"
    tally = "INSERT INTO tallies VALUES ($1, 'filed', '', $2, '', 'none', 1000, 0)"
    whistle = (
        "INSERT INTO whistles (number, version, state, kind, source, category, street_code, blower, departments,"
        " approval, level, returned, blown_at, provisional)"
        " SELECT 'SH' || lpad((5000 + i)::text, 9, '0'), 1, 'called', 'daily', 'own', 'B04', $1, 'street:' || $1, 1,"
        " 'given', 0, 0, $2, false FROM generate_series($3::int, $4::int) i"
    )
    for n in range(2, 7):
        code = f"99010100{n}"
        await admin.execute(registry, code, f"第{n}街道")
        await admin.execute(whistle, code, NOW, n * 100, n * 100 + 9)
        await admin.execute(tally, f"street:{code}", NOW.date())
    await admin.execute(tally, f"street:{STREET}", NOW.date())
    await admin.execute(whistle, STREET, NOW, 1, own)
    await admin.execute("UPDATE registry_version SET version = 'more'")


@pytest.mark.parametrize(("own", "said"), [(1, "吹哨偏少"), (10, "相当"), (35, "吹哨偏多")])
async def test_far_less_or_far_more_than_the_others(
    hands: Whistlers, admin: asyncpg.Connection, own: int, said: str
) -> None:
    """Each street reads its own share and the median; the auditor reads each street's."""
    await streets(admin, own)
    mine = await read(hands, "street")
    assert said in mine
    assert f"吹哨 {own} 次" in mine
    assert "1.0 次" in mine, "the median of the others"
    assert "第2街道" not in mine
    assert "每万户" in mine
    all_ = await read(hands, "auditor")
    assert cells(all_, "清河街道").startswith(f"{own} {own / 10:.1f} {own}/1000 ")
    assert ("吹哨偏" in cells(all_, "清河街道")) == (own != 10)
    assert "正常" in cells(all_, "第2街道")
    assert "第2街道" not in await read(hands, "community")
    assert "中位数" not in await read(hands, "community")


async def test_the_file(hands: Whistlers) -> None:
    await week(hands)
    answer = await hands.site.http.get("/whistles/report/export?days=7", headers=hands.heads["street"])
    assert answer.headers["content-disposition"].startswith('attachment; filename="whistles-2026')
    assert answer.headers["cache-control"] == "no-store"
    book = opened(answer.content)
    assert list(book) == ["部门", "吹哨单位", "街道比较", "口径"]
    head, *rows = book["部门"][2:]
    found = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    city = found["城管部门"]
    assert (city["响应(分子)"], city["响应(分母)"], city["响应率"], city["一次办结率"]) == (2, 2, 1, 0.5)
    assert city["到场率"] == "", "0/0 is an empty cell"
    assert found["合计"]["派哨"] == 6
    text = repr(book)
    for secret in ("请查处", "还有两处没有清理", "SH0", "HY0"):
        assert secret not in text
    answer = await hands.site.http.get("/whistles/report/export", headers=hands.heads["police"])
    own = opened(answer.content)
    assert list(own) == ["部门", "口径"]
    assert [row[0] for row in own["部门"][3:]] == ["公安部门", "合计"]


def opened(raw: bytes) -> dict[str, list[list[Any]]]:
    """The sheets of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@pytest.mark.parametrize("width", WIDTHS)
async def test_on_a_screen_and_on_paper(hands: Whistlers, browser: Browser, width: str) -> None:
    await week(hands)
    async with window(browser, hands.site.url, width) as seen:
        page = seen.page
        await page.set_extra_http_headers(hands.heads["street"])
        await page.goto("/whistles/report")
        await expect(page.locator(".canvas canvas").first).to_be_visible()
        await accessible(page)
        await page.get_by_text("这些数字怎样计算").click()
        await expect(page.get_by_text("0 时写“没有数据”")).to_be_visible()
        await page.emulate_media(media="print")
        await expect(page.locator("nav.menu")).to_be_hidden()
        await expect(page.get_by_role("button", name="打印")).to_be_hidden()
        await page.emulate_media(media="screen")
        await page.set_extra_http_headers(hands.heads["city"])
        await page.goto("/whistles/report")
        await accessible(page)
