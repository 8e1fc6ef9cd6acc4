"""Who never even knows of a ticket (回避): by kind of post, by the posts a person holds, by who is a party."""

from collections.abc import Collection
from typing import Literal

from msgspec import Struct

from huiyin.core.ladder import LadderRules
from huiyin.core.people import Role
from huiyin.core.words import About, Rung

Column = Literal["building_code", "estate_code", "community_code", "street_code"]

# Whose eyes a role's are, where the ladder says that a rung is out (RELIABILITY A6 and A7).
_RUNG: dict[Role, Rung] = {
    "building_leader": "building_leader",
    "owners_committee": "owners_committee",
    "property": "property_company",
    "grid_worker": "community_committee",
    "community": "community_committee",
    "street": "street_office",
}
_COLUMNS: dict[str, Column] = {
    "building": "building_code",
    "estate": "estate_code",
    "community": "community_code",
    "street": "street_code",
}


# Whose tickets are theirs no more once they climbed past them; grid, community and street stay responsible.
_LEAVES: frozenset[Role] = frozenset(("building_leader", "owners_committee", "property"))


# What no rung may judge is not theirs to know either (DOMAIN 2.3: hidden from all).
_OUTSIDE: frozenset[Role] = frozenset(("department", "mediator"))

# Who reads how far the whistles of a ticket are: who answers for the area, and who looks on; nobody who may be called
# or complained about.
_HEARS: frozenset[Role] = frozenset(("grid_worker", "community", "street", "auditor", "registrar", "machine"))


class Hidden(Struct, frozen=True):
    """Complaints about `about` are not there for somebody: all of them, or those at one place."""

    about: About
    column: Column | None = None
    code: str = ""


def hidden(role: Role, organisations: Collection[str], rules: LadderRules) -> tuple[Hidden, ...]:
    """What a viewer must not know of: `organisations` are the employer and every post the person holds.

    By person, never by the post acted as: who works for the property company and sits in the residents' committee
    sees complaints about that company in neither place (交叉任职; 信访工作条例 30(3))."""
    rung = _RUNG.get(role)
    found = [
        Hidden(about)
        for about, accused in rules.accused.items()
        if rung in accused.skip or (accused.first is None and role in _OUTSIDE)
    ]
    if any(one.startswith("department:") for one in organisations) and Hidden("department") not in found:
        found.append(Hidden("department"))  # which one is not known before somebody read the complaint
    out = {one.about for one in found}
    for organisation in sorted(organisations):
        prefix, _, code = organisation.partition(":")
        for about, accused in rules.accused.items():
            rule = rules.rungs[accused.rung] if accused.rung else None
            column = _COLUMNS.get(rule.seat) if rule else None
            if rule and rule.prefix == prefix and column is not None and about not in out:
                found.append(Hidden(about, column, code))
    return tuple(found)


def left_behind(role: Role) -> Rung | None:
    """The rung after which a ticket is no longer a role's: a former holder does not look after it (曾经承办)."""
    return _RUNG[role] if role in _LEAVES else None


def hears(role: Role) -> bool:
    """Whether a role is told of the whistles that were blown for a ticket: in the ticket, and in its log."""
    return role in _HEARS
