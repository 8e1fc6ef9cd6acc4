"""What a consumer stands on: the database, NATS and its streams, lanes over a durable, a rulebook that is renewed."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from typing import TypeVar

import structlog
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import settings
from huiyin.bus import streams
from huiyin.bus.consume import Handler, Pull, consume
from huiyin.bus.waits import Stopped, first, unless
from huiyin.renewal import LOOK, Renewal
from huiyin.rules.rulebook import Rulebook
from huiyin.store import inbox
from huiyin.store.database import connect

_log = structlog.get_logger()
_T = TypeVar("_T")
Ready = Callable[[], None]


class Line(Struct, frozen=True):
    """What a consumer of a stream stands on."""

    nc: Client
    engine: AsyncEngine
    renewal: Renewal

    async def work(
        self,
        stream: str,
        durable: str,
        subjects: Sequence[str],
        handle: Handler,
        take: Callable[[Rulebook], None],
        lanes: int,
        stop: asyncio.Event,
        ready: Ready,
    ) -> None:
        """Lanes over a durable consumer, which is made where there is none, until `stop`; `take` gets new rulebooks."""
        await streams.ensure_durable(self.nc.jetstream(), stream, durable, *subjects)
        pull = Pull(self.nc, stream, durable)
        await pull.start()
        ready()
        async with asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(consume(self.nc, pull, handle, stop=stop, back=lambda: _answers(self.engine)))
            group.create_task(follow(self.renewal, take, await _hints(self.nc), stop))
        await pull.release()


async def open_line(
    stack: AsyncExitStack, where: settings.Connections, name: str, size: int, stop: asyncio.Event
) -> Line:
    """The database by `size` connections, NATS, and the streams."""
    engine = connect(where.database_url, name=name, size=size)
    stack.push_async_callback(engine.dispose)
    nc = await to_nats(stack, where.nats_url, name, stop)
    await with_streams(nc, engine, stop)
    return Line(nc, engine, Renewal(engine, settings.rules_folder(where.data)))


async def _hints(nc: Client) -> asyncio.Event:
    """Set when somebody says that there is a new registry or calendar."""
    told = asyncio.Event()

    async def hint(_msg: Msg) -> None:
        told.set()

    await nc.subscribe(streams.REGISTRY_CHANGED, cb=hint)
    return told


async def to_nats(stack: AsyncExitStack, url: str, name: str, stop: asyncio.Event) -> Client:
    """A connection whose unasked end is this process's: the supervisor starts it anew (RELIABILITY 1.3)."""
    leaving = asyncio.Event()

    async def closed() -> None:
        if not leaving.is_set():
            _log.error("failed", noun="nats", name=name, error="closed for good")
            os._exit(1)

    async def leave() -> None:
        leaving.set()
        with suppress(Exception):  # the last acks, if there is somebody to hear them
            await nc.flush(1)
        await nc.close()

    nc = await unless(stop, streams.connect(url, name, on_closed=closed))
    stack.push_async_callback(leave)
    return nc


async def with_streams(nc: Client, engine: AsyncEngine, stop: asyncio.Event) -> None:
    """`up` made them; alone on a new NATS, or where they were lost, nobody else would."""
    await streams.ensure(nc.jetstream(), renew=False, first=await asked(engine, inbox.next_seq, stop))


async def asked(engine: AsyncEngine, question: Callable[[AsyncConnection], Awaitable[_T]], stop: asyncio.Event) -> _T:
    """The database's answer, however long it takes to come."""
    while True:
        try:
            async with engine.connect() as connection:
                return await question(connection)
        except Exception as error:
            if stop.is_set():
                raise Stopped from None
            _log.warning("waited", noun="database", error=type(error).__name__)
            await asyncio.sleep(0.5)


async def _answers(engine: AsyncEngine) -> bool:
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:
        return False
    return True


async def follow(renewal: Renewal, take: Callable[[Rulebook], None], told: asyncio.Event, stop: asyncio.Event) -> None:
    """Take up a new registry, calendar or model: when told, and now and then without."""
    while not stop.is_set():
        await first(stop, told, seconds=LOOK)
        told.clear()
        await renewal.look(take)
