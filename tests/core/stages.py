"""Stages of a ticket's life to begin a test at: each makes a story that has come so far."""

from datetime import timedelta

from huiyin.core import commands as c
from huiyin.core.staff import Person
from huiyin.core.ticket import CLOCK, RESIDENT, Actor, Command
from huiyin.core.voices import Add, ReportPressure, Urge
from huiyin.core.whistled import Whistled
from huiyin.core.words import Spot
from tests.core.world import (
    AT,
    COMMUNITY,
    PROPERTY,
    WORDS,
    Story,
    actor,
    staffed,
)

WANG, LI = Person("p-wang"), Person("p-li")
SHELVE = c.Shelve("funds", AT + timedelta(days=30), "property:E1", WORDS)
EXTEND = c.Extend("waiting-parts", 3)
CALLED = Whistled("SH000000001", "called", 3, AT + timedelta(hours=4))


def filed(category: str = "A01", where: Spot | None = None, about: str = "none", **more: object) -> Story:
    return Story(category, where, about, **more)  # type: ignore[arg-type]


def at_property(**more: object) -> Story:
    return filed("A02", **more)


def album() -> Story:
    """As many pictures as a ticket takes."""
    story = at_property()
    story.give(c.Attach((WORDS,) * 39), PROPERTY)
    story.give(c.Attach((WORDS,), "site"), RESIDENT)
    return story


def signed(**more: object) -> Story:
    story = at_property(**more)
    story.give(c.Sign(), PROPERTY)
    return story


def resolved(**more: object) -> Story:
    story = signed(**more)
    story.give(c.Resolve(WORDS), PROPERTY)
    return story


def replied(**more: object) -> Story:
    story = resolved(**more)
    story.give(c.Reply(WORDS), PROPERTY)
    return story


def explained() -> Story:
    story = signed()
    story.give(c.Reply(WORDS), PROPERTY)
    return story


def closed(outcome: str = "solved") -> Story:
    story = replied()
    story.give(c.Close(outcome), COMMUNITY)  # type: ignore[arg-type]
    return story


def withdrawn() -> Story:
    story = signed()
    story.give(c.Withdraw(), RESIDENT)
    return story


def shelved() -> Story:
    story = signed()
    story.give(SHELVE, COMMUNITY)
    return story


def merged() -> Story:
    story = signed()
    story.give(c.Merge("HY000000002"), PROPERTY)
    return story


def leading() -> Story:
    story = signed()
    story.give(c.Join("HY000000002", None, AT), PROPERTY)
    return story


def objected(**more: object) -> Story:
    story = at_property(**more)
    story.give(c.Object("not-our-duty"), PROPERTY)
    return story


def designated() -> Story:
    story = filed()
    story.give(c.Dispatch("property_company"), COMMUNITY)
    return story


def said(answer: str) -> Story:
    story = replied()
    story.give(c.FollowUp(answer), RESIDENT)  # type: ignore[arg-type]
    return story


def asking(command: Command = EXTEND) -> Story:
    story = signed()
    story.give(command, PROPERTY)
    return story


def extended() -> Story:
    story = asking()
    story.give(c.Approve(), COMMUNITY)
    return story


def late(story: Story, **time: float) -> Story:
    return story.after(**time)


def desk() -> Story:
    return filed("A01", Spot())


def supervised() -> Story:
    return filed("M02").lapses()


def urged(times: int) -> Story:
    """At the property company, urged so often, as soon as it may be."""
    story = at_property()
    for _ in range(times):
        story.after(hours=0 if not story.ticket.urged else 24).give(Urge(), RESIDENT)
    return story


def added() -> Story:
    story = signed()
    for _ in range(10):
        story.give(Add(WORDS), RESIDENT)
    return story


def pressured(**more: object) -> Story:
    """Signed for by the property company; then the resident says that they are leaned on."""
    story = signed(**more)
    story.give(ReportPressure(), RESIDENT)
    return story


def named() -> Story:
    """Wang is of the property company and of the community, Li of the community only."""
    staff = staffed((WANG, "property:E1"), (WANG, COMMUNITY.post), (LI, COMMUNITY.post))
    story = at_property(staff=staff)
    story.give(c.Sign(), actor("property:E1", "p-wang"))
    return story


AS_COMPANY, AS_COMMUNITY = actor("property:E1", "p-wang"), actor(COMMUNITY.post, "p-wang")


def named_after(*before: tuple[Command, Actor]) -> Story:
    story = named()
    for command, by in before:
        story.give(command, by)
    return story


def far_emergency() -> Story:
    return filed("J05", urgency="emergency")


def whistled() -> Story:
    story = signed()
    story.give(CALLED, CLOCK)
    return story
