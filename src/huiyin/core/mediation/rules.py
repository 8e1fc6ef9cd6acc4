"""The data of `rules/mediation.toml`: who, how long, which papers and routes, which words do not belong into terms."""

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

from huiyin.core.calendar import OFFICE, Office
from huiyin.core.deadline import Unit
from huiyin.core.mediation.kinds import (
    Bar,
    Body,
    Committee,
    Duty,
    Paper,
    Reason,
    Risk,
    Route,
)

Element = Literal["facts", "issues", "responsibility", "items", "place"]
# When routes are told besides at an end: a breach, a partial agreement, a confirmation that the court refuses.
Besides = Literal["breach", "partial", "not-confirmed"]


class Span(Struct, frozen=True, forbid_unknown_fields=True):
    """A limit's length; a month ends on the day of the same number, or the month's last (民法典 202)."""

    length: Annotated[int, Meta(ge=1)]
    unit: Unit | Literal["month"]


class Seat(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of committee; `desk` and `mediator` are prefixes of posts: who accepts and seals, who mediates."""

    called: str
    desk: str
    mediator: str


class Extension(Struct, frozen=True, forbid_unknown_fields=True):
    """How often the time may be extended, and by how many days at the most."""

    times: int
    longest: int


class RiskRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a risk must be reported to; whether the file becomes the mediators' only."""

    bodies: tuple[Body, ...]
    restricted: bool = False


class TermRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Words that do not belong into terms: unlawful ones never, vague ones unless the parties insist. … stands for
    whatever else the clause says; `but` are phrases in which they mean something else."""

    kind: Literal["vague", "unlawful"]
    words: tuple[str, ...]
    advice: str
    but: tuple[str, ...] = ()


class Papers(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file must hold (art. 27): always, once accepted, after a session, with an agreement, after an end."""

    always: tuple[Paper, ...]
    accepted: tuple[Paper, ...]
    sat: tuple[Paper, ...]
    written: tuple[Paper, ...]
    oral: tuple[Paper, ...]
    ended: tuple[Paper, ...]


class MediationRules(Struct, frozen=True, forbid_unknown_fields=True):
    """`elements`: what an agreement must say; `alarms`: days before the end of a duty's limit; `late`: from one urging
    to the next; `dangerous`: categories that are a risk from the first day; `retention`: how long a file is
    kept; `negations`: words that turn an unlawful
    term into its prohibition; `precheck`: words of an application that remind of a bar or a risk."""

    seats: dict[Committee, Seat]
    limits: dict[Duty, Span]
    late: Span
    alarms: dict[Duty, tuple[int, ...]]
    duties: dict[Duty, str]
    representatives: int
    extension: Extension
    elements: tuple[Element, ...]
    papers: Papers
    bars: dict[Bar, str]
    risks: dict[Risk, RiskRule]
    dangerous: dict[str, Risk]
    retention: str
    routes: dict[Reason | Besides, tuple[Route, ...]]
    terms: dict[str, TermRule]
    negations: tuple[str, ...]
    precheck: dict[Bar | Risk, tuple[str, ...]] = {}
    office: Office = field(default=OFFICE)

    def __post_init__(self) -> None:
        """Raises ValueError where a committee, a limit, a reason or its routes are missing."""
        wanted: dict[str, tuple[Iterable[str], Iterable[str]]] = {
            "seats": (self.seats, get_args(Committee)),
            "limits": (self.limits, {*get_args(Duty)} - {"perform"}),
            "duties": (self.duties, get_args(Duty)),
            "bars": (self.bars, get_args(Bar)),
            "risks": (self.risks, get_args(Risk)),
            "routes": ([one for one, some in self.routes.items() if some], {*get_args(Reason), *get_args(Besides)}),
        }
        missing = [f"{name}.{one}" for name, (has, needs) in wanted.items() for one in sorted({*needs} - {*has})]
        missing += [f"risks.{one}.bodies" for one, rule in self.risks.items() if not rule.bodies]
        if missing:
            raise ValueError(f"mediation.toml lacks {', '.join(missing)}")
