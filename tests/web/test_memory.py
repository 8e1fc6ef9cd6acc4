"""Memory: a room that has closed is let go, with its rulebook and its connections; what many ask for is kept once."""

import gc
from weakref import ref

from huiyin.web.room import Room
from tests.conftest import Bus, Database
from tests.web.conftest import ready, running


async def test_a_room_that_closed_is_let_go(database: Database, nats: Bus) -> None:
    """A process of tests opens hundreds: nothing in it may keep them, nor be told that garbage is for ever."""
    left: list[ref[Room]] = []
    for _ in range(2):  # the first may wait for the next one where somebody keeps the newest
        async with running(database.url, nats.url, database.vault_url) as site:
            await ready(site)
            assert (await site.http.get("/board")).status_code == 200
            left.append(ref(site.room))
        del site
    gc.collect()
    assert left[0]() is None
