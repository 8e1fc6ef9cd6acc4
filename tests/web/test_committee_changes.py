"""What changed in a committee's office: who reads it and as far as they may, taken away and back by form."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from huiyin.core.calendar import local
from huiyin.store.database import connect
from tests.conftest import Database
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.hands import COMMUNITY
from tests.web.mediators import Mediators
from tests.web.test_mediation_committee import AT, booked, planned, read, said, saved, words

pytestmark = pytest.mark.usefixtures("city")

PATH = f"/review/committees/{COMMUNITY}/residents"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


def term(hands: Mediators, **more: Any) -> dict[str, str]:
    today = local(hands.site.clock.now)
    return {"since": f"{today - timedelta(days=100)}", "until": f"{today + timedelta(days=800)}", **more}


async def full(hands: Mediators) -> str:
    """A member, a room that a session has, a day of duty; the case's number."""
    await saved(hands, "community", f"{AT}/members", username="wang", chair="yes", **term(hands))
    await saved(hands, "community", f"{AT}/rooms", called="老娘舅调解室", seats="8")
    number = await planned(hands)
    room = await hands.site.room.ask(lambda c: c.scalar(text("SELECT room FROM mediation_rooms")))
    await saved(hands, "wang", f"{AT}/bookings", number=number, session="1", room=str(room))
    person = await hands.person("wang")
    await saved(hands, "community", f"{AT}/roster", day="2026-12-08", person=person)
    await saved(hands, "community", f"{AT}/specialities", person=person, best=["A", "P"])
    return number


async def test_who_reads_what_changed(hands: Mediators, people: People) -> None:
    number, person = await full(hands), await hands.person("wang")
    desk = words(await read(hands, "community", PATH))
    for told in ("登记调解委员会,案号简称“柳岸”", "登记主任wang", "启用调解室“老娘舅调解室”,8 座",
                 f"给 {number} 的第 1 次调解会订调解室“老娘舅调解室”", "值班:wang", "的专长", "共 6 步"):  # fmt: skip
        assert told in desk, told
    assert desk.index("专长") < desk.index("登记调解委员会,"), "newest first"
    street = words(await read(hands, "street", PATH))
    assert "登记主任wang" in street
    assert "给一件调解的第 1 次调解会" in street
    assert number not in street
    auditor = words(await read(hands, "auditor", PATH))
    assert f"登记主任 {person} " in auditor
    for told in ("wang", "老娘舅", number):
        assert told not in auditor, told
    for who in ("wang", "grid", "property"):
        assert (await read(hands, who, PATH)).status_code == 403, who
    assert (await read(hands, "community2", PATH)).status_code == 404
    for role in ("street", "auditor"):
        hands.heads["elsewhere"] = await people.seat(f"far-{role}", role, f"{role}:990101002", "street:990101002")
        assert (await read(hands, "elsewhere", PATH)).status_code == 404, role
        assert "柳岸" not in words(await read(hands, "elsewhere", "/review?c=")), role
    for path in (PATH.replace("residents", "street"), PATH.replace(COMMUNITY, "nowhere"), f"{PATH}?before=x"):
        assert (await read(hands, "community", path)).status_code in (400, 404), path
    for who, listed in (("community", True), ("street", True), ("auditor", True), ("community2", False)):
        assert ("柳岸社区人民调解委员会" in (await read(hands, who, "/review?c=柳岸")).text) is listed, who
    assert PATH in (await read(hands, "community")).text
    assert PATH not in (await read(hands, "wang")).text


async def test_it_is_read_page_by_page(hands: Mediators) -> None:
    for n in range(45):
        await saved(hands, "community", f"{AT}/rooms", called=f"调解室{n}", seats=str(n + 1))
    first = words(await read(hands, "community", PATH))
    assert ("“调解室44”" in first, "“调解室4”" in first) == (True, False)
    assert "共 46 步" in first
    assert "日志链完整" in first, "it goes on from what is on no page"
    assert "更早的" in first
    later = words(await read(hands, "community", f"{PATH}?before=7"))
    assert ("“调解室4”" in later, "“调解室44”" in later) == (True, False)
    assert "登记调解委员会," in later
    assert "日志链完整" in later
    assert "更早的" not in later
    assert "回到最近" in later


async def test_where_it_was_changed_by_hand_the_page_says_so(hands: Mediators, database: Database) -> None:
    await full(hands)
    owner = connect(database.owner_url, name="owner")
    async with owner.begin() as connection:
        await connection.execute(text("ALTER TABLE log DISABLE TRIGGER USER"))
        await connection.execute(text("UPDATE log SET body = '{}' WHERE noun = 'committee' AND version = 3"))
    await owner.dispose()
    page = words(await read(hands, "community", PATH))
    assert "第 3 步:内容被改动过" in page
    assert "日志链完整" not in page
    assert "登记主任wang" in page, "the others are still told"


# -- taken away and back ----------------------------------------------------------------------------------


async def test_a_member_entered_by_mistake_goes_and_comes_back(hands: Mediators) -> None:
    person, dates = await hands.person("li"), term(hands)
    await saved(hands, "community", f"{AT}/members", username="li", woman="yes", **dates)
    gone = {"person": person, "since": dates["since"]}
    assert (await said(hands, "wang", f"{AT}/members/remove", **gone)).status_code == 403
    assert (await said(hands, "community2", f"{AT}/members/remove", **gone)).status_code == 404
    assert (await said(hands, "community", f"{AT}/members/forget", **gone)).status_code == 404
    await saved(hands, "community", f"{AT}/members/remove", **gone)
    page = await read(hands, "community")
    assert "移除过的任期(1)" in words(page)
    assert "还没有登记委员" in page.text
    assert "移除过的任期" not in words(await read(hands, "wang"))
    await saved(hands, "community", f"{AT}/members/restore", **gone)
    page = await read(hands, "community")
    assert "移除过的任期" not in words(page)
    assert "妇女委员" in words(page)
    log = words(await read(hands, "community", PATH))
    assert log.count("登记委员li") == 2
    assert "移除li从" in log


async def test_whoever_mediates_open_cases_is_not_taken_off(hands: Mediators) -> None:
    await full(hands)
    gone = {"person": await hands.person("wang"), "since": term(hands)["since"]}
    answer = await said(hands, "community", f"{AT}/members/remove", **gone)
    assert answer.status_code == 409
    assert "还有 1 件没有办完的调解,请先在案件里另行指派" in answer.text
    assert "移除" not in words(await read(hands, "community", PATH))


async def test_a_room_is_closed_once_nothing_is_to_be_held_there(hands: Mediators) -> None:
    number = await full(hands)
    ((room, _),) = await booked(hands)
    held = await said(hands, "community", f"{AT}/rooms/close", room=room)
    assert (held.status_code, "还约了 1 次调解会" in held.text) == (409, True)
    assert (await said(hands, "wang", f"{AT}/rooms/close", room=room)).status_code == 403
    assert (await said(hands, "community2", f"{AT}/rooms/close", room=room)).status_code == 404
    await saved(hands, "wang", f"{AT}/bookings/release", number=number, session="1")
    await saved(hands, "community", f"{AT}/rooms/close", room=room)
    page = words(await read(hands, "community", f"{AT}/rooms"))
    assert "停用了的调解室(1)" in page
    late = await said(hands, "wang", f"{AT}/bookings", number=number, session="1", room=room)
    assert late.status_code == 409
    await saved(hands, "community", f"{AT}/rooms/reopen", room=room)
    assert "停用了的调解室" not in words(await read(hands, "community", f"{AT}/rooms"))
    log = words(await read(hands, "community", PATH))
    assert f"退订 {number} 第 1 次调解会" in log
    assert "停用调解室“老娘舅调解室”" in log


async def test_a_party_s_new_code_stands_in_the_log_of_its_case(hands: Mediators) -> None:
    number = await full(hands)
    path = f"/api/v1/mediations/{number}/parties/p2/code"
    answer = await hands.site.http.post(path, headers=hands.heads["community"], json={})
    assert answer.status_code == 201
    code = answer.json()["codes"]["p2"].replace("-", "")
    review = f"/review/mediations/{number}"
    for who in ("wang", "community", "auditor"):
        page = words(await read(hands, who, review))
        assert "柳岸社区人民调解委员会给当事人乙换了新的查询码" in page, who
    body = await hands.site.room.ask(
        lambda c: c.scalar(text("SELECT convert_from(body, 'UTF8') FROM log WHERE step = 'mediation.code_renewed.v1'"))
    )
    assert '"party":"p2"' in str(body)
    assert code not in str(body)


# -- looked at --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_pages_are_whole_at_both_widths(hands: Mediators, width: str) -> None:
    await full(hands)
    gone = {"person": await hands.person("li"), "since": term(hands)["since"]}
    await saved(hands, "community", f"{AT}/members", username="li", **term(hands))
    await saved(hands, "community", f"{AT}/members/remove", **gone)
    await saved(hands, "community", f"{AT}/rooms", called="小间", seats="4")
    async with browsing() as browser, window(browser, hands.site.url, width) as seen:
        await become(seen.page, hands.site, "community")
        for page in (AT, f"{AT}/rooms", PATH, "/review?c="):
            await seen.page.goto(page)
            for one in await seen.page.locator("summary").all():
                await one.click()
            await accessible(seen.page)
            wide = await seen.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, page
