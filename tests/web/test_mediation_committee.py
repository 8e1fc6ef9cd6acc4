"""A committee behind its windows: members and what the law misses, register, roster, rooms; whose it is."""

import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from huiyin.core.calendar import local
from huiyin.store import bookings, committees
from huiyin.store.bookings import Room
from huiyin.store.committees import Body
from tests.web.browsers import WIDTHS, accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.everywhere import become
from tests.web.hands import COMMUNITY
from tests.web.mediators import Mediators

pytestmark = pytest.mark.usefixtures("city")

AT = "/mediations/committee"
BODY = Body(COMMUNITY, "residents", "柳岸", "柳岸社区人民调解委员会")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def said(hands: Mediators, who: str, path: str, **fields: Any) -> httpx.Response:
    return await hands.site.http.post(path, headers=hands.heads[who], data=fields, follow_redirects=False)


async def read(hands: Mediators, who: str, path: str = AT) -> httpx.Response:
    return await hands.site.http.get(path, headers=hands.heads[who])


async def saved(hands: Mediators, who: str, path: str, **fields: Any) -> None:
    answer = await said(hands, who, path, **fields)
    assert answer.status_code == 303, answer.text


def words(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


async def planned(hands: Mediators, days: int = 1) -> str:
    """A case of 王 with a session in the committee's rooms; its number."""
    number = await hands.seated()
    at = hands.site.clock.now + timedelta(days=days)
    await hands.does("wang", number, "plan", {"at": at.isoformat()})
    return number


async def room(hands: Mediators, code: str = "R1", called: str = "老娘舅调解室") -> None:
    one = Room(code, COMMUNITY, "residents", called, 8)
    await hands.site.room.write(lambda c: bookings.furnish(c, one))


async def booked(hands: Mediators) -> list[tuple[str, str]]:
    now = hands.site.clock.now
    found = await hands.site.room.ask(
        lambda c: bookings.booked(c, BODY, now - timedelta(days=30), now + timedelta(days=30))
    )
    return [(one.room, one.number) for one in found]


# -- members ----------------------------------------------------------------------------------------------


async def test_what_the_law_misses_is_said_with_its_article(hands: Mediators) -> None:
    page = words(await read(hands, "community"))
    assert "应有三至九人(人民调解法第八条)" in page
    assert "没有主任" in page
    today = local(hands.site.clock.now)
    for n, name in enumerate(("wang", "li", "community")):
        until = today + timedelta(days=20 if n == 1 else 900)
        term = {"since": f"{today - timedelta(days=100)}", "until": f"{until}"}
        more = {"chair": "yes"} if n == 0 else {"woman": "yes"} if n == 1 else {}
        await saved(hands, "community", f"{AT}/members", username=name, **term, **more)
    page = words(await read(hands, "community"))
    assert "应有三至九人" not in page
    assert "六十天内届满" in page
    assert "主任" in page
    assert "还有 20 天" in page
    await saved(hands, "community", f"{AT}/members", username="li", since=f"{today - timedelta(days=100)}",
                until=f"{today + timedelta(days=900)}", woman="yes")  # fmt: skip
    assert "组成符合人民调解法" in words(await read(hands, "community"))
    await saved(hands, "community", f"{AT}/members", username="li", since=f"{today - timedelta(days=100)}",
                until=f"{today + timedelta(days=1300)}", woman="yes")  # fmt: skip
    assert "超过三年" in words(await read(hands, "community"))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"username": "nobody"}, "没有这个账号"),
        ({"until": "2020-01-01"}, "任期不对"),
        ({"since": "昨天"}, "任期不对"),
    ],
)
async def test_a_wrong_member_is_not_kept(hands: Mediators, given: dict[str, str], why: str) -> None:
    fields = {"username": "wang", "since": "2026-01-01", "until": "2028-01-01"} | given
    answer = await said(hands, "community", f"{AT}/members", **fields)
    assert answer.status_code == 422
    assert why in answer.text
    assert (await hands.site.room.ask(lambda c: committees.composition(c, BODY))).members == ()


async def test_a_short_name_is_one_committees_and_stays_once_a_number_bears_it(hands: Mediators) -> None:
    other = Body("990101001", "street", "清河", "清河街道人民调解委员会")
    await hands.site.room.write(lambda c: committees.keep(c, other))
    naming = {"kind": "residents", "called": "柳岸社区人民调解委员会"}
    taken = await said(hands, "community", AT, **naming, short="清河")
    assert (taken.status_code, "已经是别的调解委员会的" in taken.text) == (422, True)
    bad = await said(hands, "community", AT, **naming, short="柳 岸")
    assert (bad.status_code, "1 至 16 个" in bad.text) == (422, True)
    await saved(hands, "community", AT, **naming, short="柳园", mixed="yes")
    await hands.accepted()
    fixed = await said(hands, "community", AT, **naming, short="柳岸")
    assert (fixed.status_code, "不能再改" in fixed.text) == (422, True)
    (kept,) = await hands.site.room.ask(lambda c: committees.known(c, [COMMUNITY]))
    assert (kept.short, kept.mixed) == ("柳园", True)
    assert "没有人数较少民族的委员" not in words(await read(hands, "street"))
    await saved(hands, "community", AT, **{**naming, "called": "柳岸社区居民委员会人民调解委员会"}, short="柳园")


async def test_a_street_registers_its_own_and_nobody_anothers(hands: Mediators) -> None:
    page = await read(hands, "street")
    assert "还没有登记调解委员会" in page.text
    wrong = await said(hands, "street", AT, kind="residents", called="街道的", short="街")
    assert wrong.status_code == 403
    blank = await said(hands, "street", AT, called="街道的", short="街")
    assert (blank.status_code, "选一个" in blank.text) == (422, True)
    await saved(hands, "street", AT, kind="street", called="清河街道人民调解委员会", short="清河")
    assert "清河街道人民调解委员会" in (await read(hands, "street")).text
    assert "没有调解委员会" in (await read(hands, "boss")).text
    assert BODY.called not in words(await read(hands, "community2"))
    answer = await said(hands, "wang", AT, kind="residents", called="王的", short="王")
    assert answer.status_code == 403
    assert (await read(hands, "auditor")).status_code == 403


async def test_the_register_with_specialities_and_load(hands: Mediators) -> None:
    await hands.seated()
    wang, far = await hands.person("wang"), await hands.person("far")
    await saved(hands, "community", f"{AT}/specialities", person=wang, best=["A", "P"])
    page = words(await read(hands, "li"))
    assert re.search(r"wang 1 件在办", page)
    assert "登记专长" not in page, "only the desk changes it"
    found = await hands.site.room.ask(
        lambda c: committees.register(c, COMMUNITY, f"mediator:{COMMUNITY}", hands.site.clock.now)
    )
    assert {one.person: one.specialities for one in found}[wang] == ("A", "P")
    assert (await said(hands, "community", f"{AT}/specialities", person=far, best="A")).status_code == 422
    assert (await said(hands, "community", f"{AT}/specialities", person=wang, best="X99")).status_code == 422


# -- the roster -------------------------------------------------------------------------------------------


async def test_a_month_with_its_gaps_and_last_week_again(hands: Mediators) -> None:
    wang, li = await hands.person("wang"), await hands.person("li")
    path = f"{AT}/roster"
    first = await read(hands, "community", f"{path}?month=2026-12")
    gaps = int(re.search(r"<strong>(\d+)</strong> 个工作日", first.text)[1])  # type: ignore[index]
    await saved(hands, "community", path, day="2026-12-08", person=[wang, li])
    await saved(hands, "community", path, day="2026-12-09", person=wang)
    await saved(hands, "community", f"{path}/copy", week="2026-12-14", month="2026-12")
    held = await hands.site.room.ask(lambda c: committees.on_duty(c, BODY, date(2026, 12, 1), date(2027, 1, 1)))
    expected = [(day, one) for day in (8, 15) for one in sorted((wang, li))]
    expected += [(9, wang), (16, wang)]
    assert sorted((day.day, person) for day, person in held) == sorted(expected)
    after = await read(hands, "wang", f"{path}?month=2026-12")
    assert f"<strong>{gaps - 4}</strong> 个工作日" in after.text
    assert "照上周" not in after.text
    await saved(hands, "community", path, day="2026-12-09")
    held = await hands.site.room.ask(lambda c: committees.on_duty(c, BODY, date(2026, 12, 9), date(2026, 12, 10)))
    assert held == []


async def test_only_mediators_of_the_register_are_on_duty(hands: Mediators) -> None:
    far = await hands.person("far")
    answer = await said(hands, "community", f"{AT}/roster", day="2026-12-08", person=far)
    assert (answer.status_code, "名册上的调解员" in answer.text) == (422, True)
    for bad in ({"month": "2026-13"}, {"month": "x"}):
        assert (await hands.site.http.get(f"{AT}/roster", params=bad, headers=hands.heads["wang"])).status_code == 400
    assert (await said(hands, "community", f"{AT}/roster", day="9999-12-31")).status_code == 400


# -- rooms ------------------------------------------------------------------------------------------------


async def test_a_room_for_a_session_and_never_for_two(hands: Mediators) -> None:
    await saved(hands, "community", f"{AT}/rooms", called="老娘舅调解室", seats="8")
    (one,) = await hands.site.room.ask(lambda c: bookings.rooms(c, BODY))
    first, second = await planned(hands), await planned(hands)
    form = await read(hands, "wang", f"{AT}/rooms?number={first}&session=1")
    assert "订这一间" in form.text
    await saved(hands, "wang", f"{AT}/bookings", number=first, session="1", room=one.room, hours="2")
    taken = await said(hands, "wang", f"{AT}/bookings", number=second, session="1", room=one.room)
    assert (taken.status_code, "已经有人用了" in taken.text) == (409, True)
    assert await booked(hands) == [(one.room, first)]
    await room(hands, "R2", "二楼小间")
    await saved(hands, "community", f"{AT}/bookings", number=second, session="1", room="R2")
    week = local(hands.site.clock.now + timedelta(days=1))
    grid = await read(hands, "wang", f"{AT}/rooms?week={week}")
    assert first in grid.text
    assert second in grid.text
    others = await read(hands, "li", f"{AT}/rooms?week={week}")
    assert first not in others.text, "a case that 李 does not mediate is not there for them"
    assert "已占用" in others.text
    await saved(hands, "wang", f"{AT}/bookings/release", number=first, session="1")
    assert await booked(hands) == [("R2", second)]


async def test_no_room_stays_taken_by_what_will_not_be(hands: Mediators) -> None:
    await room(hands)
    for end in (("wang", "adjourn", {"session": 1, "text": "改期"}), ("p2", "stop", {"how": "screen"})):
        number = await planned(hands)
        await saved(hands, "wang", f"{AT}/bookings", number=number, session="1", room="R1")
        assert await booked(hands) == [("R1", number)]
        who, command, body = end
        await hands.does(who, number, command, body)
        assert await booked(hands) == [], command
        late = await said(hands, "wang", f"{AT}/bookings", number=number, session="1", room="R1")
        assert (late.status_code, "请先约定调解会" in late.text) == (409, True)


async def test_whose_room_and_whose_case_it_is(hands: Mediators) -> None:
    number = await planned(hands)
    far = Room("FAR", "990101001002", "residents", "远处", 4)
    await hands.site.room.write(lambda c: bookings.furnish(c, far))
    await room(hands)
    elsewhere = await said(hands, "wang", f"{AT}/bookings", number=number, session="1", room="FAR")
    assert (elsewhere.status_code, "本委员会的一间" in elsewhere.text) == (409, True)
    for who in ("li", "far", "community2"):
        for path in ("bookings", "bookings/release"):
            answer = await said(hands, who, f"{AT}/{path}", number=number, session="1", room="R1")
            assert answer.status_code == 404, (who, path)
        assert (await read(hands, who, f"{AT}/rooms?number={number}&session=1")).status_code == 404
    renamed = await said(hands, "community", f"{AT}/rooms", room="FAR", called="我的", seats="4")
    assert renamed.status_code == 422
    assert (await said(hands, "community", f"{AT}/rooms", called="", seats="0")).status_code == 422
    assert (await said(hands, "wang", f"{AT}/rooms", called="王的", seats="4")).status_code == 403
    assert await booked(hands) == []


async def test_who_has_an_interest_in_a_case_books_nothing_for_it(hands: Mediators) -> None:
    from huiyin import posts

    number = await planned(hands)
    await room(hands)
    mark = hands.site.room.seal.mark("13800000002")
    desk = await hands.person("community")
    await hands.site.room.write(lambda c: posts.describe(c, desk, phone=mark))
    answer = await said(hands, "community", f"{AT}/bookings", number=number, session="1", room="R1")
    assert answer.status_code == 404


# -- looked at --------------------------------------------------------------------------------------------


@pytest.fixture
async def full(hands: Mediators) -> Mediators:
    await room(hands)
    today = local(hands.site.clock.now)
    for n, name in enumerate(("wang", "li")):
        term = {"since": f"{today - timedelta(days=100)}", "until": f"{today + timedelta(days=30 + 500 * n)}"}
        await saved(hands, "community", f"{AT}/members", username=name, **term, woman="yes")
    number = await planned(hands)
    await saved(hands, "wang", f"{AT}/bookings", number=number, session="1", room="R1")
    await saved(hands, "community", f"{AT}/roster", day=f"{today}", person=await hands.person("wang"))
    return hands


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_pages_are_whole_at_both_widths(full: Mediators, width: str) -> None:
    async with browsing() as browser, window(browser, full.site.url, width) as seen:
        await become(seen.page, full.site, "community")
        for page in ("", "/roster", "/rooms"):
            await seen.page.goto(f"{AT}{page}")
            await accessible(seen.page)
            wide = await seen.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, page
