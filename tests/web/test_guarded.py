"""Every form is guarded and every answer has its safe headers: the table of routes is walked, none is forgotten."""

import re
from typing import Any

import asyncpg
import httpx
import pytest
from msgspec.structs import replace

from huiyin.web.who import ANYONE, COOKIE, TABLE
from tests.web.clerks import PASSWORD, Clerk
from tests.web.conftest import People, Site
from tests.web.everywhere import NAMES, NOT_PAGES, PIECES, faces, templates, who
from tests.web.hostile import Town
from tests.web.test_everywhere import looker

pytestmark = pytest.mark.usefixtures("city")

_KNOWN = {"number": "HY000000001", "receipt": "0" * 16, "community": "990101001001", "post": "street:990101001"}
_KNOWN |= {"person": "p-x", "ident": "1", "ref": "x", "party": "p1", "paper": "x"}
_KNOWN |= {"what": "remove", "committee": "990101001001", "kind": "residents"}
FORMS = [path for method, path in TABLE if method == "POST" and "/api/" not in path]
SAFE = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture
async def town(site: Site, people: People, admin: asyncpg.Connection) -> Town:
    return await Town(site, people, admin).build()


async def _clerks(town: Town) -> dict[str, Clerk]:
    return {name: await Clerk(town.city).enter(name) for name in NAMES.values() if name != "machine"}


async def test_no_form_without_its_mark_nor_from_another_site(town: Town, admin: asyncpg.Connection) -> None:
    """For everybody who may send it: 403, and nothing happened."""
    before = await admin.fetchval("SELECT count(*) FROM log")
    wrong = []
    clerks = await _clerks(town)
    for path in FORMS:
        allowed = TABLE["POST", path]
        if allowed == ANYONE:
            continue
        for role in allowed - {"machine"}:
            clerk, url = clerks[NAMES[role]], path.format(**_KNOWN | town.known(NAMES[role]))
            page = (await clerk.http.get("/tickets?all=1")).text
            found = re.search(r'name="csrf" content="([0-9a-f]{32})"', page)
            assert found is not None, page[:300]
            for mark, head in (
                ("", {}),
                ("0" * 32, {}),
                (found[1], {"Origin": "https://evil.example"}),
                (found[1], {"Sec-Fetch-Site": "cross-site"}),
                (found[1], {"Origin": "null"}),
            ):
                answer = await clerk.http.post(url, data={"csrf": mark, "text": "x"}, headers=head)
                if answer.status_code != 403:
                    wrong.append((path, role, mark[:4], head, answer.status_code))
    assert not wrong, wrong[:20]
    assert await admin.fetchval("SELECT count(*) FROM log") == before
    for clerk in clerks.values():
        await clerk.http.aclose()


async def test_no_resident_s_form_from_another_site(site: Site, admin: asyncpg.Connection) -> None:
    for path in FORMS:
        if TABLE["POST", path] == ANYONE:
            for head in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
                said = {"text": "漏水", "username": "x", "password": "x"}
                answer = await site.http.post(path.format(**_KNOWN), data=said, headers=head)
                assert answer.status_code == 403, (path, head)
    assert await admin.fetchval("SELECT count(*) FROM doorstep") == 0


def _unsafe(path: str, answer: httpx.Response, piece: bool) -> list[Any]:
    """What is missing of an answer's safe headers."""
    given, policy = answer.headers, answer.headers.get("content-security-policy", "")
    wrong: list[Any] = [name for name, value in SAFE.items() if given.get(name) != value]
    wrong += [one for one in ("unsafe-inline", "unsafe-eval", "*", "http:", "https:") if one in policy]
    wrong += [one for one in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'") if one not in policy]
    if not piece and not re.search(r"script-src 'nonce-[\w-]{16,}'", policy):
        wrong.append(policy)
    if given.get("cache-control") != "no-store":
        wrong.append(given.get("cache-control"))
    if given.get("referrer-policy") not in ("no-referrer", "same-origin"):
        wrong.append(given.get("referrer-policy"))
    return [(path, one) for one in wrong]


async def test_every_page_has_safe_headers(town: Town) -> None:
    """Pages with a nonce of their own each time; nothing that is anybody's is kept by a browser or on the way."""
    wrong, nonces = [], set()
    count = 0
    for template in templates():
        name = looker(template)
        head = {"Accept": "text/html", **town.head(name)}
        for path in faces(template, town.known(name)):
            answer = await town.site.http.get(path, headers=head)
            piece = template in PIECES
            wrong += _unsafe(path, answer, piece)
            if not piece:
                count += 1
                nonces.add(answer.headers["content-security-policy"])
                assert set(re.findall(r'nonce="([^"]*)"', answer.text)) <= set(
                    re.findall(r"nonce-([\w-]+)", answer.headers["content-security-policy"])
                )
    assert not wrong, wrong[:20]
    assert len(nonces) == count


async def test_what_is_no_page_has_safe_headers(town: Town) -> None:
    """Pictures and what programs read of a ticket are kept nowhere; only files that are the same for all are."""
    kept = {"/static/{file_path}", "/patrol/worker.js"}
    for template in NOT_PAGES - {"/live"}:
        name = who(template)[-1]
        path = template.format(**_KNOWN | town.known(name), file_path="staff.css")
        answer = await town.site.http.get(path, headers=town.head(name))
        assert answer.headers["x-content-type-options"] == "nosniff", template
        assert answer.headers["content-security-policy"].startswith("default-src 'none'"), template
        assert (answer.headers["cache-control"] == "no-store") == (template not in kept), template


async def test_the_cookie_behind_tls(site: Site, people: People) -> None:
    """`__Host-` needs Secure, the whole path and no domain; scripts and other sites never have it."""
    await people.make("street", "all", PASSWORD)
    said = {"username": "street-all", "password": PASSWORD}
    plain = (await site.http.post("/login", data=said)).headers["set-cookie"]
    assert plain.startswith(f"{COOKIE}=")
    site.room.where = replace(site.room.where, public_url="https://huiyin.example")
    site.http.cookies.clear()
    answer = await site.http.post("/login", data=said)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= flags
    assert not [one for one in flags if one.startswith("domain")]
    token = cookie.partition(";")[0]
    assert (await site.http.get("/desk", headers={"Cookie": token})).status_code == 200
    assert (await site.http.get("/desk", headers={"Cookie": token.removeprefix("__Host-")})).status_code == 401
