"""What a superuser changes of a whistle, in the log, in the vault or in one of its four views, is found."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import review
from huiyin.commands.log import log_group
from huiyin.core.scene import CLOCK
from huiyin.core.whistle import commands as c
from huiyin.core.words import Actor
from huiyin.rules.rulebook import Rulebook
from huiyin.settings import Explained
from huiyin.store import whistles
from huiyin.store.database import connect
from huiyin.store.tables import whistle as tables
from huiyin.whistle_story import WhistleTeller
from huiyin.whistling import WhistleDesk
from tests.conftest import Database
from tests.core.whistling import BOOK, CITY, COLLEAGUE, LEADER, PICTURE, POLICE, SAID, STREET, at_department, blow, done
from tests.core.whistling import ask as asked
from tests.core.world import AT, REGISTRY, spot
from tests.flows.sealing import order

CITY_HALL, POLICEMAN = at_department(CITY), at_department(POLICE)
TEAM = (asked(CITY, lead=True), asked(POLICE))


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    yield made
    await made.dispose()


@pytest.fixture
async def vault(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.vault_url, name="test-vault")
    yield made
    await made.dispose()


async def fresh(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        return (await whistles.numbers(connection, 1))[0]


async def acts(engine: AsyncEngine, number: str, *story: tuple[Any, Actor]) -> None:
    desk = WhistleDesk(engine, BOOK)
    for command, by in story:
        (answer,) = await desk.act([order(number, command, by)], at=AT + timedelta(minutes=5))
        assert (answer.outcome, answer.code) == ("done", None), command


# Sealed: why it is blown and its picture, two asks, the approval, a picture of the arrival, the pause, the grant's
# refusal, the plan, a progress, an answer, an objection and its ruling, the reply, what is missing, the reply again.
LIFE: tuple[tuple[Any, Actor], ...] = (
    (blow("key", asks=TEAM, pictures=(PICTURE,)), STREET),
    (c.Approve(SAID), LEADER),
    (c.Acknowledge("p-x"), CITY_HALL),
    (c.Acknowledge("p-y"), POLICEMAN),
    (c.Arrive(AT + timedelta(minutes=5), spot(), pictures=(PICTURE,)), CITY_HALL),
    (c.Object("wrong-place", SAID), POLICEMAN),
    (c.Rule(POLICE, upheld=False, words=SAID), COLLEAGUE),
    (c.AskPause("weather", 2, SAID), CITY_HALL),
    (c.RefusePause(SAID), COLLEAGUE),
    (c.Plan(SAID, AT + timedelta(days=3)), CITY_HALL),
    (c.Progress(SAID), CITY_HALL),
    (c.Answer(SAID), POLICEMAN),
    (done(AT + timedelta(minutes=5)), CITY_HALL),
    (c.Return(SAID), STREET),
    (done(AT + timedelta(minutes=5)), CITY_HALL),
)
PICTURES = 2
WORDS = 14


async def lived(engine: AsyncEngine) -> str:
    number = await fresh(engine)
    await acts(engine, number, *LIFE)
    return number


async def test_a_whole_life_verifies_and_every_sealed_word_is_looked_at(
    engine: AsyncEngine, vault: AsyncEngine
) -> None:
    await lived(engine)
    verdict = await review.verify_sealed(vault)
    assert (verdict.faults, verdict.leaves) == (0, WORDS + PICTURES + LINES_AGAIN)
    rebuilt = await review.rebuild(engine)
    assert (rebuilt.tickets, rebuilt.whistles, rebuilt.differences) == (0, 1, [])
    assert (await review.verify(engine)).whole


LINES_AGAIN = 2  # the call names the words of both asks again


async def test_a_changed_byte_of_any_sealed_word_or_picture_is_found(
    database: Database, engine: AsyncEngine, vault: AsyncEngine
) -> None:
    await lived(engine)
    admin = await asyncpg.connect(database.admin_url)
    looked = 0
    for table in ("dossiers", "pictures"):
        for row in await admin.fetch(f"SELECT ref, body FROM vault.{table}"):
            looked += 1
            changed = bytes([row["body"][0] ^ 1]) + row["body"][1:]
            await admin.execute(f"UPDATE vault.{table} SET body = $2 WHERE ref = $1", row["ref"], changed)
            verdict = await review.verify_sealed(vault)
            assert {one.why for one in verdict.broken} == {"ciphertext-changed"}, row["ref"]
            assert verdict.faults in (1, 2)  # an ask stands in two steps
            await admin.execute(f"UPDATE vault.{table} SET body = $2 WHERE ref = $1", row["ref"], row["body"])
    await admin.execute("DELETE FROM vault.pictures")
    assert [one.why for one in (await review.verify_sealed(vault)).broken] == ["ciphertext-missing"] * PICTURES
    await admin.close()
    assert looked == WORDS + PICTURES


@pytest.mark.parametrize("version", [1, 5, 12])
async def test_a_changed_leaf_is_found(database: Database, engine: AsyncEngine, version: int) -> None:
    await lived(engine)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("UPDATE log SET body = body || ' ' WHERE noun = 'whistle' AND version = $1", version)
    await admin.close()
    verdict = await review.verify(engine)
    assert {one.noun for one in verdict.broken} == {"whistle"}


async def test_a_whistle_that_is_gone_is_missed(database: Database, engine: AsyncEngine) -> None:
    number = await lived(engine)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("DELETE FROM log WHERE noun = 'whistle'")
    await admin.close()
    (fault,) = {(one.noun, one.id, one.why) for one in (await review.verify(engine)).broken}
    assert fault == ("whistle", number, "in-inbox-without-log")
    (difference,) = (await review.rebuild(engine)).differences
    assert (difference.number, difference.fields) == (number, ("not-in-log",))


async def test_a_refused_whistle_is_not_missed(engine: AsyncEngine) -> None:
    desk = WhistleDesk(engine, BOOK)
    (answer,) = await desk.act([order(await fresh(engine), blow(ticket=None), STREET)], at=AT)
    assert answer.outcome == "refused"
    assert (await review.verify(engine)).whole


COLUMNS = {
    "whistles": [name for name in whistles.VIEWS.columns if name not in ("number",)],
    "whistle_lines": [column.name for column in tables.lines.columns if not column.primary_key],
    "whistle_duties": ["due_at", "level"],
}
OTHER = {"TEXT": "coalesce({0}, '') || 'x'", "INTEGER": "coalesce({0}, 0) + 7", "BOOLEAN": "NOT {0}"}
LATER = "coalesce({0}, now()) + interval '1 hour'"


@pytest.mark.parametrize("table", COLUMNS)
async def test_any_column_of_any_view_that_says_something_else_is_found(
    database: Database, engine: AsyncEngine, table: str
) -> None:
    number = await lived(engine)
    columns = tables.metadata.tables[table].columns
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(f"CREATE TABLE kept AS SELECT * FROM {table}")
    for column in COLUMNS[table]:
        other = OTHER.get(str(columns[column].type), LATER).format(column)
        assert await admin.execute(f"UPDATE {table} SET {column} = {other}") != "UPDATE 0"
        (difference,) = (await review.rebuild(engine)).differences
        assert difference.number == number
        assert {field.rpartition(" ")[2] for field in difference.fields} == {column}
        assert all(field == column or field.startswith(table + " ") for field in difference.fields)
        await admin.execute(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept")
    await admin.close()
    assert (await review.rebuild(engine)).faults == 0


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("DELETE FROM whistles", ("missing",)),
        ("DELETE FROM whistle_lines WHERE lead", ("whistle_lines SH000000001 department:城管 missing",)),
        (
            "UPDATE whistle_lines SET post_code = 'department:水务' WHERE lead",
            (
                "whistle_lines SH000000001 department:城管 missing",
                "whistle_lines SH000000001 department:水务 not-in-log",
            ),
        ),
        (
            "INSERT INTO whistle_duties VALUES ('SH000000001', 'reply', 'department:公安', '', now(), 0)",
            ("whistle_duties SH000000001 reply department:公安  not-in-log",),
        ),
        ("DELETE FROM whistle_tickets", ("whistle_tickets HY000000001 SH000000001 missing",)),
        (
            "INSERT INTO whistle_tickets VALUES ('HY000000009', 'SH000000001')",
            ("whistle_tickets HY000000009 SH000000001 not-in-log",),
        ),
    ],
)
async def test_a_row_too_many_or_too_few_is_found(
    database: Database, engine: AsyncEngine, change: str, fields: tuple[str, ...]
) -> None:
    number = await lived(engine)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(change)
    await admin.close()
    (difference,) = (await review.rebuild(engine)).differences
    assert (difference.number, difference.fields) == (number, fields)


@pytest.mark.parametrize(
    "row",
    [
        "whistle_lines (number, post_code, lead, stage, objected, bound, level, called_at, open)"
        " VALUES ('SH9', 'department:x', true, 'called', false, false, 0, now(), true)",
        "whistle_duties VALUES ('SH9', 'reply', 'department:x', '', now(), 0)",
        "whistle_tickets VALUES ('HY1', 'SH9')",
    ],
)
async def test_a_stray_row_of_no_whistle_is_found(database: Database, engine: AsyncEngine, row: str) -> None:
    await lived(engine)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(f"INSERT INTO {row}")
    await admin.close()
    (difference,) = (await review.rebuild(engine)).differences
    assert (difference.number, difference.fields) == ("SH9", ("not-in-log",))


async def test_many_whistles_are_looked_at_in_pages(engine: AsyncEngine) -> None:
    desk = WhistleDesk(engine, BOOK)
    async with engine.connect() as connection:
        numbers = await whistles.numbers(connection, 1_200)
    for command, by in ((blow(apart=SAID, asks=TEAM), STREET), (c.Approve(), LEADER)):
        assert {one.outcome for one in await desk.act([order(n, command, by) for n in numbers], at=AT)} == {"done"}
    rebuilt = await review.rebuild(engine)
    assert (rebuilt.whistles, rebuilt.faults) == (1_200, 0)


# -- the views after each step ----------------------------------------------------------------------------


async def test_after_each_step_of_a_life_the_views_are_what_it_folds_to(engine: AsyncEngine) -> None:
    """Only the parts that changed are written: so each step is looked at by itself, time's as well."""
    number = await fresh(engine)
    rates = (
        (c.Confirm(), STREET),
        (c.RateDepartment(CITY, 5, 4, 3), STREET),
        (c.RateDepartment(POLICE, 2, 2, 2), STREET),
        (c.RateBlower("yes", 5), CITY_HALL),
        (c.Hear("HY000000001", "partly", 3), CLOCK),
    )
    joins = ((c.Join("HY000000002"), STREET),)
    for step in (*LIFE[:4], *joins, *LIFE[4:], *rates):
        await acts(engine, number, step)
        assert (await review.rebuild(engine)).differences == [], step
    (late,) = await freshly_called(engine)
    desk = WhistleDesk(engine, BOOK)
    for _ in range(24):
        async with engine.connect() as connection:
            soonest = await desk.clocked.soonest(connection)
        assert soonest is not None
        assert await desk.sweep(soonest + timedelta(seconds=1)) == 1
        assert (await review.rebuild(engine)).differences == []
    async with engine.connect() as connection:
        assert (await whistles.CHAINS.load(connection, [late]))[late][0].level > 1


async def freshly_called(engine: AsyncEngine) -> list[str]:
    number = await fresh(engine)
    await acts(engine, number, (blow("emergency", asks=TEAM, apart=SAID), STREET))
    return [number]


async def test_several_steps_of_one_whistle_in_one_transaction(engine: AsyncEngine) -> None:
    """What the first of them changed is written, although the last one did not change it."""
    number = await fresh(engine)
    story = ((blow(asks=TEAM), STREET), (c.Join("HY000000002"), STREET), (c.Approve(), LEADER))
    for some in (story[:1], story[1:]):
        answers = await WhistleDesk(engine, BOOK).act([order(number, *one) for one in some], at=AT)
        assert {one.outcome for one in answers} == {"done"}
        assert (await review.rebuild(engine)).differences == []


@pytest.mark.parametrize("together", [True, False])
async def test_a_matter_without_a_building_is_that_of_the_whole_estate(engine: AsyncEngine, together: bool) -> None:
    """Whether the first one is of the same transaction or was there before."""
    one, two = await fresh(engine), await fresh(engine)
    orders = [order(one, blow(), STREET), order(two, blow(spot=spot("E1", None)), STREET)]
    desk = WhistleDesk(engine, BOOK)
    answers = await desk.act(orders, at=AT) if together else [(await desk.act([o], at=AT))[0] for o in orders]
    assert [(answer.outcome, answer.number) for answer in answers] == [("done", one), ("refused", one)]


# -- the command line -------------------------------------------------------------------------------------


async def run(database: Database, folder: Path, *arguments: str) -> Result:
    env = {
        "HUIYIN_DATABASE_URL": database.url, "HUIYIN_VAULT_DATABASE_URL": database.vault_url,
        "HUIYIN_NATS_URL": "nats://nobody", "HUIYIN_DATA": str(folder),
    }  # fmt: skip
    return await asyncio.to_thread(CliRunner().invoke, log_group, arguments, env=env)


async def test_log_replay_counts_whistles_and_says_what_differs(
    database: Database, engine: AsyncEngine, tmp_path: Path
) -> None:
    await lived(engine)
    said = await run(database, tmp_path, "replay")
    assert (said.exit_code, said.output) == (0, "重建 0 张工单、1 张哨单、0 件调解、0 个调委会;视图与日志一致\n")
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("UPDATE whistle_lines SET stage = 'replied' WHERE NOT lead; UPDATE whistles SET level = 3")
    await admin.close()
    said = await run(database, tmp_path, "replay")
    assert said.exit_code == 1
    assert "SH000000001:level、whistle_lines SH000000001 department:公安 stage" in said.output
    assert "1 处与日志不一致" in said.output
    as_json = await run(database, tmp_path, "replay", "--json")
    found = msgspec.json.decode(as_json.stdout_bytes)
    assert (found["same"], found["whistles"], found["tickets"]) == (False, 1, 0)


async def test_log_verify_reads_the_words_of_whistles(database: Database, engine: AsyncEngine, tmp_path: Path) -> None:
    await lived(engine)
    said = await run(database, tmp_path, "verify")
    assert said.exit_code == 0, said.output
    assert f"卷宗 {WORDS + PICTURES + LINES_AGAIN} 份" in said.output


async def test_log_story_tells_a_whistle(database: Database, engine: AsyncEngine, tmp_path: Path) -> None:
    number = await lived(engine)
    said = await run(database, tmp_path, "story", number)
    assert said.exit_code == 0, said.output
    lines = said.output.splitlines()
    async with engine.connect() as connection:
        leaves = (await review.log.bodies(connection, "whistle", [number]))[number]
    assert len(lines) == len(leaves)
    rules = Rulebook(REGISTRY).whistling
    told = WhistleTeller(rules, REGISTRY).tell(leaves)
    strip = [line.replace("清河街道", "990101001").replace("柳岸社区", "990101001001") for line in told]
    assert lines == strip, "the same words; no registry was imported here"
    assert f"吹重点工作哨,哨单号 {number}" in lines[0]
    assert "words of somebody" not in said.output
    assert msgspec.json.decode((await run(database, tmp_path, "story", number, "--json")).stdout_bytes) == lines
    unknown = await run(database, tmp_path, "story", "SH999999999")
    assert isinstance(unknown.exception, Explained)
