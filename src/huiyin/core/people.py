"""Who may see and do what (岗位与回避): roles, scopes, and who never sees a complaint about themselves."""

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from huiyin.core.ladder import Accused
from huiyin.core.words import About, Rung

Role = Literal[
    "grid_worker",
    "building_leader",
    "owners_committee",
    "property",
    "community",
    "street",
    "department",
    "mediator",
    "auditor",
    "registrar",
    "machine",
]
ROLES: tuple[Role, ...] = get_args(Role)

ScopeKind = Literal["all", "street", "community", "estate", "grid", "building", "post"]
SCOPES: tuple[ScopeKind, ...] = get_args(ScopeKind)

# Whose eyes a role's are, where the ladder says that a rung is out (回避, RELIABILITY A6 and A7).
_RUNG: dict[Role, Rung] = {
    "building_leader": "building_leader",
    "owners_committee": "owners_committee",
    "property": "property_company",
    "grid_worker": "community_committee",
    "community": "community_committee",
    "street": "street_office",
}
_MAY: dict[str, frozenset[Role]] = {"reclassify": frozenset(("grid_worker", "community", "street"))}


class Scope(Struct, frozen=True):
    """A part of the city, or one post; `code` is empty for `all`."""

    kind: ScopeKind
    code: str = ""


class Viewer(Struct, frozen=True):
    """Somebody who showed who they are; `post` is what the log will name, never the person.

    `person` is an opaque id, `organisations` their employer and every post that they hold now."""

    username: str
    role: Role
    post: str
    scope: Scope
    person: str = ""
    organisations: frozenset[str] = frozenset()


def scope(text: str) -> Scope:
    """`all`, `estate:E0001`, `post:property:E0001`; raises ValueError for anything else."""
    head, _, code = text.partition(":")
    for kind in SCOPES:
        if kind == head and (kind == "all") == (not code):
            return Scope(kind, code)
    raise ValueError("scope")


def hidden(role: Role, accused: Mapping[About, Accused]) -> tuple[About, ...]:
    """Whom a complaint may be about that this role must not even know of: its own rung is out there."""
    rung = _RUNG.get(role)
    return tuple(about for about, rule in accused.items() if rung in rule.skip)


def may(role: Role, command: str) -> bool:
    """Whether a role may give an order at all; the ticket may still refuse it."""
    return role in _MAY.get(command, frozenset())
