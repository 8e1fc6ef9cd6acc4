"""The public board: a community's figures, nobody's; small numbers hidden, worked out seldom, printable."""

import re
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import text

from huiyin.core.calendar import local
from huiyin.web.residents.board import like
from tests.core.world import REGISTRY, sorting
from tests.web.browsers import accessible, browsing, window
from tests.web.conftest import NOW, Filer, People, Site
from tests.web.hands import Hands
from tests.web.screened import counted

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
C = "990101001001"


async def tally(
    admin: asyncpg.Connection, metric: str, by: str, key: str, count: int, ago: int = 1, minutes: int = 0
) -> None:
    day = local(NOW) - timedelta(days=ago)
    await admin.execute(
        "INSERT INTO tallies VALUES ($1, $2, $3, $4, $5, 'none', $6, $7)"
        " ON CONFLICT (place, metric, by, day, key, about) DO UPDATE SET count = tallies.count + $6",
        f"community:{C}", metric, by, day, key, count, minutes,
    )  # fmt: skip


async def fill(admin: asyncpg.Connection) -> None:
    """Eight leaks and two noises in thirty days, forty lifts before; some answers."""
    for topic, count, ago in (
        ("A", 8, 1),
        ("B", 2, 3),
        ("C", 3, 4),
        ("H", 40, 60),
        ("A", 2, 61),
        ("G", 30, 120),
        ("D", 9, 0),
    ):
        await tally(admin, "filed", "topic", topic, count, ago)
    await tally(admin, "closed", "topic", "A", 7)
    await tally(admin, "closed", "said", "solved", 7)
    await tally(admin, "replied", "topic", "A", 6, 1, 6 * 26 * 60)
    await tally(admin, "replied", "topic", "B", 1, 1, 60)
    for metric, said, count in (
        *(("contact", "in-time", 15), ("contact", "late", 5)),
        *(("followed", "yes", 9), ("followed", "no", 1), ("rated", "5", 8), ("rated", "2", 5)),
    ):
        await tally(admin, metric, "said", said, count)


def rows(text: str, days: int) -> dict[str, list[str]]:
    part = text.partition(f'id="days-{days}"')[2].partition("</section>")[0]
    found = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', part)
    return {
        name: [re.sub("<[^>]+>", "", cell) for cell in re.findall("<td>(.*?)</td>", cells)] for name, cells in found
    }


async def test_figures(site: Site, admin: asyncpg.Connection, filer: Filer) -> None:
    await fill(admin)
    for _ in range(6):
        await filer.file(sorting("A02"))
    await filer.file(sorting("B01"))
    page = (await site.http.get(f"/board/{C}", headers=HTML)).text
    assert "柳岸社区公开栏" in page
    thirty, ninety = rows(page, 30), rows(page, 90)
    assert thirty["房屋渗漏与维修"] == ["8", "7", "26 小时"]
    assert thirty["噪声扰民"] == ["少于 5", "0", "答复少于 5 件"]
    assert set(thirty) == {"房屋渗漏与维修", "噪声扰民", "环境卫生"}
    assert ninety["房屋渗漏与维修"][0] == "—", "two more than in thirty days"
    assert ninety["电梯与公共设施"] == ["40", "0", "—"]
    assert "停车与车辆" not in ninety
    assert "油烟与污染" not in ninety, "today is not told"
    assert '75% <span class="soft small">按时联系的 15 件 / 20 件' in page
    assert '<strong>解决率</strong> <span class="few">数目太小,不公布' in page
    assert "62%" in page
    assert "结束时在办 <span" in page, "one of B would follow from the sum"
    for nobody in ("1栋", "E1", "柳岸花园"):
        assert nobody not in page, nobody


async def test_what_comes_and_goes_today_is_not_told(site: Site, people: People, filer: Filer) -> None:
    """Open is what was open when yesterday ended: whoever is complained about and looks every ten minutes learns
    nothing of the hour in which somebody complained, or in which it was closed."""
    hands = await Hands(site, filer).sit(people)
    numbers = [await hands.file("A02") for _ in range(6)]

    async def told() -> str:
        site.clock.now += timedelta(minutes=11)
        page = (await site.http.get(f"/board/{C}", headers=HTML)).text
        return page.partition('id="open"')[2].partition("</section>")[0]

    before = await told()
    assert ">6<" in before
    made = await hands.site.http.post(f"{hands.receipt(numbers[0])}/withdraw", json={"confirm": True})
    assert made.status_code == 200
    await counted(site)
    assert await told() == before
    await site.room.write(lambda c: c.execute(text("UPDATE tickets SET filed_at = :at"), {"at": site.clock.now}))
    assert await told() == "", "what came today is not there at all"


async def test_worked_out_once_in_ten_minutes(site: Site, admin: asyncpg.Connection) -> None:
    async def came() -> list[str] | None:
        return rows((await site.http.get(f"/board/{C}", headers=HTML)).text, 30).get("环境卫生")

    assert await came() is None
    await tally(admin, "filed", "topic", "C", 7)
    site.clock.now += timedelta(minutes=9)
    assert await came() is None
    site.clock.now += timedelta(minutes=1)
    assert await came() == ["7", "0", "—"]


async def test_choosing(site: Site) -> None:
    first = await site.http.get("/board", headers=HTML)
    assert f'href="/board/{C}"' in first.text, "all of a small city"
    assert "老纺织大院在这个社区" in (await site.http.get("/board?q=纺织", headers=HTML)).text
    for asked in ("没有", "x" * 500, "<b>", "%00"):
        answer = await site.http.get("/board", params={"q": asked}, headers=HTML)
        assert (answer.status_code, "没有找到" in answer.text, "<b>" in answer.text) == (200, True, False)
    for code in ("nowhere", "x" * 200, "%00"):
        assert (await site.http.get(f"/board/{code}", headers=HTML)).status_code == 404
    assert "/board" in (await site.http.get("/", headers=HTML)).text
    from msgspec.structs import replace

    many = {f"C{n}": replace(REGISTRY.communities[C], code=f"C{n}", name=f"柳{n}社区") for n in range(50)}
    assert len(like("柳", replace(REGISTRY, communities=many, estates={}))) == 8
    assert like("", replace(REGISTRY, communities=many)) == []


@pytest.mark.parametrize("width", ["phone", "desk"])
async def test_at_the_browser(site: Site, admin: asyncpg.Connection, width: str) -> None:
    await fill(admin)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page
        await page.goto("/board")
        await accessible(page)
        await page.get_by_label("社区或小区的名字").fill("纺织")
        await page.get_by_role("button", name="查找").click()
        await page.get_by_role("link", name="柳岸社区").click()
        await accessible(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
