"""The data of `rules/whistle.toml`: the limits of every kind of whistle, who leads, whose duty is whose."""

from typing import Literal, get_args

from msgspec import Struct, field

from huiyin.core.calendar import OFFICE, Office
from huiyin.core.deadline import Limit
from huiyin.core.whistle.commands import Kind
from huiyin.core.whistle.steps import Duty
from huiyin.core.words import About


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind's limits; without `arrive` nobody must come, without `plan` none is asked for; `passing` where the leader
    approves before the call, `grant` where it may be paused. Those of the departments
    run from the call, `redo` from a return, `late` from one level of supervision to the next."""

    acknowledge: Limit
    reply: Limit
    answer: Limit
    redo: Limit
    rule: Limit
    approve: Limit
    confirm: Limit
    rate: Limit
    late: Limit
    passing: Limit | None = None
    grant: Limit | None = None
    arrive: Limit | None = None
    plan: Limit | None = None

    def of(self, duty: Duty) -> Limit | None:
        """The limit of a duty; None where this kind does not have it."""
        limit: Limit | None = getattr(self, "passing" if duty == "pass" else duty)
        return limit


class KindRule(Struct, frozen=True, forbid_unknown_fields=True):
    """`approval`: of the leader, before the call or after it. `own_duty`: whether a matter whose duty is the street's
    is refused, may be called for where departments must help (`joint`), or is never asked about."""

    name: str
    limits: Limits
    approval: Literal["before", "afterwards"] = "before"
    own_duty: Literal["refused", "joint", "allowed"] = "refused"

    @property
    def lacks_passing(self) -> bool:
        return self.approval == "before" and self.limits.passing is None


class Pauses(Struct, frozen=True, forbid_unknown_fields=True):
    """How often, how many working days, and which clocks a pause stops."""

    times: int
    longest: int
    stops: tuple[Duty, ...]
    kinds: tuple[Kind, ...]


class WhistleRules(Struct, frozen=True, forbid_unknown_fields=True):
    """`own`: names of the catalogue that are the street itself; `leader`, `department`: prefixes of posts;
    `first_level`: duties that are supervised at once, without 催办; `weight`: how many upheld objections move a
    department one place in the suggestions; `barred`: who may not whistle on what is about them, by kind of post."""

    leader: str
    department: str
    own: tuple[str, ...]
    kinds: dict[Kind, KindRule]
    duties: dict[Duty, str]
    pauses: Pauses
    near_metres: int
    promise: Limit
    returns: int
    first_level: dict[Duty, int]
    weight: int
    office: Office = OFFICE
    barred: dict[About, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError where a kind, a duty or a limit that is needed is missing."""
        missing = [*(set(get_args(Kind)) - set(self.kinds)), *(set(get_args(Duty)) - set(self.duties))]
        missing += [f"{kind}.passing" for kind, rule in self.kinds.items() if rule.lacks_passing]
        missing += [f"{kind}.grant" for kind in self.pauses.kinds if self.kinds[kind].limits.grant is None]
        if missing:
            raise ValueError(f"whistle.toml lacks {', '.join(sorted(missing))}")
