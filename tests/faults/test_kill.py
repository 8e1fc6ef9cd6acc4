"""kill -9 of our own processes at every named point of a batch (RELIABILITY A1, A5)."""

import signal
import time

import pytest

from huiyin import faults
from tests.faults.house import House, feed, until
from tests.faults.invariants import invariants

pytestmark = pytest.mark.fault

ACK_WAIT = 2.0
RESUMED = 35.0


@pytest.mark.parametrize("point", faults.POINTS)
async def test_killed_at(house: House, point: str) -> None:
    """Whoever dies there loses nothing and does nothing twice; the next one goes on."""
    here = await house(ack_wait=ACK_WAIT)
    await here.publish(feed(range(1_200)))
    doomed = here.consume(kill_at=f"{point}:2")
    heir = here.consume(wait=True)
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL
    before, died = await here.count("inbox"), time.monotonic()
    heir.go()
    if before < 1_200:

        async def resumed():
            return await here.count("inbox") > before

        print(point, "left", before, "resumed after", round(await until(resumed, RESUMED), 2))
    await here.settled(30)
    print(point, "settled after", round(time.monotonic() - died, 2))
    assert (await invariants(here)).tickets == 1_200
