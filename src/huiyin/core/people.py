"""Who may see and do what (岗位与回避): roles, scopes, and who never sees a complaint about themselves."""

from typing import Literal, get_args

from msgspec import Struct

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

_RUNGS: frozenset[Role] = frozenset(("building_leader", "owners_committee", "property", "community", "street"))
_HANDLERS: frozenset[Role] = _RUNGS | {"grid_worker"}
_AREA: frozenset[Role] = frozenset(("grid_worker", "community", "street"))
_ABOVE: frozenset[Role] = frozenset(("community", "street"))
# Command → which kinds of post may give it at all; the ticket still looks whose it is (`ticket.authority`).
_MAY: dict[str, frozenset[Role]] = {
    "reclassify": _AREA,
    "dispatch": _ABOVE,
    "sign": _HANDLERS,
    "contact": _HANDLERS,
    "note": _HANDLERS,
    "attach": _HANDLERS,
    "site-check": _HANDLERS,
    "dissuade": _HANDLERS,
    "reassign": _RUNGS,
    "relate": _HANDLERS,
    "resolve": _HANDLERS,
    "reply": _HANDLERS,
    "view": frozenset(("grid_worker", "community", "street", "department", "mediator")),
    "notify": _RUNGS,
    "hand-up": _HANDLERS,
    "object": _RUNGS,
    "rule": _RUNGS,
    "answer": _HANDLERS,
    "extend": _HANDLERS,
    "shelve": _HANDLERS,
    "approve": _RUNGS,
    "decline": _RUNGS,
    "clear": _HANDLERS,
    "merge": _HANDLERS,
    "split": _HANDLERS,
    "follow-up": _HANDLERS,
    "reopen": _AREA,
    "withdraw": _HANDLERS,
    "redirect": _ABOVE,
    "close": _HANDLERS,
}
COMMANDS = tuple(_MAY)


class Scope(Struct, frozen=True):
    """A part of the city, or one post; `code` is empty for `all`."""

    kind: ScopeKind
    code: str = ""


class Viewer(Struct, frozen=True):
    """Somebody who showed who they are; `post` is what the log will name, never the person.

    `person` is an opaque id, `posts` every post that they hold now, `organisations` these and their employer."""

    username: str
    role: Role
    post: str
    scope: Scope
    person: str = ""
    organisations: frozenset[str] = frozenset()
    posts: tuple[str, ...] = ()


def scope(text: str) -> Scope:
    """`all`, `estate:E0001`, `post:property:E0001`; raises ValueError for anything else."""
    head, _, code = text.partition(":")
    for kind in SCOPES:
        if kind == head and (kind == "all") == (not code):
            return Scope(kind, code)
    raise ValueError("scope")


def may(role: Role, command: str) -> bool:
    """Whether a role may give an order at all; the ticket may still refuse it."""
    return role in _MAY.get(command, frozenset())
