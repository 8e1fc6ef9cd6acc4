"""Pictures of review and administration at both widths, with names and texts of real length."""

from typing import Any

import asyncpg
import pytest

from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import People, Site
from tests.web.screens import FOLDER
from tests.web.sightings import COMMUNITY, STREET, City

PASSWORD = "abcd-efgh-jkmn-pqrs"

pytestmark = pytest.mark.usefixtures("city")


async def enter(page: Any, name: str, path: str) -> None:
    """Logged in, at a page."""
    await page.goto(f"/login?next={path}")
    await page.get_by_label("用户名").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()


@pytest.mark.parametrize("width", WIDTHS)
async def test_review(site: Site, people: People, admin: asyncpg.Connection, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    here = await City(site, people).sit()
    await people.make("street", f"street:{STREET}", PASSWORD)
    numbers = [await here.file("D01") for _ in range(6)]
    for number in numbers:
        for order, body in (("sign", {}), ("contact", {"text": "电话"}), ("note", {"text": "已到现场"})):
            await here.give("community", f"/tickets/{number}/{order}", body)
    await here.give("community", f"/tickets/{numbers[0]}/hand-up", {"reason": "beyond-means"})
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str) -> None:
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await enter(page, f"street-street:{STREET}", "/review?q=柳岸")
        await take("80-review")
        await page.goto(f"/review/tickets/{numbers[0]}")
        await take("81-review-ticket")
        await page.goto(f"/review/tickets/{numbers[0]}?view=line")
        await take("82-review-line")
        await page.goto(f"/review/posts/community:{COMMUNITY}")
        await take("83-review-post")
        await admin.execute("SET session_replication_role = replica")
        await admin.execute("UPDATE log SET body = 'x' WHERE id = $1 AND version = 4", numbers[0])
        await page.goto(f"/review/tickets/{numbers[0]}")
        await take("84-review-broken")
        if width == "desk":
            await page.goto(f"/review/tickets/{numbers[1]}")
            await page.pdf(path=FOLDER / "85-review.pdf", prefer_css_page_size=True)
