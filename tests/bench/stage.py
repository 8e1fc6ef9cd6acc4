"""A stage for benchmarks: engines of their own with the shipped settings, real texts, CPU and memory read out."""

import gzip
import itertools
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import nats
import psutil
from nats.aio.client import Client

from huiyin.bus import streams
from huiyin.bus.envelope import ComplaintData, write_filed
from huiyin.bus.publish import Outgoing, publish_batch
from huiyin.engines import postgres, process
from huiyin.engines.nats import Nats
from huiyin.engines.postgres import Postgres
from huiyin.store import migrate

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("HUIYIN_SHARED", ROOT.parent / "shared"))
REAL = SHARED / "data" / "complaints_real.jsonl.gz"
CITY = SHARED / "data" / "a_city"
TEMPLATE = "bench_template"


def need_shared() -> None:
    """Leave, saying so, where the real texts are absent."""
    if not REAL.exists():
        print(json.dumps({"skipped": f"{REAL} is absent; set HUIYIN_SHARED"}))
        sys.exit(0)


def say(**fields: Any) -> None:
    """One JSON line."""
    print(json.dumps(fields, ensure_ascii=False), flush=True)


def median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def spread(values: list[float]) -> list[float]:
    return [round(min(values), 3), round(max(values), 3)]


def texts() -> list[ComplaintData]:
    """The real complaints as event data, in the file's order."""
    with gzip.open(REAL, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    zone = datetime.now().astimezone().tzinfo
    return [
        ComplaintData(
            text=row["text"][:8000],
            title=row["title"][:200],
            channel="web",
            filed_at=datetime.fromisoformat(row["filed_at"]).replace(tzinfo=zone),
        )
        for row in rows
    ]


def events(count: int, run: str) -> Iterator[Outgoing]:
    """`count` events from the real texts, each with an id of its own."""
    at = datetime.now(UTC)
    for i, data in zip(range(count), itertools.cycle(texts()), strict=False):
        ident = f"{run}-{i}"
        payload = write_filed("urn:huiyin:bench", ident, data, at)
        yield Outgoing(streams.INTAKE_SUBJECT, payload, ident)


class Stage:
    """PostgreSQL and NATS in a folder of their own, as `huiyin up` runs them."""

    def __init__(self, extra: str = "") -> None:
        self._extra = extra  # lines for PostgreSQL's own settings file
        self.folder = Path(tempfile.mkdtemp(prefix="huiyin-bench-"))
        self.pg = Postgres(self.folder)
        self.bus = Nats(self.folder)
        self.nc: Client
        self.sent = 0  # events on the stream

    async def __aenter__(self) -> "Stage":
        self.pg.begin()
        self.bus.begin()
        self._bus = self.bus.spawn()
        self.pg.finish()
        (self.pg.cluster / "extra.conf").write_text(self._extra)
        self._pg = self.pg.spawn()
        assert process.until(self.pg.is_ready, 30)
        assert process.until(self.bus.is_ready, 30)
        admin = await asyncpg.connect(self.pg.url(postgres.ADMIN))
        await admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER {postgres.OWNER}")
        await admin.close()
        url = self.pg.url(postgres.OWNER, TEMPLATE)
        await migrate.upgrade(url)
        await _registry(url)
        self.nc = await nats.connect(self.bus.url, inbox_prefix=streams.INBOX_PREFIX.encode())
        await streams.ensure(self.nc.jetstream())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.nc.close()
        process.stop(self._bus, signal.SIGTERM, 10)
        process.stop(self._pg, signal.SIGINT, 10)
        shutil.rmtree(self.folder, ignore_errors=True)

    async def database(self, name: str) -> str:
        """A fresh migrated database with the registry; the services' URL."""
        admin = await asyncpg.connect(self.pg.url(postgres.ADMIN))
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        copy = f"CREATE DATABASE {name} OWNER {postgres.OWNER} TEMPLATE {TEMPLATE} STRATEGY wal_log"
        await admin.execute(copy)
        await admin.execute("CHECKPOINT")
        await admin.close()
        return self.pg.url(postgres.APP, name)

    async def fill(self, count: int, run: str) -> None:
        """Put `count` real texts on the stream."""
        await self.nc.jetstream().purge_stream(streams.INTAKE)
        await publish_batch(self.nc, list(events(count, run)), deadline=300)
        self.sent = count

    async def knock(self) -> None:
        """One more event: a consumer that was paused looks at its stream again when one comes."""
        self.sent += 1
        (message,) = events(1, f"knock{self.sent}")
        await self.nc.jetstream().publish(message.subject, message.payload)

    def env(self, url: str, **more: str) -> dict[str, str]:
        """What a process of ours needs to find this stage."""
        where = {
            "HUIYIN_DATA": str(self.folder),
            "HUIYIN_NATS_URL": self.bus.url,
            "HUIYIN_DATABASE_URL": url,
            "HUIYIN_VAULT_DATABASE_URL": url.replace(
                self.pg.url(postgres.APP, "x").split("@")[0], self.pg.url(postgres.VAULT, "x").split("@")[0]
            ),
            "HUIYIN_LOG_LEVEL": os.environ.get("BENCH_LOG", "error"),
        }
        return os.environ | where | more

    def cpu(self, *python: subprocess.Popen[bytes]) -> dict[str, float]:
        """CPU seconds so far: Python, PostgreSQL, NATS."""
        return {
            "python": sum(_cpu(psutil.Process(p.pid)) for p in python if p.poll() is None),
            "postgres": _tree(self._pg.pid),
            "nats": _cpu(psutil.Process(self._bus.pid)),
        }


def _cpu(of: psutil.Process) -> float:
    times = of.cpu_times()
    return float(times.user + times.system)


def _tree(pid: int) -> float:
    """PostgreSQL's postmaster with its backends; those that ended are in the postmaster's children times."""
    root = psutil.Process(pid)
    times = root.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in root.children(recursive=True):
        try:
            total += _cpu(child)
        except psutil.NoSuchProcess:
            continue
    return float(total)


async def _registry(url: str) -> None:
    from huiyin.registration import import_folder

    await import_folder(url, CITY, datetime.now(UTC))


def rss(pid: int) -> float:
    """Peak resident memory in MB."""
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def wait(fact: Any, seconds: float, every: float = 0.002) -> None:
    """Until the fact holds; raises TimeoutError."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(every)
