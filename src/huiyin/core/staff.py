"""Who holds a post (岗位) and who must withdraw (回避): persons, terms, conflicts, and what giving a post does."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.people import Role

Conflict = Literal["barred", "party", "household", "employer", "declared", "respondent"]

_WHY: dict[Conflict, str] = {
    "barred": "不再经手本件",
    "party": "本人是当事人",
    "household": "同住户",
    "employer": "受雇于被反映单位",
    "declared": "与当事人有申报的关系",
    "respondent": "任职于被反映单位",
}


class Person(Struct, frozen=True):
    """Somebody by an opaque id; `phone` and `household` are keyed hashes, `posts` what they hold now."""

    id: str
    phone: bytes | None = None
    household: bytes | None = None
    employer: str | None = None
    posts: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()


class Holding(Struct, frozen=True):
    """A person in a post, now."""

    post: str
    person: Person
    deputy: bool = False


class Party(Struct, frozen=True):
    """One side of a complaint, as far as it is known; `organisation` is a post code. Barred is who must have no more
    to do with it, party or not."""

    role: Literal["complainant", "respondent", "barred"]
    phone: bytes | None = None
    household: bytes | None = None
    person: str | None = None
    organisation: str | None = None


class Staff(Struct, frozen=True):
    """Post → who holds it now, deputies last. Absent: nobody was ever named, whoever signs as it works there;
    empty: vacant, all terms are over."""

    holdings: dict[str, tuple[Holding, ...]] = {}


NOBODY = Staff()


class Seat(Struct, frozen=True):
    """Whether a post can take a matter; `why` is for the log and names nobody."""

    kind: Literal["open", "held", "deputy", "vacant", "conflicted"]
    why: str = ""

    @property
    def works(self) -> bool:
        """Whether somebody there may take the matter."""
        return self.kind in ("open", "held", "deputy")


def conflict(person: Person, parties: Sequence[Party]) -> Conflict | None:
    """The direct interest for which a person must withdraw (信访工作条例 art. 28(3)); None where there is none.

    By person, never by post: whoever holds two posts brings both (cross-appointment, 交叉任职).
    """
    return next(_conflicts(person, parties), None)


def _conflicts(person: Person, parties: Sequence[Party]) -> Iterator[Conflict]:
    mine = {*person.posts, person.employer} - {None}
    out = [one for one in parties if one.role == "barred"]
    if any(person.id == one.person or one.organisation in mine for one in out):
        yield "barred"
    accused = {one.organisation for one in parties if one.role == "respondent"} - {None}
    if any(_same(person.phone, one.phone) or person.id == one.person for one in parties):
        yield "party"
    if any(_same(person.household, one.household) for one in parties):
        yield "household"
    if person.employer in accused:
        yield "employer"
    if any(one.person in person.related for one in parties):
        yield "declared"
    if person.posts & accused:
        yield "respondent"


def _same(mine: bytes | None, theirs: bytes | None) -> bool:
    return mine is not None and mine == theirs


def seat(staff: Staff, post_code: str, post_name: str, parties: Sequence[Party]) -> Seat:
    """Who at a post may take a matter between `parties`: its holder, else a deputy, else nobody."""
    holdings = staff.holdings.get(post_code)
    if holdings is None:
        return Seat("open")
    if not holdings:
        return Seat("vacant", f"{post_name}空缺")
    why = [conflict(one.person, parties) for one in holdings]
    free = [one for one, kind in zip(holdings, why, strict=True) if kind is None]
    if any(not one.deputy for one in free):
        return Seat("held")
    if free:
        absent = "空缺" if all(one.deputy for one in holdings) else "回避"
        return Seat("deputy", f"{post_name}{absent},由副职承办")
    first = next(kind for kind in why if kind is not None)
    return Seat("conflicted", f"{post_name}与本件有利害关系({_WHY[first]}),回避")


# -- a post changes hands ---------------------------------------------------------------------------------


class Term(Struct, frozen=True):
    """Somebody's time in a post: from `since` on, up to and without `until`."""

    post: str
    person: str
    role: Role
    scope: str
    since: datetime
    until: datetime | None = None
    deputy: bool = False

    def holds(self, at: datetime) -> bool:
        """Whether it runs at a moment."""
        return self.since <= at and (self.until is None or at < self.until)


class Taken(Struct, frozen=True, tag_field="step", tag="post.taken.v1"):
    """A person, by an opaque id, holds a post; its open tickets are theirs, for they stand at the post."""

    post: str
    person: str
    role: Role
    scope: str
    deputy: bool
    since: datetime
    until: datetime | None = None


class Left(Struct, frozen=True, tag_field="step", tag="post.left.v1"):
    """No term of a person in a post runs past `until`; the tickets stay at the post."""

    post: str
    person: str
    until: datetime


class Overlapping(Exception):
    """The person has a later or equal term in the post already; it must be ended first."""


def taken(kept: Sequence[Term], wanted: Term) -> list[Taken | Left]:
    """The steps of giving a post, `kept` being the person's terms in it; none where they hold it so already.

    A running term that differs (another scope, now a deputy) ends where the new one begins.
    """
    over = [one for one in kept if one.until is None or one.until > wanted.since]
    if any(_covers(one, wanted) for one in over):
        return []
    if any(wanted.until is None or one.since < wanted.until for one in over if one.since >= wanted.since):
        raise Overlapping
    before = [one for one in over if one.since < wanted.since]
    steps: list[Taken | Left] = [Left(wanted.post, wanted.person, wanted.since)] if before else []
    head = (wanted.post, wanted.person, wanted.role, wanted.scope, wanted.deputy)
    return [*steps, Taken(*head, wanted.since, wanted.until)]


def _covers(one: Term, wanted: Term) -> bool:
    same = (one.role, one.scope, one.deputy, one.until) == (wanted.role, wanted.scope, wanted.deputy, wanted.until)
    return same and one.since <= wanted.since


def left(kept: Sequence[Term], post: str, person: str, until: datetime) -> list[Left]:
    """The step of ending whatever runs past `until`, planned terms too; none where all is over by then."""
    running = any((one.until is None or one.until > until) and one.since != one.until for one in kept)
    return [Left(post, person, until)] if running else []


def follow(kept: Sequence[Term], step: Taken | Left) -> list[Term]:
    """A person's terms in a post after a step."""
    if isinstance(step, Taken):
        new = Term(step.post, step.person, step.role, step.scope, step.since, step.until, step.deputy)
        return [*kept, new]
    return [_ended(one, step.until) for one in kept]


def _ended(one: Term, until: datetime) -> Term:
    if one.until is not None and one.until <= until:
        return one
    return Term(one.post, one.person, one.role, one.scope, one.since, max(one.since, until), one.deputy)
