"""The rungs of an estate (层级): who holds the first one and the next, who stands in, who is skipped and why."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, field

from huiyin.core.calendar import OFFICE, Office
from huiyin.core.catalogue import Entry
from huiyin.core.deadline import Limit
from huiyin.core.registry import Registry, titled
from huiyin.core.staff import NOBODY, Party, Seat, Staff, seat
from huiyin.core.urging import Urging
from huiyin.core.words import About, Rung, Spot, Urgency

SeatKind = Literal["building", "estate", "community", "street", "district"]
_PLACES: dict[SeatKind, str] = {"building": "楼栋", "estate": "小区"}


class Needs(Struct, frozen=True):
    """The rung exists only where the estate's `field` has one of `values`."""

    field: Literal["owners_committee", "property_company"]
    values: tuple[str, ...]


class StandIn(Struct, frozen=True):
    """Who acts for a rung that is missing; only where the estate has one of `values` (none = anywhere)."""

    name: str
    prefix: str
    seat: SeatKind
    basis: str
    values: tuple[str, ...] = ()


class RungRule(Struct, frozen=True):
    name: str
    prefix: str
    seat: SeatKind
    next: Rung | None = None
    needs: Needs | None = None
    stand_ins: tuple[StandIn, ...] = ()


class Emergency(Struct, frozen=True):
    first: Rung
    also: tuple[Rung, ...] = ()


class Accused(Struct, frozen=True):
    """Which rungs never handle (nor see) a case about somebody; `first` None = no rung may, it is redirected.
    `rung` is whose post the accused are, None where they are of no rung (a department)."""

    skip: tuple[Rung, ...]
    rung: Rung | None = None
    first: Rung | None = None
    leaves: dict[str, Rung] = {}


class SortingDesk(Struct, frozen=True):
    code: str
    name: str
    hours: int


class Clocks(Struct, frozen=True):
    """A rung's limits for one urgency."""

    sign: Limit
    resolve: Limit


class Terms(Struct, frozen=True):
    """The limits beside the rungs' own."""

    objection: Limit
    supervision: Limit
    follow_up: Limit
    reopen_days: int
    extensions: int
    longest_extension: dict[Urgency, int]
    longest_shelf_days: int
    additions: int = 10


class LadderRules(Struct, frozen=True):
    """The data of `rules/ladder.toml`."""

    order: tuple[Rung, ...]
    rungs: dict[Rung, RungRule]
    emergency: Emergency
    sorting_desk: SortingDesk
    limits: dict[Urgency, int]  # natural hours of a whole case by urgency (DOMAIN 9)
    clocks: dict[Urgency, Clocks]
    terms: Terms
    accused: dict[About, Accused] = field(default_factory=dict)
    offices: dict[str, Office] = field(default_factory=dict)
    assist: dict[Rung, tuple[str, ...]] = field(default_factory=dict)
    urging: Urging = Urging()

    def office(self, rung: Rung | None) -> Office:
        """The office hours of a rung's desks; the sorting desk's for None."""
        usual = self.offices.get("usual", OFFICE)
        return self.offices.get(rung or "sorting", usual)


class Post(Struct, frozen=True):
    """A desk, never a person: `code` is stable, `name` is for people."""

    code: str
    name: str


class Standing(Struct, frozen=True, omit_defaults=True):
    """Where a ticket stands: its rung (None = the sorting desk), its post, why not the rung before; on what basis
    the post acts for a missing rung (代行); who else is told at once."""

    rung: Rung | None
    post: Post
    why: tuple[str, ...] = ()
    acting: str | None = None
    also: tuple[Post, ...] = ()


class Case(Struct, frozen=True):
    """What the ladder must know of a ticket."""

    spot: Spot
    about: About
    parties: Sequence[Party] = ()


class Ladder:
    """The rules over one registry and the posts as they are held now; decides, changes nothing."""

    def __init__(self, rules: LadderRules, registry: Registry, staff: Staff = NOBODY) -> None:
        self.rules, self._registry, self._staff = rules, registry, staff

    def first(self, entry: Entry, urgency: Urgency, case: Case) -> Standing | None:
        """The first competent post for a category at a place (DOMAIN 2.1-2.3); None: no rung may judge it.

        Missing rungs are passed on with the reason; who is complained about is skipped. Where the place is unknown
        people decide at the sorting desk.
        """
        accused = self._accused(case)
        if accused is not None and accused.first is None:
            return None
        if case.spot.community_code is None:
            return self.desk("地点不明,人工分拣")
        tier = entry.first_tier
        emergency = urgency == "emergency" or tier == "emergency"
        rung = self.rules.emergency.first if emergency or tier == "emergency" else tier
        why: list[str] = []
        if accused is not None and accused.first is not None:
            start = self.rules.emergency.also[0] if emergency else accused.leaves.get(entry.code, accused.first)
            if rung in accused.skip or (not emergency and self.rules.order.index(rung) < self.rules.order.index(start)):
                why.append(self._recused(accused.rung or rung))
                rung = start
        standing = self._settle(rung, case, why) or self.desk(*why, "没有可以承办的层级,人工分拣")
        if not emergency or standing.rung is None:
            return standing
        return Standing(standing.rung, standing.post, standing.why, standing.acting, self._also(standing, case))

    def above(self, rung: Rung | None, case: Case, post: str = "") -> Standing | None:
        """The next post up that may take it, not `post` again; None after the last rung."""
        order = self.rules.order
        start = order.index(rung) + 1 if rung in order else 0
        why: list[str] = []
        for upper in order[start:]:
            standing = self._at(upper, case, why)
            if standing is not None and standing.post.code != post:
                return standing
        return None

    def respondent(self, about: About, spot: Spot) -> str | None:
        """The post that is complained about, as far as the place tells; None for anybody else."""
        accused = self.rules.accused.get(about)
        if accused is None or accused.rung is None:
            return None
        rule = self.rules.rungs[accused.rung]
        place = self._place(rule.seat, spot)
        return f"{rule.prefix}:{place[0]}" if place else None

    def at(self, rung: Rung, case: Case) -> Standing | None:
        """The standing at just this rung; None where it is missing, vacant or has an interest in the case."""
        return self._at(rung, case, [])

    def desk(self, *why: str) -> Standing:
        """The manual sorting desk."""
        return Standing(None, Post(self.rules.sorting_desk.code, self.rules.sorting_desk.name), why)

    def posts(self, spot: Spot) -> list[str]:
        """Every post that may come to hold a case at a place: what must be known of who holds what."""
        found = []
        for rule in self.rules.rungs.values():
            seats = [(rule.prefix, rule.seat), *((one.prefix, one.seat) for one in rule.stand_ins)]
            for prefix, kind in seats:
                if (place := self._place(kind, spot)) is not None:
                    found.append(f"{prefix}:{place[0]}")
        return found

    def _settle(self, start: Rung, case: Case, why: list[str]) -> Standing | None:
        rung: Rung | None = start
        while rung is not None and len(why) <= 2 * len(self.rules.rungs):
            if (standing := self._at(rung, case, why)) is not None:
                return standing
            rung = self.rules.rungs[rung].next
        return None

    def _at(self, rung: Rung, case: Case, why: list[str]) -> Standing | None:
        """The standing at a rung, or None with the reason added to `why`."""
        accused = self._accused(case)
        if accused is not None and rung in accused.skip:
            why.append(self._recused(rung))
            return None
        rule = self.rules.rungs[rung]
        missing = self._missing(rule, case.spot)
        if missing is None:
            return self._held(rung, rule, case, why)
        why.append(missing)
        estate = self._registry.estates.get(case.spot.estate_code or "")
        if estate is None or rule.needs is None:
            return None
        return self._stand_in(rung, rule, case, why, getattr(estate, rule.needs.field))

    def _held(self, rung: Rung, rule: RungRule, case: Case, why: list[str]) -> Standing | None:
        post = self._post(rule.name, rule.prefix, rule.seat, case.spot)
        held = self._seat(post, rule.name, case)
        if held.why:
            why.append(held.why)
        if held.kind in ("open", "held", "deputy"):
            return Standing(rung, post, tuple(why))
        if rung != self.rules.order[-1]:
            return None
        acting = self._stand_in(rung, rule, case, why, "") if held.kind == "conflicted" else None
        return acting or Standing(rung, post, tuple(why))  # a vacant last desk keeps it: its clock still runs

    def _stand_in(self, rung: Rung, rule: RungRule, case: Case, why: list[str], has: str) -> Standing | None:
        accused = self._accused(case)
        for one in rule.stand_ins:
            if (one.values and has not in one.values) or self._place(one.seat, case.spot) is None:
                continue
            if accused is not None and any(self.rules.rungs[out].prefix == one.prefix for out in accused.skip):
                continue
            post = self._post(one.name, one.prefix, one.seat, case.spot)
            held = self._seat(post, one.name, case)
            if held.kind in ("vacant", "conflicted"):
                why.append(held.why)
                continue
            return Standing(rung, post, tuple(why), one.basis)
        return None

    def _seat(self, post: Post, name: str, case: Case) -> Seat:
        """Who at the post may take it; where it is itself complained about nobody may, named or not."""
        if out := {one.role for one in case.parties if one.organisation == post.code} - {"complainant"}:
            return Seat("conflicted", f"{name}{'是被反映对象,' if 'respondent' in out else ''}回避")
        return seat(self._staff, post.code, name, case.parties)

    def _also(self, standing: Standing, case: Case) -> tuple[Post, ...]:
        found = [self._at(rung, case, []) for rung in self.rules.emergency.also]
        return tuple(one.post for one in found if one is not None and one.post.code != standing.post.code)

    def _accused(self, case: Case) -> Accused | None:
        return self.rules.accused.get(case.about)

    def _recused(self, rung: Rung) -> str:
        return f"{self.rules.rungs[rung].name}是被反映对象,回避"

    def _missing(self, rule: RungRule, spot: Spot) -> str | None:
        if self._place(rule.seat, spot) is None:
            return f"{_PLACES.get(rule.seat, '地点')}不明,{rule.name}无法确定"
        estate = self._registry.estates.get(spot.estate_code or "")
        if rule.needs and estate and getattr(estate, rule.needs.field) not in rule.needs.values:
            return f"{estate.name}没有{rule.name}"
        return None

    def _post(self, title: str, prefix: str, kind: SeatKind, spot: Spot) -> Post:
        code, called = self._place(kind, spot) or ("", "")
        return Post(f"{prefix}:{code}", titled(called, title))

    def _place(self, kind: SeatKind, spot: Spot) -> tuple[str, str] | None:
        """Code and name of the place that a kind of post belongs to; None where the registry has it no longer."""
        known = self._registry
        community = known.communities.get(spot.community_code or "")
        if community is None:
            return None
        if kind == "building":
            building = known.buildings.get(spot.building_code or "")
            return (building.code, known.estates[building.estate_code].name + building.name) if building else None
        if kind == "estate":
            estate = known.estates.get(spot.estate_code or "")
            return (estate.code, estate.name) if estate else None
        street = known.streets[community.street_code]
        if kind == "district":
            return street.district, street.district
        return (street.code, street.name) if kind == "street" else (community.code, community.name)
