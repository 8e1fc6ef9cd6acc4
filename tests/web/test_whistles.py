"""A whistle over HTTP: blown, passed on, approved, come to, answered, rated; who sees what of it; what is refused."""

import pytest

from tests.web.conftest import Filer, People, Site
from tests.web.whistlers import BLOW, CITY, COMMUNITY, FIRE, POLICE, REPLY, Whistlers

pytestmark = pytest.mark.usefixtures("city")
PHONE = "13912345678"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Whistlers:
    return await Whistlers(site, filer).sit(people)


async def test_from_a_ticket_to_both_ratings(hands: Whistlers) -> None:
    ticket = await hands.file("B04")
    answer = await hands.order("street", ticket, "whistle", BLOW)
    assert answer.status_code == 409, "nothing was tried yet"
    assert answer.json()["code"] == "nothing-tried"
    holder = (await hands.site.http.get(f"/api/v1/tickets/{ticket}", headers=hands.heads["street"])).json()
    who = holder["post"]["code"].partition(":")[0]
    name = {"building_leader": "leader", "owners_committee": "owners"}.get(who, who)
    await hands.do(name, ticket, "sign")
    await hands.do(name, ticket, "note", {"text": "劝阻一次,无效"})
    asks = [
        {"department": CITY, "text": "请现场查处", "lead": True},
        {"department": POLICE, "text": "请维持秩序"},
    ]
    answer = await hands.order("community", ticket, "whistle", BLOW | {"asks": asks})
    assert answer.status_code == 201, answer.text
    blown = answer.json()
    number = blown["number"]
    assert (blown["state"], blown["tickets"], blown["category"]) == ("passing", [ticket], "B04")
    assert [one["version"] for one in blown["tried"]], "the evidence is there without being picked"
    assert blown["text"] == BLOW["text"]
    assert "cancel" in blown["allowed"]
    assert "pass-on" not in blown["allowed"]
    assert "pass-on" in (await hands.stands("street", number))["allowed"]
    assert await hands.numbers("city") == []
    await hands.does("street", number, "pass-on")
    assert (await hands.does("boss", number, "approve"))["state"] == "called"
    assert await hands.numbers("city") == await hands.numbers("police") == [number]
    assert await hands.numbers("fire") == []
    await hands.does("city", number, "acknowledge")
    await hands.does("police", number, "acknowledge")
    await hands.does("police", number, "answer", {"text": "已到场维持秩序"})
    refused = await hands.asks("city", number, "reply", {"text": "办好了"})
    assert (refused.status_code, refused.json()["code"]) == (409, "reply-lacks-accepted")
    called_at = (await hands.stands("city", number))["called_at"]
    seen = await hands.does("city", number, "reply", REPLY | {"accepted_at": called_at})
    assert (seen["state"], seen["reply"]["text"]) == ("replied", REPLY["text"])
    assert (await hands.does("community", number, "confirm"))["state"] == "confirmed"
    for department in (CITY, POLICE):
        scores = {"department": department, "response": 5, "quality": 4, "cooperation": 3}
        await hands.does("community", number, "rate", scores)
    await hands.does("city", number, "rate-back", {"justified": "yes", "score": 4})
    end = await hands.stands("street", number)
    assert (end["state"], end["outcome"], end["rated_back"]["score"]) == ("closed", "rated", 4)
    assert end["allowed"] == []
    assert await hands.numbers("street") == []
    assert await hands.numbers("street", "?open=false") == await hands.numbers("city", "?open=false") == [number]
    log = await hands.site.http.get(f"/api/v1/whistles/{number}/log", headers=hands.heads["street"])
    said = [one["said"] for one in log.json()["steps"]]
    assert "吹日常哨" in said[0]
    assert "结哨" in said[-1]


async def test_a_department_is_told_the_minimum(hands: Whistlers) -> None:
    """No ticket, no complaint, no reason, nobody's name, no other department's task."""
    ticket = await hands.file("B04")
    await hands.do("street", ticket, "note", {"text": "已到现场劝阻"})
    asks = [{"department": CITY, "text": "请查处甲", "lead": True}, {"department": POLICE, "text": "请查处乙"}]
    answer = await hands.order("street", ticket, "whistle", BLOW | {"asks": asks, "kind": "emergency"})
    number = answer.json()["number"]
    for who, own, other in (("city", "请查处甲", "请查处乙"), ("police", "请查处乙", "请查处甲")):
        for path in (f"/{number}", f"/{number}/log", "", "/duties"):
            text = (await hands.site.http.get(f"/api/v1/whistles{path}", headers=hands.heads[who])).text
            assert other not in text
            assert ticket not in text
            assert BLOW["text"] not in text
            assert "no-power" not in text
            assert path in ("/duties",) or own in text
    for who in ("fire", "community2", "street2"):
        answer = await hands.site.http.get(f"/api/v1/whistles/{number}", headers=hands.heads[who])
        assert answer.status_code == 404, who
        assert (await hands.site.http.get("/api/v1/whistles", headers=hands.heads[who])).json()["whistles"] == []
    for who in ("property", "grid", "owners", "leader"):
        assert (await hands.site.http.get("/api/v1/whistles", headers=hands.heads[who])).status_code == 403


async def test_what_tells_who_complained_does_not_leave(hands: Whistlers, filer: Filer) -> None:
    ticket = await hands.file("B04")
    await hands.do("street", ticket, "note", {"text": "已到现场"})
    body = BLOW | {"asks": [{"department": CITY, "text": f"请联系{PHONE}"}]}
    answer = await hands.order("street", ticket, "whistle", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "identifies-complainant")
    assert PHONE not in answer.text


async def test_guards(hands: Whistlers) -> None:
    refused = {
        "department-duty": {"asks": [{"department": f"community:{COMMUNITY}", "text": "x"}]},
        "not-a-department": {"asks": [{"department": "property:E1", "text": "x"}]},
        "own-duty": {"category": "M01"},
        "one-lead": {"asks": [{"department": CITY, "text": "x"}, {"department": POLICE, "text": "y"}]},
    }
    for code, more in refused.items():
        answer = await hands.try_blow(**more)
        assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
        assert len(answer.json()["detail"]) > 8
    unknown = [{"department": "department:没有", "text": "x"}]
    assert (await hands.try_blow(asks=unknown)).json()["code"] == "unknown-post"
    assert (await hands.try_blow(category="")).status_code in (400, 409)
    assert (await hands.try_blow("community2")).json()["code"] == "not-your-place"
    first = await hands.blow()
    again = await hands.try_blow()
    assert (again.status_code, again.json()["code"]) == (409, "already-blown")
    assert first in again.json()["detail"]
    assert (await hands.try_blow(apart="另一栋楼的另一台设备")).status_code == 201


async def test_the_same_key_is_one_whistle(hands: Whistlers) -> None:
    one = await hands.try_blow(key="k1")
    two = await hands.try_blow(key="k1")
    assert one.json()["number"] == two.json()["number"]
    assert (await hands.try_blow(key="k2")).json()["code"] == "already-blown"


async def test_an_objection_is_ruled_on_and_readdressed(hands: Whistlers) -> None:
    number = await hands.called()
    await hands.does("city", number, "object", {"reason": "other-department", "text": "属于公安职责"})
    assert (await hands.stands("street", number))["lines"][0]["objected"] == "other-department"
    ruling = {"department": CITY, "upheld": True, "to": POLICE, "text": "由公安负责"}
    refused = await hands.asks("street", number, "rule", ruling)
    assert refused.json()["code"] == "own-request", "who blew it does not rule on it"
    await hands.does("second", number, "rule", ruling)
    assert (await hands.site.http.get(f"/api/v1/whistles/{number}", headers=hands.heads["city"])).status_code == 404
    assert (await hands.stands("police", number))["line"]["bound"]


async def test_lists_are_paged_and_narrowed(hands: Whistlers, site: Site) -> None:
    numbers = [await hands.called(apart="另一件") for _ in range(3)]
    numbers += [await hands.blow(kind="emergency", category="A01", asks=[{"department": FIRE, "text": "x"}])]
    for who, total in (("street", 4), ("city", 3), ("auditor", 4)):
        found, cursor = [], ""
        while True:
            path = f"/api/v1/whistles?limit=2{cursor}"
            page = (await site.http.get(path, headers=hands.heads[who])).json()
            found += [one["number"] for one in page["whistles"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert len(found) == len(set(found)) == total, who
    assert await hands.numbers("street", "?kind=emergency") == numbers[-1:]
    assert await hands.numbers("street", f"?department={FIRE}") == numbers[-1:]
    assert await hands.numbers("street", "?state=approving") == []
    assert (await site.http.get("/api/v1/whistles?cursor=x", headers=hands.heads["street"])).status_code == 400
    duties = (await site.http.get("/api/v1/whistles/duties", headers=hands.heads["city"])).json()["duties"]
    assert {one["duty"] for one in duties} == {"acknowledge", "reply"}
    mine = (await site.http.get("/api/v1/whistles/duties", headers=hands.heads["street"])).json()["duties"]
    assert [(one["number"], one["duty"]) for one in mine] == [(numbers[-1], "approve")]
