"""A hidden ticket changes nothing on any page, whoever looks; a form of another site changes nothing at all."""

import re
from typing import Any

import asyncpg
import httpx
import pytest

from huiyin.core.ticket import RESIDENT
from huiyin.core.voices import ReportPressure
from huiyin.core.words import About
from huiyin.desk import Change, Order
from huiyin.web.who import ANYONE, TABLE
from tests.core.world import AT, sorting, spot
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.screened import counted
from tests.web.sightings import COMMUNITY, STREET, City

HTML = {"Accept": "text/html"}
DAYS = f"since={AT:%Y-%m-%d}&until=2026-11-30"
PASSWORD = "abcd-efgh-jkmn-pqrs"
# What is new each time: marks, keys, the policy's nonce.
FRESH = re.compile(r'(nonce=|name="key" value=|name="id" value=|"key":\s*)"[^"]*"')
# Who looks: the category of a ticket of theirs, and whom a complaint about them is about; None for who is never meant.
VIEWERS: dict[str, tuple[str, About | None]] = {
    "leader": ("B01", "building_leader"),
    "owners": ("L02", "owners_committee"),
    "property": ("C01", "property"),
    "estate": ("C01", "property"),
    "grid": ("B01", "grid_or_community_staff"),
    "community": ("D01", "grid_or_community_staff"),
    "street": ("B06", "street"),
    "department": ("D01", "department"),
    "registrar": ("D01", None),
}
HOLDERS = {"B01": "leader", "L02": "owners", "C01": "property", "D01": "community", "B06": "street"}
GONE = frozenset(VIEWERS) - {"grid", "department", "registrar"}  # what they had under pressure is theirs no more
FAR = spot(building="E2-B01")


@pytest.fixture
async def town(site: Site, city: None, people: People) -> City:
    return await City(site, people).sit()


def pages(post: str) -> list[str]:
    """Every page that is no single ticket's, asked in several ways."""
    sums = [
        f"/screen/counted?metric={metric}&by={by}&key={key}&{DAYS}"
        for metric, by, key in (
            ("filed", "", ""),
            ("supervised", "", ""),
            ("signed", "topic", "B"),
            ("climbed", "", ""),
        )
    ]
    return [
        "/desk", "/desk?tab=rulings", "/desk?tab=supervised", "/desk/list", "/tickets?all=1", "/tickets?q=L02",
        "/tickets?supervised=true", "/tickets?state=dispatched", "/tickets/list?open=true", "/tickets/counts",
        "/tickets/export?all=1", "/tickets/export?open=true", "/sorting", "/sorting/left", "/screen?days=90",
        "/screen/now?days=30", "/screen?wall=1", *sums, "/review?q=1", f"/review/posts/{post}?to=2026-11-30",
        f"/review/posts/street:{STREET}?to=2026-11-30", "/review/posts/property:E1?to=2026-11-30",
        f"/tickets/bulk?what=reassign&n=HY000000001&n=HY000000002&n={HIDDEN}",
    ]  # fmt: skip


HIDDEN = "HY000000008"  # the first of those that the viewers must not know of


async def look(town: City, who: str) -> dict[str, tuple[int, str]]:
    """All that somebody is shown."""
    post = (await town.site.room.ask(lambda c: _account(c, who))).post_code
    found = {}
    for path in pages(post):
        answer = await town.site.http.get(path, headers={**town.heads[who], **HTML})
        found[path] = answer.status_code, FRESH.sub(r"\1", answer.text)
    return found


async def _account(connection: Any, who: str) -> Any:
    from huiyin.store import accounts

    return await accounts.by_name(connection, who)


async def pressed(town: City, number: str) -> None:
    what = Change(number, ReportPressure())
    answer = await town.site.room.act(Order("urn:test", f"p{number}", RESIDENT.post, what, role=RESIDENT.role))
    assert answer.outcome == "done", answer


@pytest.mark.parametrize("who", VIEWERS)
async def test_no_page_tells_of_what_is_hidden(town: City, admin: asyncpg.Connection, who: str) -> None:
    """A complaint about the viewer's own kind, one in which they have an interest, one that they had until the
    resident was under pressure, and those of another street: the pages before and after are the same, byte by byte."""
    category, about = VIEWERS[who]
    for one in ("A01", "B01", "C01", "D01", "L02", "B06", "J05"):
        number = await town.file(one)
        if one in HOLDERS:
            assert (await town.give(HOLDERS[one], f"/tickets/{number}/sign")).status_code == 200
    head = {**town.heads[who], **HTML}
    for name, query in (("a", {"open": "true"}), ("b", {"category": category[0]})):
        if (await town.site.http.get("/tickets", headers=head)).status_code == 200:
            kept = await town.site.http.post("/tickets/filters", data={"name": name, **query}, headers=head)
            assert kept.status_code == 303, kept.text
    person = await admin.fetchval("SELECT person FROM accounts WHERE username = $1", who)
    await admin.execute("UPDATE persons SET phone = $1 WHERE person = $2", town.seal.mark("13700000001"), person)
    await counted(town.site)
    before = await look(town, who)
    assert sum(status == 200 for status, _ in before.values()) >= 3, "nothing was looked at"

    numbers = []
    if about is not None:
        numbers.append(await town.file("L02", about))
        assert numbers[0] == HIDDEN
        numbers.append(await town.file(category, phone="13700000001"))
        numbers.append(await town.file(category, found=sorting(category, spot(building="E1-B02")), phone="13700000001"))
    if who in GONE:
        for holder in (HOLDERS[category], who):
            number = await town.file(category)
            if holder in HOLDERS.values():
                assert (await town.give(HOLDERS[category], f"/tickets/{number}/sign")).status_code == 200
            await pressed(town, number)
            numbers.append(number)
    await counted(town.site)
    after = await look(town, who)
    assert numbers or about is None
    assert {path: said for path, said in after.items() if before[path] != said} == {}
    for number in numbers:
        for path in (f"/tickets/{number}", f"/review/tickets/{number}", f"/tickets/{number}/clock"):
            assert (await town.site.http.get(path, headers=head)).status_code == 404, (who, path)


async def test_an_order_that_did_nothing_tells_nothing_later(
    site: Site, city: None, filer: Filer, people: People
) -> None:
    """Sent again under its key it answers how the ticket is; a ticket that is hidden by then is not there."""
    hands = await Hands(site, filer).sit(people)
    number = await hands.file("A02")
    await hands.do("community", number, "dispatch", {"rung": "property_company"})
    for key in ("k1", "k2"):
        await hands.order("property", number, "sign", key=key)
    nothing = await hands.order("property", number, "reassign", {"person": "property"}, key="k3")
    assert nothing.status_code == 200, nothing.text
    told = await hands.site.http.post(f"{hands.receipt(number)}/pressure", json={"confirm": True})
    assert told.status_code == 200, told.text
    for key, command, body in (("k1", "sign", None), ("k2", "sign", None), ("k3", "reassign", {"person": "property"})):
        again = await hands.order("property", number, command, body, key=key)
        assert '"pressured":true' not in again.text, (key, again.text)
        assert again.status_code == 404 or again.json().get("rung", "property_company") == "property_company", key


_THERE = {"number": "HY000000001", "ident": "1", "post": f"street:{STREET}", "person": "p-1"}


async def test_every_form_of_the_staff_needs_the_session_s_own_mark(site: Site, city: None, people: People) -> None:
    """Without it, or with another's, nothing is even looked at: also for an address that names no ticket."""
    rows = [path for (method, path), who in TABLE.items() if method == "POST" and who != ANYONE and "/api/" not in path]
    assert len(rows) > 40
    wrong = []
    for path in rows:
        roles = TABLE["POST", path]
        assert not isinstance(roles, str)
        role = "street" if "street" in roles else min(roles)
        async with httpx.AsyncClient(base_url=site.url, headers=HTML, timeout=20, verify=False) as browser:
            await _enter(site, people, browser, role)
            where = re.sub(r"\{(\w+)\}", lambda hole: _THERE.get(hole[1], "x"), path)
            for said in ({}, {"csrf": ""}, {"csrf": "0" * 32}):
                answer = await browser.post(where, data=said)
                if answer.status_code != 403:
                    wrong.append((path, role, said, answer.status_code))
    assert not wrong


async def _enter(site: Site, people: People, browser: httpx.AsyncClient, role: Any) -> None:
    """A browser's session, as logging in makes it."""
    from datetime import UTC, datetime
    from secrets import token_hex

    from huiyin.store import accounts
    from huiyin.web.logins import digest
    from huiyin.web.who import COOKIE

    scope = {"street": f"street:{STREET}", "community": f"community:{COMMUNITY}"}.get(role, "all")
    await people.make(role, scope)
    cookie = token_hex(16)
    now = datetime.now(UTC)
    await site.room.write(lambda c: accounts.open_session(c, digest(cookie), f"{role}-{scope}", now))
    browser.cookies.set(COOKIE, cookie)
