"""One real PostgreSQL and one real nats-server a process of the run; a fresh database and fresh streams a test."""

import asyncio
import gc
import importlib.util
import inspect
import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import nats as nats_py
import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from msgspec import Struct
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import ServerError

from huiyin import keys
from huiyin.engines import postgres, process
from huiyin.engines.nats import SERVICE_INBOX, Nats
from huiyin.engines.postgres import Postgres
from tests.ground import ground

# A machine that does other work as well is slow now and then; that is not what the properties are about.
# Where CI says that it is one, the examples are the same every time: what lands must not hang on a throw of dice;
# whoever works on the code meets new ones with every run.
hypothesis_settings.register_profile(
    "huiyin", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
hypothesis_settings.load_profile("huiyin")

# Rich paints every frame's names with their values: seconds for a fault in a web process.
_plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _plain])

# In the background of a script Ctrl-C is switched off, and whatever a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

TEMPLATE = "huiyin_template"
STORE_BUSY = 10049
_numbers = itertools.count(1)
_made: dict[str | None, StreamConfig] = {}  # the bus's streams, when they were new


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """As many as cores, for `-n auto` (`start.py test`); each has engines of its own, so what names its files or
    picks by `-k` and `-m`, and what wants to be seen (`-s`), is done in one process."""
    asked = config.option
    picked = asked.keyword or asked.markexpr or asked.capture == "no" or any(".py" in one for one in config.args)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 0 if picked or cores < 2 else min(cores, 4)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """What a module left for good is kept from the collector: after some thousand tests it would stand still for
    seconds in the middle of a request, longer than a site waits for its database."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


class Database(Struct, frozen=True):
    """One migrated database of its own; plain URLs, one a role (`url` is the services')."""

    name: str
    url: str
    owner_url: str
    vault_url: str
    admin_url: str


class Bus(Struct, frozen=True):
    """The nats-server, its streams empty. `url` is the services' user (inbox prefix `inbox`)."""

    url: str
    partner_url: str
    monitor_url: str
    inbox: str = SERVICE_INBOX


def _databases(engine: Postgres, name: str) -> Database:
    roles = (postgres.APP, postgres.OWNER, postgres.VAULT, postgres.ADMIN)
    return Database(name, *(engine.url(role, name) for role in roles))


@pytest.fixture(scope="session")
def engines_ground() -> Iterator[Path]:
    """A folder for the engines that nobody kills."""
    with ground() as folder:
        yield folder


@pytest.fixture(scope="session")
def pg(engines_ground: Path) -> Iterator[Postgres]:
    """The PostgreSQL server; use `database` for a database."""
    engine = Postgres(engines_ground / "pg")
    engine.begin()
    engine.finish()
    # Nobody cuts this one's power: what must be on disk is the fault tests' subject, with engines of their own.
    (engine.cluster / "extra.conf").write_text("fsync = off\nfull_page_writes = off\n")
    running = engine.spawn()
    assert process.until(engine.is_ready, 30)
    asyncio.run(_let_in(engine))
    yield engine
    assert process.stop(running, signal.SIGINT, 10)


async def _let_in(engine: Postgres) -> None:
    """The roles' passwords again, checked in one round instead of four thousand: a test connects ten times."""
    admin = await asyncpg.connect(engine.url(postgres.ADMIN))
    await admin.execute("SET scram_iterations = 1")
    for role in (postgres.OWNER, postgres.APP, postgres.VAULT, postgres.ADMIN):
        await admin.execute(f"ALTER ROLE {role} PASSWORD '{keys.password(engine.data, f'pg-{role}')}'")
    await admin.close()


@pytest.fixture(scope="session")
async def template(pg: Postgres) -> str:
    """A migrated database that nobody writes to; tests get copies."""
    admin = await asyncpg.connect(pg.url(postgres.ADMIN))
    await admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER {postgres.OWNER}")
    await admin.close()
    if importlib.util.find_spec("huiyin.store"):
        from huiyin.store import migrate

        done = migrate.upgrade(pg.url(postgres.OWNER, TEMPLATE))
        if inspect.isawaitable(done):
            await done
    return TEMPLATE


@pytest.fixture
async def database(pg: Postgres, template: str) -> AsyncIterator[Database]:
    """A fresh migrated database, gone after the test."""
    fresh = _databases(pg, f"t{next(_numbers)}")
    admin = await asyncpg.connect(pg.url(postgres.ADMIN))
    copy = f"TEMPLATE {template} STRATEGY file_copy"  # where nothing is synced the cheaper one
    await admin.execute(f"CREATE DATABASE {fresh.name} OWNER {postgres.OWNER} {copy}")
    yield fresh
    await admin.execute(f"DROP DATABASE {fresh.name} WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="session")
def nats_server(engines_ground: Path) -> Iterator[Nats]:
    """The nats-server; use `nats` for empty streams."""
    engine = Nats(engines_ground / "nats")
    engine.home.mkdir(parents=True)
    # What a stream reserved is free a while after it is gone, and a program may make it anew before.
    (engine.home / "max_file_store").write_text(str(100 << 30))
    engine.begin()
    running = engine.spawn()
    assert process.until(engine.is_ready, 30)
    yield engine
    assert process.stop(running, signal.SIGTERM, 10)


async def _ensure(js: JetStreamContext) -> None:
    """Make our streams; nats-server may still be clearing away the files of their namesakes."""
    from huiyin.bus import streams

    async with asyncio.timeout(10):
        while True:
            try:
                return await streams.ensure(js)
            except ServerError as error:
                if error.err_code != STORE_BUSY:
                    raise
            await asyncio.sleep(0.05)


async def _emptied(js: JetStreamContext) -> None:
    """Our streams as new: those that no test has touched stay, since making them takes longer than most tests."""
    found = await js.streams_info()
    new = {one.config.name: one.config for one in found if not (one.state.last_seq or one.state.consumer_count)}
    if new == _made and len(found) == len(_made) > 0:
        return
    for stream in found:
        await js.delete_stream(stream.config.name)
    if importlib.util.find_spec("huiyin.bus"):
        await _ensure(js)
    _made.clear()
    _made.update({one.config.name: one.config for one in await js.streams_info()})


@pytest.fixture
async def nats(nats_server: Nats) -> Bus:
    """The bus with our streams, all empty and without consumers."""
    client = await nats_py.connect(nats_server.url, inbox_prefix=SERVICE_INBOX.encode())
    await _emptied(client.jetstream())
    await client.close()
    return Bus(nats_server.url, nats_server.partner_url, nats_server.monitor_url)
