"""A tiny city for pure tests: one street, one community, two estates, a few buildings; who acts; a ticket's story."""

from datetime import UTC, datetime, timedelta
from typing import Self

import pytest
from msgspec.structs import replace

from huiyin.core.calendar import Calendar
from huiyin.core.commands import Tick
from huiyin.core.deadline import Due, Limit, due
from huiyin.core.ladder import Post
from huiyin.core.registry import Building, Community, Estate, Grid, Registry, Street
from huiyin.core.staff import NOBODY, Holding, Party, Person, Staff
from huiyin.core.ticket import (
    CLOCK,
    SORTER,
    Actor,
    Command,
    File,
    Refused,
    Rules,
    Scene,
    Step,
    Ticket,
    decide,
    follow,
)
from huiyin.core.watch import Watch, reminding
from huiyin.core.words import Candidate, Evidence, Rung, Sealed, Sorting, Spot
from huiyin.rules.calendars import load_calendar
from huiyin.rules.load import load_catalogue
from huiyin.rules.rulebook import load_ladder

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)

REGISTRY = Registry(
    "test",
    {"990101001": Street("990101001", "清河街道", "东城区")},
    {"990101001001": Community("990101001001", "柳岸社区", "990101001")},
    {
        "E1": Estate("E1", "柳岸花园", (), "990101001001", "formed", "company", 800),
        "E2": Estate("E2", "老纺织大院", ("纺织大院",), "990101001001", "none", "none", 120),
    },
    {
        "990101001001001": Grid("990101001001001", "990101001001", "E1"),
        "990101001001002": Grid("990101001001002", "990101001001", "E1"),
        "990101001001003": Grid("990101001001003", "990101001001", "E2"),
    },
    {
        "E1-B01": Building("E1-B01", "E1", "1栋", 2, "990101001001001"),
        "E1-B02": Building("E1-B02", "E1", "2栋", 2, "990101001001002"),
        "E2-B01": Building("E2-B01", "E2", "1栋", 3, "990101001001003"),
    },
)

RULES = Rules("test", REGISTRY, load_catalogue(), load_ladder()[0], load_calendar())


def spot(estate: str | None = "E1", building: str | None = "E1-B01", community: bool = True) -> Spot:
    """A place in the tiny city."""
    if not community:
        return Spot()
    grid = REGISTRY.buildings[building].grid_code if building else None
    return Spot("990101001", "990101001001", estate, grid, building, "1栋" if building else None)


def sorting(category: str = "A01", where: Spot | None = None, **more: object) -> Sorting:
    """What a sorter might say."""
    fields = {
        "spot": spot() if where is None else where,
        "place_confidence": 0.95,
        "category": category,
        "candidates": (Candidate(category, 0.8, ("楼上漏水",)), Candidate("P01", 0.1)),
        "urgency": RULES.catalogue.entries[category].urgency,
        "evidence": Evidence("text"),
    }
    return Sorting(**(fields | more))  # type: ignore[arg-type]


def file(category: str = "A01", where: Spot | None = None, about: str = "none", **more: object) -> File:
    """An order to make a ticket."""
    return File("HY000000001", "web", about, AT, "HY000000001/1", "0" * 64, sorting(category, where, **more))  # type: ignore[arg-type]


# -- who acts ---------------------------------------------------------------------------------------------

ROLE = {
    "building_leader": "building_leader",
    "owners_committee": "owners_committee",
    "management_committee": "owners_committee",
    "property": "property",
    "community": "community",
    "street": "street",
    "district": "street",
    "grid": "grid_worker",
    "sorting": "street",
}


def actor(post: str, person: str = "") -> Actor:
    """Somebody at a post; without a person nobody was named there."""
    return Actor(post, ROLE[post.partition(":")[0]], person)


S, C, G = "990101001", "990101001001", "990101001001001"
LEADER, LEADER2 = actor("building_leader:E1-B01"), actor("building_leader:E1-B02")
GRID = actor(f"grid:{G}")
COMMITTEE, PROPERTY = actor("owners_committee:E1"), actor("property:E1")
COMMUNITY, STREET = actor(f"community:{C}"), actor(f"street:{S}")
DESK, DISTRICT = actor("sorting"), actor("district:东城区")
WORDS = Sealed("HY000000001/2", "1" * 64)


def staffed(*held: tuple[Person, str], deputies: tuple[tuple[Person, str], ...] = (), vacant: str = "") -> Staff:
    """Persons in posts, each bringing all the posts they hold; `vacant`: posts whose terms are over."""
    found: dict[str, tuple[Holding, ...]] = dict.fromkeys(vacant.split(), ())
    every = [(*one, False) for one in held] + [(*one, True) for one in deputies]
    posts = {one.id: frozenset(post for other, post, _ in every if other.id == one.id) for one, _, _ in every}
    for one, post, deputy in every:
        found[post] = (*found.get(post, ()), Holding(post, replace(one, posts=posts[one.id]), deputy))
    return Staff(found)


def rules(estate: dict[str, str] | None = None, calendar: Calendar | None = None) -> Rules:
    """The rulebook where estate E1 is otherwise than usual, or the calendar is."""
    estates = REGISTRY.estates | {"E1": replace(REGISTRY.estates["E1"], **(estate or {}))}
    return replace(RULES, registry=replace(REGISTRY, estates=estates), calendar=calendar or RULES.calendar)


# -- a ticket's story -------------------------------------------------------------------------------------


class Story:
    """One ticket through commands and time; every `does` compares the whole ticket."""

    def __init__(
        self,
        category: str = "A01",
        where: Spot | None = None,
        about: str = "none",
        *,
        staff: Staff = NOBODY,
        parties: tuple[Party, ...] = (),
        rulebook: Rules = RULES,
        at: datetime = AT,
        **more: object,
    ) -> None:
        self.staff, self.parties, self.rules, self.now = staff, parties, rulebook, at
        self.steps: list[Step] = []
        self.kept: Ticket | None = None
        self.last = self.give(file(category, where, about, **more), SORTER)

    @property
    def ticket(self) -> Ticket:
        assert self.kept is not None
        return self.kept

    def decide(self, command: Command, by: Actor) -> list[Step]:
        scene = Scene(by, self.staff, self.parties)
        return decide(self.kept, command, at=self.now, rules=self.rules, scene=scene)

    def give(self, command: Command, by: Actor) -> list[Step]:
        """The steps of a command; it has happened."""
        made = self.decide(command, by)
        for step in made:
            self.kept = follow(self.kept, step)
        self.steps += made
        return made

    def does(self, command: Command, by: Actor, *kinds: type, **changes: object) -> list[Step]:
        """The command makes just these steps, and changes just these fields of the ticket."""
        before = self.ticket
        made = self.give(command, by)
        assert [type(step) for step in made] == list(kinds)
        assert self.ticket == replace(before, version=before.version + len(kinds), **changes)
        return made

    def refuses(self, code: str, command: Command, by: Actor) -> None:
        with pytest.raises(Refused) as refusal:
            self.decide(command, by)
        assert refusal.value.code == code

    def after(self, **time: float) -> Self:
        self.now += timedelta(**time)
        return self

    def at_next(self) -> Self:
        """The moment when something happens by itself."""
        assert self.ticket.next_at is not None
        self.now = max(self.now, self.ticket.next_at)
        return self

    def ticks(self, *kinds: type, **changes: object) -> list[Step]:
        """Time goes on to the next moment, and just this happens; nothing did a moment before."""
        moment, self.now = self.at_next().now, self.now - timedelta(microseconds=1)
        if self.ticket.next_at == moment:
            assert self.decide(Tick(), CLOCK) == []
        self.now = moment
        return self.does(Tick(), CLOCK, *kinds, **changes)

    def lapses(self) -> Self:
        """Time goes on, reminders and all, until its post has run out of it: at another one, or nobody is above."""
        was, lapsed = self.ticket.cycle, self.ticket.lapsed
        while (self.ticket.cycle, self.ticket.lapsed) == (was, lapsed) and self.ticket.state != "closed":
            assert self.at_next().give(Tick(), CLOCK), "a tick at next_at does something"
        return self

    # -- what the ticket's fields come to -----------------------------------------------------------------

    def due(self, limit: Limit, basis: str, rung: Rung | None = None, start: datetime | None = None) -> Due:
        return due(start or self.now, limit, basis, self.rules.calendar, self.rules.ladder.office(rung))

    def watch(self, limit: Limit, basis: str, rung: Rung | None = None, start: datetime | None = None) -> Watch:
        return reminding(self.due(limit, basis, rung, start), self.rules.calendar, self.rules.ladder.office(rung))

    def answer(self) -> Watch:
        """When a supervision that begins now must be answered."""
        return self.watch(self.rules.ladder.terms.supervision, "督办答复时限", self.ticket.rung)

    def follow_up(self) -> Due:
        return self.due(self.rules.ladder.terms.follow_up, "回访时限")

    def signed(self, handler: str = "") -> dict[str, object]:
        """What signing changes."""
        one = self.ticket.rung_due
        assert one is not None
        resolve = reminding(one, self.rules.calendar, self.rules.ladder.office(self.ticket.rung))
        hand = (self.ticket.post.code if self.ticket.post else "", handler)
        hands = (*(one for one in self.ticket.hands if one != hand), hand)
        return {"state": "signed", "sign": None, "resolve": resolve, "handler": handler, "hands": hands}

    def stands(self, rung: Rung | None, post: str, name: str, *why: str, **more: object) -> dict[str, object]:
        """What coming to a post now changes: its two clocks begin, what was of the post before is gone."""
        if rung is None:
            sign = self.watch(Limit(2, "natural_hour"), "人工分拣台")
            rung_due = sign.due
        else:
            clocks, called = self.rules.ladder.clocks[self.ticket.urgency], self.rules.ladder.rungs[rung].name
            sign = self.watch(clocks.sign, f"{called}签收时限", rung)
            rung_due = self.due(clocks.resolve, f"{called}办理时限", rung)
        fresh: dict[str, object] = {field: STOOD[field] for field in STOOD}
        kept = tuple(one for one in self.ticket.reminded if one[0] == "answer")
        return (
            fresh
            | {
                "state": "sorting" if rung is None else "dispatched",
                "rung": rung,
                "post": Post(post, name),
                "why_here": why,
                "cycle": self.ticket.cycle + 1,
                "sign": sign,
                "rung_due": rung_due,
                "reminded": kept,
            }
            | more
        )


# What belongs to one post's work and is gone at the next.
STOOD: dict[str, object] = {
    "acting": None,
    "also": (),
    "resolve": None,
    "handler": "",
    "contacted": False,
    "designated": False,
    "objection": None,
    "request": None,
    "extensions": 0,
    "shelf": None,
    "lapsed": False,
    "resolver": "",
    "resolved_at_post": "",
    "replier": "",
    "replied_at_post": "",
    "reply": None,
    "follow_up": None,
    "urged": 0,
    "urged_at": None,
    "watcher": None,
}
