"""Up by time and by dispute: reminders, lapses, objections and rulings, supervision, the sorting desk."""

from msgspec.structs import replace

from huiyin.core import commands as c
from huiyin.core.ladder import Post, Standing
from huiyin.core.staff import Person
from huiyin.core.state import Objection, Supervision
from huiyin.core.steps import (
    HandedUp,
    Reminded,
    Signed,
    Supervised,
    SupervisionAnswered,
)
from huiyin.core.ticket import CLOCK, Ticket, filing
from tests.core.rungs import comes
from tests.core.stages import SHELVE, designated, signed
from tests.core.test_stories import beijing
from tests.core.world import (
    AT,
    COMMUNITY,
    LEADER,
    PROPERTY,
    RULES,
    STOOD,
    STREET,
    WORDS,
    Story,
    actor,
)

WANG, LI = Person("p-wang"), Person("p-li")


# -- time -------------------------------------------------------------------------------------------------


def test_unsigned_it_is_reminded_twice_and_climbs() -> None:
    """A desk that nobody was ever named at works, and climbs, like any other. Complex, so that no case lapses."""
    story = Story("G01")
    one = story.ticket
    assert one.sign is not None
    assert one.sign.due.at == beijing(11, 23, 17, 30)
    assert one.next_at == one.sign.half == beijing(11, 23, 14)
    story.ticks(Reminded, reminded=(("sign", "half"),))
    assert story.ticket.next_at == one.sign.most
    story.ticks(Reminded, reminded=(("sign", "half"), ("sign", "most")))
    story.at_next()
    assert story.now == one.sign.due.at
    up = comes(story, "property_company", passed=("owners_committee",))
    (step,) = story.ticks(HandedUp, **up)
    assert isinstance(step, HandedUp)
    assert (step.reason, step.was) == ("sign-lapsed", "owners_committee")


def test_signed_and_not_done_it_climbs_with_its_own_reason() -> None:
    story = Story("G01")
    story.give(c.Sign(), actor("owners_committee:E1"))
    story.ticks(Reminded, reminded=(("resolve", "half"),))
    story.ticks(Reminded, reminded=(("resolve", "half"), ("resolve", "most")))
    story.at_next()
    assert story.now == beijing(11, 27, 17, 30)
    (step,) = story.ticks(HandedUp, **comes(story, "property_company", passed=("owners_committee",)))
    assert isinstance(step, HandedUp)
    assert step.reason == "resolve-lapsed"


def test_resolved_and_not_answered_it_climbs_too() -> None:
    story = signed()
    story.give(c.Resolve(WORDS), PROPERTY)
    story.lapses()
    assert story.ticket.rung == "community_committee"
    assert story.ticket.state == "dispatched"
    assert (story.ticket.resolver, story.ticket.resolved_at_post) == ("", "")


def test_looked_at_late_only_the_later_reminder_is_given() -> None:
    story = Story("G01")
    assert story.ticket.sign is not None
    story.now = story.ticket.sign.most
    story.does(c.Tick(), CLOCK, Reminded, reminded=(("sign", "most"),))
    assert story.ticket.next_at == story.ticket.sign.due.at


def test_the_case_clock_lapses_once_wherever_it_stands() -> None:
    story = Story("A01")
    assert story.ticket.next_at == story.ticket.case_due.at if story.ticket.case_due else False
    story.at_next()
    assert story.now == AT.replace(day=23), "72 natural hours"
    (step,) = story.ticks(Supervised, supervision=Supervision(1, story.answer()), case_lapsed=True)
    assert isinstance(step, Supervised)
    assert step.reason == "case-lapsed"
    story.lapses()
    assert story.ticket.rung == "owners_committee"
    assert story.ticket.supervision is not None, "it stays on the list while the ticket climbs"


def test_an_emergency_runs_day_and_night_and_on_holidays() -> None:
    """Natural time: at National Day, in the night."""
    at = beijing(10, 2, 23)
    story = Story("J05", urgency="emergency", hotline=("gas",), at=at)
    assert story.ticket.sign is not None
    assert story.ticket.sign.due.at == beijing(10, 3, 0)
    assert story.ticket.rung_due is not None
    assert story.ticket.rung_due.at == beijing(10, 3, 1)
    story.lapses()
    assert (story.now, story.ticket.rung) == (beijing(10, 3, 0), "community_committee")
    story.lapses()
    assert (story.now, story.ticket.rung) == (beijing(10, 3, 1), "street_office")
    normal = Story("A02", at=at)
    assert normal.ticket.sign is not None
    assert normal.ticket.sign.due.at == beijing(10, 8, 18), "the first working day after"


def test_the_last_rung_is_supervised_until_it_answers_each_level_higher() -> None:
    story = Story("M02")
    story.at_next().ticks(Reminded, reminded=(("sign", "half"),))
    story.ticks(Reminded, reminded=(("sign", "half"), ("sign", "most")))
    story.at_next()
    (step,) = story.ticks(Supervised, supervision=Supervision(1, story.answer()), lapsed=True)
    assert isinstance(step, Supervised)
    assert step.reason == "last-rung-lapsed"
    assert story.ticket.running is None
    signs = (("sign", "half"), ("sign", "most"))
    story.ticks(Reminded, reminded=(*signs, ("answer", "half")))
    story.ticks(Reminded, reminded=(*signs, ("answer", "half"), ("answer", "most")))
    story.at_next()
    (step,) = story.ticks(Supervised, supervision=Supervision(2, story.answer()), reminded=signs)
    assert isinstance(step, Supervised)
    assert step.reason == "unanswered"
    for level in (3, 4):
        while story.ticket.supervision and story.ticket.supervision.level < level:
            story.at_next().give(c.Tick(), CLOCK)
    limit = RULES.ladder.clocks["complex"].resolve
    until = story.watch(limit, "街道三方办办理时限(督办答复后重新起算)", "street_office")
    fresh = {"supervision": None, "lapsed": False, "reminded": (), "sign": until, "rung_due": until.due}
    story.does(c.AnswerSupervision(WORDS), STREET, SupervisionAnswered, **fresh)
    story.does(c.Sign(), STREET, Signed, **story.signed())


def test_an_answer_does_not_stop_the_clock_that_runs() -> None:
    story = Story("A01")
    story.give(c.Sign(), LEADER)
    while story.ticket.supervision is None:
        story.at_next().give(c.Tick(), CLOCK)
    due, reminded = story.ticket.rung_due, story.ticket.reminded
    story.does(c.AnswerSupervision(WORDS), LEADER, SupervisionAnswered, supervision=None)
    assert (story.ticket.rung_due, story.ticket.reminded) == (due, reminded)
    lapsed = Story("M02")
    lapsed.give(c.Sign(), STREET)
    lapsed.lapses()
    limit = RULES.ladder.clocks["complex"].resolve
    until = lapsed.watch(limit, "街道三方办办理时限(督办答复后重新起算)", "street_office")
    fresh = {"supervision": None, "lapsed": False, "reminded": (), "resolve": until, "rung_due": until.due}
    lapsed.does(c.AnswerSupervision(WORDS), STREET, SupervisionAnswered, **fresh)


def test_one_from_before_the_ladder_gets_a_clock_with_the_answer() -> None:
    """Filed when there were no rung clocks: the case's end is supervised, and the answer starts the rung's."""
    story = Story("A01")
    story.kept = replace(story.ticket, sign=None)
    story.at_next().give(c.Tick(), CLOCK)
    assert story.ticket.case_lapsed
    story.give(c.AnswerSupervision(WORDS), LEADER)
    assert story.ticket.next_at is not None
    assert story.lapses().ticket.rung == "owners_committee"


# -- a post's beginning -----------------------------------------------------------------------------------


def test_what_was_of_the_post_before_is_gone_at_the_next() -> None:
    """Every field that a post's work sets, set: only what is the case's own stays."""
    story = designated()
    one = story.ticket
    full: Ticket = replace(
        one, acting="x", also=(Post("x", "x"),), resolve=one.sign, handler="x", contacted=True, designated=True,
        objection=Objection("other", Standing(None, Post("x", "x")), story.follow_up()), extensions=1, lapsed=True,
        resolver="x", resolved_at_post="x", replier="x", replied_at_post="x", reply=WORDS, follow_up=story.follow_up(),
        reminded=(("sign", "half"), ("answer", "half")), supervision=Supervision(1, story.answer()), case_lapsed=True,
            urged=1, urged_at=AT, watcher=Post("x", "x"),
    )  # fmt: skip
    asked = signed()
    asked.give(SHELVE, PROPERTY)
    full = replace(full, request=asked.ticket.request)
    asked.give(SHELVE, COMMUNITY)
    full = replace(full, shelf=asked.ticket.shelf)
    assert not [name for name, blank in STOOD.items() if getattr(full, name) == blank]
    story.kept = full
    post = Post("community:x", "x")
    expected = comes(story, "community_committee", post=post)
    assert story.ticket.sign is not None
    after = filing.stand(
        full, Standing("community_committee", post), expected["sign"], expected["rung_due"], full.case_due  # type: ignore[arg-type]
    )  # fmt: skip
    assert after == replace(full, **expected)  # type: ignore[arg-type]
