"""kill -9 of nats-server under load (RELIABILITY A2), duplicates and re-deliveries (C3, D1)."""

import asyncio
import itertools
import time

import httpx
import msgspec
import pytest

from tests.faults.house import House, Move, complaint, feed, until
from tests.faults.invariants import invariants

pytestmark = pytest.mark.fault

KILLS = 4
PACE = 0.02  # seconds that a resident rests between two complaints: load, not a wait


class Residents:
    """People who file over HTTP all the time, one after the other, and ask again with the same key."""

    def __init__(self, house: House, first: int = 100_000) -> None:
        self.house = house
        self.numbers = itertools.count(first)
        self.answers: list[tuple[int, float]] = []  # status (0: none at all) and seconds
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def come(self, people: int = 3) -> None:
        self._tasks = [asyncio.create_task(self._file()) for _ in range(people)]

    async def go(self) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)

    @property
    def accepted(self) -> int:
        return sum(status == 201 for status, _ in self.answers)

    @property
    def refused(self) -> int:
        return sum(status == 503 for status, _ in self.answers)

    async def _file(self) -> None:
        async with httpx.AsyncClient(base_url=self.house.web_url, timeout=10, trust_env=False, verify=False) as client:
            while not self._stop.is_set():
                await self._one(client, next(self.numbers))
                await asyncio.sleep(PACE)

    async def _one(self, client: httpx.AsyncClient, n: int) -> None:
        body, key = msgspec.json.encode(complaint(n)), f"key-{n}"
        receipts = set()
        for _ in range(2):
            began = time.monotonic()
            answer = await client.post("/api/v1/complaints", content=body, headers={"Idempotency-Key": key})
            self.answers.append((answer.status_code, time.monotonic() - began))
            if answer.status_code == 201:
                receipts.add(answer.json()["receipt"])
                self.house.accepted.receipts[key] = answer.json()["receipt"]
        assert len(receipts) <= 1, "the same key and words gave two receipts"


async def open_the_window(here: House) -> Residents:
    """The web, ready for residents."""
    web = here.web()
    await web.ready()
    residents = Residents(here)

    async def answers() -> bool:
        async with httpx.AsyncClient(base_url=here.web_url, trust_env=False, verify=False) as client:
            return (await client.get("/readyz")).status_code == 200

    await until(answers, 10, "the web is ready")
    return residents


async def test_nats_is_killed_again_and_again(house: Move) -> None:
    """Partners and residents go on filing: HTTP never refuses, and afterwards everything is a ticket."""
    here = await house(ack_wait=5)
    worker = here.consume()
    residents = await open_the_window(here)
    await worker.ready()
    residents.come()
    gaps = []
    for kill in range(KILLS):
        before = residents.accepted
        filing = asyncio.create_task(here.publish(feed(range(kill * 1_000, kill * 1_000 + 1_000))))
        placed = await here.count("inbox")

        async def moved(since: int = placed) -> bool:
            return await here.count("inbox") > since

        await until(moved, 30, "work is under way")
        here.kill_nats()
        down = residents.accepted
        await until(lambda down=down: residents.accepted > down + 10, 10, "residents are served without NATS")
        await here.nats_again()
        await filing
        gaps.append(await until(here.caught_up, 30, "work goes on", every=0.05))
        assert residents.accepted > before
    await residents.go()
    await here.settled(30)
    print(f"{KILLS} kills; caught up after {[round(gap, 1) for gap in gaps]} s; {residents.accepted} receipts")
    assert {status for status, _ in residents.answers} == {201}
    facts = await invariants(here)
    assert facts.tickets == KILLS * 1_000 + len(here.accepted.receipts)
    assert facts.letters == 0
    assert worker.ended() is None


async def test_duplicates_and_redeliveries(house: Move) -> None:
    """5,000 events, a tenth of them twice under another message id, two sorters that answer too late: 5,000 tickets."""
    here = await house(ack_wait=0.3)
    workers = [here.consume("sorter"), here.consume("sorter"), here.consume("relay")]
    for worker in workers:
        await worker.ready()
    await here.publish(feed(range(5_000)))
    took = await here.settled(60)
    info = await here.nc.jetstream().consumer_info("INTAKE", "sorter")
    print(f"settled in {took:.1f} s; {info.delivered.consumer_seq} deliveries of {info.delivered.stream_seq} messages")
    assert info.delivered.consumer_seq > info.delivered.stream_seq, "the control saw no re-delivery"
    facts = await invariants(here)
    assert (facts.tickets, facts.letters, facts.stream) == (5_000, 0, 5_500)
    assert all(worker.ended() is None for worker in workers)
