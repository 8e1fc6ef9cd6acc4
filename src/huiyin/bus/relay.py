"""The relay: what the log says goes out as events, what waits at the door goes in; in order, at least once."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from time import perf_counter
from urllib.parse import quote, unquote

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import faults
from huiyin.bus.envelope import Event, write_event
from huiyin.bus.publish import Outgoing, OutOfStep, publish_batch, publish_behind
from huiyin.bus.streams import DAYS, DOOR_OPENED, EVENT_PREFIX, EVENTS, INTAKE, INTAKE_SUBJECT, LOG_GREW, SORTER
from huiyin.bus.waits import first
from huiyin.core.mediation.heard import Moved
from huiyin.core.proof import RawLeaf, read
from huiyin.store import log, waiting
from huiyin.store.vault import Seal

NAME = "relay"
SOURCE = "urn:huiyin:log"
POLL = 0.5  # seconds between looks when no hint comes
_LIMIT = 1_000  # JetStream's atomic batch takes no more
_DOOR_LIMIT = 200
# Of a flood's lane as many as leave the stream short, so that whoever comes is never far behind; a few always.
_FLOOD_LEAST, _FLOOD_AHEAD = 5, 150
_PATIENCE = 5.0  # seconds without an answer from NATS before the other way has its turn
_LEADER = 0x48555932
_KEPT = timedelta(days=DAYS)  # what a lost stream held at most
# Nouns of which partners hear that they went on and no more (decision 0026): what is said in the place of every step.
_QUIET = {"mediation": (str(Moved.__struct_config__.tag), msgspec.json.encode(Moved()))}
# Nouns of which partners hear nothing (decisions 0030, 0032).
SILENT = frozenset(("committee", "entry"))

_log = structlog.get_logger()


class Relay:
    """One leader at a time (an advisory lock). `engine` is the services', `vault_engine` the vault's role."""

    def __init__(self, nc: Client, engine: AsyncEngine, vault_engine: AsyncEngine, seal: Seal) -> None:
        self._nc = nc
        self._engine = engine
        self._vault = vault_engine
        self._seal = seal
        self._woken = asyncio.Event()
        self._last = 0  # the sequence that EVENTS ends with: nobody else writes there

    async def run(self, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
        """Until `stop`: lead, or wait to lead; whatever fails is tried again."""
        for subject in (LOG_GREW, DOOR_OPENED):
            await self._nc.subscribe(subject, cb=self._wake)
        ready()
        while not stop.is_set():
            try:
                await self._lead(stop)
            except Exception as error:
                _log.warning("failed", noun="relay", error=type(error).__name__)
            await self._pause(stop)

    async def _wake(self, _msg: Msg) -> None:
        self._woken.set()

    async def _pause(self, stop: asyncio.Event) -> None:
        await first(self._woken, stop, seconds=POLL)
        self._woken.clear()

    async def _lead(self, stop: asyncio.Event) -> None:
        async with self._engine.connect() as connection:
            held = await connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LEADER})
            leads = bool(held.scalar_one())
            await connection.commit()
            if not leads:
                return
            try:
                await self._catch_up()
                while not stop.is_set():
                    if not await self._both():
                        await self._pause(stop)
                    await connection.execute(text("SELECT 1"))  # the lock lives as long as this connection
                    await connection.commit()
            finally:
                with suppress(Exception):
                    await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LEADER})

    async def _catch_up(self) -> None:
        """The end of the stream says how far the leader before came, whatever it could mark; what the stream has lost
        (a disk, a bus made anew) is published again in its order."""
        state = (await self._nc.jetstream().stream_info(EVENTS)).state
        self._last = state.last_seq
        ident = await self._newest(state.last_seq) if state.messages else ""
        async with self._engine.begin() as connection:
            marked = await log.cursor(connection, NAME)
            reached = await self._reached(connection, ident) if state.last_seq else await log.before(connection, _KEPT)
            if reached is not None and reached != marked:
                await log.move(connection, NAME, reached)
                _log.warning("moved", noun="relay", back=reached < marked)

    async def _newest(self, seq: int) -> str:
        """The id of the event that the stream ends with; "" where it was deleted meanwhile."""
        try:
            headers = (await self._nc.jetstream().get_msg(EVENTS, seq)).headers or {}
            return str(headers.get("Nats-Msg-Id", ""))
        except NotFoundError:
            return ""

    async def _reached(self, connection: AsyncConnection, ident: str) -> log.Cursor | None:
        noun, _, rest = ident.partition("-")
        number, _, version = rest.rpartition("-")
        return await log.place(connection, noun, unquote(number), int(version)) if version.isdecimal() else None

    async def _both(self) -> int:
        """One round; how many went out and in."""
        done = 0
        for each in (self.door, self.events):
            try:
                done += await each()
            except OutOfStep:
                raise
            except Exception as error:  # the one must not wait for the other's mending
                _log.warning("failed", noun="relay", way=each.__name__, error=type(error).__name__)
        return done

    async def events(self) -> int:
        """Publish the next rows of the log; the mark moves after they are stored in NATS."""
        began = perf_counter()
        async with self._engine.begin() as connection:
            after = await log.cursor(connection, NAME)
            entries = await log.tail(connection, after, _LIMIT)
        if not entries:
            return 0
        faults.reach("relay.before-publish")
        ours = [outgoing(entry) for entry in entries if entry.noun not in SILENT]
        self._last = await publish_behind(self._nc, ours, self._last, deadline=_PATIENCE)
        faults.reach("relay.after-publish")
        async with self._engine.begin() as connection:
            await log.move(connection, NAME, entries[-1].cursor)
        faults.reach("relay.after-mark")
        _log.info("published", noun="step", count=len(entries), ms=round((perf_counter() - began) * 1000, 1))
        return len(entries)

    async def door(self) -> int:
        """Put what waits at the door on the intake stream; gone from the door after it is stored in NATS."""
        async with self._vault.begin() as connection:
            found = await waiting.first(connection, _DOOR_LIMIT)
            flood = await waiting.first(connection, _DOOR_LIMIT, lane=1)
        found += flood[: await self._spare(len(found))] if flood else []
        if not found:
            return 0
        messages = [Outgoing(INTAKE_SUBJECT, self._seal.open(item.sealed), f"door-{item.event_id}") for item in found]
        await publish_batch(self._nc, messages, deadline=_PATIENCE)
        async with self._vault.begin() as connection:
            await waiting.gone(connection, found)
        _log.info("let_in", noun="complaint", count=len(found))
        return len(found)

    async def _spare(self, usual: int) -> int:
        """How many of a flood may go in now: what fills up the stream's queue to where nobody waits long."""
        try:
            sorter = await self._nc.jetstream().consumer_info(INTAKE, SORTER, timeout=1)
            queued = (sorter.num_pending or 0) + (sorter.num_ack_pending or 0)
        except (JetStreamError, NatsError, TimeoutError):  # no sorter yet: whatever is let in waits on the stream
            queued = _FLOOD_AHEAD
        return max(_FLOOD_LEAST, _FLOOD_AHEAD - queued - usual)


def outgoing(entry: log.Entry) -> Outgoing:
    """A log row as an event: `huiyin.event.<noun>.<step>.<grid or ->`, with an id that never changes. The id goes
    into a header, which is ASCII: what is not in a noun's id (岗位 have Chinese names) is percent-encoded."""
    leaf: RawLeaf = read(entry.body)
    name, data = _QUIET.get(entry.noun, (entry.step, leaf.data))
    ident = f"{entry.noun}-{quote(entry.id, safe=':')}-{entry.version}"
    event = Event(id=ident, source=SOURCE, type=name, subject=entry.id, time=entry.at, data=msgspec.Raw(data))
    return Outgoing(f"{EVENT_PREFIX}.{entry.noun}.{name.split('.')[1]}.{entry.key}", write_event(event), ident)
