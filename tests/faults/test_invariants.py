"""Positive controls: a check that finds nothing in a spoilt house proves nothing in a whole one."""

from collections.abc import Awaitable, Callable

import pytest

from huiyin.bus import streams
from huiyin.engines import postgres
from tests.faults.house import SOURCE, House, Move, feed
from tests.faults.invariants import invariants

pytestmark = pytest.mark.fault

Spoil = Callable[[House], Awaitable[object]]


def sql(*statements: str) -> Spoil:
    """As the database's own administrator, past every right and trigger."""

    async def spoil(here: House) -> None:
        for statement in statements:
            await here.sql(statement, role=postgres.ADMIN)

    return spoil


def unguarded(statement: str) -> tuple[str, ...]:
    return "ALTER TABLE log DISABLE TRIGGER ALL", statement, "ALTER TABLE log ENABLE TRIGGER ALL"


async def _promise(here: House) -> None:
    here.accepted.events.add((SOURCE, "never filed"))


async def _take_back(here: House) -> None:
    here.accepted.events.remove((SOURCE, "never filed"))


async def _receipt(here: House) -> None:
    here.accepted.receipts["key"] = "4829-1305-7226-4137"


async def _no_receipt(here: House) -> None:
    here.accepted.receipts.clear()


async def _hole(here: House) -> None:
    await here.nc.jetstream().delete_msg(streams.INTAKE, 3)


ONE = "number = 'HY000000001'"
LEAK = "INSERT INTO accounts (username, role, post_code, scope, created_at) VALUES ('欧阳囍1', '', '', '', now())"
# what is spoilt: how, what is noticed, and how it is undone
SPOILT: dict[str, tuple[Spoil, str, Spoil]] = {
    "I1 lost": (_promise, "was lost", _take_back),
    "I1 receipt": (_receipt, "leads nowhere", _no_receipt),
    "I2 twice": (
        sql("INSERT INTO inbox SELECT source, 'twin', stream_seq, noun, id, 1, refused, at FROM inbox LIMIT 1"),
        "not one to one",
        sql("DELETE FROM inbox WHERE event_id = 'twin'"),
    ),
    "I3 version": (
        sql(f"UPDATE tickets SET version = version + 1 WHERE {ONE}"),
        "number of its steps",
        sql(f"UPDATE tickets SET version = version - 1 WHERE {ONE}"),
    ),
    "I4 view": (
        sql(f"UPDATE tickets SET words = words || 'x' WHERE {ONE}"),
        "views differ",
        sql(f"UPDATE tickets SET words = left(words, -1) WHERE {ONE}"),
    ),
    "I4 log": (
        sql(*unguarded("UPDATE log SET body = body || ' '::bytea WHERE id = 'HY000000001' AND version = 1")),
        "log does not verify",
        sql(*unguarded("UPDATE log SET body = rtrim(convert_from(body, 'UTF8'))::bytea WHERE id = 'HY000000001'")),
    ),
    "I4 dossier": (
        sql("UPDATE vault.dossiers SET person = body, body = body || '\\x00' WHERE ref = 'HY000000001/1'"),
        "ciphertext-changed",
        sql("UPDATE vault.dossiers SET body = person WHERE ref = 'HY000000001/1'"),
    ),
    "I5 cursor": (
        sql("UPDATE cursors SET seq = seq - 1 WHERE name = 'relay'"),
        "still waits",
        sql("UPDATE cursors SET seq = seq + 1 WHERE name = 'relay'"),
    ),
    "I7 leak": (sql(LEAK), "holds a resident's", sql("DELETE FROM accounts WHERE username LIKE '欧阳%'")),
    "I1 hole": (_hole, "has holes", sql()),
}


async def test_what_is_spoilt_is_noticed(house: Move) -> None:
    here = await house()
    worker = here.consume()
    await here.publish(feed(range(20)))
    await here.settled(30)
    await worker.terminate()
    await invariants(here)
    for what, (spoil, said, undo) in SPOILT.items():
        await spoil(here)
        with pytest.raises(AssertionError) as noticed:
            await invariants(here)
        assert said in str(noticed.value), (what, str(noticed.value)[:500])
        await undo(here)
        if undo is not SPOILT["I1 hole"][2]:
            await invariants(here)
