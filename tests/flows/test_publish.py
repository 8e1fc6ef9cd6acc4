"""What `publish_batch` promises: everything stored once and in order, whatever was there already."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig

from huiyin.bus import streams
from huiyin.bus.publish import Outgoing, Published, Rejected, Unsent, chunks, publish_batch
from huiyin.engines import process
from huiyin.engines.nats import Nats
from tests.conftest import Bus

SUBJECT = streams.INTAKE_SUBJECT


def outgoing(count: int, start: int = 0, size: int = 10) -> list[Outgoing]:
    """Messages numbered from `start`."""
    return [Outgoing(SUBJECT, f"{i}".encode().ljust(size), f"m{i}") for i in range(start, start + count)]


async def stored(nc: Client) -> list[int]:
    """The numbers on the intake stream, in its order."""
    js = nc.jetstream()
    count = (await js.stream_info(streams.INTAKE)).state.messages
    if count == 0:
        return []
    reading = ConsumerConfig(ack_policy=AckPolicy.NONE)
    sub = await js.pull_subscribe(SUBJECT, stream=streams.INTAKE, config=reading)
    found: list[int] = []
    while len(found) < count:
        found += [int(msg.data) for msg in await sub.fetch(500, timeout=5)]
    await sub.unsubscribe()
    return found


@pytest.fixture
async def nc(nats: Bus) -> AsyncIterator[Client]:
    """Our services' connection."""
    client = await streams.connect(nats.url, "test")
    yield client
    await client.close()


async def test_more_than_one_batch_keeps_the_order(nc: Client) -> None:
    assert await publish_batch(nc, outgoing(1_203)) == Published(1_203, 0)
    assert await stored(nc) == list(range(1_203))


async def test_one_and_none(nc: Client) -> None:
    assert await publish_batch(nc, []) == Published()
    assert await publish_batch(nc, outgoing(1)) == Published(1, 0)
    assert await publish_batch(nc, outgoing(1)) == Published(0, 1)
    assert await stored(nc) == [0]


async def test_a_duplicate_does_not_hold_up_its_neighbours(nc: Client) -> None:
    await publish_batch(nc, outgoing(3, start=10))
    assert await publish_batch(nc, outgoing(30)) == Published(27, 3)
    assert await stored(nc) == [10, 11, 12, *range(10), *range(13, 30)]


async def test_the_same_batch_again_stores_nothing(nc: Client) -> None:
    await publish_batch(nc, outgoing(600))
    assert await publish_batch(nc, outgoing(600)) == Published(0, 600)
    assert len(await stored(nc)) == 600


async def test_a_twin_inside_one_batch_is_stored_once(nc: Client) -> None:
    assert await publish_batch(nc, [*outgoing(5), *outgoing(1)]) == Published(5, 1)
    assert await stored(nc) == [0, 1, 2, 3, 4]


async def test_a_message_that_is_too_large_is_named_and_stops_what_follows(nc: Client) -> None:
    large = Outgoing(SUBJECT, b"7".ljust(600_000), "large")
    with pytest.raises(Rejected) as raised:
        await publish_batch(nc, [*outgoing(3), large, *outgoing(3, start=3)])
    assert raised.value.message is large
    assert await stored(nc) == [0, 1, 2]


async def test_a_message_beyond_the_protocol_is_named_too(nc: Client) -> None:
    large = Outgoing(SUBJECT, b"7".ljust(2_000_000), "large")
    with pytest.raises(Rejected):
        await publish_batch(nc, [large, *outgoing(1)])
    assert await stored(nc) == []


async def test_without_the_stream_it_gives_up_after_the_deadline(nc: Client) -> None:
    await nc.jetstream().delete_stream(streams.INTAKE)
    with pytest.raises(Unsent):
        await publish_batch(nc, outgoing(2), deadline=0.3)


async def test_a_stream_that_comes_late_is_waited_for(nc: Client) -> None:
    await nc.jetstream().delete_stream(streams.INTAKE)
    publishing = asyncio.ensure_future(publish_batch(nc, outgoing(2)))
    await streams.ensure(nc.jetstream())
    assert await publishing == Published(2, 0)


async def test_a_closed_connection_is_not_waited_for(nats: Bus) -> None:
    client = await streams.connect(nats.url, "test")
    await client.close()
    with pytest.raises(Unsent):
        await publish_batch(client, outgoing(2))


async def test_a_full_stream_is_waited_for(nc: Client) -> None:
    js = nc.jetstream()
    config = (await js.stream_info(streams.INTAKE)).config
    config.max_msgs = 3
    await js.update_stream(config)
    with pytest.raises(Unsent):
        await publish_batch(nc, outgoing(5), deadline=0.2)
    publishing = asyncio.ensure_future(publish_batch(nc, outgoing(5)))
    config.max_msgs = -1
    await js.update_stream(config)
    done = await publishing
    assert done.stored + done.duplicates == 5
    assert await stored(nc) == [0, 1, 2, 3, 4]


async def test_a_server_killed_in_between_loses_and_doubles_nothing(tmp_path: Path) -> None:
    engine = Nats(tmp_path)
    engine.begin()
    first = engine.spawn()
    assert await asyncio.to_thread(process.until, engine.is_ready, 30)
    client = await streams.connect(engine.url, "test")
    await streams.ensure(client.jetstream(), gib=0.1)
    publishing = asyncio.ensure_future(publish_batch(client, outgoing(20_000, size=500)))
    while (await client.jetstream().stream_info(streams.INTAKE)).state.messages < 2_000:
        assert not publishing.done()
    first.kill()
    first.wait()
    while client.is_connected:  # noqa: ASYNC110  # the client has no event for it
        await asyncio.sleep(0)
    with pytest.raises(Unsent):
        await publish_batch(client, outgoing(10, start=90_000), deadline=0.2)
    assert client.pending_data_size == 0  # nothing that would be sent later, behind our back
    second = engine.again()
    done = await publishing
    assert done.stored + done.duplicates == 20_000
    assert await stored(client) == list(range(20_000))
    await client.close()
    assert process.stop(second, signal.SIGTERM, 10)


def test_chunks_respect_both_bounds() -> None:
    assert [len(run) for run in chunks(outgoing(7), limit=3)] == [3, 3, 1]
    assert [len(run) for run in chunks(outgoing(4, size=744), size=2_000)] == [2, 2]
    assert [len(run) for run in chunks(outgoing(2, size=5_000), size=2_000)] == [1, 1]
