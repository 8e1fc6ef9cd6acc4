"""Floods at the door: nobody notices in a quiet hour; then a sum or the other lane; each sum once; nothing dropped."""

import asyncio
import json
from base64 import b64decode, b64encode
from typing import Any

import altcha.v2 as altcha
import asyncpg
import httpx
import pytest
from msgspec.structs import replace

from huiyin.core import receipt as receipts
from huiyin.store import waiting
from huiyin.store.database import connect
from huiyin.web import floods
from huiyin.web.rates import Rates
from tests.conftest import Database
from tests.web.browsers import accessible, browsing, window
from tests.web.conftest import People, Site
from tests.web.residents import WORDS, fill

HTML = {"Accept": "text/html"}


def narrow(site: Site, **changed: int) -> None:
    """Other rates than the shipped ones."""
    public = site.room.public
    site.room.public = replace(public, door=replace(public.door, **changed))


async def file(site: Site, key: str = "", proof: str = "", **headers: str) -> httpx.Response:
    data = {"text": "楼上漏水", "key": key, "proof": proof}
    return await site.http.post("/file", data=data, headers=HTML | headers)


async def lanes(admin: asyncpg.Connection) -> list[int]:
    return [row["lane"] for row in await admin.fetch("SELECT lane FROM vault.waiting ORDER BY xid, seq")]


def work_out(challenge: dict[str, Any]) -> str:
    """The sum's proof, by the library's own solver, which the browser's must agree with."""
    found = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert found is not None
    solution = {"counter": found.counter, "derivedKey": found.derived_key, "time": 1}
    return b64encode(json.dumps({"challenge": challenge, "solution": solution}).encode()).decode()


async def test_in_a_quiet_hour_nothing_is_asked(site: Site, admin: asyncpg.Connection) -> None:
    """An estate behind one address: as many as the rules let."""
    for turn in range(site.room.public.door.free):
        if turn % 10 == 0:
            assert "data-proof" not in (await site.http.get("/file", headers=HTML)).text
        assert (await file(site)).status_code == 303
    assert set(await lanes(admin)) == {0}
    assert "data-proof" in (await site.http.get("/file", headers=HTML)).text
    assert (await file(site)).status_code == 303
    assert sorted(await lanes(admin))[-2:] == [0, 1], "it is kept, in the other lane"


async def test_with_a_sum_it_goes_as_usual_and_each_sum_once(site: Site, admin: asyncpg.Connection) -> None:
    narrow(site, free=1, tries=20)
    await file(site)
    proof = work_out(floods.challenge(site.room, "page-1"))
    assert (await file(site, "page-1", proof)).status_code == 303
    assert (await file(site, "page-1", proof)).status_code == 303, "again: kept all the same"
    assert await lanes(admin) == [0, 0]
    assert await admin.fetchval("SELECT count(*) FROM proofs") == 1
    data = {"text": "另一件事", "key": "page-1", "proof": proof}
    assert (await site.http.post("/file", data=data, headers=HTML)).status_code == 303
    assert await lanes(admin) == [0, 0, 1]


async def test_what_is_no_proof(site: Site) -> None:
    narrow(site, tries=20)
    challenge = floods.challenge(site.room, "mine")
    good = work_out(challenge)
    assert not await floods.solved(site.room, "another page", good), "spliced"
    easier = json.loads(json.dumps(challenge))
    easier["parameters"]["keyPrefix"] = ""
    easier["parameters"]["cost"] = 1
    later = json.loads(json.dumps(challenge))
    later["parameters"]["expiresAt"] += 60
    for changed in (easier, later, {**challenge, "signature": "00" * 32}, {**challenge, "signature": None}):
        told = json.loads(b64decode(good))
        told["challenge"] = changed
        assert not await floods.solved(site.room, "mine", b64encode(json.dumps(told).encode()).decode())
    foreign = altcha.create_challenge("PBKDF2/SHA-256", 10, counter=3, hmac_secret="other").to_dict()
    assert not await floods.solved(site.room, "mine", work_out(foreign))
    for nonsense in ("", "x", "e30=", b64encode(b"[]").decode(), "A" * 5_000, "漏" * 10):
        assert not await floods.solved(site.room, "mine", nonsense), nonsense
    narrow(site, minutes=-1)
    assert not await floods.solved(site.room, "mine", work_out(floods.challenge(site.room, "mine"))), "out of date"
    assert await floods.solved(site.room, "mine", good)
    assert not await floods.solved(site.room, "mine", good), "used"


async def test_two_processes_take_a_sum_once(site: Site, database: Database) -> None:
    from tests.web.conftest import NOWHERE, ready, running

    narrow(site, tries=20)
    proof = work_out(floods.challenge(site.room, "mine"))
    async with running(database.url, NOWHERE, database.vault_url) as other:
        await ready(other)
        found = await asyncio.gather(*(floods.solved(one.room, "mine", proof) for one in (site, other) * 3))
    assert sorted(found) == [False] * 5 + [True]


async def test_beyond_the_hard_bound_it_is_said_with_the_hotline(site: Site, admin: asyncpg.Connection) -> None:
    narrow(site, hard=3)
    for _ in range(3):
        assert (await file(site)).status_code == 303
    page = await file(site)
    assert (page.status_code, page.headers["retry-after"]) == (429, "60")
    assert "110、119" in page.text
    assert "请求太多了" in page.text
    answer = await site.http.post("/api/v1/complaints", json={"text": "漏水"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-complaints")
    for turn in range(100):
        headers = {
            "X-Forwarded-For": f"10.0.0.{turn}",
            "X-Real-IP": f"10.0.1.{turn}",
            "Forwarded": f"for=10.0.2.{turn}",
        }
        answer = await site.http.post("/api/v1/complaints", json={"text": "漏水"}, headers=headers)
        assert answer.status_code == 429, "who calls is not what a header says"
    assert len(await lanes(admin)) == 3


async def test_behind_a_proxy_of_the_deployer_s_networks_are_told_apart(site: Site) -> None:
    narrow(site, hard=1)
    site.room.where = replace(site.room.where, public_url="https://huiyin.example.cn")
    for spoofed in ("", "1.2.3.4, "):
        for last, status in (
            ("203.0.113.7", 201 if not spoofed else 429),
            ("203.0.113.8", 201 if not spoofed else 429),
        ):
            headers = {"X-Forwarded-For": spoofed + last}
            answer = await site.http.post("/api/v1/complaints", json={"text": "漏水"}, headers=headers)
            assert answer.status_code == status, (spoofed, last)


async def test_an_account_is_no_crowd(site: Site, people: People, admin: asyncpg.Connection) -> None:
    narrow(site, free=1)
    head = await people.make("machine")
    for headers in ({}, {}, head, {"Authorization": "Bearer nobody"}):
        await site.http.post("/api/v1/complaints", json={"text": "漏水"}, headers=headers)
    assert await lanes(admin) == [0, 1, 0, 1]


async def test_a_program_works_a_sum_out(site: Site, admin: asyncpg.Connection) -> None:
    narrow(site, free=1, tries=20)
    await site.http.post("/api/v1/complaints", json={"text": "漏水"})
    proof = work_out((await site.http.get("/api/v1/challenge")).json())
    for _ in range(2):
        await site.http.post("/api/v1/complaints", json={"text": "漏水"}, headers={"Huiyin-Proof": proof})
    assert await lanes(admin) == [0, 0, 1]


async def test_a_flooded_house_asks_everybody_sooner(site: Site, admin: asyncpg.Connection) -> None:
    narrow(site, house=4, calm=1)
    site.room.where = replace(site.room.where, public_url="https://huiyin.example.cn")
    for turn in range(6):
        await site.http.post(
            "/api/v1/complaints", json={"text": "漏水"}, headers={"X-Forwarded-For": f"203.0.113.{turn}"}
        )
    for _ in range(2):
        await site.http.post("/api/v1/complaints", json={"text": "漏水"}, headers={"X-Forwarded-For": "203.0.113.99"})
    assert await lanes(admin) == [0] * 7 + [1]


async def test_hints_and_names_have_a_rate(site: Site) -> None:
    narrow(site, look=2)
    for status in (200, 200, 429):
        assert (await site.http.get("/places?q=柳")).status_code == status
    assert (await site.http.post("/hints", data={"text": "漏水"})).status_code == 429


async def test_the_usual_lane_is_let_in_first(site: Site, database: Database) -> None:
    """A thousand of a flood before it: a round takes all of the usual lane and some of the other."""
    narrow(site, free=0)
    for _ in range(12):
        await asyncio.gather(*(site.http.post("/api/v1/complaints", json={"text": "洪峰"}) for _ in range(25)))
    narrow(site, free=10_000)
    await site.http.post("/api/v1/complaints", json={"text": "平常"})
    engine = connect(database.vault_url, name="test")
    async with engine.connect() as connection:
        usual, flood = await waiting.first(connection, 200), await waiting.first(connection, 40, lane=1)
    await engine.dispose()
    assert (len(usual), len(flood)) == (1, 40)


def test_a_bucket_empties_by_the_hour_and_forgets_the_oldest() -> None:
    now = 0.0
    rates = Rates(lambda: now)
    assert [rates.count("file", "a", 60) for _ in range(3)] == [1, 2, 3]
    assert rates.count("file", "b", 60) == 1
    now = 120.0
    assert rates.count("file", "a", 60) == 2
    for _ in range(1_000):
        rates.count("file", "a", 60)
    now = 180.0 + 120.0
    assert rates.count("file", "a", 60) <= 60, "soon after a flood it is over"
    for turn in range(60_000):
        rates.count("file", str(turn), 60)
    assert len(rates._buckets) == 50_000


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("script", [True, False])
async def test_at_the_browser(site: Site, admin: asyncpg.Connection, script: bool) -> None:
    """Worked out while somebody writes, under the strict policy; without scripts it goes into the other lane."""
    narrow(site, free=0)
    async with browsing() as browser, window(browser, site.url, "phone", script) as seen:
        page = seen.page
        await page.goto("/file")
        if script:
            await accessible(page)
        await fill(page, WORDS)
        if script:
            await page.wait_for_function("document.querySelector('[data-proof]').value")
        await page.get_by_role("button", name="提交,拿回执号").click()
        await page.get_by_role("heading", name="收到了").wait_for()
        shown = "-".join(await page.locator(".digits span").all_inner_texts())
        assert receipts.read(shown) is not None
    assert await lanes(admin) == [0 if script else 1]
