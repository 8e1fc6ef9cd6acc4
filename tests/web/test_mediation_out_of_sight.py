"""What was done answers that it was done, whoever may look afterwards; what must stay unknown leaves no trace."""

import asyncio
import json
import re
from typing import Any

import httpx
import pytest

from huiyin.store import committees
from huiyin.store import people as store_people
from huiyin.web.mediations.own import keys
from tests.web.conftest import Filer, People, Site
from tests.web.hands import COMMUNITY
from tests.web.mediators import Mediators
from tests.web.shots import jpeg
from tests.web.test_mediation_pictures import drafted, sends
from tests.web.test_mediations import agreed

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
HOME = {"building_code": "E1-B01", "room": "302"}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def lives_there(hands: Mediators, name: str) -> None:
    home = hands.site.room.seal.household(HOME["building_code"], HOME["room"])
    person = await hands.person(name)
    await hands.site.room.write(lambda c: store_people.describe(c, person, None, home, None))


async def posts(hands: Mediators, who: str, path: str, **sent: Any) -> httpx.Response:
    return await hands.site.http.post(path, headers=hands.heads[who], **sent)


# -- done, and out of sight --------------------------------------------------------------------------------


async def test_who_withdraws_is_told_that_it_was_done(hands: Mediators) -> None:
    number = await hands.seated()
    body = {"person": await hands.person("wang"), "reason": "unable"}
    answer = await hands.tries("wang", number, "release", body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await hands.looks("wang", number)).status_code == 404
    assert (await hands.tries("wang", number, "release", body)).status_code == 404
    assert (await hands.looks("community", number)).json()["sight"]["mediators"] == []


async def test_who_writes_down_that_a_party_does_not_want_them_is_told_that_it_was_done(hands: Mediators) -> None:
    number = await hands.seated()
    no = {"party": "p1", "matter": "mediator", "of": await hands.person("wang"), "yes": False}
    assert (await hands.tries("wang", number, "answer", no)).status_code == 204
    assert (await hands.looks("wang", number)).status_code == 404
    number = await hands.seated()
    path = f"/mediations/{number}/do/answer"
    said = {"key": "k", "party": "p1", "matter": "mediator", "mediator": no["of"], "yes": "no"}
    answer = await posts(hands, "wang", path, data=said)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/mediations?said=done"), answer.text


async def test_who_would_write_down_their_own_house_is_refused_and_nothing_is_kept(hands: Mediators) -> None:
    """Somebody else writes it down, and the case goes out of their sight."""
    number = await hands.seated()
    await lives_there(hands, "wang")
    who = {"name": "许立本", "phone": "13800000003", **HOME}
    path = f"/api/v1/mediations/{number}"
    for body, to in ((who, "parties/p2"), ({"party": "p2", "text": "代理", "who": who}, "empower")):
        answer = await posts(hands, "wang", f"{path}/{to}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "recused"), answer.text
    assert (await hands.looks("wang", number)).status_code == 200
    assert (await posts(hands, "community", f"{path}/parties/p2", json=who)).status_code == 200
    assert (await hands.looks("wang", number)).status_code == 404


async def test_a_second_tap_of_who_withdrew_is_answered_as_the_first(hands: Mediators) -> None:
    """Under its key; another key, another person, a case that they never had: nothing is there."""
    number, other = await hands.seated(), await hands.accepted()
    body = {"person": await hands.person("wang"), "reason": "unable"}
    path, key = f"/api/v1/mediations/{number}/release", {"Idempotency-Key": "k" * 24}
    for _ in range(2):
        answer = await hands.site.http.post(path, headers=hands.heads["wang"] | key, json=body)
        assert (answer.status_code, answer.content) == (204, b"")
    for who, head, sent, to in (
        ("wang", {"Idempotency-Key": "l" * 24}, body, number),
        ("li", key, body, number),
        ("wang", key, body | {"reason": "recused"}, number),
        ("wang", key, {}, number),
        ("wang", key, body, other),
    ):
        at = f"/api/v1/mediations/{to}/release"
        again = await hands.site.http.post(at, headers=hands.heads[who] | head, json=sent)
        assert again.status_code == 404, (who, head, sent)
    number = await hands.seated()
    form = (await hands.site.http.get(f"/mediations/{number}/do/release", headers=hands.heads["wang"] | HTML)).text
    (key,) = re.findall(r'name="key" value="([^"]+)"', form)
    said = {"person": body["person"], "reason": "unable", "sure": "yes", "key": key}
    for _ in range(2):
        answer = await posts(hands, "wang", f"/mediations/{number}/do/release", data=said)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/mediations?said=done"), answer.text[:300]


# -- twice -------------------------------------------------------------------------------------------------


async def test_two_windows_put_their_pages_behind_each_other(hands: Mediators) -> None:
    number = await hands.seated()
    path, said = f"/mediations/{number}/papers", {"more": "yes"}
    page = await hands.site.http.get(path, headers=hands.heads["wang"] | HTML)
    said["sheet"] = re.findall(r'<option value="(evidence[^"]*)"', page.text)[0]
    pages = {"picture": ("a.jpg", jpeg(), "image/jpeg")}
    some = (posts(hands, "wang", path, data=said | {"key": key * 24}, files=pages) for key in "abc")
    assert {one.status_code for one in await asyncio.gather(*some)} == {303}
    (sheet,) = (await hands.looks("wang", number)).json()["sight"]["enclosed"]
    assert len(sheet["pages"]) == 3


# -- the darkroom ------------------------------------------------------------------------------------------


async def test_no_picture_is_developed_before_its_code_is_known(
    hands: Mediators, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await agreed(hands)
    developed: list[int] = []
    develop = hands.site.room.darkrooms.develop

    async def counted(raw: bytes) -> Any:
        developed.append(len(raw))
        return await develop(raw)

    monkeypatch.setattr(hands.site.room.darkrooms, "develop", counted)
    done = {"item": "i1", "done": "part", "at": hands.site.clock.now.isoformat()}
    known, hands.codes[number]["p1"] = hands.codes[number]["p1"], "0000-0000-0000-0000"
    assert (await sends(hands, "p1", number, "perform", done, jpeg())).status_code == 404
    assert developed == []
    hands.codes[number]["p1"] = known
    monkeypatch.setattr(keys, "PARCELS", 1)
    assert (await sends(hands, "p1", number, "perform", done, jpeg())).status_code == 200
    many = await sends(hands, "p1", number, "perform", done, jpeg())
    assert (many.status_code, many.json()["code"]) == (429, "too-many-parcels")
    assert len(developed) == 1
    assert (await hands.tries("p1", number, "perform", done)).status_code == 200, "words alone are not counted"


# -- what must stay unknown --------------------------------------------------------------------------------


async def test_of_a_restricted_file_the_desk_gets_no_key_and_no_hint_of_the_matter(hands: Mediators) -> None:
    number, li = await hands.seated(), await hands.person("li")
    await hands.site.room.write(lambda c: committees.specialise(c, COMMUNITY, li, ["A01", "A"]))
    path = f"/mediations/{number}/do/assign"
    assert "专长:" in (await hands.site.http.get(path, headers=hands.heads["community"] | HTML)).text
    await hands.does("wang", number, "flag-risk", {"risk": "child", "text": "孩子身上有伤"})
    assert "专长:" not in (await hands.site.http.get(path, headers=hands.heads["community"] | HTML)).text
    for base in ("/api/v1/mediations", "/mediations"):
        code = f"{base}/{number}/parties/p1/code"
        answer = await posts(hands, "community", code, data={})
        assert answer.status_code == 409, answer.text
    assert (await hands.looks("p1", number)).status_code == 200, "the code that the party has still opens"
    page = await hands.site.http.get(f"/mediations/{number}", headers=hands.heads["community"] | HTML)
    assert "重发查询码" not in page.text
    assert (await posts(hands, "wang", f"/api/v1/mediations/{number}/parties/p1/code", json={})).status_code == 201


async def test_a_danger_and_a_mediator_s_interest_are_one_answer_to_who_signs(hands: Mediators) -> None:
    told = []
    for danger in (True, False):
        number, mark = await drafted(hands)
        await hands.does("wang", number, "mark", mark | {"hand": "mediator", "form": "signature"})
        if danger:
            await hands.does("wang", number, "flag-risk", {"risk": "child", "text": "孩子身上有伤"})
        else:
            await lives_there(hands, "wang")
            who = {"name": "许立本", "phone": "13800000003", **HOME}
            await hands.does("p2", number, "empower", {"text": "代理", "who": who})
        answer = await hands.tries("p1", number, "mark", mark)
        assert answer.status_code == 409
        told.append(json.loads(answer.content))
    assert told[0] == told[1]
    assert told[0]["code"] == "not-now"
