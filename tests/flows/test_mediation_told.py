"""Tickets and mediations hear of each other: through the log's own events, in any order, however often they come."""

import random
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.mediation import SUBJECTS, Go
from huiyin import review
from huiyin.bus.consume import Say
from huiyin.bus.relay import outgoing
from huiyin.core import commands as ask
from huiyin.core.commands import Outcome
from huiyin.core.mediation import Mediation
from huiyin.core.mediation import commands as c
from huiyin.core.words import Actor, Sealed
from huiyin.desk import Change, Desk, Order
from huiyin.mediating import MediationDesk
from huiyin.rules.load import load_sorting_rules
from huiyin.store import log, mediation_people, mediations, tickets
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.mediating import AT_A, AT_B, BOOK, CASE, DESK, WANG, A, B, apply, words
from tests.core.world import AT, RULES, C
from tests.flows.mediating import ACCEPTED, SEATED, agreed, does, fresh, opened, set_up, told
from tests.flows.sealing import SEAL, Pen
from tests.flows.test_desk import complaint

WORKER = Actor("building_leader:E1-B01", "building_leader", "p-1")


class Town:
    """A database with both desks, and what they told each other."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.desk = Desk(engine, RULES, load_sorting_rules().matters, b"r" * 32)
        self.mediating = MediationDesk(engine, BOOK)
        self.go = Go(self.desk, self.mediating, SEAL, lambda: AT)

    async def sent(self, ident: str = "1", outcome: Outcome = "to-mediation") -> str:
        """A ticket that is closed, for mediation."""
        (answer,) = await self.desk.act([complaint(ident)], at=AT)
        number = str(answer.number)
        said = Pen().mediating(number, c.Decline(words(1)), WORKER).what.sealed  # type: ignore[union-attr]
        sealed = Sealed(said[0][0], said[0][1].digest)
        asked = ((ask.Sign(), WORKER), (ask.Reply(sealed), WORKER), (ask.Close(outcome), DESK))
        for n, (command, by) in enumerate(asked):
            change = Change(number, command, (), said if n == 1 else ())
            order = Order("urn:test", f"{number}-{n}", by.post, change, role=by.role, person=by.person)
            (answer,) = await self.desk.act([order], at=AT)
            assert (answer.outcome, answer.code) == ("done", None), command
        return number

    async def events(self) -> list[Msg]:
        async with self.engine.connect() as connection:
            entries = await log.tail(connection, log.Cursor(), 100_000)
        found = [outgoing(one) for one in entries]
        wanted = [one for one in found if any(one.subject.startswith(s.removesuffix(">")) for s in SUBJECTS)]
        return [_message(one.payload, n, one.subject) for n, one in enumerate(wanted, 1)]

    async def told(self, messages: Sequence[Msg] | None = None) -> None:
        assert set(await self.go(messages or await self.events())) <= {Say.DONE}

    async def of(self, ticket: str) -> list[Mediation]:
        async with self.engine.connect() as connection:
            numbers = await mediations.of_ticket(connection, ticket)
            found = await mediations.CHAINS.load(connection, numbers)
        return [found[number][0] for number in numbers]

    async def heard(self, ticket: str) -> list[str]:
        async with self.engine.connect() as connection:
            found = (await tickets.load(connection, [ticket]))[ticket][0]
        return [f"{one.number} {one.progress}" for one in found.mediations]

    async def sound(self) -> None:
        assert (await review.verify(self.engine)).whole
        assert (await review.rebuild(self.engine)).differences == []


def _message(payload: bytes, seq: int, subject: str, deliveries: int = 1) -> Msg:
    return Msg(cast(Any, None), subject, f"$JS.ACK.EVENTS.mediation.{deliveries}.{seq}.{seq}.0.0", payload)


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    owner = connect(database.owner_url, name="owner")
    await set_up(owner)
    await owner.dispose()
    made = connect(database.url, name="test", size=4)
    yield Town(made)
    await made.dispose()


async def test_a_ticket_closed_for_mediation_opens_one(town: Town) -> None:
    ticket = await town.sent()
    await town.told()
    (one,) = await town.of(ticket)
    assert (one.committee, one.kind, one.source, one.ticket) == (C, "residents", "ticket", ticket)
    assert [(line.party, line.applicant) for line in one.lines] == [("p1", True), ("p2", False)]
    assert one.words.dossier == f"{ticket}/1"
    async with town.engine.connect() as connection:
        (known,) = (await mediation_people.parties(connection, [one.number]))[one.number]
    assert known.role == "complainant"
    assert known.phone == SEAL.mark("13800000000")
    await town.told()
    assert len(await town.of(ticket)) == 1
    assert await town.heard(ticket) == [f"{one.number} applied"]
    await town.sound()


async def test_nothing_is_opened_for_what_ended_otherwise_or_is_mediated_already(town: Town) -> None:
    explained, mediated = await town.sent("1", "explained"), await town.sent("2")
    (number,) = await fresh(town.engine)
    await town.mediating.act([opened(number, apply(source="ticket", ticket=mediated))], at=AT)
    await town.told()
    assert await town.of(explained) == []
    assert [one.number for one in await town.of(mediated)] == [number]


async def test_the_ticket_hears_how_it_comes_out_whatever_the_order(town: Town) -> None:
    ticket = await town.sent()
    await town.told()
    (one,) = await town.of(ticket)
    await told(town.mediating, one.number, SEATED)
    await agreed(town.mediating, one.number)
    await told(town.mediating, one.number, [(c.Perform("i1", "whole", AT, A), AT_A)], hours=4)
    messages = await town.events()
    random.Random(1).shuffle(messages)
    await town.told(messages)
    await town.told()
    assert await town.heard(ticket) == [f"{one.number} performed"]
    await town.sound()


async def test_a_refusal_is_told_and_the_ticket_may_be_sent_again(town: Town) -> None:
    ticket = await town.sent()
    await town.told()
    (one,) = await town.of(ticket)
    await told(town.mediating, one.number, [(c.Refuse(B, "screen"), AT_B)])
    await town.told()
    assert await town.heard(ticket) == [f"{one.number} ended"]


async def test_of_a_restricted_file_no_more_than_that_it_is(town: Town) -> None:
    ticket = await town.sent()
    await town.told()
    (one,) = await town.of(ticket)
    await told(town.mediating, one.number, [*ACCEPTED[:2]])
    await town.told()
    await told(town.mediating, one.number, [(c.FlagRisk("child", words(1)), DESK), *ACCEPTED[2:]])
    await town.told()
    assert await town.heard(ticket) == [f"{one.number} applied"]


async def test_a_dispute_that_flares_up_again_is_linked_back(town: Town) -> None:
    first, second = await fresh(town.engine, 2)
    desk = town.mediating
    await desk.act([opened(first)], at=AT)
    await told(desk, first, [*SEATED])
    await agreed(desk, first)
    await desk.act([opened(second, apply(before=first))], at=AT)
    await town.told()
    await town.told()
    async with town.engine.connect() as connection:
        found = await mediations.CHAINS.load(connection, [first])
    assert found[first][0].resurfaced == (second,)
    assert (await does(desk, second, c.Accept(CASE), DESK)).code == "not-checked"
    assert WANG.person in {seat.person for seat in found[first][0].mediators}
