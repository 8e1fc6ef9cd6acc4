"""A real web server over real HTTP on a real database; NATS is there, and what a test takes away stays away."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import asyncpg
import httpx
import pytest
import uvicorn
from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp
from msgspec import Struct

from huiyin import posts
from huiyin.core.people import Role
from huiyin.core.words import About, Sorting
from huiyin.desk import Away, Complaint, Desk, Order
from huiyin.door import SOURCE
from huiyin.rules.load import load_sorting_rules
from huiyin.store import accounts
from huiyin.store.vault import Dossier, Seal, encode
from huiyin.web.app import litestar, state
from huiyin.web.frame import Frame
from huiyin.web.logins import digest, hashed
from huiyin.web.room import Room, Where
from huiyin.web.serve import Server, server
from tests.conftest import Bus, Database
from tests.core.world import AT, REGISTRY, RULES, sorting

VAULT_KEY, RECEIPT_KEY = b"v" * 32, b"r" * 32
NOW = AT + timedelta(days=2)  # the house's clock stands still here, on a Sunday
NOWHERE = "nats://127.0.0.1:1"


async def until(fact: Callable[[], Awaitable[Any]], seconds: float = 10) -> Any:
    """Wait for a fact, with a deadline."""
    async with asyncio.timeout(seconds):
        while not (found := await fact()):  # noqa: ASYNC110  # the fact is in another process
            await asyncio.sleep(0.02)
    return found


class Clock(Struct):
    """The house's clock: stands still until a test moves it."""

    now: datetime = NOW


class Site(Struct):
    """A running web server and its client."""

    http: httpx.AsyncClient
    room: Room
    url: str
    clock: Clock


@cache
def _routed() -> Litestar:
    """An application with its routes. They take longer to make than most tests, and are the same for every room."""
    return litestar(State())


def application(room: Room) -> ASGIApp:
    """`huiyin.web.app.build`, the routes made once a process."""
    own = copy(_routed())
    own.state = state(room)
    own.asgi_router, own.event_emitter = copy(own.asgi_router), copy(own.event_emitter)
    own.asgi_router.app = own  # whose lifespan it runs
    return Frame(own, room.meter)


class Brisk(Server):
    """Leaves as soon as it is told and nobody is connected: uvicorn looks ten times a second, and waits as long again
    for whoever is."""

    def __init__(self, config: uvicorn.Config, listens: Callable[[], None]) -> None:
        super().__init__(config, listens)
        self.told = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:
        """None: Ctrl-C is pytest's."""
        return nullcontext()

    async def main_loop(self) -> None:
        await self.on_tick(0)  # every answer's date
        await self.told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for one in self.servers:
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(20):
            if not (self.server_state.connections or self.server_state.tasks):
                return await self.lifespan.shutdown()
            await asyncio.sleep(0.005)
        return await super().shutdown(sockets)


@cache
def kept(password: str) -> str:
    """What is kept of a password; once a process, for that is slow on purpose."""
    return hashed(password)


@asynccontextmanager
async def running(database_url: str, nats_url: str, vault_url: str = "") -> AsyncIterator[Site]:
    """A web server on a free port, whether or not its engines are there."""
    clock = Clock()
    where = Where(database_url, nats_url, VAULT_KEY, RECEIPT_KEY, vault_database_url=vault_url)
    room = Room(where, lambda: clock.now)
    # The protocol said: without it asyncio leaves Nagle's algorithm on, and every answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    made = Brisk(server(application(room), "127.0.0.1", 0).config, lambda: None)
    serving = asyncio.create_task(made.serve(sockets=[listening]))
    async with httpx.AsyncClient(base_url=url, timeout=10, verify=False) as client:
        while not made.started:
            assert not serving.done(), serving.exception()
            await asyncio.sleep(0.005)
        yield Site(client, room, url, clock)
    made.told.set()
    await serving
    listening.close()


async def ready(site: Site) -> None:
    """The database answers the server."""

    async def answers() -> bool:
        return (await site.http.get("/readyz")).status_code == 200

    await until(answers)


@pytest.fixture
async def site(database: Database, nats: Bus) -> AsyncIterator[Site]:
    """The server with everything there."""
    async with running(database.url, nats.url, database.vault_url) as made:
        await ready(made)
        yield made


@pytest.fixture
async def lone(database: Database) -> AsyncIterator[Site]:
    """The server while NATS is away."""
    async with running(database.url, NOWHERE, database.vault_url) as made:
        await ready(made)
        yield made


@pytest.fixture
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Sees every table, as nobody in the house may."""
    connection = await asyncpg.connect(database.admin_url.rsplit("/", 1)[0] + "/" + database.name)
    yield connection
    await connection.close()


@pytest.fixture
async def city(site: Site) -> None:
    """The tiny city in the tables."""
    from sqlalchemy.dialects.postgresql import insert
    from sqlalchemy.ext.asyncio import AsyncConnection

    from huiyin.store import tables

    async def write(connection: AsyncConnection) -> None:
        for name in ("streets", "communities", "estates", "grids", "buildings"):
            rows = [
                {field: getattr(one, field) for field in one.__struct_fields__}
                for one in getattr(REGISTRY, name).values()
            ]
            for row in rows:
                row.update({k: list(v) for k, v in row.items() if isinstance(v, tuple)})
            await connection.execute(insert(tables.metadata.tables[name]).on_conflict_do_nothing(), rows)
        stands = {"one": 1, "version": REGISTRY.version, "at": AT}
        await connection.execute(insert(tables.city.registry_version).on_conflict_do_nothing(), [stands])

    async def written() -> bool:
        try:
            await site.room.write(write)
        except Away:  # a machine that does much else may be late to connect
            return False
        return True

    await until(written, 30)


# Whose post an account acts as where a test does not say: the one of its scope, else one that is nowhere.
PREFIXES = {"grid_worker": "grid", "property": "property", "community": "community", "street": "street"}


class People:
    """Makes accounts; a token is a header."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def make(
        self, role: Role, scope: str = "all", password: str | None = None, post: str | None = None
    ) -> dict[str, str]:
        """An account of a role with a scope, of nobody in particular; its Authorization header."""
        name, token = f"{role}-{scope}", f"token {role} {scope}".replace(" ", ".")
        kind, _, code = scope.partition(":")
        if post is None:
            post = f"{kind}:{code}" if kind == PREFIXES.get(role) else f"{role}:1"
        account = accounts.Account(name, role, post, scope, exempt=True)
        secret = kept(password) if password else None
        now = datetime.now(UTC)
        await self._site.room.write(lambda c: accounts.put(c, account, secret, digest(token), now))
        return {"Authorization": f"Bearer {token}"}

    async def seat(self, name: str, role: Role, post: str, scope: str) -> dict[str, str]:
        """A person in a post; the Authorization header of their account."""
        account = accounts.Account(name, role, post, scope, exempt=True)
        token = f"token.{name}"
        await self._site.room.write(lambda c: posts.enrol(c, account, None, digest(token), at=AT))
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def people(site: Site) -> People:
    """Who logs in."""
    return People(site)


class Filer:
    """Puts tickets through the desk, as the sorter does."""

    def __init__(self, room: Room) -> None:
        self._desk = Desk(room.engine, RULES, load_sorting_rules().matters, RECEIPT_KEY)
        self._count = 0

    async def file(
        self,
        found: Sorting | None = None,
        about: About = "none",
        event_id: str = "",
        source: str = SOURCE,
        phone: str = "13800000000",
    ) -> str:
        """A ticket; its number."""
        self._count += 1
        sealed = Seal(VAULT_KEY).seal(encode(Dossier("words", phone=phone)), phone)
        what = Complaint("web", about, AT, found or sorting(), sealed)
        order = Order(source, event_id or f"e{self._count}", "sorter", what, self._count)
        (answer,) = await self._desk.act([order], at=AT)
        assert answer.number is not None, answer
        return answer.number


@pytest.fixture
def filer(site: Site) -> Filer:
    """Makes tickets."""
    return Filer(site.room)
