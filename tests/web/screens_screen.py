"""Pictures of the street's screen: the page, its empty state, the wall, the rows behind a sum, grey paper."""

from datetime import timedelta

import asyncpg
import pytest
from playwright.async_api import Page

from tests.core.world import AT
from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.screened import outlines, week
from tests.web.screens import FOLDER

pytestmark = pytest.mark.usefixtures("city")


async def as_street(page: Page, site: Site, people: People) -> None:
    """The page asks as the street's desk."""
    head = await people.seat("third", "street", "street:990101001", "street:990101001")
    await page.set_extra_http_headers(head)


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, admin: asyncpg.Connection, filer: Filer, people: People, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    await outlines(admin)
    hands = await Hands(site, filer).sit(people)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page
        await as_street(page, site, people)

        async def take(name: str, path: str) -> None:
            await page.goto(path)
            await page.wait_for_load_state("load")
            await page.screenshot(path=FOLDER / f"screen-{name}-{width}.png", full_page=True)

        await take("empty", "/screen")
        await week(site, hands)
        site.clock.now = AT + timedelta(days=1)
        await take("page", "/screen")
        await take("month", "/screen?days=30&community=990101001001")
        await take("wall", "/screen?wall=1")
        today = AT.date()
        await take("counted", f"/screen/counted?metric=filed&since={today}&until={today}")
        await page.emulate_media(reduced_motion="reduce")
        await take("wall-still", "/screen?wall=1")
        await page.emulate_media(media="print")
        await take("paper", "/screen")
