"""A mediation over HTTP: opened, consented to, sat, agreed, performed; who sees what of it; what is refused."""

import io
from datetime import timedelta
from typing import Any

import docx
import pypdf
import pytest

from huiyin.core.mediation.authority import TABLE
from huiyin.store import people as store_people
from huiyin.web.mediations.orders import ORDERS, OWN
from huiyin.web.mediations.refusals import REFUSALS
from tests.laws.test_mediation_guide import rows
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import OPEN, Mediators

pytestmark = pytest.mark.usefixtures("city")
CANARY, MINUTES, STATEMENT, SAID_A = "金丝雀笼里的话", "记录金丝雀", "乙方陈述金丝雀", "甲方陈述金丝雀"
NAMES = ("娄秀兰", "许立本", "13800000001", "13800000002")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


def terms(**more: Any) -> dict[str, Any]:
    item = {"item": "i1", "owes": "p2", "owed": "p1", "text": "更换卫生间防水层", "manner": "work",
            "until": "2026-12-20", "place": "6 楼卫生间"}  # fmt: skip
    whole = {"content": "许某更换防水层", "facts": "楼上漏水", "issues": "谁来修", "responsibility": "楼上负责",
             "items": [item]}  # fmt: skip
    return whole | more


async def sat(hands: Mediators) -> str:
    number = await hands.seated()
    hands.site.clock.now += timedelta(hours=1)
    began = hands.site.clock.now.isoformat()
    said = [{"party": "p1", "text": SAID_A}, {"party": "p2", "text": STATEMENT}]
    held = {"began": began, "present": ["p1", "p2"], "minutes": MINUTES, "statements": said, "undisputed": ["确有漏水"]}
    await hands.does("wang", number, "hold", held)
    await hands.does("wang", number, "confide", {"party": "p1", "text": CANARY})
    return number


async def agreed(hands: Mediators) -> str:
    number = await sat(hands)
    digest = (await hands.does("wang", number, "draft", {"terms": terms()}))["sight"]["agreement"]["digest"]
    at = hands.site.clock.now.isoformat()
    mark = {"digest": digest, "at": at}
    for party in ("p1", "p2"):
        await hands.does(party, number, "mark", mark | {"form": "fingerprint"})
    await hands.does("wang", number, "mark", mark | {"hand": "mediator", "form": "signature"})
    await hands.does("community", number, "mark", mark | {"hand": "committee", "form": "seal"})
    return number


async def test_from_the_application_to_the_file(hands: Mediators) -> None:
    number = await agreed(hands)
    seen = (await hands.looks("community", number)).json()
    assert (seen["state"], seen["stage"], seen["eyes"]) == ("effective", "performing", "committee")
    assert seen["case"] == "(2026)柳岸人调字第1号"
    own = (await hands.looks("p1", number)).json()
    assert own["sight"]["agreement"]["terms"]["facts"] == "楼上漏水"
    assert "免费" in own["free"]
    assert "起诉" in own["free"]
    at = hands.site.clock.now.isoformat()
    done = await hands.does("p1", number, "perform", {"item": "i1", "done": "whole", "at": at})
    assert done["state"] == "performed"
    await hands.does("wang", number, "visit", {"at": at, "parties": ["p1", "p2"], "kept": "yes", "text": "都好了"})
    papers = ["register", "notice", "identity", "record", "agreement", "visit"]
    assert (await hands.does("community", number, "archive", {"papers": papers}))["state"] == "archived"
    for who, query in (("community", "?open=false"), ("wang", "?open=false"), ("community", ""), ("wang", "")):
        listed = await hands.site.http.get(f"/api/v1/mediations{query}", headers=hands.heads[who])
        assert [one["number"] for one in listed.json()["mediations"]] == ([number] if query else []), (who, query)
    log = (await hands.looks("wang", number, "/log")).json()["steps"]
    assert "归档" in log[-1]["said"]


async def test_opening_it_again_gives_no_other_codes(hands: Mediators) -> None:
    """Another code is an order of its own, with its step; here it would be in nobody's log."""
    head = hands.heads["community"] | {"Idempotency-Key": "open-once"}
    first, again = [await hands.site.http.post("/api/v1/mediations", headers=head, json=OPEN) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {"number": first.json()["number"], "codes": {}}
    for code in first.json()["codes"].values():
        assert (await hands.site.http.get(f"/api/v1/mediations/mine/{code}")).status_code == 200


async def test_one_refusal_ends_it_and_a_party_speaks_for_itself_alone(hands: Mediators) -> None:
    number = await hands.opened()
    await hands.does("p1", number, "consent", {"how": "screen", "party": "p2"})
    mine = (await hands.looks("p2", number)).json()["sight"]
    assert mine["mine"]["consent"] is None
    ended = await hands.does("p2", number, "refuse", {"how": "screen"})
    assert (ended["state"], ended["sight"]["ended"]) == ("ended", "refused")
    assert ended["sight"]["routes"]


async def test_what_must_come_first_is_refused(hands: Mediators) -> None:
    number = await hands.opened()
    assert await hands.code_of("community", number, "accept") == "not-checked"
    await hands.does("community", number, "check")
    assert await hands.code_of("community", number, "accept") == "consent-missing"


async def test_terms_are_checked_before_they_are_sealed(hands: Mediators) -> None:
    number = await sat(hands)
    body: dict[str, Any] = {"terms": terms(content="不付就停水", found=[])}
    assert await hands.code_of("wang", number, "draft", body) == "unlawful-terms"
    body["terms"] = terms(items=[terms()["items"][0] | {"text": "尽快修好"}])
    assert await hands.code_of("wang", number, "draft", body) == "vague-terms"
    body["terms"] |= {"insist": True}
    await hands.does("wang", number, "draft", body)
    head = hands.heads["wang"]
    answer = await hands.site.http.post("/api/v1/mediations/terms", headers=head, json={"text": "罚款五百元"})
    assert [one["code"] for one in answer.json()["findings"]] == ["fine"]


# -- who sees what -----------------------------------------------------------------------------------------


async def everywhere(hands: Mediators, who: str, number: str) -> str:
    """All that somebody reads of a mediation, one way or another."""
    said = [(await hands.looks(who, number, more)).text for more in ("", "/log")]
    if who in hands.heads:
        for more in ("", "?open=false"):
            said.append((await hands.site.http.get(f"/api/v1/mediations{more}", headers=hands.heads[who])).text)
    return "".join(said)


async def test_what_was_confided_is_read_by_who_heard_it_alone(hands: Mediators) -> None:
    """背对背: neither the other side, nor a colleague or successor on the same case, nor any post."""
    number = await sat(hands)
    await hands.does("community", number, "assign", {"person": await hands.person("li")})
    heard = await everywhere(hands, "wang", number)
    assert CANARY in heard
    assert "mediation.confided" in heard
    for who in (*hands.heads, "p1", "p2"):
        if who != "wang":
            said = await everywhere(hands, who, number)
            assert CANARY not in said, who
            assert "mediation.confided" not in said, who


async def test_each_sees_what_is_theirs(hands: Mediators) -> None:
    number = await sat(hands)
    seen = {who: await everywhere(hands, who, number) for who in (*hands.heads, "p1", "p2")}
    assert {who for who, said in seen.items() if MINUTES in said} == {"wang"}
    assert {who for who, said in seen.items() if SAID_A in said} == {"wang", "p1"}
    assert {who for who, said in seen.items() if STATEMENT in said} == {"wang", "p2"}
    assert {who for who, said in seen.items() if number in said} == {"wang", "community", "p1", "p2"}
    assert {who for who, said in seen.items() if "娄秀兰" in said} == {"wang"}
    assert not [who for who, said in seen.items() if any(one in said for one in NAMES[2:])]
    desk = {one["step"].split(".")[1] for one in (await hands.looks("community", number, "/log")).json()["steps"]}
    assert desk == {"applied", "checked", "accepted", "mediator_assigned"}, "nothing of who of the parties said what"


async def test_whom_it_is_not_there_for_cannot_touch_it(hands: Mediators) -> None:
    number = await hands.seated()
    for who in ("far", "li", "community2", "street", "boss"):
        assert (await hands.looks(who, number)).status_code == 404, who
        answer = await hands.tries(who, number, "end", {"reason": "no-prospect", "text": "x"})
        assert answer.status_code in (403, 404), who
    for who in ("leader", "property", "auditor", "grid"):
        assert (await hands.looks(who, number)).status_code == 403, who
    assert (await hands.looks("wang", "TJ999999999")).status_code == 404
    assert (await hands.looks("wang", "HY000000001")).status_code == 404


async def test_a_code_is_a_key_to_one_side_and_ends_with_the_next(hands: Mediators) -> None:
    number = await hands.opened()
    one, two = (await hands.looks("p1", number)).json(), (await hands.looks("p2", number)).json()
    assert one["sight"]["mine"]["applicant"]
    assert not two["sight"]["mine"]["applicant"]
    head = hands.heads["community"]
    again = await hands.site.http.post(f"/api/v1/mediations/{number}/parties/p1/code", headers=head, json={})
    assert again.status_code == 201
    assert (await hands.looks("p1", number)).status_code == 404
    hands.codes[number] |= again.json()["codes"]
    assert (await hands.looks("p1", number)).status_code == 200
    assert (await hands.site.http.get("/api/v1/mediations/mine/1234-5678-9012-3456")).status_code == 404


async def test_of_a_restricted_file_the_desk_sees_no_matter(hands: Mediators) -> None:
    number = await hands.seated()
    assert "天花板" in (await hands.looks("community", number)).text
    await hands.does("wang", number, "flag-risk", {"risk": "child", "text": "孩子身上有伤"})
    seen = await everywhere(hands, "community", number)
    assert "天花板" not in seen
    assert "孩子" not in seen
    assert "孩子" not in await everywhere(hands, "p2", number)


async def test_papers_are_made_out_for_the_mediator_alone(hands: Mediators) -> None:
    number = await agreed(hands)
    found = await hands.looks("wang", number, "/papers/agreement.docx")
    assert found.status_code == 200, found.text
    said = "".join(part.text for part in docx.Document(io.BytesIO(found.content)).element.iter() if part.text)
    case = (await hands.looks("wang", number)).json()["sight"]["agreement"]
    assert found.headers["x-huiyin-digest"] == case["digest"], "what was marked is what is printed"
    for one in ("娄秀兰", "许立本", "楼上漏水", "更换卫生间防水层", "(2026)柳岸人调字第1号"):
        assert one in said, one
    record = await hands.looks("wang", number, "/papers/record.docx")
    whole = "".join(part.text for part in docx.Document(io.BytesIO(record.content)).element.iter() if part.text)
    assert MINUTES in whole
    assert CANARY not in whole
    for who in ("community", "street", "li", "far"):
        assert (await hands.looks(who, number, "/papers/agreement.docx")).status_code in (403, 404), who
    for paper in ("nothing.pdf", "agreement.exe", "volume.docx"):
        assert (await hands.looks("wang", number, f"/papers/{paper}")).json()["code"] == "no-such-paper"


async def test_the_volume_is_one_pdf_without_what_was_confided(hands: Mediators) -> None:
    number = await agreed(hands)
    found = await hands.looks("wang", number, "/papers/volume.pdf")
    assert found.status_code == 200, found.text
    said = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(found.content)).pages)
    assert "许立本" in said
    assert CANARY not in said.replace("\n", "")


# -- tickets -----------------------------------------------------------------------------------------------


async def test_from_a_ticket_the_complainant_comes_along_unknown(hands: Mediators) -> None:
    ticket = await hands.file("A01")
    body = {"text": "两家谈不拢", "parties": OPEN["parties"][1:]}
    answer = await hands.order("community", ticket, "mediate", body)
    assert answer.status_code == 201, answer.text
    number = str(answer.json()["number"])
    hands.codes[number] = answer.json()["codes"]
    assert set(hands.codes[number]) == {"p1", "p2"}
    shown = await hands.site.http.get(f"/api/v1/tickets/{ticket}/mediations", headers=hands.heads["community"])
    assert shown.json()["mediations"] == [
        {"number": number, "state": "applied", "agreed": False, "performed": False, "routes": []}
    ]
    other = await everywhere(hands, "p2", number)
    assert ticket not in other
    kept = await hands.site.http.get(f"/api/v1/tickets/{ticket}", headers=hands.heads["community"])
    assert kept.json()["state"] == "dispatched"


async def test_whoever_turns_out_to_live_with_a_party_mediates_no_more(hands: Mediators) -> None:
    number = await hands.seated()
    home = hands.site.room.seal.household("E1-B01", "302")
    li = await hands.person("li")
    owner = hands.site.room
    await owner.write(lambda c: store_people.describe(c, li, None, home, None))
    await hands.does("community", number, "release", {"person": await hands.person("wang"), "reason": "unable"})
    body = {"name": "许立本", "phone": "13800000003", "building_code": "E1-B01", "room": "302"}
    path = f"/api/v1/mediations/{number}/parties/p2"
    answer = await hands.site.http.post(path, headers=hands.heads["community"], json=body)
    assert answer.status_code == 200, answer.text
    assert "许立本" not in answer.text
    assert await hands.code_of("community", number, "assign", {"person": li}) == "mediator-recused"
    head = hands.heads["community"]
    gone = await hands.site.http.post(path.replace("p2", "p9"), headers=head, json=body)
    assert (gone.status_code, gone.json()["code"]) == (409, "unknown-party")


# -- the table ---------------------------------------------------------------------------------------------


def test_every_command_has_its_order() -> None:
    """But those with a route of their own, and what the house itself does."""
    house = {"Apply", "Identify", "RenewCode", "LookUp", "LinkBack", "NoteWhistle", "Tick", "Recompute"}
    assert {row.kind.__name__ for row in ORDERS.values()} == set(TABLE) - house
    assert {row.kind.__name__ for row in OWN.values()} == {n for n, may in TABLE.items() if "party" in may} - house
    said = {row[0].split("`")[1]: row[0].split("`")[0].strip() for row in rows("谁可以做什么")}
    assert {row.kind.__name__: row.summary.partition(",")[0] for row in ORDERS.values()} == {
        name: said[name] for name in set(TABLE) - house
    }


def test_every_refusal_is_said_as_in_the_guide() -> None:
    assert {row[0].strip("`"): row[1] for row in rows("不予办理")} == REFUSALS
