"""Two parties on their phones, from the slip's QR code to what was performed; with and without JavaScript."""

import re
from datetime import timedelta

import asyncpg
import pytest
from playwright.async_api import Page, expect

from huiyin.core import receipt as receipts
from tests.web.browsers import accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import OPEN, Mediators
from tests.web.test_mediations import MINUTES, terms
from tests.web.test_weight import MOST, weight

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def enter(page: Page, code: str) -> None:
    """As the slip's QR code leads."""
    await page.goto(f"/mediation#code={code.replace('-', '')}")
    await expect(page.get_by_label("调解查询码")).to_have_value(code.replace("-", " "))
    assert "code" not in page.url, "it does not stay in the address"
    await page.get_by_role("button", name="进入").click()
    await expect(page.get_by_role("heading", name="我的调解")).to_be_visible()
    assert code not in page.url


async def agree(page: Page) -> None:
    """Consents, and reads the notice."""
    await page.get_by_role("link", name="同意调解", exact=True).click()
    await page.get_by_role("button", name="同意调解").click()
    await expect(page.locator(".wrong")).to_contain_text("打勾")
    await page.get_by_label("我已经看明白了").check()
    await page.get_by_role("button", name="同意调解").click()
    await expect(page.get_by_role("status").first).to_contain_text("您同意调解")
    await page.get_by_role("link", name="去阅读").click()
    await accessible(page)
    await page.get_by_label("并且明白").check()
    await page.get_by_role("button", name="我知道了").click()
    await expect(page.get_by_role("status").first).to_contain_text("您知道了权利和义务")


async def sign(page: Page) -> None:
    """With a finger on the glass."""
    await page.get_by_role("link", name="读协议书,签字").click()
    await expect(page.get_by_role("heading", name="人民调解协议书")).to_be_visible()
    await page.get_by_label("已阅读并同意").check()
    await page.get_by_role("button", name="确定签字").click()
    await expect(page.locator("[data-part=said]")).to_contain_text("还没有签名")
    glass = page.locator("canvas")
    await glass.scroll_into_view_if_needed()
    box = await glass.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 40, box["y"] + 60)
    await page.mouse.down()
    for n in range(12):
        await page.mouse.move(box["x"] + 40 + n * 18, box["y"] + 60 + (n % 3) * 25)
    await page.mouse.up()
    await page.get_by_role("button", name="确定签字").click()
    await expect(page.get_by_role("status").first).to_contain_text("您已经在协议书上签字")


async def test_two_parties_on_their_phones(site: Site, hands: Mediators) -> None:
    number = await hands.opened()
    codes = hands.codes[number]
    await hands.does("community", number, "check")
    async with (
        browsing() as browser,
        window(browser, site.url) as a,
        window(browser, site.url) as b,
    ):
        one, two = a.page, b.page
        for page, party in ((one, "p1"), (two, "p2")):
            await enter(page, codes[party])
            await accessible(page)
            await agree(page)
        await hands.does("community", number, "accept")
        for name in ("wang", "li"):
            await hands.does("community", number, "assign", {"person": await hands.person(name)})
        await two.reload()
        li = two.locator(".asked, .now").filter(has_text="由人民调解员li调解")
        await li.get_by_role("link", name="不接受,换一位").click()
        await expect(two.get_by_text("就不能改回来")).to_be_visible()
        await two.get_by_role("button", name="确定换一位").click()
        assert len((await hands.looks("wang", number)).json()["sight"]["mediators"]) == 1
        at = hands.site.clock.now + timedelta(hours=3)
        await hands.does("wang", number, "plan", {"at": at.isoformat(), "venue": "3 楼调解室"})
        for page in (one, two):
            await page.goto("/mediation/mine")
            await page.get_by_role("button", name="我来参加").click()
            await expect(page.get_by_text("您的答复:参加")).to_be_visible()
        hands.site.clock.now += timedelta(hours=4)
        held = {"session": 1, "began": hands.site.clock.now.isoformat(), "present": ["p1", "p2"], "minutes": MINUTES}
        await hands.does("wang", number, "hold", held)
        await hands.does("wang", number, "draft", {"terms": terms()})
        for page in (one, two):
            await page.goto("/mediation/mine")
            await sign(page)
            await expect(page.get_by_text("您已签字。还差")).to_be_visible()
        await _sealed(hands, number)
        await _performed(one, two, hands, number)
        await _left(one)


async def _sealed(hands: Mediators, number: str) -> None:
    case = (await hands.looks("wang", number)).json()["sight"]["agreement"]
    assert [one["party"] for one in case["marks"]] == ["p1", "p2"]
    assert all(one["image"] for one in case["marks"]), "the hand's picture is with the mark"
    hands.site.clock.now += timedelta(minutes=5)
    mark = {"digest": case["digest"], "at": hands.site.clock.now.isoformat()}
    await hands.does("wang", number, "mark", mark | {"hand": "mediator", "form": "signature"})
    await hands.does("community", number, "mark", mark | {"hand": "committee", "form": "seal"})


async def _performed(one: Page, two: Page, hands: Mediators, number: str) -> None:
    """Received by the one, seen by the other; both want the court's confirmation."""
    await one.goto("/mediation/mine")
    await expect(one.get_by_text("协议已经生效")).to_be_visible()
    await accessible(one)
    await one.get_by_role("link", name="登记:收到、做好了").click()
    await one.get_by_label("全部收到、全部做好了").check()
    await one.get_by_role("button", name="登记").click()
    await expect(one.get_by_text("约定的都做到了")).to_be_visible()
    await two.goto("/mediation/mine")
    await expect(two.get_by_text("约定的都做到了")).to_be_visible()
    for page in (one, two):
        card = page.locator(".asked, .now").filter(has_text="司法确认")
        await card.get_by_role("button", name="同意", exact=True).click()
        await expect(page.get_by_role("status").first).to_contain_text("您的意见已经记下")
    at = hands.site.clock.now.isoformat()
    await hands.does("wang", number, "apply-confirmation", {"at": at})


async def _left(page: Page) -> None:
    await page.get_by_role("button", name="离开").click()
    await expect(page.get_by_text("已离开")).to_be_visible()
    await page.goto("/mediation/mine")
    await expect(page.get_by_label("调解查询码")).to_be_visible()
    assert not await page.get_by_text("协议").count()


async def test_without_javascript_one_says_no(site: Site, hands: Mediators) -> None:
    number = await hands.opened()
    async with browsing() as browser, window(browser, site.url, script=False) as seen:
        page = seen.page
        await page.goto("/mediation")
        await page.get_by_label("调解查询码").fill(hands.codes[number]["p2"].replace("-", " "))
        await page.get_by_role("button", name="进入").click()
        await page.get_by_role("link", name="不同意调解").click()
        await page.get_by_role("link", name="返回,再想想").click()
        await page.get_by_role("link", name="不同意调解").click()
        await page.get_by_role("button", name="确定不同意").click()
        await expect(page.get_by_text("调解结束了")).to_be_visible()
        await expect(page.get_by_text("向人民法院起诉").first).to_be_visible()
    assert (await hands.looks("p1", number)).json()["sight"]["ended"] == "refused"


async def test_the_page_tells_when_something_is_new(site: Site, hands: Mediators) -> None:
    number = await hands.accepted()
    async with browsing() as browser, window(browser, site.url) as seen:
        page = seen.page
        await page.clock.install()
        await enter(page, hands.codes[number]["p1"])
        await hands.does("community", number, "assign", {"person": await hands.person("wang")})
        await page.clock.fast_forward(61_000)
        await expect(page.get_by_text("由人民调解员wang调解")).to_be_visible()


async def test_a_resident_whose_complaint_is_mediated_sees_it(
    site: Site, hands: Mediators, admin: asyncpg.Connection
) -> None:
    ticket = await hands.file("A01")
    where = hands.receipt(ticket).replace("/api/v1/complaints", "/r")
    assert "正在调解" not in (await site.http.get(where)).text
    made = await hands.order("community", ticket, "mediate", {"text": "谈不拢", "parties": OPEN["parties"][1:]})
    number = made.json()["number"]
    text = (await site.http.get(where)).text
    assert "正在调解" in text
    assert 'href="/mediation"' in text
    hands.codes[number] = made.json()["codes"]
    assert number not in text
    await hands.does("p2", number, "refuse", {"how": "screen"})
    assert "调解已经结束" in (await site.http.get(where)).text
    await hands.does("p1", number, "deliver-routes", {"how": "screen"})
    await hands.does("community", number, "archive", {"papers": ["register", "routes"]})
    assert "调解已经结束" in (await site.http.get(where)).text
    assert receipts.read(re.sub(r"\D", "", where)) is not None


async def test_no_page_is_heavy(site: Site, hands: Mediators) -> None:
    number = await hands.opened()
    answer = await site.http.post("/mediation", data={"code": hands.codes[number]["p1"]})
    head = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    site.http.cookies.clear()
    for path in ("/mediation", "/mediation/mine", "/mediation/mine/do/consent", "/mediation/mine/do/notify-rights"):
        assert await weight(site.http, path, head) < MOST, path
