"""`python3 start.py screenshots`: a picture of each page at both widths into .screens/, to be looked at."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Page, expect

from tests.core.world import sorting
from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.residents import URGENT, WORDS, answer, climb, fill, send, sort

FOLDER = Path(__file__).parents[2] / ".screens"

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, admin: asyncpg.Connection, filer: Filer, hands: Hands, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for home in range(12):
        await filer.file(sorting("H02"), phone=f"138000001{home:02}")
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str) -> None:
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await page.goto("/")
        await take("01-home")
        await page.goto("/file?b=E1-B01")
        await take("02-file")
        await fill(page, WORDS)
        await expect(page.locator("#hints")).to_contain_text("正在办理")
        await take("03-file-alike")
        await page.get_by_label("是什么事").fill(URGENT)
        await expect(page.locator("#hints .calls")).to_be_visible()
        await take("04-file-urgent")
        await page.get_by_label("是什么事").fill("")
        await page.get_by_label("电话").fill("1" * 40)
        await page.get_by_role("button", name="提交").click()
        await take("05-file-wrong")
        await page.goto("/file")
        await fill(page, WORDS)
        shown = await send(page)
        await take("06-receipt")
        number = await sort(admin, filer, shown)
        await _rest(page, take, hands, shown, number)


async def _rest(page: Page, take: Callable[[str], Awaitable[None]], hands: Hands, shown: str, number: str) -> None:
    await page.goto("/r")
    await take("07-ask")
    await page.get_by_label("回执号").fill(shown[:-1] + str((int(shown[-1]) + 1) % 10))
    await page.get_by_role("button", name="查询").click()
    await take("08-mistyped")
    await page.goto(f"/r/{shown}")
    await take("09-sorted")
    await climb(hands, number)
    await page.goto(f"/r/{shown}")
    await take("10-climbed")
    await answer(hands, number)
    await page.goto(f"/r/{shown}")
    await take("11-replied")
    await page.goto(f"/r/{shown}/withdraw")
    await take("12-withdraw")
    await page.goto(f"/r/{shown}")
    await page.get_by_label("解决了", exact=True).check()
    await page.get_by_label("非常满意").check()
    await page.get_by_role("button", name="提交评价").click()
    await take("13-closed")
    await page.goto("/nowhere")
    await take("14-not-found")
