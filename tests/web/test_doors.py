"""The staff's door: in with what the API asks for too, out for good, never to an address that is not ours."""

import re

import pytest

from huiyin.web.staff.doors import inside
from tests.web.conftest import People, Site

HTML = {"Accept": "text/html"}
PASSWORD = "abcd-efgh-jkmn-pqrs"

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
