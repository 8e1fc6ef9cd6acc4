"""A canary person goes through every window; nothing of them is seen outside the vault."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from huiyin.bus.envelope import read_filed
from huiyin.core import receipt as receipts
from huiyin.engines.process import free_port
from huiyin.store.vault import Seal, Sealed
from tests.conftest import Database
from tests.core.world import sorting
from tests.web.conftest import NOWHERE, RECEIPT_KEY, VAULT_KEY, Filer, People, Site, until

CANARY = {
    "text": "金丝雀甲的厨房漏水,电话是13912345678,住在九栋九九九室",
    "title": "金丝雀甲的标题",
    "place": {"estate": "柳岸花园", "room": "九九九室", "address": "金丝雀路九号"},
    "reporter": {"name": "金丝雀甲", "phone": "13912345678"},
    "金丝雀字段": 1,
}
MARKS = ("金丝雀", "13912345678", "九九九室")


@asynccontextmanager
async def process(database: Database, folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Path]]:
    """`huiyin web` as it runs in real life, and the file that its lines go to."""
    said, port = folder / "web.log", free_port("127.0.0.1", 0)
    env = {"HUIYIN_DATABASE_URL": database.url, "HUIYIN_NATS_URL": NOWHERE, "HUIYIN_DATA": str(folder)}
    command = [sys.executable, "-m", "huiyin", "web", "--port", str(port)]
    with said.open("wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **env})  # noqa: ASYNC220
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=False) as client:

            async def answers() -> bool:
                try:
                    return (await client.get("/readyz")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(answers, 30)
            yield client, said
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0


async def tables(admin: asyncpg.Connection) -> str:
    """Everything outside the vault, as text."""
    found = await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    dump = [str([tuple(row) for row in await admin.fetch(f"SELECT * FROM {name[0]}")]) for name in found]
    bodies = [bytes(row[0]).decode() for row in await admin.fetch("SELECT body FROM log")]
    return "\n".join(dump + bodies)


async def test_the_canary(site: Site, admin: asyncpg.Connection, filer: Filer, people: People) -> None:
    seen: list[str] = []

    async def ask(method: str, path: str, **more: Any) -> Any:
        answer = await site.http.request(method, path, **more)
        seen.append(answer.text + str(answer.headers))
        return answer

    key = {"Idempotency-Key": "canary"}
    first = await ask("POST", "/api/v1/complaints", json=CANARY, headers=key)
    await ask("POST", "/api/v1/complaints", json=CANARY | {"text": "金丝雀乙"}, headers=key)
    await ask("POST", "/api/v1/complaints", json=CANARY | {"channel": "金丝雀"})
    await ask("POST", "/api/v1/complaints", json={"text": "金丝雀" * 4000})
    await ask("POST", "/api/v1/complaints", content='{"text": "金丝雀", "reporter": 13912345678}'.encode())
    await ask("GET", first.json()["status_url"])
    head = await people.make("machine")
    number = await filer.file(sorting())
    for path in ("/api/v1/tickets", f"/api/v1/tickets/{number}", f"/api/v1/tickets/{number}/log", "/metrics"):
        await ask("GET", path, headers=head)
    (waiting,) = await admin.fetch("SELECT key, body FROM vault.waiting")
    opened = Seal(VAULT_KEY).open(Sealed(waiting["key"], waiting["body"]))
    assert read_filed(opened, None).data.text == CANARY["text"]
    raw = bytes(waiting["body"]).decode("latin-1")
    for where in (*seen, await tables(admin), raw):
        for mark in MARKS:
            assert mark not in where


ORDERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("note", {"text": "金丝雀"}),
    ("sign", {}),
    ("contact", {"comment": "13912345678"}),
    ("site-check", {"note": "九九九室"}),
    ("dissuade", {"text": "金丝雀", "place": "金丝雀家九九九室"}),
    ("relate", {"role": "respondent", "phone": "13912345678"}),
    ("relate", {"role": "respondent", "building_code": "E1-B01", "room": "九九九室"}),
    ("relate", {"role": "respondent", "username": "金丝雀"}),
    ("relate", {"role": "respondent", "organisation": "property:金丝雀"}),
    ("reassign", {"person": "金丝雀"}),
    ("object", {"reason": "金丝雀", "reason_text": "13912345678"}),
    ("extend", {"reason": "金丝雀说等配件", "days": 1}),
    ("shelve", {"reason": "金丝雀", "review_at": "金丝雀", "plan": "金丝雀"}),
    ("shelve", {"reason": "金丝雀", "review_at": "2026-12-20", "plan": "金丝雀", "owner": "金丝雀"}),
    ("shelve", {"reason": "金丝雀", "review_at": "2026-12-20", "plan": "金丝雀"}),
    ("merge", {"into": "金丝雀"}),
    ("redirect", {"reason": "金丝雀", "text": "金丝雀"}),
    ("decline", {"text": "金丝雀"}),
    ("clear", {"evidence": "金丝雀"}),
    ("resolve", {"evidence": ["金丝雀", "九九九室"]}),
    ("reply", {"text": "金丝雀您好"}),
    ("follow-up", {"solved": "金丝雀"}),
    ("follow-up", {"solved": "partly", "comment": "金丝雀"}),
    ("close", {"outcome": "金丝雀"}),
    ("reopen", {"reason": "金丝雀"}),
    ("hand-up", {"reason": "金丝雀"}),
)


async def test_the_canary_in_orders(
    site: Site, city: None, admin: asyncpg.Connection, filer: Filer, people: People, capfd: Any
) -> None:
    """Words of staff and residents in every order: only the receipt's own reply says them again."""
    number = await filer.file(sorting(), event_id="p1", source="urn:partner")
    heads = [
        await people.seat("leader", "building_leader", "building_leader:E1-B01", "building:E1-B01"),
        await people.seat("street", "street", "street:990101001", "street:990101001"),
    ]
    seen, done = [], set()
    for command, body in ORDERS:
        for head in heads:
            answer = await site.http.post(f"/api/v1/tickets/{number}/{command}", headers=head, json=body)
            assert answer.status_code != 500
            seen.append(answer.text)
            done |= {command} if answer.status_code == 200 else set()
    assert done >= {"note", "sign", "contact", "dissuade", "relate", "object", "extend", "resolve", "reply", "reopen"}
    receipt = receipts.show(receipts.make(RECEIPT_KEY, "urn:partner", "p1"))
    for path in ("/api/v1/tickets", f"/api/v1/tickets/{number}", f"/api/v1/tickets/{number}/log"):
        seen.append((await site.http.get(path, headers=heads[1])).text)
    for verb in ("feedback", "withdraw"):
        said = {"solved": "partly", "comment": "金丝雀", "confirm": True, "text": "九九九室"}
        seen.append((await site.http.post(f"/api/v1/complaints/{receipt}/{verb}", json=said)).text)
    lines = "".join(capfd.readouterr())
    for where in (*seen, await tables(admin), lines):
        for mark in (*MARKS, receipt, receipt.replace("-", "")):
            assert mark not in where.replace(f'"receipt":"{receipt}"', "")
    assert "/tickets/{number}/reply" in lines


async def test_the_log_lines(database: Database, tmp_path: Path) -> None:
    """One line a request, with the route and not the address; never a receipt, a word or a query."""
    async with process(database, tmp_path) as (http, path):
        answer = await http.post("/api/v1/complaints", json=CANARY)
        receipt = answer.json()["receipt"]
        await http.get(f"/api/v1/complaints/{receipt}")
        await http.get("/api/v1/tickets?q=金丝雀")
        await http.post("/api/v1/session", json={"username": "金丝雀", "password": "金丝雀"})
        await http.get("/金丝雀")
    said = path.read_text()
    for mark in ("13912345678", "九九九室", receipt, receipt.replace("-", ""), "%E9"):
        assert mark not in said
    assert said.count("金丝雀") == said.count("金丝雀字段") == 1  # the kept-out field's name, as CONTRACT asks
    routes = [json.loads(line).get("route") for line in said.splitlines()]
    assert "/api/v1/complaints/{receipt}" in routes
    assert "unmatched" in routes


async def test_a_fault_says_nothing(database: Database, admin: asyncpg.Connection, tmp_path: Path) -> None:
    """What nobody expected is 500 with a code; its text is in no answer and in no line."""
    async with process(database, tmp_path) as (http, path):
        await admin.execute("ALTER TABLE doorstep RENAME TO lost")
        answer = await http.post("/api/v1/complaints", json=CANARY)
        assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    said = path.read_text()
    assert "UndefinedTableError" in said
    for where in (answer.text, said):
        for mark in (*MARKS, "doorstep"):
            assert mark not in where.replace("doorstep.write", "").replace("金丝雀字段", "")
