"""`log verify` from outside: what a superuser changes in the log, or beside it, is found."""

import asyncpg
import pytest

from huiyin import review
from huiyin.desk import Desk
from huiyin.rules.load import load_sorting_rules
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.world import AT, RULES
from tests.flows.test_desk import complaint

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
