"""Pictures of administration at both widths, with names of real length."""

from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from huiyin import posts
from huiyin.store import dead
from huiyin.store.dead import Letter
from huiyin.store.vault import Seal
from tests.web.browsers import WIDTHS, browsing, window
from tests.web.clerks import person
from tests.web.conftest import NOW, VAULT_KEY, People, Site
from tests.web.screens import FOLDER
from tests.web.screens_review import PASSWORD, enter
from tests.web.sightings import STREET, City

YEAR = "date,kind,name\n2027-01-01,off,元旦\n2027-02-06,off,春节\n2027-02-08,off,春节\n2027-02-14,work,春节\n"
YEAR += "2027-05-03,off,劳动节\n2027-10-01,off,国庆节\n"

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize("width", WIDTHS)
async def test_admin(site: Site, people: People, admin: asyncpg.Connection, width: str, tmp_path: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    here = await City(site, people).sit()
    await people.make("registrar", f"street:{STREET}", PASSWORD, post=f"registrar:{STREET}")
    await here.file("C01")
    for name in ("property", "estate"):
        one, ago = await person(admin, name), NOW - timedelta(hours=30)
        await site.room.write(lambda c, p=one, at=ago: posts.end(c, p, "property:E1", at, at=at))  # type: ignore[misc]
    why = [("not-json", ""), ("unknown-type", "type"), ("wrong-type", "data.place.estate"), ("failed", "OverflowError")]
    letters = [
        Letter(
            "INTAKE", n, "huiyin.intake.complaint", code, field, n, b'{"text":"x"}', {}, "urn:12345:beijing", f"e-{n}"
        )
        for n, (code, field) in enumerate(why, 1)
    ]
    await site.room.write(lambda c: dead.bury(c, Seal(VAULT_KEY), letters, NOW))
    file = tmp_path / "2027.csv"
    file.write_text(YEAR)
    leader = await person(admin, "leader")
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str = "") -> None:
            if path:
                await page.goto(path)
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await enter(page, f"registrar-street:{STREET}", "/admin")
        await take("90-admin")
        await take("91-admin-posts", "/admin/posts")
        await page.goto("/admin/posts/building_leader:E1-B02")
        await page.get_by_text("办理离任").click()
        await take("92-admin-post")
        await take("93-admin-vacant", "/admin/posts/property:E1")
        await page.goto("/admin/accounts")
        await page.get_by_text("添加账号").first.click()
        await take("94-admin-accounts")
        await take("95-admin-account", f"/admin/accounts/{leader}")
        await take("96-admin-letters", "/admin/letters")
        await take("97-admin-letter", "/admin/letters/3")
        await take("98-admin-rulebook", "/admin/rulebook")
        await take("98-admin-history", "/admin/rulebook?part=history")
        await page.goto("/admin/calendars")
        await page.get_by_label("放假安排文件").set_input_files(file)
        await page.get_by_role("button", name="先看看会改什么").click()
        await take("99-admin-calendars")
        await take("99-admin-system", "/admin/system")
