"""Every post that the registry and the ladder know (岗位目录), by its place: to be found, listed, kept apart."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from huiyin.core.ladder import Needs, SeatKind
from huiyin.core.people import Role, Scope
from huiyin.core.registry import Building, Community, Estate, Grid, Registry
from huiyin.core.ticket import Rules
from huiyin.story import Teller

# What a post begins with → the kind of who sits there; the kinds of place that it may belong to.
ROLE_OF: dict[str, Role] = {
    "building_leader": "building_leader",
    "owners_committee": "owners_committee",
    "management_committee": "owners_committee",
    "property": "property",
    "grid": "grid_worker",
    "community": "community",
    "street": "street",
    "street_leader": "street",
    "department": "department",
    "mediator": "mediator",
    "property_mediation": "community",
    "registrar": "registrar",
}
_FOUND = 20


class Place(Struct, frozen=True):
    """Where something lies: the codes of all that it is a part of, itself included, by kind."""

    kind: SeatKind | str
    above: dict[str, str]


class Known(Struct, frozen=True):
    """A post by its code, and what it is called."""

    code: str
    name: str


class Directory:
    """The posts under one rulebook, place by place from the street down to the building."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.teller = rules, Teller(rules)
        self._places = dict(_places(rules.registry))
        self.posts = [Known(code, self.teller.post(code)) for code in dict.fromkeys(_codes(rules))]
        self._codes = frozenset(one.code for one in self.posts)
        self._departments = frozenset(_departments(rules))

    def __contains__(self, code: str) -> bool:
        return code in self._codes

    def name(self, code: str) -> str:
        """What a post is called, also one that only somebody's term names."""
        return self.teller.post(code)

    def within(self, scope: Scope, code: str) -> bool:
        """Whether a place, or a post by the place that its code ends with, lies in a scope; unknown: only in all."""
        if scope.kind == "all":
            return True
        if scope.kind == "post":
            return code == scope.code
        if self.comes(code):  # they come to every street
            return scope.kind == "street" and scope.code in self.rules.registry.streets
        place = self._places.get(code) or self._places.get(code.partition(":")[2])
        return place is not None and place.above.get(scope.kind) == scope.code

    def comes(self, code: str) -> bool:
        """Whether a post has no place of its own: a department, which comes wherever it is called."""
        return code in self._departments

    def looked_after(self, scope: Scope, code: str) -> bool:
        """Whether who looks after a scope says who holds a post. A department comes to every street and reads what
        each of them asks of it, so only who looks after all of them names its people."""
        alone = set(self.rules.registry.streets) <= {scope.code}
        return self.within(scope, code) and (scope.kind == "all" or alone or not self.comes(code))

    def inside(self, scope: Scope, seen: str) -> bool:
        """Whether what `seen` says (estate:E1, post:property:E1) lies in a scope."""
        return scope.kind == "all" or (":" in seen and self.within(scope, seen.partition(":")[2]))

    def mine(self, scope: Scope, words: str = "") -> list[Known]:
        """The posts in a scope whose name or code has all of some words."""
        return [one for one in self.posts if self.within(scope, one.code) and _named(one, words)]

    def ours(self, scope: Scope, words: str = "") -> list[Known]:
        """Those of them that who looks after the scope names."""
        return [one for one in self.mine(scope, words) if self.looked_after(scope, one.code)]

    def found(self, scope: Scope, words: str) -> list[Known]:
        """The first few, for who types."""
        return self.mine(scope, words)[:_FOUND]

    def scope_of(self, code: str) -> str:
        """What whoever holds a post looks after: its place; of a property company, a department or a special mediation
        committee what is its own; "" if unknown."""
        prefix, _, place = code.partition(":")
        if prefix in ("property", "department", "property_mediation"):
            return f"post:{code}"
        known = self._places.get(place)
        return f"{known.kind}:{place}" if known is not None else ""


def _named(one: Known, words: str) -> bool:
    return all(part in one.name or part in one.code for part in words.split())


_kept: dict[str, Directory] = {}


def directory(rules: Rules) -> Directory:
    """The directory of a rulebook; the newest is kept, for it is as long as the city."""
    found = _kept.get(rules.version)
    if found is None:
        found = Directory(rules)
        _kept.clear()
        _kept[rules.version] = found
    return found


def _places(known: Registry) -> Iterator[tuple[str, Place]]:
    for code in known.streets:
        yield code, Place("street", {"street": code})
    for community in known.communities.values():
        yield community.code, Place("community", _above(known, community=community.code))
    for estate in known.estates.values():
        yield estate.code, Place("estate", _above(known, community=estate.community_code, estate=estate.code))
    for grid in known.grids.values():
        more = {"estate": grid.estate_code} if grid.estate_code else {}
        yield grid.code, Place("grid", _above(known, community=grid.community_code, grid=grid.code, **more))
    for one in known.buildings.values():
        estate = known.estates[one.estate_code]
        more = {"estate": estate.code, "grid": one.grid_code, "building": one.code}
        yield one.code, Place("building", _above(known, community=estate.community_code, **more))


def _above(known: Registry, community: str, **more: str) -> dict[str, str]:
    found = known.communities.get(community)
    return {"street": found.street_code if found else "", "community": community, **more}


# -- the posts that there must be --------------------------------------------------------------------------


def _codes(rules: Rules) -> Iterator[str]:
    """Street by street, so that what belongs together stands together."""
    known = rules.registry
    communities = _by(known.communities.values(), "street_code")
    grids, estates = _by(known.grids.values(), "community_code"), _by(known.estates.values(), "community_code")
    buildings = _by(known.buildings.values(), "estate_code")
    for street in sorted(known.streets):
        yield from (*_seats(rules, "street", street), f"street_leader:{street}", f"registrar:{street}")
        yield from _mediating(street)
        for community in communities.get(street, ()):
            yield from (*_seats(rules, "community", community), *_mediating(community))
            yield from (f"grid:{code}" for code in grids.get(community, ()))
            for estate in estates.get(community, ()):
                yield from _seats(rules, "estate", estate)
                for building in buildings.get(estate, ()):
                    yield from _seats(rules, "building", building)
    yield from _departments(rules)


def _mediating(place: str) -> tuple[str, str]:
    """Who mediates at a place, and the desk of its special committee (物业纠纷) where it has one."""
    return f"mediator:{place}", f"property_mediation:{place}"


def _departments(rules: Rules) -> list[str]:
    """Those of the catalogue: whom a whistle may call, whatever the street."""
    entries = rules.catalogue.entries.values()
    return [f"department:{name}" for name in sorted({one for entry in entries for one in entry.departments})]


def _by(places: Iterable[Community | Grid | Estate | Building], above: str) -> dict[str, list[str]]:
    """The codes of places by that of the place above them, sorted."""
    found: dict[str, list[str]] = {}
    for one in sorted(places, key=lambda place: place.code):
        found.setdefault(getattr(one, above), []).append(one.code)
    return found


def _seats(rules: Rules, kind: SeatKind, place: str) -> Iterator[str]:
    """The rungs' posts at a place, a stand-in's where the place has it."""
    for rung in rules.ladder.rungs.values():
        if rung.seat == kind and _needed(rules, rung.needs, place):
            yield f"{rung.prefix}:{place}"
        for one in rung.stand_ins:
            needs = Needs(rung.needs.field, one.values) if rung.needs and one.values else None
            if one.seat == kind and needs and _needed(rules, needs, place):
                yield f"{one.prefix}:{place}"


def _needed(rules: Rules, needs: Needs | None, place: str) -> bool:
    estate = rules.registry.estates.get(place)
    return needs is None or estate is None or getattr(estate, needs.field) in needs.values
