"""Blowing in a real browser: from a community's phone to the department's inbox, an emergency, joining, without
JavaScript."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.hostile import CORPUS
from tests.web.screens_whistle_blow import outlined
from tests.web.whistlers import CITY, POLICE, Whistlers

pytestmark = pytest.mark.usefixtures("city")
WHY = "商户把油桶堆在消防通道,劝阻三次无效,社区没有处罚权。"
TASK = "请到点位处理占用消防通道的堆物,限期清空。"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    await outlined(site)
    return await Whistlers(site, filer).sit(people)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


async def worked(hands: Whistlers) -> str:
    ticket = await hands.file("B04")
    await hands.do("street", ticket, "note", {"text": "到现场劝阻一次,无效"})
    return ticket


async def write(page: Page, kind: str = "综合执法哨") -> None:
    """What every whistle says."""
    await page.get_by_label(kind).check()
    await page.get_by_label("没有执法权").check()
    await page.get_by_label("写明白").fill(WHY)
    await page.get_by_label("交办内容").first.fill(TASK)


async def send(page: Page) -> str:
    """The number of what was blown."""
    await page.get_by_role("button", name="吹哨", exact=True).click()
    await page.wait_for_url(re.compile(r"/whistles/SH\d+"))
    found = re.search(r"SH\d+", page.url)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("width", WIDTHS)
async def test_from_a_phone_to_the_department(site: Site, hands: Whistlers, browser: Browser, width: str) -> None:
    ticket = await worked(hands)
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await become(page, site, "community")
        await page.goto(f"/tickets/{ticket}")
        await page.locator("#ticket").get_by_role("link", name="吹哨", exact=True).click()
        await accessible(page)
        await expect(page.get_by_role("checkbox", name=re.compile("办理"))).to_be_checked()
        await write(page)
        check = page.locator("#check")
        await expect(check).to_contain_text("先由清河街道在")
        await page.get_by_label("交办内容").first.fill(f"{TASK}请联系 13912345678")
        await expect(check).to_contain_text("像是写了电话")
        await page.get_by_label("交办内容").first.fill(TASK)
        await expect(check).not_to_contain_text("像是写了电话")
        await page.locator("[data-site]").click(position={"x": 150, "y": 120})
        await expect(page.get_by_label("纬度", exact=True)).to_have_value(re.compile(r"^39\.9\d+$"))
        await expect(page.get_by_label("经度", exact=True)).to_have_value(re.compile(r"^116\.4\d+$"))
        await page.locator(f'[data-ask="{POLICE}"]').click()
        await expect(page.locator("#post1")).to_have_value(POLICE)
        await expect(page.locator("#task1")).to_be_focused()
        await page.locator("#task1").fill("请维持秩序。")
        await accessible(page)
        number = await send(page)
        blown = await hands.stands("street", number)
        assert (blown["state"], blown["asks"][1:]) == ("passing", [POLICE])
        assert 39.90 < blown["lat"] < 39.91

        await become(page, site, "street")
        await page.goto("/desk")
        await page.get_by_role("link", name=re.compile("^吹哨.1")).click()
        await accessible(page)
        await page.get_by_role("link", name="转报", exact=True).click()
        await expect(page.get_by_text(WHY)).to_be_visible()
        await page.get_by_label("主办部门").select_option(CITY)
        await accessible(page)
        await page.get_by_role("button", name="转报").click()
        await page.wait_for_url(f"**/whistles/{number}*")
        assert (await hands.stands("street", number))["asks"] == [CITY, POLICE]

        await become(page, site, "boss")
        await page.goto("/desk")
        await page.get_by_role("link", name="审批", exact=True).click()
        await expect(page.locator(".ahead-list")).to_contain_text("城管部门(主办)须在")
        await accessible(page)
        await page.get_by_role("button", name="同意").click()
        await page.wait_for_url(f"**/whistles/{number}*")

        await become(page, site, "city")
        await page.goto("/desk")
        await expect(page.locator("main")).to_contain_text("商铺经营噪声")
        await expect(page.locator("main")).not_to_contain_text(ticket)
        assert "/calls" in page.url


async def test_an_emergency_calls_at_once(site: Site, hands: Whistlers, browser: Browser) -> None:
    async with window(browser, site.url) as seen:
        page = seen.page
        await become(page, site, "street")
        await page.goto("/desk?tab=whistles")
        await page.get_by_role("link", name="吹新的哨").click()
        await expect(page.get_by_role("heading", name="吹哨", exact=True)).to_be_visible()
        await page.get_by_label("自己看到、了解到").check()
        await page.locator("#category").fill("B04 商铺经营噪声")
        await page.locator("#where").fill("柳岸花园 1栋")
        await page.locator("#where").blur()
        await expect(page.locator("#matter")).to_contain_text("生态环境、城管、公安")
        await page.locator(f'[data-ask="{CITY}"]').click()
        await expect(page.get_by_label("主办部门")).to_have_value(CITY)
        await write(page, "应急处置哨")
        await expect(page.locator("#check").get_by_role("link", name=re.compile("119"))).to_be_visible()
        await expect(page.locator("#check")).to_contain_text("马上派哨")
        await accessible(page)
        number = await send(page)
        assert (await hands.stands("city", number))["state"] == "called"


async def test_joining_with_one_tap(site: Site, hands: Whistlers, browser: Browser) -> None:
    first, ticket = await hands.blow(), await worked(hands)
    async with window(browser, site.url) as seen:
        page = seen.page
        await become(page, site, "community")
        await page.goto(f"/tickets/{ticket}/whistle")
        await write(page)
        await page.get_by_role("button", name="吹哨", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text(first)
        await expect(page.get_by_label("写明白")).to_have_value(WHY)
        await expect(page.get_by_label("综合执法哨")).to_be_checked()
        await accessible(page)
        await page.get_by_role("button", name="同一件事,并入它").click()
        await page.wait_for_url(f"**/whistles/{first}*")
    assert (await hands.stands("street", first))["tickets"] == [ticket]


async def test_without_javascript(site: Site, hands: Whistlers, browser: Browser) -> None:
    ticket = await worked(hands)
    async with window(browser, site.url, script=False) as seen:
        page = seen.page
        await become(page, site, "community")
        await page.goto(f"/tickets/{ticket}/whistle")
        await page.get_by_role("button", name="吹哨", exact=True).click()
        await expect(page.locator("#kind-wrong")).to_be_visible()
        await write(page)
        await page.get_by_text("经纬度").first.click()
        await page.get_by_label("纬度", exact=True).fill("39.905")
        await page.get_by_label("经度", exact=True).fill("116.405")
        await page.locator(".more-ask summary").first.click()
        await page.locator("#post1").select_option(POLICE)
        await page.locator("#task1").fill("请维持秩序。")
        number = await send(page)
        await become(page, site, "street")
        await page.goto(f"/whistles/{number}/do/pass-on")
        await page.get_by_role("button", name="转报").click()
        await page.wait_for_url(f"**/whistles/{number}*")
    blown = await hands.stands("street", number)
    assert (blown["state"], blown["lat"], len(blown["asks"])) == ("approving", 39.905, 2)


async def test_what_people_write_is_words(site: Site, hands: Whistlers, browser: Browser) -> None:
    """In the form that comes back, in what waits, before who passes it on."""
    ticket = await worked(hands)
    async with window(browser, site.url) as seen:
        page = seen.page
        await become(page, site, "community")
        await page.goto(f"/tickets/{ticket}/whistle")
        nasty = "\n".join(CORPUS)
        await write(page)
        await page.get_by_label("写明白").fill(nasty)
        await page.get_by_label("交办内容").first.fill(nasty)
        await page.get_by_label("综合执法哨").evaluate("one => { one.checked = false; }")
        await page.get_by_role("button", name="吹哨", exact=True).click()
        await expect(page.locator("#kind-wrong")).to_be_visible()
        await accessible(page)
        number = await hands.blow("community", text=nasty, asks=[{"department": CITY, "text": CORPUS[0]}])
        await become(page, site, "street")
        for path in (f"/whistles/{number}/do/pass-on", "/desk?tab=whistles", "/whistles/new?where=<script>"):
            await page.goto(path)
            await accessible(page)
