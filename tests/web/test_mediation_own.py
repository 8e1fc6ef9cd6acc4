"""The parties' own pages over HTTP: whose they are, what may be done there, what never stands on them."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from structlog.testing import capture_logs

from huiyin.core import receipt as receipts
from huiyin.web.mediations.orders import OWN
from huiyin.web.mediations.own import keys
from huiyin.web.mediations.own.forms import COMMANDS
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import OPEN, Mediators
from tests.web.shots import jpeg
from tests.web.test_mediations import CANARY, MINUTES, SAID_A, STATEMENT, agreed, sat, terms

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
MINE = "/mediation/mine"


_open: list[httpx.AsyncClient] = []


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> AsyncIterator[Mediators]:
    yield await Mediators(site, filer).sit(people)
    while _open:
        await _open.pop().aclose()


class Side:
    """One party with a browser of its own."""

    def __init__(self, hands: Mediators, number: str, party: str) -> None:
        self.hands, self.number, self.party = hands, number, party
        self.http = httpx.AsyncClient(base_url=hands.site.url, headers=HTML, timeout=20, verify=False)
        _open.append(self.http)

    async def enter(self, code: str = "") -> httpx.Response:
        code = code or self.hands.codes[self.number][self.party]
        return await self.http.post("/mediation", data={"code": code})

    async def page(self, path: str = MINE) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text

    async def does(self, command: str, **said: Any) -> httpx.Response:
        """Through the page that asks, with its mark and its key."""
        page = await self.page(f"{MINE}/do/{command}")
        fields = dict(re.findall(r'name="(csrf|key|digest)" value="([^"]*)"', page))
        return await self.http.post(f"{MINE}/{command}", data=fields | said)


async def sides(hands: Mediators, number: str) -> tuple[Side, Side]:
    one, two = Side(hands, number, "p1"), Side(hands, number, "p2")
    for side in (one, two):
        answer = await side.enter()
        assert (answer.status_code, answer.headers["location"]) == (303, MINE)
    return one, two


def test_every_own_order_has_its_form() -> None:
    assert set(COMMANDS) == set(OWN)


# -- the code, the cookie ----------------------------------------------------------------------------------


async def test_the_code_is_nowhere_but_in_the_form(hands: Mediators) -> None:
    """Not in an address, not on a page of the case, not in a log line; a wrong one stands there to be put right."""
    number = await hands.opened()
    code = hands.codes[number]["p1"]
    with capture_logs() as lines:
        side = Side(hands, number, "p1")
        await side.enter()
        page = await side.page()
        await hands.looks("p1", number)
        wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
        typed = await side.http.post("/mediation", data={"code": wrong})
    assert typed.status_code == 404
    assert f'value="{wrong}"' in typed.text
    assert wrong not in repr(lines)
    for form in (code, code.replace("-", ""), code.replace("-", " ")):
        assert form not in page
        assert form not in typed.text
        assert form not in repr(lines)
        assert form not in repr(side.http.cookies)
    assert [one for one in lines if one.get("route") == MINE]


async def test_a_cookie_opens_one_side_of_one_case(hands: Mediators) -> None:
    first, second = await hands.opened(), await hands.opened(text="另一件纠纷")
    one, two = await sides(hands, first)
    mine = await one.page()
    assert "您同意调解吗" in mine
    assert "娄秀兰" not in mine
    cookie = one.http.cookies[keys.COOKIE]
    assert cookie != two.http.cookies[keys.COOKIE]
    for forged in (
        cookie.replace(first, second),
        cookie.replace(".p1.", ".p2."),
        cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
        "x",
    ):
        answer = await hands.site.http.get(MINE, headers=HTML | {"Cookie": f"{keys.COOKIE}={forged}"})
        assert answer.status_code == 403, forged
        assert "请先输入调解查询码" in answer.text
    staff = await hands.site.http.get(f"/mediations/{first}", headers=HTML | {"Cookie": f"{keys.COOKIE}={cookie}"})
    assert staff.status_code != 200


async def test_the_cookie_is_its_own_and_safe(hands: Mediators) -> None:
    from msgspec.structs import replace

    number = await hands.opened()
    side = Side(hands, number, "p1")
    said = {part.strip().lower() for part in (await side.enter()).headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= said
    site = hands.site
    site.room.where = replace(site.room.where, public_url="https://huiyin.example")
    cookie = (await side.enter()).headers["set-cookie"]
    assert cookie.startswith(f"__Host-{keys.COOKIE}=")
    assert "secure" in cookie.lower()


async def test_a_session_ends(hands: Mediators, monkeypatch: pytest.MonkeyPatch) -> None:
    """By leaving; after two hours without a page; after twelve in all; with the next code."""
    number = await hands.opened()
    one, two = await sides(hands, number)
    page = await one.page()
    mark = re.search(r'name="csrf" value="([^"]*)"', page)
    assert mark is not None
    assert (await one.http.post("/mediation/leave", data={"csrf": "0" * 32})).status_code == 403
    assert (await one.http.post("/mediation/leave", data={"csrf": mark[1]})).status_code == 303
    assert (await one.http.get(MINE)).status_code == 403
    began = keys.now()
    for hours in range(1, 12):
        monkeypatch.setattr(keys, "now", lambda hours=hours: began + hours * 3600)
        assert (await two.http.get(MINE)).status_code == 200, hours
    monkeypatch.setattr(keys, "now", lambda: began + 12 * 3600 + 1)
    assert (await two.http.get(MINE)).status_code == 403
    await two.enter()
    monkeypatch.setattr(keys, "now", lambda: began + 14 * 3600 + 2)
    assert (await two.http.get(f"{MINE}/news?v=x")).status_code == 403
    await two.enter()
    path = f"/api/v1/mediations/{number}/parties/p2/code"
    again = await hands.site.http.post(path, headers=hands.heads["community"], json={})
    assert (await two.http.get(MINE)).status_code == 403, "another code was given out"
    assert (await two.enter()).status_code == 404
    assert (await two.enter(again.json()["codes"]["p2"])).status_code == 303


async def test_wrong_codes_are_counted_by_network(hands: Mediators) -> None:
    number = await hands.opened()
    side = Side(hands, number, "p1")
    assert (await side.enter("1234")).status_code == 404
    for n in range(keys.TRIES):
        assert (await side.enter(receipts.show(n))).status_code == 404
    answer = await side.enter()
    assert answer.status_code == 429
    assert "过一会儿" in answer.text
    assert (await hands.looks("p1", number)).status_code == 429, "the API counts with it"


async def test_a_form_needs_the_session_s_mark(hands: Mediators) -> None:
    number = await hands.opened()
    one, _ = await sides(hands, number)
    assert (await one.http.post(f"{MINE}/refuse", data={"key": "k"})).status_code == 403
    assert (await one.http.post(f"{MINE}/refuse", data={"csrf": "0" * 32, "key": "k"})).status_code == 403
    page = await one.page(f"{MINE}/do/refuse")
    said = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', page))
    for head in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert (await one.http.post(f"{MINE}/refuse", data=said, headers=head)).status_code == 403
    assert (await hands.looks("p1", number)).json()["state"] == "applied"


# -- the story ---------------------------------------------------------------------------------------------


async def test_from_consent_to_what_was_performed(hands: Mediators) -> None:
    number = await hands.opened()
    await hands.does("community", number, "check")
    one, two = await sides(hands, number)
    assert (await one.does("consent")).status_code == 422, "without having read it"
    for side in (one, two):
        assert "您同意调解吗" in await side.page()
        assert (await side.does("consent", read="yes")).status_code == 303
        assert "请阅读权利义务告知书" in await side.page()
        assert "自愿、平等、免费" in await side.page()
        assert (await side.does("notify-rights", read="yes")).status_code == 303
    await hands.does("community", number, "accept")
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    assert "由人民调解员wang调解,您接受吗?" in await one.page()
    wang = {"matter": "mediator", "of": await hands.person("wang"), "yes": "yes"}
    assert (await one.does("answer", **wang)).status_code == 303
    assert "您接受吗" not in await one.page()
    at = (hands.site.clock.now + timedelta(days=1)).isoformat()
    await hands.does("wang", number, "plan", {"at": at, "text": "", "venue": "二楼老娘舅调解室"})
    page = await two.page()
    assert "第 1 次调解会,您来吗?" in page
    assert "二楼老娘舅调解室" in page
    assert (await two.does("reply", session="1", coming="yes")).status_code == 303
    ics = await two.http.get(f"{MINE}/calendar/1")
    assert ics.headers["content-type"].startswith("text/calendar")
    assert "DTSTART:20" in ics.text
    assert not [w for w in (number, "调解", "老娘舅", "柳岸", "wang", "漏水") if w in ics.text]


async def test_one_no_ends_it_with_the_ways_told(hands: Mediators) -> None:
    number = await hands.opened()
    one, two = await sides(hands, number)
    assert (await one.does("consent", read="yes")).status_code == 303
    assert "就不能改回来" in await two.page(f"{MINE}/do/refuse")
    assert (await two.does("refuse")).status_code == 303
    for side in (one, two):
        page = await side.page()
        assert "调解结束了" in page
        assert "向人民法院起诉" in page
        assert "停止调解" not in page
    assert "您同意调解" not in await two.page(), "what the other said is no part of the story"
    assert "请看其他解决途径" in await one.page()
    assert (await one.does("deliver-routes")).status_code == 303
    assert "请看其他解决途径" not in await one.page()
    again = await one.does("consent", read="yes")
    assert again.status_code in (303, 409)


async def test_stopped_in_the_third_session(hands: Mediators) -> None:
    number = await sat(hands)
    for _ in range(2):
        hands.site.clock.now += timedelta(hours=2)
        began = hands.site.clock.now.isoformat()
        await hands.does("wang", number, "hold", {"began": began, "present": ["p1", "p2"], "minutes": f"记录{began}"})
    one, two = await sides(hands, number)
    assert "第 3 次" in await two.page()
    assert (await two.does("stop")).status_code == 303
    for side in (one, two):
        assert "调解结束了:要求终止调解" in await side.page()
    twice = await two.does("stop")
    assert twice.status_code == 303, "the same again is no fault"


async def test_what_was_owed_is_received(hands: Mediators) -> None:
    number = await agreed(hands)
    one, two = await sides(hands, number)
    page = await one.page()
    assert "更换卫生间防水层" in page
    assert "对方对您" in page
    assert "您对对方" in await two.page()
    today = f"{hands.site.clock.now:%Y-%m-%d}"
    wrong = await two.does("perform", item="i1", done="whole", at=today)
    assert wrong.status_code == 409, "of what it owes itself a party says nothing"
    late = await one.does("perform", item="i1", done="whole", at="2099-01-01")
    assert late.status_code == 409
    assert "2099-01-01" in late.text, "what was typed stands there"
    assert (await one.does("perform", item="i1", done="whole", at=today)).status_code == 303
    assert "约定的都做到了" in await one.page()
    asked = {"matter": "confirmation", "of": "", "yes": "yes"}
    assert (await one.does("answer", **asked)).status_code == 303
    assert "一起申请法院司法确认,您同意吗?" in await two.page()


async def test_a_receipt_s_picture_is_seen_by_both_sides_and_nobody_else(hands: Mediators) -> None:
    number, other = await agreed(hands), await hands.opened(text="另一件")
    one, two = await sides(hands, number)
    stranger, _ = await sides(hands, other)
    page = await one.page(f"{MINE}/do/perform?item=i1")
    said = dict(re.findall(r'name="(csrf|key|item)" value="([^"]*)"', page))
    said |= {"done": "part", "at": f"{hands.site.clock.now:%Y-%m-%d}"}
    wrong = await one.http.post(f"{MINE}/perform", data=said, files={"picture": ("a.jpg", b"no picture", "image/jpeg")})
    assert wrong.status_code == 422
    assert 'value="part" checked' in wrong.text
    files = {"picture": ("a.jpg", jpeg(), "image/jpeg")}
    assert (await one.http.post(f"{MINE}/perform", data=said, files=files)).status_code == 303
    (ref,) = set(re.findall(r"pictures/([0-9a-f]{24}-[0-9])", await two.page()))
    path = f"{MINE}/pictures/{ref}?size=small"
    for side in (one, two):
        assert (await side.http.get(path)).headers["content-type"] == "image/jpeg"
    assert (await stranger.http.get(path)).status_code == 404
    assert (await hands.site.http.get(path)).status_code == 403
    nobody = await hands.site.http.post(f"{MINE}/perform", data=said, files=files, headers=HTML)
    assert nobody.status_code == 403, "without a session no picture is developed"


# -- what never stands there -------------------------------------------------------------------------------


async def everything(side: Side) -> str:
    """All that a party reads on pages."""
    said = [await side.page(), (await side.http.get(f"{MINE}/agreement.pdf")).text]
    for command in COMMANDS:
        said.append((await side.http.get(f"{MINE}/do/{command}?item=i1&session=1&matter=open")).text)
    return "".join(said)


async def test_nothing_of_the_other_side_nor_of_what_was_confided_nor_of_a_danger(hands: Mediators) -> None:
    ticket = await hands.file("A01")
    body = {"text": "两家谈不拢", "parties": OPEN["parties"][1:]}
    number = str((made := (await hands.order("community", ticket, "mediate", body)).json())["number"])
    hands.codes[number] = made["codes"]
    await hands.does("community", number, "check")
    for party in ("p1", "p2"):
        await hands.does(party, number, "consent", {"how": "screen"})
        await hands.does(party, number, "notify-rights", {"how": "screen"})
    await hands.does("community", number, "accept")
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    hands.site.clock.now += timedelta(hours=1)
    said = [{"party": "p1", "text": SAID_A}, {"party": "p2", "text": STATEMENT}]
    began = hands.site.clock.now.isoformat()
    held = {"began": began, "present": ["p1", "p2"], "minutes": MINUTES, "statements": said, "undisputed": ["确有漏水"]}
    await hands.does("wang", number, "hold", held)
    await hands.does("wang", number, "confide", {"party": "p1", "text": CANARY})
    await hands.does("wang", number, "draft", {"terms": terms()})
    one, two = await sides(hands, number)
    before = re.search(r'news\?v=(\w+)"', await two.page())
    assert before is not None
    await hands.does("wang", number, "confide", {"party": "p1", "text": f"{CANARY},又一次"})
    await hands.does("wang", number, "flag-risk", {"risk": "child", "text": "孩子身上有伤"})
    assert (await two.http.get(f"{MINE}/news?v={before[1]}")).status_code == 204, "what is hidden moves nothing"
    first, second = await everything(one), await everything(two)
    for text, phone in ((first, "13800000002"), (second, "13800000000")):
        for secret in (CANARY, MINUTES, ticket, "孩子", "危险", "风险", "工单", phone):
            assert secret not in re.sub(r"(有|遇到)危险请(直接)?拨打", "", text), secret
    assert (SAID_A in first, STATEMENT in first) == (True, False)
    assert (SAID_A in second, STATEMENT in second) == (False, True)
    digest = (await hands.looks("p1", number)).json()["sight"]["agreement"]["digest"]
    mark = {"digest": digest, "form": "signature", "at": hands.site.clock.now.isoformat()}
    refused = await hands.tries("p1", number, "mark", mark)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-now")
    assert "报告" not in refused.text


async def test_typed_where_receipts_are_asked_for(hands: Mediators) -> None:
    """Both are sixteen digits: a party's code gets into no address there either."""
    number = await hands.opened()
    side = Side(hands, number, "p1")
    answer = await side.http.post("/r", data={"receipt": hands.codes[number]["p1"]})
    assert (answer.status_code, answer.headers["location"]) == (303, MINE)
    assert "您同意调解吗" in await side.page()
    plain = await side.http.post("/r", data={"receipt": receipts.show(42)})
    assert plain.headers["location"] == f"/r/{receipts.show(42)}"


# -- who speaks --------------------------------------------------------------------------------------------


async def test_a_group_speaks_by_who_it_chose_and_a_party_by_its_agent(hands: Mediators) -> None:
    parties = [OPEN["parties"][0], {"name": "2单元业主", "kind": "group"}]
    number = await hands.opened(parties=parties)
    one, two = await sides(hands, number)
    assert (await two.does("consent", read="yes")).status_code == 409
    assert (await two.does("represent")).status_code == 422
    assert (await two.does("represent", name0="周桂芳", name1="阿依古丽·买买提")).status_code == 303
    page = await two.page()
    assert "阿依古丽·买买提" in page
    assert (await two.does("consent", read="yes")).status_code == 422, "which of them?"
    asked = await two.page(f"{MINE}/do/consent")
    who = re.findall(r'name="by" value="([^"]+)"', asked)
    assert len(who) == 2
    assert (await two.does("consent", read="yes", by=who[1])).status_code == 303
    said = {"name": "娄志强", "phone": "13900000009", "text": "儿子,代我来谈", "special": "yes"}
    assert (await one.does("empower", **said)).status_code == 303
    page = await one.page()
    assert "娄志强(特别授权)" in page
    assert "13900000009" not in page
    assert "娄志强" not in await two.page()
    assert "周桂芳" not in page
    asked = await one.page(f"{MINE}/do/consent")
    who = re.findall(r'name="by" value="([^"]+)"', asked)
    assert who[0] == "self"
    assert (await one.does("consent", read="yes", by=who[1])).status_code == 303
    assert "各方都同意了" in await one.page()


# -- afterwards --------------------------------------------------------------------------------------------


async def test_in_the_archive_it_is_only_read_and_erased_words_say_so(
    hands: Mediators, admin: asyncpg.Connection
) -> None:
    number = await agreed(hands)
    one, two = await sides(hands, number)
    at = hands.site.clock.now.isoformat()
    await hands.does("p1", number, "perform", {"item": "i1", "done": "whole", "at": at})
    await hands.does("wang", number, "visit", {"at": at, "parties": ["p1", "p2"], "kept": "yes", "text": "都好了"})
    papers = ["register", "notice", "identity", "record", "agreement", "visit"]
    await hands.does("community", number, "archive", {"papers": papers})
    for side in (one, two):
        page = await side.page()
        assert "这里只能查看" in page
        assert "确有漏水" in page
        assert page.count("<form") == 1, "only to leave"
        assert (await side.does("sue")).status_code == 409
    await admin.execute("DELETE FROM vault.dossiers WHERE ref LIKE $1", f"{number}/%")
    page = await one.page()
    assert "确有漏水" not in page
    assert "已按规定删除" in page


async def test_words_are_words(hands: Mediators) -> None:
    number = await hands.accepted()
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    evil = "<script>alert(1)</script><b>{{ 7 * 7 }}</b>"
    await hands.does("wang", number, "disclose", {"text": evil})
    at = (hands.site.clock.now + timedelta(days=1)).isoformat()
    await hands.does("wang", number, "plan", {"at": at, "venue": evil})
    one, _ = await sides(hands, number)
    page = await one.page()
    assert "<script>alert" not in page
    assert page.count("&lt;b&gt;{{ 7 * 7 }}") >= 3
    hostile = "?item=<b>&session=<b>&matter=<b>&of=<b>&yes=<b>&by=<b>&said=<b>"
    for command in COMMANDS:
        answer = await one.http.get(f"{MINE}/do/{command}{hostile}")
        assert answer.status_code == 200, command
        assert "<b>" not in answer.text, command
