"""How tickets come together and come to an end (并单、回访、结案): steps, past tense."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.commands import Outcome, RedirectReason, ReopenReason, Solved, Via
from huiyin.core.deadline import Due
from huiyin.core.ladder import Standing
from huiyin.core.watch import Watch
from huiyin.core.words import Sealed

NoRung = Literal["about-the-street", "about-a-department"]  # why no post of the ladder may judge it


class Merged(Struct, frozen=True, tag_field="step", tag="ticket.merged.v1"):
    """并单: the other ticket leads; this one keeps its receipt, notices, rating and the way out."""

    into: str


class Joined(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.joined.v1"):
    number: str
    filed_at: datetime
    building_code: str | None = None


class Split(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.split.v1"):
    """拆单: on its own again, at the rung where it was."""

    lead: str
    sign: Watch
    resolve: Due
    words: Sealed | None = None


class Left(Struct, frozen=True, tag_field="step", tag="ticket.left.v1"):
    number: str


class FollowedUp(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.followed_up.v1"):
    """回访."""

    solved: Solved
    via: Via
    satisfied: int | None = None
    words: Sealed | None = None


class Reopened(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.reopened.v1"):
    """重办; `times` counts."""

    reason: ReopenReason | Literal["unsatisfied"]
    times: int
    standing: Standing
    sign: Watch
    resolve: Due
    words: Sealed | None = None


class Redirected(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.redirected.v1"):
    """接诉即办条例 art. 11(3); the reply that follows tells the route."""

    reason: RedirectReason | NoRung


class Closed(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.closed.v1"):
    """结案."""

    outcome: Outcome
    at: datetime
    words: Sealed | None = None


Grouped = Merged | Joined | Split | Left
Ended = FollowedUp | Reopened | Redirected | Closed
