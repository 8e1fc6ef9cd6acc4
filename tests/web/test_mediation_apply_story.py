"""In a real browser: the desk opens a case on a phone and hands over the slips; its mediator finds it on their day."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.test_mediation_day import happen

pytestmark = pytest.mark.usefixtures("city")
TEXT = "三楼漏水到二楼,天花板起皮两平方米,要求修好管道、赔两千元;三楼说是公共管道,报过警。"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


async def fill(page: Page) -> None:
    await page.get_by_role("combobox", name="事项").fill("A01")
    await page.get_by_label("争执的经过").fill(TEXT)
    await page.locator("#name0").fill("娄秀兰")
    await page.locator("#phone0").fill("13800000001")
    await page.locator("#name1").fill("许立本·买买提")


async def send(page: Page, *, look: bool = True) -> list[str]:
    """Through the page that asks once more; the codes that are handed over. Axe runs only where scripts do."""
    await page.get_by_role("button", name="下一步:核对").click()
    await expect(page.get_by_role("heading", name="接下来")).to_be_visible()
    if look:
        await accessible(page)
    await page.get_by_role("button", name="确认登记").click()
    await expect(page.get_by_text("查询码只显示这一次")).to_be_visible()
    if look:
        await accessible(page)
    labels = [await one.get_attribute("aria-label") for one in await page.locator(".digits").all()]
    return [str(label).removeprefix("查询码 ") for label in labels]


@pytest.mark.parametrize("width", WIDTHS)
async def test_from_the_desk_to_the_mediator_s_day(site: Site, hands: Mediators, browser: Browser, width: str) -> None:
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await become(page, site, "community")
        await page.goto("/mediations")
        await expect(page.get_by_text("现在没有在办的调解")).to_be_visible()
        await accessible(page)
        await page.get_by_role("link", name="登记调解申请").click()
        await expect(page.get_by_text("移送的机关")).to_be_hidden()
        await page.get_by_label("其他机关移送").check()
        await expect(page.get_by_text("移送的机关")).to_be_visible()
        await page.get_by_label("当事人申请", exact=True).check()
        await page.get_by_role("button", name="下一步:核对").click()
        await expect(page.get_by_role("alert")).to_contain_text("还没有登记")
        await accessible(page)
        await fill(page)
        await expect(page.locator("#hints")).to_contain_text("报过警")
        await page.get_by_text("住址、登记的单位").nth(1).click()
        await page.locator("#home1").press_sequentially("柳岸")
        await expect(page.locator("#homes option").first).to_have_attribute("value", re.compile("柳岸花园"))
        await page.locator("#home1").fill("柳岸花园 1栋")
        await page.locator("#room1").fill("601")
        await accessible(page)
        codes = await send(page)
        assert len(set(codes)) == 2
        number = re.search(r"TJ\d{9}", await page.locator("h1").inner_text())
        assert number is not None
        hands.codes[number[0]] = dict(zip(("p1", "p2"), codes, strict=True))

        await become(page, site, "wang")
        await page.goto("/desk")
        await expect(page.get_by_text("现在没有您承办的案件")).to_be_visible()
        await hands.does("community", number[0], "check")
        for party in ("p1", "p2"):
            await hands.does(party, number[0], "consent", {"how": "screen"})
        await hands.does("community", number[0], "accept")
        await hands.does("community", number[0], "assign", {"person": await hands.person("wang")})
        await happen(site, number[0])
        row = page.locator(f'.ticket[data-number="{number[0]}"]')
        await expect(row).to_contain_text("许立本·买买提")
        at = site.clock.now + timedelta(hours=6)
        await hands.does("wang", number[0], "plan", {"at": at.isoformat(), "venue": "柳岸社区二楼老娘舅调解室"})
        await hands.does("p1", number[0], "reply", {"session": 1, "coming": "yes"})
        await happen(site, number[0])
        await expect(page.locator(".meetings")).to_contain_text("今天")
        await expect(page.locator(".meetings")).to_contain_text("还没有答复")
        await accessible(page)


async def test_without_javascript(site: Site, hands: Mediators, browser: Browser) -> None:
    async with window(browser, site.url, script=False) as seen:
        page = seen.page
        await become(page, site, "community")
        await page.goto("/mediations/new")
        await fill(page)
        await page.get_by_role("button", name="再加一方").click()
        await expect(page.locator("#name0")).to_have_value("娄秀兰")
        await page.locator("#name4").fill("宋长庚")
        assert len(await send(page, look=False)) == 3
        await page.get_by_role("link", name="回到调解").click()
        await expect(page.locator(".waits")).to_contain_text("待审查")


async def test_back_to_what_was_typed(site: Site, hands: Mediators, browser: Browser) -> None:
    number = await hands.file("A01")
    async with window(browser, site.url) as seen:
        page = seen.page
        await become(page, site, "community")
        await page.goto(f"/tickets/{number}")
        await page.get_by_role("link", name="申请人民调解").click()
        await accessible(page)
        await page.get_by_label("争执的经过").fill(TEXT)
        await page.locator("#name0").fill("许立本")
        await page.get_by_role("button", name="下一步:核对").click()
        await page.get_by_role("button", name="改一改").click()
        await expect(page.get_by_label("争执的经过")).to_have_value(TEXT)
        assert len(await send(page)) == 2
        await page.get_by_role("link", name="回到工单").click()
        await expect(page.locator("#mediations + ul")).to_contain_text("等待受理")
        await accessible(page)
