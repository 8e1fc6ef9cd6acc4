"""A case from its application to the file in a real browser: the desk at a desk, the mediator on a phone; and back."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from huiyin.web.who import COOKIE
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.shots import jpeg
from tests.web.test_mediation_case import minute

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


class Reader:
    """Somebody at one page, who fills in a form and reads what comes back."""

    def __init__(self, page: Page, site: Site, number: str) -> None:
        self.page, self.site, self.number = page, site, number
        self.known: set[str] = set()

    async def turn(self, name: str) -> None:
        """The page is this person's from now on."""
        if name not in self.known:
            self.known.add(name)
            await become(self.page, self.site, name)
            return
        await self.page.context.clear_cookies()
        await self.page.context.add_cookies([{"name": COOKIE, "value": f"cookie.{name}", "url": self.site.url}])

    async def case(self) -> None:
        await self.page.goto(f"/mediations/{self.number}")

    async def gives(
        self, command: str, *ticks: str, button: str, query: str = "", picture: bool = False, **typed: str
    ) -> None:
        """An order by its form; `ticks` are the words of choices."""
        await self.page.goto(f"/mediations/{self.number}/do/{command}{query}")
        for one in ticks:
            await self.page.get_by_label(one, exact=False).first.check(force=True)
        for name, value in typed.items():
            field = self.page.locator(f'[name="{name}"]')
            await (field.select_option(value) if name in ("owes1", "owed1", "manner1") else field.fill(value))
        if picture:
            shot = {"name": "page.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
            await self.page.locator("#picture").set_input_files([shot])  # type: ignore[list-item]
        await self.page.get_by_role("button", name=button, exact=True).click()
        await expect(self.page.locator(".toast")).to_contain_text("已办理")

    async def reads(self, *words: str) -> None:
        await self.case()
        for one in words:
            await expect(self.page.locator("main")).to_contain_text(one)


async def begun(desk: Reader) -> None:
    await desk.gives("check", button="记下审查结果")
    await desk.reads("征求同意")
    await desk.gives("consent", "当事人甲", "书面", button="记下同意")
    await desk.gives("consent", "当事人乙", "口头", button="记下同意")
    await desk.gives("accept", button="受理")
    await desk.gives("assign", "wang", button="确定")
    await accessible(desk.page)


async def sat(mediator: Reader, site: Site) -> None:
    for party in ("娄秀兰", "许立本"):
        await mediator.gives("notify-rights", party, "口头", button="记下告知")
    await mediator.gives("disclose", text="没有", button="披露")
    later = minute(site.clock.now + timedelta(days=1))
    await mediator.gives("plan", at=later, venue="老娘舅调解室", button="发出邀请")
    await mediator.reads("待开调解会", "老娘舅调解室", "还没有答复")
    site.clock.now += timedelta(days=1, hours=1)
    said = {"statement:p1": "漏了一年", "offer:p2": "我修", "undisputed": "确有漏水", "minutes": "谈成了"}
    await mediator.gives("hold", "娄秀兰", "许立本", button="做成记录", **said)
    await mediator.gives("confide", "娄秀兰", text="其实少赔一点也行", button="记下,只给我看")
    await mediator.reads("确有漏水", "漏了一年", "只有您看得到")
    await accessible(mediator.page)


TERMS = {
    "facts": "楼上漏水",
    "issues": "谁来修",
    "responsibility": "楼上负责",
    "content": "楼上更换防水层",
    "owes1": "p2",
    "owed1": "p1",
    "manner1": "work",
    "what1": "更换防水层",
    "until1": "2026-12-20",
    "place1": "6 楼卫生间",
}


@pytest.mark.parametrize("width", WIDTHS)
async def test_agreed_and_performed(site: Site, hands: Mediators, width: str) -> None:
    number = await hands.opened()
    async with browsing() as browser, window(browser, site.url, width) as seen:
        one = Reader(seen.page, site, number)
        await one.turn("community")
        await begun(one)
        await one.turn("wang")
        await sat(one, site)
        await one.gives("draft", button="封存,等待签名", **TERMS)
        for party in ("娄秀兰", "许立本"):
            await one.gives("mark", party, "按指印", button="登记签章", picture=True)
        await one.gives("mark", "本调解员签名", button="登记签章")
        await one.reads("待签章", "看签字", "还差签章:调解委员会")
        await one.turn("community")
        await one.reads("还差 1 个签章", "更换防水层")
        await expect(seen.page.locator("main")).not_to_contain_text("漏了一年")
        await one.gives("mark", "调解委员会盖章", button="登记签章")
        await one.turn("wang")
        await one.gives("perform", "第 1 项", "履行完毕", button="记下履行", picture=True)
        await one.gives("visit", "娄秀兰", "已按约履行", text="都好", button="记下回访")
        await one.reads("待归档", "履行完毕", "已按约履行", "还可以共同申请")
        await expect(seen.page.locator(".things .pictures img")).to_have_count(1)
        await accessible(seen.page)
        await one.turn("community")
        papers = ("受理登记表", "权利义务告知书", "身份证明", "调解记录", "调解协议书", "回访记录", "我已经核对")
        await one.gives("archive", *papers, button="归档")
        await one.reads("已归档")
        await accessible(seen.page)
    assert not seen.faults


async def test_what_was_typed_stays_where_it_is_refused(site: Site, hands: Mediators) -> None:
    number = await hands.opened()
    known: dict[str, Any] = {"at": "2020-01-01T10:00", "venue": "三楼调解室,靠里那一间"}
    await hands.does("community", number, "check")
    for party in ("p1", "p2"):
        await hands.does(party, number, "consent", {"how": "screen"})
    await hands.does("community", number, "accept")
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    async with browsing() as browser, window(browser, site.url, "phone") as seen:
        page = seen.page
        await become(page, site, "wang")
        await page.goto(f"/mediations/{number}/do/plan")
        for name, value in known.items():
            await page.locator(f'[name="{name}"]').fill(value)
        await page.get_by_role("button", name="发出邀请").click()
        await expect(page.get_by_role("alert")).to_contain_text("约定的时间已过")
        await expect(page.locator('[name="venue"]')).to_have_value(known["venue"])
        await accessible(page)
        await page.goto(f"/mediations/{number}/do/end")
        await page.get_by_role("button", name="终止调解").click()
        await expect(page.get_by_role("alert").first).to_contain_text("请先核对")
        assert (await hands.looks("wang", number)).json()["state"] == "accepted"
        await hands.does("wang", number, "flag-risk", {"risk": "violence", "text": "扬言动刀"})
        await page.goto(f"/mediations/{number}")
        await expect(page.get_by_role("alert").first).to_contain_text("先报告")
        await page.get_by_role("link", name="登记报告").first.click()
        await page.get_by_label("公安机关").check(force=True)
        await page.locator('[name="text"]').fill("已打 110")
        await page.get_by_role("button", name="记下报告").click()
        await expect(page.locator("main")).to_contain_text("已经报告")
    assert not [one for one in seen.faults if "409" not in one and "422" not in one]
