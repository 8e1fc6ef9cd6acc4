"""`log verify` from outside: what a superuser changes in the log, in the vault, or in a view, is found."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import review
from huiyin.commands.log import log_group
from huiyin.core import commands as ask
from huiyin.core.words import Sealed
from huiyin.desk import Change, Desk, Order
from huiyin.rules.load import load_sorting_rules
from huiyin.settings import Explained
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.world import AT, RULES
from tests.flows.test_desk import SEAL, complaint

TAMPERS = {
    "a leaf": "UPDATE log SET body = body || ' ' WHERE version = 2",
    "the time that is shown": "UPDATE log SET at = at - interval '1 hour' WHERE version = 2",
    "the step that is shown": "UPDATE log SET step = 'ticket.closed.v1' WHERE version = 2",
    "a row gone": "DELETE FROM log WHERE version = 1",
    "a link": "UPDATE log SET prev = hash WHERE version = 2",
    "a whole ticket gone": "DELETE FROM log",
}


@pytest.mark.parametrize("name", TAMPERS)
async def test_tampering_is_found(database: Database, name: str) -> None:
    engine = connect(database.url, name="test")
    desk = Desk(engine, RULES, load_sorting_rules().matters, b"r" * 32)
    await desk.act([complaint("1")], at=AT)
    assert (await review.verify(engine)).whole
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(TAMPERS[name])
    await admin.close()
    assert not (await review.verify(engine)).whole
    await engine.dispose()


# -- the vault ------------------------------------------------------------------------------------------------

REVIEW_AT = AT + timedelta(days=30)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    engine = connect(database.url, name="test")
    yield Desk(engine, RULES, load_sorting_rules().matters, b"r" * 32)
    await engine.dispose()


@pytest.fixture
async def vault(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = connect(database.vault_url, name="test-vault")
    yield engine
    await engine.dispose()


async def told(desk: Desk) -> str:
    """A ticket with words of people in many steps: note 2, plan 3 and 4, evidence 5 and 6, reply 7, comment 8."""
    (answer,) = await desk.act([complaint("1")], at=AT)
    number = str(answer.number)
    refs = [f"{number}/{n}" for n in range(2, 9)]
    sealed = {ref: SEAL.seal(b"words of somebody") for ref in refs}
    words = {ref[-1]: Sealed(ref, sealed[ref].digest) for ref in refs}
    leader, above = ("building_leader:E1-B01", "building_leader"), ("community:990101001001", "community")
    story = [
        (ask.Note(words["2"]), leader),
        (ask.Sign(), leader),
        (ask.Shelve("funds", REVIEW_AT, leader[0], words["3"]), leader),
        (ask.Decline(), above),
        (ask.Shelve("funds", REVIEW_AT, leader[0], words["4"]), above),
        (ask.Clear(words["5"]), leader),
        (ask.Resolve(words["6"]), leader),
        (ask.Reply(words["7"]), leader),
        (ask.FollowUp("partly", 3, "call", words["8"]), above),
    ]
    for n, (command, (post, role)) in enumerate(story):
        used = [(ref, sealed[ref]) for ref in refs if f'"{ref}"' in str(command).replace("'", '"')]
        change = Change(number, command, sealed=tuple(used))
        order = Order("urn:test", f"c{n}", post, change, role=role, person=f"p-{role}")
        (answer,) = await desk.act([order], at=AT + timedelta(minutes=n))
        assert (answer.outcome, answer.code) == ("done", None), command
    return number


async def test_a_whole_life_verifies_and_every_sealed_word_is_looked_at(desk: Desk, vault: AsyncEngine) -> None:
    """The clock's own causes have no receipt and are not lost; the view is what the log says after each sweep."""
    number = await told(desk)
    verdict = await review.verify_sealed(vault)
    assert (verdict.leaves, verdict.faults) == (8, 0)
    for _ in range(20):
        await desk.sweep(AT + timedelta(days=60))
    assert (await review.verify(desk.engine)).whole
    rebuilt = await review.rebuild(desk.engine)
    assert (rebuilt.tickets, rebuilt.differences) == (1, []), number


@pytest.mark.parametrize("ref", range(1, 9))
async def test_a_changed_byte_of_any_sealed_word_is_found(
    database: Database, desk: Desk, vault: AsyncEngine, ref: int
) -> None:
    number = await told(desk)
    admin = await asyncpg.connect(database.admin_url)
    last = "set_byte(body, length(body) - 1, get_byte(body, length(body) - 1) # 1)"
    await admin.execute(f"UPDATE vault.dossiers SET body = {last} WHERE ref = $1", f"{number}/{ref}")
    verdict = await review.verify_sealed(vault)
    assert (verdict.leaves, verdict.faults) == (8, 1)
    assert verdict.broken[0].why == "ciphertext-changed"
    await admin.execute("DELETE FROM vault.dossiers WHERE ref = $1", f"{number}/{ref}")
    await admin.close()
    assert [one.why for one in (await review.verify_sealed(vault)).broken] == ["ciphertext-missing"]


async def test_an_erased_person_leaves_the_vault_whole(database: Database, desk: Desk, vault: AsyncEngine) -> None:
    """Erasing deletes the key; the ciphertext still is what the log committed to."""
    await told(desk)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("UPDATE vault.dossiers SET key = NULL")
    await admin.close()
    assert (await review.verify_sealed(vault)).whole


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("next_at", "now()"),
        ("supervised", "2"),
        ("lead", "'HY9'"),
        ("provisional", "NOT provisional"),
        ("post_code", "'community:x'"),
        ("outcome", "'solved'"),
    ],
)
async def test_a_view_that_says_something_else_is_found(
    database: Database, desk: Desk, column: str, value: str
) -> None:
    number = await told(desk)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(f"UPDATE tickets SET {column} = {value}")
    await admin.close()
    (difference,) = (await review.rebuild(desk.engine)).differences
    assert (difference.number, difference.fields) == (number, (column,))


async def test_many_steps_are_looked_at_in_pages(desk: Desk, vault: AsyncEngine) -> None:
    await desk.act([complaint(str(i)) for i in range(1_500)], at=AT)
    verdict = await review.verify_sealed(vault)
    assert (verdict.leaves, verdict.faults) == (1_500, 0)


# -- told ---------------------------------------------------------------------------------------------------


async def run(database: Database, folder: Path, *arguments: str) -> Result:
    """`huiyin log …` against the test's database, in a thread: it has a loop of its own."""
    env = {"HUIYIN_DATABASE_URL": database.url, "HUIYIN_NATS_URL": "nats://nobody", "HUIYIN_DATA": str(folder)}
    return await asyncio.to_thread(CliRunner().invoke, log_group, arguments, env=env)


async def test_log_story_tells_a_ticket(database: Database, desk: Desk, tmp_path: Path) -> None:
    number = await told(desk)
    await desk.act([complaint("2")], at=AT)
    said = await run(database, tmp_path, "story", number)
    assert said.exit_code == 0, said.output
    lines = said.output.splitlines()
    assert len(lines) == 11
    assert lines[0].endswith(f"登记:网页诉求,工单号 {number}。")
    assert lines[-1].endswith("回访(电话):来件人认为部分解决,满意度 3 分(满分 5 分)。")
    assert "words of somebody" not in said.output
    gravest = await run(database, tmp_path, "story", "--json")
    assert msgspec.json.decode(gravest.stdout_bytes) == lines, "without a number: the one with most to tell"
    unknown = await run(database, tmp_path, "story", "HY999999999")
    assert isinstance(unknown.exception, Explained)
    assert "HY999999999" in str(unknown.exception)
