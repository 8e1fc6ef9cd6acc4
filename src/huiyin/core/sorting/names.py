"""Every spelling under which the registry's estates and communities may appear in running text."""

import re
from collections.abc import Iterator

from msgspec import Struct

from huiyin.core.registry import Registry
from huiyin.core.sorting import normal
from huiyin.core.sorting.numerals import building_name
from huiyin.core.sorting.rules import PlaceRules

_CHINESE = "零一二三四五六七八九"


class Name(Struct, frozen=True, gc=False):
    """One spelling: which codes it may mean, how telling it is (1 = the registered name), what kind of place."""

    codes: tuple[str, ...]
    weight: float
    generic: bool = False
    community: bool = False
    short: bool = False  # two characters and a word that adds nothing: every district has a 南苑小区


class Names(Struct, frozen=True):
    """All spellings, and the buildings of each estate by their one spelling."""

    spellings: dict[str, Name]
    buildings: dict[tuple[str, str], str]
    grids: dict[str, tuple[str, ...]]


def names(registry: Registry, rules: PlaceRules) -> Names:
    spellings: dict[str, Name] = {}
    for weight, spelling, code in sorted(_estates(registry, rules), key=lambda found: -found[0]):
        _add(spellings, spelling, code, weight, rules)
    for community in registry.communities.values():
        name = normal.one(community.name)
        if len(name) > 3 and name not in spellings:
            spellings[name] = Name((community.code,), 0.9, community=True)
    return Names(spellings, _buildings(registry), _grids(registry))


def _add(spellings: dict[str, Name], spelling: str, code: str, weight: float, rules: PlaceRules) -> None:
    known = spellings.get(spelling)
    if known is None:
        short = len(_stem(spelling, rules.empty, ())) < 3
        spellings[spelling] = Name((code,), weight, spelling in rules.generic, short=short)
    elif known.weight - weight < 0.05 and code not in known.codes:
        spellings[spelling] = Name((*known.codes, code), weight, known.generic, short=known.short)


def _estates(registry: Registry, rules: PlaceRules) -> Iterator[tuple[float, str, str]]:
    for estate in registry.estates.values():
        for written in (estate.name, *estate.aliases):
            name = normal.one(written)
            if len(name) < 2:
                continue
            yield 1.0, name, estate.code
            for weight, spelling in _variants(name, rules):
                yield weight, spelling, estate.code


def _variants(name: str, rules: PlaceRules) -> Iterator[tuple[float, str]]:
    for figure, word in _numerals(name):
        yield 0.95, name.replace(figure, word, 1)
    bare = re.sub(r"[。,.()\-]", "", name)
    if bare != name and len(bare) > 2:
        yield 0.9, bare
    stem = _stem(name, rules.suffixes, rules.weak_suffixes)
    if stem == name:
        return
    if len(stem) > 2:
        yield 0.85, stem  # found inside 望江苑小区 too, whatever suffix follows
    elif len(stem) == 2 and name[2:] in rules.suffixes:
        yield from ((0.6, stem + suffix) for suffix in rules.suffixes if stem + suffix != name)


def _stem(name: str, suffixes: tuple[str, ...], weak: tuple[str, ...]) -> str:
    for suffix in (*suffixes, *weak):
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def _numerals(name: str) -> Iterator[tuple[str, str]]:
    """A lone figure may be written the other way: 梅溪湖一号 and 梅溪湖1号."""
    for found in re.finditer(r"(?<!\d)\d(?!\d)", name):
        yield found[0], _CHINESE[int(found[0])]
    for found in re.finditer(r"[一二三四五六七八九](?=[号期区])", name):
        yield found[0], str(_CHINESE.index(found[0]))


def _buildings(registry: Registry) -> dict[tuple[str, str], str]:
    return {
        (building.estate_code, building_name(normal.one(building.name))): building.code
        for building in registry.buildings.values()
    }


def _grids(registry: Registry) -> dict[str, tuple[str, ...]]:
    grids: dict[str, list[str]] = {}
    for grid in registry.grids.values():
        if grid.estate_code:
            grids.setdefault(grid.estate_code, []).append(grid.code)
    return {estate: tuple(codes) for estate, codes in grids.items()}
