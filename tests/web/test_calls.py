"""A department's days in a real browser: called (live), there, answered, sent back; also without JavaScript."""

import asyncio
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
from tests.web.everywhere import become
from tests.web.hostile import ALL, CORPUS
from tests.web.test_live import listening, viewer
from tests.web.test_whistle_page import HTML, given, plain, see
from tests.web.walks import photo
from tests.web.whistlers import BLOW, CITY, FIRE, POLICE, Whistlers

pytestmark = pytest.mark.usefixtures("city")
MISSING = "通道口还有两箱没有清走,请清完再答复"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    return await Whistlers(site, filer).sit(people)


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


# -- over plain HTTP --------------------------------------------------------------------------------------


async def test_the_desk_of_a_department_is_its_inbox(hands: Whistlers) -> None:
    answer = await hands.site.http.get("/desk", headers=hands.heads["city"] | HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls")
    page = await see(hands, "city", "/calls")
    assert 'href="/calls" aria-current="page"' in page
    assert not [one for one in ("/tickets", "/desk", "/patrol") if f'<li><a href="{one}"' in page]
    assert "现在没有派给本部门的哨" in page
    assert "还没有结哨的" in await see(hands, "city", "/calls?tab=closed")
    for who in ("street", "community", "auditor"):
        await see(hands, who, "/calls", 403)


async def test_the_most_urgent_first_and_only_ones_own(hands: Whistlers) -> None:
    daily = await hands.called()
    fast = await hands.called(kind="emergency", apart="另一件事")
    other = await hands.called(apart="第三件事", asks=[{"department": POLICE, "text": "请公安来"}])
    page = await see(hands, "city", "/calls")
    assert page.index(fast) < page.index(daily)
    assert other not in page
    assert '待办&nbsp;<span class="count">2</span>' in page
    assert page.count('/acknowledge"') == 2
    await given(hands, "city", f"/whistles/{fast}/acknowledge", {})
    page = await see(hands, "city", "/calls/list")
    assert f"/whistles/{fast}/do/arrive" in page, "what comes next"
    assert f"/whistles/{fast}/do/acknowledge" not in page, "who comes is named"
    await hands.does("street", daily, "cancel", {"reason": "settled"})
    assert daily not in await see(hands, "city", "/calls")
    assert daily in await see(hands, "city", "/calls?tab=closed")


async def test_pages_of_an_inbox(hands: Whistlers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huiyin.web.staff.whistles.calls.LIMIT", 2)
    numbers = [await hands.called(apart=f"第 {n} 件") for n in range(3)]
    first = await see(hands, "city", "/calls")
    (after,) = [one.partition('"')[0] for one in first.split("cursor=")[1:] if "-SH" in one]
    second = await see(hands, "city", f"/calls?tab=open&cursor={after}")
    shown = [[one for one in numbers if f'data-number="{one}"' in page] for page in (first, second)]
    assert sorted(map(len, shown)) == [1, 2]
    assert sorted(one for page in shown for one in page) == numbers
    assert (await hands.site.http.get("/calls?cursor=x", headers=hands.heads["city"])).status_code == 400


async def test_words_are_never_code(hands: Whistlers) -> None:
    """What a street writes for a department, and back, stands as it was written."""
    asks = [{"department": CITY, "text": ALL}]
    number = await hands.called(asks=asks, text=ALL)
    await hands.does("city", number, "acknowledge")
    await hands.does("city", number, "object", {"reason": "other", "text": ALL})
    await hands.does("city", number, "progress", {"text": ALL})
    for who, path in (
        *((who, f"/whistles/{number}") for who in ("street", "city", "auditor")),
        ("city", "/calls"),
        ("second", f"/whistles/{number}/do/rule"),
    ):
        page = await see(hands, who, path)
        assert "<script data-xss" not in page, (who, path)
        assert "<img data-xss" not in page, (who, path)
        assert "&lt;script data-xss&gt;" in page, (who, path)


async def test_words_in_a_browser(hands: Whistlers, browser: Browser) -> None:
    number = await hands.called(asks=[{"department": CITY, "text": ALL}], text=ALL)
    async with window(browser, hands.site.url, "phone") as seen:
        for who, path in (("city", "/calls"), ("", f"/whistles/{number}"), ("street", f"/whistles/{number}")):
            if who:
                await become(seen.page, hands.site, who)
            await seen.page.goto(path)
            assert await seen.page.locator("[data-xss]").count() == 0
            said = " ".join(" ".join(await seen.page.locator("p.said, p.task").all_text_contents()).split())
            assert all(" ".join(word.split()) in said for word in CORPUS), path


# -- live -------------------------------------------------------------------------------------------------


async def _happen(site: Site, *numbers: str) -> None:
    client = site.room.bell._client
    assert client is not None
    for number in numbers:
        await client.publish("huiyin.event.whistle.called.-", b"{}", headers={"Nats-Msg-Id": f"whistle-{number}-2"})
    await client.flush()


async def test_told_of_ones_own_whistles_only(hands: Whistlers) -> None:
    """By place, by call, or not at all; what goes away is told once."""
    mine = await hands.called()
    other = await hands.called(apart="另一件事", asks=[{"department": POLICE, "text": "请公安来"}])
    site = hands.site
    called = viewer("department", "all", CITY)  # a scope says nothing of whistles
    async with listening(site, called, mine, whistles="called") as ear:
        await _happen(site, other, "SH999999999", mine)
        assert await ear.heard() == [mine]
        await hands.does("city", mine, "object", {"reason": "other-department", "text": "属公安"})
        await hands.does("second", mine, "rule", {"department": CITY, "upheld": True, "to": FIRE})
        await _happen(site, other, mine)
        assert await ear.heard() == [mine], "it went out of sight"
    async with listening(site, viewer("street", "street:990101002", "street:990101002"), whistles="place") as ear:
        await _happen(site, mine, other)
        ticket = await hands.file("B04")
        await _ticket(site, ticket)
        async with listening(site, viewer("registrar", "all", "registrar:1")) as deaf:
            await _happen(site, mine)
            await _ticket(site, ticket)
            assert await deaf.heard() == [ticket], "whose pages show no whistles hears of none"


async def _ticket(site: Site, number: str) -> None:
    client = site.room.bell._client
    assert client is not None
    await client.publish("huiyin.event.ticket.signed.-", b"{}", headers={"Nats-Msg-Id": f"ticket-{number}-2"})
    await client.flush()


def test_who_hears_of_which() -> None:
    from huiyin.core.people import ROLES
    from huiyin.web.staff.streams import whistles

    told = {role: whistles(viewer(role, "all", "x:1")) for role in ROLES}
    assert {role for role, which in told.items() if which} == {"community", "street", "auditor", "department"}
    assert told["department"] == "called"
    assert told["street"] == "place"


# -- in a browser -----------------------------------------------------------------------------------------


async def _by(page: Page, name: str, title: str) -> None:
    """To an order's form, wherever it waits."""
    found = page.locator("#whistle").get_by_role("link", name=name, exact=True)
    for box in await page.locator("#whistle [aria-labelledby=more] details").all():
        if await box.get_attribute("open") is None and not await found.is_visible():
            await box.locator("summary").click()
    await found.click()
    await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    await accessible(page)


@pytest.mark.usefixtures("relay")
@pytest.mark.parametrize("width", WIDTHS)
async def test_a_department_s_day(hands: Whistlers, browser: Browser, width: str) -> None:
    """Called while it looks; acknowledges, arrives with a picture and a position, answers; sent back, answers again."""
    async with window(browser, hands.site.url, width) as seen:
        page = seen.page
        await page.context.grant_permissions(["geolocation"])
        await page.context.set_geolocation({"latitude": 31.23, "longitude": 121.47, "accuracy": 12})
        await become(page, hands.site, "city")
        await page.goto("/calls")
        await expect(page.get_by_text("现在没有派给本部门的哨")).to_be_visible()
        await accessible(page)
        number = await hands.called(kind="enforcement", lat=31.23, lon=121.47)
        await expect(page.locator(f'[data-number="{number}"]')).to_be_visible()
        await accessible(page)
        await page.get_by_role("button", name="接哨").click()
        await expect(page.locator(".stages tbody tr")).to_contain_text("已接哨,按时")
        await accessible(page)
        await _by(page, "到场报到", "到场报到")
        await page.get_by_role("button", name="用当前位置").click()
        await expect(page.get_by_text("已取得位置,误差约 12 米")).to_be_visible()
        shot = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": photo(1200, 900)}
        await page.locator("#picture").set_input_files([shot])  # type: ignore[list-item]
        await expect(page.locator("[data-shots] canvas")).to_have_count(1)
        await page.get_by_role("button", name="报到", exact=True).click()
        await expect(page.locator(".stages tbody tr")).to_contain_text("到场属实,按时")
        await expect(page.locator(".pictures img")).to_have_count(1)
        await _answered(page, hands, number)
        assert all(one.startswith(hands.site.url) for one in seen.referers)


async def _answered(page: Page, hands: Whistlers, number: str) -> None:
    await _by(page, "办结答复", "办结答复")
    await page.get_by_role("button", name="发出答复").click()
    await expect(page.locator("#contacted-wrong")).to_be_visible()
    await page.get_by_label("现场人员").check()
    await page.get_by_label("做了什么").fill("当场清走八箱,责令改正")
    await page.get_by_label("还有一部分没有办完").check()
    await page.get_by_role("button", name="发出答复").click()
    await expect(page.locator("#by_when-wrong")).to_be_visible()
    await expect(page.get_by_label("做了什么")).to_have_value("当场清走八箱,责令改正")
    await page.get_by_label("已经办结").check()
    await expect(page.locator('[data-field="by_when"]')).to_be_hidden()
    await page.get_by_role("button", name="发出答复").click()
    await expect(page.locator(".state")).to_have_text("已答复,待核验")
    await hands.does("street", number, "return", {"text": MISSING})
    await expect(page.locator("#whistle")).to_contain_text(MISSING)
    await expect(page.locator("#whistle .notice.warn").first).to_contain_text("退回重办,第 1 次")
    await accessible(page)
    await _by(page, "办结答复", "办结答复")
    await page.get_by_label("现场人员").check()
    await page.get_by_label("做了什么").fill("两箱也清走了")
    await page.get_by_label("已经办结").check()
    await page.get_by_role("button", name="发出答复").click()
    await expect(page.locator(".timeline li").first).to_contain_text("两箱也清走了")


@pytest.mark.usefixtures("relay")
async def test_two_departments_and_the_street(hands: Whistlers, browser: Browser) -> None:
    """One objects, the street rules while its page is open; the other answers, the lead reads it at once."""
    asks = [{"department": CITY, "text": "请查处", "lead": True}, {"department": POLICE, "text": "请维持秩序"}]
    number = await hands.called(asks=asks)
    path = f"/whistles/{number}"
    async with window(browser, hands.site.url, "phone") as lead, window(browser, hands.site.url, "desk") as street:
        await become(lead.page, hands.site, "city")
        await become(street.page, hands.site, "second")
        await lead.page.goto(path)
        await street.page.goto(path)
        await accessible(street.page)
        await _by(lead.page, "提出职责异议", "提出职责异议")
        await lead.page.get_by_label("不属本部门职责").check()
        await lead.page.get_by_label("依据和说明").fill("依据三定方案")
        await lead.page.get_by_role("button", name="提出异议").click()
        await expect(lead.page.locator(".stages")).to_contain_text("异议待裁定")
        await expect(street.page.locator(".first")).to_contain_text("裁定职责异议")
        await _by(street.page, "裁定职责异议", "裁定职责异议")
        await expect(street.page.locator("blockquote")).to_have_text("依据三定方案")
        await street.page.get_by_label("不成立").check()
        await expect(street.page.locator('[data-field="to"]')).to_be_hidden()
        await street.page.get_by_role("button", name="裁定", exact=True).click()
        await expect(lead.page.locator(".stages")).to_contain_text("裁定由其负责")
        await hands.does("police", number, "acknowledge")
        await hands.does("police", number, "answer", {"text": "秩序已维持"})
        await expect(lead.page.locator(".timeline")).to_contain_text("秩序已维持")
        await expect(street.page.locator(".stages")).to_contain_text("已反馈主办")


async def test_without_javascript(hands: Whistlers, browser: Browser) -> None:
    number = await hands.called(kind="emergency")
    async with window(browser, hands.site.url, "phone", script=False) as seen:
        page = seen.page
        await become(page, hands.site, "city")
        await page.goto("/calls")
        await page.get_by_role("button", name="接哨").click()
        await page.get_by_role("link", name="到场报到").click()
        await expect(page.get_by_role("button", name="用当前位置")).to_be_hidden()
        shot = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": photo(800, 600)}
        await page.locator("#picture").set_input_files([shot])  # type: ignore[list-item]
        await page.get_by_role("button", name="报到", exact=True).click()
        await expect(page.locator(".stages tbody tr")).to_contain_text("到场属实")
        await page.get_by_role("link", name="办结答复").click()
        await page.get_by_label("现场人员").check()
        await page.get_by_label("做了什么").fill("当场处置完毕")
        await page.get_by_label("已经办结").check()
        await page.get_by_role("button", name="发出答复").click()
        await expect(page.locator(".state")).to_have_text("已答复,待核验")
        assert "当场处置完毕" in plain(await see(hands, "street", f"/whistles/{number}"))


__all__ = ["BLOW"]
