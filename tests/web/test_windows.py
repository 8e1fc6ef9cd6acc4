"""A resident's day in a real browser: files, follows, answers; on a phone and a desk, with and without JavaScript."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import Browser, expect

from huiyin.core import receipt as receipts
from tests.core.world import sorting
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.residents import REPLY, URGENT, WORDS, answer, climb, fill, send, sort

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


async def doorsteps(admin: asyncpg.Connection) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM doorstep"))


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_resident_s_day(
    site: Site, admin: asyncpg.Connection, filer: Filer, hands: Hands, browser: Browser, width: str
) -> None:
    """From the first page to the last word, each page looked at by axe-core."""
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await page.goto("/")
        await accessible(page)
        await page.locator(".door.first").click()
        await page.get_by_label("小区").press_sequentially("柳岸")
        await expect(page.locator("#estates option")).to_have_attribute("value", "柳岸花园")
        await page.get_by_label("是什么事").fill(URGENT)
        await expect(page.locator("#hints")).to_contain_text("先撤离到室外")
        await accessible(page)
        await page.get_by_label("是什么事").fill(WORDS)
        await expect(page.locator("#hints .notice")).to_have_count(0)
        await fill(page)
        shown = await send(page)
        await accessible(page)
        await expect(page.locator(".state")).to_have_text("已收到,正在分派")
        await expect(page.get_by_role("button", name="复制回执号")).to_be_visible()

        number = await sort(admin, filer, shown)
        await page.get_by_role("link", name="刷新").click()
        await expect(page.locator(".facts")).to_contain_text("物业服务企业")
        await expect(page.locator(".ladder .here")).to_contain_text("物业服务企业")
        await climb(hands, number)
        await page.reload()
        await expect(page.locator(".ladder .been")).to_contain_text("物业服务企业")
        await expect(page.locator(".timeline li").nth(1)).to_contain_text("超出本级的办理能力")
        await answer(hands, number)
        await page.reload()
        await expect(page.locator("p.reply")).to_have_text(REPLY)
        await accessible(page)
        await page.get_by_role("button", name="提交评价").click()
        await expect(page.locator("#solved-wrong")).to_be_visible()
        await page.get_by_label("解决了", exact=True).check()
        await page.get_by_label("非常满意").check()
        await page.get_by_label("还想说什么").fill("谢谢")
        await page.get_by_role("button", name="提交评价").click()
        await expect(page.get_by_text("您的评价已收到")).to_be_visible()
        await expect(page.locator(".state")).to_have_text("已结案:已解决")
        await accessible(page)
        assert not seen.referers
        assert await doorsteps(admin) == 1
        told = await hands.site.http.get(f"/api/v1/complaints/{shown}")
        assert (told.json()["solved"], told.json()["satisfied"]) == ("yes", 5)


async def test_the_same_without_javascript(
    site: Site, admin: asyncpg.Connection, filer: Filer, hands: Hands, browser: Browser
) -> None:
    async with window(browser, site.url, script=False) as seen:
        page = seen.page
        await page.goto("/file?b=E1-B01")
        await expect(page.get_by_label("小区")).to_have_value("柳岸花园")
        await fill(page, URGENT)
        shown = await send(page)
        await expect(page.get_by_role("alert")).to_contain_text("先撤离到室外")
        number = await sort(admin, filer, shown)
        await page.goto("/r")
        await page.get_by_label("回执号").fill(shown.replace("-", " "))
        await page.get_by_role("button", name="查询").click()
        await expect(page.locator(".facts")).to_contain_text(number)
        await climb(hands, number)
        await answer(hands, number)
        await page.reload()
        await page.get_by_label("没有解决").check()
        await page.get_by_role("button", name="提交评价").click()
        await expect(page.get_by_text("已交上一级重办")).to_be_visible()
        await expect(page.locator(".ladder .here")).to_contain_text("街道三方办")


async def test_taking_it_back_asks_first(site: Site, admin: asyncpg.Connection, filer: Filer, browser: Browser) -> None:
    async with window(browser, site.url, script=False) as seen:
        page = seen.page
        await page.goto("/file")
        await fill(page)
        shown = await send(page)
        await sort(admin, filer, shown)
        await page.goto(f"/r/{shown}")
        await page.get_by_role("link", name="不想办了,撤回这件事").click()
        await page.get_by_role("link", name="不撤回,继续办").click()
        await expect(page.locator(".state")).to_contain_text("等待签收")
        await page.get_by_role("link", name="不想办了,撤回这件事").click()
        await page.get_by_role("button", name="确定撤回").click()
        await expect(page.locator(".state")).to_have_text("已结案:已撤回")


async def test_by_keyboard_alone(site: Site, browser: Browser) -> None:
    """Tab, letters and Enter are enough; the first stop is the skip link, every stop is seen."""
    async with window(browser, site.url, "desk") as seen:
        page = seen.page
        await page.goto("/file")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.id") == "text"
        await page.keyboard.type("楼道灯坏了")
        for _ in range(10):
            await page.keyboard.press("Tab")
            ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring == "solid", await page.evaluate("document.activeElement.outerHTML")
            if await page.evaluate("document.activeElement.type") == "submit":
                break
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="收到了")).to_be_visible()


CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</textarea><svg onload=alert(3)>",
    "javascript:alert(4)",
    "'-alert(5)-'",
    "{{ 7*7 }}${alert(6)}",
    '" autofocus onfocus=alert(7) x="',
    "<div hx-get=/r hx-trigger=load hx-on:load='alert(8)'>",
)


@pytest.mark.parametrize("words", CORPUS)
async def test_words_are_never_code(
    site: Site, admin: asyncpg.Connection, filer: Filer, hands: Hands, browser: Browser, words: str
) -> None:
    """In every field of every form, and in the desk's answer: shown as written, no dialog, no refusal by the policy."""
    async with window(browser, site.url) as seen:
        page = seen.page
        await page.goto("/file")
        await fill(page, words)
        for label in ("小区", "单元", "房号", "怎么称呼"):
            await page.get_by_label(label).fill(words)
        await page.get_by_label("楼栋", exact=True).fill(words)
        await page.get_by_label("电话").fill(words + "1" * 40)
        await page.get_by_role("button", name="提交").click()
        await expect(page.get_by_role("alert")).to_contain_text("还没有提交")
        assert await page.get_by_label("是什么事").input_value() == words
        assert await page.get_by_label("小区").input_value() == words
        await page.get_by_label("电话").fill("1")
        shown = await send(page)
        number = await sort(admin, filer, shown)
        await climb(hands, number)
        await answer(hands, number, words)
        await page.goto(f"/r/{shown}")
        assert words in await page.locator("p.reply").inner_text()
        await page.get_by_label("还想说什么").fill(words * 200)
        await page.get_by_role("button", name="提交评价").click()
        await expect(page.locator("#solved-wrong")).to_be_visible()
        await page.goto("/r")
        await page.get_by_label("回执号").fill(words)
        await page.get_by_role("button", name="查询").click()
        assert await page.get_by_label("回执号").input_value() == words
        await page.goto("/" + words.replace("/", "%2F").replace("?", "%3F").replace("#", "%23"))
        await expect(page.get_by_role("heading", name="没有找到")).to_be_visible()


async def test_a_receipt_is_shown_in_fours_and_as_a_picture(site: Site, filer: Filer, browser: Browser) -> None:
    await filer.file(sorting("H02"), event_id="q1", source="urn:partner")
    from tests.web.conftest import RECEIPT_KEY

    shown = receipts.show(receipts.make(RECEIPT_KEY, "urn:partner", "q1"))
    async with window(browser, site.url) as seen:
        await seen.page.goto(f"/r/{shown}")
        assert await seen.page.locator(".digits span").all_inner_texts() == shown.split("-")
        await seen.page.get_by_role("button", name="复制回执号").click()
        await expect(seen.page.locator("#copied")).to_have_text("已复制")
        assert await seen.page.locator(".qr svg path").count() == 1
