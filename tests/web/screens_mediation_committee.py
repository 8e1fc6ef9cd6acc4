"""Pictures of a committee's own pages and of its statistics at both widths, from the demonstration."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from huiyin import demo, keys
from tests.conftest import Database
from tests.core.world import AT
from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Site
from tests.web.everywhere import become
from tests.web.screens import FOLDER

pytestmark = pytest.mark.usefixtures("city")

Take = Callable[..., Awaitable[None]]


@pytest.fixture
async def furnished(site: Site, database: Database, tmp_path: Path) -> Site:
    for name in ("vault.key", "receipt.key"):
        keys.key(tmp_path, name)
    await demo.furnish(database.url, tmp_path, AT)
    return site


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(furnished: Site, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    async with browsing() as browser, window(browser, furnished.url, width) as seen:
        await become(seen.page, furnished, "demo-community")
        for name, path in (
            ("committee", "/mediations/committee"),
            ("roster", "/mediations/committee/roster"),
            ("rooms", "/mediations/committee/rooms"),
            ("report", "/mediations/report?days=90"),
        ):
            await seen.page.goto(path)
            await seen.page.screenshot(path=FOLDER / f"mediation-{name}-{width}.png", full_page=True)
        await seen.page.goto("/mediations/committee")
        for one in await seen.page.get_by_text("登记错了").all():
            await one.click()
            break
        await seen.page.screenshot(path=FOLDER / f"mediation-committee-remove-{width}.png", full_page=True)
        await seen.page.get_by_role("link", name="改动记录").click()
        await seen.page.screenshot(path=FOLDER / f"mediation-changes-{width}.png", full_page=True)
        await seen.page.goto("/review?c=")
        await seen.page.screenshot(path=FOLDER / f"review-committees-{width}.png", full_page=True)
        await become(seen.page, furnished, "demo-street-leader")
        await seen.page.goto("/mediations/report?days=90")
        await seen.page.screenshot(path=FOLDER / f"mediation-report-street-{width}.png", full_page=True)
