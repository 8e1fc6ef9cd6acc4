"""The city as registered: streets (街道), communities (社区), estates (小区), grids (网格), buildings (楼栋)."""

from functools import lru_cache
from typing import Literal

from msgspec import Struct

OwnersCommittee = Literal["none", "preparing", "formed", "expired", "management"]
PropertyCompany = Literal["company", "none", "withdrawn"]


class Street(Struct, frozen=True, gc=False):
    code: str
    name: str
    district: str


class Community(Struct, frozen=True, gc=False):
    code: str
    name: str
    street_code: str


class Estate(Struct, frozen=True, gc=False):
    code: str
    name: str
    aliases: tuple[str, ...]
    community_code: str
    owners_committee: OwnersCommittee
    property_company: PropertyCompany
    households: int


class Grid(Struct, frozen=True, gc=False):
    """`polygon` is the outer ring as (lon, lat) pairs in WGS 84, empty where the city has none."""

    code: str
    community_code: str
    estate_code: str | None = None
    polygon: tuple[tuple[float, float], ...] = ()


class Building(Struct, frozen=True, gc=False):
    code: str
    estate_code: str
    name: str
    units: int
    grid_code: str


class Registry(Struct, frozen=True):
    """One version of the whole registry, keyed by code. `version` is the hash of its rows."""

    version: str
    streets: dict[str, Street]
    communities: dict[str, Community]
    estates: dict[str, Estate]
    grids: dict[str, Grid]
    buildings: dict[str, Building]


class Imported(Struct, frozen=True, tag_field="step", tag="registry.imported.v1"):
    """Another registry stands from now on; the figures are its rows, `was` the version before ("" for none)."""

    version: str
    streets: int
    communities: int
    estates: int
    grids: int
    buildings: int
    was: str = ""


def imported(registry: Registry, was: str) -> list[Imported]:
    """The step of putting `registry` in the place of version `was`; none where it is the same."""
    if registry.version == was:
        return []
    return [
        Imported(
            registry.version,
            len(registry.streets),
            len(registry.communities),
            len(registry.estates),
            len(registry.grids),
            len(registry.buildings),
            was,
        )
    ]


@lru_cache(maxsize=65_536)
def titled(place: str, title: str) -> str:
    """柳岸社区 and 社区党委 is 柳岸社区党委: what the place ends with is not said twice."""
    said = next((n for n in range(min(len(place), len(title)), 1, -1) if place.endswith(title[:n])), 0)
    return place + title[said:]
