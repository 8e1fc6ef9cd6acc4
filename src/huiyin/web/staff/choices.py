"""What a list can be asked for (可选的条件), in words: of the registry only what lies in the viewer's scope."""

from collections.abc import Mapping

from msgspec import Struct

from huiyin.core.people import Viewer
from huiyin.core.registry import Registry
from huiyin.core.ticket import Rules
from huiyin.web.shown import STATES
from huiyin.web.staff import called
from huiyin.web.wanted import Wanted

MANY = 400  # of more places nobody chooses from a list: their code is typed

URGENCIES = {"emergency": "紧急", "urgent": "急", "normal": "一般", "complex": "复杂"}
_NAMES = {"state": "状态", "rung": "层级", "grid": "网格", "community": "社区", "category": "事项", "urgency": "缓急"}
_FLAGS = {
    ("open", "true"): "未结案",
    ("open", "false"): "已结案",
    ("overdue", "true"): "已超时",
    ("overdue", "false"): "未超时",
    ("supervised", "true"): "督办中",
    ("supervised", "false"): "没有督办",
}


class Choice(Struct, frozen=True):
    """One select: `groups` by heading (one heading "" for none); no groups where a code is typed instead."""

    name: str
    label: str
    value: str
    groups: Mapping[str, Mapping[str, str]]
    typed: bool = False


def choices(wanted: Wanted, viewer: Viewer, rules: Rules) -> list[Choice]:
    """The selects of the form."""
    given = wanted.given()
    groups: dict[str, Mapping[str, Mapping[str, str]]] = {
        "state": {"": STATES},
        "rung": {"": {code: rules.ladder.rungs[code].name for code in rules.ladder.order}},
        "category": categories(rules),
        "urgency": {"": URGENCIES},
        "community": communities(viewer, rules.registry),
        "grid": _grids(viewer, wanted.community, rules.registry),
    }
    found = []
    for name, some in groups.items():
        many = sum(map(len, some.values())) > MANY
        if some or given.get(name):
            found.append(Choice(name, _NAMES[name], given.get(name, ""), {} if many else some, many or not some))
    return found


def said(name: str, value: str, rules: Rules) -> str:
    """One thing that is asked for, in words."""
    known = rules.registry
    if name == "q":
        return f"含“{value}”"
    if (name, value) in _FLAGS:
        return _FLAGS[name, value]
    if name == "category":
        entry = rules.catalogue.entries.get(value)
        return f"事项:{entry.name}" if entry else f"事项:{value}"
    named = {
        "state": lambda: STATES.get(value),
        "rung": lambda: next((rules.ladder.rungs[one].name for one in rules.ladder.order if one == value), None),
        "urgency": lambda: URGENCIES.get(value),
        "community": lambda: known.communities[value].name if value in known.communities else None,
        "grid": lambda: grid(value, known) if value in known.grids else None,
    }
    return f"{_NAMES[name]}:{named[name]() or value}"


def grid(code: str, known: Registry) -> str:
    """`柳岸花园 001 网格`: a grid has no name of its own."""
    one = known.grids[code]
    estate = known.estates.get(one.estate_code or "")
    return f"{estate.name if estate else known.communities[one.community_code].name} {code[-3:]} 网格"


def categories(rules: Rules) -> Mapping[str, Mapping[str, str]]:
    """Whole groups first, then their leaves."""
    entries = rules.catalogue.entries.values()
    groups = {one.code: f"{one.name}(整类)" for one in entries if one.parent is None}
    return {"整类": groups} | dict(called.leaves(rules.catalogue))


def communities(viewer: Viewer, known: Registry) -> Mapping[str, Mapping[str, str]]:
    """Those of the viewer's scope, by street; none for who has one of their own."""
    kind, code = viewer.scope.kind, viewer.scope.code
    if kind not in ("all", "street"):
        return {}
    found: dict[str, dict[str, str]] = {}
    for one in known.communities.values():
        if kind == "all" or one.street_code == code:
            found.setdefault(known.streets[one.street_code].name, {})[one.code] = one.name
    return found


def _grids(viewer: Viewer, community: str | None, known: Registry) -> Mapping[str, Mapping[str, str]]:
    """Of the community that is looked at: a city has too many to choose from."""
    here = viewer.scope.code if viewer.scope.kind == "community" else community
    street = viewer.scope.code if viewer.scope.kind == "street" else None
    own = known.communities.get(here or "")
    if own is None or (street is not None and own.street_code != street) or viewer.scope.kind not in _WIDE:
        return {}
    return {"": {code: grid(code, known) for code, one in sorted(known.grids.items()) if one.community_code == here}}


_WIDE = ("all", "street", "community")
