"""Pictures of the lists, of several tickets at once, of the export and of the sorting desk."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page

from huiyin.core.words import Candidate
from tests.core.world import sorting, spot
from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import People, Site
from tests.web.sightings import COMMUNITY, City
from tests.web.test_sorting_page import doubtful, enter, unknown

FOLDER = Path(__file__).parents[2] / ".screens"
LONG = (
    "我家住在最里面那栋,楼上从上个月开始一直漏水,厨房和卫生间的天花板都发霉了,墙皮一块一块往下掉。"
    "找过物业三次,第一次说师傅休息,第二次来看了一眼说要等配件,第三次电话就打不通了。"
    "家里有八十多岁的老人,晚上听着滴水声睡不着,地上也滑,昨天差点摔倒。请尽快派人来看看到底是哪里的管子坏了。"
)

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, people: People, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    town = await City(site, people).sit()
    await _fill(town)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str) -> None:
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await enter(page, people)
        await page.wait_for_selector("section[data-number]")
        await take("60-sorting")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".last")
        await take("61-sorting-next")
        await page.keyboard.press("/")
        await page.keyboard.type("柳岸花园2栋电梯")
        await page.wait_for_selector('input[value="E1-B02"]', state="attached")
        await take("62-sorting-search")
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await take("63-sorting-keys")
        await _lists(page, take)


async def _fill(town: City) -> None:
    await town.file(found=unknown("A01", "C01", "P01", places=(("E1", 0.5), ("E2", 0.3)), building="1栋"), text=LONG)
    await town.file(found=doubtful(), text=LONG, title="漏水没有人管")
    for code in ("A01", "C01", "J05", "D01", "B01", "H02"):
        await town.file(code)
    await town.file(found=sorting("C01", spot("E2", "E2-B01")))
    await town.file(found=sorting("C01", spot(None, None), candidates=(Candidate("C01", 0.7),)))


async def _lists(page: Page, take: Callable[[str], Awaitable[None]]) -> None:
    await page.goto("/tickets?all=1")
    await take("64-list")
    await page.goto(f"/tickets?open=true&community={COMMUNITY}&category=C")
    await page.get_by_text("存为常用筛选").click()
    await page.get_by_label("常用筛选的名字").fill("物业类没有结案的")
    await page.get_by_role("button", name="保存").click()
    await page.wait_for_selector(".count")
    await take("65-list-filtered")
    await page.goto("/tickets?q=没有这样的词")
    await take("66-list-empty")
    await page.goto("/tickets?all=1")
    boxes = page.locator('input[name="n"]')
    for index in range(3):
        await boxes.nth(index).check()
    await take("67-list-chosen")
    await page.get_by_role("button", name="派到层级").click()
    await take("68-bulk-ask")
    await page.get_by_label("社区党委").check()
    await page.get_by_role("button", name="确定").click()
    await take("69-bulk-done")
    await page.goto(f"/tickets/export?community={COMMUNITY}")
    await take("70-export")
