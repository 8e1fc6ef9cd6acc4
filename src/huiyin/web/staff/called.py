"""What places, posts and codes are called on the staff's pages (叫法); the words themselves are data."""

from collections.abc import Mapping
from typing import Protocol

from huiyin.core.catalogue import Catalogue
from huiyin.core.registry import Registry
from huiyin.story import load_words


class Placed(Protocol):
    """Whatever lies somewhere in the registry."""

    @property
    def community_code(self) -> str | None: ...
    @property
    def estate_code(self) -> str | None: ...
    @property
    def building_code(self) -> str | None: ...


def place(it: Placed, known: Registry) -> str:
    """`柳岸花园 1栋`, the community where the estate is not known; never an entrance, never a room."""
    estate = known.estates.get(it.estate_code or "")
    building = known.buildings.get(it.building_code or "")
    if estate is not None:
        return f"{estate.name} {building.name}" if building else f"{estate.name}(楼栋不明)"
    community = known.communities.get(it.community_code or "")
    return f"{community.name}(小区不明)" if community else "地点不明"


def word(field: str, code: str) -> str:
    """A code in the words of the review log; the code itself where nobody gave it words."""
    return load_words().words.get(field, {}).get(code, code)


def words(field: str, codes: tuple[str, ...]) -> dict[str, str]:
    """Some codes with their words, in their order."""
    return {code: word(field, code) for code in codes}


def buildings(known: Registry, community: str | None) -> Mapping[str, Mapping[str, str]]:
    """The buildings of a community by estate: code → name."""
    found: dict[str, dict[str, str]] = {}
    for code, one in known.buildings.items():
        estate = known.estates[one.estate_code]
        if community is not None and estate.community_code == community:
            found.setdefault(estate.name, {})[code] = one.name
    return found


def leaves(catalogue: Catalogue) -> Mapping[str, Mapping[str, str]]:
    """The catalogue's leaves by group: code → name."""
    found: dict[str, dict[str, str]] = {}
    for one in catalogue.leaves():
        found.setdefault(catalogue.entries[one.parent or ""].name, {})[one.code] = one.name
    return found
