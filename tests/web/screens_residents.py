"""Pictures of what residents may say of a running case, of the public board, of the door in a flood."""

from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace
from playwright.async_api import expect

from tests.core.world import sorting
from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.residents import WORDS, fill
from tests.web.test_board import fill as count

FOLDER = Path(__file__).parents[2] / ".screens"

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, admin: asyncpg.Connection, filer: Filer, people: People, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    hands = await Hands(site, filer).sit(people)
    await count(admin)
    for home in range(12):
        await filer.file(sorting("H02"), phone=f"138000001{home:02}")
    number = await hands.file("A02")
    where = hands.receipt(number).replace("/api/v1/complaints", "/r")
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str) -> None:
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await page.goto(where)
        await take("20-voice")
        await page.get_by_role("button", name="催办").click()
        await page.locator("summary", has_text="补充情况").click()
        await page.get_by_label("有什么新情况").fill("昨天夜里又停了两个小时," * 6)
        await take("21-urged")
        await page.get_by_role("button", name="提交补充").click()
        await page.get_by_role("link", name="受到了压力").click()
        await take("22-pressure")
        await page.get_by_role("button", name="确定,我受到了压力").click()
        await take("23-sheltered")
        await page.goto("/board")
        await take("24-boards")
        await page.goto("/board?q=没有这个小区")
        await take("25-boards-none")
        await page.goto("/board/990101001001")
        await take("26-board")
        await page.emulate_media(media="print")
        await page.pdf(path=FOLDER / "27-board.pdf", format="A4")
        await take("27-board-print")
        await page.emulate_media(media="screen")
        await page.goto("/file")
        await fill(page, WORDS)
        await expect(page.locator("#hints")).to_contain_text("户以上反映")
        await take("28-join")
        site.room.public = replace(site.room.public, door=replace(site.room.public.door, hard=0))
        await page.get_by_role("button", name="提交,拿回执号").click()
        await take("29-too-many")
