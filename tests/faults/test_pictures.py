"""kill -9 while complaints with pictures come in and become tickets: none is lost, none is there twice."""

import asyncio
import signal
from itertools import count

import httpx
import pytest

from tests.faults.house import House, Move, complaint, until
from tests.faults.invariants import invariants
from tests.web import shots

pytestmark = pytest.mark.fault

MANY = 6
SAME = (shots.jpeg((64, 48)), shots.jpeg((48, 64)))
NAMED = (
    "SELECT id, p ->> 'dossier' AS ref FROM log,"
    " jsonb_path_query(convert_from(body, 'UTF8')::jsonb, '$.data.pictures[*]') p WHERE step = 'ticket.pictured.v1'"
)
# What lies there that no ticket has, and what a ticket has that does not lie there.
ASTRAY = f"SELECT 1 FROM ({NAMED}) n FULL JOIN vault.pictures v USING (ref) WHERE n.ref IS NULL OR v.ref IS NULL"


async def file(http: httpx.AsyncClient, n: int) -> str:
    answer = await shots.send(http, "/file", {"text": complaint(n).text, "key": f"page-{n}"}, SAME)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).split("?")[0]


async def whole(here: House, tickets: int) -> None:
    """Each ticket has its two pictures, each once; nothing lies astray; the record is whole."""
    found = await here.sql(NAMED)
    assert len({row["id"] for row in found}) == tickets
    assert len({row["ref"] for row in found}) == len(found) == 2 * tickets
    assert await here.sql(ASTRAY) == []
    assert (await invariants(here)).tickets == tickets


@pytest.mark.parametrize("point", ["desk.begun", "desk.before-commit", "desk.after-commit", "sorter.before-ack"])
async def test_the_sorter_is_killed(house: Move, point: str) -> None:
    here = await house(ack_wait=1.0)
    here.consume("relay")
    await here.web().ready()
    doomed = here.consume("sorter", kill_at=point)
    async with httpx.AsyncClient(base_url=here.web_url, timeout=30, verify=False) as http:
        receipts = [await file(http, n) for n in range(MANY)]
        await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
        assert doomed.ended() == -signal.SIGKILL
        here.consume("sorter")

        async def sorted_() -> bool:
            return await here.count("tickets") == MANY

        await until(sorted_, 40, "every complaint is a ticket")
        assert [await file(http, n) for n in range(MANY)] == receipts
    await here.settled(30)
    await whole(here, MANY)


async def test_the_window_is_killed(house: Move) -> None:
    """In the middle of forms that come in: whoever has a receipt has their pictures; whoever tries again has one
    complaint."""
    here = await house()
    here.consume("relay", "sorter")
    doomed = here.web()
    await doomed.ready()
    given: dict[int, str] = {}
    numbers = count()

    async def resident() -> None:
        async with httpx.AsyncClient(base_url=here.web_url, timeout=30, verify=False) as http:
            for n in numbers:
                try:
                    given[n] = await file(http, n)
                except httpx.TransportError:
                    return

    async with asyncio.TaskGroup() as residents:
        for _ in range(3):
            residents.create_task(resident())
        await until(lambda: len(given) >= MANY, 60, "some have their receipts")
        doomed.kill()
    begun = next(numbers)
    await here.web().ready()
    async with httpx.AsyncClient(base_url=here.web_url, timeout=30, verify=False) as http:
        again = {n: await file(http, n) for n in range(begun)}
    assert given.items() <= again.items()

    async def sorted_() -> bool:
        return await here.count("tickets") == begun

    await until(sorted_, 40, "every complaint is a ticket")
    await here.settled(30)
    await whole(here, begun)
