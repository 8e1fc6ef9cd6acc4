"""Statistics of mediation in SQL: the very shares of the core, restricted files by number alone, by an index."""

import json
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import demo, keys
from huiyin.core.mediation import Mediation, shares
from huiyin.store import mediation_figures, mediations
from huiyin.store.committees import Key
from huiyin.store.database import connect
from huiyin.store.mediation_figures import Figures
from tests.conftest import Database
from tests.core.world import AT

LONG = (AT - timedelta(days=400), AT + timedelta(days=1))


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


async def cases(engine: AsyncEngine) -> list[Mediation]:
    async with engine.connect() as connection:
        numbers = (await connection.execute(text("SELECT number FROM mediations"))).scalars().all()
        return [one for one, _ in (await mediations.CHAINS.load(connection, list(numbers))).values()]


def reckoned(some: list[Mediation], at: datetime) -> tuple[int, shares.Share, shares.Share, shares.Share]:
    """What the core makes of them."""
    accepted = [one for one in some if one.case is not None]
    return len(accepted), shares.success(some), shares.performance(some, at), shares.confirmation(some)


def told(one: Figures) -> tuple[int, shares.Share, shares.Share, shares.Share]:
    return one.accepted, one.success, one.performance, one.confirmation


@pytest.mark.parametrize("later", [0, 1, 4, 60])
async def test_they_are_the_shares_of_the_core(
    database: Database, engine: AsyncEngine, tmp_path: Path, later: int
) -> None:
    for name in ("vault.key", "receipt.key"):
        keys.key(tmp_path, name)
    await demo.furnish(database.url, tmp_path, AT)
    everything = await cases(engine)
    known: list[Key] = sorted({(one.committee, one.kind) for one in everything})
    open_ = [one for one in everything if not one.restricted and one.case is not None]
    at = AT + timedelta(days=later)
    async with engine.connect() as connection:
        found = await mediation_figures.of(connection, known, *LONG, at)
        none = await mediation_figures.of(connection, [("nowhere", "residents")], *LONG, at)
        late = await mediation_figures.of(connection, known, AT - timedelta(days=10), LONG[1], at)
    assert told(found.whole) == reckoned(open_, at)
    assert found.restricted == sum(one.restricted and one.case is not None for one in everything) == 1
    for key, figures in found.committees.items():
        assert told(figures) == reckoned([one for one in open_ if (one.committee, one.kind) == key], at)
    for matter, figures in found.matters.items():
        assert told(figures) == reckoned([one for one in open_ if one.category[0] == matter], at)
    assert {code for code, _ in found.committees} == {one.committee for one in open_}
    assert sum(one.accepted for one in found.months.values()) == found.whole.accepted == len(open_)
    assert told(none.whole) == told(Figures())
    assert none.whole.days is None
    assert late.whole.accepted < found.whole.accepted
    durations = sorted(days(one) for one in open_ if days(one) is not None)  # type: ignore[type-var]
    middle = len(durations) // 2
    assert found.whole.days == pytest.approx(
        durations[middle] if len(durations) % 2 else (durations[middle - 1] + durations[middle]) / 2  # type: ignore[operator]
    )


def days(one: Mediation) -> float | None:
    effective = one.agreement.effective_at if one.agreement else None
    over = effective or (one.ending.at if one.ending else None)
    assert one.limit is not None
    return (over - one.limit.start) / timedelta(days=1) if over else None


async def test_what_is_filed_for_years_is_not_read_for_a_month(database: Database, engine: AsyncEngine) -> None:
    owner = await asyncpg.connect(database.owner_url)
    rows = 60_000
    await owner.execute(
        "INSERT INTO mediations SELECT 'TJ' || lpad(n::text, 9, '0'), 9, 'archived', 'archived', 'C' || n % 30,"
        " 'residents', 'application', chr(65 + n % 16) || '01', NULL, NULL, NULL, false, false, 2, 1, 1, 0,"
        " $1::timestamptz - n * interval '20 minutes', $1::timestamptz - n * interval '20 minutes' + interval '9 days',"
        " NULL, NULL, 'lapsed', 1, 1, NULL, NULL, false FROM generate_series(1, $2::int) n",
        AT,
        rows,
    )
    await owner.execute("ANALYZE mediations")
    given = {
        "codes": ["C3"], "kinds": ["residents"], "since": AT - timedelta(days=30), "until": AT, "at": AT,
    }  # fmt: skip
    async with engine.connect() as connection:
        plan = await connection.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {mediation_figures._SUMS.text}"), given)
        said = plan.scalar()
        root = (said if isinstance(said, list) else json.loads(str(said)))[0]
        assert "mediations_accepted" in json.dumps(root)
        assert most(root["Plan"]) < rows / 30, "one committee's month, nothing else"
        began = time.perf_counter()
        everything = [(f"C{n}", "residents") for n in range(30)]
        year = await mediation_figures.of(connection, everything, AT - timedelta(days=365), AT, AT)  # type: ignore[arg-type]
        print(f"30 committees, {year.whole.accepted} cases of a year: {1000 * (time.perf_counter() - began):.0f} ms")
    assert year.whole.accepted > 20_000
    await owner.close()


def most(plan: dict[str, object]) -> float:
    """The most rows that any scan of the table came to."""
    below = [most(one) for one in plan.get("Plans", [])]  # type: ignore[attr-defined]
    here = float(str(plan["Actual Rows"])) if plan.get("Relation Name") == "mediations" else 0
    return max([here, *below])
