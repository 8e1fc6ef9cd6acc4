"""Whistles and tickets hear of each other: through the log's own events, in any order, however often they come."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest
from nats.aio.msg import Msg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from consumers.whistles import DURABLE, SUBJECTS, Hearsay
from huiyin import review
from huiyin.bus import streams
from huiyin.bus.consume import Later, Pull, Say, consume
from huiyin.bus.relay import Relay, outgoing
from huiyin.clerk import Clerk
from huiyin.core import commands as ask
from huiyin.core.ticket import Ticket
from huiyin.core.whistle import commands as c
from huiyin.core.whistled import Whistled
from huiyin.core.words import Actor
from huiyin.desk import Away, Change, Desk, Order
from huiyin.rules.load import load_sorting_rules
from huiyin.store import log, tickets, whistles
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.whistling import WhistleDesk
from tests.conftest import Bus, Database
from tests.core.whistling import BOOK, CITY, LEADER, POLICE, SAID, STREET, at_department, blow, done
from tests.core.whistling import ask as asked
from tests.core.world import AT, RULES
from tests.flows.test_desk import complaint
from tests.flows.test_whistling import fresh
from tests.flows.test_whistling import order as whistling

SEAL = Seal(b"m" * 32)
CITY_HALL, POLICEMAN = at_department(CITY), at_department(POLICE)
WORKER, ABOVE = Actor("building_leader:E1-B01", "building_leader", "p-1"), Actor("community:990101001001", "community")


class Town:
    """A database with both desks, and what they told each other; `now` is what the clock says."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self.now = engine, AT
        self.desk = Desk(engine, RULES, load_sorting_rules().matters, b"r" * 32)
        self.whistling = WhistleDesk(engine, BOOK)
        self.hearsay = Hearsay(self.desk, self.whistling, SEAL, lambda: self.now)
        self._causes = 0

    async def filed(self, count: int = 1) -> list[str]:
        orders = [complaint(f"t{self._cause()}") for _ in range(count)]
        return [str(answer.number) for answer in await self.desk.act(orders, at=self.now)]

    def _cause(self) -> int:
        self._causes += 1
        return self._causes

    async def does(self, number: str, command: Any, by: Actor = STREET) -> None:
        (answer,) = await self.whistling.act([whistling(number, command, by)], at=self.now)
        assert (answer.outcome, answer.code) == ("done", None), command

    async def blown(self, ticket: str | None, kind: str = "daily", **more: Any) -> str:
        number = await fresh(self.engine)
        await self.does(number, blow(kind, ticket=ticket, **more))
        return number

    async def at_ticket(self, number: str, command: ask.Command, by: Actor) -> None:
        order = Order("urn:test", f"a{self._cause()}", by.post, Change(number, command), role=by.role, person=by.person)
        (answer,) = await self.desk.act([order], at=self.now)
        assert (answer.outcome, answer.code) == ("done", None), command

    async def replied(self, number: str) -> None:
        for command in (ask.Sign(), ask.Resolve(SAID), ask.Reply(SAID)):
            await self.at_ticket(number, command, WORKER)

    async def events(self, like: str = "%") -> list[Msg]:
        """What the relay would have published by now, as far as the consumer's filters let it through."""
        async with self.engine.connect() as connection:
            entries = await log.tail(connection, log.Cursor(), 100_000)
        found = [outgoing(one) for one in entries]
        wanted = [one for one in found if any(one.subject.startswith(s.removesuffix(">")) for s in SUBJECTS)]
        return [message(one.payload, n, subject=one.subject) for n, one in enumerate(wanted, 1)]

    async def told(self) -> None:
        assert set(await self.hearsay(await self.events())) <= {Say.DONE}

    async def ticket(self, number: str) -> Ticket:
        async with self.engine.connect() as connection:
            return (await tickets.load(connection, [number]))[number][0]

    async def heard(self, number: str) -> list[tuple[str, str, int | None]]:
        async with self.engine.connect() as connection:
            whistle = (await whistles.CHAINS.load(connection, [number]))[number][0]
        return [(one.ticket, one.solved, one.satisfied) for one in whistle.heard]

    async def stages(self, ticket: str) -> list[str]:
        """What a ticket was told, in the order of its log."""
        async with self.engine.connect() as connection:
            leaves = (await log.bodies(connection, "ticket", [ticket]))[ticket]
        return [step.stage for step in tickets.steps(leaves) if isinstance(step, Whistled)]


def message(payload: bytes, seq: int, deliveries: int = 1, subject: str = "huiyin.event.whistle.x.-") -> Msg:
    return Msg(cast(Any, None), subject, f"$JS.ACK.EVENTS.whistles.{deliveries}.{seq}.{seq}.0.0", payload)


def again(messages: Sequence[Msg], deliveries: int) -> list[Msg]:
    """The same, delivered so often."""
    return [message(m.data, int(m.reply.split(".")[5]), deliveries, m.subject) for m in messages]


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test", size=8)
    yield made
    await made.dispose()


@pytest.fixture
def town(engine: AsyncEngine) -> Town:
    return Town(engine)


async def sound(engine: AsyncEngine) -> None:
    """The log verifies, and every view is what the log says."""
    assert (await review.verify(engine)).whole
    assert (await review.rebuild(engine)).differences == []


async def life(town: Town, number: str) -> None:
    """A whistle with a co-department, from the approval to both ratings."""
    for command, by in (
        (c.Approve(), LEADER), (c.Acknowledge("p-x"), CITY_HALL), (c.Acknowledge("p-y"), POLICEMAN),
        (c.Answer(SAID), POLICEMAN), (done(town.now), CITY_HALL), (c.Return(SAID), STREET),
        (done(town.now), CITY_HALL), (c.Confirm(), STREET), (c.RateDepartment(CITY, 5, 4, 3), STREET),
        (c.RateDepartment(POLICE, 2, 2, 2), STREET), (c.RateBlower("partly", 4), CITY_HALL),
    ):  # fmt: skip
        await town.does(number, command, by)


TEAM = (asked(CITY, lead=True), asked(POLICE))
LIFE = ["blown", "called", "acknowledged", "replied", "returned", "replied", "confirmed", "closed"]


def without_twins(stages: list[str]) -> list[str]:
    """The stages where only the limit was another are left out."""
    return [stage for i, stage in enumerate(stages) if i == 0 or stages[i - 1] != stage]


# -- what a ticket is told --------------------------------------------------------------------------------


async def test_a_ticket_is_told_the_whole_life(town: Town) -> None:
    (ticket,) = await town.filed()
    before = await town.ticket(ticket)
    number = await town.blown(ticket, asks=TEAM)
    await life(town, number)
    await town.told()
    assert without_twins(await town.stages(ticket)) == LIFE
    after = await town.ticket(ticket)
    (kept,) = after.whistles
    assert (kept.number, kept.stage, kept.at) == (number, "closed", None)
    assert (after.next_at, after.due, after.case_due, after.state, after.rung) == (
        before.next_at, before.due, before.case_due, before.state, before.rung
    ), "no clock of the ticket waits for a whistle"  # fmt: skip
    await sound(town.engine)


async def test_step_by_step_it_knows_the_soonest_limit(town: Town) -> None:
    (ticket,) = await town.filed()
    number = await town.blown(ticket, asks=TEAM)
    limits = []
    for command, by in (
        (None, STREET), (c.Approve(), LEADER), (c.Acknowledge("p-x"), CITY_HALL), (c.Acknowledge("p-y"), POLICEMAN),
    ):  # fmt: skip
        if command is not None:
            await town.does(number, command, by)
        await town.told()
        async with town.engine.connect() as connection:
            whistle = (await whistles.CHAINS.load(connection, [number]))[number][0]
        (kept,) = (await town.ticket(ticket)).whistles
        assert whistle.due is not None
        assert (kept.version, kept.at) == (whistle.version, whistle.due.at)
        limits.append(kept.at)
    assert len(set(limits)) > 1


async def test_again_and_in_any_order_it_ends_the_same(town: Town) -> None:
    first, second = await town.filed(2)
    one, two = await town.blown(first, asks=TEAM), await town.blown(second, asks=TEAM, apart=SAID)
    await life(town, one)
    await life(town, two)
    events = await town.events()
    chance = random.Random(5)
    for deliveries in (1, 1, 2, 3):
        chance.shuffle(events)
        for n in range(0, len(events), 5):
            assert set(await town.hearsay(again(events[n : n + 5], deliveries))) == {Say.DONE}
    for ticket, number in ((first, one), (second, two)):
        (kept,) = (await town.ticket(ticket)).whistles
        assert (kept.number, kept.stage) == (number, "closed")
        stages = await town.stages(ticket)
        assert [stage for stage in LIFE if stage in stages][-1] == stages[-1] == "closed"
        assert set(stages) <= set(LIFE)
    await sound(town.engine)


async def test_redelivered_from_the_beginning_nothing_is_new(town: Town) -> None:
    (ticket,) = await town.filed()
    number = await town.blown(ticket, asks=TEAM)
    await life(town, number)
    await town.told()
    steps = (await town.ticket(ticket)).version
    await town.told()  # a consumer made anew: every event comes for the first time
    assert set(await town.hearsay(again(await town.events(), 4))) == {Say.DONE}
    assert (await town.ticket(ticket)).version == steps
    async with town.engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM suspects"))).scalar() == 0, "done is not tried"


async def test_every_ticket_of_a_whistle_and_who_joins_later(town: Town) -> None:
    first, second, third, stranger = await town.filed(4)
    number = await town.blown(first, asks=TEAM)
    await town.does(number, c.Join(second))
    await town.told()
    assert await town.stages(second) == ["joined"]
    await town.does(number, c.Approve(), LEADER)
    await town.does(number, c.Acknowledge("p-x"), CITY_HALL)
    await town.does(number, c.Join(third))
    await town.told()
    assert await town.stages(first) == ["blown", "called", "acknowledged"]
    assert await town.stages(second) == ["joined", "called", "acknowledged"]
    assert await town.stages(third) == ["acknowledged"], "the newest, not what was before"
    assert await town.stages(stranger) == []
    (kept,) = (await town.ticket(third)).whistles
    (its,) = (await town.ticket(first)).whistles
    assert kept.at == its.at


async def test_an_emergency_late_supervised_and_paused(town: Town) -> None:
    (ticket,) = await town.filed()
    number = await town.blown(ticket, "emergency")
    town.now = AT + timedelta(minutes=10)
    while await town.whistling.sweep(town.now):
        pass
    await town.told()
    assert await town.stages(ticket) == ["blown", "called", "supervised"]
    await town.does(number, c.Acknowledge("p-x"), CITY_HALL)
    await town.told()
    assert (await town.stages(ticket))[-1] == "acknowledged"
    other = await town.blown(ticket, "key", apart=SAID)
    for command, by in (
        (c.Approve(), LEADER), (c.Acknowledge("p-x"), CITY_HALL), (c.AskPause("weather", 3, SAID), CITY_HALL),
        (c.GrantPause(), Actor(STREET.post, "street", "p-colleague")), (c.Resume(), CITY_HALL),
        (c.Plan(SAID, town.now + timedelta(days=2)), CITY_HALL),
    ):  # fmt: skip
        await town.does(other, command, by)
    await town.told()
    kept = {one.number: one.stage for one in (await town.ticket(ticket)).whistles}
    assert kept == {number: "acknowledged", other: "planned"}
    assert without_twins((await town.stages(ticket))[4:]) == [
        "blown", "called", "acknowledged", "paused", "resumed", "planned",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("commands", "end"),
    [
        ([(c.SendBack("not-enough", SAID), STREET)], "sent-back"),
        ([(c.PassOn(), STREET), (c.Decline("not-enough", SAID), LEADER)], "declined"),
        ([(c.Cancel("mistaken"), Actor("community:990101001001", "community", "p-community"))], "cancelled"),
    ],
)
async def test_every_other_end(town: Town, commands: list[Any], end: str) -> None:
    (ticket,) = await town.filed()
    number = await fresh(town.engine)
    await town.does(number, blow(ticket=ticket), Actor("community:990101001001", "community", "p-community"))
    for command, by in commands:
        await town.does(number, command, by)
    await town.told()
    assert [*dict.fromkeys(await town.stages(ticket))] == ["blown", end]


async def test_an_emergency_declined_afterwards_goes_on(town: Town) -> None:
    (ticket,) = await town.filed()
    number = await town.blown(ticket, "emergency")
    await town.does(number, c.Acknowledge("p-x"), CITY_HALL)
    await town.does(number, c.Decline("other", SAID), LEADER)
    await town.told()
    assert (await town.stages(ticket))[-1] == "acknowledged"


async def test_a_new_lead_is_called_anew(town: Town) -> None:
    (ticket,) = await town.filed()
    number = await town.blown(ticket)
    for command, by in (
        (c.Approve(), LEADER), (c.Acknowledge("p-x"), CITY_HALL), (c.Object("not-our-duty", SAID), CITY_HALL),
        (c.Rule(CITY, upheld=True, to=POLICE), Actor(STREET.post, "street", "p-colleague")),
        (c.Acknowledge("p-y"), POLICEMAN),
    ):  # fmt: skip
        await town.does(number, command, by)
    await town.told()
    assert without_twins(await town.stages(ticket)) == ["blown", "called", "acknowledged", "called", "acknowledged"]


async def test_closed_or_merged_meanwhile_it_is_kept_as_a_record(town: Town) -> None:
    lead, merged, closed = await town.filed(3)
    number = await town.blown(lead)
    await town.does(number, c.Join(merged))
    await town.does(number, c.Join(closed))
    await town.replied(closed)
    await town.at_ticket(closed, ask.FollowUp("yes", 5, "call"), ABOVE)
    order = Order(
        "urn:test", "merge", ABOVE.post,
        Change(merged, ask.Merge(lead), also=(Change(lead, ask.Join(merged, "E1-B01", AT)),)), role="community",
    )  # fmt: skip
    (answer,) = await town.desk.act([order], at=town.now)
    assert answer.code is None
    before = {one: await town.ticket(one) for one in (lead, merged, closed)}
    assert (before[merged].state, before[closed].state) == ("merged", "closed")
    await town.told()
    for one, was in before.items():
        now = await town.ticket(one)
        assert now.whistles
        assert (now.state, now.next_at, now.due, now.closed_at) == (was.state, was.next_at, was.due, was.closed_at)
    await sound(town.engine)


async def test_a_whistle_without_a_ticket_is_told_to_nobody(town: Town) -> None:
    number = await town.blown(None, source="patrol", tried=())
    await life(town, await town.blown((await town.filed())[0], asks=TEAM, apart=SAID))
    await town.told()
    async with town.engine.connect() as connection:
        found = await connection.execute(text("SELECT count(*) FROM inbox WHERE event_id LIKE :like"),
                                         {"like": f"%{number}%"})  # fmt: skip
        assert found.scalar() == 0


async def test_a_ticket_that_is_not_there_is_refused_once_and_said(town: Town) -> None:
    number = await town.blown("HY999999999")
    with capture_logs() as said:
        await town.told()
    refused = [line for line in said if line["event"] == "refused"]
    assert [(line["noun"], line["id"], line["code"]) for line in refused] == [
        ("ticket", "HY999999999", "unknown-ticket")
    ]
    assert number not in await town.heard(number)


async def test_a_thousand_tickets_on_one_whistle(town: Town) -> None:
    numbers = await town.filed(1_000)
    number = await town.blown(numbers[0])
    joins = [whistling(number, c.Join(one), STREET) for one in numbers[1:]]
    assert {one.outcome for one in await town.whistling.act(joins, at=AT)} == {"done"}
    await town.does(number, c.Approve(), LEADER)
    await town.told()
    async with town.engine.connect() as connection:
        loaded = await tickets.load(connection, numbers)
    assert {one.whistles[0].stage for one, _ in loaded.values()} == {"called"}


# -- what a whistle hears ---------------------------------------------------------------------------------


async def test_what_the_resident_said_is_told_to_every_whistle_of_the_ticket(town: Town) -> None:
    ticket, other = await town.filed(2)
    one = await town.blown(ticket)
    two = await town.blown(other, apart=SAID)
    await town.does(two, c.Join(ticket))
    three = await town.blown(other, apart=SAID)
    await town.replied(ticket)
    town.now += timedelta(minutes=1)
    await town.at_ticket(ticket, ask.FollowUp("partly", 3, "call"), ABOVE)
    await town.told()
    assert await town.heard(one) == await town.heard(two) == [(ticket, "partly", 3)]
    assert await town.heard(three) == []
    async with town.engine.connect() as connection:
        rows = await connection.execute(text("SELECT number, solved FROM whistles ORDER BY number"))
        assert dict(map(tuple, rows)) == {one: "partly", two: "partly", three: None}


async def test_the_last_word_counts_whichever_event_comes_last(town: Town) -> None:
    (ticket,) = await town.filed()
    number = await town.blown(ticket)
    await town.replied(ticket)
    for solved in ("partly", "yes"):
        town.now += timedelta(minutes=1)
        await town.at_ticket(ticket, ask.FollowUp(solved, None, "call"), ABOVE)  # type: ignore[arg-type]
    first, second = [m for m in await town.events() if "followed_up" in m.subject]
    for one in (second, first):
        assert await town.hearsay([one]) == [Say.DONE]
    assert await town.heard(number) == [(ticket, "yes", None)]


async def test_a_whistle_hears_nothing_that_was_said_before_it_was_blown(town: Town) -> None:
    (ticket,) = await town.filed()
    await town.replied(ticket)
    await town.at_ticket(ticket, ask.FollowUp("no", 1, "call"), ABOVE)  # it climbs
    town.now += timedelta(hours=1)
    number = await town.blown(ticket)
    await town.told()
    assert await town.heard(number) == []


async def test_a_whistle_that_is_closed_hears_too(town: Town) -> None:
    (ticket,) = await town.filed()
    number = await town.blown(ticket, asks=TEAM)
    await life(town, number)
    await town.replied(ticket)
    await town.at_ticket(ticket, ask.FollowUp("yes", None, "call"), ABOVE)
    await town.told()
    assert await town.heard(number) == [(ticket, "yes", None)]
    await sound(town.engine)


# -- what cannot be done ----------------------------------------------------------------------------------


async def test_what_is_no_event_of_ours_is_buried(town: Town) -> None:
    good = await town.blown((await town.filed())[0])
    junk = [message(b"junk", 900), message(b'{"id":"x","source":"s","type":"t","subject":"y"}', 901)]
    events = await town.events()
    with capture_logs() as said:
        assert await town.hearsay([*junk, *events]) == [Say.NEVER, Say.NEVER, *[Say.DONE] * len(events)]
    assert [line["reason"] for line in said if line["event"] == "buried"] == ["wrong-type"] * 2
    async with town.engine.connect() as connection:
        rows = await connection.execute(text("SELECT stream, stream_seq, reason FROM dead_letters ORDER BY 2"))
        assert [tuple(row) for row in rows] == [("EVENTS", 900, "wrong-type"), ("EVENTS", 901, "wrong-type")]
    assert good


async def test_a_step_that_the_log_does_not_have_leads_to_nothing(town: Town) -> None:
    number = await town.blown((await town.filed())[0])
    (event,) = await town.events()
    later = event.data.replace(f"-{number}-1".encode(), f"-{number}-7".encode())
    strange = event.data.replace(number.encode(), b"SH999999999")
    assert await town.hearsay([message(later, 1), message(strange, 2)]) == [Say.DONE, Say.DONE]


class Broken(Clerk):
    """A desk that one order breaks."""

    def __init__(self, desk: Clerk, number: str) -> None:
        self._desk, self._number, self.engine, self.noun = desk, number, desk.engine, desk.noun

    async def act(self, orders: Sequence[Order], **how: Any) -> Any:
        if any(order.what.number == self._number for order in orders):  # type: ignore[union-attr]
            raise KeyError("a bug of ours")
        return await self._desk.act(orders, **how)

    async def _write(self, *_: Any) -> Any:
        raise NotImplementedError

    async def _wake(self, *_: Any) -> Any:
        raise NotImplementedError


async def test_one_that_breaks_us_waits_and_the_others_go_on(town: Town) -> None:
    """It is never given up: what stands in the log is told once the bug is mended."""
    numbers = await town.filed(5)
    for ticket in numbers:
        await town.blown(ticket, apart=SAID)
    events = await town.events()
    whole_desk, town.hearsay.desk = town.hearsay.desk, cast(Desk, Broken(town.desk, numbers[2]))
    found = await town.hearsay(events)
    assert [one for one in found if one is not Say.DONE] == [found[2]] == [Later(1.0)]
    pauses = []
    for deliveries in range(2, 14):
        (verdict,) = await town.hearsay(again([events[2]], deliveries))
        assert isinstance(verdict, Later)
        pauses.append(verdict.seconds)
    assert pauses == sorted(pauses)
    assert pauses[-1] == 600.0
    town.hearsay.desk = whole_desk
    assert await town.hearsay(again([events[2]], 20)) == [Say.DONE]
    assert await town.stages(numbers[2]) == ["blown"]


async def test_a_step_of_a_newer_version_waits_for_it(town: Town) -> None:
    """While some of the house is newer than we are (an upgrade), what we cannot read is neither lost nor in the way."""
    one, two = await town.filed(2)
    await town.blown(one)
    odd = await town.blown(two, apart=SAID)
    async with town.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO log (noun, id, version, step, key, at, prev, hash, body) SELECT noun, id, 2,"
                " 'whistle.sung.v1', key, at, hash, hash,"
                " convert_to(replace(convert_from(body, 'UTF8'), 'whistle.blown.v1', 'whistle.sung.v1'), 'UTF8')"
                " FROM log WHERE id = :id"
            ),
            {"id": odd},
        )
    events = await town.events()
    assert [isinstance(one, Later) for one in await town.hearsay(events)] == [False, True, True]
    assert [isinstance(one, Later) for one in await town.hearsay(again(events, 5))] == [False, True, True]
    assert (await town.stages(one), await town.stages(two)) == (["blown"], [])


async def test_nothing_is_told_while_the_database_is_away(town: Town) -> None:
    await town.blown((await town.filed())[0])
    events = await town.events()
    nowhere = connect("postgresql://huiyin_app:x@127.0.0.1:1/none", name="test")
    town.hearsay.desk = Desk(nowhere, RULES, load_sorting_rules().matters, b"r" * 32)
    for messages in (events, again(events, 5)):
        with pytest.raises(Away):
            await town.hearsay(messages)
    await nowhere.dispose()


# -- over NATS --------------------------------------------------------------------------------------------


async def test_over_nats_only_what_concerns_it_comes(town: Town, database: Database, nats: Bus) -> None:
    """The real relay, stream, durable consumer and loop: from the desk to the ticket and back to the whistle."""
    nc = await streams.connect(nats.url, "test")
    vault = connect(database.vault_url, name="test")
    (ticket,) = await town.filed()
    number = await town.blown(ticket, asks=TEAM)
    stop = asyncio.Event()
    await streams.ensure_durable(nc.jetstream(), streams.EVENTS, DURABLE, *SUBJECTS)
    pull = Pull(nc, streams.EVENTS, DURABLE)
    await pull.start()

    async def back() -> bool:
        return True

    seen: list[str] = []

    async def handle(messages: Sequence[Msg]) -> Any:
        seen.extend(one.subject for one in messages)
        return await town.hearsay(messages)

    working = [
        asyncio.create_task(Relay(nc, town.engine, vault, SEAL).run(stop)),
        asyncio.create_task(consume(nc, pull, handle, stop=stop, back=back)),
    ]
    try:
        await life(town, number)
        await town.replied(ticket)
        await town.at_ticket(ticket, ask.FollowUp("yes", 5, "call"), ABOVE)
        async with asyncio.timeout(20):
            while not (await town.heard(number) and "closed" in await town.stages(ticket)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        for task in working:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await nc.close()
        await vault.dispose()
    assert without_twins(await town.stages(ticket)) == LIFE
    assert {subject.split(".")[2] for subject in seen} == {"whistle", "ticket"}
    assert {subject.split(".")[3] for subject in seen if ".ticket." in subject} == {"followed_up"}
