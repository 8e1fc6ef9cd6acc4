"""The desk and the ticket's page over plain HTTP: what is there for whom, what a form sends, what it says back."""

import re
from typing import get_args

import httpx
import pytest

from huiyin.core import commands as core
from huiyin.core.people import ROLES
from huiyin.web.orders import ORDERS
from huiyin.web.staff import rehearsal
from huiyin.web.staff.called import word
from huiyin.web.staff.forms import FORMS, GROUPS, NOW
from tests.core.world import spot
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands

HTML = {"Accept": "text/html"}
# Orders that have no form of this kind, and where they are given instead.
ELSEWHERE: dict[str, str] = {}

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


async def see(hands: Hands, who: str, path: str, status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer.text


async def send(hands: Hands, who: str, path: str, **said: str) -> httpx.Response:
    return await hands.site.http.post(path, headers=hands.heads[who] | HTML, data={"key": "k1", **said})


async def given(hands: Hands, who: str, path: str, **said: str) -> str:
    """Where a form that must be taken leads."""
    answer = await send(hands, who, path, **said)
    assert answer.status_code == 303, (answer.status_code, answer.text)
    return answer.headers["location"].partition("?")[0]


# -- the table of forms -----------------------------------------------------------------------------------


def test_every_order_has_a_form() -> None:
    assert set(FORMS) | set(ELSEWHERE) == set(ORDERS) | {"reveal", "notice"}
    assert set(FORMS) == set(rehearsal._WAYS)
    assert {one.group for one in FORMS.values()} == set(GROUPS)
    assert {command for some in NOW.values() for command in some} <= set(FORMS)
    assert set(NOW) == set(get_args(__import__("huiyin.core.state", fromlist=["State"]).State))


def test_every_code_has_chinese_words() -> None:
    for command, form in FORMS.items():
        assert re.search(r"[一-鿿]+.*[一-鿿]", form.title + form.button), command
        for field in form.fields:
            assert re.search(r"[一-鿿]", field.label), (command, field.name)
            for code, words in field.options.items() if isinstance(field.options, dict) else ():
                assert re.search(r"[一-鿿]", words), (command, field.name, code)
    for code in get_args(core.Outcome):
        assert word("outcome", code) != code


def test_what_cannot_be_undone_asks() -> None:
    assert {command for command, form in FORMS.items() if form.grave} == {
        "close", "withdraw", "redirect", "merge", "reveal", "notice", "relate",
    }  # fmt: skip
    assert [command for command, form in FORMS.items() if not form.fields] == ["sign"]


# -- the desk ---------------------------------------------------------------------------------------------


async def test_mine_first_what_is_due_first_and_nothing_of_others(hands: Hands) -> None:
    late = await hands.file("C01")
    lift = await hands.file("H02")
    other = await hands.file("D01")
    desk = await see(hands, "property", "/desk")
    numbers = re.findall(r'data-number="(HY\d+)"', desk)
    assert (numbers, other in desk) == ([lift, late], False)
    assert "超时" in desk
    assert "柳岸花园 1栋" in desk
    assert "提到:楼上漏水" in desk
    assert re.findall(r'<span class="count">(\d+)</span>', desk) == ["2", "0"]
    assert other in await see(hands, "community", "/desk/list?tab=mine")


async def test_a_long_desk_goes_on(hands: Hands) -> None:
    filed = {await hands.file("C01") for _ in range(23)}
    first = await see(hands, "property", "/desk")
    shown = re.findall(r'data-number="(HY\d+)"', first)
    more = re.search(r'href="(/desk\?tab=mine&amp;cursor=[^"]+)"', first)
    assert len(shown) == 20
    assert more is not None
    rest = re.findall(r'data-number="(HY\d+)"', await see(hands, "property", more[1].replace("&amp;", "&")))
    assert (len(rest), {*shown, *rest}) == (3, filed)
    await see(hands, "property", "/desk?cursor=nonsense", 400)


async def test_objections_and_supervision_have_their_tabs(hands: Hands) -> None:
    number = await hands.file("C01")
    await hands.do("property", number, "object", {"reason": "wrong-place"})
    assert "/do/rule" in await see(hands, "community", "/desk?tab=rulings")
    assert number not in await see(hands, "community", "/desk")
    page = await see(hands, "community", f"/tickets/{number}")
    assert "派单异议:</strong>地点不对" in page
    assert "柳岸社区党委" in page
    where = await given(hands, "community", f"/tickets/{number}/rule", ruling="no", text="地点没有错")
    assert where == f"/tickets/{number}"
    assert "上级指定,不能退回" in await see(hands, "property", f"/tickets/{number}")


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_has_a_desk(hands: Hands, people: People, role: str) -> None:
    head = await people.make(role)  # type: ignore[arg-type]
    answer = await hands.site.http.get("/desk", headers=head | HTML)
    own = {"department": "/calls", "mediator": "/mediations"}  # their desk has windows and tests of its own
    if role in own:
        assert (answer.status_code, answer.headers["location"]) == (303, own[role])
        return
    assert answer.status_code == 200, answer.text
    tabs = re.findall(r'href="/desk\?tab=(\w+)"', answer.text)
    assert ("您的岗位不承办工单" in answer.text) == (role in ("registrar", "machine"))
    assert (role in ("community", "street")) == (tabs == ["mine", "rulings", "approvals", "whistles", "supervised"])
    if role == "auditor":
        assert "督办" in answer.text
        assert 'href="/review"' in answer.text


# -- what a post may do -----------------------------------------------------------------------------------

STORY = (
    ("", "", {}),
    ("property", "sign", {}),
    ("property", "object", {"reason": "wrong-place"}),
    ("community", "rule", {"upheld": False}),
    ("property", "resolve", {"text": "换了"}),
    ("property", "reply", {"text": "好了"}),
    ("community", "close", {}),
)


async def test_all_that_may_be_done_is_offered_and_nothing_else(hands: Hands) -> None:
    """What the page offers, the form lets one do; what it does not, the form refuses in words."""
    number = await hands.file("C01")
    for who, order, body in STORY:
        if order:
            await hands.do(who, number, order, body)
        for viewer in ("property", "community", "grid", "street"):
            page = await see(hands, viewer, f"/tickets/{number}")
            offered = set(re.findall(rf'/tickets/{number}/do/([a-z-]+)"', page))
            offered |= {"sign"} & set(re.findall(rf'action="/tickets/{number}/([a-z-]+)"', page))
            for command in FORMS:
                answer = await hands.site.http.get(
                    f"/tickets/{number}/do/{command}", headers=hands.heads[viewer] | HTML
                )
                possible = answer.status_code == 200
                if possible:
                    assert "接下来会怎样" in answer.text or "choices" in answer.text, (order, viewer, command)
                assert possible == (command in offered), (order, viewer, command, answer.status_code)
                assert answer.status_code in (200, 403, 409)


async def test_what_is_said_ahead_is_what_happens(hands: Hands) -> None:
    number = await hands.file("C01")
    await hands.do("property", number, "sign")
    form = await see(hands, "property", f"/tickets/{number}/do/hand-up")
    assert "转到柳岸社区党委" in form
    assert "本件离开您的岗位" in form
    told = re.findall(r"(\d+)月(\d+)日\(周.\)(\d\d:\d\d) 前(签收|办结)", form)
    after = await hands.do("property", number, "hand-up", {"reason": "beyond-means"})
    assert after["post"]["name"] == "柳岸社区党委"
    log = (await hands.site.http.get(f"/api/v1/tickets/{number}/log", headers=hands.heads["street"])).json()
    said = log["steps"][-1]["said"]
    assert len(told) == 2
    assert all(f"{month}/{day} {hour} 前{what}" in said for month, day, hour, what in told), (told, said)


async def test_dispatch_names_each_rung_and_where_it_leads(hands: Hands) -> None:
    number = await hands.file("C01")
    form = await see(hands, "street", f"/tickets/{number}/do/dispatch")
    assert re.findall(r'name="rung" value="(\w+)"', form) == [
        "building_leader", "owners_committee", "community_committee", "street_office",
    ]  # fmt: skip
    assert "由柳岸社区党委承办,不能退回" in form


# -- giving an order --------------------------------------------------------------------------------------


async def test_a_form_sent_twice_is_one_order(hands: Hands) -> None:
    number = await hands.file("C01")
    assert await given(hands, "property", f"/tickets/{number}/sign") == f"/tickets/{number}"
    assert await given(hands, "property", f"/tickets/{number}/note", text="第一次") == f"/tickets/{number}"
    version = (await hands.do("property", number, "note", {"text": "x"}))["version"]
    assert await given(hands, "property", f"/tickets/{number}/note", text="第一次") == f"/tickets/{number}"
    assert (await hands.do("property", number, "note", {"text": "y"}))["version"] == version + 1


async def test_a_form_without_its_key_does_nothing(hands: Hands) -> None:
    number = await hands.file("C01")
    answer = await hands.site.http.post(
        f"/tickets/{number}/sign", headers=hands.heads["property"] | HTML, data={"x": "1"}
    )
    assert answer.status_code == 422
    assert "没有办理" in answer.text
    assert (await hands.do("property", number, "sign"))["state"] == "signed"


async def test_what_was_typed_stays_where_something_is_wrong(hands: Hands) -> None:
    number = await hands.file("C01")
    missing = await send(hands, "property", f"/tickets/{number}/hand-up", text="楼上<b>不同意")
    assert missing.status_code == 422
    assert 'id="reason-wrong"' in missing.text
    assert "楼上&lt;b&gt;不同意" in missing.text
    refused = await send(hands, "property", f"/tickets/{number}/resolve", evidence="换了阀门")
    assert refused.status_code == 409
    assert "请先签收" in refused.text
    assert "(sign)" not in refused.text
    await hands.do("property", number, "sign")
    days = await send(hands, "property", f"/tickets/{number}/extend", reason="other", days="99", text="等配件")
    assert days.status_code == 409
    assert "延期天数" in days.text
    assert "等配件" in days.text
    words = await send(hands, "property", f"/tickets/{number}/extend", reason="other", days="xx")
    assert words.status_code == 422
    assert 'id="days-wrong"' in words.text
    day = await send(
        hands, "property", f"/tickets/{number}/shelve", reason="funds", review_at="2026-13-40", plan="计划"
    )
    assert day.status_code == 400
    assert 'id="review_at-wrong"' in day.text


async def test_who_hands_it_up_comes_back_to_the_desk_where_it_is_out_of_sight(hands: Hands) -> None:
    number = await hands.file("C01")
    assert await given(hands, "property", f"/tickets/{number}/hand-up", reason="beyond-means") == "/desk"
    await see(hands, "property", f"/tickets/{number}", 404)
    assert await given(hands, "community", f"/tickets/{number}/hand-up", reason="other") == f"/tickets/{number}"


async def test_a_browser_s_form_bears_the_session_s_mark(hands: Hands, people: People) -> None:
    number = await hands.file("C01")
    await people.make("property", "estate:E1", "abcd-efgh-jkmn-pqrs", post="property:E1")
    said = {"username": "property-estate:E1", "password": "abcd-efgh-jkmn-pqrs", "next": "/desk"}
    assert (await hands.site.http.post("/login", data=said, headers=HTML)).status_code == 303
    bare = await hands.site.http.post(f"/tickets/{number}/sign", data={"key": "k"}, headers=HTML)
    assert bare.status_code == 403
    page = (await hands.site.http.get(f"/tickets/{number}", headers=HTML)).text
    mark = re.search(r'name="csrf" value="([0-9a-f]{32})"', page)
    assert mark is not None
    signed = await hands.site.http.post(f"/tickets/{number}/sign", data={"key": "k", "csrf": mark[1]}, headers=HTML)
    assert signed.status_code == 303


# -- correcting, together, apart --------------------------------------------------------------------------


async def test_correcting_can_be_undone_by_who_did_it(hands: Hands) -> None:
    number = await hands.file("A01")
    page = await see(hands, "grid", f"/tickets/{number}")
    assert re.search(r'name="category" value="P01".{1,200}邻里口角冲突', page, re.DOTALL)
    where = await given(hands, "grid", f"/tickets/{number}/reclassify", category="P01")
    changed = await see(hands, "grid", where)
    assert "邻里口角冲突</title>" not in changed
    assert "<h1>邻里口角冲突" in changed
    undo = re.search(r'<form class="notice good undo".*?</form>', changed, re.DOTALL)
    assert undo is not None
    assert "楼上楼下渗漏水" in undo[0]
    assert "undo" not in await see(hands, "community", where)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo[0]))
    assert await given(hands, "grid", f"{where}/reclassify", **{**fields, "key": "k2"}) == where
    back = await see(hands, "grid", where)
    assert "<h1>楼上楼下渗漏水" in back
    assert "柳岸花园 1栋" in back


async def test_merging_asks_first_and_splitting_undoes_it(hands: Hands) -> None:
    lead, number = await hands.file("C01"), await hands.file("C01")
    asked = await see(hands, "property", f"/tickets/{number}/do/merge?into={lead}")
    assert f'value="{lead}"' in asked
    assert 'class="notice warn"' in asked
    assert "并错了可以拆单" in asked
    assert await given(hands, "property", f"/tickets/{number}/merge", into=lead) == f"/tickets/{number}"
    page = await see(hands, "property", f"/tickets/{number}")
    assert "本单已并入" in page
    assert f'action="/tickets/{number}/split"' in page
    assert f"/tickets/{number}/do/split" in await see(hands, "property", f"/tickets/{lead}")
    await given(hands, "property", f"/tickets/{number}/split")
    assert "本单已并入" not in await see(hands, "property", f"/tickets/{number}")


async def test_alike_is_offered_for_merging(hands: Hands) -> None:
    first, second = await hands.file("C01"), await hands.file("C01")
    page = await see(hands, "property", f"/tickets/{second}")
    assert f"/tickets/{second}/do/merge?into={first}" in page


# -- who complained ---------------------------------------------------------------------------------------


async def test_a_number_is_shown_after_its_step_and_nowhere_before(hands: Hands) -> None:
    number = await hands.file("D01")
    page = await see(hands, "community", f"/tickets/{number}")
    assert "138****0000" in page
    assert "13800000000" not in page
    missing = await send(hands, "community", f"/tickets/{number}/reveal", field="phone")
    assert missing.status_code == 422
    assert "13800000000" not in missing.text
    answer = await send(hands, "community", f"/tickets/{number}/reveal", field="phone", purpose="contact")
    assert answer.status_code == 200
    assert 'href="tel:13800000000"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "查看了来件人的电话,用途:联系来件人" in await see(hands, "community", f"/tickets/{number}")
    wrong = await send(hands, "community", f"/tickets/{number}/reveal", field="x", purpose="contact")
    assert wrong.status_code == 400
    await see(hands, "property", f"/tickets/{number}/do/reveal", 403)


async def test_a_notice_that_tells_who_complained_is_not_sent(hands: Hands) -> None:
    number = await hands.file("C01", "property")
    form = await see(hands, "owners", f"/tickets/{number}/do/notice")
    assert 'value="property:E1"' in form
    assert "柳岸花园物业服务企业" in form
    told = await send(hands, "owners", f"/tickets/{number}/notice", to="property:E1", text="请联系 13800000000 的住户")
    assert told.status_code == 409
    assert "电话" in told.text
    assert 'id="text-wrong"' in told.text
    where = await given(hands, "owners", f"/tickets/{number}/notice", to="property:E1", text="请三日内清理。")
    assert where == f"/tickets/{number}"
    inbox = await hands.site.http.get("/api/v1/notices", headers=hands.heads["property"])
    assert inbox.json()["notices"][0]["text"] == "请三日内清理。"


async def test_the_record_of_dissuasion_is_a_page(hands: Hands) -> None:
    number = await hands.file("B01")
    assert "没有劝阻记录" in await see(hands, "leader", f"/tickets/{number}/dissuasions")
    said = {"when": "2026-11-21T22:30", "place": "2单元楼道", "text": "当面劝阻"}
    await given(hands, "leader", f"/tickets/{number}/dissuade", **said)
    page = await see(hands, "leader", f"/tickets/{number}/dissuasions")
    assert "2单元楼道" in page
    assert "当面劝阻" in page
    assert "11月21日(周六)22:30" in page
    assert re.search(r"存证 <span class=\"mono\">[0-9a-f]{64}", page)


# -- the page itself --------------------------------------------------------------------------------------


async def test_the_ladder_is_drawn_from_the_log(hands: Hands) -> None:
    number = await hands.file("A01")
    await hands.do("leader", number, "sign")
    await hands.do("leader", number, "hand-up", {"reason": "no-agreement"})
    await hands.do("street", number, "dispatch", {"rung": "community_committee"})
    page = await see(hands, "street", f"/tickets/{number}")
    drawn = re.search(r'<ol class="ladder">(.*?)</ol>', page, re.DOTALL)
    assert drawn is not None
    marks = re.findall(r'<li(?: class="(\w+)")?(?: aria-current="step")?>([^<]+)', drawn[1])
    names = ("楼栋长", "业主委员会", "物业服务企业", "社区党委", "街道三方办")
    assert marks == list(zip(("been", "been", "passed", "here", ""), names, strict=True))
    assert "楼栋长:柳岸花园1栋楼栋长,2 天" in page
    assert "越过" in drawn[1]
    assert "现在" in drawn[1]


async def test_the_live_piece_comes_only_where_something_changed(hands: Hands) -> None:
    number = await hands.file("C01")
    page = await see(hands, "property", f"/tickets/{number}")
    version = re.search(rf"/tickets/{number}/now\?v=(\d+)", page)
    assert version is not None
    assert await see(hands, "property", f"/tickets/{number}/now?v={version[1]}", 204) == ""
    await hands.do("property", number, "sign")
    again = await see(hands, "property", f"/tickets/{number}/now?v={version[1]}")
    assert "办理中" in again
    assert "<html" not in again
    assert "还剩" in await see(hands, "property", f"/tickets/{number}/clock")


async def test_what_has_no_place_is_sorted_by_hand(hands: Hands) -> None:
    number = await hands.file("C01", where=spot(community=False))
    page = await see(hands, "street", f"/tickets/{number}")
    assert "地点不明" in page
    assert f"/tickets/{number}/do/reclassify" in page
    form = await see(hands, "street", f"/tickets/{number}/do/reclassify")
    assert 'value="990101001001"' in form
    await given(hands, "street", f"/tickets/{number}/reclassify", community_code="990101001001")
    assert "柳岸社区(小区不明)" in await see(hands, "street", f"/tickets/{number}")
