"""The second factor and the post one acts as: a code each login and each once; a post while one holds it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pyotp
import pytest

from huiyin import posts
from huiyin.core.staff import Term
from huiyin.store import accounts
from huiyin.store.vault import Seal
from huiyin.web import totp
from huiyin.web.logins import digest
from tests.web.conftest import NOW, VAULT_KEY, Site, kept

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DAY = timedelta(days=1)
RIGHT = {"username": "wang", "password": "right"}


async def enrol(site: Site, name: str = "wang", *, exempt: bool = False, secret: str | None = SECRET) -> str:
    """A street's account since yesterday; its person."""
    account = accounts.Account(name, "street", "street:1", "all", exempt=exempt)

    async def order(connection: Any) -> str:
        since = NOW - DAY
        person = await posts.enrol(connection, account, kept("right"), digest(f"t-{name}"), at=NOW, since=since)
        if secret:
            await accounts.put_totp(connection, name, totp.sealed(Seal(VAULT_KEY), secret), datetime.now(UTC))
        return person

    return await site.room.write(order)


async def give(site: Site, person: str, post: str, since: datetime = NOW - DAY, until: datetime | None = None) -> None:
    term = Term(post, person, "mediator", "estate:E1", since, until)
    await site.room.write(lambda c: posts.give(c, term, at=NOW))


def code(steps: int = 0) -> str:
    """The code of now, or of some 30-second steps later."""
    return pyotp.TOTP(SECRET).at(datetime.now(UTC) + timedelta(seconds=totp.PERIOD * steps))


async def log_in(site: Site, **more: Any) -> httpx.Response:
    return await site.http.post("/api/v1/session", json=RIGHT | more)


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json().get("code"))


# -- codes ------------------------------------------------------------------------------------------------


def test_a_code_is_good_for_one_step_around() -> None:
    """RFC 6238: 30 seconds, and a clock may be one step off."""
    at = datetime(2026, 11, 20, 1, 0, 15, tzinfo=UTC)
    here = int(at.timestamp()) // 30
    device = pyotp.TOTP(SECRET)
    for off in range(-3, 4):
        found = totp.step(SECRET, device.at(at + timedelta(seconds=30 * off)), at)
        assert found == (here + off if abs(off) <= 1 else None)
    spaced = device.at(at)
    assert totp.step(SECRET, f"{spaced[:3]} {spaced[3:]}", at) == here
    for wrong in ("", "12345", "一二三四五六", spaced + "0"):
        assert totp.step(SECRET, wrong, at) is None


def test_a_secret_is_sealed() -> None:
    kept = totp.sealed(Seal(VAULT_KEY), SECRET)
    assert SECRET.encode() not in kept
    assert totp.opened(Seal(VAULT_KEY), kept) == SECRET
    assert len(totp.new_secret()) == 32
    assert totp.new_secret() != totp.new_secret()
    assert totp.uri(SECRET, "wang").startswith("otpauth://totp/")


async def test_the_code_is_needed_and_only_the_right_password_learns_so(site: Site) -> None:
    await enrol(site)
    assert said(await log_in(site)) == (401, "totp-needed")
    assert said(await log_in(site, code="")) == (401, "totp-needed")
    assert said(await log_in(site, password="wrong")) == (401, "wrong-login")
    assert said(await log_in(site, password="wrong", code=code())) == (401, "wrong-login")
    assert said(await log_in(site, code=code(5))) == (401, "wrong-login")
    assert said(await log_in(site, code="x" * 8)) == (400, "wrong-type")
    answer = await log_in(site, code=code())
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "username": "wang", "role": "street", "post": "street:1", "scope": "all", "posts": ["street:1"]
    }  # fmt: skip
    assert (await site.http.get("/api/v1/tickets")).status_code == 200


async def test_a_code_is_used_once(site: Site) -> None:
    await enrol(site)
    first, before = code(), code(-1)
    answers = await asyncio.gather(*(log_in(site, code=first) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401]
    assert said(await log_in(site, code=first)) == (401, "wrong-login")
    assert said(await log_in(site, code=before)) == (401, "wrong-login")
    assert (await log_in(site, code=code(1))).status_code == 201


async def test_wrong_codes_are_counted_as_wrong_passwords_are(site: Site) -> None:
    """Whoever has the password still has five tries, not a million."""
    await enrol(site)
    answers = [await log_in(site, code="000000" if code() != "000000" else "000001") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


async def test_staff_without_a_secret_is_told_whom_to_ask(site: Site) -> None:
    await enrol(site, secret=None)
    answer = await log_in(site, code="123456")
    assert said(answer) == (401, "totp-needed")
    assert "huiyin user totp" in answer.json()["detail"]


async def test_a_new_secret_ends_what_was_open(site: Site) -> None:
    await enrol(site)
    assert (await log_in(site, code=code())).status_code == 201
    secret = totp.new_secret()
    sealed = totp.sealed(Seal(VAULT_KEY), secret)
    assert await site.room.write(lambda c: accounts.put_totp(c, "wang", sealed, datetime.now(UTC)))
    assert (await site.http.get("/api/v1/tickets")).status_code == 401
    assert said(await log_in(site, code=code(1))) == (401, "wrong-login")
    fresh = pyotp.TOTP(secret).at(datetime.now(UTC))
    assert (await log_in(site, code=fresh)).status_code == 201, "the old secret's steps are not the new one's"


async def test_a_token_is_for_whoever_needs_no_code(site: Site) -> None:
    await enrol(site)
    await enrol(site, "demo", exempt=True, secret=None)
    statuses = [
        (await site.http.get("/api/v1/tickets", headers={"Authorization": f"Bearer t-{name}"})).status_code
        for name in ("wang", "demo")
    ]
    assert statuses == [401, 200]
    assert (await log_in(site, username="demo")).status_code == 201


# -- posts ------------------------------------------------------------------------------------------------


async def test_a_session_acts_as_another_post(site: Site) -> None:
    person = await enrol(site, exempt=True)
    await give(site, person, "mediator:1")
    answer = await log_in(site, post="mediator:1")
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "username": "wang", "role": "mediator", "post": "mediator:1", "scope": "estate:E1",
        "posts": ["mediator:1", "street:1"],
    }  # fmt: skip
    reclassify = "/api/v1/tickets/HY000000001/reclassify"
    assert said(await site.http.post(reclassify, json={})) == (403, "not-your-role")
    assert said(await log_in(site, post="community:1")) == (403, "not-your-post")
    await site.room.write(lambda c: posts.end(c, person, "mediator:1", NOW, at=NOW))
    assert said(await site.http.get("/api/v1/tickets")) == (403, "post-ended")
    assert said(await log_in(site, post="mediator:1")) == (403, "post-ended")
    assert (await log_in(site)).json()["posts"] == ["street:1"]


async def test_a_bearer_names_the_post(site: Site) -> None:
    person = await enrol(site, exempt=True)
    await give(site, person, "department:城管")
    await give(site, person, "mediator:2", since=NOW + DAY)

    async def ask(post: str) -> httpx.Response:
        headers = {"Authorization": "Bearer t-wang", "X-Huiyin-Post": quote(post)}
        return await site.http.post("/api/v1/tickets/HY000000001/reclassify", json={}, headers=headers)

    assert said(await ask("department:城管")) == (403, "not-your-role"), "a mediator's role goes with it"
    assert said(await ask("")) == (404, "not-found")
    assert said(await ask("community:1")) == (403, "not-your-post")
    assert said(await ask("mediator:2")) == (403, "post-ended")


@pytest.mark.parametrize("until", [NOW, NOW + DAY])
async def test_ones_own_post_ends(site: Site, until: datetime) -> None:
    """By the house's clock; the account itself stays, and may act as what else its person holds."""
    person = await enrol(site, exempt=True)
    await give(site, person, "mediator:1")
    assert (await log_in(site)).status_code == 201
    await site.room.write(lambda c: posts.end(c, person, "street:1", until, at=NOW))
    over = until == NOW
    assert (await site.http.get("/api/v1/tickets")).status_code == (403 if over else 200)
    answer = await log_in(site)
    assert answer.status_code == (403 if over else 201)
    if over:
        assert answer.json()["code"] == "post-ended"
    assert (await log_in(site, post="mediator:1")).status_code == 201
