"""Filing over HTTP: on disk before the answer, the same key is the same complaint, a stranger's is refused."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from huiyin.bus.envelope import read_filed
from huiyin.core import receipt as receipts
from huiyin.door import SOURCE
from huiyin.store.vault import Seal, Sealed
from tests.web.conftest import VAULT_KEY, Site

WORDS = {"text": "3栋楼上漏水,没人管", "place": {"estate": "柳岸花园"}, "reporter": {"phone": "13800000001"}}


async def rows(admin: asyncpg.Connection, table: str) -> list[Any]:
    return list(await admin.fetch(f"SELECT * FROM {table}"))


async def test_a_receipt_means_it_is_on_disk(site: Site, admin: asyncpg.Connection) -> None:
    answer = await site.http.post("/api/v1/complaints", json=WORDS)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"receipt", "status_url"}
    value = receipts.read(body["receipt"])
    assert body["status_url"] == f"{site.url}/api/v1/complaints/{body['receipt']}"
    (kept,) = await rows(admin, "doorstep")
    (waiting,) = await rows(admin, "vault.waiting")
    assert (kept["receipt"], kept["source"], kept["event_id"]) == (value, SOURCE, waiting["event_id"])
    filed = read_filed(Seal(VAULT_KEY).open(Sealed(waiting["key"], waiting["body"])), None)
    assert (filed.source, filed.event_id, filed.data.text) == (SOURCE, kept["event_id"], WORDS["text"])
    assert filed.data.channel == "web"
    state = (await site.http.get(body["status_url"])).json()
    assert (state["state"], state["receipt"], state["number"]) == ("received", body["receipt"], None)


async def test_nats_away_is_no_reason_to_refuse(lone: Site, admin: asyncpg.Connection) -> None:
    assert (await lone.http.get("/readyz")).json() == {"ready": True, "database": "answers", "nats": "away"}
    answer = await lone.http.post("/api/v1/complaints", json=WORDS)
    assert answer.status_code == 201
    assert len(await rows(admin, "vault.waiting")) == 1


async def test_the_bell_is_rung_after_the_commit(site: Site, nats: Any) -> None:
    import nats as nats_py

    from huiyin.bus.streams import DOOR_OPENED

    client = await nats_py.connect(nats.url, inbox_prefix=nats.inbox.encode())
    heard = await client.subscribe(DOOR_OPENED)
    await client.flush()
    assert (await site.http.post("/api/v1/complaints", json=WORDS)).status_code == 201
    await heard.next_msg(timeout=5)
    await client.close()


async def test_the_same_key_is_the_same_complaint(site: Site, admin: asyncpg.Connection) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await site.http.post("/api/v1/complaints", json=WORDS, headers=key)
    spaced = json.dumps(WORDS, indent=4, ensure_ascii=True)
    again = await site.http.post("/api/v1/complaints", content=spaced, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(await rows(admin, "doorstep")) == len(await rows(admin, "vault.waiting")) == 1
    other = await site.http.post("/api/v1/complaints", json=WORDS | {"text": "别的事"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert first.json()["receipt"] not in other.text


async def test_the_same_key_at_once(site: Site, admin: asyncpg.Connection) -> None:
    """Thirty-two at once under one key, half with other words: one complaint, one receipt, the rest refused."""

    async def send(i: int) -> Any:
        words = WORDS | {"text": "一" if i % 2 else "二"}
        return await site.http.post("/api/v1/complaints", json=words, headers={"Idempotency-Key": "same"})

    answers = await asyncio.gather(*(send(i) for i in range(32)))
    assert sorted(answer.status_code for answer in answers) == [201] * 16 + [422] * 16
    assert len({answer.json().get("receipt") for answer in answers}) == 2
    assert len(await rows(admin, "vault.waiting")) == 1


async def test_many_at_once_share_commits(site: Site, admin: asyncpg.Connection) -> None:
    answers = await asyncio.gather(
        *(site.http.post("/api/v1/complaints", json=WORDS | {"text": f"第{i}件"}) for i in range(100))
    )
    assert len({answer.json()["receipt"] for answer in answers}) == 100
    kept = await admin.fetch("SELECT DISTINCT xid::text FROM vault.waiting")
    assert len(kept) < 100
    assert len(await rows(admin, "doorstep")) == 100


async def test_two_events_that_meet_on_a_receipt(site: Site, admin: asyncpg.Connection) -> None:
    """The second takes another event id; a repeat of it finds the same one again."""
    row = site.room.door._row
    from huiyin.bus.envelope import ComplaintData

    value = row(ComplaintData("x"), "meets", b"", 0, ()).receipt
    await admin.execute("INSERT INTO doorstep VALUES ($1, 'urn:other', 'x', '', now())", value)
    key = {"Idempotency-Key": "meets"}
    first = await site.http.post("/api/v1/complaints", json=WORDS, headers=key)
    again = await site.http.post("/api/v1/complaints", json=WORDS, headers=key)
    assert first.status_code == 201
    assert first.json() == again.json()
    assert receipts.read(first.json()["receipt"]) != value


REFUSED = {
    "not json": (b"{", 400, "not-json", None),
    "not utf-8": (b'{"text": "\xff"}', 400, "not-json", None),
    "lone surrogate": (b'{"text": "\\ud800"}', 400, "not-json", None),
    "nested bomb": (b'{"text": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400, "not-json", None),
    "no object": (b"[]", 400, "not-json", None),
    "no text": (b'{"title": "x"}', 400, "no-text", "text"),
    "empty text": (b'{"text": ""}', 400, "no-text", "text"),
    "blank text": ('{"text": "  　"}'.encode(), 400, "no-text", "text"),
    "text is a number": (b'{"text": 7}', 400, "no-text", "text"),
    "too long": (json.dumps({"text": "长" * 8001}, ensure_ascii=False).encode(), 400, "text-too-long", "text"),
    "wrong type": (b'{"text": "a", "place": {"lat": "secret"}}', 400, "wrong-type", "place.lat"),
    "out of range": (b'{"text": "a", "place": {"lat": 91}}', 400, "wrong-type", "place.lat"),
    "nobody's channel": (b'{"text": "a", "channel": "secret"}', 400, "wrong-type", "channel"),
    "naive time": (b'{"text": "a", "filed_at": "2026-01-01T00:00:00"}', 400, "wrong-type", "filed_at"),
    "too large": (b'{"text": "' + b"a" * 70_000 + b'"}', 413, "body-too-large", None),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_read_says_why(site: Site, admin: asyncpg.Connection, case: str) -> None:
    body, status, code, field = REFUSED[case]
    answer = await site.http.post("/api/v1/complaints", content=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("field")) == (status, code, field)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert await rows(admin, "doorstep") == []


@pytest.mark.parametrize("text", ["长" * 8000, "\0", "a\u2028b", "😀" * 100])
async def test_what_is_odd_but_readable_is_kept(site: Site, text: str) -> None:
    assert (await site.http.post("/api/v1/complaints", json={"text": text})).status_code == 201


async def test_unknown_fields_are_kept_out(site: Site, admin: asyncpg.Connection) -> None:
    words = WORDS | {"mood": "angry", "place": {"estate": "柳岸花园", "floor": "3"}}
    assert (await site.http.post("/api/v1/complaints", json=words)).status_code == 201
    (waiting,) = await rows(admin, "vault.waiting")
    assert b"angry" not in Seal(VAULT_KEY).open(Sealed(waiting["key"], waiting["body"]))


@pytest.mark.parametrize("key", ["", "x" * 257, "键"])
async def test_keys_are_short_and_printable(site: Site, key: str) -> None:
    answer = await site.http.post("/api/v1/complaints", json=WORDS, headers=[(b"Idempotency-Key", key.encode())])
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-key")
