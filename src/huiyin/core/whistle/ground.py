"""What every decision about a whistle stands on: the rulebook beside the scene, its clocks, who may be called."""

from collections.abc import Sequence
from datetime import datetime
from math import cos, hypot, radians

from msgspec import Struct

from huiyin.core.calendar import Calendar
from huiyin.core.catalogue import Catalogue
from huiyin.core.deadline import Due, Limit
from huiyin.core.scene import Refused, Scene, accused
from huiyin.core.watch import Watch, due_once, watch_once
from huiyin.core.whistle.commands import Ask, Kind, Position
from huiyin.core.whistle.rules import Limits, WhistleRules
from huiyin.core.whistle.state import State, Whistle
from huiyin.core.whistle.steps import Clock, Duty, OnSite
from huiyin.core.words import About, Actor, Sealed

_DEGREE = 111_195  # metres
_LEAD: tuple[Duty, ...] = ("acknowledge", "arrive", "plan", "reply")
_CO: tuple[Duty, ...] = ("acknowledge", "arrive", "answer")


class Rules(Struct, frozen=True):
    """The rulebook a decision is made under; `version` goes into every step."""

    version: str
    catalogue: Catalogue
    calendar: Calendar
    whistle: WhistleRules


class Ground(Struct, frozen=True):
    """One decision's ground: moment, rulebook, scene."""

    at: datetime
    rules: Rules
    scene: Scene

    @property
    def by(self) -> Actor:
        return self.scene.by

    def limits(self, kind: Kind) -> Limits:
        return self.rules.whistle.kinds[kind].limits

    # -- clocks -------------------------------------------------------------------------------------------

    def watch(self, limit: Limit, basis: str) -> Watch:
        """A limit from now on, with reminders."""
        book = self.rules.whistle
        return self.reminding(due_once(self.at, limit, basis, self.rules.calendar, book.office))

    def reminding(self, one: Due) -> Watch:
        """The reminders of a due time."""
        return watch_once(one, self.rules.calendar, self.rules.whistle.office)

    def clock(self, kind: Kind, duty: Duty, post: str, of: str = "", limit: Limit | None = None) -> Clock:
        """A duty's clock from now on, by the kind's limit or another."""
        wanted = limit or self.limits(kind).of(duty)
        assert wanted is not None
        return Clock(duty, post, self.watch(wanted, self.basis(kind, duty)), of)

    def basis(self, kind: Kind, duty: Duty) -> str:
        """What a limit is called: 应急处置哨接哨时限."""
        book = self.rules.whistle
        return f"{book.kinds[kind].name}{book.duties[duty]}时限"

    def called(self, kind: Kind, asks: Sequence[Ask]) -> tuple[Clock, ...]:
        """All the clocks of departments that are called now; the lead's are others than a co-department's."""
        return tuple(
            self.clock(kind, duty, one.post)
            for one in asks
            for duty in (_LEAD if one.lead else _CO)
            if self.limits(kind).of(duty) is not None
        )

    # -- who may be called --------------------------------------------------------------------------------

    def callable(self, post: str, about: About) -> None:
        """Refuse to call who must not be: the community, for a department's duty is never pushed down to it
        (接诉即办条例 art. 17); what is no department; the department that is complained about."""
        prefix = post.partition(":")[0]
        if prefix in ("community", "grid", "building_leader"):
            raise Refused("department-duty")
        if prefix != self.rules.whistle.department:
            raise Refused("not-a-department")
        out = accused(self.scene.parties)
        if about == "department" and not any(one.startswith(f"{prefix}:") for one in out):
            raise Refused("accused-unknown")
        if post in out:
            raise Refused("department-recused")

    def asked(self, asks: Sequence[Ask], about: About) -> None:
        """Refuse asks that do not name one lead, or somebody twice, or who must not be called."""
        if sum(one.lead for one in asks) != 1:
            raise Refused("one-lead")
        if len({one.post for one in asks}) < len(asks):
            raise Refused("asked-twice")
        for one in asks:
            self.callable(one.post, about)

    def same(self, *persons: str) -> bool:
        """Whether who acts is one of these, by person."""
        return bool(self.by.person) and self.by.person in persons

    def sits(self, post: str, person: str = "") -> bool:
        """Whether who acts is this person of a department, or has a seat there: who of it did what is not recorded."""
        return self.same(person) or self.scene.holds(post)

    def on_site(self, whistle: Whistle, position: Position | None, pictures: Sequence[Sealed]) -> OnSite:
        """What position and pictures say of having been there."""
        if position is not None and whistle.position is not None:
            return "yes" if metres(position, whistle.position) <= self.rules.whistle.near_metres else "no"
        return "yes" if pictures else "unproven"


def metres(one: Position, other: Position) -> float:
    """How far apart two positions of one city are."""
    east = (one.lon - other.lon) * cos(radians(other.lat))
    return _DEGREE * hypot(one.lat - other.lat, east)


def coarse(position: Position | None) -> Position | None:
    """A position as it is kept: about a hundred metres."""
    return position and Position(round(position.lat, 3), round(position.lon, 3))


def known(whistle: Whistle | None) -> Whistle:
    """The whistle that must be there."""
    if whistle is None:
        raise Refused("unknown-whistle")
    return whistle


# The way of a whistle, and what it is refused with where it has not come so far, or farther (a pause is on the way).
WAY: tuple[State, ...] = ("passing", "approving", "called", "paused", "replied", "confirmed", "closed")
NOT_YET: dict[State, str] = {
    "passing": "not-passed-on",
    "approving": "not-approved",
    "called": "not-replied",
    "paused": "paused-whistle",
    "replied": "not-confirmed",
}
PAST: dict[State, str] = {
    "approving": "already-passed-on",
    "called": "already-called",
    "paused": "paused-whistle",
    "replied": "already-replied",
    "confirmed": "already-confirmed",
    "closed": "closed-whistle",
}


def working(whistle: Whistle, *states: State) -> None:
    """Refuse what is not in one of these states, with a code that says which it is in."""
    if whistle.state not in states:
        early = WAY.index(whistle.state) < min(WAY.index(one) for one in states)
        raise Refused((NOT_YET if early else PAST)[whistle.state])
