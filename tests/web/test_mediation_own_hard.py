"""The parties' pages tried hard: two codes in a browser, Back after leaving, twice, no JavaScript, long names."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from huiyin.web.mediations.own import keys
from tests.web.browsers import browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import OPEN, Mediators
from tests.web.test_mediation_own import HTML, MINE, Side, _open, everything, sides
from tests.web.test_mediation_own_pages import enter

pytestmark = pytest.mark.usefixtures("city")
LONG = "阿卜杜热依木·买买提明·阿不都克里木·𬱖龘齉爨"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> AsyncIterator[Mediators]:
    yield await Mediators(site, filer).sit(people)
    while _open:
        await _open.pop().aclose()


async def test_a_form_of_the_code_before_says_so_and_does_nothing(hands: Mediators) -> None:
    """Two codes on one family's phone: the page that lay open is the other one's, and who came before has left."""
    first, second = await hands.opened(), await hands.opened(text="另一件")
    one = Side(hands, first, "p1")
    await one.enter()
    before, page = one.http.cookies[keys.COOKIE], await one.page(f"{MINE}/do/refuse")
    said = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', page))
    await one.enter(hands.codes[second]["p2"])
    answer = await one.http.post(f"{MINE}/refuse", data=said)
    assert answer.status_code == 403
    assert "上一次进入时打开的" in answer.text
    assert 'href="/mediation/mine"' in answer.text
    for number, party in ((first, "p1"), (second, "p2")):
        assert (await hands.looks(party, number)).json()["state"] == "applied"
    copied = await hands.site.http.get(MINE, headers={**HTML, "Cookie": f"{keys.COOKIE}={before}"})
    assert copied.status_code == 403, "who types another code has left by it"


async def test_of_a_restricted_file_no_party_learns_anything(hands: Mediators) -> None:
    """Violence at home: that it was reported, that it is restricted, a home, a phone: nothing, on no page, in no file;
    a page that lay open hears of nothing."""
    who = [OPEN["parties"][0] | {"building_code": "E1-B01", "room": "302"}, OPEN["parties"][1]]
    number = await hands.opened(parties=who)
    await hands.does("community", number, "check")
    for party in ("p1", "p2"):
        await hands.does(party, number, "consent", {"how": "screen"})
        await hands.does(party, number, "notify-rights", {"how": "screen"})
    await hands.does("community", number, "accept")
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    _, two = await sides(hands, number)
    mark = re.search(r'news\?v=(\w+)"', await two.page())
    assert mark is not None
    before = await everything(two)
    await hands.does("wang", number, "flag-risk", {"risk": "domestic", "text": "丈夫动手,妻子住在娘家"})
    await hands.does(
        "wang", number, "report", {"body": "police", "at": hands.site.clock.now.isoformat(), "text": "已报"}
    )
    assert (await two.http.get(f"{MINE}/news?v={mark[1]}")).status_code == 204
    after = await everything(two)
    fresh = re.compile(r'(nonce=|name="(key|csrf)" value=|v=)"?[^"]*"|<time.*?</time>')
    assert fresh.sub("", after) == fresh.sub("", before), "not a letter is another one"
    for secret in ("保密", "暴力", "公安机关", "302", "13800000001", "娄秀兰", "娘家", "E1-B01"):
        assert secret not in after, secret


async def test_back_after_leaving_shows_nothing(site: Site, hands: Mediators) -> None:
    number = await hands.opened()
    async with browsing() as browser, window(browser, site.url) as seen:
        page = seen.page
        await enter(page, hands.codes[number]["p1"])
        await page.goto("/mediation/mine/do/refuse")
        await page.get_by_role("button", name="离开").click()
        await expect(page.get_by_text("已离开")).to_be_visible()
        await page.go_back()
        await expect(page.get_by_role("button", name="确定不同意")).to_have_count(0)
        await page.go_back()
        await expect(page.get_by_role("heading", name="办到哪一步")).to_have_count(0)


async def test_without_javascript_and_with_long_names(site: Site, hands: Mediators) -> None:
    """An agent of a very long name is named, a code is changed and all is left with plain forms."""
    number = await hands.opened(parties=[OPEN["parties"][0], OPEN["parties"][1] | {"name": LONG}])
    async with browsing() as browser, window(browser, site.url, "phone", script=False) as seen:
        page = seen.page
        await page.goto("/mediation")
        await page.get_by_label("调解查询码").fill(hands.codes[number]["p2"])
        await page.get_by_role("button", name="进入").click()
        await page.goto("/mediation/mine/do/empower")
        await page.get_by_label("代理人姓名").fill(LONG * 2)
        await page.get_by_label("和您是什么关系").fill("儿子,替我来谈" * 8)
        await page.get_by_label("特别授权").check()
        await page.get_by_role("button", name="委托").click()
        await page.wait_for_url("**/mediation/mine?said=empower")
        await expect(page.get_by_text(f"{LONG * 2}(特别授权)")).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        await page.get_by_role("link", name="换一个只有我知道的查询码").click()
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        code = await page.locator("input[name=code]").get_attribute("value")
        await page.get_by_label("我抄好了").check()
        await page.get_by_role("button", name="换成新码").click()
        await expect(page.get_by_text("查询码换好了")).to_be_visible()
        await page.get_by_role("button", name="离开", exact=True).click()
        await page.get_by_label("调解查询码").fill(str(code))
        await page.get_by_role("button", name="进入").click()
        await expect(page.get_by_role("heading", name="我的调解")).to_be_visible()


async def test_two_taps_on_a_slow_phone_are_one(hands: Mediators) -> None:
    number = await hands.opened()
    _, two = await sides(hands, number)
    page = await two.page(f"{MINE}/do/empower")
    said = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', page))
    said |= {"name": LONG, "text": "儿子,替我来谈", "special": "yes"}
    both = await asyncio.gather(*(two.http.post(f"{MINE}/empower", data=said) for _ in range(2)))
    assert {one.status_code for one in both} == {303}
    assert (await two.page()).count(f"{LONG}(特别授权)") == 1


async def test_the_code_of_an_ended_case_only_reads(hands: Mediators) -> None:
    number = await hands.opened()
    await hands.does("p2", number, "refuse", {"how": "screen"})
    one, two = await sides(hands, number)
    for side in (one, two):
        page = await side.page()
        assert "调解结束了" in page
        assert "停止调解</a>" not in page
        for command, said in (("stop", {}), ("consent", {"read": "yes"}), ("answer", {"matter": "open", "yes": "yes"})):
            answer = await side.does(command, **said)
            assert answer.status_code in (303, 409), (command, answer.text[:200])
    assert (await hands.looks("p1", number)).json()["sight"]["ended"] == "refused"
