"""The staff's door: in with what the API asks for too, out for good, never to an address that is not ours."""

import hmac
import re
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest

from huiyin import posts
from huiyin.core.staff import Term
from huiyin.store import accounts
from huiyin.web.logins import digest
from huiyin.web.staff.doors import inside
from huiyin.web.who import COOKIE
from tests.core.world import AT
from tests.web.conftest import RECEIPT_KEY, People, Site

HTML = {"Accept": "text/html"}
PASSWORD = "abcd-efgh-jkmn-pqrs"
GRID, COMMUNITY = "grid:990101001001001", "community:990101001001"

pytestmark = pytest.mark.usefixtures("city")


def test_only_our_own_pages_are_gone_on_to() -> None:
    for path in ("/tickets?state=signed", "/tickets/HY000000001"):
        assert inside(path) == path
    for path in ("", "desk", "//evil.example", "/\\evil.example", "https://evil.example/desk", "/api/v1/tickets",
                 "/a\\b", "javascript:alert(1)", "/a\nb"):  # fmt: skip
        assert inside(path) == "/desk"


async def test_a_page_asks_for_the_login_and_goes_on(site: Site) -> None:
    answer = await site.http.get("/live?n=HY000000001", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Flive%3Fn%3DHY000000001")
    form = await site.http.get(answer.headers["location"], headers=HTML)
    assert 'value="/live?n=HY000000001"' in form.text
    wrong = await site.http.post("/login", data={"username": "nobody", "password": "x" * 16}, headers=HTML)
    assert (wrong.status_code, "x" * 16 in wrong.text) == (403, False)
    assert "用户名或密码不对" in wrong.text


async def test_in_and_out(site: Site, people: People) -> None:
    await people.make("street", "all", PASSWORD)
    said = {"username": "street-all", "password": PASSWORD, "next": "//evil.example"}
    answer = await site.http.post("/login", data=said, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert (await site.http.get("/api/v1/tickets")).status_code == 200
    assert (await site.http.post("/logout", headers=HTML)).status_code == 403  # without the session's mark
    mark = re.search(r'name="csrf" value="([0-9a-f]{32})"', (await site.http.get("/login", headers=HTML)).text)
    assert mark is not None
    left = await site.http.post("/logout", data={"csrf": mark[1]}, headers=HTML)
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert (await site.http.get("/api/v1/tickets")).status_code == 401


async def test_another_post_is_the_same_session_and_no_longer(
    site: Site, city: None, people: People, admin: asyncpg.Connection
) -> None:
    """The mark is asked, the post must be one's own, the old cookie is over; twelve hours are twelve hours."""
    await people.seat("two", "grid_worker", GRID, GRID)
    person = await admin.fetchval("SELECT person FROM accounts WHERE username = 'two'")
    term = Term(COMMUNITY, person, "community", COMMUNITY, AT)
    await site.room.write(lambda c: posts.give(c, term, at=AT))
    began = datetime.now(UTC) - timedelta(hours=11)
    await site.room.write(lambda c: accounts.open_session(c, digest("old"), "two", began))
    await admin.execute("UPDATE sessions SET seen_at = now(), confirmed_at = now()")

    async def ask(cookie: str, post: str) -> httpx.Response:
        mark = hmac.digest(RECEIPT_KEY, b"huiyin csrf " + cookie.encode(), "sha256").hex()[:32]
        site.http.cookies.clear()
        return await site.http.post(
            "/act-as", data={"csrf": mark, "post": post}, headers={"Cookie": f"{COOKIE}={cookie}"}
        )

    assert (await ask("old", "street:990101001")).status_code == 403
    answer = await ask("old", COMMUNITY)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    fresh = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert fresh is not None
    assert fresh[1] != "old"
    rows = await admin.fetch("SELECT post_code, created_at, confirmed_at FROM sessions WHERE ended_at IS NULL")
    assert [tuple(row) for row in rows] == [(COMMUNITY, began, None)]
    site.http.cookies.clear()
    head = {"Cookie": f"{COOKIE}={fresh[1]}", **HTML}
    assert "社区" in (await site.http.get("/desk", headers=head)).text
    assert (await site.http.get("/api/v1/desk", headers={"Cookie": f"{COOKIE}=old"})).status_code == 401
    token = {"Authorization": "Bearer token.two"}
    assert (await site.http.post("/act-as", data={"post": COMMUNITY}, headers=token)).status_code == 401
    await admin.execute("UPDATE sessions SET created_at = now() - interval '12 hours 1 minute'")
    assert (await ask(fresh[1], GRID)).status_code == 401
