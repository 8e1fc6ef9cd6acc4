"""Who may do what with a mediation: every command against everybody; and by person, whatever the post."""

from datetime import timedelta
from typing import get_args

import pytest

from huiyin.core.mediation import Command
from huiyin.core.mediation import commands as c
from huiyin.core.mediation.authority import TABLE, allow, relations
from huiyin.core.mediation.ground import Ground
from huiyin.core.scene import CLOCK, SORTER, Refused, Scene
from huiyin.core.staff import Person
from huiyin.core.words import Actor
from tests.core.mediating import (
    AT_A,
    AT_B,
    BOOK,
    CASE,
    DESK,
    DIGEST,
    ELSEWHERE,
    LI,
    MINUTES,
    PARTIES,
    SAID,
    SEATS,
    STAFF,
    TERMS,
    WANG,
    A,
    Story,
    accepted,
    applied,
    apply,
    held,
    seated,
)
from tests.core.world import AT, staffed

# d: the committee's desk, m: the mediator who is assigned, a: the party that the command speaks for, t: the clock.
# Never: l: a mediator of the register who is not assigned, b: the other party; nobody of elsewhere.
ORDERS: dict[type, tuple[Command, str]] = {
    c.Check: (c.Check(), "d"),
    c.Accept: (c.Accept(CASE), "d"),
    c.Decline: (c.Decline(SAID), "d"),
    c.Consent: (c.Consent(A, "paper"), "dma"),
    c.Refuse: (c.Refuse(A, "paper"), "dma"),
    c.Stop: (c.Stop(A, "paper"), "dma"),
    c.NotifyRights: (c.NotifyRights(A, "paper"), "dma"),
    c.Empower: (c.Empower(A, "x", SAID), "dma"),
    c.Represent: (c.Represent(A, ("x",)), "dma"),
    c.Identify: (c.Identify(A, SAID), "dm"),
    c.RenewCode: (c.RenewCode(A), "dma"),
    c.LookUp: (c.LookUp(A, "arrange"), "m"),
    c.Invite: (c.Invite("x", "expert"), "dm"),
    c.Answer: (c.Answer(A, "open", True), "dma"),
    c.Assign: (c.Assign("p-li"), "d"),
    c.Disclose: (c.Disclose(SAID), "m"),
    c.Release: (c.Release("p-wang", "unable"), "dm"),
    c.Plan: (c.Plan(AT + timedelta(days=1)), "dm"),
    c.Reply: (c.Reply(A, 1, "yes"), "dma"),
    c.Hold: (held(AT), "m"),
    c.Adjourn: (c.Adjourn(1, SAID), "dm"),
    c.Confide: (c.Confide(A, SAID), "m"),
    c.Investigate: (c.Investigate(AT, SAID, SAID, SAID), "m"),
    c.FlagRisk: (c.FlagRisk("crime", SAID), "dm"),
    c.Report: (c.Report("police", AT, SAID), "dm"),
    c.AskMeeting: (c.AskMeeting(("police",), AT.date(), SAID), "m"),
    c.AnswerMeeting: (c.AnswerMeeting(reason="too-early"), "d"),
    c.Draft: (c.Draft(DIGEST, TERMS), "m"),
    c.Mark: (c.Mark("party", DIGEST, "seal", AT, A), "dma"),
    c.AgreeOrally: (c.AgreeOrally(AT, TERMS), "m"),
    c.Perform: (c.Perform("i1", "whole", AT, A), "dma"),
    c.Breach: (c.Breach("i1", SAID), "dm"),
    c.Visit: (c.Visit(AT, (A,), "yes", MINUTES), "dm"),
    c.Sue: (c.Sue(A), "dma"),
    c.TellConfirmation: (c.TellConfirmation(A, "paper", AT), "dm"),
    c.ApplyConfirmation: (c.ApplyConfirmation(AT), "dm"),
    c.RecordRuling: (c.RecordRuling("confirmed", SAID), "dm"),
    c.End: (c.End("no-prospect", SAID), "dm"),
    c.DeliverRoutes: (c.DeliverRoutes(A, "paper"), "dma"),
    c.Archive: (c.Archive(()), "d"),
    c.Enclose: (c.Enclose("identity", (SAID,), A), "m"),
    c.LinkBack: (c.LinkBack("TJ2"), "t"),
    c.NoteWhistle: (c.NoteWhistle("SH1"), "d"),
    c.Tick: (c.Tick(), "t"),
    c.Recompute: (c.Recompute(), "t"),
}
WHO = {"d": DESK, "m": WANG, "a": AT_A, "t": CLOCK, "l": LI, "b": AT_B}


@pytest.mark.parametrize("kind", ORDERS, ids=lambda kind: kind.__name__)
def test_who_may(kind: type) -> None:
    command, may = ORDERS[kind]
    case = seated().case
    for letter, by in WHO.items():
        ground = Ground(AT, BOOK, Scene(by, STAFF, PARTIES))
        if letter in may:
            allow(ground, case, command)
        else:
            with pytest.raises(Refused, match="not-your-side" if letter in "ab" else "not-your-mediation"):
                allow(ground, case, command)
    for by in ELSEWHERE:
        with pytest.raises(Refused, match="not-your-mediation"):
            allow(Ground(AT, BOOK, Scene(by, STAFF, PARTIES)), case, command)


def test_every_command_has_its_row() -> None:
    kinds = {shape.__name__ for shape in get_args(Command)}
    assert set(TABLE) == kinds
    assert {kind.__name__ for kind in ORDERS} == kinds - {"Apply"}


def test_a_consumer_is_the_system() -> None:
    allow(Ground(AT, BOOK, Scene(SORTER)), applied().case, c.LinkBack("TJ2"))


def test_a_mediators_post_alone_is_nobody() -> None:
    ground = Ground(AT, BOOK, Scene(Actor(SEATS, "mediator")))
    assert relations(ground, seated().case, c.Invite("x", "expert")) == frozenset()


def test_a_partys_name_at_another_desk_is_no_party() -> None:
    """`party:p1` is a door that the receipt opens, not a post that somebody may hold."""
    ground = Ground(AT, BOOK, Scene(Actor("party:p1", "street", "p-x")))
    assert relations(ground, seated().case, c.Stop(A, "screen")) == frozenset()


def test_who_is_a_party_decides_nothing() -> None:
    """By person: the desk's clerk lives in the flat above (交叉任职); another one does it."""
    staff = staffed((Person("p-desk", household=b"E1-B01/601"), DESK.post), (Person("p-wang"), SEATS))
    story = Story(apply(), AT_A, staff=staff)
    story.refuses("recused", c.Check(), DESK)
    story.give(c.Check(), Actor(DESK.post, "community", "p-colleague"))


def test_a_street_committee_has_its_own_desk_and_mediators() -> None:
    street = Actor(f"street:{'990101001'}", "street", "p-street")
    story = Story(apply(kind="street", committee="990101001"), street)
    story.refuses("not-your-mediation", c.Check(), DESK)
    story.give(c.Check(), street)


def test_the_desk_is_not_the_mediator() -> None:
    story = accepted()
    story.refuses("not-your-mediation", held(AT), DESK)
    story.refuses("not-your-mediation", c.Assign("p-wang"), WANG)
