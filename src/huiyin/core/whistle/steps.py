"""What happens to a whistle (吹哨): steps, past tense; a step's tag is its published name."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.deadline import Limit
from huiyin.core.watch import Part, Watch
from huiyin.core.whistle.commands import (
    Ask,
    Beyond,
    CancelReason,
    Contacted,
    Justified,
    Kind,
    ObjectReason,
    PauseReason,
    Position,
    SendBackReason,
    Solved,
    Source,
    Tried,
)
from huiyin.core.words import About, Sealed, Spot

Duty = Literal[
    "pass", "approve", "acknowledge", "arrive", "plan", "reply", "answer", "rule", "grant", "pause", "confirm", "rate"
]
OnSite = Literal["yes", "no", "unproven"]
RuledReason = ObjectReason | Literal["recused"]
Outcome = Literal["rated", "unrated", "sent-back", "declined", "cancelled"]


class Clock(Struct, frozen=True, omit_defaults=True):
    """A limit that runs for a post; `of` is the department that a ruling or a grant is about. `level` says how often
    it ran out: 1 催办, 2 督办, 3 挂牌督办, from 4 on 报区."""

    duty: Duty
    post: str
    watch: Watch
    of: str = ""
    level: int = 0
    told: tuple[Part, ...] = ()

    @property
    def key(self) -> tuple[Duty, str, str]:
        return self.duty, self.post, self.of


class Rest(Struct, frozen=True):
    """A clock that a pause stopped, and what is left of it."""

    duty: Duty
    post: str
    left: Limit


class Blown(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.blown.v1"):
    """吹哨; `clocks` is the street's limit to pass it on, or the leader's to approve it."""

    number: str
    kind: Kind
    source: Source
    category: str
    spot: Spot
    beyond: Beyond
    words: Sealed
    asks: tuple[Ask, ...]
    post: str
    person: str
    clocks: tuple[Clock, ...]
    ticket: str | None = None
    about: About = "none"
    tried: tuple[Tried, ...] = ()
    position: Position | None = None
    pictures: tuple[Sealed, ...] = ()
    apart: Sealed | None = None


class PassedOn(Struct, frozen=True, tag_field="step", tag="whistle.passed_on.v1"):
    """The street makes it its own, with the asks that go out."""

    person: str
    asks: tuple[Ask, ...]
    clocks: tuple[Clock, ...]


class SentBack(Struct, frozen=True, tag_field="step", tag="whistle.sent_back.v1"):
    reason: SendBackReason
    words: Sealed


class Approved(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.approved.v1"):
    post: str
    person: str
    words: Sealed | None = None


class Declined(Struct, frozen=True, tag_field="step", tag="whistle.declined.v1"):
    reason: SendBackReason
    words: Sealed


class Called(Struct, frozen=True, tag_field="step", tag="whistle.called.v1"):
    """派哨: these departments are bound from `at` on; all of a whistle's at its beginning, later those asked in."""

    at: datetime
    asks: tuple[Ask, ...]
    clocks: tuple[Clock, ...]


class Joined(Struct, frozen=True, tag_field="step", tag="whistle.joined.v1"):
    ticket: str
    tried: tuple[Tried, ...]


class Cancelled(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.cancelled.v1"):
    reason: CancelReason
    words: Sealed | None = None


class Acknowledged(Struct, frozen=True, tag_field="step", tag="whistle.acknowledged.v1"):
    """接哨 by a named person, an opaque id."""

    post: str
    person: str


class Objected(Struct, frozen=True, tag_field="step", tag="whistle.objected.v1"):
    post: str
    reason: ObjectReason
    words: Sealed
    clocks: tuple[Clock, ...]


class ObjectionRuled(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.objection_ruled.v1"):
    """裁定; where upheld `to` has the duty from `at` on, with what was asked. `category`, `post` and `to` are what the
    suggestions learn from (not where it was "recused": that department is complained about)."""

    post: str
    upheld: bool
    reason: RuledReason
    category: str
    at: datetime
    to: str | None = None
    clocks: tuple[Clock, ...] = ()
    words: Sealed | None = None


class Arrived(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.arrived.v1"):
    """报到: `on_site` no = they say so, or the position does; unproven = neither position nor picture. With no the
    limit to come runs on."""

    post: str
    arrived_at: datetime
    spot: Spot
    on_site: OnSite
    position: Position | None = None
    pictures: tuple[Sealed, ...] = ()


class Planned(Struct, frozen=True, tag_field="step", tag="whistle.planned.v1"):
    post: str
    words: Sealed
    until: datetime


class Progressed(Struct, frozen=True, tag_field="step", tag="whistle.progressed.v1"):
    post: str
    words: Sealed


class Answered(Struct, frozen=True, tag_field="step", tag="whistle.answered.v1"):
    """A co-department did its part and told the lead."""

    post: str
    words: Sealed


class Replied(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.replied.v1"):
    """办结答复 of the lead; `by_when` where the rest is still to be done."""

    post: str
    accepted_at: datetime
    contacted: tuple[Contacted, ...]
    done: Sealed
    clocks: tuple[Clock, ...]
    by_when: datetime | None = None


class PauseAsked(Struct, frozen=True, tag_field="step", tag="whistle.pause_asked.v1"):
    post: str
    person: str
    reason: PauseReason
    days: int
    words: Sealed
    clocks: tuple[Clock, ...]


class PauseRefused(Struct, frozen=True, tag_field="step", tag="whistle.pause_refused.v1"):
    words: Sealed


class Paused(Struct, frozen=True, tag_field="step", tag="whistle.paused.v1"):
    """`stopped` clocks rest until the pause is over; the others run on."""

    reason: PauseReason
    days: int
    stopped: tuple[Rest, ...]
    clocks: tuple[Clock, ...]


class Resumed(Struct, frozen=True, tag_field="step", tag="whistle.resumed.v1"):
    """What was left of the stopped clocks runs again."""

    clocks: tuple[Clock, ...]


class Confirmed(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.confirmed.v1"):
    """核验; `unanswered` are the co-departments that never told the lead."""

    on_site: OnSite
    person: str
    clocks: tuple[Clock, ...]
    unanswered: tuple[str, ...] = ()
    position: Position | None = None
    pictures: tuple[Sealed, ...] = ()


class Returned(Struct, frozen=True, tag_field="step", tag="whistle.returned.v1"):
    """退回重办; `times` counts."""

    missing: Sealed
    times: int
    clocks: tuple[Clock, ...]


class DepartmentRated(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.department_rated.v1"):
    post: str
    response: int
    quality: int
    cooperation: int
    arrival: int | None = None


class BlowerRated(Struct, frozen=True, tag_field="step", tag="whistle.blower_rated.v1"):
    post: str
    justified: Justified
    score: int


class ResidentHeard(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.resident_heard.v1"):
    ticket: str
    solved: Solved
    satisfied: int | None = None


class Reminded(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.reminded.v1"):
    duty: Duty
    post: str
    part: Part
    of: str = ""


class Supervised(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.supervised.v1"):
    """催办、督办、挂牌督办、报区: a limit ran out, or the work was returned again; the same duty has a new limit."""

    reason: Literal["lapsed", "returned"]
    duty: Duty
    post: str
    level: int
    watch: Watch
    of: str = ""


class Recomputed(Struct, frozen=True, tag_field="step", tag="whistle.recomputed.v1"):
    """A calendar arrived: these clocks are no longer provisional."""

    clocks: tuple[Clock, ...]


class Closed(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="whistle.closed.v1"):
    """结哨; `unrated` are the posts that let the time to rate go by."""

    outcome: Outcome
    at: datetime
    unrated: tuple[str, ...] = ()


Begun = Blown | PassedOn | SentBack | Approved | Declined | Called | Joined | Cancelled
Worked = Acknowledged | Arrived | Planned | Progressed | Answered | Replied
Disputed = Objected | ObjectionRuled
Held = PauseAsked | PauseRefused | Paused | Resumed
Ended = Confirmed | Returned | DepartmentRated | BlowerRated | ResidentHeard | Closed
Timed = Reminded | Supervised | Recomputed
Step = Begun | Worked | Disputed | Held | Ended | Timed
