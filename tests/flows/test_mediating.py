"""The mediation's door on a real database: steps, views, repeats, numbers without gaps, recusal, time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import review
from huiyin.core.mediation import commands as c
from huiyin.core.words import Actor
from huiyin.mediating import MediationDesk
from huiyin.orders import Answer
from huiyin.store import mediation_people
from huiyin.store.database import connect
from tests.conftest import Database
from tests.core.mediating import AT_A, AT_B, BOOK, CASE, DESK, LI, WANG, ZHAO, A, B, apply, words
from tests.core.world import AT
from tests.flows.mediating import ACCEPTED, CONSENTED, SEATED, agreed, does, fresh, opened, pen, set_up, told


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url, name="test")
    owner = connect(database.owner_url, name="owner")
    await set_up(owner)
    await owner.dispose()
    yield made
    await made.dispose()


@pytest.fixture
def desk(engine: AsyncEngine) -> MediationDesk:
    return MediationDesk(engine, BOOK)


async def view(engine: AsyncEngine, table: str, number: str) -> list[dict[str, Any]]:
    async with engine.connect() as connection:
        rows = await connection.execute(text(f"SELECT * FROM {table} WHERE number = :n ORDER BY 2, 3"), {"n": number})
        return [dict(row) for row in rows.mappings()]


async def new(desk: MediationDesk, **more: Any) -> str:
    (number,) = await fresh(desk.engine)
    assert await desk.act([opened(number, apply(**more) if more else None)], at=AT) == [Answer("done", number)]
    return number


async def test_from_the_application_to_the_file(desk: MediationDesk, engine: AsyncEngine, database: Database) -> None:
    number = await new(desk)
    assert number == "TJ000000001"
    (row,) = await view(engine, "mediations", number)
    assert (row["state"], row["stage"], row["case_number"], row["parties"]) == ("applied", "checking", None, 2)
    assert [one["duty"] for one in await view(engine, "mediation_duties", number)] == ["accept"]
    await told(desk, number, ACCEPTED)
    (row,) = await view(engine, "mediations", number)
    assert (row["state"], row["stage"], row["case_number"]) == ("accepted", "notifying", "(2026)柳岸人调字第1号")
    assert row["accepted_at"] == AT
    await told(desk, number, SEATED[len(ACCEPTED) :])
    (seat,) = await view(engine, "mediation_seats", number)
    assert (seat["person"], seat["chosen"], seat["open"], seat["due_at"]) == (WANG.person, False, True, row["due_at"])
    soon = AT + timedelta(minutes=30)
    await told(desk, number, [(c.Plan(soon), WANG)])
    (session,) = await view(engine, "mediation_sessions", number)
    assert (session["session"], session["at"], session["state"]) == (1, soon, "planned")
    await told(desk, number, [(c.Adjourn(1, words(3)), WANG)])
    await agreed(desk, number)
    (row,) = await view(engine, "mediations", number)
    effect = AT + timedelta(hours=3)
    assert (row["state"], row["stage"], row["effective_at"]) == ("effective", "performing", effect)
    assert (row["owed"], row["performed"], row["sessions"]) == (1, 0, 1)
    assert [one["state"] for one in await view(engine, "mediation_sessions", number)] == ["adjourned", "held"]
    later = AT + timedelta(hours=4)
    papers = ("register", "notice", "identity", "record", "agreement", "visit")
    last = [
        (c.Perform("i1", "whole", later, A), AT_A), (c.Visit(later, (A, B), "yes", words(4), 5), WANG),
        (c.Archive(papers), DESK),
    ]  # fmt: skip
    await told(desk, number, last, hours=4)
    (row,) = await view(engine, "mediations", number)
    assert (row["state"], row["stage"], row["performed"], row["due_at"]) == ("archived", "archived", 1, None)
    assert not (await view(engine, "mediation_seats", number))[0]["open"]
    assert await view(engine, "mediation_duties", number) == []
    assert (await review.verify(engine)).whole
    assert (await review.rebuild(engine)).differences == []
    vault = connect(database.vault_url, name="vault")
    sealed = await review.verify_sealed(vault)
    await vault.dispose()
    assert sealed.whole
    assert sealed.leaves > 8, "what was said lies in the vault as the log committed to it"


async def test_a_repeat_gets_the_first_answer_and_makes_no_second_step(desk: MediationDesk) -> None:
    one, two = await fresh(desk.engine, 2)
    assert await desk.act([opened(one, ident="same")], at=AT) == [Answer("done", one)]
    for suspect in (True, False):
        again = opened(two, ident="same")
        assert await desk.act([again], at=AT, suspect=suspect) == [Answer("repeat", one)]


async def test_what_is_not_there(desk: MediationDesk) -> None:
    assert await does(desk, "TJ999999999", c.Check(()), DESK) == Answer(
        "refused", "TJ999999999", code="unknown-mediation"
    )


# -- the number of a case ---------------------------------------------------------------------------------


async def numbers(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list((await connection.execute(text("SELECT case_number FROM mediations"))).scalars())


async def test_twenty_at_once_have_numbers_without_gaps_or_doubles(desk: MediationDesk, engine: AsyncEngine) -> None:
    names = [await new(desk) for _ in range(20)]
    for name in names:
        await told(desk, name, CONSENTED)
    desks = [MediationDesk(engine, BOOK) for _ in names]
    found = await asyncio.gather(
        *(each.act([pen.mediating(name, c.Accept(CASE), DESK)], at=AT) for each, name in zip(desks, names, strict=True))
    )
    assert {one.outcome for (one,) in found} == {"done"}
    assert sorted(await numbers(engine)) == sorted(f"(2026)柳岸人调字第{n}号" for n in range(1, 21))


async def test_what_is_refused_or_said_again_takes_no_number(desk: MediationDesk, engine: AsyncEngine) -> None:
    ready, early, after = [await new(desk) for _ in range(3)]
    await told(desk, ready, CONSENTED)
    await told(desk, after, CONSENTED)
    batch = [pen.mediating(one, c.Accept(CASE), DESK) for one in (ready, early, ready, after)]
    answers = await desk.act(batch, at=AT)
    assert [one.code for one in answers] == [None, "not-checked", None, None]
    assert sorted(one for one in await numbers(engine) if one) == ["(2026)柳岸人调字第1号", "(2026)柳岸人调字第2号"]
    assert await does(desk, ready, c.Accept(CASE), DESK) == Answer("done", ready)
    third = await new(desk)
    await told(desk, third, ACCEPTED, days=50)
    assert (await view(engine, "mediations", third))[0]["case_number"] == "(2027)柳岸人调字第1号"


async def test_a_committee_that_is_not_registered_has_no_numbers(desk: MediationDesk) -> None:
    (number,) = await fresh(desk.engine)
    street = Actor("street:990101001", "street", "p-street")
    referred = apply(kind="street", committee="990101001", source="referral", referrer="court")
    assert (await desk.act([opened(number, referred, street)], at=AT))[0].outcome == "done"
    assert (await does(desk, number, c.Accept(CASE), street)).code == "unknown-committee"


# -- who ---------------------------------------------------------------------------------------------------


async def test_nobody_of_a_partys_household_mediates(desk: MediationDesk) -> None:
    number = await new(desk)
    await told(desk, number, ACCEPTED)
    assert (await does(desk, number, c.Assign(ZHAO.person), DESK)).code == "mediator-recused"
    assert (await does(desk, number, c.Assign("p-nobody"), DESK)).code == "not-a-mediator"
    assert (await does(desk, number, c.Assign(LI.person), DESK)).outcome == "done"


async def test_who_lives_with_a_party_cannot_open_the_case(desk: MediationDesk) -> None:
    """The hashes of the application's own records count before they lie in the vault."""
    (number,) = await fresh(desk.engine)
    assert [one.code for one in await desk.act([opened(number, by=ZHAO)], at=AT)] == ["recused"]


async def test_parties_are_known_by_reference_alone(desk: MediationDesk, engine: AsyncEngine) -> None:
    number = await new(desk)
    rows = await view(engine, "mediation_people", number)
    assert [(one["ident"], one["applicant"], one["ref"]) for one in rows] == [
        (A, True, f"{number}/{A}"),
        (B, False, f"{number}/{B}"),
    ]
    async with engine.begin() as connection:
        found = await mediation_people.parties(connection, [number])
        assert [(one.role, one.phone is not None) for one in found[number]] == [
            ("complainant", True),
            ("respondent", True),
        ]
        assert await mediation_people.admit(connection, number, A, 123, AT)
        assert not await mediation_people.admit(connection, number, A, 456, AT)
        assert await mediation_people.by_code(connection, 123) == (number, A)
        assert await mediation_people.by_code(connection, 456) is None


# -- time --------------------------------------------------------------------------------------------------


async def test_time_reminds_and_ends(desk: MediationDesk, engine: AsyncEngine) -> None:
    number = await new(desk)
    await told(desk, number, ACCEPTED)
    now, states = AT, []
    while states.count("ended") < 4:  # and whatever nobody does then is urged, again and again
        async with engine.connect() as connection:
            soonest = await desk.clocked.soonest(connection)
        assert soonest is not None
        now = max(now, soonest)
        assert await desk.sweep(now) == 1
        (row,) = await view(engine, "mediations", number)
        states.append(row["state"])
    assert (row["stage"], row["reason"]) == ("telling", "time-over")
    assert row["level"] > 1
    duties = await view(engine, "mediation_duties", number)
    assert [one["duty"] for one in duties] == ["archive", "deliver"]
    assert duties[1]["due_at"] > now
    assert (await review.verify(engine)).whole
    assert (await review.rebuild(engine)).differences == []


async def test_one_refusal_ends_it(desk: MediationDesk, engine: AsyncEngine) -> None:
    number = await new(desk)
    await told(desk, number, [(c.Check(()), DESK), (c.Consent(A, "screen"), AT_A), (c.Refuse(B, "screen"), AT_B)])
    (row,) = await view(engine, "mediations", number)
    assert (row["state"], row["stage"], row["reason"], row["ended_at"]) == ("ended", "telling", "refused", AT)


async def test_a_thousand_in_one_transaction(desk: MediationDesk, engine: AsyncEngine) -> None:
    names = await fresh(engine, 1000)
    answers = await desk.act([opened(name) for name in names], at=AT)
    assert {one.outcome for one in answers} == {"done"}
    for command, by in ACCEPTED:
        answers = await desk.act([pen.mediating(name, command, by) for name in names], at=AT)
        assert {one.outcome for one in answers} == {"done"}
    assert len(set(await numbers(engine))) == 1000
