"""Blowing a whistle by form: what is asked and picked, whom it suggests, what is refused with everything kept; what
waits for street and leader."""

import re
from typing import Any

import asyncpg
import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from huiyin.core.people import Scope
from huiyin.core.registry import Grid, Registry
from huiyin.core.ticket import CLOCK
from huiyin.core.whistled import Whistled
from huiyin.core.words import Spot
from huiyin.desk import Change, Order
from huiyin.web import named
from huiyin.web.app import ROUTES
from huiyin.web.staff.directory import ROLE_OF, Directory
from huiyin.web.staff.whistles import filled, site, standing
from tests.core.world import REGISTRY, RULES
from tests.web import shots
from tests.web.clerks import PASSWORD, Clerk, office
from tests.web.conftest import Filer, People, Site
from tests.web.whistlers import CITY, COMMUNITY, FIRE, GRID, POLICE, STREET, Whistlers

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
FORM = {
    **{"key": "k1", "kind": "daily", "beyond": "no-power", "text": "物业劝阻三次无效"},
    **{"post0": CITY, "task0": "请查处占道"},
}
PLACE = {"source": "own", "category": "B04 商铺经营噪声", "where": "柳岸花园 1栋"}
HOME = "department:生态环境"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    return await Whistlers(site, filer).sit(people)


async def see(hands: Whistlers, who: str, path: str, status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (path, answer.status_code, answer.text)
    return answer.text


async def send(hands: Whistlers, who: str, path: str, **said: Any) -> httpx.Response:
    return await hands.site.http.post(path, headers=hands.heads[who] | HTML, data=said)


async def blown(hands: Whistlers, who: str, path: str, **said: Any) -> str:
    """The number of a whistle that must be blown."""
    answer = await send(hands, who, path, **{**FORM, **said})
    assert answer.status_code == 303, (answer.status_code, answer.text)
    found = re.fullmatch(r"/whistles/(SH\d+)\?said=sent", answer.headers["location"])
    assert found is not None, answer.headers["location"]
    return found[1]


async def refused(hands: Whistlers, who: str, path: str, said: str, status: int = 409, **more: Any) -> str:
    """The form again: why, and everything that was typed."""
    given = {**FORM, **more}
    answer = await send(hands, who, path, **given)
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert said in answer.text
    assert given["text"] in answer.text
    assert given["task0"] in answer.text
    assert re.search(rf'value="{given["kind"]}" checked', answer.text)
    return answer.text


async def worked(hands: Whistlers, category: str = "B04", **more: Any) -> str:
    """A ticket on which somebody did something."""
    number = await hands.file(category, **more)
    await hands.do("street", number, "note", {"text": "到场劝阻一次,无效"})
    return number


def picked(text: str) -> list[int]:
    return [int(one) for one in re.findall(r'name="tried" value="(\d+)" checked', text)]


# -- from a ticket ----------------------------------------------------------------------------------------


async def test_a_form_that_makes_a_good_whistle_easy(hands: Whistlers) -> None:
    number = await worked(hands)
    assert f'href="/tickets/{number}/whistle"' in await see(hands, "community", f"/tickets/{number}")
    page = await see(hands, "community", f"/tickets/{number}/whistle")
    assert all(one in page for one in ("应急处置哨", "综合执法哨", "重点工作哨", "日常哨"))
    assert "接哨 10 分钟、到场 1 小时、办结 2 小时" in page
    assert "处罚权在部门" in page
    assert "这件事不能吹" not in page
    assert "事项目录列出 生态环境、城管、公安" in page
    assert re.search(rf'<option value="{HOME}" selected>', page), "the first suggestion is the lead's"
    urgent = await see(hands, "street", "/whistles/new?kind=emergency&category=B04&where=E1-B01")
    assert "生态环境部门(主办)须在" in urgent
    steps = (await hands.site.http.get(f"/api/v1/tickets/{number}/log", headers=hands.heads["street"])).json()["steps"]
    assert picked(page) == [steps[-1]["version"]], "what the ladder did, and not that it was filed"
    assert "登记:网页诉求" in page, "other steps can be picked, too"
    assert '<q class="said">到场劝阻一次,无效</q>' in page, "what was said then, for who may read it"
    assert "写给部门看" in page


async def test_it_is_blown_with_what_was_picked(hands: Whistlers) -> None:
    ticket = await worked(hands)
    await hands.do("street", ticket, "note", {"text": "又去了一次"})
    both = picked(await see(hands, "community", f"/tickets/{ticket}/whistle"))
    path = f"/tickets/{ticket}/whistle"
    more = {"tried": both[1:], "lat": "39.91", "lon": "116.4"}
    more |= {"post1": POLICE, "task1": "请维持秩序", "post2": "", "task2": ""}
    number = await blown(hands, "community", path, **more)
    found = await hands.stands("street", number)
    assert [one["version"] for one in found["tried"]] == both[1:]
    assert (found["asks"], found["source"], found["tickets"]) == ([CITY, POLICE], "ticket", [ticket])
    assert (found["lat"], found["lon"], found["text"]) == (39.91, 116.4, FORM["text"])
    again = await blown(hands, "community", path, **more)
    assert again == number, "the same page sent twice is one whistle"


async def test_what_is_missing_is_said_at_its_field(hands: Whistlers) -> None:
    ticket = await worked(hands)
    answer = await send(hands, "street", f"/tickets/{ticket}/whistle", key="k", post1=POLICE, task2="x", lat="39")
    assert answer.status_code == 422
    for name in ("kind", "beyond", "text", "post0", "task1", "post2", "lat"):
        assert f'id="{name}-wrong"' in answer.text, name
    assert (await send(hands, "street", f"/tickets/{ticket}/whistle", **FORM | {"key": ""})).status_code == 422
    assert await hands.numbers("street") == []


async def test_nothing_tried_says_what_to_do_first(hands: Whistlers) -> None:
    ticket = await hands.file("B04")
    page = await see(hands, "community", f"/tickets/{ticket}/whistle")
    assert "日志里还没有逐级办理的记录" in page
    assert page.count("这件事不能吹") == 3, "all but the emergency"
    await refused(hands, "community", f"/tickets/{ticket}/whistle", "还没有逐级办理的记录")
    number = await blown(hands, "street", f"/tickets/{ticket}/whistle", kind="emergency", key="k2")
    assert (await hands.stands("street", number))["state"] == "called"


async def test_guards_keep_what_was_typed(hands: Whistlers) -> None:
    ticket = await worked(hands, "M01")
    path = f"/tickets/{ticket}/whistle"
    assert "街道、社区自己的职责" in await see(hands, "street", path)
    await refused(hands, "street", path, "这是街道、社区自己的职责", tried=["3"])
    ours = f"/tickets/{await worked(hands)}/whistle"
    text = await refused(hands, "street", ours, "没有这个部门", 422, post0=f"community:{COMMUNITY}x")
    assert 'id="post0-wrong"' in text
    pushed = f"community:{COMMUNITY}"
    text = await refused(hands, "street", ours, "北京市接诉即办工作条例第十七条", tried=["3"], post0=pushed)
    assert 'id="asks-wrong"' in text
    await refused(hands, "street", ours, "同一个部门只能点名一次", tried=["3"], post1=CITY, task1="再来一次")
    await refused(hands, "street", "/whistles/new", "请从本辖区里选一处", 422, **PLACE | {"where": "别处 1栋"})


async def test_elsewhere_there_is_no_form(hands: Whistlers) -> None:
    ticket = await worked(hands)
    for who in ("community2", "street2"):
        await see(hands, who, f"/tickets/{ticket}/whistle", 404)
        assert (await send(hands, who, f"/tickets/{ticket}/whistle", **FORM)).status_code == 404
    for who in ("property", "grid", "city", "auditor"):
        for path in (f"/tickets/{ticket}/whistle", "/whistles/new"):
            assert (await hands.site.http.get(path, headers=hands.heads[who] | HTML)).status_code == 403
    assert "/whistle" not in await see(hands, "grid", f"/tickets/{ticket}")


async def test_pictures_go_with_it(hands: Whistlers) -> None:
    head = hands.heads["street"] | HTML
    said = FORM | PLACE
    bad = await shots.send(hands.site.http, "/whistles/new", said, [b"no picture"], headers=head)
    assert bad.status_code == 422
    assert "不是能用的照片" in bad.text
    assert FORM["text"] in bad.text, "the words are kept"
    sent = await shots.send(hands.site.http, "/whistles/new", said, [shots.jpeg(), shots.located()], headers=head)
    assert sent.status_code == 303, sent.text
    (number,) = await hands.numbers("street")
    found = await hands.stands("street", number)
    assert len(found["pictures"]) == 2
    for who, status in (("street", 200), ("city", 404)):
        path = f"/whistles/{number}/pictures/{found['pictures'][0]}"
        answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
        assert answer.status_code == status, who


# -- who is complained about ------------------------------------------------------------------------------


async def test_who_is_complained_about_is_never_called(hands: Whistlers) -> None:
    ticket = await worked(hands)
    await hands.do("street", ticket, "relate", {"role": "respondent", "organisation": HOME})
    page = await see(hands, "street", f"/tickets/{ticket}/whistle")
    assert HOME not in page, "never suggested, never to choose"
    assert "生态环境部门是被反映对象" in page
    assert re.search(rf'<option value="{CITY}" selected>', page)
    await refused(hands, "street", f"/tickets/{ticket}/whistle", "被反映对象,依法回避", tried=["3"], post0=HOME)


async def test_which_department_is_asked_first(hands: Whistlers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a city lets its street know of complaints about departments: the default rules do not."""
    ticket = await worked(hands)
    monkeypatch.setattr(standing.Stand, "unnamed", True)
    page = await see(hands, "street", f"/tickets/{ticket}/whistle")
    assert "先登记反映的是哪个部门" in page
    assert f"/tickets/{ticket}/do/relate?role=respondent" in page
    assert '<form id="blow"' not in page


async def test_what_tells_who_complained_does_not_leave(hands: Whistlers) -> None:
    ticket = await worked(hands)
    path = f"/tickets/{ticket}/whistle"
    for n in range(5):
        said = {"task0": f"请联系 1391234567{n}", "key": f"k{n}", "tried": ["3"]}
        await refused(hands, "street", path, "可能认出诉求人或当事人的内容:电话", **said)
    await refused(hands, "street", path, "退回", 429, tried=["3"], key="k9")
    assert await hands.numbers("street") == []


async def test_the_hint_answers_no_guesses(hands: Whistlers) -> None:
    """It looks at how things look alone: the complainant's own phone is no more to it than anybody's, and a name is."""
    ticket = await worked(hands)
    said = {**FORM, "ticket": ticket, "tried": "3"}
    page = (await send(hands, "street", "/whistles/check", **said | {"task0": "请打 13800000000"})).text
    assert "像是写了电话" in page
    assert "13800000000" not in page
    plain = (await send(hands, "street", "/whistles/check", **said)).text
    assert "像是" not in plain
    assert "前审批" in plain
    assert (await send(hands, "street2", "/whistles/check", **said)).status_code == 404
    assert (await send(hands, "street", "/whistles/check", **said | {"ticket": "x"})).status_code == 404


# -- what comes next --------------------------------------------------------------------------------------


async def test_what_is_said_ahead_is_what_happens(hands: Whistlers) -> None:
    said = {**FORM, **PLACE, "kind": "emergency", "post1": POLICE, "task1": "请维持秩序"}
    page = (await send(hands, "street", "/whistles/check", **said)).text
    assert 'href="tel:119"' in page
    told = re.findall(r"(\d+)月(\d+)日\(周.\)(\d\d:\d\d) 前(接哨|到场|办结|补办审批)", page)
    number = await blown(hands, "street", "/whistles/new", **said)
    clocks = (await hands.stands("street", number))["clocks"]
    ends = {(one["duty_text"], one["due_at"][5:16]) for one in clocks if one["post"] != POLICE}
    assert {one[3] for one in told} == {"接哨", "到场", "办结", "补办审批"}
    for month, day, hour, duty in told:
        utc = f"{int(month):02}-{int(day):02}T{int(hour[:2]) - 8:02}{hour[2:]}"
        assert (duty.removeprefix("补办"), utc) in ends, (duty, utc, ends)
    daily = (await send(hands, "community", "/whistles/check", **said | {"kind": "daily"})).text
    assert "先由清河街道在" in daily
    assert "接哨 1 个工作日、办结 5 个工作日" in daily
    assert "tel:119" not in daily


async def test_from_patrol_meeting_or_own_observation(hands: Whistlers) -> None:
    page = await see(hands, "street", "/whistles/new")
    assert all(one in page for one in ("巡查发现", "会议议定", "自己看到"))
    assert "B04 商铺经营噪声" in page
    names = (await hands.site.http.get("/whistles/places?where=柳岸", headers=hands.heads["community"])).text
    assert re.findall('value="([^"]+)"', names)[:2] == ["柳岸社区", "柳岸花园 1栋"]
    assert "老纺织" not in names
    number = await blown(hands, "street", "/whistles/new", **PLACE | {"source": "patrol", "category": "商铺经营噪声"})
    found = await hands.stands("street", number)
    assert (found["source"], found["category"], found["building_code"]) == ("patrol", "B04", "E1-B01")
    for more in ({"source": ""}, {"category": "噪声"}, {"where": ""}):
        answer = await send(hands, "street", "/whistles/new", **FORM | PLACE | more)
        assert answer.status_code == 422, more
    linked = await see(hands, "street", "/whistles/new?kind=key&category=B04&where=E1-B02&text=secret")
    assert "secret" not in linked
    assert re.search('value="key" checked', linked)
    assert "柳岸花园 2栋" in linked


@pytest.mark.parametrize(("words", "code"), [
    ("B04", "B04"), ("B04 商铺经营噪声", "B04"), ("商铺经营噪声", "B04"), ("底商噪音", "B04"),
    ("B", ""), ("噪声", ""), ("", ""), ("Z99", ""), ("没有这种事", ""),
])  # fmt: skip
def test_a_matter_by_its_code_or_its_words(words: str, code: str) -> None:
    assert filled.category(RULES.catalogue, words) == code


# -- duplicates -------------------------------------------------------------------------------------------


async def test_what_is_open_near_by_is_offered_first(hands: Whistlers) -> None:
    first = await hands.blow()
    ticket = await worked(hands)
    page = await see(hands, "community", f"/tickets/{ticket}/whistle")
    assert f'name="join" value="{first}"' in page
    assert "待领导审批" in page
    text = await refused(hands, "community", f"/tickets/{ticket}/whistle", first, tried=["3"])
    assert 'id="apart-wrong"' in text
    answer = await send(hands, "community", f"/tickets/{ticket}/whistle", **FORM | {"join": first, "tried": ["3"]})
    assert answer.headers["location"] == f"/whistles/{first}?said=done"
    joined = await hands.stands("street", first)
    assert (joined["tickets"], [one["version"] for one in joined["tried"]]) == ([ticket], [3])
    other = await blown(
        hands, "community", f"/tickets/{ticket}/whistle", apart="二楼的另一台设备", tried=["3"], key="k2"
    )
    assert other != first
    piece = (await send(hands, "street", "/whistles/matter", **PLACE)).text
    assert first in piece
    assert 'name="join"' not in piece, "without a ticket there is nothing to join"


async def test_what_is_hidden_is_never_offered(hands: Whistlers) -> None:
    """A complaint about the community's own staff: neither it nor its whistle is there for them."""
    secret = await hands.file("B04", about="grid_or_community_staff")
    await hands.do("street", secret, "note", {"text": "核实"})
    hidden = await blown(hands, "street", f"/tickets/{secret}/whistle", tried=["3"])
    ticket = await worked(hands)
    page = await see(hands, "community", f"/tickets/{ticket}/whistle")
    assert hidden not in page
    text = await refused(hands, "community", f"/tickets/{ticket}/whistle", "已有哨单", tried=["3"])
    assert hidden not in text
    assert 'id="apart"' in text
    answer = await send(hands, "community", f"/tickets/{ticket}/whistle", **FORM | {"join": hidden})
    assert answer.status_code == 404
    assert hidden in await see(hands, "street", f"/tickets/{ticket}/whistle")


# -- learning ---------------------------------------------------------------------------------------------


async def test_an_upheld_objection_reaches_the_suggestions(hands: Whistlers) -> None:
    for n in range(4):
        number = await hands.called(apart=f"第 {n} 台设备")
        await hands.does("city", number, "object", {"reason": "other-department", "text": "属于消防"})
        ruling = {"department": CITY, "upheld": True, "to": FIRE, "text": "由消防负责"}
        await hands.does("second", number, "rule", ruling)
    ticket = await worked(hands, "B04")
    page = await see(hands, "community", f"/tickets/{ticket}/whistle")
    assert "因异议改派 4 次" in page
    assert "事项目录列出,提出异议成立 4 次" in page
    order = re.findall(r'data-ask="([^"]+)"', page)
    assert order == [HOME, FIRE, POLICE, CITY], "four rulings outweigh a place of the catalogue"


# -- what waits -------------------------------------------------------------------------------------------


async def test_the_street_corrects_and_passes_on_and_a_leader_approves(hands: Whistlers) -> None:
    ticket = await worked(hands)
    number = await blown(hands, "community", f"/tickets/{ticket}/whistle", tried=["3"])
    mine = await see(hands, "community", "/desk?tab=whistles")
    assert "没有等您办的哨" in mine
    assert number in mine.split("本岗位吹的,正在办理")[1]
    desk = await see(hands, "street", "/desk?tab=whistles")
    assert f'href="/whistles/{number}/do/pass-on"' in desk
    form = await see(hands, "street", f"/whistles/{number}/do/pass-on")
    assert FORM["text"] in form
    assert FORM["task0"] in form
    told = {"key": "p1", "post0": POLICE, "task0": "请查处噪声", "post1": CITY, "task1": "请配合"}
    answer = await send(hands, "street", f"/whistles/{number}/pass-on", **told)
    assert answer.headers["location"] == f"/whistles/{number}?said=done"
    assert (await hands.stands("street", number))["asks"] == [POLICE, CITY]
    assert "请等领导审批" in await see(hands, "street", f"/whistles/{number}/do/pass-on", 409)
    lead = await see(hands, "boss", "/desk")
    assert re.search(r'tab=whistles" aria-current="page"', lead), "who approves sees whistles first"
    assert f'href="/whistles/{number}/do/approve"' in lead
    own = await see(hands, "street", "/desk?tab=whistles")
    assert f'href="/whistles/{number}/do/approve"' not in own, "who passed it on does not approve it"
    assert "由同岗位的另一个人办理" in own
    page = await see(hands, "boss", f"/whistles/{number}/do/approve")
    assert "请查处噪声" in page
    assert "公安部门(主办)须在" in page
    assert "城管部门(协办)须在" in page
    answer = await send(hands, "boss", f"/whistles/{number}/approve", key="a1", text="同意")
    assert answer.status_code == 303
    assert await hands.numbers("police") == [number]
    assert "请查处噪声" in (await hands.site.http.get(f"/api/v1/whistles/{number}", headers=hands.heads["police"])).text


async def test_passing_on_as_it_is_seals_nothing_anew(hands: Whistlers) -> None:
    number = await hands.blow("community")
    answer = await send(
        hands, "street", f"/whistles/{number}/pass-on", key="p", post0=CITY, task0="请到一号楼前查处占道经营"
    )
    assert answer.status_code == 303, answer.text
    log = (await hands.site.http.get(f"/api/v1/whistles/{number}/log", headers=hands.heads["street"])).json()["steps"]
    assert log[-1]["step"] == "whistle.passed_on.v1"
    assert (await hands.stands("street", number))["asks"] == [CITY]


async def test_what_can_be_blown_can_be_passed_on_however_long(hands: Whistlers) -> None:
    """As long as the fields allow; in a form a Chinese character has nine bytes."""
    long = {"text": "长" * 8_000, "task0": "请查处。" + "做" * 7_000, "post1": POLICE, "task1": "配合" * 3_500}
    ticket = await worked(hands)
    for path in ("check", "matter"):
        answer = await send(hands, "community", f"/whistles/{path}", **(FORM | long))
        assert answer.status_code == 200, path
    number = await blown(hands, "community", f"/tickets/{ticket}/whistle", tried=["3"], **long)
    told = {"key": "p1", "post0": CITY, "task0": long["task0"], "post1": POLICE, "task1": long["task1"]}
    assert (await send(hands, "street", f"/whistles/{number}/pass-on", **told)).status_code == 303
    answer = await send(hands, "boss", f"/whistles/{number}/approve", key="a1", text=long["text"])
    assert answer.status_code == 303


def test_windows_for_words_have_room_for_them() -> None:
    """Of all forms about whistles and mediations only a committee's office and a look have to do with a few."""
    small = {
        path
        for one in ROUTES
        if isinstance(one, HTTPRouteHandler) and "POST" in one.http_methods and one.include_in_schema is False
        for path in one.paths
        if not isinstance(one.request_max_body_size, int) and ("whistle" in path or "mediat" in path)
    }
    few = ("/mediations/committee", "/mediations/{number:str}/look-up")
    assert {path for path in small if not path.startswith(few)} == set()


async def test_what_is_wrong_with_the_corrected_asks(hands: Whistlers) -> None:
    number = await hands.blow("community")
    path = f"/whistles/{number}/pass-on"
    assert (await send(hands, "street", path, key="p", post0=CITY, task0="")).status_code == 422
    told = await send(hands, "street", path, key="p", post0=CITY, task0="打 13912345678")
    assert told.status_code == 409
    assert 'id="asks-wrong"' in told.text
    assert "打 13912345678" in told.text
    for who, status in (("street2", 404), ("community2", 403), ("community", 403), ("city", 403)):
        answer = await send(hands, who, path, key="p", post0=CITY, task0="x")
        assert answer.status_code == status, who


async def test_duties_of_every_kind_have_a_button(hands: Whistlers) -> None:
    number = await hands.called()
    await hands.does("city", number, "object", {"reason": "not-our-duty", "text": "不归我们"})
    assert f"/whistles/{number}/do/rule" in await see(hands, "second", "/desk?tab=whistles")
    await hands.does("second", number, "rule", {"department": CITY, "upheld": False})
    await hands.does("city", number, "acknowledge")
    await hands.does("city", number, "ask-pause", {"reason": "weather", "days": 2, "text": "暴雨"})
    assert f"/whistles/{number}/do/grant-pause" in await see(hands, "second", "/desk?tab=whistles")
    await hands.does("second", number, "refuse-pause", {"text": "雨停了"})
    at = (await hands.stands("city", number))["called_at"]
    reply = {"accepted_at": at, "contacted": ["on_site"], "text": "办好了", "finished": True}
    await hands.does("city", number, "reply", reply)
    assert f"/whistles/{number}/do/confirm" in await see(hands, "street", "/desk?tab=whistles")
    await hands.does("street", number, "confirm")
    assert f"/whistles/{number}/do/rate" in await see(hands, "street", "/desk?tab=whistles")
    for who in ("community2", "street2"):
        assert number not in await see(hands, who, "/desk?tab=whistles")


async def test_a_ticket_s_page_leads_to_its_whistles(hands: Whistlers) -> None:
    ticket = await worked(hands)
    number = await blown(hands, "street", f"/tickets/{ticket}/whistle", tried=["3"])
    told = Order("urn:test", "w1", CLOCK.post, Change(ticket, Whistled(number, "called", 2)), role=CLOCK.role)
    assert (await hands.site.room.act(told)).outcome == "done"
    page = await see(hands, "community", f"/tickets/{ticket}")
    assert f'href="/whistles/{number}"' in page
    assert "工单照常计时" in page
    grid = await see(hands, "grid", f"/tickets/{ticket}")
    assert number in grid
    assert f'href="/whistles/{number}"' not in grid, "who may not open it is told, and not led astray"
    assert number not in await see(hands, "property", f"/tickets/{ticket}")


# -- posts ------------------------------------------------------------------------------------------------


def test_a_leader_and_a_department_are_posts_to_be_given() -> None:
    known, leader = Directory(RULES), f"street_leader:{STREET}"
    assert leader in known
    assert (ROLE_OF["street_leader"], known.scope_of(leader)) == ("street", f"street:{STREET}")
    assert known.name(leader) == "清河街道主要领导"
    assert known.scope_of(CITY) == f"post:{CITY}"
    here, elsewhere = Scope("street", STREET), Scope("street", "9")
    assert known.within(here, leader)
    assert known.within(here, CITY)
    assert not known.within(elsewhere, leader)
    assert not known.within(elsewhere, CITY)
    assert not known.within(Scope("community", COMMUNITY), CITY)
    assert CITY in [one.code for one in known.mine(here, "城管")]
    assert named.post(leader, RULES) == leader


async def test_a_leader_finds_their_way(hands: Whistlers) -> None:
    """The pages of a street, without its tickets on the desk."""
    page = await see(hands, "boss", "/desk")
    assert "清河街道主要领导" in page
    for path in re.findall(r'<li><a href="(/[a-z]+)"', page):
        await see(hands, "boss", path)
    ticket = await worked(hands)
    shown = await see(hands, "boss", f"/tickets/{ticket}")
    assert "您的岗位现在不办理这张工单" in shown
    assert f"/tickets/{ticket}/whistle" not in shown, "a leader approves, and does not blow"
    assert "您的岗位不能就这件事吹哨" in await see(hands, "boss", f"/tickets/{ticket}/whistle")


async def test_patrol_leads_to_the_whistle(hands: Whistlers) -> None:
    assert "data-whistles" in await see(hands, "community", "/patrol")
    assert "data-whistles" not in await see(hands, "grid", "/patrol")


async def test_a_registrar_names_a_leader_and_a_department_s_person(
    site: Site, people: People, admin: asyncpg.Connection
) -> None:
    clerk = await Clerk(await office(site, people)).enter()
    for name, code in (("lin", f"street_leader:{STREET}"), ("cheng", CITY)):
        made = await clerk.send("/admin/accounts", username=name, post=code, password=PASSWORD)
        assert made.status_code == 200, made.text
        assert f">{name}<" in await clerk.read("/admin/accounts")
    asked = "SELECT role, scope FROM accounts WHERE username = ANY($1) ORDER BY username"
    rows = await admin.fetch(asked, ["cheng", "lin"])
    assert [tuple(one) for one in rows] == [("department", f"post:{CITY}"), ("street", f"street:{STREET}")]
    listed = await clerk.read("/admin/posts?q=城管")
    assert CITY in listed
    assert "cheng" in await clerk.read(f"/admin/posts/{CITY}")
    assert "清河街道主要领导" in await clerk.read("/admin/posts?q=领导")
    await clerk.http.aclose()


# -- the map ----------------------------------------------------------------------------------------------

SQUARE = ((116.40, 39.90), (116.41, 39.90), (116.41, 39.91), (116.40, 39.91))


def test_a_grid_is_drawn_in_degrees_that_lead_back() -> None:
    grid = Grid(GRID, COMMUNITY, "E1", SQUARE)
    known = Registry("m", REGISTRY.streets, REGISTRY.communities, REGISTRY.estates, {GRID: grid}, REGISTRY.buildings)
    drawn = site.site(known, Spot(STREET, COMMUNITY, "E1", GRID))
    assert drawn is not None
    assert (drawn.west < 116.40, drawn.east > 116.41, drawn.south < 39.90, drawn.north > 39.91) == (True,) * 4
    points = [tuple(map(float, one.split(","))) for one in drawn.outlines[0].split(" ")]
    for (x, y), (lon, lat) in zip(points, SQUARE, strict=True):
        assert abs(drawn.west + x / site.WIDTH * (drawn.east - drawn.west) - lon) < 1e-5
        assert abs(drawn.north - y / drawn.height * (drawn.north - drawn.south) - lat) < 1e-5
    assert 1.2 < drawn.height / site.WIDTH < 1.35, "a square of degrees is taller than wide here"
    assert site.site(known, Spot(STREET, COMMUNITY, "E1")) is not None
    assert site.site(REGISTRY, Spot(STREET, COMMUNITY, "E1", GRID)) is None
    assert site.site(known, None) is None
