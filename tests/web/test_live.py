"""The live page: told within two seconds of what one may see, of what leaves one's sight, never of anything else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from huiyin.core.people import Viewer, scope
from huiyin.web.live import Mediations, Whistles
from tests.core.world import sorting, spot
from tests.web.conftest import Filer, People, Site

pytestmark = pytest.mark.usefixtures("city")


def viewer(role: str, seen: str, post: str) -> Viewer:
    return msgspec.structs.replace(Viewer("x", "street", post, scope(seen)), role=role)


class Ear:
    """One open page of a viewer; `heard` are the numbers that it was told."""

    def __init__(self, site: Site, who: Viewer, shown: list[str], whistles: Whistles, mediations: Mediations) -> None:
        self._stream = site.room.live.listen(site.room.sight(who), shown, whistles, mediations)

    async def ready(self) -> None:
        assert await anext(self._stream) == []

    async def heard(self) -> list[str]:
        async with asyncio.timeout(5):
            while not (numbers := await anext(self._stream)):
                pass
        return numbers

    async def close(self) -> None:
        await self._stream.aclose()  # type: ignore[attr-defined]


@asynccontextmanager
async def listening(
    site: Site, who: Viewer, *shown: str, whistles: Whistles = "", mediations: Mediations = None
) -> AsyncIterator[Ear]:
    ear = Ear(site, who, list(shown), whistles, mediations)
    await ear.ready()
    yield ear
    await ear.close()


async def happen(site: Site, *numbers: str) -> None:
    """As the relay publishes it."""
    client = site.room.bell._client
    assert client is not None
    for number in numbers:
        ident = {"Nats-Msg-Id": f"ticket-{number}-2"}
        await client.publish("huiyin.event.ticket.signed.-", b"{}", headers=ident)
    await client.flush()


async def test_told_of_what_one_may_see_and_of_nothing_else(site: Site, filer: Filer) -> None:
    mine = await filer.file(sorting("C01"))
    other = await filer.file(sorting("C01", spot("E2", "E2-B01")))
    about = await filer.file(sorting("C01"), about="property")
    desk = viewer("property", "estate:E1", "property:E1")
    async with listening(site, desk) as ear:
        await happen(site, other, about, "HY999999999", mine)
        assert await ear.heard() == [mine]


async def test_told_when_what_was_shown_goes_out_of_sight(site: Site, filer: Filer, people: People) -> None:
    number = await filer.file(sorting("D01"))
    hidden = await filer.file(sorting("D01"))
    post = "property:E1"
    await site.room.write(lambda c: _stand(c, number, post))
    async with listening(site, viewer("property", f"post:{post}", post), number, hidden) as ear:
        await site.room.write(lambda c: _stand(c, number, "community:9"))
        await happen(site, hidden, number)
        assert await ear.heard() == [number]
        await site.room.write(lambda c: _stand(c, hidden, post))
        await happen(site, number, hidden)
        assert await ear.heard() == [hidden]  # told once that it went


async def _stand(connection: object, number: str, post: str) -> None:
    from sqlalchemy import text

    await connection.execute(text("UPDATE tickets SET post_code = :p WHERE number = :n"), {"p": post, "n": number})  # type: ignore[attr-defined]


async def test_over_http(site: Site, filer: Filer, people: People) -> None:
    number = await filer.file(sorting("D01", spot()))
    head = await people.make("street", "all")
    async with site.http.stream("GET", "/live", headers=head) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        async with asyncio.timeout(10):
            assert await anext(lines) == ": here"
            await happen(site, number)
            told = [line async for line in _until_data(lines)]
    assert told[-2:] == ["event: changed", f'data: ["{number}"]']


async def _until_data(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line.startswith("data: ["):
            return
