"""Engines of their own for the fault tests: these are killed, so nobody else's may be."""

from collections.abc import AsyncIterator

import pytest

from tests.faults.house import House, Move
from tests.ground import ground


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[House]:
    """PostgreSQL and NATS on fixed ports; `house` for a fresh database and streams."""
    with ground() as folder:
        house = House(folder)
        await house.build()
        yield house
        house.tear_down()


@pytest.fixture
async def house(engines: House) -> AsyncIterator[Move]:
    """`await house(ack_wait=…)` moves in; afterwards no process of the test is left."""
    moved: list[House] = []

    async def move(**options: float) -> House:
        await engines.settle_in(**options)
        moved.append(engines)
        return engines

    yield move
    for one in moved:
        await one.leave()
