"""PostgreSQL away: an honest 503 within two seconds, never a false receipt, and back within ten."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import asyncpg
import pytest

from huiyin.core import receipt as receipts
from huiyin.engines import postgres, process
from huiyin.engines.postgres import Postgres
from huiyin.store import migrate
from tests.web.conftest import NOWHERE, Site, ready, running, until

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Postgres]:
    """A PostgreSQL that tests may kill."""
    engine = Postgres(tmp_path_factory.mktemp("own"))
    engine.begin()
    engine.finish()
    engine.spawn()
    assert process.until(engine.is_ready, 30)
    await migrate.upgrade(engine.url(postgres.OWNER))
    yield engine
    assert engine.running is not None
    assert process.stop(engine.running, signal.SIGINT, 10)


async def file(site: Site, text: str, key: str | None = None) -> tuple[int, float, Any]:
    began = monotonic()
    headers = {"Idempotency-Key": key} if key else {}
    answer = await site.http.post("/api/v1/complaints", json={"text": text}, headers=headers)
    return answer.status_code, monotonic() - began, answer.json()


def family(engine: Postgres) -> list[int]:
    """The server and its children, the server first."""
    assert engine.running is not None
    first = int((engine.cluster / "postmaster.pid").read_text().split()[0])
    import psutil

    found = {first, engine.running.pid}
    for pid in list(found):
        found |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
    return sorted(found)


async def kept(engine: Postgres) -> set[int]:
    async def connect() -> Any:
        try:
            return await asyncpg.connect(engine.url(postgres.OWNER))
        except (OSError, asyncpg.PostgresError):
            return None

    connection = await until(connect)
    rows = await connection.fetch("SELECT receipt FROM doorstep")
    await connection.close()
    return {row[0] for row in rows}


async def test_killed_and_back(own: Postgres) -> None:
    async with running(own.url(postgres.APP), NOWHERE) as site:
        await ready(site)
        given: set[int] = set()
        stop = asyncio.Event()
        late: list[float] = []

        async def keep_filing(who: int) -> None:
            i = 0
            while not stop.is_set():
                status, took, body = await file(site, f"{who} {i}")
                late.append(took)
                assert status in (201, 503), body
                if status == 201:
                    given.add(receipts.read(body["receipt"]) or 0)
                else:
                    assert body["code"] == "database-away"
                    await asyncio.sleep(0)
                i += 1

        filers = [asyncio.create_task(keep_filing(i)) for i in range(8)]

        async def some() -> bool:
            return len(given) > 50

        await until(some)
        for pid in family(own):
            os.kill(pid, signal.SIGKILL)
        assert own.running is not None
        process.reap(own.running, 5)

        async def refused() -> bool:
            return (await file(site, "x"))[0] == 503

        await until(refused, 3)
        own.again()

        async def up() -> bool:
            return own.is_ready()

        await until(up, 30)  # beside the loop's other work: the server and who files are in it, and are timed
        back = monotonic()
        before = len(given)

        async def more() -> bool:
            return len(given) > before

        await until(more, 10)
        assert monotonic() - back < 10
        stop.set()
        await asyncio.gather(*filers)
        assert max(late) < 3  # two are the house's; the server, who files and this test share one loop
        assert given <= await kept(own)


async def test_frozen(own: Postgres) -> None:
    """A server that answers nothing at all: reads and writes both end in time, the breaker is quick."""
    async with running(own.url(postgres.APP), NOWHERE) as site:
        await ready(site)
        frozen = family(own)
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            first, reading = await asyncio.gather(
                file(site, "x", "frozen"), site.http.get(f"/api/v1/complaints/{receipts.show(7)}")
            )
            assert (first[0], reading.status_code) == (503, 503)
            assert first[1] < 2
            assert first[2]["code"] == reading.json()["code"] == "database-away"
            assert reading.headers["Retry-After"] == "2"

            async def quick() -> bool:
                status, took, _ = await file(site, "y")
                return status == 503 and took < 0.1

            await until(quick)
            assert (await site.http.get("/healthz")).status_code == 200
            assert (await site.http.get("/readyz")).status_code == 503
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)

        async def accepted() -> Any:
            status, _, body = await file(site, "x", "frozen")
            return status == 201 and body

        body = await until(accepted, 10)
        assert receipts.read(body["receipt"]) in await kept(own)
        await ready(site)


async def test_away_from_the_start(own: Postgres) -> None:
    assert own.running is not None
    process.stop(own.running, signal.SIGINT, 10)
    async with running(own.url(postgres.APP), NOWHERE) as site:
        status, took, body = await file(site, "x")
        assert (status, body["code"]) == (503, "database-away")
        assert took < 2
        own.again()
        assert process.until(own.is_ready, 30)
        await ready(site)
        assert (await file(site, "x"))[0] == 201
