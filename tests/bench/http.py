"""`POST /complaints` a second at 32 connections against a bare handler that decodes and commits one row.

`python -m tests.bench.http [--seconds 5] [--rounds 5]`; bare and full in turn, ratios pair by pair.
"""

import argparse
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import msgspec
import uvloop

from huiyin import readiness
from huiyin.engines import postgres, process
from tests.bench.load import post, storm
from tests.bench.stage import ROOT, Stage, median, need_shared, say, spread, texts, wait


@contextmanager
def server(stage: Stage, url: str, arguments: list[str]) -> Iterator[int]:
    """A server process that is ready; its port."""
    port = process.free_port("127.0.0.1")
    ready, said = os.pipe()
    env = stage.env(url, **{readiness.READY: str(said)})
    program = [sys.executable, "-m", *arguments, "--port", str(port)]
    started = subprocess.Popen(program, env=env, pass_fds=[said], cwd=ROOT)
    os.close(said)
    try:
        if not select.select([ready], [], [], 30)[0] or not os.read(ready, 16):
            raise RuntimeError("the server did not get ready")
        wait(lambda: not process.can_bind("127.0.0.1", port), 10)
        yield port
    finally:
        os.close(ready)
        started.send_signal(signal.SIGTERM)
        started.wait(20)


async def main(seconds: float, rounds: int) -> None:
    """Interleaved rounds."""
    requests = [post("/api/v1/complaints", msgspec.json.encode(data)) for data in texts()]

    def request(number: int) -> bytes:
        return requests[number % len(requests)]

    ratios, bares, fulls = [], [], []
    async with Stage() as stage:
        for _ in range(rounds):
            url = await stage.database("bench")
            owner = await asyncpg.connect(stage.pg.url(postgres.OWNER, "bench"))
            await owner.execute(BARE)
            await owner.close()
            with server(stage, url, ["tests.bench.bare_handler"]) as port:
                bare = await storm(port, request, 32, seconds)
            with server(stage, url, ["huiyin", "web"]) as port:
                full = await storm(port, request, 32, seconds)
            ratios.append(full["rate"] / bare["rate"])
            bares.append(bare["rate"])
            fulls.append(full["rate"])
            say(bench="http-round", bare=bare, full=full)
    say(
        bench="http",
        connections=32,
        rounds=rounds,
        bare_per_s=round(median(bares)),
        full_per_s=round(median(fulls)),
        ratio=median(ratios),
        ratio_spread=spread(ratios),
    )


BARE = """
CREATE SCHEMA bare;
CREATE TABLE bare.complaint (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text, text text,
    channel text, filed_at timestamptz);
GRANT USAGE ON SCHEMA bare TO huiyin_app;
GRANT INSERT ON bare.complaint TO huiyin_app;
"""

if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rounds", type=int, default=5)
    said = options.parse_args()
    uvloop.run(main(said.seconds, said.rounds))
