"""Pictures of the staff's door and of the pages that say what went wrong, at both widths."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import People, Site
from tests.web.everywhere import become
from tests.web.screens import FOLDER

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, people: People, width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FOLDER.mkdir(exist_ok=True)
    await people.seat("worker", "community", "community:990101001001", "community:990101001001")
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str = "") -> None:
            if path:
                await page.goto(path)
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await take("15-login", "/login?next=/tickets")
        await page.get_by_label("用户名").fill("worker")
        await page.get_by_label("密码", exact=True).fill("x")
        await page.get_by_role("button", name="登录").click()
        await take("16-login-wrong")
        await page.goto("/file")
        await page.get_by_label("是什么事").fill("楼上漏水")
        site.room.public = replace(site.room.public, door=replace(site.room.public.door, hard=0))
        await page.get_by_role("button", name="提交,拿回执号").click()
        await take("17-too-many")
        await become(page, site, "worker")
        await take("18-hidden", "/tickets/HY999999999")
        await take("18-not-my-role", "/admin")

        async def fails() -> Any:
            raise RuntimeError

        monkeypatch.setattr(site.room, "rules", fails)
        await take("19-our-fault", "/desk")
