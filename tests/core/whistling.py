"""Whistles for pure tests: who blows, whom they call, stages to begin at; a whistle's story."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import pytest
from msgspec.structs import replace

from huiyin.core.deadline import Limit, due
from huiyin.core.scene import CLOCK, Refused, Scene
from huiyin.core.staff import NOBODY, Party, Staff
from huiyin.core.watch import Watch, reminding
from huiyin.core.whistle import Command, Rules, Step, Whistle, decide, follow
from huiyin.core.whistle import commands as c
from huiyin.core.whistle.rules import Limits
from huiyin.core.whistle.state import Line
from huiyin.core.whistle.steps import Clock, Duty
from huiyin.core.words import Actor, Sealed
from huiyin.rules.rulebook import load_whistle
from tests.core.world import AT, RULES, C, S, spot

BOOK = Rules("test", RULES.catalogue, RULES.calendar, load_whistle()[0])
WHY, PICTURE, SAID = (Sealed(f"W1/{n}", str(n) * 64) for n in range(3))
TRIED = (c.Tried("HY000000001", 7),)

CITY, POLICE, FIRE, MARKET, WATER = (f"department:{name}" for name in ("城管", "公安", "消防救援", "市场监管", "水务"))
STREET = Actor(f"street:{S}", "street", "p-blower")
COLLEAGUE = Actor(f"street:{S}", "street", "p-colleague")
LEADER = Actor(f"street_leader:{S}", "street", "p-leader")
COMMUNITY = Actor(f"community:{C}", "community", "p-community")
BOSS, HALL = LEADER.post, STREET.post


def at_department(post: str, person: str = "") -> Actor:
    return Actor(post, "department", person or "p-" + post.partition(":")[2])


def ask(post: str, lead: bool = False) -> c.Ask:
    return c.Ask(post, Sealed(f"W1/{post}", "a" * 64), lead)


LEAD = (ask(CITY, lead=True),)
TEAM = (*LEAD, ask(POLICE), ask(FIRE), ask(MARKET))


def blow(kind: str = "daily", **more: Any) -> c.Blow:
    """A whistle on shop noise at a building, called for from a ticket."""
    fields: dict[str, Any] = {
        "number": "W1", "kind": kind, "source": "ticket", "category": "B04", "spot": spot(), "beyond": "no-power",
        "words": WHY, "asks": LEAD, "ticket": "HY000000001", "tried": TRIED,
    }  # fmt: skip
    return c.Blow(**(fields | more))


def done(now: datetime, **more: Any) -> c.Reply:
    """A whole reply."""
    fields: dict[str, Any] = {"accepted_at": now, "contacted": ("street",), "done": SAID, "finished": True}
    return c.Reply(**(fields | more))


def beijing(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


class Story:
    """One whistle through commands and time; every `does` compares the whole whistle."""

    def __init__(
        self, command: c.Blow, by: Actor = STREET, *, at: datetime = AT, book: Rules = BOOK,
        staff: Staff = NOBODY, parties: tuple[Party, ...] = (),
    ) -> None:  # fmt: skip
        self.now, self.book, self.staff, self.parties = at, book, staff, parties
        self.steps: list[Step] = []
        self.kept: Whistle | None = None
        self.give(command, by)

    @property
    def whistle(self) -> Whistle:
        assert self.kept is not None
        return self.kept

    def decide(self, command: Command, by: Actor) -> list[Step]:
        return decide(self.kept, command, at=self.now, rules=self.book, scene=Scene(by, self.staff, self.parties))

    def give(self, command: Command, by: Actor) -> list[Step]:
        """The steps of a command; it has happened."""
        made = self.decide(command, by)
        for step in made:
            self.kept = follow(self.kept, step)
        self.steps += made
        return made

    def does(self, command: Command, by: Actor, *kinds: type, **changes: object) -> list[Step]:
        """The command makes just these steps, and changes just these fields of the whistle."""
        before = self.whistle
        made = self.give(command, by)
        assert [type(step) for step in made] == list(kinds)
        assert self.whistle == replace(before, version=before.version + len(kinds), **changes)
        return made

    def refuses(self, code: str, command: Command, by: Actor) -> None:
        before = self.kept
        with pytest.raises(Refused) as refusal:
            self.decide(command, by)
        assert refusal.value.code == code
        assert self.kept == before

    def after(self, **time: float) -> Self:
        self.now += timedelta(**time)
        return self

    def ticks(self, *kinds: type, **changes: object) -> list[Step]:
        """Time goes on to the next moment, and just this happens; nothing did a moment before."""
        moment = self.whistle.next_at
        assert moment is not None
        if moment > self.now:
            self.now = moment - timedelta(microseconds=1)
            assert self.decide(c.Tick(), CLOCK) == []
            self.now = moment
        return self.does(c.Tick(), CLOCK, *kinds, **changes)

    def until(self, duty: Duty, post: str, level: int = 1) -> Step:
        """Time goes on, reminders and all, until a duty's supervision has come to a level."""
        while True:
            one = next(one for one in self.whistle.clocks if (one.duty, one.post) == (duty, post))
            if one.level >= level:
                return self.steps[-1]
            moment = self.whistle.next_at
            assert moment is not None
            self.now = max(self.now, moment)
            assert self.give(c.Tick(), CLOCK)

    # -- what the fields come to --------------------------------------------------------------------------

    @property
    def limits(self) -> Limits:
        return self.book.whistle.kinds[self.whistle.kind].limits

    def watch(self, limit: Limit, basis: str, start: datetime | None = None) -> Watch:
        office = self.book.whistle.office
        return reminding(due(start or self.now, limit, basis, self.book.calendar, office), self.book.calendar, office)

    def clock(
        self, duty: Duty, post: str, of: str = "", limit: Limit | None = None, start: datetime | None = None
    ) -> Clock:
        names = self.book.whistle
        one = limit or self.limits.of(duty)
        assert one is not None
        basis = f"{names.kinds[self.whistle.kind].name}{names.duties[duty]}时限"
        return Clock(duty, post, self.watch(one, basis, start), of)

    def running(self, *fresh: Clock, stop: Iterable[tuple[Duty, str]] = ()) -> dict[str, object]:
        """The clocks without some and with others."""
        out = {*stop, *((one.duty, one.post) for one in fresh if not one.of)}
        return {"clocks": (*(one for one in self.whistle.clocks if (one.duty, one.post) not in out), *fresh)}

    def line(self, post: str, **changes: object) -> dict[str, object]:
        """One line changed."""
        return {"lines": tuple(replace(one, **changes) if one.post == post else one for one in self.whistle.lines)}

    def called(self, *asks: c.Ask, **more: object) -> tuple[Line, ...]:
        """Lines as they begin now."""
        return tuple(Line(one.post, one.lead, one.words, self.now, **more) for one in asks)  # type: ignore[arg-type]

    def live(self) -> list[tuple[str, str]]:
        """Which clocks run, and whose."""
        return sorted((one.duty, one.post) for one in self.whistle.clocks)


# -- stages to begin a test at ----------------------------------------------------------------------------


def blown(kind: str = "daily", by: Actor = STREET, **more: Any) -> Story:
    keys = ("staff", "parties", "book", "at")
    return Story(blow(kind, **{k: v for k, v in more.items() if k not in keys}), by,
                 **{k: v for k, v in more.items() if k in keys})  # fmt: skip


def called(kind: str = "daily", **more: Any) -> Story:
    story = blown(kind, **more)
    if story.whistle.state == "approving":
        story.give(c.Approve(), LEADER)
    return story


def acknowledged(kind: str = "daily", **more: Any) -> Story:
    story = called(kind, **more)
    for one in story.whistle.lines:
        story.give(c.Acknowledge(at_department(one.post).person), at_department(one.post))
    return story


def arrived(kind: str = "enforcement", **more: Any) -> Story:
    story = acknowledged(kind, **more)
    for one in story.whistle.lines:
        story.give(c.Arrive(story.now, spot(), pictures=(PICTURE,)), at_department(one.post))
    return story


def planned(**more: Any) -> Story:
    story = acknowledged("key", **more)
    story.give(c.Plan(SAID, story.now + timedelta(days=3)), at_department(CITY))
    return story


def replied(kind: str = "daily", **more: Any) -> Story:
    story = arrived(kind, **more) if kind in ("enforcement", "emergency") else acknowledged(kind, **more)
    if kind == "key":
        story.give(c.Plan(SAID, story.now + timedelta(days=3)), at_department(CITY))
    story.give(done(story.now), at_department(CITY))
    return story


def confirmed(kind: str = "daily", **more: Any) -> Story:
    story = replied(kind, **more)
    if story.whistle.approval == "waiting":
        story.give(c.Approve(), LEADER)
    story.give(c.Confirm(pictures=(PICTURE,)), STREET)
    return story


def rated(kind: str = "daily", **more: Any) -> Story:
    story = confirmed(kind, **more)
    for one in story.whistle.lines:
        story.give(c.RateDepartment(one.post, 5, 4, 3, 2), STREET)
    story.give(c.RateBlower("yes", 5), at_department(CITY))
    return story


def paused(kind: str = "key", **more: Any) -> Story:
    story = acknowledged(kind, **more)
    story.give(c.AskPause("weather", 3, SAID), at_department(CITY))
    story.give(c.GrantPause(), COLLEAGUE)
    return story


def objected(kind: str = "daily", **more: Any) -> Story:
    story = called(kind, **more)
    story.give(c.Object("not-our-duty", SAID), at_department(CITY))
    return story
