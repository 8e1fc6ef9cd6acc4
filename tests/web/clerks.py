"""A registrar at a browser, for tests of administration: a session, its mark, forms as a browser sends them."""

import re
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import msgspec
from sqlalchemy import text

from huiyin.core.proof import read
from huiyin.store import accounts
from huiyin.web.logins import digest
from huiyin.web.who import COOKIE
from tests.web.conftest import People, Site, kept
from tests.web.sightings import City

HTML = {"Accept": "text/html"}
PASSWORD = "abcd-efgh-jkmn-pqrs"
BAD = "<script>alert(1)</script>"


class Clerk:
    """The registrar at a browser: a session with its mark, forms as a browser sends them."""

    def __init__(self, here: City) -> None:
        self.http = httpx.AsyncClient(base_url=here.site.url, timeout=10, headers=HTML, verify=False)
        self._here = here

    async def enter(self, username: str = "registrar") -> "Clerk":
        async def prepare(connection: Any) -> None:
            await connection.execute(
                text("UPDATE accounts SET password = :p WHERE username = :u"), {"p": kept(PASSWORD), "u": username}
            )
            await accounts.open_session(connection, digest(f"cookie.{username}"), username, datetime.now(UTC))

        await self._here.room.write(prepare)
        self.http.cookies.set(COOKIE, f"cookie.{username}")
        return self

    async def read(self, path: str, status: int = 200) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    async def mark(self) -> str:
        """What every form of the session bears."""
        found = re.search(r'name="csrf" content="([0-9a-f]*)"', await self.read("/admin"))
        assert found is not None
        return found[1]

    async def send(self, path: str, **said: str | list[str]) -> httpx.Response:
        """A form with the session's mark."""
        return await self.http.post(path, data={"csrf": await self.mark(), **said})


async def office(site: Site, people: People) -> City:
    """Everybody, and a registrar of another street."""
    city = await City(site, people).sit()
    city.heads["registrar2"] = await people.seat("registrar2", "registrar", "registrar:990101002", "street:990101002")
    return city


async def steps(admin: asyncpg.Connection, noun: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    """(id, actor, step, data) of a noun, in order."""
    rows = await admin.fetch("SELECT id, body FROM log WHERE noun = $1 ORDER BY xid, seq", noun)
    leaves = [(row["id"], read(row["body"])) for row in rows]
    found = [(ident, leaf.actor, msgspec.json.decode(leaf.data)) for ident, leaf in leaves]
    return [(ident, actor, data["step"], data) for ident, actor, data in found]


async def person(admin: asyncpg.Connection, username: str) -> str:
    return str(await admin.fetchval("SELECT person FROM accounts WHERE username = $1", username))
