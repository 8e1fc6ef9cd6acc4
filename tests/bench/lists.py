"""Milliseconds of each list that a worker opens, a million open tickets in the table: p95, and the index it goes by.

`python -m tests.bench.lists [--open 1000000] [--times 200]` prints JSON lines; the lists take turns, each time for
another post of the city. Timed is what the database is asked for a page of fifty: which tickets, within what the
viewer may see (every post is held; interests in a case are looked for), and their log rows. To fold and show fifty is
the same for all lists and comes as a line of its own. Goal: p95 at most 50 ms.
"""

import argparse
import gc
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import uvloop
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin.core.ladder import LadderRules
from huiyin.core.people import Role, Viewer
from huiyin.core.people import scope as scope_of
from huiyin.core.sight import hidden, left_behind
from huiyin.core.ticket import Rules
from huiyin.engines import postgres
from huiyin.store import lists, log, tickets, worklists
from huiyin.store.database import connect, driver
from huiyin.store.sights import Sight
from tests.bench import million
from tests.bench.escalate import hold
from tests.bench.million import NAME
from tests.bench.stage import Stage, need_shared, say

PAGE = 50
Ask = Callable[[AsyncConnection], Awaitable[list[str]]]


def viewer(role: Role, post: str, scope: str) -> Viewer:
    """Whoever holds a post and nothing else, as `million` and `escalate.hold` name them."""
    return Viewer("bench", role, post, scope_of(scope), "p-" + post.split(":")[1], frozenset((post,)))


def sight(one: Viewer, ladder: LadderRules) -> Sight:
    """As `web.room` makes it."""
    seen = hidden(one.role, one.organisations, ladder)
    mine, left = tuple(sorted(one.organisations)), left_behind(one.role) or ""
    return Sight(one.scope.kind, one.scope.code, seen, one.person, mine, one.post, left)


class Workers:
    """Somebody else each time."""

    def __init__(self, rules: Rules, words: Counter[str]) -> None:
        self._rules, self._chance = rules, random.Random(11)
        ranked = [word for word, _ in words.most_common()]
        self._words = {"common": ranked[:20], "rare": ranked[-200:], "absent": ["渔船龙骨"]}

    def lists(self) -> dict[str, Ask]:
        """One opening of each list."""
        known = self._rules.registry
        one = self._chance.choice
        grid, estate = one(list(known.grids)), one(list(known.estates))
        community, street = known.grids[grid].community_code, one(list(known.streets))
        building = one(list(known.buildings))
        staff = {
            "building leader": viewer("building_leader", f"building_leader:{building}", f"building:{building}"),
            "property": viewer("property", f"property:{estate}", f"estate:{estate}"),
            "grid": viewer("grid_worker", f"grid:{grid}", f"grid:{grid}"),
            "community": viewer("community", f"community:{community}", f"community:{community}"),
            "street": viewer("street", f"street:{street}", f"street:{street}"),
        }
        made = {f"desk of {name}": self._desk(who) for name, who in staff.items()}
        made |= {f"tickets of {name}": self._page(who) for name, who in staff.items()}
        for name in ("community", "street"):
            made[f"overdue of {name}"] = self._page(staff[name], overdue=True)
            made[f"supervised of {name}"] = self._supervised(staff[name])
            for kind, some in self._words.items():
                made[f"search of {name}, {kind} word"] = self._search(staff[name], one(some))
        return made

    def _desk(self, who: Viewer) -> Ask:
        ladder = self._rules.ladder
        prefix, _, code = who.post.partition(":")
        rungs = tuple(rung for rung, prefixes in ladder.assist.items() if prefix in prefixes)
        helped = (code, rungs) if rungs else ("", ())

        async def ask(connection: AsyncConnection) -> list[str]:
            found = await worklists.desk(connection, sight(who, ladder), helped, None, PAGE)
            return [place.number for place in found]

        return ask

    def _supervised(self, who: Viewer) -> Ask:
        async def ask(connection: AsyncConnection) -> list[str]:
            return await worklists.supervised(connection, sight(who, self._rules.ladder), "", PAGE)

        return ask

    def _page(self, who: Viewer, **wanted: Any) -> Ask:
        async def ask(connection: AsyncConnection) -> list[str]:
            seen, now = sight(who, self._rules.ladder), datetime.now(UTC)
            return (await lists.page(connection, seen, wanted, before=None, limit=PAGE, at=now)).numbers

        return ask

    def _search(self, who: Viewer, word: str) -> Ask:
        return self._page(who, q=word, leaves=lists.meant(self._rules.catalogue, word))


class Ear:
    """Hears what SQLAlchemy sends, to have it explained."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.last: tuple[str, Any] = "", ()
        event.listen(engine.sync_engine, "before_cursor_execute", self._hear)

    def _hear(self, _c: Any, _cursor: Any, statement: str, given: Any, _context: Any, _many: bool) -> None:
        self.last = statement, given


async def explained(connection: AsyncConnection, heard: tuple[str, Any]) -> tuple[list[str], bool]:
    """The indexes of `tickets` that a statement goes by; whether it reads the table from end to end."""
    statement, given = heard
    raw = await driver(connection)
    plan = await raw.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *given)  # SQLAlchemy has it decoded
    nodes = list(_nodes(plan[0]["Plan"]))
    indexes = {node["Index Name"] for node in nodes if node.get("Index Name", "").startswith("tickets")}
    whole = any(node["Node Type"] == "Seq Scan" and node["Relation Name"] == "tickets" for node in nodes)
    return sorted(indexes), whole


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


async def folding(connection: AsyncConnection) -> None:
    """Fifty real tickets, from log rows to folded."""
    numbers = [f"HY{n:09d}" for n in range(1, PAGE + 1)]
    took = []
    for _ in range(50):
        begun = time.perf_counter()
        bodies = await log.bodies(connection, tickets.NOUN, numbers)
        for number in bodies:
            tickets.fold(bodies[number])
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    say(bench="lists-fold", tickets=PAGE, p50_ms=round(took[25], 2), p95_ms=round(took[47], 2))


async def measure(urls: dict[str, str], times: int) -> None:
    """The lists in turn."""
    owner = await asyncpg.connect(urls["owner"])
    found = await owner.fetch("SELECT words FROM tickets WHERE number > 'HY1' LIMIT 20000")
    words = Counter(word for row in found for word in row["words"].split() if len(word) > 1)
    await owner.close()
    engine = connect(urls["app"], name="bench", size=1)
    ear = Ear(engine)
    took: dict[str, list[float]] = {}
    rows: dict[str, list[int]] = {}
    plans: dict[str, set[str]] = {}
    try:
        workers = Workers((await million.book(engine)).rules, words)
        async with engine.connect() as connection:
            for turn in range(times):
                for name, ask in workers.lists().items():
                    begun = time.perf_counter()
                    numbers = await ask(connection)
                    asked = ear.last
                    await log.bodies(connection, tickets.NOUN, numbers)
                    took.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
                    rows.setdefault(name, []).append(len(numbers))
                    if turn < 5:
                        indexes, whole = await explained(connection, asked)
                        plans.setdefault(name, set()).update([*indexes, *(["SEQ SCAN"] if whole else [])])
            for name, some in took.items():
                some.sort()
                figures = {"p50_ms": round(some[times // 2], 2), "p95_ms": round(some[times * 95 // 100], 2)}
                mean = round(sum(rows[name]) / times)
                say(bench="lists", list=name, **figures, mean_rows=mean, indexes=sorted(plans[name]))
            await folding(connection)
    finally:
        await engine.dispose()


async def main(count: int, times: int) -> None:
    """One stage."""
    async with Stage() as stage:
        urls = {"app": await stage.database(NAME), "owner": stage.pg.url(postgres.OWNER, NAME)}
        engine = connect(urls["app"], name="bench")
        await million.build(stage, engine, count, 4, 5_000)
        await engine.dispose()
        owner = await asyncpg.connect(urls["owner"])
        await hold(owner)
        await owner.close()
        gc.collect()
        gc.freeze()
        await measure(urls, times)


if __name__ == "__main__":
    need_shared()
    options = argparse.ArgumentParser()
    options.add_argument("--open", type=int, default=1_000_000)
    options.add_argument("--times", type=int, default=200)
    said = options.parse_args()
    uvloop.run(main(said.open, said.times))
