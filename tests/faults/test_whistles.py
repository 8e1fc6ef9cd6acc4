"""kill -9 while whistles live, while they and their tickets hear of each other, and while their time runs out."""

import signal
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from consumers.whistles import DURABLE, SUBJECTS
from huiyin import faults
from huiyin.bus import streams
from huiyin.core import whistle
from huiyin.core.proof import read
from huiyin.core.ticket import Step, follow
from huiyin.engines import postgres
from tests.faults.house import Child, House, Move, feed, until
from tests.faults.invariants import invariants, on_time

pytestmark = pytest.mark.fault

ACK_WAIT = 1.0
TICKETS, WHISTLES = 40, 120
DESK = [one for one in faults.POINTS if one.startswith("desk.")]
HEARSAY = [one for one in faults.POINTS if one.startswith("whistles.")]
_TICKET, _WHISTLE = msgspec.json.Decoder(Step), msgspec.json.Decoder(whistle.Step)


def whistler(here: House, count: int = WHISTLES, stages: int = 99, **env: str) -> Child:
    return here.start(str(count), str(stages), module="tests.faults.whistler", **env)


async def city(move: Move, **how: float) -> House:
    """A house with tickets, and a consumer's place on EVENTS that gives back soon what was not acknowledged."""
    here = await move(ack_wait=ACK_WAIT, **how)
    await ensure(here)
    worker = here.consume("sorter", "relay")
    await here.publish(feed(range(TICKETS)))
    await here.settled(30)
    await worker.terminate()
    return here


async def ensure(here: House) -> None:
    await here.nc.jetstream().add_consumer(streams.EVENTS, streams.durable(DURABLE, *SUBJECTS, ack_wait=ACK_WAIT))


async def ended(child: Child, seconds: float = 60) -> None:
    await until(lambda: child.ended() is not None, seconds, "the whistler is at its end")
    assert child.ended() == 0, child.log.read_text()


async def heard(here: House) -> bool:
    """Everything is published, and the consumer of whistles has answered all of it."""
    return await here.heard(DURABLE)


async def closed(here: House, count: int = WHISTLES) -> None:
    """Every whistle was blown once and lived its whole life once; its tickets know that it is closed, and no clock of
    theirs was moved by that."""
    found = await here.sql("SELECT state, outcome, count(*) FROM whistles GROUP BY 1, 2")
    assert [tuple(row) for row in found] == [("closed", "rated", count)]
    rows = await here.sql(
        "SELECT noun, id, version, body FROM log WHERE noun IN ('ticket', 'whistle') ORDER BY 1, 2, 3"
    )
    wanted: dict[str, set[str]] = {}
    for row in rows:
        if row["noun"] == "whistle" and row["version"] == 1:
            blown = _WHISTLE.decode(read(row["body"]).data)
            assert isinstance(blown, whistle.steps.Blown)
            wanted.setdefault(str(blown.ticket), set()).add(row["id"])
    told: dict[str, Any] = {}
    for row in rows:
        if row["noun"] == "ticket":
            before = told.get(row["id"])
            told[row["id"]] = after = follow(before, _TICKET.decode(read(row["body"]).data))
            if before is not None and before.whistles != after.whistles:
                assert (before.next_at, before.due, before.state) == (after.next_at, after.due, after.state)
    known = {number: {one.number: one.stage for one in ticket.whistles} for number, ticket in told.items()}
    assert {number: set(one) for number, one in known.items() if one} == wanted
    assert {stage for one in known.values() for stage in one.values()} == {"closed"}


@pytest.mark.parametrize("point", DESK)
async def test_who_orders_whistles_is_killed_at(house: Move, point: str) -> None:
    """Nothing half done; asked again under the same causes, every whistle is there once and lives its life once."""
    here = await city(house)
    doomed = whistler(here, kill_at=f"{point}:7")
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL, doomed.log.read_text()
    await ended(whistler(here))
    here.consume("relay", "whistles")
    await until(lambda: heard(here), 60, "all was told")
    await closed(here)
    assert (await invariants(here)).tickets == TICKETS


@pytest.mark.parametrize("point", HEARSAY)
async def test_who_tells_is_killed_at(house: Move, point: str) -> None:
    here = await city(house)
    await ended(whistler(here))
    relay = here.consume("relay")
    await until(here.drained, 30, "all is on EVENTS")
    doomed, heir = here.consume("whistles", kill_at=f"{point}:2"), here.consume("whistles", wait=True)
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL
    heir.go()
    await until(lambda: heard(here), 60, "all was told")
    await closed(here)
    assert (await invariants(here)).tickets == TICKETS
    assert (heir.ended(), relay.ended()) == (None, None)


async def test_all_events_come_again(house: Move) -> None:
    """A consumer made anew on a stream that was lost and published anew: every event comes twice or more, the log has
    nothing new."""
    here = await city(house)
    teller = here.consume("relay", "whistles")
    await ended(whistler(here))
    await until(lambda: heard(here), 60, "all was told")
    before = await here.count("log")
    await teller.terminate()
    js = here.nc.jetstream()
    await js.delete_consumer(streams.EVENTS, DURABLE)
    again = here.consume("relay", "whistles")  # which makes the consumer

    async def come_again() -> bool:
        return (await js.consumer_info(streams.EVENTS, DURABLE)).delivered.consumer_seq > 0

    await again.ready()
    await until(come_again, 30, "the events come again")
    await until(lambda: heard(here), 60, "all was told again")
    assert await here.count("log") == before
    await again.terminate()
    await js.delete_stream(streams.EVENTS)
    last = here.consume("relay", "whistles")
    await last.ready()
    await until(come_again, 30, "the events were published again, and come")
    await until(lambda: heard(here), 60, "all was told once more")
    assert await here.count("log") == before
    await closed(here)
    await invariants(here)


async def test_nats_and_postgres_are_killed_while_they_hear(house: Move) -> None:
    here = await city(house)
    teller = here.consume("relay", "whistles")
    await teller.ready()
    living = whistler(here, 300)

    async def some(least: int) -> bool:
        rows = await here.sql("SELECT count(*) FROM log WHERE step = 'ticket.whistled.v1'")
        return bool(rows[0][0] > least)

    await until(lambda: some(50), 60, "tickets are told", every=0.01)
    here.kill_nats()
    await here.nats_again()
    await ended(living)
    await until(lambda: some(600), 60, "tickets are told again", every=0.01)
    here.kill_postgres()
    await here.postgres_again()
    await until(lambda: heard(here), 60, "all was told")
    await closed(here, 300)
    await invariants(here)
    assert teller.ended() is None


@pytest.mark.parametrize("point", ["desk.begun", "desk.decided", "desk.before-commit", "desk.after-commit"])
async def test_who_sweeps_whistles_is_killed_at(house: Move, point: str) -> None:
    """Whistles that nobody answers, and tickets, for days: each duty is supervised once a limit, in its order."""
    here = await city(house)
    await ended(whistler(here, 60, 2))
    here.days_go_by(14)
    here.consume("relay", "whistles")
    doomed, heir = here.consume("deadlines", kill_at=f"{point}:2"), here.consume("deadlines", wait=True)
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL
    heir.go()
    await until(here.swept, 60, "nothing is due any more")
    await until(lambda: heard(here), 60, "all was told")
    late = await here.sql("SELECT DISTINCT level FROM whistles")
    assert [row[0] for row in late] == [1], "supervised once: the new limit has not run out"
    rows = await here.sql("SELECT noun, id, version, at, body FROM log WHERE noun = 'whistle' ORDER BY id, version")
    assert len(on_time(rows, await here.told())) >= 60
    with pytest.raises(AssertionError, match="did not climb in time"):
        on_time(rows, await here.told() + timedelta(days=30))
    told = await here.sql(
        "SELECT count(*) FROM log WHERE step = 'ticket.whistled.v1' AND convert_from(body, 'UTF8') LIKE '%supervised%'"
    )
    assert told[0][0] >= 60
    await invariants(here)


async def test_what_is_wrong_with_whistles_is_noticed(house: Move) -> None:
    """The controls of what the invariants say of whistles."""
    here = await city(house)
    await ended(whistler(here, 10, 3))
    here.consume("relay", "whistles")
    await until(lambda: heard(here), 60, "all was told")
    await invariants(here)
    spoilt = {
        "lack steps": (
            "UPDATE whistles SET version = version + 1 WHERE number = 'SH000000001'",
            "UPDATE whistles SET version = version - 1 WHERE number = 'SH000000001'",
        ),
        "other words": (
            "INSERT INTO vault.dossiers (ref, key, body, at)"
            " SELECT 'SH000000001/more', key, body, at FROM vault.dossiers LIMIT 1",
            "DELETE FROM vault.dossiers WHERE ref = 'SH000000001/more'",
        ),
        "views differ": (
            "UPDATE whistle_duties SET level = 1 WHERE number = 'SH000000002'",
            "UPDATE whistle_duties SET level = 0 WHERE number = 'SH000000002'",
        ),
    }
    for said, (spoil, mend) in spoilt.items():
        await here.sql(spoil, role=postgres.ADMIN)
        with pytest.raises(AssertionError, match=said):
            await invariants(here)
        await here.sql(mend, role=postgres.ADMIN)
    await invariants(here)
