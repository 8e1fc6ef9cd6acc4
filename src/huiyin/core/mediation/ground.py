"""What every decision about a mediation stands on: rulebook, scene, limits, who speaks for a party, who may mediate."""

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct

from huiyin.core.calendar import Calendar, local
from huiyin.core.catalogue import Catalogue
from huiyin.core.deadline import Due, Limit, months_on, recomputed
from huiyin.core.mediation.clocks import Countdown, alarms
from huiyin.core.mediation.kinds import Committee, Duty, Item, Reason, Risk, Route
from huiyin.core.mediation.rules import Besides, MediationRules, Span
from huiyin.core.mediation.state import Line, Mediation, State
from huiyin.core.mediation.steps import RiskFlagged
from huiyin.core.scene import Refused, Scene
from huiyin.core.staff import conflict
from huiyin.core.watch import due_once
from huiyin.core.words import Actor, Sealed


class Rules(Struct, frozen=True):
    """The rulebook a decision is made under; `version` goes into every step."""

    version: str
    catalogue: Catalogue
    calendar: Calendar
    mediation: MediationRules


class Ground(Struct, frozen=True):
    """One decision's ground: moment, rulebook, scene."""

    at: datetime
    rules: Rules
    scene: Scene

    @property
    def by(self) -> Actor:
        return self.scene.by

    @property
    def book(self) -> MediationRules:
        return self.rules.mediation

    def routes(self, why: Reason | Besides) -> tuple[Route, ...]:
        """Where the dispute may go instead; the rulebook has some for every reason."""
        return self.book.routes[why]

    # -- limits -------------------------------------------------------------------------------------------

    def clock(self, duty: Duty, start: datetime | None = None, of: str = "") -> Countdown:
        """A duty's limit, from now on or from another moment."""
        start = start or self.at
        return self.counting(duty, self.due(start, self.book.limits[duty], duty), of)

    def late(self, clock: Countdown) -> Countdown:
        """The next limit of a duty that is late."""
        due = self.due(self.at, self.book.late, clock.duty)
        return Countdown(clock.duty, due, (), clock.of, clock.level + 1)

    def performing(self, item: Item, start: datetime) -> Countdown:
        """An item's limit: the end of its day (moved on from a day of rest, 民法典 203); what was to be done before the
        agreement had effect is due the day after."""
        return self.counting("perform", self.day(start, item.until, "perform"), item.item)

    def day(self, start: datetime, last: date, duty: Duty) -> Due:
        """A limit that ends with a day."""
        return self._due(start, Limit(max((last - local(start)).days, 1), "natural_day"), duty)

    def due(self, start: datetime, span: Span, duty: Duty) -> Due:
        """The end of a span; a month is as many days as there are to the day that corresponds (民法典 202)."""
        if span.unit == "month":
            return self.day(start, months_on(local(start), span.length), duty)
        return self._due(start, Limit(span.length, span.unit), duty)

    def longer(self, due: Due, days: int, duty: Duty) -> Due:
        """The same limit with more days."""
        return self._due(due.start, Limit(due.length + days, due.unit), duty)

    def _due(self, start: datetime, limit: Limit, duty: Duty) -> Due:
        return due_once(start, limit, f"调解{self.book.duties[duty]}期限", self.rules.calendar, self.book.office)

    def counting(self, duty: Duty, due: Due, of: str = "") -> Countdown:
        """A limit with its reminders."""
        return Countdown(duty, due, alarms(due, self.book.alarms.get(duty, ()), self.book.office), of)

    def again(self, due: Due) -> Due:
        """A limit as the calendar of today has it."""
        return recomputed(due, self.rules.calendar, self.book.office) or due

    def flagged(self, risk: Risk, words: Sealed, clocks: tuple[Countdown, ...]) -> RiskFlagged:
        """A danger, with whom it must be reported to."""
        rule = self.book.risks[risk]
        return RiskFlagged(risk, words, rule.bodies, rule.restricted, clocks)

    # -- who ----------------------------------------------------------------------------------------------

    def party(self, mediation: Mediation, party: str) -> Line:
        line = mediation.line(party)
        if line is None:
            raise Refused("unknown-party")
        return line

    def voice(self, line: Line, by: str, *, special: bool = True) -> None:
        """Refuse who does not speak for a party: itself ("" – a group cannot), a representative that it chose, or an
        agent, who needs special authority where it is about the party's rights (特别授权)."""
        agent = next((one for one in line.agents if one.agent == by), None)
        if agent is not None:
            if special and not agent.special:
                raise Refused("authority-too-small")
            return
        if line.kind == "group":
            if by not in line.representatives:
                raise Refused("representative-needed")
        elif by:
            raise Refused("not-an-agent")

    def desk(self, mediation: Mediation) -> str:
        """The post of the committee."""
        return desk_of(self.book, mediation.kind, mediation.committee)

    def mediators(self, mediation: Mediation) -> str:
        """The post that its mediators hold."""
        return mediators_of(self.book, mediation.kind, mediation.committee)

    def free(self, mediation: Mediation, person: str) -> None:
        """Refuse whom the committee's register does not name now, and whoever has an interest in the case: party,
        relative, same household (by person, 交叉任职), or withdrew from it before."""
        held = self.scene.staff.holdings.get(self.mediators(mediation), ())
        found = next((one.person for one in held if one.person.id == person), None)
        if found is None:
            raise Refused("not-a-mediator")
        if conflict(found, self.scene.parties) is not None:
            raise Refused("mediator-recused")
        if any((one.person, one.reason) == (person, "recused") for one in mediation.gone):
            raise Refused("mediator-recused")

    # -- moments ------------------------------------------------------------------------------------------

    def happened(self, at: datetime) -> None:
        """Refuse a moment that has not come."""
        if at > self.at:
            raise Refused("not-yet-happened")


def desk_of(book: MediationRules, kind: Committee, committee: str) -> str:
    """The post of a committee: who accepts and seals."""
    return f"{book.seats[kind].desk}:{committee}"


def mediators_of(book: MediationRules, kind: Committee, committee: str) -> str:
    """The post that a committee's mediators hold."""
    return f"{book.seats[kind].mediator}:{committee}"


def known(mediation: Mediation | None) -> Mediation:
    """The mediation that must be there."""
    if mediation is None:
        raise Refused("unknown-mediation")
    return mediation


# The way of a mediation, and what is refused with which code where it has not come so far, or farther.
WAY: tuple[State, ...] = ("applied", "accepted", "signing", "effective", "performed", "ended", "archived")
NOT_YET: dict[State, str] = {"applied": "not-accepted", "accepted": "not-in-effect", "signing": "not-in-effect"}
PAST: dict[State, str] = {
    "accepted": "already-accepted",
    "signing": "already-accepted",
    "effective": "in-effect",
    "performed": "in-effect",
    "ended": "ended-mediation",
    "archived": "archived-mediation",
}


def working(mediation: Mediation, states: Iterable[State]) -> None:
    """Refuse what is not in one of these states, with a code that says which it is in."""
    here, wanted = WAY.index(mediation.state), [WAY.index(one) for one in states]
    if here not in wanted:
        raise Refused((NOT_YET if here < min(wanted) else PAST)[mediation.state])


def safe(mediation: Mediation) -> None:
    """Refuse to go on as long as a danger is not reported (art. 25)."""
    if mediation.owing:
        raise Refused("report-first")
