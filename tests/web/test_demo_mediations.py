"""The demonstration's mediations: every stage has one, once; what is signed is what the house prints."""

import json
import stat
from pathlib import Path

import asyncpg

from huiyin import demo, demo_mediations, review
from huiyin.core.calendar import local
from huiyin.core.mediation import terms
from huiyin.core.mediation.committee import flaws
from huiyin.demo_cases import CASES
from huiyin.rules.rulebook import load_mediation
from huiyin.store import committees
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.world import AT
from tests.web.demos import cut_off, data, opened_twice, statements

__all__ = ["data"]  # pytest finds it here

STAGES = (
    *("checking", "consenting", "consenting", "consenting", "planning", "sitting", "signing"),
    *("performing", "breached", "telling", "archived", "archived", "archived"),
)


async def test_every_stage_has_one(database: Database, data: Path) -> None:
    await demo.furnish(database.url, data, AT)
    owner = await asyncpg.connect(database.admin_url)
    assert await owner.fetchval("SELECT count(*) FROM inbox WHERE refused IS NOT NULL") == 0
    rows = await owner.fetch("SELECT category, kind, stage, confirmation, restricted FROM mediations ORDER BY number")
    assert sorted(row["stage"] for row in rows) == sorted(STAGES)
    assert [row["category"] for row in rows if row["restricted"]] == ["P01"]
    assert [row["confirmation"] for row in rows if row["category"] == "P04"] == ["confirmed"]
    assert await owner.fetchval("SELECT count(*) FROM mediations WHERE ticket IS NOT NULL") == 1
    assert await owner.fetchval("SELECT count(*) FROM mediation_bookings") == 1
    engine, vault = connect(database.url, name="test"), connect(database.vault_url, name="test")
    async with engine.connect() as connection:
        for one in await committees.known(connection):
            made = await committees.composition(connection, one)
            assert len(made.members) == 5
            assert flaws(made, local(AT)) == ("term-ends",)
    assert (await review.verify(engine)).whole
    assert (await review.rebuild(engine)).faults == 0
    assert (await review.verify_sealed(vault)).whole
    await engine.dispose()
    await vault.dispose()
    await owner.close()
    codes = data / demo_mediations.FILE
    assert stat.S_IMODE(codes.stat().st_mode) == 0o600
    assert len(json.loads(codes.read_bytes())) == len(CASES)


def test_their_terms_may_be_sealed() -> None:
    book = load_mediation()[0]
    for case in CASES:
        said = case.said
        words = (said.facts, said.issues, said.responsibility, said.content, said.item, said.place)
        assert terms.check("\n".join(words), book) == ()


async def test_at_a_restart_nothing_happens_twice(database: Database, data: Path) -> None:
    await opened_twice(database, data, "mediation_number", (demo_mediations.FILE,))


async def test_a_crash_in_the_middle_is_made_good(database: Database, data: Path) -> None:
    await cut_off(database, data, demo_mediations.MediationDesk, 12)
    owner = await asyncpg.connect(database.admin_url)
    assert await owner.fetchval("SELECT count(*) FROM mediations WHERE stage = 'archived'") == 3
    assert await owner.fetchval("SELECT count(*) FROM mediations") == len(CASES)
    assert await owner.fetchval("SELECT count(*) FROM inbox WHERE refused IS NOT NULL") == 0
    await owner.close()


async def test_their_orders_go_together(database: Database, data: Path) -> None:
    """What one order after another would cost, many at a time cost less; at a restart one look is enough."""
    first, again = await statements(database, data, demo_mediations, "open_")
    assert first < 5 * (len(CASES) + sum(len(case.acts) for case in CASES))
    assert again == 1
