"""Pictures of the desk, the ticket's page and its forms at both widths, with complaints of a real length."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.screens import FOLDER
from tests.web.workers import complain, give_password, log_in

pytestmark = pytest.mark.usefixtures("city")

Take = Callable[..., Awaitable[None]]

_NOTE = (
    "上午九点半和楼上住户一起开了检修口,三通接头处有水渍,关掉楼上总阀半小时后不再滴。楼上同意明天请人换接头,"
    "费用两家说好先由楼上垫付。厨房那一路电已经关掉,提醒老人不要自己合闸。"
)


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


@pytest.mark.parametrize("width", WIDTHS)
async def test_desk(site: Site, filer: Filer, hands: Hands, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in ("leader", "property", "community", "street"):
        await give_password(site, name)
    leak, again, smoke, lift, rubbish, noise = await _file(hands, filer)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str = "") -> None:
            if path:
                await page.goto(path)
            await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)

        await log_in(page, "property")
        await take("20-desk")
        await take("21-ticket", f"/tickets/{leak}")
        await take("22-resolve", f"/tickets/{leak}/do/resolve")
        await take("23-hand-up", f"/tickets/{leak}/do/hand-up")
        await page.get_by_role("button", name="上报").click()
        await take("24-hand-up-missing")
        await take("25-refused", f"/tickets/{leak}/do/sign")
        await take("26-merged", f"/tickets/{again}")
        await take("27-leads", f"/tickets/{lift}")
        await take("28-merge", f"/tickets/{smoke}/do/merge")
        await _above(page, take, leak, smoke, rubbish, noise)


async def _above(page: Page, take: Take, leak: str, smoke: str, rubbish: str, noise: str) -> None:
    """What the community and the building's leader see."""
    await page.goto("/")
    await page.context.clear_cookies()
    await log_in(page, "community", "/desk")
    await take("30-community")
    await take("31-rulings", "/desk?tab=rulings")
    await take("32-supervised", "/desk?tab=supervised")
    await take("33-ticket", f"/tickets/{leak}")
    await page.locator("details.correct summary").click()
    for one in await page.locator("details").all():
        await one.evaluate("one => one.open = true")
    await take("34-ticket-open")
    await take("35-rule", f"/tickets/{rubbish}/do/rule")
    await take("36-dispatch", f"/tickets/{leak}/do/dispatch")
    await take("37-reclassify", f"/tickets/{leak}/do/reclassify")
    await take("38-reveal", f"/tickets/{smoke}/do/reveal?field=phone")
    await page.get_by_label("联系来件人").check()
    await page.get_by_role("button", name="登记并查看").click()
    await take("39-revealed")
    await take("40-dissuasions", f"/tickets/{leak}/dissuasions")
    await take("41-shelve", f"/tickets/{smoke}/do/shelve")
    await page.context.clear_cookies()
    await log_in(page, "leader")
    await take("42-leader-desk")
    await take("43-leader-ticket", f"/tickets/{noise}")


async def _file(hands: Hands, filer: Filer) -> tuple[str, ...]:
    """Six complaints, each gone a different way."""
    numbers = [await complain(hands, filer, category) for category in ("A01", "B01", "H02", "C01", "D01", "H02")]
    leak, noise, lift, rubbish, smoke, again = numbers
    await hands.do("leader", leak, "sign")
    await hands.do("leader", leak, "contact", {"text": "电话联系,约好上门时间"})
    await hands.do("leader", leak, "note", {"text": _NOTE})
    await hands.do(
        "leader", leak, "dissuade", {"text": "当面劝阻,对方同意晚上十点以后不再开音响", "place": "2单元楼道"}
    )
    await hands.do("leader", leak, "hand-up", {"reason": "no-agreement", "text": "楼上不同意开墙"})
    await hands.do("owners", leak, "sign")
    await hands.do("owners", leak, "hand-up", {"reason": "beyond-means"})
    await hands.do("property", leak, "sign")
    await hands.do("property", leak, "extend", {"reason": "waiting-parts", "days": 3})
    await hands.do("property", rubbish, "object", {"reason": "wrong-place"})
    await hands.do("property", again, "merge", {"into": lift})
    return leak, again, smoke, lift, rubbish, noise
