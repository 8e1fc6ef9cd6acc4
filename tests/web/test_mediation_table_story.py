"""A session in the browser: minutes as they talk, a draft that is looked over, a paper that both sign; two screens."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from huiyin.web.who import COOKIE
from tests.web.browsers import accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.mediators import Mediators
from tests.web.test_mediation_table_sign import marks, sign
from tests.web.test_mediations import CANARY, sat

pytestmark = pytest.mark.usefixtures("city")
FACT, SAID, OFFER = "六楼卫生间从十一月一日起漏水,五楼天花板起皮三处", "五楼当面说的话金丝雀", "六楼的方案金丝雀"
SIZES = {"tablet": (1024, 768), "phone": (390, 844)}
KEPT = "Object.entries(localStorage).filter(([name]) => name.startsWith('huiyin-mediation'))"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def kept(page: Page, kind: str = "") -> list[str]:
    """The names of what is kept on this device."""
    found: list[list[str]] = await page.evaluate(KEPT)
    return [name for name, _ in found if kind in name]


async def ready(page: Page, path: str) -> None:
    await page.goto(path)
    await expect(page.locator("[data-ready]")).to_have_count(1)


async def sized(page: Page, size: str) -> None:
    across, down = SIZES[size]
    await page.set_viewport_size({"width": across, "height": down})


async def fill_minutes(page: Page) -> None:
    await page.get_by_label("娄秀兰 申请人", exact=True).check()
    await page.get_by_label("许立本 被申请人", exact=True).check()
    await page.locator("#said-p1").fill(SAID)
    await page.locator("#offer-p2").fill(OFFER)
    await page.get_by_label("第 1 条").fill(FACT)
    await page.get_by_label("这次调解怎样进行").fill("谈了一个半小时,双方同意先修后赔。")
    await expect(page.locator("#kept")).to_contain_text("已存在本机")


async def fill_draft(page: Page) -> None:
    await page.get_by_label("争议事项").fill("谁来修、赔多少。")
    await page.get_by_label("各方责任").fill("六楼承担全部责任。")
    await page.get_by_label("协议内容").fill("六楼修好防水,赔偿五楼。")
    first = page.locator(".item").first
    await first.get_by_label("做什么").fill("赔偿天花板粉刷费")
    await first.get_by_label("金额").fill("3040.50")
    await first.get_by_label("最迟哪一天").fill("2026-12-31")
    await first.get_by_label("在哪里履行").fill("柳岸社区调解室")


@pytest.mark.parametrize("size", SIZES)
async def test_from_the_table_to_a_signed_agreement(site: Site, hands: Mediators, size: str) -> None:
    number = await hands.seated()
    hands.site.clock.now += timedelta(hours=1)
    async with browsing() as browser, window(browser, site.url, "desk" if size == "tablet" else "phone") as seen:
        page = seen.page
        await sized(page, size)
        await become(page, site, "wang")
        table = await page.context.new_page()  # turned towards the families, on the same device
        await sized(table, size)
        await ready(table, f"/mediations/{number}/table")
        await ready(page, f"/mediations/{number}/minutes")
        await fill_minutes(page)
        await accessible(page)
        await expect(table.locator("[data-party=p1]")).to_contain_text("到场")
        await expect(table.locator("#facts")).not_to_contain_text("漏水")
        await page.locator("#facts").get_by_role("button", name="放到桌面").first.click()
        await expect(table.locator("#facts")).to_contain_text(FACT)
        await accessible(table)
        assert SAID not in await table.content()
        await page.get_by_role("button", name="提交记录").click()
        await expect(page).to_have_url(re.compile(rf"/mediations/{number}\?said=done"), timeout=15_000)
        await _drafted(page, table, number)
        for name in ("娄秀兰", "许立本", "人民调解员"):
            await sign(page, name)
        await ready(table, f"/mediations/{number}/table")
        await expect(table.locator("#items li")).to_have_count(1)
        await expect(table.locator("#items")).to_contain_text("叁仟零肆拾元伍角整")
        await accessible(table)
        assert CANARY not in await table.content()
    assert await marks(hands, number) == [("party", "p1"), ("party", "p2"), ("mediator", "")]
    digest = (await hands.looks("wang", number)).json()["sight"]["agreement"]["digest"]
    seal = {"hand": "committee", "form": "seal", "digest": digest, "at": site.clock.now.isoformat()}
    assert (await hands.does("community", number, "mark", seal))["state"] == "effective"


async def _drafted(page: Page, table: Page, number: str) -> None:
    """The draft: looked over as it is typed, put on the table, read as a paper, laid down."""
    await ready(page, f"/mediations/{number}/draft")
    assert await kept(page, "minutes") == [], "what was sent is not on the device any more"
    await expect(page.get_by_label("纠纷的主要事实")).to_have_value(FACT)
    await fill_draft(page)
    await expect(page.locator("[data-element=place]")).to_contain_text("已写")
    await page.locator(".item").first.get_by_role("button", name="放到桌面").click()
    await expect(table.locator("#items")).to_contain_text(
        "许立本 → 娄秀兰:赔偿天花板粉刷费,3040.50元,2026年12月31日以前 · 柳岸社区调解室"
    )
    await page.get_by_label("协议内容").fill("六楼不付钱就停水。")
    await expect(page.locator("#content-found")).to_contain_text("不得写:“停水”")
    await accessible(page)
    await page.get_by_role("button", name="检查并预览").click()
    await expect(page.locator("article.sheet")).to_have_count(0)
    await page.get_by_label("协议内容").fill("六楼修好防水,赔偿五楼。")
    await expect(page.locator("#content-found li")).to_have_count(0)
    await page.get_by_role("button", name="检查并预览").click()
    await expect(page.locator("article.sheet")).to_contain_text("人民币叁仟零肆拾元伍角整")
    await accessible(page)
    await page.get_by_role("button", name="封存,请各方签名").click()
    await expect(page.get_by_role("heading", name="签名", exact=True)).to_be_visible()
    assert await kept(page, "draft") == []


async def test_what_was_typed_survives_and_is_nobody_elses(site: Site, hands: Mediators) -> None:
    """A reload, a closed window, another account on the same device; a logout asks, then nothing is left."""
    number = await sat(hands)
    await hands.does("community", number, "assign", {"person": await hands.person("li")})
    async with browsing() as browser, window(browser, site.url, "desk") as seen:
        page = seen.page
        await become(page, site, "wang")
        await ready(page, f"/mediations/{number}/draft")
        await fill_draft(page)
        await page.get_by_role("button", name="再加一项").click()
        await page.locator(".item").nth(1).get_by_label("做什么").fill("第二项的话")
        await expect(page.locator("#kept")).to_contain_text("已存在本机")
        await _settled(page, "draft")
        assert "第二项的话" not in json.dumps(await page.evaluate(KEPT), ensure_ascii=False), "not in the clear"
        await ready(page, f"/mediations/{number}/draft")
        await expect(page.locator("#kept")).to_contain_text("已恢复本机上没有提交的草稿")
        await expect(page.locator(".item").nth(1).get_by_label("做什么")).to_have_value("第二项的话")
        await expect(page.get_by_label("各方责任")).to_have_value("六楼承担全部责任。")
        await become(page, site, "li")
        await ready(page, f"/mediations/{number}/draft")
        await expect(page.get_by_label("各方责任")).to_have_value("")
        assert len(await kept(page, "draft")) == 1
        await page.context.add_cookies([{"name": COOKIE, "value": "cookie.wang", "url": site.url}])
        await ready(page, f"/mediations/{number}/draft")
        await page.locator("details.me summary").click()
        await page.get_by_role("button", name="退出登录").click()
        await expect(page.get_by_role("dialog")).to_contain_text("还有 1 份")
        await accessible(page)
        await page.get_by_role("button", name="删除并退出").click()
        await expect(page).to_have_url(f"{site.url}/login", timeout=15_000)
        assert await kept(page) == []


async def _settled(page: Page, kind: str) -> None:
    """The last keystrokes are on the device: what is kept stays as it is for longer than a pause in typing."""
    await page.wait_for_function(
        "kind => { const now = JSON.stringify(localStorage); const same = window.last === now; window.last = now;"
        " window.count = same ? (window.count ?? 0) + 1 : 0; return window.count > 4 && now.includes(kind); }",
        arg=kind,
        polling=200,
    )


async def test_the_forms_without_scripts(site: Site, hands: Mediators) -> None:
    number = await sat(hands)
    async with browsing() as browser, window(browser, site.url, "phone", script=False) as seen:
        page = seen.page
        await become(page, site, "wang")
        await page.goto(f"/mediations/{number}/minutes")
        await page.get_by_label("娄秀兰 申请人", exact=True).check()
        await page.get_by_label("这次调解怎样进行").fill("只来了一方,改日再谈。")
        await page.get_by_label("第 2 条").fill("双方同住一栋楼")
        await page.get_by_role("button", name="提交记录").click()
        await page.goto(f"/mediations/{number}/table")
        await expect(page.locator("#facts")).to_contain_text("双方同住一栋楼")
        await page.goto(f"/mediations/{number}/draft")
        await fill_draft(page)
        await page.get_by_role("button", name="检查并预览").click()
        await page.get_by_role("button", name="封存,请各方签名").click()
        await expect(page.get_by_role("heading", name="签名", exact=True)).to_be_visible()


async def test_a_fact_that_was_changed_is_not_on_the_table_until_the_next_tap(site: Site, hands: Mediators) -> None:
    number = await sat(hands)
    async with browsing() as browser, window(browser, site.url, "desk") as seen:
        page: Any = seen.page
        await become(page, site, "wang")
        await ready(page, f"/mediations/{number}/minutes")
        row = page.locator("#facts li").first
        await row.get_by_label("第 1 条").fill("先写的一句")
        await row.get_by_role("button", name="放到桌面").click()
        await row.get_by_label("第 1 条").fill("先写的一句,又改了")
        await expect(row.get_by_role("button", name="放到桌面")).to_be_visible()
        await _settled(page, "minutes")
        await ready(page, f"/mediations/{number}/table")
        await expect(page.locator("#facts")).to_contain_text("确有漏水")
        await expect(page.locator("#facts")).not_to_contain_text("先写的一句")
