"""Pictures of the pictures: chosen, refused, looked at, by residents and by whoever works on it."""

import asyncpg
import pytest
from playwright.async_api import FilePayload, expect

from tests.web import shots
from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.residents import fill, send, sort
from tests.web.screens import FOLDER
from tests.web.workers import give_password, log_in

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


def photos(*numbers: int) -> list[FilePayload]:
    return [{"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": shots.scene(n)} for n in numbers]


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, admin: asyncpg.Connection, filer: Filer, hands: Hands, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in ("community", "property"):
        await give_password(site, name)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, *, whole: bool = True) -> None:
            for picture in await page.locator("img").all():
                await picture.scroll_into_view_if_needed()
                await expect(picture).to_have_js_property("complete", True)
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=whole)

        await page.goto("/file")
        await fill(page)
        await page.locator("#picture").set_input_files(photos(0, 1, 2))
        await expect(page.locator("[data-shots] li")).to_have_count(3)
        await take("80-file-pictures")
        shown = await send(page)
        number = await sort(admin, filer, shown, "C01")
        head = hands.heads["property"]
        for n, kind in ((3, "evidence"), (1, "site")):
            said = {"kind": kind, "key": f"k{n}"}
            await shots.send(site.http, f"/tickets/{number}/attach", said, [shots.scene(n)], headers=head)
        await page.goto(f"/r/{shown}")
        await take("81-receipt-pictures")
        await page.locator(".pictures img").first.click()
        await expect(page.locator("dialog img")).to_have_js_property("naturalWidth", 1_600)
        await take("82-enlarged", whole=False)
        await log_in(page, "community", f"/tickets/{number}")
        await take("83-ticket-pictures")
        await page.goto(f"/tickets/{number}/attach")
        await take("84-attach")
        await page.locator("#picture").set_input_files(photos(0, 3))
        await expect(page.locator("[data-shots] li")).to_have_count(2)
        await take("85-attach-chosen")
        await page.goto("/login")
        await hands.do("property", number, "sign")
        await page.context.clear_cookies()
        await log_in(page, "property", f"/tickets/{number}/do/resolve")
        await take("86-resolve-pictures")
