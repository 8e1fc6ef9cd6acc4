"""What the forms of 2010 ask for (DOMAIN 3.3): whom was asked, who was told of the court, who the parties are; who
reads it, and that it is printed."""

import io
import re
from datetime import date, timedelta
from typing import Any

import httpx
import pypdf
import pytest

from huiyin.papers.blocks import Paper, Para
from huiyin.papers.facts import Party
from huiyin.papers.pieces import described
from huiyin.store.vault import Particulars
from huiyin.web.mediations.bodies import Identity
from huiyin.web.mediations.copy import at_table, own_agreement
from huiyin.web.mediations.finding import held_by
from huiyin.web.mediations.particulars import age, of
from huiyin.web.problems import Problem
from tests.papers.reading import of_docx
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.shots import jpeg
from tests.web.test_mediation_pictures import sends
from tests.web.test_mediations import agreed, sat

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
CARD = "11010519491231002X"  # of a woman born on the last day of 1949
ASKED = {"place": "501 室门口", "questioned": "邻居褚岚", "text": "听到水声两次", "relation": "住对门",
         "reach": "13977770007", "present": "网格员", "recorder": "书记孔"}  # fmt: skip
COURT = "柳岸区人民法院"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def paper(hands: Mediators, number: str, name: str) -> str:
    path = f"/mediations/{number}/papers/{name}.docx"
    answer = await hands.site.http.get(path, headers=hands.heads["wang"])
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s", "", of_docx(answer.content))


async def window(hands: Mediators, who: str, path: str) -> str:
    answer = await hands.site.http.get(f"/mediations/{path}", headers=hands.heads[who] | HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


async def sent(hands: Mediators, who: str, path: str, **said: str) -> httpx.Response:
    form = {"key": "k" * 20, **said}
    return await hands.site.http.post(f"/mediations/{path}", headers=hands.heads[who] | HTML, data=form)


# -- whom was asked -----------------------------------------------------------------------------------------


async def test_an_investigation_is_its_mediators_and_lies_in_the_file(hands: Mediators) -> None:
    number = await hands.seated()
    await hands.does("community", number, "assign", {"person": await hands.person("li")})
    await hands.does("wang", number, "investigate", ASKED | {"at": hands.site.clock.now.isoformat()})
    for who in ("wang", "li"):
        (one,) = (await hands.looks(who, number)).json()["sight"]["investigations"]
        assert {one[name] for name in ("place", "questioned", "words", "relation", "reach", "present", "recorder")} == {
            *ASKED.values()
        }
    for who in ("community", "street", "far", "p1", "p2", "auditor"):
        said = [(await hands.looks(who, number, more)).text for more in ("", "/log")]
        assert not [word for word in (*ASKED.values(), "investigat") if word in "".join(said)], who
    made = await paper(hands, number, "investigation")
    for word in (*ASKED.values(), "调查人wang"):
        assert word.replace(" ", "") in made, word
    shelf = await window(hands, "wang", f"{number}/papers")
    assert 'value="investigation/i1"' in shelf
    assert 'value="investigation/1"' in shelf, "one more may always be written by hand"
    assert "听到水声两次" in await window(hands, "li", number)
    assert "听到水声" not in await window(hands, "community", number)


async def test_an_investigation_by_form(hands: Mediators) -> None:
    number = await hands.seated()
    page = await window(hands, "wang", f"{number}/do/investigate")
    assert "双方的页面、副本里都没有" in page
    missing = await sent(hands, "wang", f"{number}/do/investigate", at="2026-11-20T09:00", place="楼下")
    assert missing.status_code == 422
    assert "请填写“向谁调查”" in missing.text
    said = {"at": f"{hands.site.clock.now + timedelta(hours=8):%Y-%m-%dT%H:%M}", "place": "楼下", "questioned": "褚岚"}
    done = await sent(hands, "wang", f"{number}/do/investigate", **said, text="看过水表")
    assert done.status_code == 303, done.text
    for who in ("community", "far"):
        got = await hands.site.http.get(f"/mediations/{number}/do/investigate", headers=hands.heads[who] | HTML)
        assert got.status_code in (403, 404), who


# -- the right to a court's confirmation ----------------------------------------------------------------------


async def test_each_party_is_told_of_the_court_and_then_the_notice_lies_in_the_file(hands: Mediators) -> None:
    number = await agreed(hands)
    at = hands.site.clock.now.isoformat()
    page = await window(hands, "wang", number)
    assert page.count(f"/mediations/{number}/do/tell-confirmation?party=") == 2
    await hands.does("community", number, "tell-confirmation", {"party": "p1", "how": "oral", "at": at, "court": COURT})
    assert (await window(hands, "wang", number)).count("/do/tell-confirmation?party=") == 1
    mine, other = [(await hands.looks(who, number)).json()["sight"]["mine"]["confirm_told"] for who in ("p1", "p2")]
    assert (mine["court"], other) == (COURT, None), "each knows of itself"
    assert "告知书" not in (await paper(hands, number, "contents")).replace("权利义务告知书", "")
    now = f"{hands.site.clock.now + timedelta(hours=8):%Y-%m-%dT%H:%M}"
    done = await sent(hands, "wang", f"{number}/do/tell-confirmation", party="p2", how="paper", at=now)
    assert done.status_code == 303, "in the minute of the effect is not before it"
    assert "司法确认权利告知书" in await paper(hands, number, "contents")
    told = await paper(hands, number, "confirm_told")
    assert f"共同向{COURT}申请司法确认" in told
    today = (hands.site.clock.now + timedelta(hours=8)).date()
    assert f"告知日期：{today.year}年{today.month}月{today.day}日" in told
    assert COURT in await paper(hands, number, "confirm_apply")
    assert "tell-confirmation" not in await window(hands, "wang", number)
    again = await hands.site.http.get(f"/mediations/{number}/do/tell-confirmation", headers=hands.heads["wang"] | HTML)
    assert again.status_code == 409


# -- who the parties are --------------------------------------------------------------------------------------


async def known(hands: Mediators, number: str, who: str = "community", **more: Any) -> httpx.Response:
    said = {"name": "许立本", "phone": "13800000002", "building_code": "E1-B01", "room": "601"} | more
    path = f"/api/v1/mediations/{number}/parties/p2"
    return await hands.site.http.post(path, headers=hands.heads[who], json=said)


async def test_a_partys_particulars_are_printed_for_its_mediators_and_told_nobody_else(hands: Mediators) -> None:
    number = await hands.seated()
    done = await known(hands, number, ethnicity="回族", occupation="木匠", id_number="11010519491231002x")
    assert done.status_code == 200, done.text
    assert CARD not in done.text
    for name in ("application", "identity", "rights"):
        made = await paper(hands, number, name)
        assert name == "rights" or CARD in made, name
    assert "许立本，性别：女，民族：回族，年龄：76岁，职业：木匠" in await paper(hands, number, "acceptance")
    secret = (CARD, "木匠", "回族", "1949")
    for who in (*hands.heads, "p1", "p2"):
        said = [(await hands.looks(who, number, more)).text for more in ("", "/log")]
        said.append((await hands.site.http.get("/api/v1/mediations", headers=hands.heads.get(who, {}))).text)
        assert not [word for word in secret if word in "".join(said)], who


async def test_the_other_sides_copy_has_no_particulars(hands: Mediators) -> None:
    number = await hands.seated()
    await known(hands, number, id_number=CARD, occupation="木匠")
    await known(hands, number, "wang")
    hands.seated = lambda: _of(number)  # type: ignore[method-assign]  # the rest of the way is that of every case
    assert await agreed(hands) == number
    copies = {}
    for party in ("p1", "p2"):
        pages = pypdf.PdfReader(io.BytesIO(await own_agreement(await held_by(hands.site.room, number, party)))).pages
        copies[party] = re.sub(r"\s+", "", "".join(one.extract_text() for one in pages))
    for word in (CARD, "性别：女", "木匠", "76岁"):
        assert (word in copies["p1"], word in copies["p2"]) == (False, True), word
    assert "被申请人：许立本，其他身份信息、联系方式、住址见原件。" in copies["p1"]
    assert CARD in await paper(hands, number, "agreement")


def test_of_an_organisation_the_other_side_reads_the_name_alone() -> None:
    shop = Party(side="respondent", name="某某店", organisation=True, id_number="91310000X", address="某路1号 李四家",
                        head="李四", contact="13800000002")  # fmt: skip
    block = Para(described(shop), label="被申请人：")
    (shown,) = at_table(Paper(form="agreement", title="", blocks=(block,)), ["p2"], "p1").blocks
    assert isinstance(shown, Para)
    assert shown.text == "某某店（单位），其他身份信息、联系方式、住址见原件。"


async def _of(number: str) -> str:
    return number


async def test_who_says_the_same_name_adds_to_what_is_known(hands: Mediators) -> None:
    """And another name is another person: nothing of the first one is theirs, their home least of all."""
    number = await hands.seated()
    await known(hands, number, occupation="木匠")
    path = f"/api/v1/mediations/{number}/parties/p2"
    head = hands.heads["community"]
    await hands.site.http.post(path, headers=head, json={"name": "许立本", "id_number": CARD})
    made = await paper(hands, number, "acceptance")
    assert all(word in made for word in (CARD, "木匠", "13800000002", "601室"))
    await hands.site.http.post(path, headers=head, json={"name": "许立木"})
    made = await paper(hands, number, "acceptance")
    assert "许立木" in made
    assert not [word for word in (CARD, "木匠", "13800000002", "601室") if word in made]


async def test_a_number_that_no_card_has_is_asked_again(hands: Mediators) -> None:
    number = await hands.seated()
    wrong = await known(hands, number, id_number=f"{CARD[:-1]}1")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "id-number-wrong")
    form = await sent(hands, "wang", f"{number}/parties/p2", name="许立本", id_number=f"{CARD[:-1]}1")
    assert form.status_code == 422
    assert 'id="id_number-wrong"' in form.text
    done = await sent(hands, "wang", f"{number}/parties/p2", name="许立本", id_number=CARD, sex="男", born="1949-12-30")
    assert done.status_code == 303, done.text
    made = await paper(hands, number, "acceptance")
    assert "性别：男" in made, "what is written stands before what follows"


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [(CARD, date(1949, 12, 31), "女"), ("", None, ""), ("E12345678", None, ""), ("91110000100000000X", None, "")],
)
def test_a_cards_number_says_when_and_what(number: str, born: date | None, sex: str) -> None:
    found = of(Identity("某", id_number=number)) or Particulars()
    assert (found.born, found.sex, found.id_number) == (born, sex, number)


def test_a_card_of_nobody() -> None:
    with pytest.raises(Problem, match="id-number-wrong"):
        of(Identity("某", id_number="110105194912310021"))


@pytest.mark.parametrize(
    ("on", "years"), [(date(2026, 12, 30), 76), (date(2026, 12, 31), 77), (date(1949, 1, 1), None)]
)
def test_an_age_is_of_a_day(on: date, years: int | None) -> None:
    assert age(Particulars(born=date(1949, 12, 31)), on) == years
    assert age(None, on) is None


# -- what stood blank -----------------------------------------------------------------------------------------


async def test_requests_the_end_of_a_session_and_its_recorder_are_printed(hands: Mediators) -> None:
    number = await hands.accepted(requests=["修好漏水处", "赔偿吊顶损失"])
    for party in ("p1", "p2"):
        await hands.does("community", number, "notify-rights", {"party": party, "how": "paper"})
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    hands.site.clock.now += timedelta(hours=3)
    began = hands.site.clock.now - timedelta(hours=2)
    held = {"began": began.isoformat(), "ended": hands.site.clock.now.isoformat(), "present": ["p1", "p2"],
            "minutes": "谈了", "recorder": "书记孔"}  # fmt: skip
    assert await hands.code_of("wang", number, "hold", held | {"ended": (began - timedelta(hours=1)).isoformat()}) == (
        "over-before-it-began"
    )
    await hands.does("wang", number, "hold", held)
    asked = await paper(hands, number, "application")
    assert "1.修好漏水处" in asked
    assert "2.赔偿吊顶损失" in asked
    record = await paper(hands, number, "record")
    assert record.count("书记孔") == 2
    assert "__时__分" not in record
    for who in ("p1", "p2", "community"):
        assert "书记孔" not in (await hands.looks(who, number)).text, who
    assert "赔偿吊顶损失" in await window(hands, "wang", number)


async def test_a_visit_prints_who_came_and_what_may_flare_up(hands: Mediators) -> None:
    number = await agreed(hands)
    visit = {"at": hands.site.clock.now.isoformat(), "parties": ["p1"], "kept": "partly", "text": "还差一点",
             "lawsuit": "已诉后撤诉", "hazards": "仍有口角"}  # fmt: skip
    await hands.does("wang", number, "visit", visit)
    made = await paper(hands, number, "visit")
    for word in ("已诉后撤诉", "仍有口角", "还差一点"):
        assert word in made
    assert made.count("wang") >= 2, "the visitor, and where they sign"
    for who in ("p1", "p2", "community"):
        assert "仍有口角" not in (await hands.looks(who, number)).text, who


# -- originals over the API -----------------------------------------------------------------------------------


async def test_a_signed_original_over_the_api(hands: Mediators) -> None:
    number = await sat(hands)
    body = {"sheet": "rights"}
    assert await hands.code_of("wang", number, "enclose", body) == "no-pages"
    done = await sends(hands, "wang", number, "enclose", body, jpeg(), jpeg((320, 240)))
    assert done.status_code == 200, done.text
    (one,) = done.json()["sight"]["enclosed"]
    assert (one["sheet"], len(one["pages"])) == ("rights", 2)
    more = await sends(hands, "wang", number, "enclose", body | {"more": True}, jpeg((300, 200)))
    assert len(more.json()["sight"]["enclosed"][0]["pages"]) == 3
    assert (await sends(hands, "wang", number, "enclose", {"sheet": "cover"}, jpeg())).status_code == 400
    for who in ("community", "li", "far", "street"):
        assert (await sends(hands, who, number, "enclose", body, jpeg())).status_code in (403, 404), who
    assert len(re.findall("/pictures/", await window(hands, "wang", f"{number}/papers"))) == 3
