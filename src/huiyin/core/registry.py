"""The city as registered: streets (街道), communities (社区), estates (小区), grids (网格), buildings (楼栋)."""

from functools import lru_cache
from typing import Literal

from msgspec import Struct

from huiyin.core.words import Spot

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


class Unknown(ValueError):
    """A code that the registry does not have; `what` is a building, grid or community."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def located(registry: Registry, building: str | None, grid: str | None, community: str | None) -> Spot | None:
    """The place of the nearest code that is given; None where none is. Raises Unknown."""
    if building is not None:
        house = registry.buildings.get(building)
        if house is None:
            raise Unknown("building")
        area = registry.grids[house.grid_code].community_code
        street = registry.communities[area].street_code
        return Spot(street, area, house.estate_code, house.grid_code, house.code, house.name)
    if grid is not None:
        found = registry.grids.get(grid)
        if found is None:
            raise Unknown("grid")
        street = registry.communities[found.community_code].street_code
        return Spot(street, found.community_code, found.estate_code, found.code)
    if community is not None:
        if community not in registry.communities:
            raise Unknown("community")
        return Spot(registry.communities[community].street_code, community)
    return None


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
