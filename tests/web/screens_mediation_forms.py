"""Pictures of what the forms ask for at both widths: an investigation, the court's thirty days, who a party is."""

import pytest

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.screens import FOLDER
from tests.web.screens_mediation_case import _performing, _seated

pytestmark = pytest.mark.usefixtures("city")
COURT = "柳岸市柳岸区人民法院"
ASKED = {
    "place": "柳岸花园 5 幢 2 单元 501 室门口", "questioned": "对门邻居褚岚、楼下门卫",
    "relation": "住 502 室,和双方都没有亲属关系",
    "reach": "13977770007", "present": "网格员陈安、物业工程部老秦", "recorder": "书记员孔昭明",
    "text": "去年十一月以后夜里常听到楼上有水声,大约持续半小时。物业来看过两次,没有打开地漏。" * 3,
}  # fmt: skip


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


@pytest.mark.parametrize("width", WIDTHS)
async def test_forms(site: Site, hands: Mediators, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    fresh, number = await _seated(hands), await _performing(hands)
    at = hands.site.clock.now.isoformat()
    for _ in range(2):
        await hands.does("wang", fresh, "investigate", ASKED | {"at": at})
    await hands.does("wang", number, "tell-confirmation", {"party": "p1", "how": "paper", "at": at, "court": COURT})
    visit = {"at": at, "parties": ["p1"], "kept": "partly", "text": "钱已付一半,约好月底付清。", "satisfied": 4,
             "lawsuit": "没有起诉,咨询过律师。", "hazards": "双方见面仍不说话。"}  # fmt: skip
    await hands.does("wang", number, "visit", visit)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str) -> None:
            await page.goto(path)
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)
            await accessible(page)

        await become(page, site, "wang")
        await take("86-case-investigated", f"/mediations/{fresh}")
        await page.locator("form.telephone button").first.click()
        await page.wait_for_selector("text=拨打")
        await page.screenshot(path=FOLDER / f"86-contact-{width}.png", full_page=True)
        await accessible(page)
        await take("86-case-told", f"/mediations/{number}")
        for command in ("investigate", "empower"):
            await take(f"86-form-{command}", f"/mediations/{fresh}/do/{command}")
        for command in ("tell-confirmation", "visit", "apply-confirmation"):
            await take(f"86-form-{command}", f"/mediations/{number}/do/{command}")
        await take("86-form-minutes", f"/mediations/{fresh}/minutes")
        await take("86-form-papers", f"/mediations/{fresh}/papers")
        await take("86-form-party", f"/mediations/{fresh}/parties/p2")
        await become(page, site, "community")
        await page.goto("/mediations/new")
        await page.get_by_label("申请事项").fill("查清漏水原因,修好卫生间防水\n赔偿衣柜、床垫损失")
        await page.screenshot(path=FOLDER / f"86-form-apply-{width}.png", full_page=True)
