"""A whistle's page and its forms over plain HTTP: what is there for whom, what a form sends, what it says back."""

import re
from datetime import timedelta
from typing import Any, get_args

import asyncpg
import httpx
import pytest

from huiyin.core.whistle import commands as core
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.state import State
from huiyin.orders import Order, Whistling
from huiyin.web.staff.whistles import ahead, forms, orders
from huiyin.web.staff.whistles.called import word, words
from huiyin.web.staff.whistles.drawn import Cell
from huiyin.web.staff.whistles.forms import BARE, FIRST, FORMS, GROUPS
from huiyin.web.whistles.orders import ORDERS
from tests.web.conftest import Filer, People, Site
from tests.web.shots import jpeg, send
from tests.web.whistlers import BLOW, CITY, FIRE, GRID, POLICE, Whistlers

HTML = {"Accept": "text/html"}
pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    return await Whistlers(site, filer).sit(people)


async def see(hands: Whistlers, who: str, path: str, status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer.text


async def sent(hands: Whistlers, who: str, path: str, said: dict[str, Any], key: str = "k1") -> httpx.Response:
    return await hands.site.http.post(path, headers=hands.heads[who] | HTML, data={"key": key, **said})


async def given(hands: Whistlers, who: str, path: str, said: dict[str, Any], key: str = "k1") -> str:
    """Where a form that must be taken leads."""
    answer = await sent(hands, who, path, said, key)
    assert answer.status_code == 303, (answer.status_code, plain(answer.text))
    return answer.headers["location"].partition("?")[0]


def plain(html: str) -> str:
    """What a page says."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# -- the table of forms -----------------------------------------------------------------------------------


def test_every_order_has_a_form() -> None:
    assert set(FORMS) == set(ORDERS)
    assert {one.group for one in FORMS.values()} == set(GROUPS)
    assert set(FIRST) <= set(FORMS)
    assert set(FORMS) >= BARE
    assert {name for name, form in FORMS.items() if not form.fields} - BARE == {"pass-on", "rule", "rate"}
    made = {handler.paths.copy().pop() for handler in orders.ROUTES}
    assert {f"/whistles/{{number:str}}/{name}" for name in set(ORDERS) - orders.ELSEWHERE} <= made


def test_every_code_has_chinese_words() -> None:
    forms_ = [*FORMS.values(), forms.scored({CITY: "城管"}, arrival=True), forms.ruled(several=True, lead=True)]
    for form in forms_:
        assert re.search(r"[一-鿿]+.*[一-鿿]", form.title + form.button), form
        for field in form.fields:
            assert re.search(r"[一-鿿]", field.label), field.name
            for code, said in field.options.items() if isinstance(field.options, dict) else ():
                assert re.search(r"[一-鿿]", said), (field.name, code)
    assert all(re.search(r"[一-鿿]", said) for said in words("duty", get_args(s.Duty)).values())
    for code in get_args(s.Outcome):
        assert word("outcome", code) != code


def test_every_step_that_an_order_leads_to_is_told_before() -> None:
    """But for what is told together with another one, and what only time or a consumer does."""
    told = set(ahead._AHEAD)
    quiet = {s.Blown, s.ObjectionRuled, s.Arrived, s.Supervised, s.ResidentHeard, s.Reminded, s.Recomputed}
    assert told | quiet == set(get_args(s.Step))
    assert not told & quiet


def test_what_cannot_be_undone_asks() -> None:
    assert {command for command, form in FORMS.items() if form.grave} == {
        "decline", "send-back", "rule", "answer", "reply", "ask-co", "join", "confirm", "return", "rate", "rate-back",
        "cancel",
    }  # fmt: skip


# -- who sees what ----------------------------------------------------------------------------------------

CANARY = "甲乙丙丁-理由"


async def _from_a_ticket(hands: Whistlers) -> tuple[str, str]:
    ticket = await hands.file("B04")
    await hands.do("street", ticket, "note", {"text": "到现场劝阻一次,商户答应清走"})
    asks = [
        {"department": CITY, "text": "请查处甲", "lead": True},
        {"department": POLICE, "text": "请查处乙"},
    ]
    answer = await hands.order("street", ticket, "whistle", BLOW | {"asks": asks, "text": CANARY})
    number = answer.json()["number"]
    await hands.does("boss", number, "approve", {"text": "同意-领导意见"})
    return ticket, number


async def test_the_street_sees_all_of_it(hands: Whistlers) -> None:
    ticket, number = await _from_a_ticket(hands)
    text = plain(await see(hands, "street", f"/whistles/{number}"))
    for said in ("日常哨", CANARY, "请查处甲", "请查处乙", ticket, "城管", "公安", "主办", "协办", "还剩"):
        assert said in text, said
    assert "记录了办理进展" in text, "the evidence is told by the ticket's teller"
    assert "没有执法权" in text
    assert "同意-领导意见" in text
    page = await see(hands, "street", f"/whistles/{number}")
    assert f'href="/tickets/{ticket}"' in page
    assert page.count('role="rowheader"') == 2
    assert page.index("城管") < page.index("公安"), "the lead first"
    assert "到场" not in re.findall(r'columnheader">([^<]+)<', page), "nobody must come to a daily one"


async def test_a_department_sees_its_own_and_nothing_else(hands: Whistlers, admin: asyncpg.Connection) -> None:
    """No ticket, no complaint, no reason, nobody's name, no other department's task, no resident's word."""
    ticket, number = await _from_a_ticket(hands)
    await hands.does("city", number, "acknowledge")
    await hands.does("police", number, "acknowledge")
    await hands.does("police", number, "object", {"reason": "not-our-duty", "text": "乙的异议"})
    await hands.does("police", number, "answer", {"text": "乙的反馈"})
    await hands.does("city", number, "ask-pause", {"reason": "weather", "days": 2, "text": "甲的暂停"})
    persons = [row["person"] for row in await admin.fetch("SELECT person FROM persons")]
    hidden = {
        "city": ["请查处乙", "乙的异议", "not-our-duty"],
        "police": ["请查处甲", "甲的暂停"],
    }
    own = {"city": ["请查处甲", "乙的反馈", "甲的暂停"], "police": ["请查处乙", "乙的异议", "乙的反馈"]}
    for who, never in hidden.items():
        for path in (f"/whistles/{number}", f"/whistles/{number}/now", "/calls", f"/whistles/{number}/do/progress"):
            page = await see(hands, who, path)
            for canary in (*never, ticket, CANARY, "没有执法权", "no-power", "领导意见", "劝阻一次", *persons):
                assert canary not in page, (who, path, canary)
        text = plain(await see(hands, who, f"/whistles/{number}"))
        assert all(one in text for one in own[who]), (who, own[who])
    await hands.does("city", number, "acknowledge", {"person": "city"})
    told = {who: _cells(await see(hands, who, f"/whistles/{number}")) for who in ("city", "police", "street")}
    assert "11月" in told["street"][1], "when the co-department answered"
    assert "11月" in told["city"][1], "it answers to the lead"
    assert told["police"][0] == "还没有", "what the lead has not done has no limit for another one"


def _cells(page: str) -> list[str]:
    """The last stage of each department, the lead's first."""
    return [plain(one).strip() for one in re.findall(r'data-label="答复、反馈"[^>]*>(.*?)</td>', page, re.DOTALL)]


async def test_hidden_is_not_there(hands: Whistlers) -> None:
    number = await hands.called()
    paths = [f"/whistles/{number}", f"/whistles/{number}/now"]
    for who in ("fire", "community2", "street2"):
        for path in paths:
            await see(hands, who, path, 404)
    await see(hands, "fire", f"/whistles/{number}/do/acknowledge", 404)
    await see(hands, "street2", f"/whistles/{number}/do/confirm", 404)
    assert (await sent(hands, "fire", f"/whistles/{number}/acknowledge", {})).status_code == 404
    for who in ("property", "grid", "owners"):
        await see(hands, who, f"/whistles/{number}", 403)
    await see(hands, "street", f"/whistles/{number}/do/acknowledge", 403)
    await see(hands, "auditor", f"/whistles/{number}")
    await see(hands, "street", "/whistles/SH999999999", 404)
    await see(hands, "street", f"/whistles/{number}/pictures/{'0' * 24}-1", 404)


async def test_unchanged_is_nothing(hands: Whistlers) -> None:
    number = await hands.called()
    (asked,) = re.findall(
        r'hx-get="([^"]+)"', (await see(hands, "city", f"/whistles/{number}")).partition("data-live")[2]
    )
    await see(hands, "city", asked, 204)
    hands.site.clock.now += timedelta(minutes=1)
    await see(hands, "city", asked)  # a clock that stands still says what is not so
    assert "接哨" in await see(hands, "city", f"/whistles/{number}/now?v=1")


# -- the department's forms -------------------------------------------------------------------------------


async def test_called_come_answered_rated(hands: Whistlers) -> None:
    number = await hands.called(kind="enforcement")
    here = f"/whistles/{number}"
    page = await see(hands, "city", here)
    assert f'action="{here}/acknowledge"' in page, "one tap"
    assert await given(hands, "city", f"{here}/acknowledge", {}) == here
    form = await see(hands, "city", f"{here}/do/arrive")
    assert 'type="file"' in form
    assert "data-locate" in form
    said = {"on_site": "yes", "lat": "31.2300", "lon": "121.4700", "arrived_at": ""}
    head = hands.heads["city"] | HTML
    answer = await send(hands.site.http, f"{here}/arrive", {"key": "k2", **said}, [jpeg()], headers=head)
    assert answer.status_code == 303, plain(answer.text)
    line = (await hands.stands("city", number))["line"]
    assert line["on_site"] == "yes"
    (ref,) = set(re.findall(rf'{here}/pictures/([0-9a-f]+-[0-9])"', await see(hands, "city", here)))
    for who, status in (("city", 200), ("street", 200), ("fire", 404)):
        picture = await hands.site.http.get(f"{here}/pictures/{ref}", headers=hands.heads[who])
        assert picture.status_code == status
    assert "到场属实" in await see(hands, "street", here)
    await _answered(hands, here, number)
    await _rated(hands, here, number)


async def _answered(hands: Whistlers, here: str, number: str) -> None:
    """Refused with what is missing, answered, returned, answered again, confirmed."""
    missing = await sent(hands, "city", f"{here}/reply", {"text": "办好了", "accepted_at": ""})
    assert missing.status_code == 422
    for name in ("accepted_at", "contacted", "finished"):
        assert f'id="{name}-wrong"' in missing.text
    assert "办好了" in missing.text, "what was typed is kept"
    reply: dict[str, Any] = {"accepted_at": "2026-11-22T09:00", "contacted": ["on_site", "blower"], "text": "已清走"}
    later = await sent(hands, "city", f"{here}/reply", reply | {"finished": "no"})
    assert 'id="by_when-wrong"' in later.text
    past = await sent(hands, "city", f"{here}/reply", reply | {"finished": "no", "by_when": "2026-11-01T09:00"})
    assert past.status_code == 409
    assert 'id="by_when-wrong"' in past.text
    assert 'value="on_site" checked' in past.text
    assert await given(hands, "city", f"{here}/reply", reply | {"finished": "yes"}) == here
    shown = await hands.stands("street", number)
    assert shown["reply"]["contacted"] == ["on_site", "blower"]
    assert shown["reply"]["finished"]
    back = {"text": "通道口还有两箱"}
    assert "已清走" in await see(hands, "street", f"{here}/do/return"), "what was answered stands beside the question"
    assert await given(hands, "street", f"{here}/return", back) == here
    assert "通道口还有两箱" in await see(hands, "city", here)
    for who in ("city", "street"):
        assert "退回重办,第 1 次。 还缺: 通道口还有两箱" in plain(await see(hands, who, here)), who
    await given(hands, "city", f"{here}/reply", reply | {"finished": "yes", "text": "全部清走"}, "k3")
    assert await given(hands, "street", f"{here}/confirm", {}) == here


async def _rated(hands: Whistlers, here: str, number: str) -> None:
    scores = {f"{what}:{CITY}": "5" for what in ("response", "arrival", "quality")}
    lacking = await sent(hands, "street", f"{here}/rate", scores)
    assert lacking.status_code == 422
    assert f'id="cooperation:{CITY}-wrong"' in lacking.text
    await given(hands, "street", f"{here}/rate", scores | {f"cooperation:{CITY}": "4"})
    await given(hands, "city", f"{here}/rate-back", {"justified": "partly", "score": "3"})
    for who in ("street", "city"):
        text = plain(await see(hands, who, here))
        assert "已结哨" in text
        assert "配合 4 分" in text
        assert "部分合理" in text
    assert (await hands.stands("street", number))["state"] == "closed"


async def test_all_departments_are_rated_on_one_page(hands: Whistlers) -> None:
    _, number = await _from_a_ticket(hands)
    for who in ("city", "police"):
        await hands.does(who, number, "acknowledge")
    called_at = (await hands.stands("city", number))["called_at"]
    reply = {"accepted_at": called_at, "contacted": ["on_site"], "text": "办好了", "finished": True}
    await hands.does("city", number, "reply", reply)
    await hands.does("street", number, "confirm")
    page = await see(hands, "street", f"/whistles/{number}/do/rate")
    assert page.count("<fieldset") == 6
    some = (CITY, "5"), (POLICE, "2")
    scores = {f"{what}:{post}": score for post, score in some for what in ("response", "quality", "cooperation")}
    await given(hands, "street", f"/whistles/{number}/rate", scores)
    assert {one["post"] for one in (await hands.stands("street", number))["ratings"]} == {CITY, POLICE}
    await given(hands, "street", f"/whistles/{number}/rate", scores, "k8")  # the same again is the same
    for who, own, never in (("city", "质量 5 分", "质量 2 分"), ("police", "质量 2 分", "质量 5 分")):
        text = plain(await see(hands, who, f"/whistles/{number}"))
        assert own in text, who
        assert never not in text, "how others were rated is not theirs to know"
    other = dict.fromkeys(scores, "1")
    for said in (other, {}):
        again = await sent(hands, "street", f"/whistles/{number}/rate", said, "k9")
        assert again.status_code == 409
        assert "已经评价过了" in again.text


async def test_an_answer_in_the_minute_of_the_call(hands: Whistlers) -> None:
    """A form knows minutes: what is accepted at once is not before the call."""
    hands.site.clock.now += timedelta(seconds=37)
    number = await hands.called()
    await hands.does("city", number, "acknowledge")
    form = await see(hands, "city", f"/whistles/{number}/do/reply")
    (when,) = re.findall(r'name="accepted_at" value="([^"]+)"', form)
    said = {"accepted_at": when, "contacted": ["on_site"], "text": "当场办好", "finished": "yes"}
    await given(hands, "city", f"/whistles/{number}/reply", said)


async def test_an_objection_is_read_and_ruled_on(hands: Whistlers) -> None:
    number = await hands.called()
    here = f"/whistles/{number}"
    await given(hands, "city", f"{here}/object", {"reason": "other-department", "text": "属于公安职责"})
    assert "异议待裁定" in await see(hands, "city", here)
    refused = await see(hands, "street", f"{here}/do/rule", 409)
    assert "由另一个人" in refused, "who blew it does not rule"
    form = await see(hands, "second", f"{here}/do/rule")
    assert "属于公安职责" in form
    assert 'label="本事项的部门"' in form
    nobody = await sent(hands, "second", f"{here}/rule", {"upheld": "yes", "to": ""})
    assert 'id="to-wrong"' in nobody.text
    same = await sent(hands, "second", f"{here}/rule", {"upheld": "yes", "to": CITY})
    assert same.status_code == 409
    assert 'id="to-wrong"' in same.text
    await given(hands, "second", f"{here}/rule", {"upheld": "yes", "to": POLICE, "text": "由公安负责"})
    await see(hands, "city", here, 404)
    assert "裁定由其负责" in await see(hands, "police", here)
    assert (await sent(hands, "city", f"{here}/progress", {"text": "x"})).status_code == 404


async def test_a_ruling_against_sends_nobody_else(hands: Whistlers) -> None:
    number = await hands.called()
    await hands.does("city", number, "object", {"reason": "other", "text": "不归我们"})
    await given(hands, "second", f"/whistles/{number}/rule", {"upheld": "no", "to": POLICE})
    assert (await hands.stands("city", number))["line"]["bound"]


async def test_a_pause_is_asked_for_and_granted(hands: Whistlers) -> None:
    number = await hands.called()
    here = f"/whistles/{number}"
    await hands.does("city", number, "acknowledge")
    assert "最多暂停 1 次,每次最长 20 个工作日" in await see(hands, "city", f"{here}/do/ask-pause")
    many = await sent(hands, "city", f"{here}/ask-pause", {"reason": "weather", "days": "99", "text": "雨天"})
    assert many.status_code == 409
    assert 'id="days-wrong"' in many.text
    await given(hands, "city", f"{here}/ask-pause", {"reason": "weather", "days": "3", "text": "雨天不能高空作业"})
    page = await see(hands, "street", here)
    assert "雨天不能高空作业" in page
    assert f'action="{here}/grant-pause"' in page
    await given(hands, "street", f"{here}/grant-pause", {})
    for who in ("street", "city"):
        assert "暂停计时" in await see(hands, who, here)
    await given(hands, "city", f"{here}/resume", {}, "k2")
    assert (await hands.stands("city", number))["state"] == "called"


async def test_a_co_department_is_asked_in(hands: Whistlers) -> None:
    number = await hands.called()
    here = f"/whistles/{number}"
    await hands.does("city", number, "acknowledge")
    who_lives_there = {"department": FIRE, "text": "请联系 13912345678"}
    ticket_words = await sent(hands, "city", f"{here}/ask-co", {"department": "", "text": "请检查消防栓"})
    assert 'id="department-wrong"' in ticket_words.text
    assert (await sent(hands, "city", f"{here}/ask-co", who_lives_there)).status_code in (303, 409)
    await sent(hands, "city", f"{here}/ask-co", {"department": FIRE, "text": "请检查消防栓"}, "k5")
    assert "消防救援" in await see(hands, "city", here)
    await given(hands, "fire", f"{here}/acknowledge", {})
    await given(hands, "fire", f"{here}/answer", {"text": "消防栓完好"})
    assert "消防栓完好" in await see(hands, "city", here), "the lead reads what is answered to it"


async def test_sent_twice_is_once(hands: Whistlers) -> None:
    number = await hands.called()
    await hands.does("city", number, "acknowledge")
    for _ in range(2):
        await given(hands, "city", f"/whistles/{number}/progress", {"text": "已到现场查看"}, "same")
    assert (await see(hands, "street", f"/whistles/{number}")).count("已到现场查看") == 1
    stale = await hands.site.http.post(
        f"/whistles/{number}/progress", headers=hands.heads["city"] | HTML, data={"text": "没有钥匙"}
    )
    assert stale.status_code == 422
    assert "没有钥匙" in stale.text


async def test_an_away_arrival_is_visible(hands: Whistlers) -> None:
    number = await hands.called(kind="emergency")
    await hands.does("city", number, "acknowledge")
    half = await sent(hands, "city", f"/whistles/{number}/arrive", {"on_site": "yes", "lat": "31.2"})
    assert half.status_code == 400
    assert 'id="position-wrong"' in half.text
    odd = await sent(hands, "city", f"/whistles/{number}/arrive", {"on_site": "yes", "lat": "x", "lon": "121"})
    assert 'id="position-wrong"' in odd.text
    await given(hands, "city", f"/whistles/{number}/arrive", {"on_site": "no"})
    for who in ("city", "street"):
        page = await see(hands, who, f"/whistles/{number}")
        assert re.search(r'class="away">\s*<div><span class="what">不在现场', page), who
    await given(hands, "city", f"/whistles/{number}/arrive", {"on_site": "yes"}, "k2")
    assert "无佐证" in await see(hands, "street", f"/whistles/{number}")


def test_states_have_words() -> None:
    from huiyin.web.whistles.shapes import STATES

    assert set(STATES) == set(get_args(State))
    assert Cell("done").words == ""
    assert set(get_args(core.Kind)) == {"emergency", "enforcement", "key", "daily"}


async def test_the_place_is_drawn_with_its_point(hands: Whistlers, admin: asyncpg.Connection) -> None:
    ring = [[121.46, 31.22], [121.48, 31.22], [121.48, 31.24], [121.46, 31.24]]
    await admin.execute("UPDATE grids SET polygon = $1 WHERE code = $2", ring, GRID)
    await admin.execute("UPDATE registry_version SET version = 'drawn'")
    middle, nowhere = await hands.called(lat=31.23, lon=121.47), await hands.called(apart="另一件事")
    for who in ("street", "city"):
        (_, page) = (await see(hands, who, f"/whistles/{middle}")).split('class="pin"')
        (x, y), height = (
            re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', page)[0],
            re.findall(r"0 0 600 ([\d.]+)", page),
        )
        assert abs(float(x) - 300) < 1, "in the middle of the outline"
        assert abs(float(y) - float(height[0]) / 2) < 1
        assert page.count("<polygon") == 1
    (_, page) = (await see(hands, "city", f"/whistles/{nowhere}")).split('class="pin"')
    assert "<polygon" in page
    assert "<circle" not in page


async def test_supervision_and_reminders_are_seen(hands: Whistlers) -> None:
    """What ran out is said at the top, in the picture and in the inbox."""
    number = await hands.called(kind="emergency")
    hands.site.clock.now += timedelta(minutes=11)
    desk = await hands.site.room.whistles()
    tick = Order("clock", "t1", "clock", Whistling(number, core.Tick()), role="clock")
    assert (await desk.act([tick], at=hands.site.clock.now))[0].outcome == "done"
    for who, path in (("city", "/calls"), ("city", f"/whistles/{number}"), ("street", f"/whistles/{number}")):
        assert "催办" in plain(await see(hands, who, path)), (who, path)
    await hands.does("city", number, "acknowledge")
    page = await see(hands, "street", f"/whistles/{number}")
    assert re.search(r'class="late">\s*<div><span class="what">已接哨,逾期', page)
    assert "曾列入催办" in plain(page)


async def test_who_is_complained_about_can_be_replaced(hands: Whistlers, admin: asyncpg.Connection) -> None:
    """Without an objection: the street is led to the ruling as soon as it is known."""
    ticket, number = await _from_a_ticket(hands)
    assert "/do/rule" not in await see(hands, "second", f"/whistles/{number}")
    await admin.execute(
        "INSERT INTO parties (number, role, organisation, at) VALUES ($1, 'respondent', $2, now())", ticket, CITY
    )
    assert "/do/rule" in await see(hands, "second", f"/whistles/{number}")
    form = await see(hands, "second", f"/whistles/{number}/do/rule")
    assert "异议成立吗" in form
    assert f'value="{CITY}"' not in form, "it is not to be chosen again"
    await given(hands, "second", f"/whistles/{number}/rule", {"upheld": "yes", "to": FIRE})
    assert [one["post"] for one in (await hands.stands("street", number))["lines"] if one["lead"]] == [FIRE]


async def test_a_list_of_departments_tells_nothing(hands: Whistlers, admin: asyncpg.Connection) -> None:
    """To the street it leaves out who is complained about; to a department the hole would tell who that is."""
    ticket, number = await _from_a_ticket(hands)
    await admin.execute(
        "INSERT INTO parties (number, role, organisation, at) VALUES ($1, 'respondent', $2, now())", ticket, FIRE
    )
    await hands.does("city", number, "acknowledge")
    await hands.does("city", number, "object", {"reason": "other", "text": "不归我们"})
    asked = await see(hands, "city", f"/whistles/{number}/do/ask-co")
    ruled = await see(hands, "second", f"/whistles/{number}/do/rule")
    assert f'value="{FIRE}"' in asked
    assert f'value="{FIRE}"' not in ruled
    assert f'value="{POLICE}"' in ruled


async def test_a_whistle_that_ended_before_it_began(hands: Whistlers) -> None:
    number = await hands.blow("community")
    assert "待街道转报" in plain(await see(hands, "community", f"/whistles/{number}"))
    said = {"reason": "not-enough", "text": "请附两次劝阻的记录"}
    await given(hands, "street", f"/whistles/{number}/send-back", said)
    page = await see(hands, "community", f"/whistles/{number}")
    assert "请附两次劝阻的记录" in page
    assert "已结哨:街道退回" in plain(page).replace(" :", ":")
    way = re.findall(r"<li[^>]*><strong>([^<]+)", page.partition('class="way"')[2].partition("</ol>")[0])
    assert way == ["吹哨", "转报", "结哨"], "there is no rest of the way"
