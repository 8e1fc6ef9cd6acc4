"""Memory: a room that has closed is let go, with its rulebook and its connections; what many ask for is kept once."""

import gc
from weakref import ref

import asyncpg

from huiyin.core.registry import Registry
from huiyin.web.room import Room
from tests.conftest import Bus, Database
from tests.web.conftest import People, Site, ready, running


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


async def test_of_registries_that_were_nothing_is_kept(
    site: Site, city: None, people: People, admin: asyncpg.Connection
) -> None:
    """What pages work out of a registry once is worked out of the newest: an import takes the place of the last."""
    looks = {
        ("auditor", "all"): ("/review", "/screen", "/admin/posts", "/whistles/report"),
        ("community", "community:990101001001"): ("/screen", "/whistles/new", "/sorting"),
        ("grid_worker", "grid:990101001001001"): ("/patrol", "/desk"),
    }
    heads = {one: await people.make(*one) for one in looks}
    kept = []
    for version in ("one", "two", "three", "four"):
        await admin.execute("UPDATE registry_version SET version = $1", version)
        for who, paths in looks.items():
            for path in paths:
                answer = await site.http.get(path, headers=heads[who] | {"Accept": "text/html"})
                assert answer.status_code == 200, path
        gc.collect()
        kept.append(sum(isinstance(one, Registry) for one in gc.get_objects()))
    assert kept[1:] == [kept[1]] * 3, kept
