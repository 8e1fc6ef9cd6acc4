"""What a board of whistles is asked for (筛选): filters as they stand in an address, in words, as selects."""

from collections.abc import Mapping
from typing import Any, Literal, Self, get_args

import msgspec
from msgspec import Struct

from huiyin.core.people import Viewer
from huiyin.core.ticket import Rules
from huiyin.core.whistle.commands import Kind
from huiyin.core.whistle.rules import WhistleRules
from huiyin.core.whistle.state import State
from huiyin.web.problems import Problem
from huiyin.web.staff.choices import Choice, categories, communities
from huiyin.web.wanted import Code
from huiyin.web.whistles.shapes import STATES

OPEN_STATES = {code: name for code, name in STATES.items() if code != "closed"}
_NAMES = {
    "street": "街道",
    "community": "社区",
    "state": "办到哪一步",
    "kind": "哨的种类",
    "department": "部门",
    "category": "事项",
    "late": "督办",
}


class Wanted(Struct, frozen=True):
    """None: not asked for. The names are those of the address."""

    street: Code | None = None
    community: Code | None = None
    state: State | None = None
    kind: Kind | None = None
    department: Code | None = None
    category: Code | None = None
    late: Literal["true", "false"] | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From an address; what is empty is not asked for. Raises Problem for what no list can be asked for."""
        given = {name: query[name].strip() for name in cls.__struct_fields__ if query.get(name, "").strip()}
        if any("\0" in value for value in given.values()):
            raise Problem("bad-query")
        try:
            return msgspec.convert(given, cls)
        except msgspec.ValidationError:
            raise Problem("bad-query") from None

    def given(self) -> dict[str, str]:
        """What is asked for, as it stands in an address."""
        found = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in found.items() if value is not None}

    def asked(self) -> dict[str, Any]:
        """For `store.whistle_lists.board`."""
        given: dict[str, Any] = self.given()
        return given if self.late is None else given | {"late": self.late == "true"}


def choices(wanted: Wanted, viewer: Viewer, rules: Rules, book: WhistleRules, *, open_: bool) -> list[Choice]:
    """The selects of the form, of the registry only what lies in the viewer's scope."""
    given, known = wanted.given(), rules.registry
    streets = {one.code: one.name for one in known.streets.values()} if viewer.scope.kind == "all" else {}
    some: dict[str, Mapping[str, Mapping[str, str]]] = {
        "street": {"": streets} if len(streets) > 1 else {},
        "community": communities(viewer, known),
        "state": {"": OPEN_STATES} if open_ else {},
        "kind": {"": kinds(book)},
        "department": {"": departments(rules, book)},
        "category": categories(rules),
        "late": {"": {"true": "曾列入督办", "false": "没有督办过"}},
    }
    return [Choice(name, _NAMES[name], given.get(name, ""), groups) for name, groups in some.items() if groups]


def kinds(book: WhistleRules) -> dict[str, str]:
    """The kinds of whistles with their names, in their order."""
    return {kind: book.kinds[kind].name for kind in get_args(Kind)}


def departments(rules: Rules, book: WhistleRules) -> dict[str, str]:
    """All that may be called: post → name, as the catalogue has them."""
    named = {name for entry in rules.catalogue.entries.values() for name in entry.departments}
    return {f"{book.department}:{name}": name for name in sorted(named - set(book.own))}


def said(name: str, value: str, rules: Rules, book: WhistleRules) -> str:
    """One thing that is asked for, in words; a code that nobody registered as it stands."""
    known = rules.registry
    entry = rules.catalogue.entries.get(value)
    words: dict[str, str | None] = {
        "street": known.streets[value].name if value in known.streets else None,
        "community": known.communities[value].name if value in known.communities else None,
        "state": STATES.get(value),
        "kind": kinds(book).get(value),
        "department": departments(rules, book).get(value),
        "category": entry.name if entry else None,
        "late": "曾列入督办" if value == "true" else "没有督办过",
    }
    return f"{_NAMES[name]}:{words[name] or value}"
