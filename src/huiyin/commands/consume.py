"""`huiyin consume NAME…`: runs the named consumers in this process, each with its own connections."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, TypeVar

import click
import structlog
import uvloop
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from consumers.deadlines import Sweeper
from consumers.sorter import DURABLE, Intake
from consumers.tallies import Teller
from consumers.whistles import DURABLE as WHISTLES
from consumers.whistles import SUBJECTS, Hearsay
from huiyin import clock, logs, readiness, settings
from huiyin.bus import streams
from huiyin.bus.consume import Handler, Pull, consume
from huiyin.bus.relay import Relay
from huiyin.bus.waits import Stopped, first, unless
from huiyin.desk import Desk
from huiyin.renewal import LOOK, Renewal
from huiyin.rules.rulebook import Rulebook
from huiyin.store import inbox
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.whistling import WhistleDesk

LANES = 2
NAMES = ("sorter", "relay", "deadlines", "tallies", "whistles")

_log = structlog.get_logger()

_T = TypeVar("_T")
Ready = Callable[[], None]
Runner = Callable[[asyncio.Event, Ready, int], Coroutine[Any, Any, None]]


@click.command("consume")
@click.argument("names", nargs=-1, required=True, type=click.Choice(NAMES))
@click.option("--lanes", default=LANES, show_default=True, help="每个消费者同时处理的批次数")
def consume_command(names: tuple[str, ...], lanes: int) -> None:
    """运行指名的消费者:sorter(诉求成单)、relay(事件发布)、deadlines(时限与逐级上报)、tallies(统计)、whistles(哨单与工单互通)。"""
    logs.configure(settings.load().log_level)
    readiness.wait_for_start()
    uvloop.run(_run(names, lanes))


async def _run(names: tuple[str, ...], lanes: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    waiting = set(names)

    def ready(name: str) -> None:
        waiting.discard(name)
        if not waiting:
            gc.collect()
            gc.freeze()
            gc.disable()  # a batch makes tens of thousands of objects and no cycles: `_tidy` looks now and then
            readiness.announce()

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_tidy(stop))
            for name in names:
                group.create_task(_RUNNERS[name](stop, lambda name=name: ready(name), lanes))  # type: ignore[misc]
    except* Stopped:
        pass  # asked to go before there was anything to do


async def _tidy(stop: asyncio.Event) -> None:
    """Collect cycles every few seconds instead of every few thousand objects: a tenth less work a complaint."""
    while not stop.is_set():
        await first(stop, seconds=LOOK)
        gc.collect()


async def run_relay(stop: asyncio.Event, ready: Ready, _lanes: int) -> None:
    """Everything the relay needs, until `stop`."""
    where = settings.connections()
    async with AsyncExitStack() as stack:
        engine = connect(where.database_url, name="relay", size=2)
        vault_engine = connect(where.vault_database_url, name="relay-vault", size=1)
        stack.push_async_callback(vault_engine.dispose)
        stack.push_async_callback(engine.dispose)
        nc = await _nats(stack, where.nats_url, "relay", stop)
        await _streams(nc, engine, stop)
        await Relay(nc, engine, vault_engine, Seal(settings.vault_key())).run(stop, ready)


async def run_sorter(stop: asyncio.Event, ready: Ready, lanes: int) -> None:
    """Everything the sorter needs, until `stop`; a new registry is taken up while it runs."""
    where = settings.connections()
    async with AsyncExitStack() as stack:
        line = await _line(stack, where, "sorter", lanes + 2, stop)
        book = await _asked(line.engine, line.renewal.begin, stop)
        intake = Intake(_desk(line.engine, book), book.sorter, Seal(settings.vault_key()), clock.now)

        def take(fresh: Rulebook) -> None:
            intake.desk, intake.sorter = _desk(line.engine, fresh), fresh.sorter

        subjects = (streams.INTAKE_SUBJECT,)
        await line.work(streams.INTAKE, DURABLE, subjects, intake, take, lanes, stop, ready)


async def run_whistles(stop: asyncio.Event, ready: Ready, _lanes: int) -> None:
    """Everything that whistles and tickets need to hear of each other, until `stop`. In one lane: that keeps turns."""
    where = settings.connections()
    async with AsyncExitStack() as stack:
        line = await _line(stack, where, "whistles", 3, stop)
        book = await _asked(line.engine, line.renewal.begin, stop)
        desks = _desk(line.engine, book), WhistleDesk(line.engine, book.whistling)
        hearsay = Hearsay(*desks, Seal(settings.vault_key()), clock.now)

        def take(fresh: Rulebook) -> None:
            hearsay.desk, hearsay.whistling = _desk(line.engine, fresh), WhistleDesk(line.engine, fresh.whistling)

        await line.work(streams.EVENTS, WHISTLES, SUBJECTS, hearsay, take, 1, stop, ready)


async def run_deadlines(stop: asyncio.Event, ready: Ready, lanes: int) -> None:
    """Everything the sweeper needs, until `stop`. Without NATS: time goes on where that is away."""
    where = settings.connections()
    async with AsyncExitStack() as stack:
        engine = connect(where.database_url, name="deadlines", size=lanes + 3)
        stack.push_async_callback(engine.dispose)
        renewal = Renewal(engine, settings.rules_folder(where.data))
        book = await _asked(engine, renewal.begin, stop)
        tickets = Sweeper(_desk(engine, book), clock.current(), lanes=lanes)
        whistles = Sweeper(WhistleDesk(engine, book.whistling), clock.current())

        def take(fresh: Rulebook) -> None:
            tickets.desk, whistles.desk = _desk(engine, fresh), WhistleDesk(engine, fresh.whistling)

        async with asyncio.TaskGroup() as group:
            group.create_task(tickets.run(stop, ready))
            group.create_task(whistles.run(stop))
            group.create_task(_follow(renewal, take, asyncio.Event(), stop))


async def run_tallies(stop: asyncio.Event, ready: Ready, _lanes: int) -> None:
    """Everything that counting needs, until `stop`. Without NATS."""
    async with AsyncExitStack() as stack:
        engine = connect(settings.connections().database_url, name="tallies", size=1)
        stack.push_async_callback(engine.dispose)
        await Teller(engine).run(stop, ready)


class _Line(Struct, frozen=True):
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
            group.create_task(_follow(self.renewal, take, await _hints(self.nc), stop))
        await pull.release()


async def _line(stack: AsyncExitStack, where: settings.Connections, name: str, size: int, stop: asyncio.Event) -> _Line:
    """The database by `size` connections, NATS, and the streams."""
    engine = connect(where.database_url, name=name, size=size)
    stack.push_async_callback(engine.dispose)
    nc = await _nats(stack, where.nats_url, name, stop)
    await _streams(nc, engine, stop)
    return _Line(nc, engine, Renewal(engine, settings.rules_folder(where.data)))


async def _hints(nc: Client) -> asyncio.Event:
    """Set when somebody says that there is a new registry or calendar."""
    told = asyncio.Event()

    async def hint(_msg: Msg) -> None:
        told.set()

    await nc.subscribe(streams.REGISTRY_CHANGED, cb=hint)
    return told


async def _nats(stack: AsyncExitStack, url: str, name: str, stop: asyncio.Event) -> Client:
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


async def _streams(nc: Client, engine: AsyncEngine, stop: asyncio.Event) -> None:
    """`up` made them; alone on a new NATS, or where they were lost, nobody else would."""
    await streams.ensure(nc.jetstream(), renew=False, first=await _asked(engine, inbox.next_seq, stop))


async def _asked(engine: AsyncEngine, question: Callable[[AsyncConnection], Awaitable[_T]], stop: asyncio.Event) -> _T:
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


async def _follow(renewal: Renewal, take: Callable[[Rulebook], None], told: asyncio.Event, stop: asyncio.Event) -> None:
    """Take up a new registry, calendar or model: when told, and now and then without."""
    while not stop.is_set():
        await first(stop, told, seconds=LOOK)
        told.clear()
        await renewal.look(take)


def _desk(engine: AsyncEngine, book: Rulebook) -> Desk:
    return Desk(engine, book.rules, book.sorting.matters, settings.receipt_key())


_RUNNERS: dict[str, Runner] = {
    "sorter": run_sorter,
    "relay": run_relay,
    "deadlines": run_deadlines,
    "tallies": run_tallies,
    "whistles": run_whistles,
}
