"""The consume loop's hands: whatever has arrived at once, a lone message without waiting, the rest given back."""

import asyncio

import nats as nats_py
import pytest

from huiyin.bus import streams
from huiyin.bus.consume import Pull, Say, answer
from tests.conftest import Bus

DURABLE = "test"


async def pulling(nats: Bus, count: int) -> tuple[nats_py.NATS, Pull]:
    """A connection with `count` complaints on the stream and a pull that has begun."""
    nc = await streams.connect(nats.url, "test")
    for number in range(count):
        await nc.jetstream().publish(streams.INTAKE_SUBJECT, str(number).encode())
    await streams.ensure_durable(nc.jetstream(), streams.INTAKE, DURABLE, streams.INTAKE_SUBJECT)
    pull = Pull(nc, streams.INTAKE, DURABLE)
    await pull.start()
    return nc, pull


async def test_a_lone_message_does_not_wait_for_company(nats: Bus) -> None:
    nc, pull = await pulling(nats, 0)
    taking = asyncio.ensure_future(pull.take(500))
    await asyncio.wait({taking}, timeout=0.1)
    assert not taking.done()
    await nc.jetstream().publish(streams.INTAKE_SUBJECT, b"alone")
    async with asyncio.timeout(1):
        assert [msg.data for msg in await taking] == [b"alone"]
    await nc.close()


async def test_a_crowd_is_taken_in_order_and_never_more_than_asked(nats: Bus) -> None:
    nc, pull = await pulling(nats, 25)
    seen: list[bytes] = []
    async with asyncio.timeout(5):
        while len(seen) < 25:
            batch = await pull.take(10)
            assert 1 <= len(batch) <= 10
            seen += [msg.data for msg in batch]
            await answer(nc, batch, [Say.DONE] * len(batch))
    assert seen == [str(number).encode() for number in range(25)]
    await nc.close()


@pytest.mark.parametrize("begun", [1, 10])
async def test_what_was_not_begun_is_given_back_at_once(nats: Bus, begun: int) -> None:
    nc, pull = await pulling(nats, 12)
    async with asyncio.timeout(5):
        batch = await pull.take(begun)
        while len(batch) + len(pull._buffer) < 12:  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)
    await answer(nc, batch, [Say.DONE] * len(batch))
    await pull.release()
    await nc.close()
    other, again = await pulling(nats, 0)
    rest: set[bytes] = set()
    async with asyncio.timeout(5):  # far less than ack_wait
        while len(rest) < 12 - len(batch):
            rest |= {msg.data for msg in await again.take(500)}
    assert len(rest) == 12 - len(batch)
    await other.close()
