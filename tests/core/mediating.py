"""Mediations for pure tests: two neighbours, a committee, its mediators; stages to begin at; a mediation's story."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import pytest
from msgspec.structs import replace

from huiyin.core.deadline import Limit, due
from huiyin.core.mediation import Command, Mediation, Rules, Step, decide, follow
from huiyin.core.mediation import commands as c
from huiyin.core.mediation.clocks import Alarm, Countdown
from huiyin.core.mediation.kinds import Duty, Item, Side, Terms
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.mediation.state import Line
from huiyin.core.scene import CLOCK, Refused, Scene
from huiyin.core.staff import Party, Person, Staff
from huiyin.core.words import Actor, Sealed
from huiyin.rules.rulebook import load_mediation
from tests.core.world import AT, RULES, C, S, staffed

BOOK = Rules("test", RULES.catalogue, RULES.calendar, load_mediation()[0])
A, B, D = "p1", "p2", "p3"
CASE = CaseNumber(2026, "柳岸", 12)
DESK = Actor(f"community:{C}", "community", "p-desk")
SEATS = f"mediator:{C}"
WANG, LI, ZHAO = (Actor(SEATS, "mediator", f"p-{one}") for one in ("wang", "li", "zhao"))
PARTY = {one: Actor(f"party:{one}", "party") for one in (A, B, D)}
AT_A, AT_B = PARTY[A], PARTY[B]
ELSEWHERE = [Actor("community:other", "community", "p"), Actor("mediator:other", "mediator", "p-wang"),
             Actor(f"street:{S}", "street", "p"), Actor("party:p9", "party"),
             Actor("property:E1", "property")]  # fmt: skip
HOME = b"E1-B01/601"
STAFF = staffed(
    (Person("p-desk"), DESK.post), (Person("p-wang"), SEATS), (Person("p-li"), SEATS),
    (Person("p-zhao", household=HOME), SEATS),
)  # fmt: skip
PARTIES = (Party("complainant", household=HOME, person="p-lou"), Party("respondent", person="p-xu"))
DIGEST, OTHER = "ab" * 32, "cd" * 32


def words(n: int | str) -> Sealed:
    return Sealed(f"TJ1/{n}", str(n)[:1] * 64)


MATTER, MINUTES, SAID, LETTER, SECRET = (words(n) for n in range(1, 6))


def beijing(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def item(name: str = "i1", until: date = date(2026, 12, 10), owes: str = B, owed: str = A, **more: Any) -> Item:
    fields: dict[str, Any] = {"words": words(6), "manner": "money", "place": words(7)}
    return Item(name, owes, owed, until=until, **(fields | more))


def terms(*items: Item, **more: Any) -> Terms:
    fields: dict[str, Any] = {"content": words(6), "facts": words(7), "issues": words(8), "responsibility": words(9)}
    return Terms(items=items, **(fields | more))


TERMS = terms(item())


def apply(**more: Any) -> c.Apply:
    """A leak between two flats, on application of the one below."""
    fields: dict[str, Any] = {
        "number": "TJ1", "committee": C, "kind": "residents", "source": "application", "category": "A01",
        "words": MATTER, "sides": (Side(A, applicant=True), Side(B)),
    }  # fmt: skip
    return c.Apply(**(fields | more))


def held(now: datetime, **more: Any) -> c.Hold:
    fields: dict[str, Any] = {"began": now, "present": (A, B), "minutes": MINUTES}
    return c.Hold(**(fields | more))


class Story:
    """One mediation through commands and time; every `does` compares the whole mediation."""

    def __init__(
        self, command: c.Apply | None = None, by: Actor = DESK, *, at: datetime = AT, book: Rules = BOOK,
        staff: Staff = STAFF, parties: tuple[Party, ...] = PARTIES,
    ) -> None:  # fmt: skip
        self.now, self.book, self.staff, self.parties = at, book, staff, parties
        self.steps: list[Step] = []
        self.kept: Mediation | None = None
        self.give(command or apply(), by)

    @property
    def case(self) -> Mediation:
        assert self.kept is not None
        return self.kept

    @property
    def ids(self) -> list[str]:
        return [one.party for one in self.case.lines]

    def decide(self, command: Command, by: Actor) -> list[Step]:
        return decide(self.kept, command, at=self.now, rules=self.book, scene=Scene(by, self.staff, self.parties))

    def give(self, command: Command, by: Actor) -> list[Step]:
        """The steps of a command; it has happened."""
        made = self.decide(command, by)
        for step in made:
            self.kept = follow(self.kept, step)
        self.steps += made
        return made

    def gives(self, *orders: tuple[Command, Actor]) -> Self:
        for command, by in orders:
            assert self.give(command, by), command
        return self

    def does(self, command: Command, by: Actor, *kinds: type, **changes: object) -> list[Step]:
        """The command makes just these steps, and changes just these fields; said again it makes none."""
        before = self.case
        made = self.give(command, by)
        assert [type(step) for step in made] == list(kinds)
        assert self.case == replace(before, version=before.version + len(kinds), **changes)
        if not isinstance(command, c.Tick | c.Recompute):
            assert self.decide(command, by) == []
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
        moment = self.case.next_at
        assert moment is not None
        if moment > self.now:
            self.now = moment - timedelta(microseconds=1)
            assert self.decide(c.Tick(), CLOCK) == []
            self.now = moment
        return self.does(c.Tick(), CLOCK, *kinds, **changes)

    def until(self, moment: datetime) -> Self:
        """Time goes on to a moment, and whatever happens by itself does."""
        for _ in range(200):
            due = self.case.next_at
            if due is None or due > moment:
                self.now = moment
                return self
            self.now = max(self.now, due)
            assert self.give(c.Tick(), CLOCK)
        raise AssertionError("it never comes to rest")

    # -- what the fields come to --------------------------------------------------------------------------

    def clock(
        self, duty: Duty, length: int, unit: str = "natural_day", of: str = "", start: datetime | None = None,
        **more: Any,
    ) -> Countdown:  # fmt: skip
        """A limit by another hand: its length from the file's own words, its reminders day by day."""
        rules = self.book.mediation
        basis = f"调解{rules.duties[duty]}期限"
        end = due(start or self.now, Limit(length, unit), basis, self.book.calendar, rules.office)  # type: ignore[arg-type]
        last = (end.at - timedelta(microseconds=1) + timedelta(hours=8)).date()
        first = (end.start + timedelta(hours=8)).date()
        alarms = []
        for left in rules.alarms.get(duty, ()):
            day = last - timedelta(days=left)
            if day >= first and not more.get("level"):
                alarms.append(Alarm(left, beijing(day.month, day.day, 9, year=day.year)))
        return Countdown(duty, end, tuple(alarms), of, **more)

    def running(self, *fresh: Countdown, stop: str = "") -> dict[str, object]:
        """The clocks without some and with others."""
        out = {*stop.split(), *(f"{one.duty}:{one.of}" for one in fresh)}
        kept = tuple(one for one in self.case.clocks if not {one.duty, f"{one.duty}:{one.of}"} & out)
        return {"clocks": (*kept, *fresh)}

    def line(self, party: str, **changes: object) -> dict[str, object]:
        """One party's line changed."""
        lines = (replace(one, **changes) if one.party == party else one for one in self.case.lines)
        return {"lines": tuple(lines)}

    def lines(self, **changes: object) -> tuple[Line, ...]:
        return tuple(replace(one, **changes) for one in self.case.lines)

    def live(self) -> list[str]:
        """Which clocks run."""
        return sorted(f"{one.duty}:{one.of}".rstrip(":") for one in self.case.clocks)


# -- stages to begin a test at ----------------------------------------------------------------------------


def applied(**more: Any) -> Story:
    keys = ("by", "staff", "parties", "book", "at")
    command = apply(**{k: v for k, v in more.items() if k not in keys})
    return Story(command, **{k: v for k, v in more.items() if k in keys})


def checked(*bars: str, civil: bool = False, **more: Any) -> Story:
    return applied(**more).gives((c.Check(bars, civil), DESK))


def consented(**more: Any) -> Story:
    story = checked(**more)
    return story.gives(*((c.Consent(one, "screen"), PARTY[one]) for one in story.ids))


def accepted(**more: Any) -> Story:
    return consented(**more).gives((c.Accept(CASE), DESK))


def notified(**more: Any) -> Story:
    story = accepted(**more)
    return story.gives(*((c.NotifyRights(one, "paper"), DESK) for one in story.ids))


def seated(**more: Any) -> Story:
    return notified(**more).gives((c.Assign("p-wang"), DESK))


def sat(**more: Any) -> Story:
    story = seated(**more).after(hours=1)
    return story.gives((held(story.now), WANG))


def drafted(draft: Terms = TERMS, **more: Any) -> Story:
    return sat(**more).after(hours=1).gives((c.Draft(DIGEST, draft), WANG))


def mark(story: Story, hand: str, **more: Any) -> c.Mark:
    form = {"party": "signature", "mediator": "signature", "committee": "seal"}[hand]
    fields: dict[str, Any] = {"digest": DIGEST, "form": form, "at": story.now}
    return c.Mark(hand, **(fields | more))


def marked(**more: Any) -> Story:
    """By both parties."""
    story = drafted(**more)
    return story.gives(*((mark(story, "party", party=one), PARTY[one]) for one in story.ids))


def effective(**more: Any) -> Story:
    story = marked(**more)
    return story.gives((mark(story, "mediator"), WANG), (mark(story, "committee"), DESK))


def joint(**more: Any) -> Story:
    story = effective(**more)
    return story.gives(*((c.Answer(one, "confirmation", True), PARTY[one]) for one in story.ids))


def confirming(**more: Any) -> Story:
    story = joint(**more)
    return story.gives((c.ApplyConfirmation(story.now), DESK))


def performed(**more: Any) -> Story:
    story = effective(**more)
    return story.gives((c.Perform("i1", "whole", story.now, A), AT_A))


def ended(**more: Any) -> Story:
    return sat(**more).gives((c.Stop(B, "screen"), AT_B))
