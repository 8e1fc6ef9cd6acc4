"""A house that tests may set on fire: its own PostgreSQL and nats-server, its own `huiyin` processes, all killable."""

import asyncio
import contextlib
import inspect
import itertools
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct
from nats.aio.client import Client

from huiyin import clock, keys, readiness
from huiyin.bus import streams
from huiyin.bus.envelope import ComplaintData, PlaceData, Reporter, write_filed
from huiyin.bus.publish import Outgoing, publish_batch
from huiyin.clock import now
from huiyin.engines import postgres, process
from huiyin.engines.nats import Nats
from huiyin.engines.postgres import Postgres
from huiyin.registration import import_folder
from huiyin.store import migrate
from tests.ground import MEMORY

SOURCE = "urn:test:partner"
TEMPLATE = "faults_template"
DURABLE = "sorter"
CITY = {
    "streets.csv": "street_code,street,district\n330199001,桂花街道,示范区\n",
    "communities.csv": "community_code,community,street_code\n330199001001,桂花社区,330199001\n",
    "estates.csv": "estate_code,estate,aliases,community_code,owners_committee,property_company,households\n"
    "K001,桂花苑,桂花小区,330199001001,formed,company,320\n"
    "K002,梧桐里,,330199001001,none,withdrawn,0\n",
    "grids.csv": "grid_code,community_code,estate_code\n"
    "330199001001001,330199001001,K001\n330199001001002,330199001001,K002\n",
    "buildings.csv": "building_code,estate_code,building,units,grid_code\n"
    "K001-B01,K001,1栋,2,330199001001001\nK001-B02,K001,2栋,3,330199001001001\n"
    "K002-B01,K002,1号楼,1,330199001001002\n",
}
MATTERS = (
    "楼道灯坏了三天没人修",
    "楼上装修噪音扰民",
    "电梯一直故障",
    "垃圾清运不及时",
    "地下车库积水",
    "楼上漏水到我家",
)
ESTATES = (("桂花苑", "1栋"), ("桂花小区", "2栋"), ("梧桐里", "1号楼"))


async def until(fact: Callable[[], Any], seconds: float, what: str = "", every: float = 0.02) -> float:
    """Wait for a fact; the seconds it took. Fails when the deadline passes first."""
    began = time.monotonic()
    while True:
        found = fact()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return time.monotonic() - began
        assert time.monotonic() - began < seconds, f"not within {seconds:g} s: {what or inspect.getsource(fact)}"
        await asyncio.sleep(every)


def complaint(n: int) -> ComplaintData:
    """A complaint whose name, phone, room and words are its own (see invariants.LEAK)."""
    estate, building = ESTATES[n % 3]
    room, phone, name = f"7{n % 1000:03d}", f"1397777{n % 10_000:04d}", f"欧阳囍{n}"
    text = f"我住{estate}{building}2单元{room}室,{MATTERS[n % 6]},秘语鷗{n}。联系人{name},电话{phone}。"
    place = PlaceData(estate=estate, building=building, room=f"{room}室") if n % 2 else None
    return ComplaintData(text, place=place, channel="hotline", reporter=Reporter(name, phone))


def message(n: int, *, source: str = SOURCE, msg_id: str | None = None) -> Outgoing:
    """`complaint(n)` as event `n`; another `msg_id` is the same event after NATS has forgotten it."""
    payload = write_filed(source, str(n), complaint(n), now())
    return Outgoing(streams.INTAKE_SUBJECT, payload, msg_id or f"{source}-{n}")


def feed(numbers: Iterable[int], duplicates: float = 0.1, seed: int = 1) -> list[Outgoing]:
    """Events, and some of them again a little later."""
    chance = random.Random(seed)
    found = [message(n) for n in numbers]
    again = chance.sample(range(len(found)), int(len(found) * duplicates))
    for number, i in enumerate(sorted(again, reverse=True)):
        twin = Outgoing(found[i].subject, found[i].payload, f"again-{found[i].msg_id}-{number}")
        found.insert(min(len(found), i + chance.randint(1, 800)), twin)
    return found


class Child:
    """One `python -m huiyin …`. It imports at once and connects when told to `go`, as under `huiyin up`."""

    def __init__(
        self, log: Path, env: dict[str, str], arguments: Sequence[str], *, wait: bool, module: str = "huiyin"
    ) -> None:
        self.log = log
        out, self._go = os.pipe()
        self._said, said = os.pipe()
        handles = {readiness.START: str(out), readiness.READY: str(said)}
        self.process: subprocess.Popen[bytes] = process.spawn(
            [sys.executable, "-m", module, *arguments],
            log=log,
            env=os.environ | env | handles,
            death_signal=signal.SIGKILL,
            pass_fds=(out, said),
        )
        os.close(out)
        os.close(said)
        if not wait:
            self.go()

    def go(self) -> None:
        os.close(self._go)
        self._go = -1

    async def ready(self, seconds: float = 30) -> None:
        def said() -> bool:
            assert self.process.poll() is None, process.last_lines(self.log)
            return bool(select.select([self._said], [], [], 0)[0])

        await until(said, seconds, f"ready: {self.log.name}")

    def ended(self) -> int | None:
        return self.process.poll()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    async def terminate(self, seconds: float = 10) -> float:
        """SIGTERM; the seconds until it was gone by itself."""
        self.process.terminate()
        return await until(lambda: self.ended() is not None, seconds, f"{self.log.name} goes on SIGTERM")

    def close(self) -> None:
        if self.ended() is None:
            self.kill()
        for handle in (self._go, self._said):
            with contextlib.suppress(OSError):
                os.close(handle)


class Accepted(Struct):
    """What was promised to somebody: PubAcks and 201s."""

    events: set[tuple[str, str]]
    receipts: dict[str, str]  # idempotency key → receipt as shown


class House:
    """One folder; `settle_in` gives it a fresh database and empty streams."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pg, self.bus = Postgres(folder), Nats(folder)
        self.nc: Client
        self.database = ""
        self.accepted = Accepted(set(), {})
        self.children: list[Child] = []
        self.web_url = ""
        self.clock = clock.Clock()
        self._names = itertools.count(1)

    async def build(self) -> None:
        """Both engines, and a migrated template with the small city."""
        self.pg.begin()
        self.bus.begin()
        self.bus.spawn()
        self.pg.finish()
        self.pg.spawn()
        await until(self.pg.is_ready, 30)
        await until(self.bus.is_ready, 30)
        admin = await asyncpg.connect(self.pg.url(postgres.ADMIN))
        await admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER {postgres.OWNER}")
        await admin.close()
        await migrate.upgrade(self.pg.url(postgres.OWNER, TEMPLATE))
        city = self.folder / "city"
        city.mkdir()
        for name, text in CITY.items():
            (city / name).write_text(text)
        await import_folder(self.pg.url(postgres.APP, TEMPLATE), city)

    async def settle_in(self, ack_wait: float = 30.0, window: float | None = None) -> None:
        """Fresh database, empty streams. `ack_wait` of the sorter's consumer and `window`, the streams'
        memory of message ids, in seconds."""
        await self.up()
        before, self.database = self.database, f"f{next(self._names)}"
        admin = await asyncpg.connect(self.pg.url(postgres.ADMIN))
        if before:
            await admin.execute(f"DROP DATABASE IF EXISTS {before} WITH (FORCE)")
        # On a disk, where all that is copied must be synced, the log is the cheaper way.
        copy = f"TEMPLATE {TEMPLATE} STRATEGY {'file_copy' if MEMORY in self.folder.parents else 'wal_log'}"
        await admin.execute(f"CREATE DATABASE {self.database} OWNER {postgres.OWNER} {copy}")
        await admin.close()
        self.nc = await streams.connect(self.bus.url, "test")
        js = self.nc.jetstream()
        for stream in await js.streams_info():
            await js.delete_stream(stream.config.name)
        await streams.ensure(js, gib=0.5)
        if window is not None:
            for name in (streams.INTAKE, streams.EVENTS):
                config = (await js.stream_info(name)).config
                config.duplicate_window = window
                await js.update_stream(config)
        await js.add_consumer(streams.INTAKE, streams.durable(DURABLE, streams.INTAKE_SUBJECT, ack_wait=ack_wait))
        self.accepted = Accepted(set(), {})
        self.clock = clock.Clock()
        (self.folder / clock.FILE).unlink(missing_ok=True)
        for log in (self.folder / "logs").glob("child-*"):
            log.unlink()

    async def up(self) -> None:
        """Whatever of the engines a test left dead stands again."""
        if self.pg.running is None or self.pg.running.poll() is not None:
            self.pg.again()
        if self.bus.running is None or self.bus.running.poll() is not None:
            self.bus.again()
        await until(self.pg.is_ready, 30)
        await until(self.bus.is_ready, 30)

    async def leave(self) -> None:
        for child in self.children:
            child.close()
        self.children.clear()
        await self.nc.close()

    def tear_down(self) -> None:
        for engine in (self.bus, self.pg):
            if engine.running is not None:
                process.stop(engine.running, engine.stop_signal, 10)

    # -- processes ----------------------------------------------------------------------------------------

    def start(self, *arguments: str, wait: bool = False, module: str = "huiyin", **env: str) -> Child:
        """A `huiyin` process of this house, or another `module`'s; `env` without the prefix, in any case."""
        where = {
            "data": str(self.folder),
            "nats_url": self.bus.url,
            "database_url": self.url(postgres.APP),
            "vault_database_url": self.url(postgres.VAULT),
            "log_level": "info",
        }
        child = Child(
            self.folder / "logs" / f"child-{len(self.children)}-{'-'.join(arguments[:2])}.log",
            {f"HUIYIN_{name.upper()}": value for name, value in (where | env).items()},
            arguments,
            wait=wait,
            module=module,
        )
        self.children.append(child)
        return child

    def consume(self, *names: str, wait: bool = False, **env: str) -> Child:
        return self.start("consume", *(names or ("sorter", "relay")), wait=wait, **env)

    def web(self) -> Child:
        port = process.free_port("127.0.0.1")
        self.web_url = f"http://127.0.0.1:{port}"
        return self.start("web", "--port", str(port))

    def days_go_by(self, days: float, speed: float = 1.0) -> None:
        """Whoever starts from now on lives so many days later, and so much faster."""
        real = datetime.now(UTC)
        self.clock = clock.Clock(speed, real, real + timedelta(days=days))
        keys.write_private(self.folder / clock.FILE, msgspec.json.encode(self.clock))

    async def told(self) -> datetime:
        """The time that is told now, by the database's clock."""
        return self.clock.told_at((await self.sql("SELECT clock_timestamp()"))[0][0])

    async def swept(self) -> bool:
        """Nothing is due any more."""
        due = "SELECT 1 FROM {} WHERE next_at <= $1"
        wanted = " UNION ALL ".join(map(due.format, ("tickets", "whistles", "mediations"))) + " LIMIT 1"
        return not await self.sql(wanted, await self.told())

    def kill_nats(self) -> None:
        assert self.bus.running is not None
        self.bus.running.kill()
        self.bus.running.wait()

    async def nats_again(self) -> None:
        port = self.bus.port
        self.bus.again()
        assert self.bus.port == port
        await until(self.bus.is_ready, 30)

    def kill_postgres(self) -> None:
        """The postmaster, then its children: none of them gets to finish anything."""
        assert self.pg.running is not None
        self.pg.running.kill()
        while others := process.living_in(self.pg.cluster):
            for pid in others:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.pg.running.wait()

    async def postgres_again(self) -> None:
        port = self.pg.port
        self.pg.again()
        assert self.pg.port == port
        await until(self.pg.is_ready, 30)

    # -- what goes in and what came of it -----------------------------------------------------------------

    def url(self, role: str) -> str:
        return self.pg.url(role, self.database)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Returns with every PubAck; what is ours by its id counts as accepted."""
        await publish_batch(self.nc, messages)
        self.accepted.events |= set(_causes(messages))

    async def publish_raw(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        """Header block and payload as they are, as a partner's own client might write them."""
        user, password = self.bus.partner_url.removeprefix("nats://").split("@")[0].split(":")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.bus.port)
        login = {"user": user, "pass": password, "headers": True, "verbose": False, "pedantic": False}
        writer.write(b"CONNECT " + msgspec.json.encode(login) + b"\r\n")
        for header, payload in messages:
            sizes = f"{len(header)} {len(header) + len(payload)}".encode()
            writer.write(
                b"HPUB " + streams.INTAKE_SUBJECT.encode() + b" " + sizes + b"\r\n" + header + payload + b"\r\n"
            )
        writer.write(b"PING\r\n")
        async with asyncio.timeout(5):
            said = await reader.readuntil(b"PONG\r\n")
        writer.close()
        assert b"-ERR" not in said, said

    async def sql(self, statement: str, *values: Any, role: str = postgres.APP) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url(role), timeout=5)
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    async def count(self, table: str) -> int:
        return int((await self.sql(f"SELECT count(*) FROM {table}"))[0][0])

    async def placed(self) -> set[tuple[str, str]]:
        return {(row[0], row[1]) for row in await self.sql("SELECT source, event_id FROM inbox")}

    async def settled(self, seconds: float) -> float:
        """Every accepted event has its ticket or dead letter, nothing is pending; the seconds it took."""

        async def all_done() -> bool:
            accounted = await self.sql(
                "SELECT source, event_id FROM inbox UNION SELECT source, event_id FROM dead_letters"
            )
            done = {(row[0], row[1]) for row in accounted}
            return done >= self.accepted.events and await self.drained()

        return await until(all_done, seconds, "every accepted event is accounted for", every=0.1)

    async def caught_up(self) -> bool:
        """The sorter has taken and answered everything that is on the stream now."""
        info = await self.nc.jetstream().consumer_info(streams.INTAKE, DURABLE)
        return not (info.num_pending or info.num_ack_pending)

    async def drained(self) -> bool:
        """Doorstep, log and intake have been worked off."""
        if not await self.caught_up():
            return False
        waiting = await self.sql("SELECT 1 FROM vault.waiting LIMIT 1", role=postgres.VAULT)
        behind = await self.sql(
            "SELECT 1 FROM log WHERE (xid, seq) > coalesce((SELECT (xid, seq) FROM cursors WHERE name = 'relay'),"
            " ('0'::xid8, 0::bigint)) LIMIT 1"
        )
        return not waiting and not behind

    async def heard(self, durable: str) -> bool:
        """Everything is published, and a consumer of EVENTS has answered all of it, what its own answers led to, too:
        nothing was written while we looked, so nothing is on its way."""
        before = await self.count("log")
        if not await self.drained():
            return False
        info = await self.nc.jetstream().consumer_info(streams.EVENTS, durable)
        return not (info.num_pending or info.num_ack_pending) and await self.count("log") == before

    def journal(self) -> bytes:
        """Everything that our processes and the engines wrote about themselves."""
        return b"".join(path.read_bytes() for path in (self.folder / "logs").iterdir())


def _causes(messages: Iterable[Outgoing]) -> Iterator[tuple[str, str]]:
    """Of what `message` made; a twin has the cause of its first."""
    for one in messages:
        if one.msg_id.startswith(f"{SOURCE}-"):
            yield SOURCE, one.msg_id.removeprefix(f"{SOURCE}-")


Move = Callable[..., Awaitable[House]]
