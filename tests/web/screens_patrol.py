"""Pictures of the patrol page: empty, half written without a network, waiting, sent back and sent, leaving."""

from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import expect

from tests.core.world import sorting
from tests.web.browsers import WIDTHS, browsing
from tests.web.conftest import Filer, People, Site
from tests.web.walks import FIRST, SECOND, keep, patrolling, write

FOLDER = Path(__file__).parents[2] / ".screens"

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, admin: asyncpg.Connection, filer: Filer, people: People, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    async with browsing() as browser, patrolling(browser, site, people, width) as seen:
        page = seen.page

        async def take(name: str) -> None:
            await page.screenshot(path=FOLDER / f"patrol-{name}-{width}.png", full_page=True)

        await take("1-empty")
        await page.context.set_offline(True)
        await page.reload()
        await write(page, FIRST, "楼道堆放杂物", "消防通道被堵", pictures=3)
        await page.locator("summary", has_text="现场").click()
        await take("2-written")
        await keep(page)
        await page.locator("#text").evaluate("(box) => box.removeAttribute('maxlength')")
        await write(page, SECOND * 300, pictures=1)
        await keep(page)
        await write(page, SECOND, "井盖破损")
        await keep(page)
        await take("3-waiting")
        await page.context.set_offline(False)
        await expect(page.locator("[data-group=sent] li")).to_have_count(2)
        row = await admin.fetchrow("SELECT event_id, source FROM doorstep LIMIT 1")
        assert row is not None
        await filer.file(sorting("B01"), "none", row["event_id"], row["source"])
        await page.reload()
        await expect(page.locator("a[href^='/tickets/']")).to_have_count(1)
        await page.context.set_offline(True)
        await write(page, SECOND, "井盖破损")
        await keep(page)
        await take("4-all")
        await page.locator(".me summary").click()
        await page.get_by_role("button", name="退出登录").click()
        await expect(page.locator("#leaving")).to_be_visible()
        await page.screenshot(path=FOLDER / f"patrol-5-leaving-{width}.png")
