"""An application by form: filled in, looked at once more, opened; each party's code told once; a ticket's complainant
named to nobody."""

import html
import re
from typing import Any

import asyncpg
import httpx
import pytest

from huiyin.core import receipt as receipts
from huiyin.core.mediation import precheck
from huiyin.store import committees
from huiyin.store.committees import Body
from huiyin.web.staff.mediations.application import Filled
from tests.web.conftest import Filer, People, Site
from tests.web.hands import COMMUNITY, STREET
from tests.web.mediators import Mediators

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
TEXT = "三楼漏水到二楼,天花板起皮,要求修好管道、赔两千元。"
FORM = {
    "key": "k1",
    "source": "application",
    "category": "A01",
    "text": TEXT,
    "name0": "娄秀兰",
    "phone0": "13800000001",
    "applicant0": "1",
    "name1": "许立本·买买提",
    "home1": "柳岸花园 1栋",
    "room1": "601",
}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def send(hands: Mediators, said: dict[str, str], who: str = "community", path: str = "/mediations/new") -> Any:
    answer: httpx.Response = await hands.site.http.post(path, headers={**hands.heads[who], **HTML}, data=said)
    return answer


async def count(admin: asyncpg.Connection) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM mediations"))


def codes(page: str) -> list[str]:
    return [one.replace(" ", "-") for one in re.findall(r'aria-label="查询码 ([\d ]+)"', page)]


async def test_filled_in_looked_at_and_opened(hands: Mediators, admin: asyncpg.Connection) -> None:
    empty = await hands.site.http.get("/mediations/new", headers={**hands.heads["community"], **HTML})
    assert empty.status_code == 200
    assert "柳岸社区人民调解委员会" in empty.text
    asked = await send(hands, FORM)
    assert asked.status_code == 200
    assert await count(admin) == 0
    for words in (*FORM.values(), "前审查是否受理", "只显示一次", "个人"):
        assert words in asked.text, words
    hidden = {html.unescape(n): html.unescape(v) for n, v in re.findall(r'name="(\w+)" value="([^"]*)"', asked.text)}
    given = {name: value for name, value in hidden.items() if name in FORM}
    assert given == FORM
    told = await send(hands, {**given, "sure": "1"})
    assert (told.status_code, await count(admin)) == (201, 1)
    first, second = codes(told.text)
    assert first != second
    assert "#code=" not in told.text.partition("<svg")[0]
    number = re.search(r"TJ\d{9}", told.text)
    assert number is not None
    for code, party in ((first, "p1"), (second, "p2")):
        assert receipts.read(code) is not None
        own = (await hands.site.http.get(f"/api/v1/mediations/mine/{code}")).json()
        assert (own["number"], own["sight"]["mine"]["party"]) == (number[0], party)
    assert own["sight"]["mine"]["applicant"] is False
    text = (await hands.looks("community", number[0])).json()["sight"]["subject"]["words"]
    assert text == TEXT

    again = await send(hands, {**given, "sure": "1"})
    assert (again.status_code, await count(admin)) == (200, 1)
    assert "已经登记过了" in again.text
    assert codes(again.text) == []
    assert (await hands.site.http.get(f"/api/v1/mediations/mine/{first}")).status_code == 200, "still good"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": ""}, "请写明为什么事争执"),
        ({"category": "不存在"}, "请从清单里选一个事项"),
        ({"source": "x"}, "请选择从哪里来的"),
        ({"source": "referral"}, "请选择由哪个机关移送"),
        ({"before": "HY000000001"}, "TJ 开头"),
        ({"name1": ""}, "请写姓名或者单位名称"),
        ({"name1": "", "home1": "", "room1": ""}, "至少要有两方"),
        ({"applicant0": ""}, "请勾选由哪一方申请"),
        ({"home1": "没有的楼"}, "请从清单里选楼栋"),
        ({"home1": ""}, "请选是哪一栋"),
        ({"room1": ""}, "请填房号"),
        ({"phone1": "不知道"}, "电话只写数字"),
        ({"post1": "没有的公司"}, "不在清单里的空着"),
        ({"name1": "长" * 65}, "最多 64 个字"),
        ({"key": ""}, "这一页已经过期"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_lost(
    hands: Mediators, admin: asyncpg.Connection, more: dict[str, str], said: str
) -> None:
    given = {**FORM, "sure": "1", **more}
    answer = await send(hands, given)
    assert answer.status_code == 422
    assert said in answer.text
    assert await count(admin) == 0
    for name in ("name0", "phone0", "text"):
        assert given[name] in answer.text


async def test_more_parties_without_javascript(hands: Mediators) -> None:
    page = (await send(hands, {**FORM, "more": "1"})).text
    assert 'name="name4"' in page
    assert 'name="name5"' not in page
    assert TEXT in page
    parties = {"name4": "第五方", "post4": "柳岸花园物业公司", "kind4": "organisation", "rows": "5"}
    asked = (await send(hands, {**FORM, **parties})).text
    assert "第五方" in asked
    told = await send(hands, {**FORM, **parties, "sure": "1"})
    assert len(codes(told.text)) == 3
    most = Filled({**FORM, "rows": "99", "more": "1"})
    assert len(most.rows) == 12


async def test_where_no_committee_is_and_where_two_are(hands: Mediators, site: Site) -> None:
    nowhere = await send(hands, FORM, "community2")
    assert "还没有登记调解委员会" in nowhere.text
    for body in (
        Body(STREET, "street", "清河", "清河街道人民调解委员会"),
        Body(STREET, "property", "清河物业", "清河街道物业纠纷人民调解委员会"),
    ):
        await site.room.write(lambda c, body=body: committees.keep(c, body))
    form = (await site.http.get("/mediations/new", headers={**hands.heads["street"], **HTML})).text
    assert "清河街道人民调解委员会" in form
    assert "物业纠纷" not in form, "that is for the post of the special committee"
    told = await send(hands, {**FORM, "sure": "1"}, "street")
    assert told.status_code == 201
    number = re.search(r"TJ\d{9}", told.text)
    assert number is not None
    assert (await hands.looks("street", number[0])).status_code == 200
    assert (await hands.looks("community", number[0])).status_code == 404


async def test_a_mediator_applies_and_waits_to_be_assigned(hands: Mediators) -> None:
    asked = (await send(hands, FORM, "wang")).text
    assert "指派到您" in asked
    told = (await send(hands, {**FORM, "sure": "1"}, "wang")).text
    assert "重发查询码" not in told
    assert "请调解委员会重发" in told


async def test_an_interest_is_refused_before_anything_is_kept(
    hands: Mediators, site: Site, admin: asyncpg.Connection
) -> None:
    mark = site.room.seal.mark("13800000001")
    await admin.execute("UPDATE persons SET phone = $2 WHERE person = $1", await hands.person("community"), mark)
    answer = await send(hands, FORM)
    assert answer.status_code in (403, 409)
    assert "回避" in answer.text
    assert TEXT in answer.text
    assert await count(admin) == 0


async def test_of_a_ticket_nobody_learns_who_complained(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await hands.file("A01")
    path = f"/tickets/{number}/mediate"
    head = {**hands.heads["community"], **HTML}
    page = (await hands.site.http.get(f"/tickets/{number}", headers=head)).text
    assert f'href="{path}"' in page
    form = (await hands.site.http.get(path, headers=head)).text
    assert "诉求人由工单带入" in form
    assert 'name="applicant0"' not in form
    given = {"key": "k", "text": TEXT, "name0": "许立本"}
    asked = (await send(hands, given, path=path)).text
    assert "工单照常办理" in asked
    told = await send(hands, {**given, "sure": "1"}, path=path)
    assert told.status_code == 201
    first, _second = codes(told.text)
    assert "工单的诉求人" in told.text
    made = re.search(r"TJ\d{9}", told.text)
    assert made is not None
    own = (await hands.site.http.get(f"/api/v1/mediations/mine/{first}")).json()
    assert own["sight"]["mine"]["applicant"] is True

    page = (await hands.site.http.get(f"/tickets/{number}", headers=head)).text
    assert f'<a href="/mediations/{made[0]}">' in page
    assert "已申请,等待受理" in page
    assert "逐级办理不停" in page
    assert f'href="{path}"' not in page, "once is enough while it goes on"
    above = (await hands.site.http.get(f"/tickets/{number}", headers={**hands.heads["street"], **HTML})).text
    assert made[0] in above
    assert f'href="/mediations/{made[0]}"' not in above, "the street's desk has no sight of the residents' committee"
    elsewhere = await hands.site.http.get(path, headers={**hands.heads["community2"], **HTML})
    assert elsewhere.status_code == 404
    assert (await send(hands, given, "community2", path)).status_code == 404


async def test_the_ticket_s_page_hears_of_the_mediation(hands: Mediators) -> None:
    number = await hands.file("A01")
    head = {**hands.heads["community"], **HTML}

    async def stamp() -> str:
        page = (await hands.site.http.get(f"/tickets/{number}", headers=head)).text
        found = re.search(r"/now\?v=([\d-]+)", page)
        assert found is not None
        return found[1]

    before = await stamp()
    now = f"/tickets/{number}/now?v="
    assert (await hands.site.http.get(now + before, headers=head)).status_code == 204
    given = {"key": "k", "text": TEXT, "name0": "许立本", "sure": "1"}
    assert (await send(hands, given, path=f"/tickets/{number}/mediate")).status_code == 201
    assert await stamp() != before
    assert (await hands.site.http.get(now + before, headers=head)).status_code == 200


async def test_words_that_remind(hands: Mediators, site: Site) -> None:
    head = {**hands.heads["community"], **HTML}
    ask = {"text": "老公打我,报过警,说要拿刀拼命"}
    found = (await hands.site.http.post("/mediations/hints", headers=head, data=ask)).text
    assert 'href="tel:110"' in found
    assert "先报告公安机关" in found
    assert "保密卷" in found
    assert "报过警" in found
    quiet = (await hands.site.http.post("/mediations/hints", headers=head, data={"text": "楼上漏水"})).text
    assert "notice" not in quiet
    book = (await site.room.mediations()).rules.mediation
    assert [one.code for one in precheck.bars("法 院已经开庭", book)] == ["court"]
    assert precheck.risks("法院已经开庭", book) == ()


async def test_buildings_for_what_is_typed(hands: Mediators) -> None:
    head = {**hands.heads["wang"], **HTML}
    found = (await hands.site.http.get("/mediations/homes?home2=柳岸", headers=head)).text
    assert 'value="柳岸花园 1栋"' in found
    assert "option" not in (await hands.site.http.get("/mediations/homes?home2=", headers=head)).text
    assert COMMUNITY not in found
