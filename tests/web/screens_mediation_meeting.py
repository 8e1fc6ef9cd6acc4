"""Pictures of a joint meeting at both widths: asked for, waiting at the desk, answered, declined."""

from datetime import timedelta

import pytest

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.screens import FOLDER
from tests.web.screens_mediation_case import _seated

pytestmark = pytest.mark.usefixtures("city")
WHY = "楼上楼下都说主管道是公共部位,物业说要业主委员会先同意动用维修资金,三家没有坐到一起过。" * 2


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


@pytest.mark.parametrize("width", WIDTHS)
async def test_meeting(site: Site, hands: Mediators, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    number, now = await _seated(hands), hands.site.clock.now
    ask = {"attendees": ["owners", "property", "community-party", "street", "judicial"], "text": WHY,
           "until": f"{now + timedelta(days=9):%Y-%m-%d}"}  # fmt: skip
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str) -> None:
            await page.goto(f"/mediations/{number}{path}")
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)
            await accessible(page)

        await become(page, site, "wang")
        await take("87-form-ask-meeting", "/do/ask-meeting")
        await hands.does("wang", number, "ask-meeting", ask)
        await hands.does("community", number, "answer-meeting", {"reason": "nobody-can"})
        await hands.does("wang", number, "ask-meeting", ask | {"text": WHY[:43]})
        await take("87-case-meeting-asked", "")
        await become(page, site, "community")
        await take("87-desk-meeting-asked", "")
        await take("87-form-answer-meeting", "/do/answer-meeting")
        await hands.does("community", number, "answer-meeting", {"at": (now + timedelta(days=3)).isoformat()})
        await take("87-desk-meeting-answered", "")
