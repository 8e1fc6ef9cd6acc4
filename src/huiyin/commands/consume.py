"""`huiyin consume NAME…`: runs the named consumers in this process, each with its own connections."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any

import click
import structlog
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers import departments, messenger
from consumers.deadlines import Sweeper
from consumers.mediation import DURABLE as MEDIATION
from consumers.mediation import SUBJECTS as MEDIATION_SUBJECTS
from consumers.mediation import Go
from consumers.sorter import DURABLE, Intake
from consumers.tallies import Teller
from consumers.whistles import DURABLE as WHISTLES
from consumers.whistles import SUBJECTS, Hearsay
from huiyin import clock, logs, readiness, settings
from huiyin.bus import streams
from huiyin.bus.introducing import Introducing
from huiyin.bus.relay import Relay
from huiyin.bus.waits import Stopped, first
from huiyin.clerk import Clerk
from huiyin.departments import Roster
from huiyin.desk import Desk
from huiyin.lines import Ready, asked, follow, open_line, to_nats, with_streams
from huiyin.mediating import MediationDesk
from huiyin.renewal import LOOK, Renewal
from huiyin.rules.rulebook import Rulebook
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.whistling import WhistleDesk

LANES = 2
NAMES = ("sorter", "relay", "deadlines", "tallies", "whistles", "mediation", "messenger", "departments")

_log = structlog.get_logger()

_Beside = Callable[[AsyncEngine, Rulebook], Clerk]
Runner = Callable[[asyncio.Event, Ready, int], Coroutine[Any, Any, None]]


@click.command("consume")
@click.argument("names", nargs=-1, required=True, type=click.Choice(NAMES))
@click.option("--lanes", default=LANES, show_default=True, help="每个消费者同时处理的批次数")
def consume_command(names: tuple[str, ...], lanes: int) -> None:
    """运行指名的消费者:sorter(诉求成单)、relay(事件发布)、deadlines(时限与逐级上报)、tallies(统计)、whistles(哨单与工单互通)、
    mediation(工单与调解互通)、messenger(哨单告知部门)、departments(部门系统来令)。"""
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
        nc = await to_nats(stack, where.nats_url, "relay", stop)
        await with_streams(nc, engine, stop)
        await Relay(nc, engine, vault_engine, Seal(settings.vault_key())).run(stop, ready)


async def run_sorter(stop: asyncio.Event, ready: Ready, lanes: int) -> None:
    """Everything the sorter needs, until `stop`; a new registry is taken up while it runs."""
    where = settings.connections()
    async with AsyncExitStack() as stack:
        line = await open_line(stack, where, "sorter", lanes + 2, stop)
        book = await asked(line.engine, line.renewal.begin, stop)
        intake = Intake(_desk(line.engine, book), book.sorter, Seal(settings.vault_key()), clock.now)

        def take(fresh: Rulebook) -> None:
            intake.desk, intake.sorter = _desk(line.engine, fresh), fresh.sorter

        subjects = (streams.INTAKE_SUBJECT,)
        await line.work(streams.INTAKE, DURABLE, subjects, intake, take, lanes, stop, ready)


async def run_whistles(stop: asyncio.Event, ready: Ready, _lanes: int) -> None:
    """Everything that whistles and tickets need to hear of each other, until `stop`."""
    await _introduce(Hearsay, _whistling, WHISTLES, SUBJECTS, stop, ready)


async def run_mediation(stop: asyncio.Event, ready: Ready, _lanes: int) -> None:
    """Everything that tickets and mediations hear of each other, until `stop`."""
    await _introduce(Go, _mediating, MEDIATION, MEDIATION_SUBJECTS, stop, ready)


async def _introduce(
    kind: type[Introducing], beside: _Beside, durable: str, subjects: Sequence[str], stop: asyncio.Event, ready: Ready
) -> None:
    """Two nouns hear of each other, until `stop`. In one lane: that keeps turns."""
    where = settings.connections()
    async with AsyncExitStack() as stack:
        line = await open_line(stack, where, kind.name, 3, stop)
        book = await asked(line.engine, line.renewal.begin, stop)
        desks = _desk(line.engine, book), beside(line.engine, book)
        handle = kind(*desks, Seal(settings.vault_key()), clock.now)

        def take(fresh: Rulebook) -> None:
            handle.desk, handle.beside = _desk(line.engine, fresh), beside(line.engine, fresh)

        await line.work(streams.EVENTS, durable, subjects, handle, take, 1, stop, ready)


async def run_messenger(stop: asyncio.Event, ready: Ready, _lanes: int) -> None:
    """Everything that departments' own systems need to hear, until `stop`. In one lane: that keeps turns."""
    where = settings.connections()
    async with AsyncExitStack() as stack:
        line = await open_line(stack, where, "messenger", 2, stop)
        await asked(line.engine, line.renewal.begin, stop)
        roster = Roster(where.data)
        handle = messenger.Messenger(line.nc, line.engine, roster, Seal(settings.vault_key()), clock.now)
        await handle.welcome()

        async with asyncio.TaskGroup() as group:
            group.create_task(_welcome(handle, stop))
            work = line.work(
                streams.EVENTS, messenger.DURABLE, (messenger.SUBJECT,), handle, lambda _: None, 1, stop, ready
            )
            group.create_task(work)


async def _welcome(handle: messenger.Messenger, stop: asyncio.Event) -> None:
    """Whoever joins, or whose place on the stream was lost, has one within seconds."""
    while not stop.is_set():
        await first(stop, seconds=LOOK)
        handle.roster.look()
        try:
            await handle.welcome()
        except Exception as error:
            _log.warning("waited", noun="consumer", error=type(error).__name__)


async def run_departments(stop: asyncio.Event, ready: Ready, _lanes: int) -> None:
    """Everything that departments' own systems need to be heard, until `stop`. In one lane: that keeps turns."""
    from huiyin.web.whistles.refusals import REFUSALS

    where = settings.connections()
    async with AsyncExitStack() as stack:
        line = await open_line(stack, where, "departments", 3, stop)
        book = await asked(line.engine, line.renewal.begin, stop)
        desk, roster = _whistling(line.engine, book), Roster(where.data)
        seal = Seal(settings.vault_key())
        handle = departments.Departments(line.nc, desk, roster, REFUSALS, seal, clock.now)

        def take(fresh: Rulebook) -> None:
            handle.desk = _whistling(line.engine, fresh)

        subjects = (streams.COMMAND_SUBJECT,)
        await line.work(streams.COMMANDS, departments.DURABLE, subjects, handle, take, 1, stop, ready)


async def run_deadlines(stop: asyncio.Event, ready: Ready, lanes: int) -> None:
    """Everything the sweeper needs, until `stop`. Without NATS: time goes on where that is away."""
    where = settings.connections()
    async with AsyncExitStack() as stack:
        engine = connect(where.database_url, name="deadlines", size=lanes + 3)
        stack.push_async_callback(engine.dispose)
        renewal = Renewal(engine, settings.rules_folder(where.data))
        book = await asked(engine, renewal.begin, stop)
        tickets = Sweeper(_desk(engine, book), clock.current(), lanes=lanes)
        whistles = Sweeper(_whistling(engine, book), clock.current())
        mediations = Sweeper(_mediating(engine, book), clock.current())

        def take(fresh: Rulebook) -> None:
            tickets.desk, whistles.desk = _desk(engine, fresh), _whistling(engine, fresh)
            mediations.desk = _mediating(engine, fresh)

        async with asyncio.TaskGroup() as group:
            group.create_task(tickets.run(stop, ready))
            group.create_task(whistles.run(stop))
            group.create_task(mediations.run(stop))
            group.create_task(follow(renewal, take, asyncio.Event(), stop))


async def run_tallies(stop: asyncio.Event, ready: Ready, _lanes: int) -> None:
    """Everything that counting needs, until `stop`. Without NATS."""
    async with AsyncExitStack() as stack:
        engine = connect(settings.connections().database_url, name="tallies", size=1)
        stack.push_async_callback(engine.dispose)
        await Teller(engine).run(stop, ready)


def _desk(engine: AsyncEngine, book: Rulebook) -> Desk:
    return Desk(engine, book.rules, book.sorting.matters, settings.receipt_key())


def _whistling(engine: AsyncEngine, book: Rulebook) -> WhistleDesk:
    return WhistleDesk(engine, book.whistling)


def _mediating(engine: AsyncEngine, book: Rulebook) -> MediationDesk:
    return MediationDesk(engine, book.mediating)


_RUNNERS: dict[str, Runner] = {
    "sorter": run_sorter,
    "relay": run_relay,
    "deadlines": run_deadlines,
    "tallies": run_tallies,
    "whistles": run_whistles,
    "mediation": run_mediation,
    "messenger": run_messenger,
    "departments": run_departments,
}
