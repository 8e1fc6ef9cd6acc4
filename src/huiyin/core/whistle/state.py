"""What a whistle's steps fold to (吹哨): who is called, how far each is, which clocks run, what happens next when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.deadline import Due
from huiyin.core.watch import upcoming
from huiyin.core.whistle.commands import (
    Ask,
    Beyond,
    Kind,
    ObjectReason,
    PauseReason,
    Position,
    Source,
    Tried,
)
from huiyin.core.whistle.steps import (
    Arrived,
    BlowerRated,
    Clock,
    DepartmentRated,
    Duty,
    Outcome,
    Planned,
    Replied,
    ResidentHeard,
    Rest,
)
from huiyin.core.words import About, Sealed, Spot

State = Literal["passing", "approving", "called", "paused", "replied", "confirmed", "closed"]
BOUND: tuple[State, ...] = ("called", "paused", "replied")  # departments work on it


class Objection(Struct, frozen=True):
    """A duty question that waits for the street's ruling."""

    reason: ObjectReason
    words: Sealed


class Line(Struct, frozen=True):
    """One department on a whistle; `bound`: the street ruled that it is its duty, it cannot object again."""

    post: str
    lead: bool
    words: Sealed
    called_at: datetime
    person: str = ""
    arrived: Arrived | None = None  # the last word on it; with "no" it has not come yet
    planned: Planned | None = None
    answered: Sealed | None = None
    objection: Objection | None = None
    bound: bool = False

    @property
    def came(self) -> bool:
        return self.arrived is not None and self.arrived.on_site != "no"


class Pause(Struct, frozen=True):
    """Asked for by the lead; granted where the whistle is paused."""

    reason: PauseReason
    days: int
    words: Sealed
    post: str
    person: str
    stopped: tuple[Rest, ...] = ()


class Whistle(Struct, frozen=True):
    """What the steps fold to. `asks` are whom the blower wants, `lines` who is called."""

    number: str
    version: int
    state: State
    kind: Kind
    source: Source
    category: str
    spot: Spot
    beyond: Beyond
    words: Sealed
    asks: tuple[Ask, ...]
    blower: str
    blown_by: str
    blown_at: datetime
    tickets: tuple[str, ...] = ()
    about: About = "none"
    tried: tuple[Tried, ...] = ()
    position: Position | None = None
    pictures: tuple[Sealed, ...] = ()
    passed: bool = False
    passed_by: str = ""
    approval: Literal["waiting", "given", "declined"] = "waiting"
    lines: tuple[Line, ...] = ()
    clocks: tuple[Clock, ...] = ()
    pause: Pause | None = None
    pauses: int = 0
    reply: Replied | None = None
    returned: int = 0
    level: int = 0  # the highest supervision it ever came to
    late: tuple[tuple[Duty, str], ...] = ()  # what ran out, and whose it was
    ratings: tuple[DepartmentRated, ...] = ()
    rated_back: BlowerRated | None = None
    heard: tuple[ResidentHeard, ...] = ()
    closed_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def street(self) -> str:
        return f"street:{self.spot.street_code}"

    @property
    def lead(self) -> Line | None:
        return next((one for one in self.lines if one.lead), None)

    def line(self, post: str) -> Line | None:
        return next((one for one in self.lines if one.post == post), None)

    @property
    def unrated(self) -> tuple[str, ...]:
        """The posts whose rating is still to come."""
        blower = (self.blower,) if len(self.ratings) < len(self.lines) else ()
        return (*blower, *((self.lead.post,) if self.lead is not None and self.rated_back is None else ()))

    @property
    def due(self) -> Due | None:
        """The soonest limit that runs."""
        return min((one.watch.due for one in self.clocks), key=lambda due: due.at, default=None)

    @property
    def next_at(self) -> datetime | None:
        """When something happens by itself next; None once closed."""
        return min((upcoming(one.watch, one.told) for one in self.clocks), default=None)

    @property
    def provisional(self) -> bool:
        """Whether a due time that still counts was worked out without its year's calendar."""
        return any(one.watch.due.provisional for one in self.clocks)

    # -- folding ------------------------------------------------------------------------------------------

    def starting(self, clocks: Iterable[Clock]) -> "Whistle":
        """With these clocks, each in the place of the same duty's."""
        fresh = {one.key: one for one in clocks}
        return replace(self, clocks=(*(one for one in self.clocks if one.key not in fresh), *fresh.values()))

    def stopping(self, *duties: Duty, post: str = "") -> "Whistle":
        """Without the clocks of these duties (none named: of all), of one post or about it, or of anybody; nor does
        a pause keep any of them."""

        def over(one: Clock | Rest) -> bool:
            mine = not post or post in (one.post, one.of if isinstance(one, Clock) else "")
            return mine and (not duties or one.duty in duties)

        pause = self.pause and replace(self.pause, stopped=tuple(one for one in self.pause.stopped if not over(one)))
        return replace(self, clocks=tuple(one for one in self.clocks if not over(one)), pause=pause)

    def with_line(self, line: Line) -> "Whistle":
        """With one department's line as it is now."""
        return replace(self, lines=tuple(line if one.post == line.post else one for one in self.lines))
