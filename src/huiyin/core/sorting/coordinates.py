"""A point (WGS 84) to the grid whose polygon holds it, by a coarse index of cells."""

from msgspec import Struct

from huiyin.core.registry import Registry

_CELL = 0.005  # degrees: about 500 m, the size of a grid

Ring = tuple[tuple[float, float], ...]


class Coordinates(Struct, frozen=True):
    cells: dict[tuple[int, int], tuple[tuple[str, Ring], ...]]

    def grid(self, lon: float, lat: float) -> str | None:
        """The code of the grid that holds the point; None outside all, on nonsense, or where no polygons are kept."""
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            return None
        for code, ring in self.cells.get((int(lon // _CELL), int(lat // _CELL)), ()):
            if _holds(ring, lon, lat):
                return code
        return None


def coordinates(registry: Registry) -> Coordinates:
    cells: dict[tuple[int, int], list[tuple[str, Ring]]] = {}
    for grid in registry.grids.values():
        if len(grid.polygon) >= 3:
            for cell in _cells(grid.polygon):
                cells.setdefault(cell, []).append((grid.code, grid.polygon))
    return Coordinates({cell: tuple(rings) for cell, rings in cells.items()})


def _cells(ring: Ring) -> list[tuple[int, int]]:
    west, east = (int(f(lon for lon, _ in ring) // _CELL) for f in (min, max))
    south, north = (int(f(lat for _, lat in ring) // _CELL) for f in (min, max))
    if (east - west + 1) * (north - south + 1) > 40_000:
        return []
    return [(x, y) for x in range(west, east + 1) for y in range(south, north + 1)]


def _holds(ring: Ring, lon: float, lat: float) -> bool:
    """Ray casting, even-odd."""
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
