"""A mediator's day, a committee's lists and what stands around them go by indexes at a street's size (EXPLAIN)."""

import inspect
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.store import bookings, committees, mediation_days, mediation_people, mediations
from huiyin.store.committees import Body
from huiyin.store.database import connect
from huiyin.store.mediation_days import Whose
from huiyin.store.places import Place
from huiyin.store.sights import Sight
from tests.conftest import Database
from tests.web.hands import COMMUNITY
from tests.web.mediation_crowd import ARCHIVED, COMMITTEES, MEDIATORS, OPEN, crowd, mediator
from tests.web.test_sight_plans import Ask, nodes, plan

BODY = Body(COMMUNITY, "residents", "柳岸", "柳岸社区人民调解委员会")
WANG = mediator()
SOME = [f"TJ{n:09d}" for n in range(ARCHIVED + 10, ARCHIVED + 510, 10)]
SIGHT = Sight("community", COMMUNITY, (), WANG, (f"mediator:{COMMUNITY}",), f"mediator:{COMMUNITY}")
APART = (f"TJ{ARCHIVED + 20:09d}",)  # whom the looker has an interest in
OURS, MINE = Whose(COMMUNITY, ("residents",), "", APART), Whose(COMMUNITY, ("residents",), WANG, APART)
BIG = {"mediations", "mediation_seats", "mediation_duties", "mediation_sessions", "mediation_people",
       "mediation_codes", "dossiers"}  # fmt: skip
SOON = datetime.now(UTC)
MIDDLE = Place(SOON + timedelta(hours=1), f"TJ{ARCHIVED + 1:09d}")
PAGES = ((True, "mediation_seats_day", "mediations_open"), (False, "mediation_seats_done", "mediations_closed"))
# What is written, or asked once at a start, is not here.
NO_LISTS = {"write", "numbers", "admit", "renew", "keep", "elect", "specialise", "put_on_duty", "furnish", "book",
            "release", "counters", "count", "open_", "hashed", "stage"}  # fmt: skip


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    admin = await asyncpg.connect(database.admin_url.rsplit("/", 1)[0] + "/" + database.name)
    await crowd(admin)
    await admin.execute(
        "INSERT INTO persons (person, phone, household) VALUES ($1, sha256('phone'), sha256('home'))", WANG
    )
    await admin.execute("ANALYZE")
    await admin.close()
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


Lists = dict[str, tuple[Ask, set[str]]]


def programs() -> Lists:
    """What the API and the papers ask, and the indexes of which one is enough."""
    return {
        "of_ticket": (lambda c: mediations.of_ticket(c, f"HY{9:09d}"), {"mediations_ticket"}),
        "of_ticket_versions": (lambda c: mediations.of_ticket_versions(c, f"HY{9:09d}"), {"mediations_ticket"}),
        "of_whistle": (lambda c: mediations.of_whistle(c, f"SH{9:09d}"), {"mediation_whistles_whistle"}),
        "of": (lambda c: mediation_people.of(c, SOME), {"mediation_people_pkey"}),
        "parties": (lambda c: mediation_people.parties(c, SOME), {"mediation_people_pkey"}),
        "by_code": (lambda c: mediation_people.by_code(c, 7), {"mediation_codes_pkey"}),
        "code_of": (lambda c: mediation_people.code_of(c, SOME[0], "p1"), {"mediation_codes_party"}),
        "load_of": (lambda c: committees.load_of(c, [WANG]), {"mediation_seats_day"}),
    }


def windows() -> Lists:
    """What the mediator's day and the desk's list ask."""
    found: Lists = {}
    for open_, seats, ours in PAGES:
        for name, after in (("first", None), ("middle", MIDDLE)):
            found[f"rows {open_} {name}"] = (_rows(OURS, (), after, open_), {ours})
            found[f"rows mine {open_} {name}"] = (_rows(MINE, (), after, open_), {seats})
    for stage in ("signing", "performing"):
        found[f"rows {stage}"] = (_rows(OURS, (stage,), None, True), {"mediations_stage", "mediations_open"})
    day = (SOON, SOON + timedelta(days=1))
    return found | {
        "seated": (lambda c: mediation_days.seated(c, SOME), {"mediation_seats_pkey"}),
        "filed": (lambda c: mediations.filed(c, SOME[0]), {"mediations_pkey"}),
        "limits": (lambda c: mediation_days.limits(c, SOME), {"mediation_duties_pkey"}),
        "apart": (lambda c: mediation_days.apart(c, SIGHT),
                  {"mediation_people_person", "mediation_people_organisation"}),
        "owing": (lambda c: mediation_days.owing(c, OURS, 50), {"mediations_owing"}),
        "planned": (lambda c: mediation_days.planned(c, OURS, *day, 50), {"mediation_sessions_at"}),
        "planned mine": (lambda c: mediation_days.planned(c, MINE, *day, 50),
                         {"mediation_sessions_at", "mediation_seats_day"}),
        "near": (lambda c: mediation_days.near(c, OURS, SOME), {"mediations_pkey"}),
        "near mine": (lambda c: mediation_days.near(c, MINE, SOME), {"mediations_pkey", "mediation_seats_pkey"}),
        "counts": (lambda c: mediation_days.counts(c, OURS), {"mediations_open", "mediations_stage"}),
        "counts mine": (lambda c: mediation_days.counts(c, MINE), {"mediation_seats_day"}),
        "load": (lambda c: mediation_days.load(c, OURS), {"mediations_open", "mediations_stage"}),
    }  # fmt: skip


def _rows(whose: Whose, stages: tuple[str, ...], after: Place | None, open_: bool) -> Ask:
    return lambda c: mediation_days.rows(c, whose, stages, after, 50, open_=open_)


@pytest.mark.parametrize("lists", [programs, windows])
async def test_every_list_goes_by_its_index(engine: AsyncEngine, lists: Callable[[], Lists]) -> None:
    for name, (ask, indexes) in lists().items():
        found = await plan(engine, ask)
        all_nodes = nodes(found["Plan"])
        used = {node.get("Index Name") for node in all_nodes}
        whole = {node.get("Relation Name") for node in all_nodes if node["Node Type"] == "Seq Scan"}
        rows = [n["Actual Rows"] * n["Actual Loops"] for n in all_nodes if n.get("Relation Name") in BIG]
        read = max(rows, default=0)
        print(f"{name:28}", round(found["Execution Time"], 2), "ms", int(read), "rows", sorted(filter(None, used)))
        assert not whole & BIG, (name, whole)
        assert used & indexes, (name, used)
        assert read <= 2 * OPEN / COMMITTEES, (name, read)  # never what is archived
        assert found["Execution Time"] < 300, name  # of a busy machine


def test_every_question_of_the_store_is_here() -> None:
    """A new one is looked at too, or written down as none."""
    asked = {name.split()[0] for name in (*programs(), *windows())}
    for module in (mediations, mediation_people, mediation_days):
        for name, one in vars(module).items():
            if inspect.iscoroutinefunction(one) and one.__module__ == module.__name__ and not name.startswith("_"):
                assert name in asked | NO_LISTS, f"{module.__name__}.{name}"


async def test_what_is_around_a_committee_is_small(engine: AsyncEngine) -> None:
    """Members, roster, rooms and bookings: as many as a committee has, asked by its code."""
    async with engine.begin() as connection:
        await committees.keep(connection, BODY)
        await committees.put_on_duty(connection, BODY, date(2026, 11, 24), [WANG])
        assert await committees.on_duty(connection, BODY, date(2026, 11, 23), date(2026, 11, 30))
        assert await committees.load_of(connection, [WANG]) == {WANG: OPEN // COMMITTEES // MEDIATORS}
        assert (await committees.composition(connection, BODY)).members == ()
        assert await bookings.rooms(connection, BODY) == []
        assert await committees.busy(connection, BODY, WANG) == OPEN // COMMITTEES // MEDIATORS


async def test_the_sweep_finds_what_is_due_by_its_index(engine: AsyncEngine) -> None:
    found = nodes((await plan(engine, mediations.CLOCKED.soonest))["Plan"])
    assert {node.get("Index Name") for node in found if "Index Name" in node} == {"mediations_next"}
