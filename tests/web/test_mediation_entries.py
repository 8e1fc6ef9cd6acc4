"""Who came with a party's code: written down, told to the party, ended by it for whoever holds a copy."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from huiyin import review
from huiyin.bus.relay import SILENT
from huiyin.core import receipt as receipts
from huiyin.web.mediations.own import keys
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.test_mediation_own import HTML, MINE, Side, _open, sides

pytestmark = pytest.mark.usefixtures("city")
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36"}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> AsyncIterator[Mediators]:
    yield await Mediators(site, filer).sit(people)
    while _open:
        await _open.pop().aclose()


async def leaves(side: Side, **more: str) -> httpx.Response:
    mark = re.search(r'name="csrf" value="([^"]*)"', await side.page())
    assert mark is not None
    return await side.http.post("/mediation/leave", data={"csrf": mark[1], **more})


async def logged(admin: asyncpg.Connection, number: str, party: str) -> list[str]:
    rows = await admin.fetch(
        "SELECT step FROM log WHERE noun = 'entry' AND id = $1 ORDER BY version", f"{number}/{party}"
    )
    return [row[0] for row in rows]


async def test_who_leaves_has_left_for_every_copy_of_the_cookie(hands: Mediators, admin: asyncpg.Connection) -> None:
    """The Back button, a copied cookie, a form that lay open: none of them opens anything afterwards."""
    number = await hands.opened()
    one, _ = await sides(hands, number)
    copied, page = one.http.cookies[keys.COOKIE], await one.page(f"{MINE}/do/refuse")
    said = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', page))
    answer = await leaves(one)
    assert (answer.status_code, answer.headers["location"]) == (303, "/mediation?left=here")
    head = {**HTML, "Cookie": f"{keys.COOKIE}={copied}"}
    for path in (MINE, f"{MINE}/do/refuse", f"{MINE}/news?v=x", f"{MINE}/agreement.pdf"):
        assert (await hands.site.http.get(path, headers=head)).status_code == 403, path
    assert (await hands.site.http.post(f"{MINE}/refuse", data=said, headers=head)).status_code == 403
    assert (await hands.looks("p2", number)).json()["sight"]["ended"] is None
    assert await logged(admin, number, "p1") == ["entry.made.v1", "entry.left.v1"]


async def test_one_browser_leaves_and_the_other_stays_until_all_do(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await hands.opened()
    some = [Side(hands, number, "p1") for _ in range(3)]
    for side in some:
        await side.enter()
    other = Side(hands, number, "p2")
    await other.enter()
    await leaves(some[0])
    assert [(await side.http.get(MINE)).status_code for side in some] == [403, 200, 200]
    answer = await leaves(some[1], all="yes")
    assert answer.headers["location"] == "/mediation?left=all"
    assert "所有用您的查询码打开的页面都关上了" in (await some[1].http.get("/mediation?left=all")).text
    assert [(await side.http.get(MINE)).status_code for side in some] == [403, 403, 403]
    assert (await other.http.get(MINE)).status_code == 200, "of the other side nothing ends"
    assert await logged(admin, number, "p1") == [*["entry.made.v1"] * 3, "entry.left.v1", "entry.all_left.v1"]
    assert (await some[0].enter()).status_code == 303, "the code itself is as good as before"


async def test_a_party_reads_who_came_with_its_code(hands: Mediators) -> None:
    """Newest first, by phone, computer or program; of the other side's entries nothing."""
    number = await hands.opened()
    desk = Side(hands, number, "p1")
    await desk.enter()
    assert (await hands.looks("p1", number)).status_code == 200
    assert (await hands.looks("p1", number)).status_code == 200
    hands.site.clock.now += timedelta(hours=2)
    one = Side(hands, number, "p1")
    one.http.headers.update(PHONE)
    await one.enter()
    came = _came(await one.page())
    assert came == ["手机,就是这一次", "别的程序", "电脑或平板,没有按“离开”"], "a program once an hour"
    assert "所有地方都离开" in await one.page()
    await leaves(desk)
    assert _came(await one.page())[2] == "电脑或平板,已离开"
    assert "所有地方都离开" not in await one.page()
    two = Side(hands, number, "p2")
    await two.enter()
    assert _came(await two.page()) == ["电脑或平板,就是这一次"]
    for _ in range(5):
        await one.enter()
    page = await one.page()
    assert len(_came(page)) == 6
    assert "更早的还有 2 次" in page


def _came(page: str) -> list[str]:
    part = page.partition('id="came"')[2].partition("</ol>")[0]
    return re.findall(r"</time>([^<]*)</li>", part)


async def test_a_code_is_not_typed_without_end(hands: Mediators, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ENTRIES", 2)
    side = Side(hands, await hands.opened(), "p1")
    assert [(await side.enter()).status_code for _ in range(3)] == [303, 303, 429]


async def test_the_log_of_entries_is_a_chain_and_goes_out_on_no_bus(
    hands: Mediators, admin: asyncpg.Connection
) -> None:
    """No name, no address, no digit of the code."""
    number = await hands.opened()
    one, _ = await sides(hands, number)
    await leaves(one)
    bodies = [bytes(row[0]).decode() for row in await admin.fetch("SELECT body FROM log WHERE noun = 'entry'")]
    assert len(bodies) == 3
    code = hands.codes[number]["p1"]
    assert not [
        word for word in (code, code.replace("-", ""), "娄秀兰", "127.0.0.1", "httpx") if word in "".join(bodies)
    ]
    assert "entry" in SILENT
    assert (await review.verify(hands.site.room.engine)).whole


# -- a code that only the party has seen --------------------------------------------------------------------


async def changed(side: Side, **more: str) -> tuple[httpx.Response, str]:
    page = await side.page(f"{MINE}/code")
    said = dict(re.findall(r'name="(csrf|code|seal)" value="([^"]*)"', page))
    return await side.http.post(f"{MINE}/code", data=said | more), said["code"]


async def test_a_party_takes_a_code_that_nobody_else_has_seen(hands: Mediators, admin: asyncpg.Connection) -> None:
    """Whoever printed the slip comes in no more; this browser goes on; the log says so and has no digit of it."""
    number = await hands.opened()
    desk, (one, _) = Side(hands, number, "p1"), await sides(hands, number)
    await desk.enter()
    early, _ = await changed(one)
    assert early.status_code == 422, "not before it is written down"
    assert (await desk.http.get(MINE)).status_code == 200, "and nothing has changed yet"
    with capture_logs() as lines:
        answer, code = await changed(one, read="yes")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{MINE}?said=code")
    assert "查询码换好了" in await one.page(f"{MINE}?said=code")
    assert (await desk.http.get(MINE)).status_code == 403
    assert (await desk.enter()).status_code == 404, "the slip's is none any more"
    assert (await desk.enter(code)).status_code == 303
    rows = await admin.fetch("SELECT step, body FROM log WHERE noun = 'mediation' AND id = $1", number)
    assert rows[-1][0] == "mediation.code_renewed.v1"
    assert '"actor":"party:p1"' in bytes(rows[-1][1]).decode()
    text = "".join(bytes(row[1]).decode() for row in rows) + repr(lines) + repr(one.http.cookies)
    assert not [form for form in (code, code.replace("-", "")) if form in text]
    assert "换了新的查询码(凭查询码)" in await one.page()


async def test_no_code_of_ones_own_choosing(hands: Mediators) -> None:
    number = await hands.opened()
    one, two = await sides(hands, number)
    page = await one.page(f"{MINE}/code")
    said = dict(re.findall(r'name="(csrf|code|seal)" value="([^"]*)"', page)) | {"read": "yes"}
    for wrong in ({"code": receipts.show(7)}, {"seal": "0" * 32}, {"csrf": "0" * 32}):
        assert (await one.http.post(f"{MINE}/code", data=said | wrong)).status_code == 403
    theirs = dict(re.findall(r'name="(csrf)" value="([^"]*)"', await two.page(f"{MINE}/code")))
    assert (await two.http.post(f"{MINE}/code", data=said | theirs)).status_code == 403, "of another session"
    assert (await one.http.get(MINE)).status_code == 200


async def test_the_log_says_by_which_door_a_party_spoke(hands: Mediators) -> None:
    """Its own code, or somebody who recorded it: on the case's page, in its log, on the party's own page."""
    number = await hands.opened()
    await hands.does("community", number, "check")
    one, two = await sides(hands, number)
    await one.does("consent", read="yes")
    await hands.does("community", number, "consent", {"party": "p2", "how": "paper"})
    assert "您同意调解(凭查询码)" in await one.page()
    assert "您同意调解(由调解委员会办理)" in await two.page()
    await hands.does("community", number, "accept")
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    page = (await hands.site.http.get(f"/mediations/{number}", headers={**hands.heads["wang"], **HTML})).text
    assert "当事人甲同意调解(在线,凭查询码)" in page
    assert "当事人乙同意调解(书面,柳岸社区人民调解委员会登记)" in page
    await hands.does("wang", number, "stop", {"party": "p2", "how": "oral"})
    assert "调解结束(由调解员办理)" in await two.page()
    assert "调解结束(" not in await one.page(), "who of them it was is not told to the other"
