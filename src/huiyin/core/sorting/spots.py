"""The final place: codes before coordinates before fields before text, and the sentence that says why."""

from msgspec import Struct

from huiyin.core.registry import Registry
from huiyin.core.sorting import normal
from huiyin.core.sorting.coordinates import Coordinates
from huiyin.core.sorting.names import Names
from huiyin.core.sorting.numerals import LABEL, building_name, unit_name
from huiyin.core.sorting.places import Found
from huiyin.core.sorting.rules import By, PlaceRules
from huiyin.core.words import Candidate, Place, Spot


class Placed(Struct, frozen=True, gc=False):
    spot: Spot
    confidence: float
    by: By
    why: str
    candidates: tuple[Candidate, ...] = ()


class Surveyor(Struct, frozen=True):
    """Turns what was given and what was found into a place of the registry."""

    registry: Registry
    names: Names
    rules: PlaceRules
    coordinates: Coordinates

    def place(self, place: Place | None, found: Found) -> Placed:
        considered = self._considered(found)
        if place is not None:
            given = self._by_code(place, found) or self._by_coordinates(place, found)
            if given is not None:
                return given
        if found.estates and found.estates[0][1] >= self.rules.accept:
            return self._by_words(place, found, considered)
        return self._unknown(found, considered)

    def _considered(self, found: Found) -> tuple[Candidate, ...]:
        estates = self.registry.estates
        return tuple(Candidate(code, p, (estates[code].name,)) for code, p, _ in found.estates)

    def _by_code(self, place: Place, found: Found) -> Placed | None:
        building = self.registry.buildings.get(place.building_code or "")
        if building:
            spot = self._spot(building.estate_code, grid=building.grid_code, building=building.code)
            spot = self._with_unit(spot, place, found)
            return Placed(spot, 1.0, "building_code", f"来件写明楼栋代码，即{self._named(spot)}")
        grid = self.registry.grids.get(place.grid_code or "")
        if grid:
            return self._in_grid(grid.code, place, found, 1.0, "grid_code", "来件写明网格代码")
        community = self.registry.communities.get(place.community_code or "")
        if community:
            return self._in_community(community.code, place, found)
        return None

    def _by_coordinates(self, place: Place, found: Found) -> Placed | None:
        if place.lat is None or place.lon is None:
            return None
        grid = self.coordinates.grid(place.lon, place.lat)
        return self._in_grid(grid, place, found, 0.95, "coordinates", "坐标落在网格范围内") if grid else None

    def _in_grid(self, code: str, place: Place, found: Found, confidence: float, by: By, why: str) -> Placed:
        """The grid is known; estate and building are taken over only where they lie in it."""
        grid = self.registry.grids[code]
        spot = self._spot(grid.estate_code, grid=code, community=grid.community_code)
        if grid.estate_code:
            inner = self._house(self._with_unit(spot, place, found), place, found)
            spot = inner if inner.grid_code == code else spot
        return Placed(spot, confidence, by, f"{why}：{self._named(spot)}")

    def _in_community(self, code: str, place: Place, found: Found) -> Placed:
        if found.estates and found.estates[0][1] >= self.rules.accept:
            words = self._by_words(place, found, self._considered(found))
            if words.spot.community_code == code:
                return Placed(words.spot, words.confidence, "community_code", words.why, words.candidates)
        spot = self._spot(None, community=code)
        name = self.registry.communities[code].name
        return Placed(spot, 1.0, "community_code", f"来件写明社区代码，先交{name}", self._considered(found))

    def _by_words(self, place: Place | None, found: Found, considered: tuple[Candidate, ...]) -> Placed:
        code, confidence, _ = found.estates[0]
        by: By = "fields" if found.by_fields else "text"
        spot = self._house(self._with_unit(self._spot(code), place, found), place, found)
        return Placed(spot, confidence, by, self._why(spot, by), considered)

    def _house(self, spot: Spot, place: Place | None, found: Found) -> Spot:
        """Building and grid, where the registry has the building; the only grid of a small estate otherwise."""
        written = self._written(place) or found.buildings
        estate = spot.estate_code or ""
        codes = [self.names.buildings.get((estate, name)) for name in written]
        known = [self.registry.buildings[code] for code in codes if code]
        grids = self.names.grids.get(estate, ())
        building = grid = None
        if known and len(known) == len(written):
            building = known[0].code if len(known) == 1 else None
            grid = known[0].grid_code if len({house.grid_code for house in known}) == 1 else None
        if grid is None and len(grids) == 1:
            grid = grids[0]
        street, community = spot.street_code, spot.community_code
        label = written[0] if len(written) == 1 and (known or LABEL.fullmatch(written[0])) else None
        return Spot(street, community, spot.estate_code, grid, building, label, spot.unit if label else None)

    def _written(self, place: Place | None) -> tuple[str, ...]:
        if place is None or not place.building or not (text := normal.one(place.building)):
            return ()
        name = building_name(text)
        return (name,)

    def _with_unit(self, spot: Spot, place: Place | None, found: Found) -> Spot:
        unit = unit_name(normal.one(place.unit)) if place and place.unit else None
        label = self.registry.buildings[spot.building_code].name if spot.building_code else None
        return Spot(
            spot.street_code,
            spot.community_code,
            spot.estate_code,
            spot.grid_code,
            spot.building_code,
            label,
            unit or found.unit,
        )

    def _spot(
        self,
        estate: str | None,
        *,
        grid: str | None = None,
        building: str | None = None,
        community: str | None = None,
    ) -> Spot:
        if estate and community is None:
            community = self.registry.estates[estate].community_code
        street = self.registry.communities[community].street_code if community else None
        return Spot(street, community, estate, grid, building)

    def _unknown(self, found: Found, considered: tuple[Candidate, ...]) -> Placed:
        if found.community and not considered:
            name = self.registry.communities[found.community].name
            why = f"文中写明“{name}”，未写明小区，先交社区"
            return Placed(self._spot(None, community=found.community), 0.85, "text", why)
        top = "、".join(f"“{candidate.words[0]}”" for candidate in considered[:3])
        why = f"文中提到{top}，不能确定是哪一个，转人工分拣" if top else "文中没有登记册里的小区，转人工分拣"
        return Placed(Spot(), considered[0].confidence if considered else 0.0, "none", why, considered)

    def _named(self, spot: Spot) -> str:
        estate = self.registry.estates[spot.estate_code].name if spot.estate_code else ""
        return f"“{estate}”{spot.building or ''}" if estate else f"网格{spot.grid_code}"

    def _why(self, spot: Spot, by: By) -> str:
        where = "表单" if by == "fields" else "文中"
        estate = self.registry.estates[spot.estate_code or ""].name
        if spot.building_code:
            return f"{where}写明“{estate}”{spot.building}，在登记册中，归该楼所在网格"
        if spot.grid_code:
            only = len(self.names.grids.get(spot.estate_code or "", ())) == 1
            return f"{where}写明“{estate}”，" + ("该小区只有一个网格" if only else "所写各栋同属一个网格")
        if spot.building:
            return f"{where}写明“{estate}”{spot.building}，登记册无{spot.building}，先交社区"
        return f"{where}写明“{estate}”，未写明能确定网格的楼栋，先交社区"
