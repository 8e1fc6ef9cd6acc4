"""Every list a worker opens goes by an index, and who has an interest is looked for by indexes, too (EXPLAIN)."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin.core.sight import Hidden
from huiyin.store import lists, worklists
from huiyin.store.database import connect
from huiyin.store.sights import Sight
from tests.conftest import Database
from tests.core.world import AT

ROWS = 60_000
READ = ROWS // 20  # at the most: a street's tickets
HIDDEN = (Hidden("street"), Hidden("property", "estate_code", "E7"))
SIGHTS = {
    "street": Sight("street", "S1", HIDDEN, "p-me", ("street:S1",), "street:S1"),
    "community": Sight("community", "C7", HIDDEN, "p-me", ("community:C7",), "community:C7"),
    "grid": Sight("grid", "G70", HIDDEN, "p-me", ("grid:G70",), "grid:G70"),
    "estate": Sight(
        "estate", "E7", HIDDEN, "p-me", ("owners_committee:E7",), "owners_committee:E7", "owners_committee"
    ),
    "building": Sight("building", "B700", HIDDEN, "p-me", (), "building_leader:B700", "building_leader"),
    "post": Sight("post", "property:E7", HIDDEN, "p-me", ("property:E7",), "property:E7", "property_company"),
}
# 20 streets, 200 communities and estates, 2,000 grids, 20,000 buildings; one ticket in five open.
FILL = f"""
INSERT INTO tickets (number, version, state, rung, post_code, street_code, community_code, estate_code, grid_code,
    building_code, category, leaves, words, urgency, channel, about, filed_at, due_at, case_due_at, closed_at,
    supervised, ruler_code, also, passed)
SELECT 'HY' || lpad(i::text, 9, '0'), 2, 'dispatched', 'property_company', 'property:E' || i % 200, 'S' || i % 20,
    'C' || i % 200, 'E' || i % 200, 'G' || i % 2000, 'B' || i % 20000, CASE WHEN i % 301 = 0 THEN 'T09' ELSE 'C01' END,
    'C01', '垃圾', 'normal', 'web',
    CASE WHEN i % 7 = 0 THEN 'property' ELSE 'none' END, now(), now() + i * interval '1 second', now(),
    CASE WHEN i % 5 > 0 THEN now() END, CASE WHEN i % 500 = 0 THEN 1 END,
    CASE WHEN i % 997 = 0 THEN 'property:E' || i % 200 END, CASE WHEN i % 500 = 5 THEN 'community:C' || i % 200 END,
    NULL
FROM generate_series(1, {ROWS}) i
"""
OTHERS = (
    "INSERT INTO vault.dossiers (ref, person, household, body, at)"
    " SELECT number || '/1', sha256(number::bytea), sha256((number || 'h')::bytea), '', now() FROM tickets",
    "INSERT INTO parties (number, role, phone, organisation, at)"
    " SELECT number, 'respondent', sha256(number::bytea), 'property:E' || right(number, 2), now() FROM tickets"
    " WHERE right(number, 1) = '3'",
    "INSERT INTO persons (person) SELECT 'p-' || i FROM generate_series(1, 2000) i",
    "INSERT INTO persons (person) VALUES ('p-me')",
    "INSERT INTO estates SELECT 'E' || i, '', '{}', 'C' || i, '', '', 1 FROM generate_series(0, 199) i",
    "INSERT INTO buildings SELECT 'B' || i, 'E' || i % 200, '', 1, 'G' || i % 2000 FROM generate_series(0, 19999) i",
    "ANALYZE",
)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    admin = await asyncpg.connect(database.admin_url.rsplit("/", 1)[0] + "/" + database.name)
    for statement in (FILL, *OTHERS):
        await admin.execute(statement)
    await admin.close()
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


Ask = Callable[[AsyncConnection], Awaitable[Any]]


async def plan(engine: AsyncEngine, ask: Ask) -> dict[str, Any]:
    """The plan of the question's statement, run."""
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", keep)
    async with engine.connect() as connection:
        await ask(connection)
        event.remove(engine.sync_engine, "before_cursor_execute", keep)
        statement, parameters = asked[-1]
        rows = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
        found = rows.scalar()
    return dict((json.loads(found) if isinstance(found, str) else found)[0])


def nodes(part: dict[str, Any]) -> list[dict[str, Any]]:
    return [part, *(node for inner in part.get("Plans", ()) for node in nodes(inner))]


def page(sight: Sight, **wanted: Any) -> Ask:
    return lambda c: lists.page(c, sight, wanted, before=None, limit=50, at=AT)


def desk(sight: Sight, helped: tuple[str, tuple[str, ...]] = ("", ())) -> Ask:
    return lambda c: worklists.desk(c, sight, helped, None, 50)


def questions() -> dict[str, tuple[Ask, set[str]]]:
    """What is asked, and the indexes of which one is enough."""
    by = {"street": "street", "community": "community", "grid": "grid", "estate": "community", "building": "grid",
          "post": "post"}  # fmt: skip
    found: dict[str, tuple[Ask, set[str]]] = {}
    for kind, sight in SIGHTS.items():
        found[f"list {kind}"] = (page(sight), {f"tickets_{by[kind]}", "tickets_pkey"})
        found[f"search {kind}"] = (page(sight, q="垃圾", leaves=["C01"]), {f"tickets_{by[kind]}", "tickets_pkey"})
        found[f"overdue {kind}"] = (page(sight, overdue=True), {f"tickets_{by[kind]}", "tickets_pkey"})
    found["desk post"] = (desk(SIGHTS["post"]), {"tickets_desk"})
    found["desk grid"] = (desk(SIGHTS["grid"], ("G70", ("building_leader",))), {"tickets_desk"})
    found["approvals"] = (
        lambda c: worklists.approvals(c, SIGHTS["street"], ["community_committee"], True, "", 50),
        {"tickets_asked_street"},
    )
    found["rulings"] = (lambda c: worklists.rulings(c, SIGHTS["post"], "", 50), {"tickets_ruler"})
    for kind, index in (("street", "tickets_supervised"), ("community", "tickets_supervised_community")):
        ask = _supervised(SIGHTS[kind])
        found[f"supervised {kind}"] = (ask, {index})
    for kind in ("street", "community", "grid"):
        found[f"unsorted {kind}"] = (_unsorted(SIGHTS[kind]), {f"tickets_unsorted_{kind}"})
        found[f"count {kind}"] = (_count(SIGHTS[kind]), {f"tickets_{kind}", "tickets_pkey"})
    found["one"] = (lambda c: lists.seen(c, SIGHTS["post"], ["HY000000207"]), {"tickets_pkey"})
    return found


def _supervised(sight: Sight) -> Ask:
    return lambda c: worklists.supervised(c, sight, "", 50)


def _unsorted(sight: Sight) -> Ask:
    return lambda c: worklists.unsorted(c, sight, "", 200)


def _count(sight: Sight) -> Ask:
    return lambda c: lists.count(c, sight, {"category": "C01"}, most=100, at=AT)


async def test_every_question_goes_by_an_index(engine: AsyncEngine) -> None:
    for name, (ask, indexes) in questions().items():
        found = await plan(engine, ask)
        all_nodes = nodes(found["Plan"])
        used = {node.get("Index Name") for node in all_nodes}
        whole = [n["Relation Name"] for n in all_nodes if n["Node Type"] == "Seq Scan"]
        assert not {"tickets", "dossiers", "parties"} & set(whole), (name, whole)
        assert used & indexes, (name, used)
        filters = [str(n.get("Filter", "")) for n in all_nodes]
        assert not any("SubPlan" in one and "hashed SubPlan" not in one for one in filters), (name, filters)
        read = max((n["Actual Rows"] + n.get("Rows Removed by Filter", 0)) * n["Actual Loops"] for n in all_nodes)
        print(name, round(found["Execution Time"], 2), "ms", int(read), "rows", sorted(filter(None, used)))
        assert read <= READ, (name, read)


async def test_a_person_of_whom_nothing_is_known_costs_nothing(engine: AsyncEngine) -> None:
    """Without phone and home no row of the vault or of the parties is touched; the rows of NULL phones are no match."""
    found = nodes((await plan(engine, page(SIGHTS["grid"])))["Plan"])
    for node in found:
        if node.get("Relation Name") in ("dossiers", "parties"):
            assert node["Actual Rows"] == 0, node
    numbers = [f"HY{70 + 2000 * i:09d}" for i in range(7)]
    async with engine.connect() as connection:
        assert await lists.seen(connection, SIGHTS["grid"], numbers) == frozenset(numbers)
