"""The rungs of an estate (层级): who holds the first one, and why another stands in or is skipped."""

from typing import Literal

from msgspec import Struct, field

from huiyin.core.catalogue import Entry
from huiyin.core.registry import Registry
from huiyin.core.words import About, Rung, Spot, Urgency

Seat = Literal["building", "estate", "community", "street"]


class Needs(Struct, frozen=True):
    """The rung exists only where the estate's `field` has one of `values`."""

    field: Literal["owners_committee", "property_company"]
    values: tuple[str, ...]


class RungRule(Struct, frozen=True):
    name: str
    prefix: str
    seat: Seat
    next: Rung | None = None
    needs: Needs | None = None


class Emergency(Struct, frozen=True):
    first: Rung


class Accused(Struct, frozen=True):
    """Which rungs never handle (nor see) a case about somebody; `first` None = no rung may, people redirect it."""

    skip: tuple[Rung, ...]
    first: Rung | None = None


class SortingDesk(Struct, frozen=True):
    code: str
    name: str
    hours: int


class LadderRules(Struct, frozen=True):
    """The data of `rules/ladder.toml`."""

    rungs: dict[Rung, RungRule]
    emergency: Emergency
    sorting_desk: SortingDesk
    limits: dict[Urgency, int]  # natural hours of a whole case by urgency (DOMAIN 9)
    accused: dict[About, Accused] = field(default_factory=dict)


class Post(Struct, frozen=True):
    """A desk, never a person: `code` is stable, `name` is for people."""

    code: str
    name: str


class Standing(Struct, frozen=True, omit_defaults=True):
    """Where a ticket stands: its rung (None = the sorting desk), its post, and why not the rung before."""

    rung: Rung | None
    post: Post
    why: tuple[str, ...] = ()


def first_rung(rules: LadderRules, registry: Registry, entry: Entry, spot: Spot, about: About) -> Standing:
    """The first competent post for a category at a place (DOMAIN 2.1-2.3).

    Missing rungs are passed on with the reason; who is complained about is skipped. Where the place is unknown
    or nobody on the ladder may handle it, people decide at the sorting desk.
    """
    if spot.community_code is None:
        return _desk(rules, ("地点不明,人工分拣",))
    accused = rules.accused.get(about, Accused(()))
    rung: Rung | None = rules.emergency.first if entry.first_tier == "emergency" else entry.first_tier
    why: list[str] = []
    if rung in accused.skip:
        why.append(f"{rules.rungs[rung].name}是被反映对象,回避")
        rung = accused.first
    return _climb(rules, registry, spot, rung, accused.skip, why)


def _climb(
    rules: LadderRules,
    registry: Registry,
    spot: Spot,
    rung: Rung | None,
    skip: tuple[Rung, ...],
    why: list[str],
) -> Standing:
    while rung is not None and len(why) <= len(rules.rungs):
        rule = rules.rungs[rung]
        reason = f"{rule.name}是被反映对象,回避" if rung in skip else _missing(rule, registry, spot)
        if reason is None:
            return Standing(rung, _post(rule, registry, spot), tuple(why))
        why.append(reason)
        rung = rule.next
    return _desk(rules, (*why, "没有可以承办的层级,人工分拣"))


def _desk(rules: LadderRules, why: tuple[str, ...]) -> Standing:
    return Standing(None, Post(rules.sorting_desk.code, rules.sorting_desk.name), why)


def _missing(rule: RungRule, registry: Registry, spot: Spot) -> str | None:
    if rule.seat == "building" and spot.building_code is None:
        return f"楼栋不明,{rule.name}无法确定"
    if rule.seat == "estate" and spot.estate_code is None:
        return f"小区不明,{rule.name}无法确定"
    if rule.needs and spot.estate_code is not None:
        estate = registry.estates[spot.estate_code]
        if getattr(estate, rule.needs.field) not in rule.needs.values:
            return f"{estate.name}没有{rule.name}"
    return None


def _post(rule: RungRule, registry: Registry, spot: Spot) -> Post:
    code, name = _seat(rule.seat, registry, spot)
    return Post(f"{rule.prefix}:{code}", f"{name}{rule.name}")


def _seat(seat: Seat, registry: Registry, spot: Spot) -> tuple[str, str]:
    if seat == "building" and spot.building_code is not None:
        building = registry.buildings[spot.building_code]
        return building.code, registry.estates[building.estate_code].name + building.name
    if seat == "estate" and spot.estate_code is not None:
        return spot.estate_code, registry.estates[spot.estate_code].name
    community = registry.communities[spot.community_code or ""]
    if seat == "street":
        return community.street_code, registry.streets[community.street_code].name
    return community.code, community.name
