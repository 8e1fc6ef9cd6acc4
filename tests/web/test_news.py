"""The receipt's page refreshes itself when something happened, and never while somebody writes on it."""

import asyncpg
import pytest

from huiyin.core import receipt as receipts
from tests.web.browsers import browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.residents import sort

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


async def news(site: Site, path: str, mark: str) -> int:
    return (await site.http.get(f"{path}/news", params={"v": mark})).status_code


def shown(text: str) -> str:
    """The mark that a page was painted with."""
    return text.partition("/news?v=")[2].partition('"')[0]


async def test_another_mark_with_each_step(site: Site, hands: Hands, filer: Filer, admin: asyncpg.Connection) -> None:
    where = (await site.http.post("/file", data={"text": "电梯坏了"})).headers["location"].partition("?")[0]
    mark = shown((await site.http.get(where)).text)
    assert (mark, await news(site, where, mark)) == ("0", 204)
    number = await sort(admin, filer, where[3:])
    assert await news(site, where, mark) == 200
    mark = shown((await site.http.get(where)).text)
    assert await news(site, where, mark) == 204
    await hands.do("property", number, "sign")
    assert await news(site, where, mark) == 200
    lead = await hands.file("H02")
    await hands.do("property", number, "merge", {"into": lead})
    mark = shown((await site.http.get(where)).text)
    assert await news(site, where, mark) == 204
    await hands.do("property", lead, "sign")
    assert await news(site, where, mark) == 200, "what happens to the lead happens to it"
    for path in (f"/r/{receipts.show(42)}", "/r/1"):
        assert await news(site, path, "0") == 404
    assert (await site.http.get(f"{where}/news?v=0")).content == b""


async def test_at_the_browser(site: Site, hands: Hands) -> None:
    number = await hands.file("A02")
    where = hands.receipt(number).replace("/api/v1/complaints", "/r")
    async with browsing() as browser, window(browser, site.url) as seen:
        page = seen.page
        await page.clock.install()
        await page.goto(where)
        await hands.do("property", number, "sign")
        await page.clock.fast_forward(61_000)
        await page.get_by_text("承办岗位已签收,正在办理").wait_for()
        await page.locator("summary", has_text="补充情况").click()
        await page.get_by_label("有什么新情况").fill("三楼也湿了")
        await hands.do("property", number, "contact", {"text": "x"})
        await page.clock.fast_forward(61_000)
        await page.get_by_text("有新进展").wait_for()
        assert await page.get_by_label("有什么新情况").input_value() == "三楼也湿了"


async def test_enter_in_a_field_never_joins(site: Site, filer: Filer, admin: asyncpg.Connection) -> None:
    """The first button of a form is what Enter means; the one that joins stands before the other."""
    from huiyin.bus.envelope import read_filed
    from huiyin.store.vault import Seal, Sealed
    from tests.core.world import sorting
    from tests.web.conftest import VAULT_KEY
    from tests.web.residents import WORDS, fill

    for home in range(3):
        await filer.file(sorting("H02"), phone=f"1380000000{home}")
    for press, joined in (("Enter", False), ("", True)):
        await admin.execute("DELETE FROM vault.waiting")
        async with browsing() as browser, window(browser, site.url) as seen:
            page = seen.page
            await page.goto("/file")
            await fill(page, WORDS)
            button = page.get_by_role("button", name="加入")
            await button.wait_for()
            await (page.get_by_label("电话").press(press) if press else button.click())
            await page.get_by_role("heading", name="收到了").wait_for()
        row = await admin.fetchrow("SELECT key, body FROM vault.waiting")
        assert row is not None
        text = read_filed(Seal(VAULT_KEY).open(Sealed(row["key"], row["body"])), None).data.text
        assert ("居民选择加入" in text) is joined
