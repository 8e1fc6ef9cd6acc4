"""kill -9 while mediations live, while they and their tickets hear of each other, and while their time runs out."""

import asyncio
import signal
from collections import Counter

import msgspec
import pytest

from consumers.mediation import DURABLE, SUBJECTS, news
from huiyin import faults
from huiyin.bus import streams
from huiyin.core import mediation
from huiyin.core.mediation import Mediation
from huiyin.core.proof import read
from huiyin.core.ticket import Step, follow
from huiyin.engines import postgres
from tests.faults.house import Child, House, Move, feed, until
from tests.faults.invariants import invariants, on_time

pytestmark = pytest.mark.fault

ACK_WAIT = 1.0
TICKETS, LIVES, SENT = 60, 60, 20  # a third of the lives comes of tickets, as many tickets are sent by their closing
DESK = [one for one in faults.POINTS if one.startswith("desk.")]
GO = [one for one in faults.POINTS if one.startswith("mediation.")]
_TICKET, _MEDIATION = msgspec.json.Decoder(Step), msgspec.json.Decoder(mediation.Step)


def mediator(here: House, lives: int = LIVES, stages: int = 99, sent: int = SENT, **env: str) -> Child:
    return here.start(str(lives), str(stages), str(sent), module="tests.faults.mediator", **env)


async def city(move: Move, **how: float) -> House:
    """A house with tickets, and a consumer's place on EVENTS that gives back soon what was not acknowledged."""
    here = await move(ack_wait=ACK_WAIT, **how)
    await here.nc.jetstream().add_consumer(streams.EVENTS, streams.durable(DURABLE, *SUBJECTS, ack_wait=ACK_WAIT))
    worker = here.consume("sorter", "relay")
    await here.publish(feed(range(TICKETS)))
    await here.settled(30)
    await worker.terminate()
    return here


async def ended(child: Child, seconds: float = 90) -> None:
    await until(lambda: child.ended() is not None, seconds, "the mediator is at its end")
    assert child.ended() == 0, child.log.read_text()


async def heard(here: House) -> bool:
    """Everything is published, and the consumer of mediations has answered all of it."""
    return await here.heard(DURABLE)


async def told(here: House, lives: int = LIVES, sent: int = SENT) -> None:
    """Every mediation lived its whole life once; every ticket that was closed for mediation has one application; each
    ticket knows of its mediations what news there was, and no clock of it was moved by that."""
    found = {row[0]: row[1] for row in await here.sql("SELECT state, count(*) FROM mediations GROUP BY 1")}
    assert found == {"archived": lives, "applied": sent}
    rows = await here.sql(
        "SELECT noun, id, version, body FROM log WHERE noun IN ('mediation', 'ticket') ORDER BY 1, 2, 3"
    )
    cases: dict[str, Mediation] = {}
    wanted: dict[str, dict[str, str]] = {}
    tickets = {}
    for row in rows:
        data = read(row["body"]).data
        if row["noun"] == "mediation":
            before = cases.get(row["id"])
            cases[row["id"]] = after = mediation.follow(before, _MEDIATION.decode(data))
            if after.ticket is not None and (fresh := news(before, after)):
                wanted.setdefault(after.ticket, {})[after.number] = fresh
            continue
        was = tickets.get(row["id"])
        tickets[row["id"]] = now = follow(was, _TICKET.decode(data))
        if was is not None and was.mediations != now.mediations:
            assert (was.next_at, was.due, was.state) == (now.next_at, now.due, now.state)
    known = {number: {m.number: m.progress for m in one.mediations} for number, one in tickets.items()}
    assert {number: some for number, some in known.items() if some} == wanted
    of_closed = Counter(one.ticket for one in cases.values() if one.state == "applied")
    assert set(of_closed.values()) == {1}, "one application for a ticket that was closed"
    assert of_closed.keys() == {number for number, one in tickets.items() if one.state == "closed"}


@pytest.mark.parametrize("point", DESK)
async def test_who_orders_mediations_is_killed_at(house: Move, point: str) -> None:
    """Nothing half done; asked again under the same causes, every mediation is there once and lives its life once, and
    the numbers of the cases have neither gaps nor doubles."""
    here = await city(house)
    doomed = mediator(here, kill_at=f"{point}:9")
    await until(lambda: doomed.ended() is not None, 60, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL, doomed.log.read_text()
    await ended(mediator(here))
    here.consume("relay", "mediation")
    await until(lambda: heard(here), 60, "all was told")
    await told(here)
    assert (await invariants(here)).tickets == TICKETS


@pytest.mark.parametrize("point", GO)
async def test_who_tells_is_killed_at(house: Move, point: str) -> None:
    here = await city(house)
    await ended(mediator(here))
    relay = here.consume("relay")
    await until(here.drained, 30, "all is on EVENTS")
    doomed, heir = here.consume("mediation", kill_at=f"{point}:2"), here.consume("mediation", wait=True)
    await until(lambda: doomed.ended() is not None, 30, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL
    heir.go()
    await until(lambda: heard(here), 60, "all was told")
    await told(here)
    assert (await invariants(here)).tickets == TICKETS
    assert (heir.ended(), relay.ended()) == (None, None)


async def test_all_events_come_again(house: Move) -> None:
    """A consumer made anew, and a stream that was lost: every event comes twice or more, the log has nothing new."""
    here = await city(house)
    teller = here.consume("relay", "mediation")
    await ended(mediator(here))
    await until(lambda: heard(here), 60, "all was told")
    before = await here.count("log")
    await teller.terminate()
    js = here.nc.jetstream()

    async def come_again() -> bool:
        return (await js.consumer_info(streams.EVENTS, DURABLE)).delivered.consumer_seq > 0

    for lose in (lambda: js.delete_consumer(streams.EVENTS, DURABLE), lambda: js.delete_stream(streams.EVENTS)):
        await lose()
        again = here.consume("relay", "mediation")  # which makes what is lost
        await again.ready()
        await until(come_again, 30, "the events come again")
        await until(lambda: heard(here), 60, "all was told again")
        assert await here.count("log") == before
        await again.terminate()
    here.consume("relay", "mediation")
    await told(here)
    await invariants(here)


async def test_nats_and_postgres_are_killed_while_they_hear(house: Move) -> None:
    here = await city(house)
    teller = here.consume("relay", "mediation")
    await teller.ready()
    living = mediator(here, 150)

    async def some(least: int) -> bool:
        rows = await here.sql("SELECT count(*) FROM log WHERE step = 'ticket.mediated.v1'")
        return bool(rows[0][0] >= least)

    await until(lambda: some(10), 60, "tickets are told", every=0.01)
    here.kill_nats()
    await here.nats_again()
    await ended(living)
    await until(lambda: some(60), 60, "tickets are told again", every=0.01)
    here.kill_postgres()
    await here.postgres_again()
    await until(lambda: heard(here), 60, "all was told")
    await told(here, 150)
    await invariants(here)
    assert teller.ended() is None


async def test_two_at_once_under_the_same_causes(house: Move) -> None:
    """Everything twice, at the same moment: each thing is done once, no number is taken for nothing."""
    here = await city(house)
    here.consume("relay", "mediation")
    first, second = mediator(here, wait=True), mediator(here, wait=True)
    for one in (first, second):
        one.go()
    await asyncio.gather(ended(first), ended(second))
    await until(lambda: heard(here), 60, "all was told")
    await told(here)
    await invariants(here)


@pytest.mark.parametrize("point", ["desk.begun", "desk.decided", "desk.before-commit", "desk.after-commit"])
async def test_who_sweeps_mediations_is_killed_at(house: Move, point: str) -> None:
    """Cases in the middle that nobody goes on with, for six weeks: each limit ends, or is urged, once and in time."""
    here = await city(house)
    await ended(mediator(here, stages=9, sent=0))
    here.days_go_by(45)
    here.consume("relay", "mediation")
    doomed, heir = here.consume("deadlines", kill_at=f"{point}:3"), here.consume("deadlines", wait=True)
    await until(lambda: doomed.ended() is not None, 60, f"{point} is reached")
    assert doomed.ended() == -signal.SIGKILL
    heir.go()
    await until(here.swept, 60, "nothing is due any more")
    await until(lambda: heard(here), 60, "all was told")
    found = await here.sql("SELECT state, reason, count(*) FROM mediations GROUP BY 1, 2")
    assert [tuple(row) for row in found] == [("ended", "time-over", LIVES)], "the month is over, the routes are told"
    rows = await here.sql("SELECT noun, id, version, at, body FROM log WHERE noun = 'mediation' ORDER BY id, version")
    assert len(on_time(rows, await here.told())) >= LIVES
    heard_of = await here.sql("SELECT count(*) FROM log WHERE step = 'ticket.mediated.v1'")
    assert heard_of[0][0] == LIVES  # of each third: applied, accepted, ended
    await invariants(here)


async def test_what_is_wrong_with_mediations_is_noticed(house: Move) -> None:
    """The controls of what the invariants say of mediations."""
    here = await city(house)
    await ended(mediator(here, 9, 12, 0))
    here.consume("relay", "mediation")
    await until(lambda: heard(here), 60, "all was told")
    await invariants(here)
    spoilt = {
        "lack steps": (
            "UPDATE mediations SET version = version + 1 WHERE number = 'TJ000000001'",
            "UPDATE mediations SET version = version - 1 WHERE number = 'TJ000000001'",
        ),
        "other words": (
            "INSERT INTO vault.dossiers (ref, key, body, at)"
            " SELECT 'TJ000000001/more', key, body, at FROM vault.dossiers LIMIT 1",
            "DELETE FROM vault.dossiers WHERE ref = 'TJ000000001/more'",
        ),
        "gaps or doubles": (
            "UPDATE mediation_counters SET last = last + 1",
            "UPDATE mediation_counters SET last = last - 1",
        ),
        "views differ": (
            "UPDATE mediation_duties SET level = 1 WHERE number = 'TJ000000002'",
            "UPDATE mediation_duties SET level = 0 WHERE number = 'TJ000000002'",
        ),
    }
    for said, (spoil, mend) in spoilt.items():
        await here.sql(spoil, role=postgres.ADMIN)
        with pytest.raises(AssertionError, match=said):
            await invariants(here)
        await here.sql(mend, role=postgres.ADMIN)
    await invariants(here)
