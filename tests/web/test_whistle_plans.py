"""The board, inboxes, duties and figures of whistles at a hundred thousand open ones: by their indexes, in time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.core.sight import Hidden
from huiyin.store import whistle_figures, whistle_lists, whistle_rows
from huiyin.store.database import connect
from huiyin.store.places import Place
from huiyin.store.sights import Sight
from huiyin.store.whistle_figures import Days
from tests.asked import asked
from tests.conftest import Database
from tests.web.conftest import Filer, People, Site
from tests.web.test_sight_plans import Ask, nodes, plan
from tests.web.whistle_crowd import CLOSED, OPEN, crowd
from tests.web.whistlers import CITY, COMMUNITY, STREET, Whistlers

RARE = "department:卫生健康"
HIDDEN = (Hidden("street"),)
SIGHTS = {
    "street": Sight("street", STREET, HIDDEN, "p-me", (f"street:{STREET}",), f"street:{STREET}"),
    "community": Sight("community", COMMUNITY, HIDDEN, "p-me", (f"community:{COMMUNITY}",), f"community:{COMMUNITY}"),
    "all": Sight("all", "", (), "p-me", ("auditor",), "auditor"),
}
QUERIES = ("", "?kind=emergency", f"?department={RARE}", "?closed=1")
FILTERS: dict[str, dict[str, Any]] = {
    "": {},
    "kind": {"kind": "emergency"},
    "category": {"category": "Z09"},
    "department": {"department": RARE},
    "late": {"late": True},
    "absent": {"state": "passing"},
    "community": {"community": COMMUNITY},
}


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    admin = await asyncpg.connect(database.admin_url.rsplit("/", 1)[0] + "/" + database.name)
    await crowd(admin)
    await admin.execute("INSERT INTO persons (person) VALUES ('p-me')")
    await admin.execute("ANALYZE")
    await admin.close()
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


def board(sight: Sight, wanted: dict[str, Any], *, open_: bool = True, after: Place | None = None) -> Ask:
    return lambda c: whistle_lists.board(c, sight, wanted, after, 50, open_=open_)


OWN = Sight("post", CITY, person="p-x", organisations=(CITY,), post=CITY)


def pages() -> dict[str, tuple[Ask, str]]:
    """What a page asks, and the index that it goes by."""
    tails = {"street": "", "community": "_community", "all": "_all"}
    found: dict[str, tuple[Ask, str]] = {}
    middle = Place(datetime.now(UTC) + timedelta(hours=40), "SH000070000")
    for kind, sight in SIGHTS.items():
        for name, wanted in FILTERS.items():
            index = "whistles_open_community" if name == "community" else f"whistles_open{tails[kind]}"
            found[f"{kind} {name}"] = (board(sight, wanted), index)
        found[f"{kind} from the middle"] = (board(sight, {}, after=middle), f"whistles_open{tails[kind]}")
        for name in ("", "late", "kind"):
            ask = board(sight, FILTERS[name], open_=False)
            found[f"{kind} closed {name}"] = (ask, f"whistles_closed{tails[kind]}")
    for open_, index in ((True, "whistle_lines_inbox"), (False, "whistle_lines_done")):
        found[f"inbox {open_}"] = (_inbox(open_), index)
    found["waiting"] = (
        lambda c: whistle_lists.waiting(c, [f"street:{STREET}"], SIGHTS["street"], 200),
        "whistle_duties_post",
    )
    found["own waiting"] = (lambda c: whistle_lists.own_waiting(c, OWN, 200), "whistle_duties_post")
    return found


def _inbox(open_: bool) -> Ask:
    return lambda c: whistle_lists.inbox(c, OWN, None, 50, open_=open_)


async def test_every_page_goes_by_its_index_and_reads_a_window(engine: AsyncEngine) -> None:
    for name, (ask, index) in pages().items():
        found = await plan(engine, ask)
        all_nodes = nodes(found["Plan"])
        used = {node.get("Index Name") for node in all_nodes}
        whole = {node.get("Relation Name") for node in all_nodes if node["Node Type"] == "Seq Scan"}
        assert not whole & {"whistles", "whistle_lines", "whistle_duties", "whistle_tickets", "tickets"}, (name, whole)
        assert index in used or (index == "whistles_closed" and "whistles_closed_all" in used), (name, used)
        read = [n["Actual Rows"] for n in all_nodes if str(n.get("Index Name", "")).startswith("whistles_")]
        assert max(read, default=0) <= whistle_lists.WINDOW, (name, read)
        if name.partition(" ")[0] in SIGHTS:  # whether it is kept from somebody is asked for a page, not for a window
            tickets = [n["Actual Loops"] for n in all_nodes if n.get("Relation Name") == "whistle_tickets"]
            assert sum(tickets) <= 500, (name, tickets)
        print(f"{name:28}", round(found["Execution Time"], 1), "ms")


async def test_figures_of_a_street_read_its_days_alone(engine: AsyncEngine) -> None:
    now, coming = datetime.now(UTC), ("emergency", "enforcement")
    for days in (7, 30, 90):
        some = Days(now - timedelta(days=days), now)
        for kind, sight in SIGHTS.items():
            found = await plan(engine, lambda c, s=sight, d=some: whistle_figures.of_place(c, s, d, coming))
            used = {node.get("Index Name") for node in nodes(found["Plan"])}
            print(f"{kind} {days} days", round(found["Execution Time"], 1), "ms")
            assert days > 30 or "whistles_blown" in used, (kind, days, used)
            rows = [n["Actual Rows"] + n.get("Rows Removed by Filter", 0) for n in nodes(found["Plan"])]
            assert max(rows) <= 2 * (OPEN + CLOSED), "no more than every whistle's lines, once"
        found = await plan(engine, lambda c, d=some: whistle_figures.of_department(c, CITY, d, coming))
        assert "whistle_lines_post" in {node.get("Index Name") for node in nodes(found["Plan"])}
    async with engine.connect() as connection:
        told = await whistle_figures.of_place(
            connection, SIGHTS["street"], Days(now - timedelta(days=365), now), coming
        )
        standing = await whistle_rows.standing(connection, SIGHTS["street"])
    whole = sum(one.count for one in told.blown)
    # A whistle in fifty of street 0 has a ticket about the street: in no sum.
    assert standing.open == OPEN // 10 * 4 // 5
    assert whole == standing.open * 14 // 10


async def test_a_page_of_the_board_is_a_few_statements(
    site: Site, city: None, admin: asyncpg.Connection, filer: Filer, people: People
) -> None:
    """However many whistles are on it, of a hundred thousand; the first page reads the registry as well."""
    hands = await Whistlers(site, filer).sit(people)
    await crowd(admin)
    for who in ("street", "community", "auditor"):
        for query in QUERIES:
            with asked() as heard:
                answer = await site.http.get(f"/whistles{query}", headers=hands.heads[who] | {"Accept": "text/html"})
            assert answer.status_code == 200
            print(f"{who:9} {query:40} {len(heard)} statements")
            assert len(heard) <= 20, (who, query, heard)
