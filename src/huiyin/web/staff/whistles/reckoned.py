"""What whistles of some days come to for who asks (考核数字): departments, who blew, a street beside the others."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.calendar import midnight
from huiyin.core.registry import Registry
from huiyin.core.sight import Hidden
from huiyin.core.whistle.rates import (
    Blower,
    Compared,
    Department,
    Facts,
    Measures,
    Ratio,
    blower,
    compared,
    department,
)
from huiyin.core.whistle.rules import WhistleRules
from huiyin.store import tallies, whistle_figures
from huiyin.store.sights import Sight
from huiyin.store.whistle_figures import Days, Told


class Period(Struct, frozen=True):
    """From one day to another, both in it; `query` is how an address says it."""

    since: date
    until: date
    query: Mapping[str, str]

    @property
    def days(self) -> Days:
        return Days(midnight(self.since), midnight(self.until + timedelta(days=1)))


class Street(Struct, frozen=True):
    """A street's whistles beside its tickets, its homes, the others."""

    code: str
    compared: Compared
    homes: int

    @property
    def by_homes(self) -> float | None:
        """Whistles of ten thousand homes."""
        return 10_000 * self.compared.share.top / self.homes if self.homes else None


class Report(Struct, frozen=True):
    """`blown` is None for a department: it is told of itself alone. `streets` is empty for who looks after less."""

    whole: Department
    kinds: Sequence[tuple[str, Department]]
    departments: Sequence[tuple[str, Department]]
    blown: Blower | None = None
    blowers: Sequence[tuple[str, Blower]] = ()
    streets: Sequence[Street] = ()


async def own(connection: AsyncConnection, post: str, period: Period, book: WhistleRules) -> Report:
    """A department's own figures, and nobody else's."""
    told = await whistle_figures.of_department(connection, post, period.days, coming(book))
    return _of_lines(told, book)


class Question(Struct, frozen=True):
    """What somebody asks of a place: within their sight, over some days, by the rulebook and the city's measures."""

    sight: Sight
    community: str | None
    period: Period
    book: WhistleRules
    known: Registry
    by: Measures


async def of_place(connection: AsyncConnection, asked: Question, *, beside: bool = True) -> Report:
    """All that somebody may see of their place; the streets beside each other where they look after whole ones."""
    sight, community, by = asked.sight, asked.community, asked.by
    key = "street_code" if sight.kind == "all" and community is None else "blower"
    place = f"community:{community}" if community else ""
    told = await whistle_figures.of_place(connection, sight, asked.period.days, coming(asked.book), place, key)
    lines, whole = _of_lines(told, asked.book), blower(told.blown, by)
    keys = sorted({one.key for one in told.blown})
    blowers = [(name, blower([one for one in told.blown if one.key == name], by)) for name in keys]
    streets: Sequence[Street] = ()
    if beside and community is None and sight.kind in ("all", "street"):
        mine = {name: one.blown for name, one in blowers} if sight.kind == "all" else {sight.code: whole.blown}
        streets = await _streets(connection, asked, mine)
    most = sorted(blowers, key=lambda one: (-one[1].blown, one[0]))
    return Report(lines.whole, lines.kinds, lines.departments, whole, most, streets)


def coming(book: WhistleRules) -> frozenset[str]:
    """The kinds of whistles for which departments must come."""
    return frozenset(kind for kind, rule in book.kinds.items() if rule.limits.arrive is not None)


def _of_lines(told: Told, book: WhistleRules) -> Report:
    facts: dict[str, list[Facts]] = {post: [] for post in told.rulings}
    for _, one in told.lines:
        facts.setdefault(one.post, []).append(one)
    some = [(post, department(lines, told.rulings.get(post, {}))) for post, lines in facts.items()]
    ruled: dict[bool, int] = {}
    for rulings in told.rulings.values():
        for upheld, count in rulings.items():
            ruled[upheld] = ruled.get(upheld, 0) + count
    kinds = [
        (rule.name, department([one for kind, one in told.lines if kind == name], {}))
        for name, rule in book.kinds.items()
    ]
    return Report(
        department([one for _, one in told.lines], ruled),
        [one for one in kinds if one[1].called],
        sorted(some, key=lambda one: (-one[1].called, one[0])),
    )


# -- streets beside each other ----------------------------------------------------------------------------


async def _streets(connection: AsyncConnection, asked: Question, blown: Mapping[str, int]) -> Sequence[Street]:
    """Each street that somebody looks after beside all others. Of the others only the median is told: for it all
    whistles and tickets count, for one's own those that one may see."""
    sight, days = asked.sight, (asked.period.since, asked.period.until)
    everywhere = sorted(asked.known.streets)
    mine = everywhere if sight.kind == "all" else [sight.code]
    counts = await whistle_figures.by_street(connection, asked.period.days)
    filed = await whistle_figures.filed_by_street(connection, everywhere, *days)
    kept, without = await tallies.kept(connection, sight), _without(sight.hidden)
    seen = await whistle_figures.filed_by_street(connection, mine, *days, without, kept)
    shares = {one: Ratio(counts.get(one, 0), filed.get(one, 0)) for one in everywhere}
    homes = households(asked.known)

    def beside(code: str) -> Street:
        own = Ratio(blown.get(code, 0), seen.get(code, 0))
        others = [share for one, share in shares.items() if one != code]
        return Street(code, compared(own, others, asked.by), homes.get(code, 0))

    return [beside(code) for code in mine]


def _without(hidden: Sequence[Hidden]) -> tuple[str, ...]:
    return tuple(one.about for one in hidden if one.column is None)


def households(known: Registry) -> dict[str, int]:
    """How many homes each street's estates have."""
    found: dict[str, int] = {}
    for one in known.estates.values():
        street = known.communities[one.community_code].street_code
        found[street] = found.get(street, 0) + one.households
    return found
