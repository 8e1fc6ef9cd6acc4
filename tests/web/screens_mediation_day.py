"""Pictures of the day, the application and the slips, with texts of real length."""

from datetime import timedelta

import pytest

from tests.web.browsers import WIDTHS, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.screens import FOLDER

pytestmark = pytest.mark.usefixtures("city")
WHY = (
    "二楼住户反映三楼卫生间自今年八月起渗漏,次卧天花板起皮、发霉约两平方米,木地板起拱。三楼住户认为是楼体公共管道老化,"
    "不是自己家防水层的问题,双方多次争吵。二楼要求三楼修复防水层、赔偿装修损失八千元;三楼只同意共同委托鉴定以后再谈。"
)
NAMES = (
    ("欧阳慧敏·阿依古丽", "许立本"),
    ("清河街道柳岸花园物业服务有限公司第三分公司", "宋长庚"),
    ("娄秀兰", "司马相如"),
)


async def cases(hands: Mediators, site: Site) -> None:
    """Three of the mediator's in different stages, one with a danger, others that wait for the desk."""
    now = site.clock.now
    wang = await hands.person("wang")
    for n, pair in enumerate(NAMES):
        parties = [{"name": pair[0], "phone": "13800000001", "applicant": True}, {"name": pair[1]}]
        number = await hands.accepted(parties=parties, text=WHY, category=("A01", "B01", "A01")[n])
        for party in ("p1", "p2"):
            await hands.does("community", number, "notify-rights", {"party": party, "how": "paper"})
        await hands.does("community", number, "assign", {"person": wang})
        at = now + timedelta(hours=5 if not n else 26 * n)
        venue = {"online": True} if n == 1 else {"venue": "柳岸社区党群服务中心二楼东侧“老娘舅”调解室(从北门进)"}
        await hands.does("wang", number, "plan", {"at": at.isoformat(), **venue})
        await hands.does("p1", number, "reply", {"session": 1, "coming": "yes"})
        if n:
            await hands.does("p2", number, "reply", {"session": 1, "coming": ("no", "another-time")[n - 1]})
        if n == 2:
            await hands.does("wang", number, "flag-risk", {"risk": "violence", "text": "扬言报复"})
    for _ in range(3):
        await hands.opened(text=WHY)
    await hands.accepted()
    await hands.seated()


@pytest.mark.parametrize("width", WIDTHS)
async def test_pictures(site: Site, filer: Filer, people: People, width: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    hands = await Mediators(site, filer).sit(people)
    async with browsing() as browser, window(browser, site.url, width) as seen:
        page = seen.page

        async def take(name: str, path: str = "") -> None:
            if path:
                await page.goto(path)
            await page.wait_for_load_state("networkidle")
            await page.screenshot(path=FOLDER / f"mediation-day-{name}-{width}.png", full_page=True)

        await become(page, site, "wang")
        await take("empty", "/mediations")
        await cases(hands, site)
        site.clock.now += timedelta(minutes=20)
        await take("mediator", "/mediations")
        await become(page, site, "community")
        await take("desk", "/mediations")
        await take("stage", "/mediations?stage=checking")
        await take("new", "/mediations/new")
        await page.get_by_role("combobox", name="事项").fill("A01")
        await page.get_by_label("争执的经过").fill(WHY + "对方说过要拿刀,报过警。")
        await page.locator("#name0").fill(NAMES[1][0])
        await page.get_by_label("单位", exact=True).first.check()
        await page.get_by_role("button", name="下一步:核对").click()
        await take("wrong")
        await page.locator("#name1").fill(NAMES[0][0])
        await page.get_by_role("button", name="下一步:核对").click()
        await take("sure")
        await page.get_by_role("button", name="确认登记").click()
        await take("slips")
        ticket = await hands.file("A01")
        await take("ticket-form", f"/tickets/{ticket}/mediate")
        await page.get_by_label("争执的经过").fill(WHY)
        await page.locator("#name0").fill("许立本")
        await page.get_by_role("button", name="下一步:核对").click()
        await page.get_by_role("button", name="确认登记").click()
        await take("ticket", f"/tickets/{ticket}")
