"""`huiyin user` and the demonstration's accounts: shown once, kept as hashes, valid after every restart."""

import asyncio
import json
import re
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from huiyin import demo
from huiyin.commands.post import post
from huiyin.commands.user import user
from huiyin.core.people import ROLES, scope
from huiyin.settings import Explained
from huiyin.store.vault import Seal
from huiyin.web.logins import digest
from huiyin.web.totp import opened
from tests.conftest import Database
from tests.core.world import AT
from tests.web.conftest import NOWHERE, VAULT_KEY, ready, running


@pytest.fixture
def said(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `huiyin user …` or `huiyin post …` on the database; what it prints."""
    (tmp_path / "vault.key").write_bytes(VAULT_KEY)
    monkeypatch.setenv("HUIYIN_DATABASE_URL", database.url)
    monkeypatch.setenv("HUIYIN_NATS_URL", NOWHERE)
    monkeypatch.setenv("HUIYIN_VAULT_KEY_FILE", str(tmp_path / "vault.key"))

    def say(*words: str) -> str:
        verb = {"user": user, "post": post}[words[0]]
        return CliRunner().invoke(verb, list(words[1:]), catch_exceptions=False).output

    return say


def test_a_user_is_made_listed_and_disabled(said: Callable[..., str]) -> None:
    made = said("user", "add", "wang", "--role", "street", "--scope", "street:1", "--no-totp")
    token = made.split("令牌 ")[1].split()[0]
    assert len(token) >= 43
    assert "动态口令密钥" not in made
    assert "wang\tstreet\tstreet:1\tstreet:1\t在用" in said("user", "list")
    assert token not in said("user", "list")
    assert "已停用" in said("user", "disable", "wang")
    assert "已停用" in said("user", "list")
    for wrong in (
        ("user", "disable", "li"),
        ("user", "add", "li", "--role", "street", "--scope", "planet:1"),
        ("user", "add", "li", "--role", "street", "--scope", "all", "--post", "two words"),
        ("user", "totp", "li"),
        ("user", "person", "li", "--phone", "13800000000"),
        ("user", "person", "wang", "--home", "601"),
        ("user", "person", "wang", "--employer", "no such post"),
        ("user", "relate", "wang", "wang", "--kind", "配偶"),
        ("post", "end", "wang", "--post", "mediator:1"),
        ("post", "give", "wang", "--post", "a/b", "--role", "mediator", "--scope", "all"),
        ("post", "give", "wang", "--post", "a", "--role", "mediator", "--scope", "planet:1"),
    ):
        with pytest.raises(Explained):
            said(*wrong)


async def test_who_is_disabled_leaves_every_post(said: Callable[..., str], admin: asyncpg.Connection) -> None:
    """A post whose holder cannot log in looks held: what waits there would wait for nobody."""
    ask = partial(asyncio.to_thread, said)
    for name in ("wang", "li"):
        await ask("user", "add", name, "--role", "street", "--scope", "street:1")
    await ask("post", "give", "wang", "--post", "mediator:1", "--role", "mediator", "--scope", "all")
    await ask("user", "add", "bot", "--role", "machine", "--scope", "all")
    await ask("user", "disable", "bot")
    await ask("user", "disable", "wang")
    await ask("user", "disable", "wang")
    await ask("user", "disable", "li", "--keep-posts")
    assert [line.split("\t")[:2] for line in (await ask("post", "list")).splitlines()] == [["street:1", "li"]]
    steps = [row["step"] for row in await admin.fetch("SELECT step FROM log ORDER BY seq")]
    assert steps.count("account.closed.v1") == 2
    assert steps[-4:-1].count("post.left.v1") == 2


async def test_who_a_user_is_is_kept_and_never_shown(said: Callable[..., str], admin: asyncpg.Connection) -> None:
    ask = partial(asyncio.to_thread, said)
    made = await ask("user", "add", "wang", "--role", "building_leader", "--scope", "building:E1-B01")
    assert "令牌 " not in made, "a token is of no use to who must show a code"
    assert "otpauth://totp/" in made
    secret = made.split("动态口令密钥 ")[1].split()[0]
    await ask("user", "add", "li", "--role", "mediator", "--scope", "all", "--called", "李建平")
    told = await ask(
        "user", "person", "wang", "--phone", "+86 138-0000-0000", "--home", "e1-b01/601室", "--employer", "property:E1"
    )
    told += await ask("user", "person", "wang") + await ask("user", "relate", "wang", "li", "--kind", "配偶")
    told += await ask("user", "list") + await ask("post", "list")
    assert not any(private in told for private in ("138", "601", "配偶", secret))
    row = await admin.fetchrow("SELECT p.* FROM persons p JOIN accounts a USING (person) WHERE username = 'wang'")
    seal = Seal(VAULT_KEY)
    assert row is not None
    assert re.fullmatch(r"p-[a-z2-7]{8}", row["person"])
    assert bytes(row["phone"]) == seal.seal(b"x", "13800000000").person
    assert bytes(row["household"]) == seal.household("E1-B01", "６０１")
    assert row["employer"] == "property:E1"
    assert await admin.fetchval("SELECT count(*) FROM relations WHERE kind = '配偶'") == 2
    (kept,) = await admin.fetch("SELECT totp, token FROM accounts WHERE username = 'wang'")
    assert kept["token"] is None
    assert opened(seal, bytes(kept["totp"])) == secret
    logged = [bytes(row["body"]).decode() for row in await admin.fetch("SELECT body FROM log")]
    assert not any(mark in body for body in logged for mark in ("wang", "138", "配偶", "李建平"))
    called = await admin.fetchrow("SELECT username, called FROM log JOIN accounts ON id = person WHERE step = $1",
                                  "account.called.v1")  # fmt: skip
    assert called is not None
    assert tuple(called) == ("li", "李建平"), "that the name changed is a step"


async def test_a_post_is_given_and_ended(said: Callable[..., str], admin: asyncpg.Connection) -> None:
    ask = partial(asyncio.to_thread, said)
    await ask("user", "add", "wang", "--role", "street", "--scope", "street:1")
    more = ("post", "give", "wang", "--post", "mediator:1", "--role", "mediator", "--scope", "all", "--deputy")
    assert "wang 任 mediator:1(副职)" in await ask(*more, "--since", "2026-01-01")
    assert "无变化" in await ask(*more)
    assert "mediator:1\twang\t副职\tmediator\tall\t2026-01-01 00:00" in await ask("post", "list", "mediator:1")
    with pytest.raises(Explained):
        await ask(*more[:-1], "--since", "2026-01-01")
    assert "离任" in await ask("post", "end", "wang", "--post", "mediator:1")
    assert "无变化" in await ask("post", "end", "wang", "--post", "mediator:1")
    assert "mediator" not in await ask("post", "list")
    await ask("user", "add", "wang", "--role", "community", "--scope", "community:1")
    assert (await ask("post", "list")).startswith("community:1\twang\t正职")
    steps = await admin.fetch("SELECT id, step FROM log WHERE noun = 'post' ORDER BY seq")
    assert [tuple(row) for row in steps] == [
        ("street:1", "post.taken.v1"), ("mediator:1", "post.taken.v1"), ("mediator:1", "post.left.v1"),
        ("street:1", "post.left.v1"), ("community:1", "post.taken.v1"),
    ]  # fmt: skip


async def test_the_demonstration_is_furnished_once(
    database: Database, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    await demo.furnish(database.url, tmp_path, AT)
    path = tmp_path / demo.FILE
    first = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    more = json.loads((tmp_path / demo.MORE).read_bytes())
    assert stat.S_IMODE((tmp_path / demo.MORE).stat().st_mode) == 0o600
    entries = json.loads(first)
    assert [entry["role"] for entry in entries] == list(ROLES), "one a role: programs look them up by it"
    entries += more
    assert [entry["post"].partition(":")[0] for entry in more] == [
        "street_leader",
        "department",
        "mediator",
        "mediator",
    ]
    assert set(entries[0]) == {"username", "password", "role", "post", "scope", "token"}
    assert all(scope(entry["scope"]) for entry in entries)
    count = await admin.fetchval("SELECT count(*) FROM vault.waiting")
    assert count >= 40
    everything = "SELECT username, password, token, person FROM accounts ORDER BY username"
    kept = await admin.fetch(everything)
    assert {bytes(row["token"]) for row in kept} == {digest(entry["token"]) for entry in entries}
    await demo.furnish(database.url, tmp_path, AT)
    assert path.read_bytes() == first
    assert await admin.fetch(everything) == kept
    staff = [entry for entry in entries if entry["role"] != "machine"]
    terms = await admin.fetch("SELECT post_code, person, scope FROM holdings")
    assert {(row["post_code"], row["scope"]) for row in terms} == {(one["post"], one["scope"]) for one in staff}
    assert {row["person"] for row in terms} == {row["person"] for row in kept} - {""}
    assert len(terms) == len(staff)
    assert await admin.fetchval("SELECT count(*) FROM vault.waiting") == count
    async with running(database.url, NOWHERE) as site:
        await ready(site)
        for entry in entries[:2]:
            login = {"username": entry["username"], "password": entry["password"]}
            assert (await site.http.post("/api/v1/session", json=login)).status_code == 201
