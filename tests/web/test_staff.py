"""Who sees and does what: the table covers every route, scopes hide, a respondent never sees the complaint."""

import re
from typing import Any

import httpx
import pytest

from huiyin.core.people import ROLES, Role
from huiyin.core.words import About, Spot
from huiyin.store.dead import Letter, bury
from huiyin.store.vault import Seal
from huiyin.web.app import ROUTES
from huiyin.web.logins import PER_ACCOUNT, PER_PEER
from huiyin.web.who import ANYONE, COOKIE, TABLE
from tests.core.world import AT, sorting, spot
from tests.web.conftest import VAULT_KEY, Filer, People, Site

SCOPES = {
    "all": {"b1", "b2", "e2", "community", "nowhere"},
    "street:990101001": {"b1", "b2", "e2", "community", "nowhere"},  # what has no place is every street's to sort
    "community:990101001001": {"b1", "b2", "e2", "community"},
    "estate:E1": {"b1", "b2"},
    "grid:990101001001001": {"b1"},
    "building:E1-B02": {"b2"},
    "post:building_leader:E1-B01": {"b1"},
    "estate:E9": set(),
}


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    found = {
        (method, re.sub(r":(str|path)}", "}", path))
        for handler in ROUTES
        for path in handler.paths
        for method in handler.http_methods
    }
    assert found == set(TABLE)


async def test_without_showing_who_one_is(site: Site, people: People) -> None:
    """Each row of the table, for nobody and for every role: 401, 403, or the door is open."""
    headers = {role: await people.make(role) for role in ROLES}
    for (method, template), who in TABLE.items():
        path = re.sub(r"\{(\w+)\}", lambda hole: {"receipt": "0", "number": "HY000000001"}.get(hole[1], "x"), template)
        if path in ("/docs", "/metrics", "/openapi.json") or who == ANYONE:
            continue
        assert (await site.http.request(method, path)).status_code == 401, template
        if path == "/live":  # it never ends; whom it tells what is tests/web/test_live.py's
            continue
        for role in ROLES:
            body: Any = {} if method == "POST" else None
            answer = await site.http.request(method, path, headers=headers[role], json=body)
            assert (answer.status_code == 403) == (role not in who), (template, role, answer.text)


@pytest.mark.usefixtures("city")
async def test_scopes(site: Site, filer: Filer, people: People) -> None:
    numbers = {
        "b1": await filer.file(sorting("A01")),
        "b2": await filer.file(sorting("A01", spot(building="E1-B02"))),
        "e2": await filer.file(sorting("A01", spot("E2", "E2-B01"))),
        "community": await filer.file(sorting("S01", Spot("990101001", "990101001001"))),
        "nowhere": await filer.file(sorting("T09", Spot())),
    }
    for scope, expected in SCOPES.items():
        head = await people.make("auditor", scope)
        page = (await site.http.get("/api/v1/tickets", headers=head)).json()
        assert {one["number"] for one in page["tickets"]} == {numbers[name] for name in expected}, scope
        for name, number in numbers.items():
            for path in (f"/api/v1/tickets/{number}", f"/api/v1/tickets/{number}/log"):
                status = (await site.http.get(path, headers=head)).status_code
                assert status == (200 if name in expected else 404), (scope, path)


HIDDEN: dict[Role, set[About]] = {
    "property": {"property", "owners_committee", "street"},
    "owners_committee": {"owners_committee", "street"},
    "building_leader": {"building_leader", "grid_or_community_staff", "street"},
    "grid_worker": {"grid_or_community_staff", "street"},
    "community": {"grid_or_community_staff", "street"},
    "street": {"street"},
    "mediator": {"street"},
    "auditor": set(),
}


@pytest.mark.usefixtures("city")
async def test_a_respondent_never_sees_it(site: Site, filer: Filer, people: People) -> None:
    abouts: tuple[About, ...] = (
        "property", "owners_committee", "building_leader", "grid_or_community_staff", "street", "none",
    )  # fmt: skip
    numbers = {about: await filer.file(sorting("L02"), about) for about in abouts}
    for role, hidden in HIDDEN.items():
        head = await people.make(role, "estate:E1")
        page = (await site.http.get("/api/v1/tickets", headers=head)).json()
        assert {one["about"] for one in page["tickets"]} == set(abouts) - hidden, role
        for about in hidden:
            answer = await site.http.get(f"/api/v1/tickets/{numbers[about]}", headers=head)
            nobodys = await site.http.get("/api/v1/tickets/HY999999999", headers=head)
            assert (answer.status_code, answer.content) == (404, nobodys.content)
            q = (await site.http.get(f"/api/v1/tickets?q={numbers[about]}", headers=head)).json()
            assert q == {"tickets": [], "next": None}
    head = await people.make("community", "estate:E1")
    path = f"/api/v1/tickets/{numbers['street']}/reclassify"
    assert (await site.http.post(path, headers=head, json={"category": "A01"})).status_code == 404


@pytest.mark.usefixtures("city")
async def test_filters_and_pages(site: Site, filer: Filer, people: People) -> None:
    for i in range(7):
        await filer.file(sorting("A01" if i % 2 else "C01"))
    waiting = await filer.file(sorting("T09", Spot()))
    head = await people.make("auditor")

    async def ask(query: str) -> dict[str, Any]:
        answer = await site.http.get(f"/api/v1/tickets?{query}", headers=head)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    counts = {
        "state=sorting": 1, "rung=building_leader": 3, "rung=property_company": 4, "category=A01": 3,
        "category=A": 3, "grid=990101001001001": 7, "community=990101001001": 7, "overdue=true": 1,
        "overdue=false": 7, "open=true": 8, "open=false": 0, "state=dispatched": 7, "state=merged": 0,
        "urgency=emergency": 0, "q=楼上漏水": 8, f"q={waiting}": 1,
        "q=%25": 0, "category=A01&grid=990101001001001": 3, "grid=x": 0,
    }  # fmt: skip
    for query, count in counts.items():
        assert len((await ask(query))["tickets"]) == count, query
    seen: list[str] = []
    query = "limit=3"
    while True:
        page = await ask(query)
        seen += [one["number"] for one in page["tickets"]]
        if page["next"] is None:
            break
        query = f"limit=3&cursor={page['next']}"
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 8


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "state=x", "open=x", "cursor=x", "q=%00", "overdue=x"])
async def test_a_wrong_query_is_said(site: Site, people: People, query: str) -> None:
    answer = await site.http.get(f"/api/v1/tickets?{query}", headers=await people.make("auditor"))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query")


@pytest.mark.usefixtures("city")
async def test_a_person_corrects_the_sorter(site: Site, filer: Filer, people: People) -> None:
    number = await filer.file(sorting("A01"))
    head = await people.make("grid_worker", "grid:990101001001001")
    path = f"/api/v1/tickets/{number}/reclassify"
    key = head | {"Idempotency-Key": "one"}
    for _ in range(2):
        answer = await site.http.post(path, headers=key, json={"category": "A02"})
        assert (answer.status_code, answer.json()["category"], answer.json()["version"]) == (200, "A02", 3)
    log = (await site.http.get(f"/api/v1/tickets/{number}/log", headers=head)).json()["steps"]
    assert [step["step"] for step in log] == ["ticket.filed.v1", "ticket.sorted.v1", "ticket.reclassified.v1"]
    assert log[-1]["actor"] == "grid:990101001001001"
    for body, code in (
        ({"category": "ZZ"}, "unknown-category"),
        ({"building_code": "x"}, "unknown-building"),
        ({"grid_code": "x"}, "unknown-grid"),
        ({"community_code": "x"}, "unknown-community"),
    ):
        answer = await site.http.post(path, headers=head, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    answer = await site.http.post(path, headers=head, json={"categry": "A02"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong-type")


async def test_what_became_of_an_event(site: Site, filer: Filer, people: People) -> None:
    head = await people.make("machine")

    async def ask(event_id: str) -> httpx.Response:
        query = {"source": "urn:partner", "id": event_id}
        return await site.http.get("/api/v1/complaints", params=query, headers=head)

    assert (await ask("m1")).json()["code"] == "on-its-way"
    number = await filer.file(event_id="m1", source="urn:partner")
    found = (await ask("m1")).json()
    assert (found["number"], found["category"], found["why_here"]) == (number, "A01", [])
    by_receipt = await site.http.get(f"/api/v1/complaints/{found['receipt']}")
    assert by_receipt.json()["number"] == number
    letter = Letter("INTAKE", 9, "s", "no-text", "data.text", 1, b"x", None, "urn:partner", "m2")
    await site.room.write(lambda c: bury(c, Seal(VAULT_KEY), [letter], AT))
    assert (await ask("m2")).json() == {"dead_letter": {"reason": "no-text", "detail": "data.text"}}
    assert (await ask("\0")).status_code == 400


async def test_logging_in_and_out(site: Site, people: People) -> None:
    await people.make("street", "all", "right")
    login = {"username": "street-all", "password": "right"}
    answer = await site.http.post("/api/v1/session", json=login)
    assert (answer.status_code, answer.json()["role"]) == (201, "street")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert (await site.http.get("/api/v1/tickets")).status_code == 200
    other = {"Origin": "http://evil.example"}
    assert (await site.http.delete("/api/v1/session", headers=other)).json()["code"] == "cross-origin"
    kept = site.http.cookies[COOKIE]
    assert (await site.http.post("/api/v1/session", json=login)).status_code == 201
    assert site.http.cookies[COOKIE] != kept
    assert (await site.http.delete("/api/v1/session")).status_code == 204
    assert (await site.http.get("/api/v1/tickets")).status_code == 401
    site.http.cookies.clear()
    assert (await site.http.get("/api/v1/tickets", headers={"Cookie": f"{COOKIE}={kept}"})).status_code == 401


async def test_guessing_is_slow_whatever_the_headers_say(site: Site, people: People) -> None:
    await people.make("street", "all", "right")
    for name in ("street-all", "nobody"):
        answers = [
            await site.http.post(
                "/api/v1/session",
                json={"username": name, "password": "wrong"},
                headers={"X-Forwarded-For": f"10.0.0.{i}", "X-Real-IP": f"10.0.1.{i}", "Forwarded": f"for=1.1.1.{i}"},
            )
            for i in range(PER_ACCOUNT + 2)
        ]
        assert [answer.status_code for answer in answers] == [401] * PER_ACCOUNT + [429] * 2
        assert len({answer.content for answer in answers[:PER_ACCOUNT]}) == 1
        assert answers[-1].headers["Retry-After"] == "900"
    for i in range(PER_PEER - 2 * PER_ACCOUNT):
        await site.http.post("/api/v1/session", json={"username": f"n{i}", "password": "wrong"})
    answer = await site.http.post("/api/v1/session", json={"username": "street-all", "password": "right"})
    assert answer.status_code == 429


async def test_a_disabled_account_is_out_at_once(site: Site, people: People) -> None:
    from datetime import UTC, datetime

    from huiyin.store import accounts

    head = await people.make("street", "all", "right")
    await site.http.post("/api/v1/session", json={"username": "street-all", "password": "right"})
    await site.room.write(lambda c: accounts.disable(c, "street-all", datetime.now(UTC)))
    assert (await site.http.get("/api/v1/tickets")).status_code == 401
    assert (await site.http.get("/api/v1/tickets", headers=head)).status_code == 401
