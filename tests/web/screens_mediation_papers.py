"""Pictures of a case's papers at both widths: in the middle of a mediation, agreed with sheets enclosed, and closed."""

import pytest

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.screens import FOLDER
from tests.web.shots import jpeg
from tests.web.test_mediation_papers import put
from tests.web.test_mediations import agreed, sat

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def enclosed(hands: Mediators) -> str:
    number = await agreed(hands)
    for sheet, shots in (("identity/p1", 2), ("identity/p2", 1), ("rights/", 1), ("evidence/1", 3)):
        await put(hands, number, sheet, *[jpeg((900 + n, 1200)) for n in range(shots)], key=sheet.replace("/", "-"))
    return number


@pytest.mark.parametrize("width", WIDTHS)
async def test_papers(site: Site, hands: Mediators, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    known = {"sitting": await sat(hands), "agreed": await enclosed(hands)}
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page
        await become(page, site, "wang")
        for name, number in known.items():
            await page.goto(f"{site.url}/mediations/{number}/papers")
            await page.screenshot(path=FOLDER / f"85-mediation-papers-{name}-{width}.png", full_page=True)
            await accessible(page)
        await page.goto(f"{site.url}/mediations/{known['sitting']}/papers?sheet=identity/p1#enclose")
        await page.get_by_role("button", name="存入卷内").click()
        await page.screenshot(path=FOLDER / f"85-mediation-papers-wrong-{width}.png", full_page=True)
