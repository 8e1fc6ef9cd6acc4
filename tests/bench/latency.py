"""How long a complaint waits: stream → commit at a steady rate, and publish → ticket visible by HTTP, one by one.

`python -m tests.bench.latency [--seconds 10]`. The commit's own time comes from PostgreSQL
(`track_commit_timestamp`), the store's from JetStream; both clocks are this machine's.
"""

import argparse
import asyncio
import hashlib
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import asyncpg
import nats
import uvloop
from nats.errors import TimeoutError as NoMessages

from huiyin import readiness
from huiyin.bus import streams
from huiyin.bus.publish import publish_batch
from huiyin.engines import postgres
from tests.bench.http import server
from tests.bench.load import call, get
from tests.bench.stage import ROOT, Stage, events, need_shared, say


def start(stage: Stage, url: str, *names: str) -> subprocess.Popen[bytes]:
    """Consumers in a process of their own, ready."""
    ready, said = os.pipe()
    env = stage.env(url, **{readiness.READY: str(said)})
    started = subprocess.Popen([sys.executable, "-m", "huiyin", "consume", *names], env=env, pass_fds=[said], cwd=ROOT)
    os.close(said)
    if not select.select([ready], [], [], 30)[0] or not os.read(ready, 16):
        raise RuntimeError("the consumer did not get ready")
    os.close(ready)
    return started


async def steady(stage: Stage, rate: int, seconds: float, tick: float = 0.02) -> None:
    """`rate` complaints a second in small atomic batches; the wait of each from store to commit."""
    url = await stage.database("bench")
    await stage.nc.jetstream().purge_stream(streams.INTAKE)
    sorter = start(stage, url, "sorter")
    try:
        messages = list(events(int(rate * seconds), f"l{rate}{time.time()}"))
        width = max(1, int(rate * tick))
        begun = time.perf_counter()
        behind = 0.0
        for i in range(0, len(messages), width):
            due = begun + i / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await publish_batch(stage.nc, messages[i : i + width])
            behind = max(behind, time.perf_counter() - due)
        waits = await _waits(stage, len(messages))
    finally:
        sorter.send_signal(signal.SIGTERM)
        sorter.wait(20)
    say(
        bench="latency-steady", rate=rate, count=len(waits), **_figures(waits), publisher_behind_ms=round(behind * 1000)
    )


async def _waits(stage: Stage, count: int) -> list[float]:
    admin = await asyncpg.connect(stage.pg.url(postgres.ADMIN, "bench"))
    while await admin.fetchval("SELECT count(*) FROM inbox") < count:  # noqa: ASYNC110  # another process does it
        await asyncio.sleep(0.2)
    rows = await admin.fetch(
        "SELECT i.stream_seq, extract(epoch FROM pg_xact_commit_timestamp(l.xid::xid))::float8 AS at"
        " FROM inbox i JOIN log l ON l.noun = 'ticket' AND l.id = i.id AND l.version = 1"
    )
    await admin.close()
    committed = {row["stream_seq"]: row["at"] for row in rows}
    stored = await _stored(stage, count)
    return sorted((committed[seq] - stored[seq]) * 1000 for seq in committed)


async def _stored(stage: Stage, count: int) -> dict[int, float]:
    sub = await stage.nc.jetstream().pull_subscribe(streams.INTAKE_SUBJECT, stream=streams.INTAKE)
    found: dict[int, float] = {}
    while len(found) < count:
        try:
            for msg in await sub.fetch(500, timeout=2):
                found[msg.metadata.sequence.stream] = msg.metadata.timestamp.timestamp()
                await msg.ack()
        except NoMessages:
            break
    await sub.unsubscribe()
    return found


def _figures(waits: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(waits[len(waits) // 2], 2),
        "p99_ms": round(waits[int(len(waits) * 0.99)], 2),
        "max_ms": round(waits[-1], 2),
    }


async def visible(stage: Stage, count: int) -> None:
    """One complaint at a time: published by a partner, until its ticket is there over HTTP."""
    url = await stage.database("bench")
    await stage.nc.jetstream().purge_stream(streams.INTAKE)
    token = secrets.token_urlsafe(32)
    admin = await asyncpg.connect(stage.pg.url(postgres.ADMIN, "bench"))
    await admin.execute(
        "INSERT INTO accounts (username, role, post_code, scope, token, created_at)"
        " VALUES ('bench', 'machine', 'machine', 'all', $1, $2)",
        hashlib.sha256(token.encode()).digest(),
        datetime.now(UTC),
    )
    await admin.close()
    sorter = start(stage, url, "sorter")
    waits: list[float] = []
    partner = await nats.connect(stage.bus.partner_url)
    js = partner.jetstream()
    try:
        with server(stage, url, ["huiyin", "web"]) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for message in events(count, f"v{time.time()}"):
                request = get(
                    f"/api/v1/complaints?source=urn:huiyin:bench&id={message.msg_id}",
                    f"Authorization: Bearer {token}\r\n",
                )
                begun = time.perf_counter()
                await js.publish(message.subject, message.payload)
                while (await call(reader, writer, request))[0] != 200:
                    pass
                waits.append((time.perf_counter() - begun) * 1000)
            writer.close()
    finally:
        await partner.close()
        sorter.send_signal(signal.SIGTERM)
        sorter.wait(20)
    say(bench="latency-visible", count=count, **_figures(sorted(waits)))


async def main(seconds: float) -> None:
    """500/s, 2,000/s, then one by one."""
    async with Stage(extra="track_commit_timestamp = on\n") as stage:
        for rate in (500, 2_000):
            await steady(stage, rate, seconds)
        await visible(stage, 300)


if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=10)
    uvloop.run(main(options.parse_args().seconds))
