"""What a step counts as (统计): filed, contacted, climbed, closed …, each counted once, where and when it happened."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from msgspec import Struct

from huiyin.core import endings
from huiyin.core import steps as done
from huiyin.core.calendar import local
from huiyin.core.state import Ticket
from huiyin.core.steps import Step
from huiyin.core.ticket import follow

Metric = Literal[
    "filed",  # said: the channel
    "signed",  # minutes: since the rung had it
    "contact",  # once a ticket: said in-time or late, where somebody had to be contacted (响应率)
    "replied",  # minutes: since it was filed
    "followed",  # said: yes, partly or no (解决率)
    "rated",  # said: 1 to 5 (满意率)
    "closed",  # said: the outcome; minutes: since it was filed
    "revived",  # was closed and is open again
    "reopened",  # said: why
    "climbed",  # said: why; the rung is the one that it came to
    "lapsed",  # said: why; the rung is the one whose time ran out
    "supervised",  # said: why
]
METRICS: tuple[Metric, ...] = get_args(Metric)

SORTING = "sorting"  # stands for a rung where a ticket is on the sorting desk
NOWHERE = ""  # stands for a place that nobody knows yet
_LAPSES = frozenset(("sign-lapsed", "resolve-lapsed", "ruling-lapsed", "last-rung-lapsed", "case-lapsed"))
_LAPSES |= {"sorting-lapsed", "review-lapsed"}
_NO_NEED = frozenset(("withdrawn", "redirected", "merged"))  # nobody had to be contacted by the desk any more


class Count(Struct, frozen=True):
    """A step of a ticket as one thing that it counts as; `day` is China's. No word in it is a person's."""

    number: str
    version: int
    metric: Metric
    day: date
    street: str
    community: str
    grid: str
    rung: str
    topic: str  # the first letter of the catalogue's code
    about: str
    said: str
    minutes: int


class Told(Struct, frozen=True):
    """A step with its place in the ticket's chain."""

    version: int
    at: datetime
    step: Step


class _Said(Struct, frozen=True):
    metric: Metric
    said: str = ""
    minutes: int = 0
    rung: str | None = None


def counts(chain: Iterable[Told]) -> Iterator[Count]:
    """All that a ticket's whole chain counts as, step by step; the same chain always counts the same."""
    ticket: Ticket | None = None
    settled = False  # whether the first contact is counted, either way
    for told in chain:
        after = follow(ticket, told.step)
        if ticket is not None:
            for one in (*_of(ticket, told, after), *_passage(ticket, told, after)):
                yield _count(after, told, one)
        if not settled and (contact := _contact(ticket, told)) is not None:
            settled = True
            if contact:
                yield _count(after, told, _Said("contact", contact))
        ticket = after


def _count(after: Ticket, told: Told, one: _Said) -> Count:
    spot = after.spot
    return Count(
        after.number,
        told.version,
        one.metric,
        local(told.at),
        spot.street_code or NOWHERE,
        spot.community_code or NOWHERE,
        spot.grid_code or NOWHERE,
        one.rung or after.rung or SORTING,
        after.category[:1],
        after.about,
        one.said,
        one.minutes,
    )


def _of(before: Ticket, told: Told, after: Ticket) -> Iterator[_Said]:
    step, at = told.step, told.at
    match step:
        case done.Sorted() if before.post is None:
            yield _Said("filed", after.channel)
        case done.Signed():
            yield _Said("signed", "", _minutes(before.sign.due.start if before.sign else at, at))
        case done.Replied():
            yield _Said("replied", "", _minutes(after.filed_at, at))
        case endings.FollowedUp():
            yield _Said("followed", step.solved)
            if step.satisfied is not None:
                yield _Said("rated", str(step.satisfied))
        case done.HandedUp() | done.Supervised():
            yield _Said("climbed" if isinstance(step, done.HandedUp) else "supervised", step.reason)
            if step.reason in _LAPSES:
                yield _Said("lapsed", step.reason, 0, before.rung or SORTING)
        case endings.Reopened():
            yield _Said("reopened", step.reason)
        case _:
            pass


def _passage(before: Ticket, told: Told, after: Ticket) -> Iterator[_Said]:
    """In and out of what is open, whichever step does it: so what is open is what came in less what went out."""
    if before.closed_at is None and after.closed_at is not None:
        yield _Said("closed", after.outcome or "", _minutes(after.filed_at, told.at))
    if before.closed_at is not None and after.closed_at is None:
        yield _Said("revived")


def _contact(before: Ticket | None, told: Told) -> str | None:
    """How the duty to contact somebody ends with this step: in-time, late, "" where there was none; None: not yet.

    In time is what comes before the first of a ticket's limits ran out; a reply is a contact."""
    if before is None:
        return None
    step = told.step
    match step:
        case done.Contacted() | done.Replied():
            if isinstance(step, done.Replied) and step.route is not None:
                return ""  # a standing answer of the rulebook, no desk's
            return "in-time" if before.due is None or told.at <= before.due.at else "late"
        case done.HandedUp() | done.Supervised():
            return "late" if step.reason in _LAPSES else None
        case endings.Closed():
            return "" if step.outcome in _NO_NEED else "late"
        case _:
            return None


def _minutes(since: datetime, at: datetime) -> int:
    return max(0, (at - since) // timedelta(minutes=1))
