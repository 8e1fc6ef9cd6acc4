"""Patrol in a real browser: written down in a basement, sent once when the network is back, lost never."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import Browser, Route, expect

from tests.core.world import sorting
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site, until
from tests.web.walks import (
    FIRST,
    PASSWORD,
    PLACE,
    SECOND,
    enter,
    entries,
    filed,
    keep,
    kept_pictures,
    log_in,
    patrolling,
    write,
)

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as made:
        yield made


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_basement(site: Site, admin: asyncpg.Connection, people: People, browser: Browser, width: str) -> None:
    """Two findings without a network, the page opened anew each time; with it each is sent once, and by itself."""
    async with patrolling(browser, site, people, width) as seen:
        page = seen.page
        await accessible(page)
        await page.context.set_offline(True)
        await page.reload()
        await write(page, FIRST, "楼道堆放杂物", "消防通道被堵", pictures=2)
        await accessible(page)
        await keep(page)
        await page.reload()
        await expect(page.get_by_label("在哪里")).to_have_value(PLACE)  # the last one is remembered
        await write(page, SECOND, "井盖破损")
        await keep(page)
        await page.reload()
        await expect(page.locator("#line")).to_contain_text("现在没有网络")
        await expect(page.locator("[data-group=waiting] li")).to_have_count(2)
        await accessible(page)
        first, second = await entries(page)
        assert (first["state"], second["state"], len(first["pictures"])) == ("waiting", "waiting", 2)
        for picture in first["pictures"]:
            small = bytes(picture)
            assert small.startswith(b"\xff\xd8\xff")
            assert b"Exif" not in small
            assert b"GEHEIM" not in small
        assert not await filed(admin)
        await page.context.set_offline(False)
        await expect(page.locator("[data-group=sent] li")).to_have_count(2)
        one, two = await filed(admin)
        assert (one.text, two.text) == (
            f"巡查发现:消防通道被堵、楼道堆放杂物。\n{FIRST}",
            f"巡查发现:井盖破损。\n{SECOND}",
        )
        pictures = await kept_pictures(admin)
        assert len(pictures) == 2
        for picture in pictures:
            assert picture.startswith(b"\xff\xd8\xff")
            assert b"Exif" not in picture
            assert b"GEHEIM" not in picture
        assert (one.channel, one.place and one.place.building_code) == ("patrol", "E1-B01")
        for kept in await entries(page):  # of what was sent no word that was typed stays on the phone
            assert (kept["state"], kept["fields"], kept["pictures"]) == ("sent", [], [])
            assert FIRST not in str(kept)
        await page.reload()
        await expect(page.locator("[data-group=sent] li")).to_have_count(2)
        await accessible(page)
        assert len(await filed(admin)) == 2


async def test_an_answer_that_never_came(
    site: Site, admin: asyncpg.Connection, people: People, browser: Browser
) -> None:
    """The house has it, the phone does not know: sent again, and still one."""
    async with patrolling(browser, site, people) as seen:
        page, tries = seen.page, 0

        async def cut(route: Route) -> None:
            nonlocal tries
            tries += 1
            if tries > 1:
                await route.continue_()
                return
            await route.fetch()
            assert await _has(admin, 1)
            await route.abort("connectionreset")

        await page.context.route("**/patrol/findings", cut)
        await write(page, FIRST)
        await keep(page)
        await until(lambda: _is(tries))
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        assert tries == 2
        assert await _has(admin, 1)


class Broken:
    """What stands between the phone and the house, until it is over."""

    def __init__(self, status: int, body: str) -> None:
        self._status, self._body, self.over = status, body, False

    async def __call__(self, route: Route) -> None:
        if self.over:
            await route.continue_()
        else:
            await route.fulfill(status=self._status, body=self._body)


async def _has(admin: asyncpg.Connection, count: int) -> bool:
    return len(await filed(admin)) == count


@pytest.mark.parametrize(("status", "body"), [(503, "{}"), (500, "x"), (200, "<html>hotel wifi</html>"), (429, "{}")])
async def test_what_is_no_answer_of_ours_is_waited_out(
    site: Site, people: People, browser: Browser, status: int, body: str
) -> None:
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        broken = Broken(status, body)
        await page.context.route("**/patrol/findings", broken)
        await write(page, FIRST)
        await keep(page)
        await expect(page.locator("#line")).to_contain_text("稍后自动再试")
        assert (await entries(page))[0]["state"] == "waiting"
        broken.over = True
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)


async def test_an_ended_session_is_said_and_nothing_lost(
    site: Site, admin: asyncpg.Connection, people: People, browser: Browser
) -> None:
    """The page from the phone's memory has an old mark; after the login what waited goes by itself."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await page.context.set_offline(True)
        await page.reload()
        await write(page, FIRST)
        await keep(page)
        await admin.execute("UPDATE sessions SET ended_at = now()")
        await page.context.set_offline(False)
        await expect(page.locator("#login")).to_be_visible()
        await accessible(page)
        assert not await filed(admin)
        await page.get_by_role("link", name="重新登录").click()
        await enter(page)
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        assert len(await filed(admin)) == 1


async def test_another_account_never_sends_it(
    site: Site, admin: asyncpg.Connection, people: People, browser: Browser
) -> None:
    """A shared phone: who is logged in sees that something waits, not what; it goes when its own is back."""
    await people.make("community", "community:990101001001", PASSWORD)
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await page.context.set_offline(True)
        await page.reload()
        await write(page, FIRST, pictures=1)
        await keep(page)
        await page.context.clear_cookies()
        await page.context.set_offline(False)
        await expect(page.locator("#login")).to_be_visible()
        await page.goto("/login?next=/desk")
        await enter(page, "community-community:990101001001")
        await until(lambda: page.evaluate("caches.has('huiyin-patrol').then((has) => !has)"))
        await page.goto("/patrol")
        await expect(page.locator("#others")).to_contain_text("本机还有别的账号的 1 件没有发送")
        assert "配电间" not in await page.content()
        await write(page, SECOND)
        await keep(page)
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        assert [one.text for one in await filed(admin)] == [SECOND]
        await page.context.clear_cookies()
        await log_in(page)
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        assert [one.text for one in await filed(admin)] == [SECOND, FIRST]


async def test_sent_back_mended_and_deleted(
    site: Site, admin: asyncpg.Connection, people: People, browser: Browser
) -> None:
    """What the house refuses says why; mended it goes, deleted it is gone after a question."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await page.locator("#text").evaluate("(box) => box.removeAttribute('maxlength')")
        for text in ("长" * 4_001, "另" * 4_001):
            await write(page, text, pictures=1)
            await keep(page)
        rows = page.locator("[data-group=returned] li")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("没有收下:文字太长:最多 4000 字")
        await accessible(page)
        await rows.first.get_by_role("button", name="删除").click()
        await page.get_by_role("button", name="不删除").click()
        await expect(rows).to_have_count(2)
        await rows.first.get_by_role("button", name="删除").click()
        await accessible(page)
        await page.locator("#drop-yes").click()
        await expect(rows).to_have_count(1)
        await rows.first.get_by_role("button", name="修改后再发").click()
        await expect(page.get_by_label("发现了什么")).to_have_value("长" * 4_001)
        await expect(page.locator("[data-shots] canvas")).to_have_count(1)
        await expect(rows).to_have_count(0)
        await page.reload()  # what is being mended is not lost either
        await expect(page.get_by_label("发现了什么")).to_have_value("长" * 4_001)
        await page.get_by_label("发现了什么").fill(SECOND)
        await keep(page)
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        assert [one.text for one in await filed(admin)] == [SECOND]


@pytest.mark.parametrize("busy", [False, True])
async def test_two_windows_send_it_once(
    site: Site, admin: asyncpg.Connection, people: People, browser: Browser, busy: bool
) -> None:
    """Windows take turns: what the house has from one the other does not send again; what a busy house did not
    take (503), though it may have it all the same, it does."""
    async with patrolling(browser, site, people) as seen:
        page, answers, first = seen.page, [], busy
        await page.context.set_offline(True)
        await write(page, FIRST)
        await keep(page)
        other = await page.context.new_page()
        await other.goto("/patrol")
        await expect(other.locator("[data-group=waiting] li")).to_have_count(1)

        async def late(route: Route) -> None:
            nonlocal first
            if not first:
                await route.continue_()
                return
            first = False
            await route.fetch()
            await route.fulfill(status=503, body="{}")

        await page.context.route("**/patrol/findings", late)
        page.context.on("response", lambda one: answers.append(one.status) if one.request.method == "POST" else None)
        await page.context.set_offline(False)
        for one in (page, other):
            await expect(one.locator("[data-group=sent] li")).to_have_count(1)
        assert len(await filed(admin)) == 1
        # Under load the house itself may be busy: whoever's turn is next tries again, until it is taken.
        assert [answer < 300 for answer in answers] == [False] * (len(answers) - 1) + [True]
        assert not busy or answers[0] == 503


async def test_an_entry_of_an_older_form(
    site: Site, admin: asyncpg.Connection, people: People, browser: Browser
) -> None:
    """Written down by the page of another day, sent by the page of today."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await page.evaluate(
            "([text, place]) => patrol.put({id: crypto.randomUUID(), account: document.getElementById('patrol')"
            ".dataset.account, state: 'waiting', form: '1', at: Date.now() - 86400000, pictures: [],"
            " fields: [['words', text], ['building', place], ['done', '已劝导']]})",
            [SECOND, PLACE],
        )
        await page.reload()
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        (one,) = await filed(admin)
        assert (one.text, one.place and one.place.building_code) == (f"{SECOND}\n现场已处理:已劝导", "E1-B01")


async def test_leaving(site: Site, admin: asyncpg.Connection, people: People, browser: Browser) -> None:
    """Who logs out is told what still waits; the page and what was sent go from the phone, what waits stays."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await write(page, FIRST)
        await keep(page)
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        broken = Broken(503, "{}")
        await page.context.route("**/patrol/findings", broken)
        await write(page, SECOND)
        await keep(page)
        await expect(page.locator("#line")).to_contain_text("稍后自动再试")
        await page.locator(".me summary").click()
        await page.get_by_role("button", name="退出登录").click()
        await expect(page.locator("#leaving")).to_contain_text("还有 1 件巡查没有发送")
        await accessible(page)
        await page.get_by_role("button", name="先不退出").click()
        await page.get_by_role("button", name="退出登录").click()
        await page.get_by_role("button", name="仍然退出").click()
        await expect(page).to_have_url(f"{site.url}/login")
        assert not await page.evaluate("caches.has('huiyin-patrol')")
        broken.over = True
        await log_in(page)
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        assert [one.text for one in await filed(admin)] == [FIRST, SECOND]


async def test_it_is_followed_to_its_ticket(
    site: Site, admin: asyncpg.Connection, filer: Filer, people: People, browser: Browser
) -> None:
    """Once the sorter has it: to the ticket where this post may see it, else its number."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        for text, kind in ((FIRST, "渗水漏水"), (SECOND, "井盖破损")):
            await write(page, text, kind)
            await keep(page)
        await expect(page.locator("[data-group=sent] li")).to_have_count(2)
        rows = await admin.fetch(
            "SELECT d.event_id, d.source FROM doorstep d JOIN vault.waiting w USING (event_id) ORDER BY w.seq"
        )
        mine = await filer.file(sorting("B01"), "none", rows[0]["event_id"], rows[0]["source"])
        hidden = await filer.file(sorting("B01"), "grid_or_community_staff", rows[1]["event_id"], rows[1]["source"])
        await page.reload()
        await expect(page.get_by_role("link", name=mine)).to_have_attribute("href", f"/tickets/{mine}")
        await expect(page.locator("[data-group=sent] li", has_text="井盖破损")).to_contain_text(hidden)
        await expect(page.get_by_role("link", name=hidden)).to_have_count(0)


async def test_begun_and_not_lost(site: Site, people: People, browser: Browser) -> None:
    """The phone closes the browser while the camera is open: the words, choices and pictures are there again."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await write(page, FIRST, "飞线充电", pictures=1)
        await until(lambda: page.evaluate("patrol.all().then((all) => all.some((one) => one.pictures.length === 1))"))
        await page.reload()
        await expect(page.get_by_label("发现了什么")).to_have_value(FIRST)
        await expect(page.get_by_label("飞线充电")).to_be_checked()
        await expect(page.locator("[data-shots] canvas")).to_have_count(1)
        await page.get_by_role("button", name="去掉第 1 张照片").click()
        await expect(page.locator("[data-shots] canvas")).to_have_count(0)


# The first picture that is read takes until `window.held()` is called.
_SLOW = """() => {
  const read = Blob.prototype.arrayBuffer;
  Blob.prototype.arrayBuffer = function () {
    if (window.held) return read.call(this);
    return new Promise((done) => { window.held = () => read.call(this).then(done); });
  };
}"""


async def test_a_draft_that_is_late_does_not_come_back(site: Site, people: People, browser: Browser) -> None:
    """Written down while the draft of it is still being read: it is not there again afterwards."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await page.context.set_offline(True)
        await page.evaluate(_SLOW)
        await write(page, FIRST, "井盖破损", pictures=1)
        await until(lambda: page.evaluate("Boolean(window.held)"))
        await page.get_by_role("button", name="记下并发送").click()
        await page.evaluate("Promise.all([1, 2, 3].map(() => patrol.all()))")  # who does not wait for it is through
        await page.evaluate("window.held()")
        await expect(page.locator("[data-group=waiting] li")).to_have_count(1)
        await expect(page.get_by_label("发现了什么")).to_have_value("")
        states = await page.evaluate("patrol.all().then((all) => all.map((one) => one.state))")
        assert states == ["waiting"]
        await page.reload()
        await expect(page.locator("#finding[data-kept]")).to_be_visible()
        await expect(page.get_by_label("井盖破损")).not_to_be_checked()


async def test_only_the_page_is_kept(site: Site, people: People, browser: Browser) -> None:
    """No answer of the interface and no other page lies in the phone's memory; the files are those of the page."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await page.goto("/r")
        await page.goto("/patrol")
        await write(page, FIRST)
        await keep(page)
        await expect(page.locator("[data-group=sent] li")).to_have_count(1)
        kept = await page.evaluate(
            "async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name))"
            ".keys()).map((asked) => asked.url.slice(location.origin.length))))).flat()"
        )
        assert "/patrol" in kept
        assert all(one == "/patrol" or (one.startswith("/static/") and "?v=" in one) for one in kept)
        html = await page.evaluate("caches.match('/patrol').then((one) => one.text())")
        assert all(one in html for one in kept if one != "/patrol")
        await page.evaluate("caches.open('huiyin-patrol').then((c) => c.put('/static/old.js?v=1', new Response('x')))")
        await page.reload()
        gone = "caches.open('huiyin-patrol').then((c) => c.match('/static/old.js?v=1')).then((one) => !one)"
        await until(lambda: page.evaluate(gone))


async def test_without_javascript(site: Site, admin: asyncpg.Connection, people: People, browser: Browser) -> None:
    await people.make("grid_worker", "grid:990101001001001", PASSWORD)
    async with window(browser, site.url, script=False) as seen:
        page = seen.page
        await page.goto("/patrol")
        await enter(page)
        await page.get_by_label("电梯故障").check()
        await page.get_by_label("在哪里").fill(PLACE)
        await page.get_by_role("button", name="记下并发送").click()
        await expect(page.get_by_role("heading", name="收到了")).to_be_visible()
        (one,) = await filed(admin)
        assert one.text == "巡查发现:电梯故障。"


async def test_sent_by_the_browser_with_no_window_open(
    site: Site, admin: asyncpg.Connection, people: People, browser: Browser
) -> None:
    """Where the browser has Background Sync the worker sends: nothing of the page is open."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await page.context.set_offline(True)
        await write(page, FIRST, pictures=1)
        await keep(page)
        await page.goto("about:blank")
        assert not await filed(admin)
        tool = await page.context.new_cdp_session(page)
        known: list[str] = []
        tool.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda told: known.extend(one["registrationId"] for one in told["registrations"]),
        )
        await page.context.set_offline(False)
        await tool.send("ServiceWorker.enable")
        await until(lambda: _is(known))
        asked = {"origin": site.url, "registrationId": known[0], "tag": "huiyin-patrol", "lastChance": False}
        await tool.send("ServiceWorker.dispatchSyncEvent", asked)
        await until(lambda: _has(admin, 1))
        assert len(await kept_pictures(admin)) == 1


async def _is(fact: object) -> bool:
    return bool(fact)


async def test_pressed_twice_it_is_one(site: Site, people: People, browser: Browser) -> None:
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await page.context.set_offline(True)
        await write(page, FIRST)
        await page.evaluate("[1, 2].forEach(() => document.getElementById('finding').requestSubmit())")
        await expect(page.locator("[data-group=waiting] li")).not_to_have_count(0)
        await page.reload()
        await expect(page.locator("[data-group=waiting] li")).to_have_count(1)
        assert len(await entries(page)) == 1
        await expect(page.locator("#finding-wrong")).to_be_hidden()


async def test_nothing_is_not_kept(site: Site, people: People, browser: Browser) -> None:
    """An empty finding is said at once, next to the form, and keyboard and screen reader are taken there."""
    async with patrolling(browser, site, people) as seen:
        page = seen.page
        await write(page, "  ")
        await page.get_by_role("button", name="记下并发送").click()
        await expect(page.get_by_role("alert")).to_contain_text("请写下发现了什么")
        await expect(page.get_by_label("发现了什么")).to_be_focused()
        assert not await entries(page)
