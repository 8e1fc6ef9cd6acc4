"""The street's screen: every figure is the list behind it, for exactly who may see it; on a wall, on paper, by ear."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import pytest
from playwright.async_api import Browser, Page, expect

from huiyin.core.registry import Grid
from huiyin.web.room import Where
from huiyin.web.staff import maps
from tests.core.world import AT, REGISTRY
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import COMMUNITY, STREET, Hands
from tests.web.screened import answered, counted, outlines, week

pytestmark = pytest.mark.usefixtures("city")

FIGURE = re.compile(r'<a class="figure[^"]*" href="([^"]+)">\s*<strong[^>]*>([^<]*)</strong><span>([^<]*)')
CELL = re.compile(r'<td class="number"><a href="([^"]+)">([0-9]+)</a>')


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


async def screen(site: Site, head: dict[str, str], path: str = "/screen") -> str:
    answer = await site.http.get(path, headers=head)
    assert answer.status_code == 200, answer.text
    return answer.text.replace("&amp;", "&").replace("&#34;", '"')


def figures(page: str) -> dict[str, tuple[str, str]]:
    """Name → what it says, where it leads."""
    return {name.strip().split(" ")[0]: (said.strip(), link) for link, said, name in FIGURE.findall(page)}


async def listed(site: Site, head: dict[str, str], link: str) -> int:
    """How many the list behind a link has: by the API for the list of tickets, else page by page."""
    if link.startswith("/tickets?"):
        asked = dict(parse_qsl(urlsplit(link).query))
        answer = await site.http.get("/api/v1/tickets", params={**asked, "limit": 200}, headers=head)
        assert answer.status_code == 200, (link, answer.text)
        return len(answer.json()["tickets"])
    page = await screen(site, head, link)
    return page.count('<tr data-number="')


async def test_each_figure_is_its_list(site: Site, admin: asyncpg.Connection, hands: Hands, people: People) -> None:
    """For street, community and auditor: what a figure says is how many its link lists; so is each cell."""
    await week(site, hands)
    site.clock.now = AT + timedelta(days=1)
    heads = {**hands.heads, "auditor": await people.seat("auditor", "auditor", "auditor", "all")}
    for who, query in (("street", ""), ("community", ""), ("auditor", f"&community={COMMUNITY}"), ("auditor", "")):
        page = await screen(site, heads[who], f"/screen?days=30{query}")
        shown = figures(page)
        assert shown["新收"][0] == "10", who
        names = {"新收", "办结归档", "上报", "超过时限", "列入督办", "重办"}
        names |= {"在办", "已超时", "督办中", "待分拣", "紧急"} if who != "auditor" or query else set()
        for name in names:
            said, link = shown[name]
            assert int(said) == await listed(site, heads[who], link), (who, name, link)
        cells = CELL.findall(page)
        assert cells or not query
        for link, said in cells:
            assert int(said) == await listed(site, heads[who], link), (who, link)


async def test_open_is_what_came_less_what_went(site: Site, hands: Hands) -> None:
    await week(site, hands)
    shown = figures(await screen(site, hands.heads["street"], "/screen?days=1"))
    assert (shown["新收"][0], shown["办结归档"][0], shown["在办"][0]) == ("10", "1", "9")
    page = await screen(site, hands.heads["street"], "/screen?days=90")
    last = re.findall(r'<tr><th scope="row">([0-9/]+)</th>' + r'<td class="number">([0-9]+)</td>' * 3, page)
    assert last[-1] == ("11/20", "10", "1", "9")
    assert last[0][3] == "0"
    assert len(last) == 90


async def test_a_rate_has_both_its_parts_and_no_data_is_not_a_hundred(site: Site, hands: Hands) -> None:
    empty = await screen(site, hands.heads["street"])
    shown = figures(empty)
    assert [shown[name][0] for name in ("响应率", "解决率", "满意率")] == ["没有数据"] * 3
    assert "0/0" in empty
    assert "100" not in "".join(said for said, _ in shown.values())
    numbers = [await hands.file("B01") for _ in range(3)]
    site.clock.now = AT + timedelta(hours=1)
    for number, solved, satisfied in zip(numbers, ("yes", "partly", "yes"), (5, 4, 3), strict=True):
        await hands.do("leader", number, "sign")
        await hands.do("leader", number, "contact")
        await answered(hands, number, solved, satisfied)
    await counted(site)
    page = await screen(site, hands.heads["street"])
    shown = figures(page)
    assert [shown[name][0] for name in ("响应率", "解决率", "满意率")] == ["100.0%", "66.7%", "66.7%"]
    assert all(f"{name} {parts}" in page for name, parts in (("响应率", "3/3"), ("解决率", "2/3"), ("满意率", "2/3")))


async def test_what_climbed_last_night_and_what_is_hot(site: Site, hands: Hands) -> None:
    """Since six in the evening before; three of one matter in one grid; each leads to its tickets."""
    numbers = await week(site, hands)
    site.clock.now = AT + timedelta(days=1)
    page = await screen(site, hands.heads["street"])
    night = page.split("昨夜上报")[1].split("</section>")[0]
    assert re.findall(r"HY[0-9]{9}", night)[:1] == [numbers[1]]
    assert "业主委员会" in night
    assert "超出本级能力" in night
    hot = page.split('id="s-hot"')[1].split("</section>")[0]
    ((link, count),) = re.findall(r'<li><a href="([^"]+)">[^<]+</a> <strong>([0-9]+) 件', hot)
    assert int(count) == 3 == await listed(site, hands.heads["street"], link)
    site.clock.now = AT + timedelta(days=2)
    assert "没有上报" in await screen(site, hands.heads["street"])


# -- who sees what ------------------------------------------------------------------------------------------


async def test_a_screen_counts_what_its_viewer_may_see(
    site: Site, admin: asyncpg.Connection, hands: Hands, people: People
) -> None:
    """Neither a complaint about one's own kind nor one in which one has an interest moves any figure."""
    heads = {
        "community": hands.heads["community"],
        "street": hands.heads["street"],
        "party": await people.seat("party", "street", f"street:{STREET}", f"street:{STREET}"),
    }

    async def whole(who: str) -> str:
        await counted(site)
        page = await screen(site, heads[who], "/screen?days=30")
        return re.sub(r"csrf\" content=\"[^\"]*|nonce=\"[^\"]*", "", page)

    await week(site, hands)
    before = {who: await whole(who) for who in heads}
    await hands.file("C01", "grid_or_community_staff")
    assert await whole("community") == before["community"]
    assert await whole("street") != before["street"]
    before["party"] = await whole("party")
    number = await hands.file("B01")
    assert await whole("party") != before["party"]
    person = await admin.fetchval("SELECT person FROM accounts WHERE username = 'party'")
    await admin.execute(
        "INSERT INTO parties (number, role, person, at) VALUES ($1, 'respondent', $2, now())", number, person
    )
    assert await whole("party") == before["party"]
    page = await screen(site, heads["party"], figures(before["party"])["新收"][1])
    assert number not in page
    assert number in await screen(site, heads["street"], figures(before["street"])["新收"][1])


async def test_who_may_look_where(site: Site, hands: Hands, people: People) -> None:
    await week(site, hands)
    auditor = await people.seat("auditor", "auditor", "auditor", "all")
    far = await people.seat("far", "street", "street:9", "street:9")
    asked = [
        ("leader", "/screen", 403), ("property", "/screen", 403), ("grid", "/screen/now", 403),
        ("street", f"/screen?community={COMMUNITY}", 200), ("street", "/screen?community=9", 404),
        ("street", "/screen?days=2", 400), ("street", "/screen?street=9", 200), ("auditor", "/screen?street=9", 404),
        ("auditor", f"/screen?street={STREET}&community={COMMUNITY}", 200),
        ("far", f"/screen?community={COMMUNITY}", 404),
        ("street", "/screen/counted", 400), ("street", "/screen/counted?metric=filed&since=x&until=y", 400),
        ("street", "/screen/counted?metric=filed&since=2026-11-20&until=2026-11-20&cursor=1", 400),
        ("street", "/screen/counted?metric=filed&since=2026-11-20&until=2026-11-20&by=about&key=none", 400),
        ("far", f"/screen/counted?metric=filed&since=2026-11-20&until=2026-11-20&community={COMMUNITY}", 404),
    ]  # fmt: skip
    heads = {**hands.heads, "auditor": auditor, "far": far}
    for who, path, expected in asked:
        answer = await site.http.get(path, headers=heads[who])
        assert answer.status_code == expected, (who, path, answer.text[:200])
    assert figures(await screen(site, far))["新收"][0] == "0"
    assert STREET not in (await site.http.get("/screen", headers=far)).text


async def test_the_rows_behind_a_sum_come_in_pages(site: Site, hands: Hands) -> None:
    numbers = [await hands.file("B01") for _ in range(60)]
    await counted(site)
    link = f"/screen/counted?metric=filed&since={AT.date()}&until={AT.date()}"
    first = await screen(site, hands.heads["street"], link)
    more = re.findall(r'href="(/screen/counted\?[^"]+)"', first)
    assert "共 60 次" in first
    second = await screen(site, hands.heads["street"], more[0])
    shown = re.findall(r'<tr data-number="(HY[0-9]+)"', first + second)
    assert shown == sorted(numbers, reverse=True)
    assert not re.findall(r'href="(/screen/counted\?[^"]+)"', second)


async def test_it_says_when_it_is_behind(site: Site, hands: Hands) -> None:
    """Two minutes are nothing; more is said, and what is open is right all the same."""
    await hands.file("B01")
    site.clock.now = AT + timedelta(minutes=2)
    assert "统计还没有跟上" not in await screen(site, hands.heads["street"])
    site.clock.now = AT + timedelta(minutes=3)
    page = await screen(site, hands.heads["street"])
    assert "统计还没有跟上" in page
    assert figures(page)["在办"][0] == "1"
    await counted(site)
    assert "统计还没有跟上" not in await screen(site, hands.heads["street"])


# -- the map ------------------------------------------------------------------------------------------------


def test_a_map_of_outlines_and_tiles() -> None:
    """North is up, west is left, shades go by open a thousand households; tiles cover the box."""
    square = ((116.40, 39.90), (116.41, 39.90), (116.41, 39.91), (116.40, 39.91))
    east = tuple((lon + 0.01, lat) for lon, lat in square)
    grids = [Grid("990101001001001", COMMUNITY, "E1", square), Grid("990101001001002", COMMUNITY, "E1", east)]
    drawn = maps.draw(REGISTRY, grids, {"990101001001001": (9, 2)}, "https://tiles.example/{z}/{x}/{y}.png")
    one, two = drawn.drawn
    assert one.x < two.x
    assert (one.shade, two.shade) == (4, 0)
    assert one.households == 400
    assert one.words == "柳岸花园 001 网格:在办 9 件,超时 2 件,约 400 户"
    points = [tuple(map(float, pair.split(","))) for pair in one.points.split()]
    assert points[0][1] > points[2][1], "the south is below"
    assert 0 < len(drawn.tiles) <= 24
    assert min(tile.x for tile in drawn.tiles) <= 0
    assert max(tile.x + tile.size for tile in drawn.tiles) >= maps.WIDTH
    assert max(tile.y + tile.size for tile in drawn.tiles) >= drawn.height
    plain = maps.draw(REGISTRY, REGISTRY.grids.values(), {})
    assert (len(plain.listed), plain.drawn, plain.tiles) == (3, (), ())


async def test_no_other_host_without_tiles(site: Site, hands: Hands) -> None:
    answer = await site.http.get("/screen", headers=hands.heads["street"])
    assert "img-src 'self' data:" in answer.headers["content-security-policy"]
    site.room.where = Where("", "", b"", b"r" * 32, tile_url="https://tiles.example/{z}/{x}/{y}.png")
    answer = await site.http.get("/screen", headers=hands.heads["street"])
    assert "img-src 'self' https://tiles.example data:" in answer.headers["content-security-policy"]


# -- in a browser -------------------------------------------------------------------------------------------


async def whole(page: Page) -> None:
    await expect(page.locator("[data-chart] canvas")).to_have_count(2)


@pytest.mark.parametrize("width", WIDTHS)
async def test_at_a_desk_and_on_a_phone(
    site: Site, admin: asyncpg.Connection, hands: Hands, browser: Browser, width: str
) -> None:
    """Charts are drawn under the policy, their tables stay; the page comes up to date by itself; paper has both."""
    await outlines(admin)
    await week(site, hands)
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await page.set_extra_http_headers(hands.heads["street"])
        await page.goto("/screen")
        await whole(page)
        await accessible(page)
        await expect(page.locator("svg.map a")).to_have_count(3)
        await page.get_by_text("数据表:各层级结案").click()
        await expect(page.get_by_role("cell", name="100.0% (1/1)").first).to_be_visible()
        open_now = page.locator("#now .figure strong").first
        await expect(open_now).to_have_text("9")
        await hands.file("B01")
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('live'))")
        await expect(open_now).to_have_text("10")
        await whole(page)
        await page.emulate_media(media="print")
        await whole(page)
        await expect(page.locator(".menu")).to_be_hidden()
        await page.emulate_media(media="screen")
        await page.get_by_role("link", name="近 30 天").click()
        await expect(page.get_by_role("link", name="近 30 天")).to_have_attribute("aria-current", "true")
        await page.locator("a.figure", has_text="新收").click()
        await expect(page.locator("tbody tr")).to_have_count(10)
        await accessible(page)


async def test_without_javascript_the_tables_are_there(site: Site, hands: Hands, browser: Browser) -> None:
    await week(site, hands)
    async with window(browser, site.url, script=False) as seen:
        await seen.page.set_extra_http_headers(hands.heads["street"])
        await seen.page.goto("/screen")
        await expect(seen.page.get_by_role("cell", name="100.0% (1/1)").first).to_be_visible()
        await expect(seen.page.locator(".canvas").first).to_be_hidden()


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_wall(site: Site, hands: Hands, browser: Browser, width: str) -> None:
    """Panels take turns, stop where somebody says so, never begin where motion is unwanted; it says when it is old."""
    await week(site, hands)
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await page.set_extra_http_headers(hands.heads["street"])
        await page.clock.install()
        await page.goto("/screen?wall=1")
        shown = 2 if width == "desk" else 1
        turns = page.locator(".turn:not([data-away])")
        await expect(turns).to_have_count(shown)
        await accessible(page)
        first = await turns.first.inner_text()
        await page.clock.run_for(16_000)
        await expect(turns.first).not_to_have_text(first)
        await page.get_by_role("button", name="暂停轮播").click()
        await expect(turns).to_have_count(6)
        await accessible(page)
        await page.route("**/screen/now*", lambda route: route.abort())
        await page.clock.run_for(121_000)
        await expect(page.locator("#stale")).to_be_visible()
        await page.unroute("**/screen/now*")
        await page.clock.run_for(31_000)
        await expect(page.locator("#stale")).to_be_hidden()
        await page.emulate_media(reduced_motion="reduce")
        await page.reload()
        await expect(turns).to_have_count(6)
        await expect(page.get_by_role("button", name="轮播")).to_have_attribute("aria-pressed", "true")
        seen.faults = [one for one in seen.faults if "ERR_FAILED" not in one and "htmx:error" not in one]  # as asked


async def test_how_heavy_it_is(site: Site, hands: Hands) -> None:
    """The page itself is light; the charts are the one heavy file, kept for ever after the first time."""
    await week(site, hands)
    gzip = {"Accept-Encoding": "gzip", **hands.heads["street"]}

    async def weight(path: str) -> int:
        async with site.http.stream("GET", path, headers=gzip) as answer:
            assert answer.status_code == 200
            return sum([len(part) async for part in answer.aiter_raw()])

    page = await screen(site, hands.heads["street"])
    assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    charts = [one for one in assets if "echarts" in one]
    assert len(charts) == 1
    assert await weight(charts[0]) < 180_000
    rest = await weight("/screen") + sum([await weight(one) for one in assets - set(charts)])
    assert rest < 61_440, f"{rest} bytes"


def test_only_pages_with_charts_load_them() -> None:
    from importlib.resources import files

    folder: Any = files("huiyin.web") / "templates"
    texts = {one.name: one.read_text() for one in folder.iterdir()}
    assert {name for name, text in texts.items() if "echarts" in text} == {"screen.html", "report.html"}
    framed = {name for name, text in texts.items() if '"report.html"' in text}
    assert framed == {"whistle_report.html", "mediation_report.html"}
