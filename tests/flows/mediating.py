"""Mediations on a real database: a committee with its mediators and parties, orders with their words in the vault."""

import itertools
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.convening import Office
from huiyin.core.mediation import Command
from huiyin.core.mediation import commands as c
from huiyin.core.mediation.kinds import Side
from huiyin.core.staff import Taken
from huiyin.core.words import Actor, Sealed
from huiyin.mediating import MediationDesk
from huiyin.orders import Answer, Mediating, Order
from huiyin.store import mediations, people, vault
from huiyin.store.committees import Body
from huiyin.store.mediation_people import Known
from tests.core.mediating import AT_A, AT_B, CASE, DESK, DIGEST, LI, TERMS, WANG, ZHAO, A, B, apply, words
from tests.core.world import AT, C
from tests.flows.sealing import SEAL, Pen

BODY = Body(C, "residents", "柳岸", "柳岸社区人民调解委员会")
HOUSE = ("990101001001B01", "601")
TALK = AT + timedelta(hours=1)
_idents = itertools.count(1)
pen = Pen()


async def set_up(engine: AsyncEngine) -> None:
    """A committee of three mediators, one of whom lives with a party."""
    async with engine.begin() as connection:
        await Office(connection, BODY, at=AT, actor=DESK.post).keep()
        for actor in (DESK, WANG, LI, ZHAO):
            await people.admit(connection, actor.person)
            role = "community" if actor is DESK else "mediator"
            step = Taken(actor.post, actor.person, role, f"community:{C}", False, AT - timedelta(days=9))
            await people.give(connection, step)
        await people.describe(connection, ZHAO.person, None, SEAL.household(*HOUSE), None)


async def fresh(engine: AsyncEngine, count: int = 1) -> list[str]:
    async with engine.connect() as connection:
        return await mediations.numbers(connection, count)


def opened(number: str, command: c.Apply | None = None, by: Actor = DESK, ident: str = "") -> Order:
    """An application with both parties' records: names, phones and homes."""
    made, known = [], []
    command = command or apply()
    for one, phone in zip(command.sides, ("13800000001", "13800000002"), strict=False):
        sealed = SEAL.seal(vault.encode(vault.Dossier(text="", name=f"name-{one.party}", phone=phone)), phone)
        if one.party == A:
            sealed = vault.Sealed(sealed.key, sealed.body, sealed.person, SEAL.household(*HOUSE))
        ref = f"{number}/{one.party}"
        made.append((ref, sealed))
        known.append(Known(one.party, applicant=one.applicant, ref=ref))
    order = pen.mediating(number, command, by, ident, tuple(known))
    assert isinstance(order.what, Mediating)
    what = Mediating(number, order.what.command, (*order.what.sealed, *made), people=tuple(known))
    return Order(order.source, order.event_id, order.actor, what, role=by.role, person=by.person)


async def does(desk: MediationDesk, number: str, command: Command, by: Actor, **late: float) -> Answer:
    (answer,) = await desk.act([pen.mediating(number, command, by)], at=AT + timedelta(**late))
    return answer


CONSENTED: Sequence[tuple[Command, Actor]] = (
    (c.Check(()), DESK), (c.Consent(A, "screen"), AT_A), (c.Consent(B, "screen"), AT_B),
)  # fmt: skip
ACCEPTED = (*CONSENTED, (c.Accept(CASE), DESK))
SEATED = (
    *ACCEPTED, (c.NotifyRights(A, "paper"), DESK), (c.NotifyRights(B, "paper"), DESK), (c.Assign(WANG.person), DESK),
)  # fmt: skip


async def told(desk: MediationDesk, number: str, orders: Sequence[tuple[Command, Actor]], **late: float) -> None:
    """So many orders, one after another; each is done."""
    for command, by in orders:
        assert await does(desk, number, command, by, **late) == Answer("done", number), command


async def agreed(desk: MediationDesk, number: str, secret: Sealed | None = None) -> None:
    """From a session to an agreement in effect."""
    hold = c.Hold(TALK, (A, B), words(2))
    await told(desk, number, [(hold, WANG)], hours=1)
    if secret is not None:
        await told(desk, number, [(c.Confide(A, secret), WANG)], hours=1)
    await told(desk, number, [(c.Draft(DIGEST, TERMS), WANG)], hours=2)
    when = AT + timedelta(hours=3)
    marks = [
        (c.Mark("party", DIGEST, "signature", when, A), AT_A), (c.Mark("party", DIGEST, "signature", when, B), AT_B),
        (c.Mark("mediator", DIGEST, "signature", when), WANG), (c.Mark("committee", DIGEST, "seal", when), DESK),
    ]  # fmt: skip
    await told(desk, number, marks, hours=3)


SIDES = (Side(A, applicant=True), Side(B))
