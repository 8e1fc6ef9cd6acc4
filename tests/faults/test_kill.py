"""kill -9 of our own processes at every named point of a batch (RELIABILITY A1, A5)."""

import signal
import time

import pytest

from huiyin import faults
from tests.faults.house import Move, feed, until
from tests.faults.invariants import invariants

pytestmark = pytest.mark.fault

ACK_WAIT = 2.0
ACKS_LOST = 9  # one more than a message is tried
RESUMED = 35.0  # RELIABILITY 8: worker death
# Those of the way of a complaint; whistles and departments have fault tests of their own.
POINTS = [one for one in faults.POINTS if one.split(".")[0] in ("sorter", "desk", "relay", "tallies")]


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at(house: Move, point: str) -> None:
    """Whoever dies there loses nothing and does nothing twice; the next one goes on."""
    here = await house(ack_wait=ACK_WAIT)
    await here.publish(feed(range(1_200)))
    names = ("sorter", "relay", *(["tallies"] if point.startswith("tallies") else []))
    doomed, heir = here.consume(*names, kill_at=f"{point}:2"), here.consume(*names, wait=True)
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL
    before, died = await here.count("inbox"), time.monotonic()
    heir.go()

    async def resumed() -> bool:
        return await here.count("inbox") > before

    if before < 1_200:
        await until(resumed, RESUMED, "work goes on")
    print(f"{before} were placed; the rest {time.monotonic() - died:.1f} s after")
    await here.settled(30)
    assert (await invariants(here)).tickets == 1_200
    assert heir.ended() is None


async def test_an_ack_that_is_lost_again_and_again(house: Move) -> None:
    """A ticket that exists is no dead letter, however often its message comes back."""
    here = await house(ack_wait=0.3)
    await here.publish(feed(range(20)))
    relay = here.consume("relay")
    doomed = [here.consume("sorter", wait=True, kill_at="sorter.before-ack") for _ in range(ACKS_LOST)]
    for one in doomed:
        one.go()
        await until(lambda one=one: one.ended() is not None, 30, "it dies before its acks")
    here.consume("sorter")
    await here.settled(30)
    facts = await invariants(here)
    assert (facts.tickets, facts.letters) == (20, 0)
    assert relay.ended() is None


@pytest.mark.parametrize("point", ["relay.before-publish", "relay.after-publish", "relay.after-mark"])
async def test_a_relay_that_comes_back_late(house: Move, point: str) -> None:
    """NATS has forgotten the message ids by then (shipped: two minutes; here: a tenth of a second)."""
    here = await house(ack_wait=ACK_WAIT, window=0.1)
    doomed, heir = here.consume("relay", kill_at=f"{point}:2"), here.consume("relay", wait=True)
    await doomed.ready()
    worker = here.consume("sorter")
    await here.publish(feed(range(700)))
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    forgotten = time.monotonic() + 0.5
    await until(lambda: time.monotonic() > forgotten, 5, "the window has passed")
    heir.go()
    await here.settled(30)
    assert (await invariants(here)).tickets == 700
    assert worker.ended() is None


async def test_told_to_go_with_work_in_flight(house: Move) -> None:
    """A rolling restart: gone within ten seconds, what was begun is finished, what was not is given back at once."""
    here = await house()  # re-deliveries after 30 s would miss the deadline below
    first, second = here.consume("sorter"), here.consume("sorter", wait=True)
    here.consume("relay")
    await here.publish(feed(range(4_000)))

    async def begun() -> bool:
        return await here.count("inbox") > 0

    await until(begun, 30, "work is under way", every=0.001)
    took = await first.terminate()
    assert first.ended() == 0
    left = 4_000 - await here.count("inbox")
    second.go()
    settled = await here.settled(25)
    info = await here.nc.jetstream().consumer_info("INTAKE", "sorter")
    again = info.delivered.consumer_seq - info.delivered.stream_seq
    print(f"gone in {took:.1f} s with {left} left; {again} given back; settled {settled:.1f} s later")
    assert left > 0, "it was told to go too late to prove anything"
    assert again <= 1_500 + 2 * 500
    assert (await invariants(here)).tickets == 4_000
