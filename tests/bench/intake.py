"""Complaints a second from a full stream to committed tickets with their log and acks, against the bare pipe.

`python -m tests.bench.intake [--count 20000] [--rounds 5] [--soak 100000]` prints JSON lines; ratios are taken
pair by pair (bare, then full, in turn).
"""

import argparse
import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

import asyncpg
import msgspec
import uvloop
from nats.js.errors import NotFoundError

from huiyin import readiness
from huiyin.bus import streams
from huiyin.engines import postgres
from tests.bench import bare_pipe
from tests.bench.stage import ROOT, Stage, median, need_shared, rss, say, spread

BARE = ("bare",)


async def run(stage: Stage, kind: str, processes: int, count: int) -> dict[str, Any]:
    """One measurement: `count` messages on the stream through `processes` consumers of a kind."""
    url = await stage.database("bench")
    durable = "sorter" if kind == "full" else "bare"
    if kind != "full":
        owner = await asyncpg.connect(stage.pg.url(postgres.OWNER, "bench"))
        await owner.execute(bare_pipe.SCHEMA)
        await owner.close()
    js = stage.nc.jetstream()
    for name in ("sorter", "bare"):
        with suppress(NotFoundError):
            await js.delete_consumer(streams.INTAKE, name)
    await js.add_consumer(streams.INTAKE, streams.durable(durable, streams.INTAKE_SUBJECT))
    await _tap(stage, durable, closed=True)
    started = [_start(stage, kind, url, durable) for _ in range(processes)]
    try:
        cpu = stage.cpu(*started)
        begun = time.perf_counter()
        await _tap(stage, durable, closed=False)  # all processes are ready and wait
        await stage.knock()
        await _drained(stage, durable, stage.sent)
        seconds = time.perf_counter() - begun
        after = stage.cpu(*started)
        peak = max(rss(p.pid) for p in started)
    finally:
        for p in started:
            p.send_signal(signal.SIGTERM)
        for p in started:
            p.wait(20)
    return {
        "rate": count / seconds,
        "cpu_us": {part: round((after[part] - cpu[part]) / count * 1e6, 1) for part in cpu},
        "peak_mb": round(peak, 1),
        "missing": stage.sent - await _rows(stage, kind),
    }


def _start(stage: Stage, kind: str, url: str, durable: str) -> subprocess.Popen[bytes]:
    ready, said = os.pipe()
    program = (
        ["-m", "huiyin", "consume", "sorter"]
        if kind == "full"
        else ["-m", "tests.bench.bare_pipe", durable, kind.removeprefix("bare-")]
    )
    env = stage.env(url, **{readiness.READY: str(said)})
    started = subprocess.Popen([sys.executable, *program], env=env, pass_fds=[said], cwd=ROOT)
    os.close(said)
    if not select.select([ready], [], [], 30)[0] or not os.read(ready, 16):
        raise RuntimeError("the process did not get ready")
    os.close(ready)
    return started


async def _tap(stage: Stage, durable: str, *, closed: bool) -> None:
    until = "2099-01-01T00:00:00Z" if closed else "0001-01-01T00:00:00Z"
    request = msgspec.json.encode({"pause_until": until})
    answer = await stage.nc.request(f"$JS.API.CONSUMER.PAUSE.{streams.INTAKE}.{durable}", request, timeout=10)
    assert msgspec.json.decode(answer.data).get("paused", False) is closed, answer.data


async def _drained(stage: Stage, durable: str, count: int) -> None:
    js = stage.nc.jetstream()
    while True:
        info = await js.consumer_info(streams.INTAKE, durable)
        if info.num_pending == 0 and info.num_ack_pending == 0 and (info.ack_floor.consumer_seq or 0) >= count:
            return
        await asyncio.sleep(0.01)


async def _rows(stage: Stage, kind: str) -> int:
    table = "tickets" if kind == "full" else "bare.ticket"
    connection = await asyncpg.connect(stage.pg.url(postgres.ADMIN, "bench"))
    found = await connection.fetchval(f"SELECT count(*) FROM {table}")
    await connection.close()
    return int(found)


async def compare(stage: Stage, processes: int, count: int, rounds: int, yardstick: str) -> list[float]:
    """Interleaved rounds; the paired ratios."""
    ratios: list[float] = []
    bare_rates, full_rates = [], []
    for _ in range(rounds):
        bare = await run(stage, yardstick, processes, count)
        full = await run(stage, "full", processes, count)
        assert bare["missing"] == full["missing"] == 0, (bare, full)
        ratios.append(full["rate"] / bare["rate"])
        bare_rates.append(bare["rate"])
        full_rates.append(full["rate"])
        say(bench="intake-round", processes=processes, yardstick=yardstick, bare=bare, full=full)
    say(
        bench="intake",
        processes=processes,
        yardstick=yardstick,
        count=count,
        rounds=rounds,
        bare_per_s=round(median(bare_rates)),
        full_per_s=round(median(full_rates)),
        ratio=median(ratios),
        ratio_spread=spread(ratios),
    )
    return full_rates


async def main(count: int, rounds: int, soak: int, yardsticks: list[str]) -> None:
    """One process, two processes, then memory over a long run."""
    async with Stage() as stage:
        await stage.fill(count, "a")
        for yardstick in yardsticks:
            one = await compare(stage, 1, count, rounds, yardstick)
            two = await compare(stage, 2, count, rounds, yardstick)
            pairs = [b / a for a, b in zip(one, two, strict=True)]
            say(bench="intake-scaling", two_over_one=median(pairs), spread=spread(pairs))
        if soak:
            await stage.fill(soak, "soak")
            result = await run(stage, "full", 1, soak)
            say(bench="intake-soak", count=soak, **result)


if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--soak", type=int, default=100_000)
    options.add_argument("--yardstick", nargs="*", default=["bare-fetch", "bare-pull"])
    said = options.parse_args()
    uvloop.run(main(said.count, said.rounds, said.soak, said.yardstick))
