"""The demonstration's whistles: five places of a life, once, by people who each are somebody else."""

import json
from pathlib import Path

import asyncpg

from huiyin import demo, demo_whistles, review
from huiyin.store import whistles
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.world import AT
from tests.web.demos import cut_off, data, opened_twice, statements

__all__ = ["data"]  # pytest finds it here

ROWS = "SELECT category, kind, state, approval, outcome, departments, lead FROM whistles ORDER BY number"


async def test_every_place_of_a_life_has_one(database: Database, data: Path) -> None:
    await demo.furnish(database.url, data, AT)
    owner = await asyncpg.connect(database.admin_url)
    found = {row["category"]: tuple(row)[1:] for row in await owner.fetch(ROWS)}
    city, police = demo_whistles.CITY, demo_whistles.POLICE
    assert found == {
        "J09": ("emergency", "called", "waiting", None, 2, police),
        "K04": ("enforcement", "passing", "waiting", None, 0, None),
        "K05": ("enforcement", "replied", "given", None, 2, city),
        "B03": ("daily", "closed", "given", "rated", 1, police),
        "R03": ("key", "called", "given", None, 1, city),
    }
    waiting = {
        tuple(row) for row in await owner.fetch("SELECT duty, split_part(post_code, ':', 1) FROM whistle_duties")
    }
    assert waiting >= {("pass", "street"), ("confirm", "street"), ("rule", "street"), ("approve", "street_leader")}
    assert await owner.fetchval("SELECT count(*) FROM inbox WHERE refused IS NOT NULL") == 0
    engine, vault = connect(database.url, name="test"), connect(database.vault_url, name="test")
    async with engine.connect() as connection:
        numbers = [row["number"] for row in await owner.fetch("SELECT number FROM whistles")]
        loaded = [one for one, _ in (await whistles.CHAINS.load(connection, numbers)).values()]
    known = {row["person"] for row in await owner.fetch("SELECT person FROM accounts")}
    assert {one.blown_by for one in loaded} <= known - {""}
    assert all(one.due is None or one.due.start == AT for one in loaded)
    assert (await review.verify(engine)).whole
    assert (await review.rebuild(engine)).faults == 0
    assert (await review.verify_sealed(vault)).whole
    await engine.dispose()
    await vault.dispose()
    await owner.close()


async def test_at_a_restart_nothing_happens_twice_and_what_people_did_stands(database: Database, data: Path) -> None:
    await opened_twice(database, data, "whistle_number", (demo.FILE, demo.MORE))


async def test_a_crash_in_the_middle_is_made_good(database: Database, data: Path) -> None:
    await cut_off(database, data, demo_whistles.WhistleDesk, 3)
    owner = await asyncpg.connect(database.admin_url)
    states = sorted(row["state"] for row in await owner.fetch(ROWS))
    assert states == ["called", "called", "closed", "passing", "replied"]
    await owner.close()


async def test_their_orders_go_together(database: Database, data: Path) -> None:
    """What one order after another would cost, many at a time cost less; at a restart one look is enough."""
    first, again = await statements(database, data, demo_whistles, "blow")
    assert first < 2 * sum(1 + len(scene.then) for scene in demo_whistles.SCENES)
    assert again == 1


async def test_the_leader_is_somebody_else_and_both_departments_have_accounts(database: Database, data: Path) -> None:
    await demo.furnish(database.url, data, AT)
    entries = [one for name in (demo.FILE, demo.MORE) for one in json.loads((data / name).read_bytes())]
    owner = await asyncpg.connect(database.admin_url)
    persons = {row["post_code"]: row["person"] for row in await owner.fetch("SELECT post_code, person FROM accounts")}
    await owner.close()
    street = next(one["post"] for one in entries if one["role"] == "street")
    leader = next(one for one in entries if one["post"].startswith("street_leader:"))
    assert leader["role"] == "street"
    assert leader["post"].partition(":")[2] == street.partition(":")[2]
    assert persons[leader["post"]] != persons[street]
    departments = {one["post"] for one in entries if one["role"] == "department"}
    assert departments == {demo_whistles.CITY, demo_whistles.POLICE}
    assert all(one["scope"] == street for one in entries if one["role"] == "department")
