"""The yardstick: fetch(500) → msgspec decode → COPY of one ticket row and two log rows → commit → ack; no logic."""

import asyncio
import gc
import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime

import asyncpg
import msgspec
import nats
import uvloop
from nats.errors import TimeoutError as NoMessages

from huiyin import readiness
from huiyin.bus import streams
from huiyin.bus.consume import Pull, mark
from huiyin.bus.envelope import FiledEvent

BATCH = 500
SCHEMA = """
CREATE SCHEMA IF NOT EXISTS bare;
CREATE TABLE bare.ticket (id bigint PRIMARY KEY, source text, event_id text, channel text, title text, text text,
    filed_at timestamptz, state text, grid text, due_at timestamptz, UNIQUE (source, event_id));
CREATE INDEX ON bare.ticket (due_at) WHERE state <> 'closed';
CREATE INDEX ON bare.ticket (grid, state);
CREATE TABLE bare.log (id bigint, seq integer, step text, at timestamptz, body bytea, PRIMARY KEY (id, seq));
GRANT USAGE ON SCHEMA bare TO huiyin_app;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA bare TO huiyin_app;
"""
_decode = msgspec.json.Decoder(FiledEvent).decode
_BODY = b"x" * 300


def rows(messages: list[nats.aio.msg.Msg]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """One ticket row and two log rows a message."""
    now = datetime.now(UTC)
    tickets, log = [], []
    for msg in messages:
        event = _decode(msg.data)
        data = event.data
        ident = mark(msg.reply).stream_seq
        tickets.append(
            (ident, event.source, event.id, data.channel, data.title, data.text, data.filed_at, "open", "g", now)
        )
        log.append((ident, 1, "filed", now, _BODY))
        log.append((ident, 2, "sorted", now, _BODY))
    return tickets, log


async def store(connection: asyncpg.Connection, messages: list[nats.aio.msg.Msg]) -> None:
    """One transaction a batch."""
    tickets, log = rows(messages)
    async with connection.transaction():
        await connection.copy_records_to_table("ticket", schema_name="bare", records=tickets)
        await connection.copy_records_to_table("log", schema_name="bare", records=log)


async def main(durable: str, how: str) -> None:
    """`how`: fetch (nats-py's own) or pull (this project's loop on nats-py)."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    nc = await nats.connect(os.environ["HUIYIN_NATS_URL"], inbox_prefix=streams.INBOX_PREFIX.encode())
    connection = await asyncpg.connect(os.environ["HUIYIN_DATABASE_URL"])
    gc.collect()
    gc.freeze()
    gc.disable()
    js = nc.jetstream()
    if how == "fetch":
        sub = await js.pull_subscribe_bind(durable, streams.INTAKE)
        readiness.announce()
        while not stop.is_set():
            with suppress(NoMessages, TimeoutError):
                messages = await sub.fetch(BATCH, timeout=1)
                await store(connection, messages)
                for msg in messages:
                    await msg.ack()
    else:
        pull = Pull(nc, streams.INTAKE, durable)
        await pull.start()
        readiness.announce()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)  # it waits without an end
        while True:
            messages = await pull.take(BATCH)
            await store(connection, messages)
            for msg in messages:
                await msg.ack()
    await nc.close()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2]))
