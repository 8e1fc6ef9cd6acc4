"""The refusal table of the whistle: every code it answers with, and a law that no code is without its row."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import huiyin.core.whistle as module
from huiyin.core.scene import CLOCK, Refused, Scene
from huiyin.core.staff import Party, Person
from huiyin.core.whistle import Command, decide
from huiyin.core.whistle import commands as c
from huiyin.core.whistle.ground import NOT_YET, PAST
from huiyin.core.words import Actor
from tests.core.whistling import (
    BOOK,
    CITY,
    COLLEAGUE,
    COMMUNITY,
    FIRE,
    HALL,
    LEAD,
    LEADER,
    POLICE,
    SAID,
    STREET,
    Story,
    acknowledged,
    arrived,
    ask,
    at_department,
    blow,
    blown,
    called,
    confirmed,
    done,
    objected,
    paused,
    planned,
    rated,
    replied,
)
from tests.core.world import AT, spot, staffed

COMMAND, CONSTABLE = at_department(CITY), at_department(POLICE)
PAUSE = c.AskPause("weather", 3, SAID)
HERE = c.Arrive(AT, spot())
OBJECT = c.Object("not-our-duty", SAID)
TWO = (*LEAD, ask(POLICE))
ACCUSED = (Party("respondent", organisation=CITY),)


def awaited() -> Story:
    """A community's, replied to; it is the community's turn."""
    story = Story(blow(), COMMUNITY)
    story.give(c.PassOn(), STREET)
    story.give(c.Approve(), LEADER)
    story.give(c.Acknowledge(COMMAND.person), COMMAND)
    story.give(done(story.now), COMMAND)
    return story


def asking() -> Story:
    story = acknowledged()
    story.give(PAUSE, COMMAND)
    return story


def ruled() -> Story:
    story = objected()
    story.give(c.Rule(CITY, False), COLLEAGUE)
    return story


def resumed() -> Story:
    story = paused()
    story.give(c.Resume(), COMMAND)
    return story


def answered() -> Story:
    story = acknowledged(asks=TWO)
    story.give(c.Answer(SAID), CONSTABLE)
    return story


def rates(post: str = CITY, score: int = 5, arrival: int | None = None) -> c.RateDepartment:
    return c.RateDepartment(post, score, score, score, arrival)


def passed() -> Story:
    """Blown by the community, passed on by the street's p-blower, objected to."""
    story = blown(by=COMMUNITY)
    story.give(c.PassOn(), STREET)
    story.give(c.Approve(), COLLEAGUE)
    return stepped(story, OBJECT)


def half_rated() -> Story:
    story = confirmed(asks=TWO)
    story.give(rates(), STREET)
    story.give(c.RateBlower("yes", 5), COMMAND)
    return story


def declined() -> Story:
    story = called("emergency")
    story.give(c.Decline("own-duty", SAID), LEADER)
    return story


def late(story: Story, **time: float) -> Story:
    return story.after(**time)


Row = tuple[str, Callable[[], Story], Command, Actor]
TABLE: list[Row] = [
    # where it stands
    ("not-passed-on", lambda: blown(by=COMMUNITY), c.Approve(), LEADER),
    ("not-passed-on", lambda: blown(by=COMMUNITY), c.Decline("other", SAID), LEADER),
    ("already-passed-on", blown, c.PassOn(TWO), STREET),
    ("already-passed-on", blown, c.SendBack("other", SAID), STREET),
    ("already-called", called, c.SendBack("other", SAID), STREET),
    ("already-called", passed, c.PassOn(TWO), STREET),
    ("not-replied", called, c.Confirm(), STREET),
    ("not-replied", called, c.Return(SAID), STREET),
    ("not-replied", called, rates(), STREET),
    ("not-approved", blown, c.Confirm(), STREET),
    ("paused-whistle", paused, c.Confirm(), STREET),
    ("not-replied", called, c.RateBlower("yes", 5), COMMAND),
    ("already-replied", replied, OBJECT, COMMAND),
    ("already-replied", replied, PAUSE, COMMAND),
    ("already-replied", replied, c.AskCo(FIRE, SAID), COMMAND),
    ("already-replied", replied, done(AT, done=LEAD[0].words), COMMAND),
    ("already-replied", replied, c.Cancel("other"), STREET),
    ("already-replied", lambda: replied("key"), c.Plan(SAID, AT + timedelta(days=9)), COMMAND),
    ("not-confirmed", replied, rates(), STREET),
    ("not-confirmed", replied, c.RateBlower("yes", 5), COMMAND),
    ("already-confirmed", confirmed, c.Return(SAID), STREET),
    ("already-confirmed", confirmed, c.Progress(SAID), COMMAND),
    ("already-confirmed", confirmed, c.Acknowledge("p-new"), COMMAND),
    ("already-confirmed", confirmed, HERE, COMMAND),
    ("already-confirmed", confirmed, c.Join("HY000000002"), STREET),
    ("already-confirmed", lambda: confirmed(asks=TWO), c.Answer(SAID), CONSTABLE),
    ("paused-whistle", paused, done(AT), COMMAND),
    ("paused-whistle", paused, OBJECT, COMMAND),
    ("paused-whistle", paused, c.Plan(SAID, AT + timedelta(days=3)), COMMAND),
    ("paused-whistle", paused, c.AskCo(FIRE, SAID), COMMAND),
    ("paused-whistle", paused, c.AskPause("court", 1, SAID), COMMAND),
    ("paused-whistle", paused, c.RefusePause(SAID), COLLEAGUE),
    ("closed-whistle", rated, c.Cancel("other"), STREET),
    ("closed-whistle", rated, c.Join("HY000000002"), STREET),
    ("closed-whistle", rated, c.Acknowledge("p-new"), COMMAND),
    ("closed-whistle", rated, c.Confirm(), STREET),
    ("closed-whistle", rated, HERE, COMMAND),
    ("closed-whistle", rated, c.Return(SAID), STREET),
    ("closed-whistle", rated, rates(FIRE), STREET),
    # who may
    ("not-your-whistle", called, c.Acknowledge("p-x"), at_department(FIRE)),
    ("not-your-whistle", lambda: called(asks=TWO), done(AT), CONSTABLE),
    ("not-your-whistle", called, c.Tick(), STREET),
    ("not-your-whistle", called, c.Confirm(), COMMUNITY),
    ("recused", lambda: called(parties=(Party("respondent", person="p-城管"),),
        staff=staffed((Person("p-城管"), CITY))), c.Acknowledge("p-城管"), COMMAND),
    ("own-request", blown, c.Approve(), STREET),
    ("own-request", blown, c.Approve(), Actor(HALL, "street")),
    ("own-request", blown, c.Approve(), Actor(LEADER.post, "street", "p-blower")),
    ("own-request", blown, c.Decline("other", SAID), STREET),
    ("own-request", objected, c.Rule(CITY, False), STREET),
    ("own-request", passed, c.Rule(CITY, False), STREET),
    ("own-request", asking, c.GrantPause(), Actor(HALL, "street", "p-城管")),
    ("own-request", asking, c.RefusePause(SAID), Actor(HALL, "street", "p-城管")),
    ("blower-first", awaited, c.Confirm(), STREET),
    ("blower-first", awaited, c.Return(SAID), COLLEAGUE),
    ("own-work", replied, c.Confirm(), Actor(HALL, "street", "p-城管")),
    ("own-work", replied, c.Return(SAID), Actor(HALL, "street", "p-城管")),
    ("own-work", confirmed, rates(), Actor(HALL, "street", "p-城管")),
    ("own-work", confirmed, c.RateBlower("yes", 5), at_department(CITY, "p-blower")),
    # before it is called
    ("already-approved", called, c.Decline("other", SAID), LEADER),
    ("already-declined", declined, c.Approve(), LEADER),
    ("already-acknowledged", acknowledged, c.Cancel("other"), STREET),
    ("already-acknowledged", lambda: stepped(called(asks=TWO), c.Acknowledge("p")), c.Cancel("other"), STREET),
    ("one-lead", lambda: blown(by=COMMUNITY), c.PassOn((ask(CITY),)), STREET),
    # the departments
    ("nobody-named", called, c.Acknowledge(""), COMMAND),
    ("not-acknowledged", called, HERE, COMMAND),
    ("not-acknowledged", called, done(AT), COMMAND),
    ("not-acknowledged", lambda: called("key"), c.Plan(SAID, AT + timedelta(days=1)), COMMAND),
    ("not-acknowledged", called, c.AskCo(FIRE, SAID), COMMAND),
    ("not-acknowledged", lambda: called(asks=TWO), c.Answer(SAID), CONSTABLE),
    ("not-acknowledged", called, PAUSE, COMMAND),
    ("not-arrived", lambda: acknowledged("enforcement"), done(AT), COMMAND),
    ("not-arrived", lambda: acknowledged("enforcement", asks=TWO), c.Answer(SAID), CONSTABLE),
    ("not-arrived", lambda: acknowledged("emergency"), c.Plan(SAID, AT + timedelta(days=1)), COMMAND),
    ("already-arrived", arrived, HERE, COMMAND),
    ("not-yet-happened", acknowledged, replace(HERE, arrived_at=AT + timedelta(seconds=1)), COMMAND),
    ("not-yet-happened", acknowledged, done(AT + timedelta(seconds=1)), COMMAND),
    ("before-the-call", acknowledged, replace(HERE, arrived_at=AT - timedelta(seconds=1)), COMMAND),
    ("before-the-call", acknowledged, done(AT - timedelta(seconds=1)), COMMAND),
    ("not-planned", lambda: acknowledged("key"), done(AT), COMMAND),
    ("by-when-past", lambda: acknowledged("key"), c.Plan(SAID, AT), COMMAND),
    ("by-when-past", acknowledged, done(AT, finished=False, by_when=AT), COMMAND),
    ("by-when-too-far", acknowledged, done(AT, finished=False, by_when=AT + timedelta(days=40)), COMMAND),
    ("already-asked", lambda: acknowledged(asks=TWO), c.AskCo(POLICE, SAID), COMMAND),
    ("already-asked", acknowledged, c.AskCo(CITY, SAID), COMMAND),
    ("already-answered", answered, c.Answer(LEAD[0].words), CONSTABLE),
    ("already-answered", answered, OBJECT, CONSTABLE),
    ("department-duty", acknowledged, c.AskCo(COMMUNITY.post, SAID), COMMAND),
    ("not-a-department", acknowledged, c.AskCo(HALL, SAID), COMMAND),
    ("ask-the-street", lambda: acknowledged(parties=(Party("respondent", organisation=FIRE),)),
        c.AskCo(FIRE, SAID), COMMAND),
    ("department-recused", lambda: replace_parties(acknowledged(), ACCUSED), c.Join("HY2"), STREET),
    ("department-recused", lambda: replace_parties(blown(), ACCUSED), c.Join("HY2"), STREET),
    ("joins-hidden", lambda: blown(by=COMMUNITY), c.Join("HY2", about="grid_or_community_staff"), STREET),
    ("joins-hidden", lambda: blown(by=COMMUNITY), c.Join("HY2", spot=replace(spot(), community_code="9")), STREET),
    ("joins-hidden", blown, c.Join("HY2", spot=replace(spot(), street_code="9")), STREET),
    ("by-when-too-far", acknowledged, c.Plan(SAID, AT + timedelta(days=3 * 366, seconds=1)), COMMAND),
    ("reply-lacks-accepted", planned, done(AT, accepted_at=None), COMMAND),
    ("reply-lacks-contacted", planned, done(AT, contacted=()), COMMAND),
    ("reply-lacks-done", planned, done(AT, done=None), COMMAND),
    ("reply-lacks-by-when", planned, done(AT, finished=False), COMMAND),
    # whose duty
    ("already-objected", objected, c.Object("other", SAID), COMMAND),
    ("designated", ruled, OBJECT, COMMAND),
    ("no-objection", called, c.Rule(CITY, True, FIRE), COLLEAGUE),
    ("no-objection", objected, c.Rule(FIRE, True, CITY), COLLEAGUE),
    ("no-objection", lambda: replace_parties(called(), ACCUSED), c.Rule(CITY, False), COLLEAGUE),
    ("lead-needed", objected, c.Rule(CITY, True), COLLEAGUE),
    ("same-department", objected, c.Rule(CITY, True, CITY), COLLEAGUE),
    ("department-duty", objected, c.Rule(CITY, True, COMMUNITY.post), COLLEAGUE),
    ("not-a-department", objected, c.Rule(CITY, True, HALL), COLLEAGUE),
    # pausing
    ("not-for-this-kind", lambda: acknowledged("emergency"), PAUSE, COMMAND),
    ("pause-asked", asking, c.AskPause("court", 1, SAID), COMMAND),
    ("no-pause-left", resumed, PAUSE, COMMAND),
    ("pause-too-long", acknowledged, c.AskPause("weather", 0, SAID), COMMAND),
    ("pause-too-long", acknowledged, c.AskPause("weather", 21, SAID), COMMAND),
    ("objection-pending", lambda: stepped(objected(), c.Acknowledge("p-城管")), PAUSE, COMMAND),
    ("too-late", lambda: late(acknowledged(), days=30), PAUSE, COMMAND),
    ("too-late", lambda: late(asking(), days=30), c.GrantPause(), COLLEAGUE),
    ("nothing-asked", acknowledged, c.GrantPause(), COLLEAGUE),
    ("nothing-asked", acknowledged, c.RefusePause(SAID), COLLEAGUE),
    ("not-paused", acknowledged, c.Resume(), COMMAND),
    # the end
    ("not-approved", lambda: replied("emergency"), c.Confirm(), STREET),
    ("no-such-department", confirmed, rates(FIRE), STREET),
    ("already-rated", half_rated, rates(score=4), STREET),
    ("already-rated", half_rated, c.RateBlower("no", 5), COMMAND),
    ("rating-incomplete", lambda: confirmed("enforcement"), rates(), STREET),
    ("score-out-of-range", confirmed, rates(score=6), STREET),
    ("score-out-of-range", lambda: confirmed("enforcement"), rates(arrival=0), STREET),
    ("score-out-of-range", confirmed, c.RateBlower("yes", 0), COMMAND),
    ("score-out-of-range", confirmed, c.Hear("HY000000001", "yes", 6), CLOCK),
    ("not-of-this-whistle", confirmed, c.Hear("HY000000002", "yes"), CLOCK),
]  # fmt: skip


def replace_parties(story: Story, parties: tuple[Party, ...]) -> Story:
    story.parties = parties
    return story


def stepped(story: Story, command: Command, by: Actor = COMMAND) -> Story:
    story.give(command, by)
    return story


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{type(row[2]).__name__}")
def test_refused(row: Row) -> None:
    code, stage, command, by = row
    stage().refuses(code, command, by)


@pytest.mark.parametrize("command", [c.Confirm(), c.Return(SAID)], ids=["confirm", "return"])
def test_once_the_blower_is_late_the_street_looks(command: Command) -> None:
    """So that a whistle whose blower cannot look any more ends all the same."""
    story = awaited()
    story.until("confirm", COMMUNITY.post)
    story.give(command, STREET)
    assert story.whistle.state in ("confirmed", "called")


def test_who_sits_on_both_sides_judges_nothing_whoever_was_named_to_come() -> None:
    """By person (交叉任职): somebody of the department that answers, who sits at the street or community, too."""
    both = Person("p-both")
    staff = staffed((both, HALL), (both, CITY), (Person("p-other"), HALL))
    hall = Actor(HALL, "street", "p-both")
    for code, stage, command in (
        ("own-work", replied, c.Confirm()), ("own-work", replied, c.Return(SAID)), ("own-work", confirmed, rates()),
        ("own-request", objected, c.Rule(CITY, False)), ("own-request", asking, c.GrantPause()),
    ):  # fmt: skip
        story = stage()
        story.staff = staff
        story.refuses(code, command, hall)
        story.give(command, Actor(HALL, "street", "p-other"))


# -- what is never blown ----------------------------------------------------------------------------------

NEVER: list[tuple[str, dict[str, Any], Actor]] = [
    ("not-your-place", {}, Actor("street:other", "street")),
    ("not-your-place", {}, COMMAND),
    ("not-your-place", {}, Actor("grid:990101001001001", "grid_worker")),
    ("recused", {"about": "street"}, STREET),
    ("recused", {"about": "street"}, COMMUNITY),
    ("recused", {"about": "grid_or_community_staff"}, COMMUNITY),
    ("unknown-category", {"category": "Z99"}, STREET),
    ("unknown-category", {"category": "B"}, STREET),
    ("own-duty", {"category": "M06", "kind": "key"}, STREET),  # nobody but the street
    ("own-duty", {"category": "M02"}, STREET),  # the street comes first
    ("own-duty", {"category": "M02", "kind": "enforcement"}, COMMUNITY),
    ("ticket-missing", {"ticket": None}, STREET),
    ("ticket-missing", {"ticket": None, "source": "patrol", "about": "grid_or_community_staff"}, STREET),
    ("nothing-tried", {"tried": ()}, STREET),
    ("nothing-tried", {"tried": (), "source": "patrol"}, STREET),
    ("one-lead", {"asks": ()}, STREET),
    ("one-lead", {"asks": (ask(CITY),)}, STREET),
    ("one-lead", {"asks": (*LEAD, ask(POLICE, lead=True))}, STREET),
    ("asked-twice", {"asks": (*LEAD, ask(CITY))}, STREET),
    ("department-duty", {"asks": (ask(COMMUNITY.post, lead=True),)}, STREET),
    ("department-duty", {"asks": (*LEAD, ask("grid:990101001001001"))}, STREET),
    ("department-duty", {"asks": (*LEAD, ask("building_leader:E1-B01"))}, STREET),
    ("not-a-department", {"asks": (*LEAD, ask("property:E1"))}, STREET),
    ("accused-unknown", {"about": "department"}, STREET),
]


@pytest.mark.parametrize(("code", "more", "by"), NEVER, ids=lambda one: one if isinstance(one, str) else "")
def test_never_blown(code: str, more: dict[str, Any], by: Actor) -> None:
    with pytest.raises(Refused) as refusal:
        Story(blow(**more), by)
    assert refusal.value.code == code


BLOWN: list[tuple[dict[str, Any], Actor]] = [
    ({"about": "grid_or_community_staff"}, STREET),
    ({"category": "M02", "kind": "key"}, STREET),
    ({"category": "M06", "kind": "emergency"}, STREET),
    ({"source": "patrol", "ticket": None, "tried": ()}, COMMUNITY),
    ({"kind": "emergency", "tried": ()}, STREET),
]


@pytest.mark.parametrize(("more", "by"), BLOWN)
def test_what_is_blown_all_the_same(more: dict[str, Any], by: Actor) -> None:
    assert Story(blow(**more), by).whistle.blower == by.post


def test_who_is_complained_about_is_never_called() -> None:
    """Known before, or found out since: while it waits for approval, or when it has the lead already."""
    for parties in (ACCUSED, (*ACCUSED, Party("respondent", organisation=FIRE))):
        with pytest.raises(Refused, match="department-recused"):
            Story(blow(about="department"), parties=parties)
        Story(blow(about="department", asks=(ask(POLICE, lead=True),)), parties=parties)
    story = replace_parties(blown(), ACCUSED)
    story.refuses("department-recused", c.Approve(), LEADER)
    story = replace_parties(called(), ACCUSED)
    story.refuses("recused", c.Acknowledge("p-城管"), COMMAND)
    story.give(c.Rule(CITY, True, FIRE), COLLEAGUE)
    assert [(one.post, one.lead) for one in story.whistle.lines] == [(FIRE, True)]
    assert getattr(story.steps[-1], "reason", "") == "recused"


def test_the_blower_with_an_interest_does_not_blow() -> None:
    staff = staffed((Person("p-blower", household=b"h"), HALL))
    with pytest.raises(Refused, match="recused"):
        Story(blow(), staff=staff, parties=(Party("complainant", household=b"h"),))


# -- the same matter --------------------------------------------------------------------------------------

OUTSIDE = replace(spot(None, None), grid_code="990101001001009")


@pytest.mark.parametrize(
    ("category", "here", "there", "same"),
    [
        ("B04", spot(), spot(), True),
        ("B04", spot(), spot(building=None), True),
        ("B04", spot(building=None), spot(), True),
        ("B04", spot(), spot("E1", "E1-B02"), False),
        ("B04", spot(), spot("E2", "E2-B01"), False),
        ("B04", spot(building=None), spot("E2", None), False),
        ("B04", OUTSIDE, OUTSIDE, True),
        ("B04", OUTSIDE, replace(OUTSIDE, grid_code="990101001001008"), False),
        ("B04", spot(None, None), spot(None, None), False),
        ("B06", spot(), spot(), False),
    ],
)
def test_an_open_whistle_on_the_same_is_offered(category: str, here: Any, there: Any, same: bool) -> None:
    others = (c.Open("W7", category, there), c.Open("W8", category, there))
    if not same:
        Story(blow(spot=here, others=others))
        return
    with pytest.raises(Refused, match="already-blown") as refusal:
        Story(blow(spot=here, others=others))
    assert refusal.value.offer == "W7"
    assert Story(blow(spot=here, others=others, apart=SAID)).steps[0].apart == SAID  # type: ignore[union-attr]


# -- laws -------------------------------------------------------------------------------------------------


def test_what_is_not_there() -> None:
    with pytest.raises(Refused, match="unknown-whistle"):
        decide(None, c.Confirm(), at=AT, rules=BOOK, scene=Scene(STREET))


def test_every_code_has_its_row() -> None:
    """Law: every refusal code has a row in the refusal table test."""
    folder = Path(module.__file__ or "").parent
    codes = {code for path in folder.glob("*.py") for code in re.findall(r'Refused\(\s*"([a-z-]+)"', path.read_text())}
    codes |= {"own-request", "not-your-whistle"}  # one of the two, by a condition
    codes |= {*NOT_YET.values(), *PAST.values()}
    tested = {row[0] for row in TABLE} | {row[0] for row in NEVER} | {"unknown-whistle", "already-blown"}
    assert codes == tested
