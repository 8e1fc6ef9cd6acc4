"""A day of a grid worker and of a community's desk in a real browser, at both widths; signing, noting and being done
without JavaScript; a second window that is told."""

import asyncio
import re
from collections.abc import AsyncIterator

import nats as nats_py
import pytest
from playwright.async_api import Browser, Page, expect

from huiyin.bus.relay import Relay
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from tests.conftest import Bus, Database
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import VAULT_KEY, Filer, People, Site
from tests.web.hands import Hands
from tests.web.test_windows import CORPUS
from tests.web.workers import WORDS, complain, give_password, log_in

pytestmark = pytest.mark.usefixtures("city")

EVIDENCE = "今天下午油烟净化器已换新滤网,环保公司现场检测合格,检测单号在店里存档;和两户居民一起闻过,没有明显油烟味。"
TOLD = 20_000  # ms; a page that nobody tells anything looks by itself after a minute
REPLY = "您好,楼下饭店的油烟净化器今天换了滤网,检测合格。以后每月清洗一次,社区每月抽查。谢谢您的提醒。"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    made = await Hands(site, filer).sit(people)
    for name in ("grid", "community"):
        await give_password(site, name)
    return made


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


@pytest.fixture
async def relay(site: Site, database: Database, nats: Bus) -> AsyncIterator[None]:
    """The log's events go out as they do at home."""
    client = await nats_py.connect(nats.url, inbox_prefix=nats.inbox.encode())
    engine, vault = connect(database.url, name="relay"), connect(database.vault_url, name="relay-vault")
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(Relay(client, engine, vault, Seal(VAULT_KEY)).run(stop, ready.set))
    await ready.wait()
    yield
    stop.set()
    await running
    await client.close()
    await engine.dispose()
    await vault.dispose()


async def order(page: Page, name: str) -> None:
    """From the ticket's page to an order's form, wherever it waits."""
    found = page.locator("#ticket").get_by_role("link", name=name, exact=True)
    for box in await page.locator("details:not([open])", has=found).all():
        await box.locator("summary").click()
    await found.click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await accessible(page)


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_grid_worker_s_day(site: Site, filer: Filer, hands: Hands, browser: Browser, width: str) -> None:
    number = await complain(hands, filer)
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await log_in(page, "grid")
        await accessible(page)
        row = page.locator(f'[data-number="{number}"]')
        await expect(row).to_contain_text("楼上楼下渗漏水")
        await row.get_by_role("button", name="签收").click()
        await expect(page.get_by_role("status").filter(has_text="已办理")).to_be_visible()
        await expect(page.locator(".state")).to_have_text("办理中")
        await expect(page.get_by_text(WORDS)).to_be_visible()
        await accessible(page)

        await page.get_by_role("link", name="打电话(看号码要登记)").click()
        await page.get_by_label("联系来件人").check()
        await accessible(page)
        await page.get_by_role("button", name="登记并查看").click()
        await expect(page.get_by_role("link", name="拨打")).to_have_attribute("href", "tel:13800000000")
        assert "138" not in page.url
        await accessible(page)
        await page.get_by_role("link", name="记一次联系").click()
        await page.get_by_label("联系情况").fill("电话联系,约好下午三点上门")
        await page.get_by_role("button", name="记下来").click()
        await expect(page.locator(".timeline")).to_contain_text("约好下午三点上门")

        await order(page, "记录办理情况")
        await page.get_by_label("办理到哪一步").fill("楼上卫生间三通漏水,已关总阀")
        await page.get_by_role("button", name="记下来").click()
        await expect(page.locator(".timeline li").first).to_contain_text("已关总阀")

        await order(page, "上报上一级")
        await expect(page.locator("form.order .notice")).to_contain_text("转到柳岸花园业主委员会")
        await page.get_by_role("button", name="上报").click()
        await expect(page.locator("#reason-wrong")).to_be_visible()
        await page.get_by_label("各方未能达成一致").check()
        await page.get_by_role("button", name="上报").click()
        await expect(page.locator(".ladder .here")).to_contain_text("业主委员会")
        await expect(page.locator(".ladder .been")).to_contain_text("楼栋长")
        await accessible(page)
        assert all(one.startswith(site.url) for one in seen.referers)


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_community_desk_s_day(site: Site, filer: Filer, hands: Hands, browser: Browser, width: str) -> None:
    smoke, same = await complain(hands, filer, "D01"), await complain(hands, filer, "D01")
    noise = await complain(hands, filer, "B01")
    async with window(browser, site.url, width) as seen:
        page = seen.page
        await log_in(page, "community", f"/tickets/{noise}")
        await page.locator("details.correct summary").click()
        await page.locator("details.correct").get_by_role("button", name="邻里口角冲突").click()
        await expect(page.locator("h1")).to_contain_text("邻里口角冲突")
        await accessible(page)
        await page.get_by_role("button", name="改回去").click()
        await expect(page.locator("h1")).to_contain_text("邻里生活噪声")

        await page.goto(f"/tickets/{same}")
        await page.locator(".near li", has_text=smoke).get_by_role("link", name="并入它").click()
        await expect(page.get_by_label("主办工单号")).to_have_value(smoke)
        await accessible(page)
        await page.get_by_role("button", name="确定并单").click()
        await expect(page.get_by_text("本单已并入")).to_be_visible()
        await accessible(page)
        await page.get_by_role("button", name="并错了,拆出来").click()
        await expect(page.locator(".state")).to_have_text("已派单,待签收")

        await page.goto(f"/tickets/{smoke}")
        await page.get_by_role("button", name="签收").click()
        await order(page, "办结,附凭据")
        await page.get_by_label("做了什么").fill(EVIDENCE)
        await page.get_by_role("button", name="办结").click()
        await expect(page.locator(".state")).to_have_text("已办结,待答复")
        await order(page, "答复居民")
        await page.get_by_label("给居民的答复").fill(REPLY)
        await page.get_by_role("button", name="发出答复").click()
        await expect(page.locator(".state")).to_have_text("已答复,待回访")
        await expect(page.locator(".said", has_text=REPLY)).to_be_visible()
        await accessible(page)
        assert not await page.get_by_role("link", name="结案").count()  # who did the work does not close it
        assert (await hands.do("street", smoke, "close"))["outcome"] == "solved"


async def test_the_same_without_javascript(site: Site, filer: Filer, hands: Hands, browser: Browser) -> None:
    number = await complain(hands, filer, "D01")
    async with window(browser, site.url, script=False) as seen:
        page = seen.page
        await log_in(page, "community")
        await page.locator(f'[data-number="{number}"]').get_by_role("button", name="签收").click()
        await expect(page.locator(".state")).to_have_text("办理中")
        await page.locator(".first").get_by_role("link", name="记录办理情况").click()
        await page.get_by_label("办理到哪一步").fill("已约店家")
        await page.get_by_role("button", name="记下来").click()
        await expect(page.locator(".timeline")).to_contain_text("已约店家")
        await page.locator(".first").get_by_role("link", name="办结,附凭据").click()
        await page.get_by_role("button", name="办结").click()
        await expect(page.locator("#evidence-wrong")).to_be_visible()
        await page.get_by_label("做了什么").fill(EVIDENCE)
        await page.get_by_role("button", name="办结").click()
        await expect(page.locator(".state")).to_have_text("已办结,待答复")


@pytest.mark.usefixtures("relay")
async def test_a_second_window_is_told(site: Site, filer: Filer, hands: Hands, browser: Browser) -> None:
    """A desk gets what comes to it; a ticket's page shows what another did, and keeps what is open on it."""
    first = await complain(hands, filer, "D01")
    async with window(browser, site.url, "desk") as seen, window(browser, site.url) as other:
        desk, ticket = seen.page, other.page
        async with desk.expect_response(re.compile("/live")):
            await log_in(desk, "community")
        async with ticket.expect_response(re.compile("/live")):
            await log_in(ticket, "community", f"/tickets/{first}")
        await ticket.locator("details.correct summary").click()
        fresh = await complain(hands, filer, "D01")
        await expect(desk.locator(f'[data-number="{fresh}"]')).to_be_visible(timeout=TOLD)
        await hands.do("community", first, "sign")
        await expect(ticket.locator(".state")).to_have_text("办理中", timeout=TOLD)
        await expect(ticket.locator("details.correct")).to_have_attribute("open", "")


@pytest.mark.usefixtures("relay")
async def test_a_page_says_that_its_ticket_went_away(site: Site, filer: Filer, hands: Hands, browser: Browser) -> None:
    await give_password(site, "property")
    number = await complain(hands, filer, "C01")
    async with window(browser, site.url) as seen:
        page = seen.page
        async with page.expect_response(re.compile("/live")):
            await log_in(page, "property", f"/tickets/{number}")
        await expect(page.locator("#gone")).to_be_hidden()
        await hands.do("property", number, "hand-up", {"reason": "beyond-means"})
        await expect(page.locator("#gone")).to_be_visible()
        await page.get_by_role("link", name="回到工作台").click()
        await expect(page.get_by_text("现在没有要办的")).to_be_visible()
        await accessible(page)


@pytest.mark.parametrize("words", CORPUS)
async def test_words_are_never_code(site: Site, filer: Filer, hands: Hands, browser: Browser, words: str) -> None:
    """The resident's words and the workers', on the page, in a form that comes back, on the printed record."""
    number = await complain(hands, filer, "D01", words=words)
    await hands.do("community", number, "dissuade", {"text": words, "place": "楼道"})
    async with window(browser, site.url) as seen:
        page = seen.page
        await log_in(page, "community", f"/tickets/{number}")
        assert words in await page.locator("section", has=page.locator("#words")).locator("p.reply").inner_text()
        assert words in await page.locator(".said").inner_text()
        await page.goto(f"/tickets/{number}/do/hand-up")
        await page.get_by_label("补充说明").fill(words)
        await page.get_by_role("button", name="上报").click()
        await expect(page.locator("#reason-wrong")).to_be_visible()
        assert await page.get_by_label("补充说明").input_value() == words
        await page.goto(f"/tickets/{number}/dissuasions")
        assert words in await page.locator("p.reply").inner_text()
