"""A whistle for what a mediation needs: the case knows of it, the whistle and its departments nothing of the case."""

import json
import secrets
from typing import Any

import asyncpg
import httpx
import pytest

from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators

CITY = "department:城管"
HTML = {"Accept": "text/html"}
BLOW = {
    **{"kind": "emergency", "beyond": "no-means", "text": "公共管道要有人开挖", "category": "B04"},
    "community_code": "990101001001",
    "asks": [{"department": CITY, "text": "请到一号楼前查看管道"}],
}
FORM = {
    **{"key": "k1", "kind": "emergency", "beyond": "no-means", "text": "公共管道要有人开挖", "source": "own"},
    **{"category": "B04 商铺经营噪声", "where": "柳岸花园 1栋", "post0": CITY, "task0": "请到一号楼前查看管道"},
}

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    made = await Mediators(site, filer).sit(people)
    made.heads["city"] = await people.seat("city", "department", CITY, f"post:{CITY}")
    return made


async def blow(hands: Mediators, who: str, number: str, key: str = "", **more: Any) -> httpx.Response:
    head = hands.heads[who] | {"Idempotency-Key": key or secrets.token_hex(8)}
    return await hands.site.http.post("/api/v1/whistles", headers=head, json=BLOW | {"mediation": number} | more)


async def see(hands: Mediators, who: str, path: str, status: int = 200) -> str:
    answer = await hands.site.http.get(path, headers=hands.heads[who] | HTML)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.text


async def steps(hands: Mediators, who: str, number: str) -> list[str]:
    return [one["step"] for one in (await hands.looks(who, number, "/log")).json()["steps"]]


async def test_the_case_knows_and_the_whistle_does_not(hands: Mediators, admin: asyncpg.Connection) -> None:
    case = await hands.seated()
    head, body = hands.heads["community"], BLOW | {"mediation": case}
    bare = await hands.site.http.post("/api/v1/whistles", headers=head, json=body)
    assert (bare.status_code, "Idempotency-Key" in bare.text) == (400, True), "it could not be told to its case later"
    first = await blow(hands, "community", case, "once")
    assert first.status_code == 201, first.text
    whistle = first.json()["number"]
    assert (await blow(hands, "community", case, "once")).json()["number"] == whistle
    for who in ("community", "wang"):
        assert (await hands.looks(who, case)).json()["sight"]["whistles"] == [whistle]
        assert (await steps(hands, who, case)).count("mediation.whistled.v1") == 1
        assert whistle in await see(hands, who, f"/mediations/{case}")
    assert case in await see(hands, "community", f"/whistles/{whistle}")
    for who in ("street", "boss", "auditor", "city"):
        for path in (f"/whistles/{whistle}", f"/whistles/{whistle}/sheet", f"/api/v1/whistles/{whistle}"):
            assert case not in await see(hands, who, path), (who, path)
    kept = await admin.fetch("SELECT body FROM log WHERE noun = 'whistle'")
    kept += await admin.fetch("SELECT to_jsonb(w)::text AS body FROM whistles w")
    assert not [row for row in kept if case in str(row["body"]) or "mediation" in str(row["body"])]
    for party in ("p1", "p2"):
        assert whistle not in json.dumps((await hands.looks(party, case)).json())


async def test_by_form_from_the_case_s_page(hands: Mediators) -> None:
    case = await hands.seated()
    assert f'href="/whistles/new?mediation={case}"' in await see(hands, "community", f"/mediations/{case}")
    assert "/whistles/new" not in await see(hands, "wang", f"/mediations/{case}"), "a mediator blows nothing"
    form = await see(hands, "community", f"/whistles/new?mediation={case}")
    assert f'name="mediation" value="{case}"' in form
    assert 'value="patrol"' not in form
    head = hands.heads["community"] | HTML
    missed = await hands.site.http.post("/whistles/new", headers=head, data=FORM | {"mediation": case, "task0": ""})
    assert (missed.status_code, f'name="mediation" value="{case}"' in missed.text) == (422, True)
    blown = await hands.site.http.post("/whistles/new", headers=head, data=FORM | {"mediation": case})
    assert blown.status_code == 303, blown.text
    number = blown.headers["location"].split("/")[2].split("?")[0]
    assert (await hands.looks("community", case)).json()["sight"]["whistles"] == [number]


async def test_whose_case_it_is_not_learns_nothing(hands: Mediators) -> None:
    """Another desk, a case that is none, one whose matter the desk may not know: the same 404, and no whistle."""
    case = await hands.seated()
    for who, number in (("street", case), ("community", "TJ999999999")):
        assert (await blow(hands, who, number)).status_code == 404, who
        await see(hands, who, f"/whistles/new?mediation={number}", 404)
    await hands.does("wang", case, "flag-risk", {"risk": "domestic", "text": "看到伤痕"})
    assert (await blow(hands, "community", case)).status_code == 404
    await see(hands, "community", f"/whistles/new?mediation={case}", 404)
    assert f"mediation={case}" not in await see(hands, "community", f"/mediations/{case}")
    listed = await hands.site.http.get("/api/v1/whistles", headers=hands.heads["street"])
    assert listed.json()["whistles"] == []


async def test_a_department_is_not_told_who_the_parties_are(hands: Mediators) -> None:
    case = await hands.seated()
    for words in ("请找许立本商量", "电话 13800000001"):
        told = await blow(hands, "community", case, asks=[{"department": CITY, "text": words}])
        assert (told.status_code, told.json()["code"]) == (409, "identifies-complainant"), words
    assert (await hands.looks("community", case)).json()["sight"]["whistles"] == []
    for _ in range(3):
        await blow(hands, "community", case, asks=[{"department": CITY, "text": "请找娄秀兰"}])
    last = await blow(hands, "community", case)
    assert last.json()["code"] == "too-many-guesses", "guesses are counted by the case, not by whistles never blown"
