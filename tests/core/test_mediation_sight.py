"""What is confided stays so: canaries through every allow-list; each says exactly which fields it shows."""

from typing import Any

import msgspec
import pytest

from huiyin.core.mediation import commands as c
from huiyin.core.mediation.kinds import Side, Statement
from huiyin.core.mediation.seen import (
    CommitteeSight,
    JointSight,
    PartySight,
    Subject,
    TicketSight,
    for_committee,
    for_mediator,
    for_party,
    for_ticket_holder,
)
from huiyin.core.words import Sealed
from tests.core.mediating import (
    AT_A,
    AT_B,
    CASE,
    DESK,
    DIGEST,
    LI,
    WANG,
    A,
    B,
    Story,
    applied,
    beijing,
    effective,
    ended,
    held,
    item,
    mark,
    marked,
    performed,
    seated,
    terms,
)

TICKET = "HY000000001"


def canary(which: str) -> Sealed:
    return Sealed(f"canary/{which}", "c" * 64)


def full() -> Story:
    """A case with something in every place where words may stand, each with its own canary."""
    story = applied(source="ticket", ticket=TICKET, words=canary("matter"), sides=(Side(A, applicant=True), Side(B)),
                    requests=(canary("request"),))  # fmt: skip
    story.gives((c.Check(), DESK), (c.Consent(A, "screen"), AT_A), (c.Consent(B, "oral"), DESK))
    story.gives((c.Accept(CASE), DESK), (c.Assign("p-wang"), DESK), (c.Assign("p-li"), DESK))
    for one in (A, B):
        story.gives(
            (c.NotifyRights(one, "paper"), DESK), (c.Empower(one, f"agent-{one}", canary(f"power-{one}")), DESK)
        )
    story.gives((c.Disclose(canary("disclosed")), WANG), (c.Confide(A, canary("caucus-wang")), WANG))
    asked = (canary(f"asked-{n}") for n in range(7))
    story.gives((c.Investigate(story.now, *asked), WANG))
    story.gives((c.AskMeeting(("judicial",), story.now.date(), canary("why-meet")), WANG))
    story.gives((c.AnswerMeeting(story.now.replace(hour=23), canary("meeting-place")), DESK))
    story.gives((c.Confide(B, canary("caucus-li")), LI), (c.Invite("p-uncle", "relative"), DESK))
    story.gives((c.Answer(A, "open", True), AT_A), (c.Answer(B, "open", False), AT_B))
    story.gives(
        (c.Plan(story.now.replace(hour=11), venue=canary("venue")), DESK), (c.Reply(B, 1, "another-time"), AT_B)
    )
    story.after(hours=1).gives((held(
        story.now, minutes=canary("minutes"), ended=story.now, recorder=canary("recorder"),
        undisputed=(canary("undisputed"),),
        statements=tuple(Statement(one, canary(f"statement-{one}")) for one in (A, B)),
        offers=tuple(Statement(one, canary(f"offer-{one}")) for one in (A, B)),
    ), WANG))  # fmt: skip
    story.gives((c.FlagRisk("violence", canary("risk")), WANG), (c.Report("police", story.now, canary("report")), WANG))
    story.gives((c.Draft(DIGEST, terms(item(words=canary("item")), content=canary("content"))), WANG))
    story.gives((mark(story, "party", party=B, image=canary("image-B")), WANG))
    return story


MINE = {"power-{}", "statement-{}", "offer-{}"}
TABLE = {"disclosed", "venue", "undisputed", "item", "content"}


def shown(sight: object) -> set[str]:
    text = msgspec.json.encode(sight).decode()
    return {part.partition('"')[0] for part in text.split("canary/")[1:]}


@pytest.mark.parametrize(("me", "other"), [(A, B), (B, A)])
def test_a_party_sees_its_own_side_and_what_is_on_the_table(me: str, other: str) -> None:
    sight = for_party(full().case, me)
    assert shown(sight) == {one.format(me) for one in MINE} | TABLE
    text = msgspec.json.encode(sight).decode()
    for secret in (
        f"agent-{other}",
        "another-time" if me == A else "agent-p1",
        TICKET,
        "violence",
        "police",
        "report",
        "judicial",
    ):
        assert secret not in text
    assert sight is not None
    assert [one.person for one in sight.helpers] == ["p-uncle"], "who is to be invited every party is asked"
    (stance,) = sight.stances
    assert (stance.mine, stance.allowed) == (me == A, False)


def test_a_mediator_sees_both_sides_and_their_own_secrets() -> None:
    case = full().case
    for person, own, others in (("p-wang", "caucus-wang", "caucus-li"), ("p-li", "caucus-li", "caucus-wang")):
        seen = shown(for_mediator(case, person))
        assert own in seen
        assert others not in seen
        assert {"statement-p1", "statement-p2", "minutes", "matter", "risk", "power-p2"} <= seen
        assert {"why-meet", "meeting-place", "request", "recorder", *(f"asked-{n}" for n in range(7))} <= seen


def test_who_was_told_of_the_court_knows_of_itself() -> None:
    story = effective().after(hours=1)
    story.gives((c.TellConfirmation(A, "paper", story.now, canary("court")), DESK))
    assert for_committee(story.case) == for_committee(effective().case)
    visit = c.Visit(story.now, (A,), "yes", canary("said"), None, canary("lawsuit"), canary("hazards"))
    story.gives((visit, DESK))
    assert shown(for_mediator(story.case, "p-wang")) == {"court", "said", "lawsuit", "hazards"}
    assert shown(for_party(story.case, A)) == {"court"}
    assert shown(for_party(story.case, B)) == shown(for_committee(story.case)) == set()


def test_who_left_sees_nothing_and_who_comes_not_what_was_confided_before() -> None:
    story = full()
    story.gives((c.Release("p-wang", "unable"), DESK))
    assert for_mediator(story.case, "p-wang") is None
    assert for_mediator(story.case, "p-desk") is None
    assert "caucus-wang" not in shown(for_mediator(story.case, "p-li"))
    story.gives((c.Assign("p-wang"), DESK))
    assert "caucus-wang" in shown(for_mediator(story.case, "p-wang"))


def test_the_desk_sees_how_far_it_is_and_the_document() -> None:
    sight = for_committee(full().case)
    assert shown(sight) == {"matter", "item", "content", "meeting-place"}
    assert (sight.progress.parties, sight.progress.consents, sight.progress.notices) == (2, 2, 2)
    assert (sight.progress.sessions, sight.progress.unmarked, sight.progress.items) == (1, 3, 1)
    assert (sight.mediators, sight.level, sight.report_owed) == (("p-wang", "p-li"), 0, False)
    kept = for_committee(performed().case)
    assert (kept.progress.performed, kept.progress.breached, kept.state) == (1, 0, "performed")
    over = for_committee(ended().case)
    assert (over.ended, over.progress.routes_told, over.subject and over.subject.digest) == ("stopped", 1, "")
    late = marked().until(beijing(11, 25, 17, 30))
    assert for_committee(late.case).level == 1


def test_of_a_restricted_file_the_desk_sees_no_matter_and_the_ladder_nothing() -> None:
    story = full().gives((c.FlagRisk("child", canary("child")), WANG))
    sight = for_committee(story.case)
    assert (sight.restricted, sight.report_owed, sight.subject) == (True, True, None)
    assert (shown(sight), sight.joint) == (set(), ())
    assert for_ticket_holder(story.case, TICKET) == TicketSight("TJ1", None, None, None, ())
    for party in (A, B):
        text = msgspec.json.encode(for_party(story.case, party)).decode()
        assert not [one for one in ("restricted", "child", "report") if one in text]


def test_whoever_has_the_ticket_sees_that_it_is_mediated() -> None:
    case = full().case
    assert for_ticket_holder(case, TICKET) == TicketSight("TJ1", "signing", False, False, ())
    assert for_ticket_holder(case, "HY000000002") is None
    assert for_ticket_holder(seated().case, TICKET) is None
    over = applied(source="ticket", ticket=TICKET).gives((c.Refuse(B, "screen"), AT_B)).case
    sight = for_ticket_holder(over, TICKET)
    assert sight == TicketSight("TJ1", "ended", False, False, ("court", "arbitration", "authority"))
    assert over.ending is not None
    assert over.ending.reason == "refused", "known here, shown to nobody on the ladder"


def test_nobody_who_is_no_party() -> None:
    assert for_party(full().case, "p9") is None


def test_a_party_on_the_way() -> None:
    """What its page asks of it: a button to stop until effect, its mark, its limits, its routes."""
    one = for_party(marked().case, A)
    assert one is not None
    assert one.agreement is not None
    assert (one.may_stop, one.agreement.mine, one.agreement.marks_missing, one.agreement.copies) == (True, True, 2, 3)
    assert one.clocks == ()
    done = for_party(performed().case, B)
    assert done is not None
    assert (done.may_stop, [clock.duty for clock in done.clocks]) == (False, ["confirm"])
    assert done.agreement is not None
    assert (done.agreement.mine, done.agreement.marks_missing) == (True, 0)
    over = for_party(ended().case, A)
    assert over is not None
    assert (over.ended, over.routes, over.may_stop) == ("stopped", ("court", "arbitration", "authority"), False)
    fresh = for_party(applied().case, A)
    assert fresh is not None
    assert (fresh.all_consented, fresh.agreement, fresh.ended) == (False, None, None)


def test_an_unmarked_document_is_not_mine_yet() -> None:
    story = full()
    mine = {one: for_party(story.case, one).agreement.mine for one in (A, B)}  # type: ignore[union-attr]
    assert mine == {A: False, B: True}


def test_the_lists_are_what_the_documentation_says() -> None:
    """A field more is a decision: it is made here, too."""
    fields: dict[Any, int] = {PartySight: 19, CommitteeSight: 17, JointSight: 3, TicketSight: 5, Subject: 4}
    assert {shape: len(shape.__struct_fields__) for shape in fields} == fields
