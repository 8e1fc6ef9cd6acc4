"""The relay's mark and the stream disagree (RELIABILITY A2, E): what is missing there is published, in its order."""

import pytest

from huiyin.bus import streams
from tests.faults.house import House, Move, feed, until
from tests.faults.invariants import invariants

pytestmark = pytest.mark.fault


async def _rows(here: House) -> int:
    return await here.count("log")


async def _stored(here: House) -> int:
    return (await here.nc.jetstream().stream_info(streams.EVENTS)).state.messages


async def _published(here: House) -> None:
    async def same() -> bool:
        return await _stored(here) == await _rows(here)

    await until(same, 20, "the stream has every row")


async def test_a_stream_that_was_lost_is_filled_again(house: Move) -> None:
    """A bus made anew has no event; the log has them all."""
    here = await house()
    both = here.consume()
    await here.publish(feed(range(300)))
    await here.settled(30)
    both.kill()
    await here.nc.jetstream().delete_stream(streams.EVENTS)
    here.consume()
    await until(lambda: _exists(here), 20, "the stream is made anew")
    await _published(here)
    assert (await invariants(here)).tickets == 300


async def _exists(here: House) -> bool:
    return streams.EVENTS in [one.config.name for one in await here.nc.jetstream().streams_info()]


async def test_a_mark_ahead_of_the_stream_goes_back(house: Move) -> None:
    """The stream lost its tail, or the mark was moved over a row that is not there: the stream is believed."""
    here = await house()
    relay = here.consume("relay")
    sorter = here.consume("sorter")
    await here.publish(feed(range(50)))
    await here.settled(30)
    relay.kill()
    await here.publish(feed(range(50, 120)))
    await until(here.caught_up, 30, "sorted with nobody to publish it")
    await here.sql("UPDATE cursors SET (xid, seq) = (SELECT xid, seq FROM log ORDER BY xid DESC, seq DESC LIMIT 1)")
    assert await _stored(here) < await _rows(here)
    here.consume("relay")
    await _published(here)
    assert (await invariants(here)).tickets == 120
    assert sorter.ended() is None


async def test_another_hand_on_the_stream_stops_nothing(house: Move) -> None:
    """Somebody else's event between ours: the relay looks where the stream ends, and goes on behind it."""
    here = await house()
    here.consume()
    await here.publish(feed(range(50)))
    await here.settled(30)
    alien = {"Nats-Msg-Id": "alien-1-1"}
    await here.nc.jetstream().publish("huiyin.event.alien.seen.-", b"{}", headers=alien)
    await here.publish(feed(range(50, 100)))
    await here.settled(30)
    assert await _stored(here) == await _rows(here) + 1
