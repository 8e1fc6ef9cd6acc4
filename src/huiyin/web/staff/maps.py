"""A map of grids (网格地图): outlines from the registry on one plane, tiles behind them where there are."""

import math
from collections.abc import Iterable, Mapping

from msgspec import Struct

from huiyin.core.registry import Grid, Registry

WIDTH = 1000.0
_TILE = 256
_MOST_TILES = 24
_STEPS = (0.0, 2.0, 5.0, 10.0, 20.0)  # open tickets a thousand households: from here on the next darker shade


class Shape(Struct, frozen=True):
    """A grid on the map; `points` is "" for one without an outline. `shade` 0 to 4 by open a thousand households."""

    code: str
    name: str
    open: int
    late: int
    households: int
    shade: int
    points: str = ""
    x: float = 0.0
    y: float = 0.0
    roomy: bool = False  # the figure has room inside

    @property
    def words(self) -> str:
        """What a screen reader says."""
        late = f",超时 {self.late} 件" if self.late else ""
        homes = f",约 {self.households} 户" if self.households else ""
        return f"{self.name}:在办 {self.open} 件{late}{homes}"


class Tile(Struct, frozen=True):
    """A picture behind the outlines."""

    url: str
    x: float
    y: float
    size: float


class Map(Struct, frozen=True):
    """`height` in units of which the width has WIDTH; without outlines only `shapes` to list."""

    height: float
    shapes: tuple[Shape, ...]
    tiles: tuple[Tile, ...] = ()

    @property
    def drawn(self) -> tuple[Shape, ...]:
        """Those with an outline."""
        return tuple(one for one in self.shapes if one.points)

    @property
    def listed(self) -> tuple[Shape, ...]:
        """Those without."""
        return tuple(one for one in self.shapes if not one.points)


def draw(known: Registry, grids: Iterable[Grid], counts: Mapping[str, tuple[int, int]], tile_url: str = "") -> Map:
    """Grids with (open, late) by code; outlines in Web Mercator, so that tiles lie under them."""
    some = sorted(grids, key=lambda one: one.code)
    homes = households(known)
    outlines = {one.code: [_plane(lon, lat) for lon, lat in one.polygon] for one in some if one.polygon}
    every = [point for outline in outlines.values() for point in outline]
    if not every:
        return Map(0.0, tuple(_shape(known, one, counts, homes) for one in some))
    left, right = min(x for x, _ in every), max(x for x, _ in every)
    top, bottom = min(y for _, y in every), max(y for _, y in every)
    scale = WIDTH / max(right - left, (bottom - top) / 2, 1e-9)
    shapes = []
    for one in some:
        outline = [((x - left) * scale, (y - top) * scale) for x, y in outlines.get(one.code, ())]
        shapes.append(_shape(known, one, counts, homes, outline))
    box = left, top, right, bottom
    return Map(round((bottom - top) * scale, 1), tuple(shapes), tuple(_tiles(tile_url, box, scale)))


def _shape(
    known: Registry,
    grid: Grid,
    counts: Mapping[str, tuple[int, int]],
    homes: Mapping[str, int],
    outline: list[tuple[float, float]] | None = None,
) -> Shape:
    is_open, late = counts.get(grid.code, (0, 0))
    households = homes.get(grid.code, 0)
    rate = 1000 * is_open / households if households else float(is_open)
    shade = max(sum(rate > step for step in _STEPS) - 1, 0) if is_open else 0
    plain = Shape(grid.code, name(known, grid), is_open, late, households, shade)
    if not outline:
        return plain
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in outline)
    middle = round((min(xs) + max(xs)) / 2, 1), round((min(ys) + max(ys)) / 2, 1)
    roomy = min(max(xs) - min(xs), max(ys) - min(ys)) > WIDTH / 25
    return Shape(grid.code, plain.name, is_open, late, households, shade, points, *middle, roomy)


def name(known: Registry, grid: Grid) -> str:
    """柳岸花园 001 网格: the estate, or the community, and the last digits."""
    estate = known.estates.get(grid.estate_code or "")
    place = estate or known.communities.get(grid.community_code)
    return f"{place.name if place else ''} {grid.code[-3:]} 网格".strip()


_known: dict[str, Mapping[str, int]] = {}  # of the last registry: to go through all buildings takes a while


def households(known: Registry) -> Mapping[str, int]:
    """About how many live in each grid: an estate's households by the stairwells of its buildings."""
    if known.version not in _known:
        _known.clear()
        _known[known.version] = _households(known)
    return _known[known.version]


def _households(known: Registry) -> dict[str, int]:
    whole: dict[str, int] = {}
    here: dict[tuple[str, str], int] = {}
    for one in known.buildings.values():
        units, key = max(one.units, 1), (one.grid_code, one.estate_code)
        whole[one.estate_code] = whole.get(one.estate_code, 0) + units
        here[key] = here.get(key, 0) + units
    found: dict[str, int] = {}
    for (grid, estate), count in here.items():
        if estate in known.estates:
            found[grid] = found.get(grid, 0) + round(known.estates[estate].households * count / whole[estate])
    return found


def _plane(lon: float, lat: float) -> tuple[float, float]:
    """Web Mercator: 0 to 1 from west to east, from north to south."""
    sine = math.sin(math.radians(max(-85.0, min(85.0, lat))))
    return (lon + 180) / 360, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def _tiles(url: str, box: tuple[float, float, float, float], scale: float) -> Iterable[Tile]:
    """`url` has {z}, {x} and {y}; as near as a few tiles allow."""
    if not url:
        return
    left, top, right, bottom = box
    for zoom in range(18, -1, -1):
        count = 1 << zoom
        columns = range(int(left * count), int(right * count) + 1)
        rows = range(int(top * count), int(bottom * count) + 1)
        if len(columns) * len(rows) <= _MOST_TILES:
            break
    size = scale / count
    for column in columns:
        for row in rows:
            at = url.replace("{z}", str(zoom)).replace("{x}", str(column)).replace("{y}", str(row))
            yield Tile(at, round((column / count - left) * scale, 1), round((row / count - top) * scale, 1), size)
