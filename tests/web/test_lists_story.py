"""A list on a real screen: found, saved, chosen, sent on, taken away; with and without JavaScript."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, expect

from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import People, Site
from tests.web.sightings import City
from tests.web.test_export import opened
from tests.web.test_sorting_page import enter

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def town(site: Site, people: People) -> City:
    return await City(site, people).sit()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_day_with_the_list(town: City, people: People, browser: Browser, width: str, tmp_path: Path) -> None:
    made = [await town.file(code) for code in ("A01", "C01", "C01", "D01")]
    async with window(browser, town.site.url, width) as seen:
        page, lines = seen.page, seen.page.locator("#rows .ticket")
        await enter(page, people)
        await page.get_by_role("link", name="工单", exact=True).click()
        await expect(lines).to_have_count(4)
        await accessible(page)

        await page.get_by_text("更多条件").click()
        await page.get_by_label("事项").select_option("C01")
        await accessible(page)
        await page.get_by_role("button", name="按条件查找").click()
        await expect(lines).to_have_count(2)
        await expect(page.get_by_role("link", name="去掉条件:事项")).to_be_visible()

        await page.get_by_text("存为常用筛选").click()
        await page.get_by_label("常用筛选的名字").fill("垃圾")
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator("#saved [aria-current]")).to_have_text("垃圾 2")
        await accessible(page)
        await page.get_by_role("link", name="去掉条件:事项").click()
        await expect(lines).to_have_count(4)
        await page.locator("#saved").get_by_role("link", name="垃圾").click()
        await expect(lines).to_have_count(2)

        await expect(page.get_by_role("button", name="派到层级…")).to_be_disabled()
        await page.get_by_label("全选本页").check()
        await expect(page.get_by_text("已选 2 件")).to_be_visible()
        await page.get_by_role("button", name="派到层级…").click()
        await accessible(page)
        await page.get_by_label("街道三方办").check()
        await page.get_by_role("button", name="确定").click()
        await expect(page.get_by_text("2 件已办")).to_be_visible()
        await accessible(page)
        for number in made[1:3]:
            assert (await town.ask("street", f"/tickets/{number}")).json()["rung"] == "street_office"

        await page.goto("/tickets?category=C01")
        await page.get_by_role("link", name="导出表格").click()
        await accessible(page)
        await page.get_by_label("导出做什么用").fill("工作例会")
        async with page.expect_download() as coming:
            await page.get_by_role("button", name="导出").click()
        file = tmp_path / "list.xlsx"
        await (await coming.value).save_as(file)
        _, found = opened(file.read_bytes())
        assert [one["工单号"] for one in found] == made[2:0:-1]


async def test_what_is_chosen_is_not_swept_away(town: City, people: People, browser: Browser) -> None:
    """The live page asks again: new rows come by themselves, but not while something is ticked."""
    await town.file("C01")
    async with window(browser, town.site.url, "desk") as seen:
        page, lines = seen.page, seen.page.locator("#rows .ticket")
        await enter(page, people)
        await page.goto("/tickets")
        await expect(lines).to_have_count(1)
        await town.file("C01")
        news = "document.body.dispatchEvent(new CustomEvent('live', {detail: []}))"
        await page.evaluate(news)
        await expect(lines).to_have_count(2)
        await lines.first.get_by_role("checkbox").check()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        await town.file("C01")
        await page.evaluate(news)
        await page.evaluate("fetch('/healthz')")
        await expect(lines.first.get_by_role("checkbox")).to_be_checked()
        assert not [url for url in asked if "/tickets/list" in url]
        await lines.first.get_by_role("checkbox").uncheck()
        await page.evaluate(news)
        await expect(lines).to_have_count(3)


async def test_without_a_script(town: City, people: People, browser: Browser) -> None:
    """The list, its filters, several at once: links and forms."""
    number = await town.file("C01")
    await town.file("A01")
    async with window(browser, town.site.url, "phone", script=False) as seen:
        page, lines = seen.page, seen.page.locator("#rows .ticket")
        await enter(page, people)
        await page.goto("/tickets?" + urlencode({"category": "C01"}))
        await expect(lines).to_have_count(1)
        await lines.first.get_by_role("checkbox").check()
        await page.get_by_role("button", name="派到层级…").click()
        await page.get_by_label("街道三方办").check()
        await page.get_by_role("button", name="确定").click()
        await expect(page.get_by_text("1 件已办")).to_be_visible()
        assert (await town.ask("street", f"/tickets/{number}")).json()["rung"] == "street_office"
