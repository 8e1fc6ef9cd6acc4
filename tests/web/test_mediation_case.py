"""A mediation's page and its forms over plain HTTP: what is there for whom, what a form sends, what it says back."""

import re
from datetime import datetime, timedelta
from typing import Any, get_args

import httpx
import pytest

from huiyin.core.mediation import steps
from huiyin.core.mediation.kinds import Duty
from huiyin.store import people as store_people
from huiyin.story import BEIJING
from huiyin.web.mediations.orders import ORDERS, PAGES
from huiyin.web.mediations.rehearsal import _SAMPLES
from huiyin.web.staff.mediations.case import ahead, kept, line, orders
from huiyin.web.staff.mediations.case.called import word
from huiyin.web.staff.mediations.case.forms import _ABOUT, FIRST, FORMS, GROUPS
from huiyin.web.staff.mediations.case.line import _STOPS
from huiyin.web.staff.mediations.stages import STAGES
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.shots import jpeg
from tests.web.test_mediations import CANARY, MINUTES, SAID_A, STATEMENT, agreed, sat

HTML = {"Accept": "text/html"}
pytestmark = pytest.mark.usefixtures("city")
PRIVATE = (CANARY, MINUTES, SAID_A, STATEMENT)


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def see(hands: Mediators, who: str, path: str, status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (answer.status_code, plain(answer.text)[:600])
    return answer.text


async def sent(hands: Mediators, who: str, number: str, command: str, said: dict[str, Any], **more: Any) -> Any:
    path = f"/mediations/{number}/do/{command}"
    data = {"key": f"{command}{said.get('party', '')}", **said}
    return await hands.site.http.post(path, headers=hands.heads[who] | HTML, data=data, **more)


async def given(hands: Mediators, who: str, number: str, command: str, said: dict[str, Any], **more: Any) -> None:
    """A form that must be taken."""
    answer: httpx.Response = await sent(hands, who, number, command, said, **more)
    assert answer.status_code == 303, (command, answer.status_code, plain(answer.text)[:900])


def plain(html: str) -> str:
    """What a page says."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def minute(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}"


# -- the table of forms -----------------------------------------------------------------------------------


def test_every_order_has_a_form() -> None:
    assert set(FORMS) == set(ORDERS) - PAGES == set(_SAMPLES)
    assert {one.group for one in FORMS.values()} == set(GROUPS)
    assert {name for some in FIRST.values() for name in some} <= set(FORMS)
    assert set(FIRST) == set(STAGES) - {"archived"}
    assert {name for name, form in FORMS.items() if not form.fields} == {"accept", "hold", "draft", "agree-orally"}
    made = {path for handler in orders.ROUTES for path in handler.paths}
    assert {f"/mediations/{{number:str}}/do/{name}" for name in set(ORDERS) - PAGES} == made


def test_every_code_has_chinese_words() -> None:
    for form in FORMS.values():
        assert re.search(r"[一-鿿]+.*[一-鿿]", form.title + form.button), form
        for field in form.fields:
            assert re.search(r"[一-鿿]", field.label), field.name
            for code, said in field.options.items() if isinstance(field.options, dict) else ():
                assert re.search(r"[一-鿿]", said), (field.name, code)
    assert all(re.search(r"[一-鿿]", word("duty", one)) for one in get_args(Duty))
    assert set(kept.CONFIRMED) == {"open", "applied", "confirmed", "refused", "withdrawn", "lapsed"}


def test_every_step_that_an_order_leads_to_is_told_before() -> None:
    """But for what only time, a consumer, the opening or a whistle does, and what goes into the file as pictures."""
    quiet = {
        "Applied", "Identified", "CodeRenewed", "ContactViewed", "Resurfaced", "ConfirmationLapsed", "Reminded",
        "Urged", "Recomputed", "Enclosed", "Whistled",
    }  # fmt: skip
    assert {one.__name__ for one in ahead._AHEAD} | quiet == {one.__name__ for one in get_args(steps.Step)}


def test_what_cannot_be_undone_asks_twice() -> None:
    asks = {name for name, form in FORMS.items() if any(one.name == "sure" for one in form.fields)}
    assert asks == {"decline", "refuse", "stop", "release", "end", "archive"}
    assert all(FORMS[name].grave for name in asks)


def test_every_stage_has_its_stop_and_every_refusal_a_field() -> None:
    stops = {stage for _, stages, *_ in _STOPS for stage in stages}
    assert stops == set(STAGES) - {"archived"}
    fields = {"began", "ended", "present", "invitees", "insist", "picture"}
    fields |= {one.name for form in FORMS.values() for one in form.fields}
    assert {name for some in _ABOUT.values() for name in some} <= fields
    assert line._STOPS[-1][0] == "归档"


# -- who sees what ----------------------------------------------------------------------------------------


async def test_the_mediator_sees_both_sides_whole(hands: Mediators) -> None:
    number = await sat(hands)
    text = plain(await see(hands, "wang", f"/mediations/{number}"))
    for said in (
        *PRIVATE,
        "娄秀兰",
        "许立本",
        "申请人",
        "确有漏水",
        "只有您看得到",
        "楼下天花板起皮",
        "起诉",
        "免费",
        "还剩",
    ):
        assert said in text, said
    assert "13800000001" not in text


async def test_the_desk_reads_how_far_it_is_and_no_word(hands: Mediators) -> None:
    number = await sat(hands)
    html = await see(hands, "community", f"/mediations/{number}")
    text = plain(html)
    for said in ("同意调解", "2/2", "当事人甲(申请人)", "免费", "楼下天花板起皮"):
        assert said in text, said
    for said in (*PRIVATE, "娄秀兰", "许立本", "确有漏水", "只有您看得到"):
        assert said not in html, said
    for command in ORDERS:
        answer = await hands.site.http.get(
            f"/mediations/{number}/do/{command}", headers=hands.heads["community"] | HTML
        )
        for said in (*PRIVATE, "娄秀兰", "许立本", "确有漏水"):
            assert said not in answer.text, (command, said)


async def test_whoever_it_is_not_for_finds_nothing(hands: Mediators) -> None:
    number = await sat(hands)
    paths = ["", "/now", "/do/consent", "/do/end", "/parties/p1"]
    for who in ("li", "far", "community2", "street"):
        for path in paths:
            await see(hands, who, f"/mediations/{number}{path}", 404)
        for command in ORDERS:
            answer = await sent(hands, who, number, command, {})
            assert answer.status_code in (403, 404), (who, command)
        for path in ("parties/p1", "parties/p1/code"):
            answer = await hands.site.http.post(f"/mediations/{number}/{path}", headers=hands.heads[who], data={})
            assert answer.status_code == 404, (who, path)
    for who in ("leader", "property", "auditor"):
        await see(hands, who, f"/mediations/{number}", 403)


async def test_of_a_restricted_file_the_desk_reads_nothing_of_the_matter(hands: Mediators) -> None:
    number = await sat(hands)
    await given(hands, "wang", number, "flag-risk", {"risk": "child", "text": "孩子身上有伤"})
    text = plain(await see(hands, "community", f"/mediations/{number}"))
    assert "保密卷" in text
    assert "先报告" in text
    for said in ("天花板", "孩子身上", "未成年人", "渗漏水", "金丝雀"):
        assert said not in text, said
    assert "孩子身上有伤" in plain(await see(hands, "wang", f"/mediations/{number}"))


# -- orders by form ---------------------------------------------------------------------------------------


async def test_from_check_to_archive_by_form(hands: Mediators) -> None:
    number, clock = await hands.opened(), hands.site.clock
    await given(hands, "community", number, "check", {"civil": "no"})
    for party in ("p1", "p2"):
        await given(hands, "community", number, "consent", {"party": party, "how": "paper"})
    await given(hands, "community", number, "accept", {})
    await given(hands, "community", number, "assign", {"person": await hands.person("wang"), "chosen": "no"})
    for party in ("p1", "p2"):
        await given(hands, "wang", number, "notify-rights", {"party": party, "how": "oral"})
    await given(hands, "wang", number, "disclose", {"text": "没有"})
    venue = {"at": minute(clock.now + timedelta(days=1)), "online": "no", "venue": "老娘舅调解室"}
    await given(hands, "wang", number, "plan", venue)
    await given(hands, "wang", number, "reply", {"party": "p1", "session": "1", "coming": "yes"})
    clock.now += timedelta(days=1, hours=1)
    held = {"session": "1", "began": minute(clock.now), "present": ["p1", "p2"], "minutes": MINUTES,
            "statement:p1": SAID_A, "offer:p2": "愿意修", "undisputed": "确有漏水\n确有人住"}  # fmt: skip
    await given(hands, "wang", number, "hold", held)
    await given(hands, "wang", number, "confide", {"party": "p1", "text": CANARY})
    rows = {"owes1": "p2", "owed1": "p1", "what1": "更换防水层", "manner1": "work", "until1": "2026-12-20",
            "place1": "6 楼卫生间"}  # fmt: skip
    clock.now += timedelta(seconds=40)  # a form knows minutes: what is signed in the same one is not before the draft
    terms = {"facts": "漏水", "issues": "谁修", "responsibility": "楼上", "content": "楼上修好", "partial": "no"}
    await given(hands, "wang", number, "draft", terms | rows)
    sight = (await hands.looks("wang", number)).json()["sight"]
    digest = sight["agreement"]["digest"]
    mark = {"digest": digest, "at": minute(clock.now), "form": "fingerprint"}
    for party in ("p1", "p2"):
        page = [("picture", ("sign.jpg", jpeg(), "image/jpeg"))]
        await given(hands, "wang", number, "mark", mark | {"hand": party, "key": f"m{party}"}, files=page)
    await given(hands, "wang", number, "mark", mark | {"hand": "mediator", "key": "m"})
    await given(hands, "community", number, "mark", mark | {"hand": "committee", "key": "c"})
    clock.now += timedelta(days=1)
    receipt = [("picture", ("r.jpg", jpeg(), "image/jpeg"))]
    done = {"item": "i1", "done": "part", "at": minute(clock.now)}
    await given(hands, "wang", number, "perform", done, files=receipt)
    await given(hands, "wang", number, "perform", done | {"done": "whole", "key": "whole"})
    visit = {"at": minute(clock.now), "parties": ["p1", "p2"], "kept": "yes", "satisfied": "5", "text": "都好"}
    await given(hands, "wang", number, "visit", visit)
    text = plain(await see(hands, "wang", f"/mediations/{number}"))
    for said in (
        "履行完毕",
        "回访",
        "满意度 5 分",
        "司法确认",
        "还可以共同申请",
        "到时提醒",
        "按指印",
        "看签字",
        "更换防水层",
    ):
        assert said in text, said
    assert text.count("确有") == 2
    papers = {"papers": ["register", "notice"], "sure": "yes"}
    short = await sent(hands, "community", number, "archive", papers)
    assert short.status_code == 409
    for said in ("身份证明", "调解记录", "调解协议书", "回访记录"):
        assert said in plain(short.text).partition("卷内已有的材料")[0], said
    assert re.search(r'value="register" checked', short.text)
    every = ["register", "notice", "identity", "record", "agreement", "visit"]
    unsure = await sent(hands, "community", number, "archive", {"papers": every, "key": "a2"})
    assert (unsure.status_code, "请先核对" in unsure.text) == (422, True)
    await given(hands, "community", number, "archive", {"papers": every, "sure": "yes", "key": "a3"})
    text = plain(await see(hands, "wang", f"/mediations/{number}"))
    assert "已归档" in text
    assert "登记身份" not in text


async def test_a_refusal_keeps_what_was_typed(hands: Mediators) -> None:
    number = await sat(hands)
    terms = {"facts": "漏水的经过很长", "issues": "谁修", "responsibility": "楼上", "content": "不付就停水",
             "partial": "no",
             "what1": "修好", "owes1": "p2", "owed1": "p1", "manner1": "work", "until1": "2026-12-20",
             "place1": "卫生间"}  # fmt: skip
    answer = await sent(hands, "wang", number, "draft", terms)
    assert answer.status_code == 409
    for said in ("没有办理", "不得写", "漏水的经过很长", "不付就停水", 'value="卫生间"', 'value="2026-12-20"'):
        assert said in answer.text, said
    bare = await sent(hands, "wang", number, "draft", {**terms, "content": "修好", "until1": "", "key": "k2"})
    assert (bare.status_code, "第 1 项请写明最后哪一天" in bare.text) == (422, True)
    late = await sent(hands, "wang", number, "plan", {"at": "2020-01-01T10:00", "online": "no", "venue": "三楼"})
    assert late.status_code == 409
    assert "约定的时间已过" in late.text
    assert 'value="三楼"' in late.text
    assert 'aria-invalid="true"' in late.text


async def test_an_order_that_cannot_be_given_says_why(hands: Mediators) -> None:
    number = await hands.opened()
    text = plain(await see(hands, "community", f"/mediations/{number}/do/accept", 409))
    assert "还没有审查是否可以受理" in text
    assert "回到案件" in text
    stale = await sent(hands, "community", number, "check", {"key": ""})
    assert (stale.status_code, "已经过期" in stale.text) == (422, True)


async def test_a_form_sent_twice_is_one_order(hands: Mediators) -> None:
    number = await sat(hands)
    for _ in range(2):
        await given(hands, "wang", number, "confide", {"party": "p2", "text": "第二段"})
    assert plain(await see(hands, "wang", f"/mediations/{number}")).count("第二段") == 1


async def test_danger_comes_before_everything_else(hands: Mediators) -> None:
    number = await sat(hands)
    await given(hands, "wang", number, "flag-risk", {"risk": "violence", "text": "扬言动刀"})
    html = await see(hands, "wang", f"/mediations/{number}")
    assert html.index("先报告") < html.index("娄秀兰")
    assert re.search(r'class="first">\s*<div><a class="button" href="[^"]*/do/report"', html)
    assert f'href="/mediations/{number}/do/plan"' not in html
    refused = plain(await see(hands, "wang", f"/mediations/{number}/do/plan", 409))
    assert "有危险还没有报告" in refused
    await given(hands, "wang", number, "report", {
        "body": "police", "at": minute(hands.site.clock.now), "text": "已报警,接警员 3 号"})  # fmt: skip
    assert "已经报告" in plain(await see(hands, "wang", f"/mediations/{number}"))


async def test_people_by_form(hands: Mediators) -> None:
    number = await hands.seated()
    agent = {
        "party": "p2",
        "name": "周律师",
        "phone": "13800000099",
        "relation": "律师",
        "special": "yes",
        "text": "书",
    }
    for _ in range(2):  # the same page twice is one agent
        await given(hands, "wang", number, "empower", agent)
    text = plain(await see(hands, "wang", f"/mediations/{number}"))
    assert text.count("代理人 周律师(特别授权)") == 1
    assert "13800000099" not in text
    nobody = await sent(hands, "wang", number, "empower", {**agent, "name": "", "key": "k2"})
    assert (nobody.status_code, "要写明是哪一个人" in nobody.text) == (409, True)
    options = await see(hands, "wang", f"/mediations/{number}/do/answer")
    assert "周律师(许立本(被申请人)的代理人,特别授权)" in options
    assert "周律师" not in await see(hands, "community", f"/mediations/{number}/do/answer")
    await given(hands, "wang", number, "invite", {"helper": "neighbour", "name": "老邻居"})
    assert "邀请老邻居参加" in plain(await see(hands, "wang", f"/mediations/{number}"))
    person = await hands.person("wang")
    await given(hands, "wang", number, "answer", {"party": "p1", "matter": "mediator", "mediator": person, "yes": "no"})
    await see(hands, "wang", f"/mediations/{number}", 404)


async def test_recusal_in_mid_case(hands: Mediators) -> None:
    """Who turns out to live with an agent is out; the desk is told so and no more, and names somebody else."""
    number, wang = await hands.seated(), await hands.person("wang")
    home = hands.site.room.seal.household("E1-B01", "302")
    await hands.site.room.write(lambda c: store_people.describe(c, wang, None, home, None))
    body = {"key": "k", "name": "许立本", "phone": "1", "building_code": "E1-B01", "room": "302"}
    path = f"/mediations/{number}/parties/p2"
    answer = await hands.site.http.post(path, headers=hands.heads["community"] | HTML, data=body)
    assert answer.status_code == 303, plain(answer.text)
    await see(hands, "wang", f"/mediations/{number}", 404)
    text = plain(await see(hands, "community", f"/mediations/{number}"))
    assert "要换调解员: wang与本件有利害关系" in text
    form = await see(hands, "community", f"/mediations/{number}/do/release")
    assert wang in form
    await given(hands, "community", number, "release", {"person": wang, "reason": "recused", "sure": "yes"})
    choice = await see(hands, "community", f"/mediations/{number}/do/assign")
    assert re.search(r'aria-disabled="true">wang</span>\s*<span[^>]*>与本件有利害关系', choice)
    assert f'value="{wang}"' not in choice
    assert "在办 0 件" in choice
    await given(hands, "community", number, "assign", {"person": await hands.person("li"), "chosen": "no"})
    await see(hands, "li", f"/mediations/{number}")


async def test_a_new_code_is_told_once_and_ends_the_one_before(hands: Mediators) -> None:
    number = await hands.opened()
    path = f"/mediations/{number}/parties/p1/code"
    page = await hands.site.http.post(path, headers=hands.heads["community"] | HTML, data={})
    assert page.status_code in (200, 201)
    (label,) = re.findall(r'aria-label="查询码 ([\d ]+)"', page.text)
    code = label.replace(" ", "-")
    assert (await hands.looks("p1", number)).status_code == 404
    hands.codes[number]["p1"] = code
    assert (await hands.looks("p1", number)).status_code == 200
    assert label not in await see(hands, "community", f"/mediations/{number}")
    assert "丢了请告诉" in page.text


async def test_one_that_ended_shows_where_and_why(hands: Mediators) -> None:
    number = await sat(hands)
    unsure = await sent(hands, "wang", number, "stop", {"party": "p2", "how": "oral"})
    assert unsure.status_code == 422
    await given(hands, "wang", number, "stop", {"party": "p2", "how": "oral", "sure": "yes", "key": "s2"})
    for who in ("wang", "community"):
        text = plain(await see(hands, who, f"/mediations/{number}"))
        assert "要求终止调解" in text
        assert "结束" in text
    await given(hands, "community", number, "deliver-routes", {"party": "p1", "how": "paper"})
    assert "1/2" in plain(await see(hands, "community", f"/mediations/{number}"))


async def test_the_live_piece_is_silent_where_nothing_changed(hands: Mediators) -> None:
    number = await agreed(hands)
    html = await see(hands, "wang", f"/mediations/{number}")
    path = re.search(r'hx-get="(/mediations/[^"]+)"', html)
    assert path is not None
    assert (await hands.site.http.get(path[1], headers=hands.heads["wang"])).status_code == 204
    await given(hands, "wang", number, "sue", {"party": "p1"})
    answer = await hands.site.http.get(path[1], headers=hands.heads["wang"])
    assert answer.status_code == 200
    assert "已经起诉" in answer.text
    assert "<html" not in answer.text
