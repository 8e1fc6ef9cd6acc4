"""More time (延期), no time at all (挂账、销账), a calendar that arrives: what they do to the clocks."""

from datetime import date, timedelta

from huiyin.core import commands as c
from huiyin.core.calendar import Calendar, Year, with_year
from huiyin.core.deadline import Limit
from huiyin.core.staff import Party, Person
from huiyin.core.state import Request, Shelf, Supervision
from huiyin.core.steps import (
    Cleared,
    Extended,
    HandedUp,
    Recomputed,
    Reminded,
    RequestDeclined,
    Requested,
    Shelved,
    Supervised,
    SupervisionAnswered,
)
from huiyin.core.ticket import CLOCK
from tests.core.rungs import POSTS
from tests.core.stages import EXTEND, SHELVE, asking, signed
from tests.core.test_stories import beijing
from tests.core.world import AT, COMMUNITY, PROPERTY, RULES, STREET, WORDS, S, Story, actor, rules, staffed

WANG, LI = Person("p-wang"), Person("p-li")
REVIEW = AT + timedelta(days=30)


def extended(story: Story, days: int) -> dict[str, object]:
    """What an extension changes."""
    due = story.ticket.rung_due
    assert due is not None
    name = RULES.ladder.rungs[story.ticket.rung].name if story.ticket.rung else ""
    until = story.watch(Limit(days, "working_day"), f"{name}办理时限延期", story.ticket.rung, due.at)
    return {"request": None, "extensions": 1, "resolve": until, "rung_due": until.due, "reminded": ()}


def test_asked_for_and_granted_it_runs_from_the_due_time() -> None:
    story = signed()
    asked = Request("extend", "waiting-parts", "property:E1", 3, None, None, WORDS)
    story.does(c.Extend("waiting-parts", 3, WORDS), PROPERTY, Requested, request=asked)
    story.ticks(Reminded, reminded=(("resolve", "half"),))
    (step,) = story.does(c.Approve(), COMMUNITY, Extended, **extended(story, 3))
    assert isinstance(step, Extended)
    assert (step.reason, step.words) == ("waiting-parts", WORDS), "the resident is told why"
    assert step.resolve.due.at == beijing(11, 30, 18), "Wednesday's close and three working days"
    story.refuses("no-extension-left", EXTEND, PROPERTY)


def test_one_from_above_grants_at_once_and_a_pending_shelf_is_still_asked_for() -> None:
    story = signed()
    story.does(c.Extend("complex", 5), COMMUNITY, Extended, **extended(story, 5))
    story = asking(SHELVE)
    kept = {"request": story.ticket.request}
    story.does(c.Extend("complex", 5), COMMUNITY, Extended, **extended(story, 5) | kept)


def test_declined_it_may_be_asked_for_again_and_the_clock_ran_on() -> None:
    story = asking()
    due = story.ticket.rung_due
    story.does(c.Decline(WORDS), COMMUNITY, RequestDeclined, request=None)
    assert story.ticket.rung_due == due
    story.give(EXTEND, PROPERTY)
    assert story.ticket.request is not None


def test_what_was_asked_for_is_gone_with_the_post() -> None:
    story = asking().lapses()
    assert (story.ticket.rung, story.ticket.request) == ("community_committee", None)


def test_nobody_grants_at_once_what_their_own_post_needs() -> None:
    """The handler as another post above: it is only asked for."""
    staff = staffed((WANG, "property:E1"), (WANG, COMMUNITY.post), (LI, COMMUNITY.post))
    for command in (EXTEND, SHELVE):
        story = Story("A02", staff=staff)
        story.give(c.Sign(), actor("property:E1", "p-wang"))
        (step,) = story.give(command, actor(COMMUNITY.post, "p-wang"))
        assert isinstance(step, Requested)
        story.refuses("own-request", c.Approve(), actor(COMMUNITY.post, "p-wang"))
        story.give(c.Approve(), actor(COMMUNITY.post, "p-li"))
        assert story.ticket.extensions or story.ticket.shelf


def test_at_the_last_rung_another_person_grants() -> None:
    street = f"street:{S}"
    story = Story("M02", staff=staffed((WANG, street), (LI, street)))
    wang, li = actor(street, "p-wang"), actor(street, "p-li")
    story.give(c.Sign(), wang)
    story.give(EXTEND, wang)
    story.refuses("own-request", c.Approve(), wang)
    story.refuses("not-your-ticket", c.Approve(), STREET)  # nobody is named: nobody can tell who
    story.does(c.Approve(), li, Extended, **extended(story, 3))


# -- on the shelf -----------------------------------------------------------------------------------------


def test_shelved_with_a_grant_the_case_clock_runs_on_and_cleared_it_begins_anew() -> None:
    story = signed()
    asked = Request("shelve", "funds", "property:E1", 0, REVIEW, "property:E1", WORDS)
    story.does(SHELVE, PROPERTY, Requested, request=asked)
    shelf = Shelf("funds", REVIEW, "property:E1")
    (step,) = story.does(c.Approve(), COMMUNITY, Shelved, state="shelved", shelf=shelf, request=None)
    assert step == Shelved("funds", REVIEW, "property:E1", WORDS)
    assert story.ticket.running is None
    assert story.ticket.case_due is not None
    assert story.ticket.next_at == story.ticket.case_due.at
    story.at_next()
    story.ticks(Supervised, supervision=Supervision(1, story.answer()), case_lapsed=True)
    story.does(c.AnswerSupervision(WORDS), PROPERTY, SupervisionAnswered, supervision=None)
    assert story.ticket.next_at == REVIEW
    story.after(days=2)
    clocks = RULES.ladder.clocks["normal"].resolve
    until = story.watch(clocks, "物业服务企业办理时限(销账后重新起算)", "property_company")
    fresh = {"state": "signed", "shelf": None, "resolve": until, "rung_due": until.due}
    story.does(c.Clear(WORDS), PROPERTY, Cleared, **fresh)
    assert story.ticket.due == until.due


def test_a_review_that_nobody_made_is_supervised_and_answered_it_comes_again() -> None:
    story = Story("G01")
    story.give(c.Sign(), actor("owners_committee:E1"))
    story.give(c.Shelve("funds", AT + timedelta(days=10), "x", WORDS), COMMUNITY)
    story.at_next()
    story.ticks(Supervised, supervision=Supervision(1, story.answer()), lapsed=True)
    assert story.ticket.state == "shelved"
    limit = RULES.ladder.clocks["complex"].resolve
    again = story.watch(limit, "业主委员会办理时限(督办答复后重新起算)", "owners_committee").due.at
    answered = {"supervision": None, "lapsed": False, "shelf": Shelf("funds", again, "x")}
    story.does(c.AnswerSupervision(WORDS), COMMUNITY, SupervisionAnswered, **answered)
    assert story.decide(c.Tick(), CLOCK) == [], "what was answered does not lapse in the same moment"
    further = again + timedelta(days=30)
    story.does(c.Shelve("vote", further, "y", WORDS), COMMUNITY, Shelved, shelf=Shelf("vote", further, "y"))


def test_cleared_there_is_nothing_left_to_grant() -> None:
    story = signed()
    story.give(SHELVE, COMMUNITY)
    story.give(SHELVE, PROPERTY)
    assert story.ticket.request is not None
    story.give(c.Clear(WORDS), PROPERTY)
    assert story.ticket.request is None


# -- a calendar arrives -----------------------------------------------------------------------------------


def year_2027() -> Year:
    """Not the real notice, which nobody knows: new year's days, one of them in December, and a made-up Saturday."""
    off = {date(2026, 12, 31): "元旦", date(2027, 1, 1): "元旦", date(2027, 1, 4): "元旦"}
    return Year(2027, off, {date(2027, 1, 2): "元旦"})


def test_a_year_that_is_not_known_yet_is_provisional_and_recomputed_when_it_comes() -> None:
    again = Story("A02", at=beijing(12, 30, 10))
    one = again.ticket
    assert one.provisional
    assert one.rung_due is not None
    assert one.rung_due.at == beijing(12, 31, 18) + timedelta(days=4), "Thursday, Friday, Monday: as if Mon-Fri"
    again.rules = rules(calendar=with_year(RULES.calendar, year_2027()))
    sign = again.watch(RULES.ladder.clocks["normal"].sign, "物业服务企业签收时限", "property_company")
    due = again.due(RULES.ladder.clocks["normal"].resolve, "物业服务企业办理时限", "property_company")
    (step,) = again.does(c.Recompute(), CLOCK, Recomputed, sign=sign, rung_due=due)
    assert step == Recomputed(sign=sign, rung=due)
    assert sign.due.at == beijing(12, 31, 18) + timedelta(days=2), "Saturday the 2nd is worked"
    assert due.at == beijing(12, 31, 18) + timedelta(days=6), "2nd, 5th, 6th of January"
    assert not again.ticket.provisional
    assert again.decide(c.Recompute(), CLOCK) == []


def test_every_clock_is_recomputed() -> None:
    """Signed, objected to, supervised, answered: whatever runs."""
    at = beijing(12, 30, 10)
    known = with_year(RULES.calendar, year_2027())
    story = Story("A02", at=at)
    story.give(c.Sign(), PROPERTY)
    story.give(c.Object("other"), PROPERTY)
    story.after(days=7).give(c.Tick(), CLOCK)
    assert story.ticket.supervision is not None
    before = story.ticket
    story.rules = rules(calendar=known)
    (step,) = story.give(c.Recompute(), CLOCK)
    assert isinstance(step, Recomputed)
    assert None not in (step.resolve, step.answer, step.ruling, step.rung)
    after = story.ticket
    assert (after.objection, after.resolve, after.rung_due, after.supervision) != (
        before.objection, before.resolve, before.rung_due, before.supervision,
    )  # fmt: skip
    assert after.objection is not None
    assert after.supervision is not None
    assert after.objection.due == step.ruling
    assert after.supervision.answer == step.answer
    assert not after.provisional
    story = Story("A02", at=at)
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        story.give(command, PROPERTY)
    assert story.ticket.provisional
    story.rules = rules(calendar=known)
    (step,) = story.give(c.Recompute(), CLOCK)
    assert isinstance(step, Recomputed)
    assert story.ticket.follow_up == step.follow_up
    assert step.follow_up is not None
    closed = Story("A02", at=at)
    for command in (c.Sign(), c.Resolve(WORDS), c.Reply(WORDS)):
        closed.give(command, PROPERTY)
    closed.give(c.Close("solved"), COMMUNITY)
    closed.rules = rules(calendar=known)
    assert closed.decide(c.Recompute(), CLOCK) == [], "what is closed waits for nothing"


def test_a_rung_is_never_left_by_a_calendar() -> None:
    """Recomputing moves times, not tickets, and a lapsed one lapses at the next tick."""
    story = Story("A02", at=beijing(12, 30, 10))
    story.rules = rules(calendar=Calendar.of([*RULES.calendar.years.values(), year_2027()]))
    story.after(days=20).give(c.Recompute(), CLOCK)
    assert story.ticket.rung == "property_company"
    kinds = [type(one) for one in story.lapses().steps[-1:]]
    assert kinds == [HandedUp]
    assert story.ticket.post is not None
    assert story.ticket.post.code == POSTS["community_committee"][0]


def test_a_colleague_of_who_asks_grants_nothing_either() -> None:
    """By person: one of the asking post, acting as the community."""
    staff = staffed((WANG, "property:E1"), (LI, "property:E1"), (LI, COMMUNITY.post))
    story = Story("A02", staff=staff)
    for command in (c.Sign(), EXTEND):
        story.give(command, actor("property:E1", "p-wang"))
    for answer in (c.Approve(), c.Decline()):
        story.refuses("own-request", answer, actor(COMMUNITY.post, "p-li"))


def test_from_the_shelf_it_does_not_come_back_to_who_has_an_interest_by_now() -> None:
    """A party that became known while it lay there: cleared, or merged and apart again, it goes on at once."""
    party = Party("respondent", person="p-wang")
    for merged in (False, True):
        story = Story("A02", staff=staffed((WANG, "property:E1")))
        story.give(c.Sign(), actor("property:E1", "p-wang"))
        story.give(SHELVE, COMMUNITY)
        story.give(c.Relate(party), COMMUNITY)
        assert story.ticket.state == "shelved"
        story.parties = (party,)
        if merged:
            story.give(c.Merge("HY000000002"), COMMUNITY)
        steps = story.give(c.Split() if merged else c.Clear(WORDS), COMMUNITY)
        assert isinstance(steps[-1], HandedUp)
        assert steps[-1].reason == "recused"
        assert story.ticket.rung == "community_committee"
