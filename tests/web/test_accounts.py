"""`huiyin user` and the demonstration's accounts: shown once, kept as hashes, valid after every restart."""

import json
import stat
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from huiyin import demo
from huiyin.commands.user import user
from huiyin.core.people import ROLES, scope
from huiyin.settings import Explained
from huiyin.web.logins import digest
from tests.conftest import Database
from tests.core.world import AT
from tests.web.conftest import NOWHERE, ready, running


def test_a_user_is_made_listed_and_disabled(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_DATABASE_URL", database.url)
    monkeypatch.setenv("HUIYIN_NATS_URL", NOWHERE)
    run = CliRunner()
    made = run.invoke(user, ["add", "wang", "--role", "street", "--scope", "street:1"], catch_exceptions=False)
    token = made.output.split("令牌 ")[1].split()[0]
    assert len(token) >= 43
    assert "wang\tstreet\tstreet:1\tstreet:1\t在用" in run.invoke(user, ["list"], catch_exceptions=False).output
    assert token not in run.invoke(user, ["list"], catch_exceptions=False).output
    assert run.invoke(user, ["disable", "wang"], catch_exceptions=False).exit_code == 0
    assert "已停用" in run.invoke(user, ["list"], catch_exceptions=False).output
    with pytest.raises(Explained):
        run.invoke(user, ["disable", "li"], catch_exceptions=False)
    with pytest.raises(Explained):
        run.invoke(user, ["add", "li", "--role", "street", "--scope", "planet:1"], catch_exceptions=False)


async def test_the_demonstration_is_furnished_once(
    database: Database, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    await demo.furnish(database.url, tmp_path, AT)
    path = tmp_path / demo.FILE
    first = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entries = json.loads(first)
    assert [entry["role"] for entry in entries] == list(ROLES)
    assert set(entries[0]) == {"username", "password", "role", "post", "scope", "token"}
    assert all(scope(entry["scope"]) for entry in entries)
    count = await admin.fetchval("SELECT count(*) FROM vault.waiting")
    assert count >= 40
    kept = await admin.fetch("SELECT username, password, token FROM accounts ORDER BY username")
    assert {bytes(row["token"]) for row in kept} == {digest(entry["token"]) for entry in entries}
    await demo.furnish(database.url, tmp_path, AT)
    assert path.read_bytes() == first
    assert await admin.fetch("SELECT username, password, token FROM accounts ORDER BY username") == kept
    assert await admin.fetchval("SELECT count(*) FROM vault.waiting") == count
    async with running(database.url, NOWHERE) as site:
        await ready(site)
        for entry in entries[:2]:
            login = {"username": entry["username"], "password": entry["password"]}
            assert (await site.http.post("/api/v1/session", json=login)).status_code == 201
