"""How long an ordinary complaint waits, receipt and ticket, alone and while one network floods the door.

`python -m tests.bench.flood [--seconds 20]`: a web process, the relay and the sorter, the shipped rates. The flood
comes from 127.0.0.2 over 32 connections as fast as it can, the ordinary ones from networks of their own, four a
second.
"""

import argparse
import asyncio
import json
import time

import asyncpg
import msgspec
import uvloop

from huiyin.core.receipt import read
from huiyin.engines import postgres
from tests.bench.http import server
from tests.bench.latency import start
from tests.bench.load import call, post
from tests.bench.stage import Stage, need_shared, say, texts


async def flood(port: int, requests: list[bytes], until: float) -> dict[int, int]:
    """Status → how often."""
    found: dict[int, int] = {}

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        while time.perf_counter() < until:
            status, _ = await call(reader, writer, requests[number % len(requests)])
            found[status] = found.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(client(i) for i in range(32)))
    return found


async def ordinary(
    port: int, requests: list[bytes], until: float, network: int, rate: float = 4
) -> tuple[list[float], list[int], int]:
    """Seconds until the receipt, the receipts, and how many had to be sent again."""
    took: list[float] = []
    receipts: list[int] = []
    again = 0
    while time.perf_counter() < until:
        here = (f"127.4.{network}.{len(took) % 250 + 1}", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=here)
        begun = time.perf_counter()
        status, body = await call(reader, writer, requests[len(took) % len(requests)])
        took.append(time.perf_counter() - begun)
        writer.close()
        if status != 201:
            again += 1
            continue
        receipts.append(read(json.loads(body)["receipt"]) or 0)
        await asyncio.sleep(max(0.0, 1 / rate - took[-1]))
    return took, receipts, again


async def _until_tickets(owner: asyncpg.Connection, wanted: list[int]) -> list[float]:
    """Seconds from the doorstep to the ticket's commit, by PostgreSQL's own clock."""
    query = (
        "SELECT extract(epoch FROM pg_xact_commit_timestamp(i.xmin) - pg_xact_commit_timestamp(d.xmin)) AS waited"
        " FROM doorstep d JOIN inbox i USING (source, event_id) WHERE d.receipt = ANY($1) AND i.id <> ''"
    )
    for _ in range(150):
        rows = await owner.fetch(query, wanted)
        if len(rows) == len(wanted):
            return [float(row["waited"]) for row in rows]
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{len(wanted) - len(rows)} never became tickets")


def spread(values: list[float]) -> dict[str, float]:
    values.sort()
    at = {name: values[min(len(values) - 1, int(len(values) * part))] for name, part in (("p50", 0.5), ("p99", 0.99))}
    return {name: round(value * 1000, 1) for name, value in at.items()} | {"max": round(values[-1] * 1000, 1)}


async def main(seconds: float) -> None:
    """Alone first, then in the flood."""
    requests = [post("/api/v1/complaints", msgspec.json.encode(data)) for data in texts()]
    async with Stage("track_commit_timestamp = on") as stage:
        url = await stage.database("bench")
        owner = await asyncpg.connect(stage.pg.url(postgres.OWNER, "bench"))
        consumers = start(stage, url, "sorter", "relay")
        try:
            with server(stage, url, ["huiyin", "web"]) as port:
                for name, flooded in (("alone", False), ("flooded", True)):
                    end = time.perf_counter() + seconds
                    storm = asyncio.create_task(flood(port, requests, end)) if flooded else None
                    took, receipts, again = await ordinary(port, requests, end, int(flooded))
                    statuses = await storm if storm else {}
                    waits = await _until_tickets(owner, receipts)
                    left = await owner.fetchval("SELECT count(*) FROM vault.waiting")
                    rate = round(sum(statuses.values()) / seconds)
                    say(bench="flood", case=name, flood_per_s=rate, statuses=statuses, count=len(receipts), again=again,
                        receipt_ms=spread(took), ticket_ms=spread(waits), still_in_the_lane=left)  # fmt: skip
        finally:
            consumers.terminate()
            consumers.wait(20)
            await owner.close()


if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=20)
    uvloop.run(main(options.parse_args().seconds))
