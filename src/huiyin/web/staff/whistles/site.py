"""The place on a small map (点位): the grid's outline, a point that a finger puts there; degrees to units and back."""

from collections.abc import Iterable
from math import cos, radians

from msgspec import Struct

from huiyin.core.registry import Grid, Registry
from huiyin.core.words import Spot

WIDTH = 600.0
_PAD = 0.06  # of the wider side, around the outlines
_ROUND = 0.004  # degrees at the least


class Site(Struct, frozen=True):
    """Outlines in units; west, north, east and south in degrees are the edges of the picture."""

    name: str
    height: float
    west: float
    north: float
    east: float
    south: float
    outlines: tuple[str, ...]


def site(known: Registry, spot: Spot | None) -> Site | None:
    """The grid of a place, else the grids of its estate or community; None where the registry has no outline."""
    some = [one for one in _grids(known, spot) if one.polygon] if spot is not None else []
    return _drawn(some) if some else None


def _grids(known: Registry, spot: Spot) -> Iterable[Grid]:
    own = known.grids.get(spot.grid_code or "")
    if own is not None:
        return [own]
    if spot.estate_code is not None:
        return [one for one in known.grids.values() if one.estate_code == spot.estate_code]
    return [one for one in known.grids.values() if spot.community_code and one.community_code == spot.community_code]


def _drawn(some: list[Grid]) -> Site:
    """So small a part of the earth is flat."""
    points = [point for one in some for point in one.polygon]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    pad = _PAD * max(east - west, north - south, _ROUND)
    west, east, south, north = west - pad, east + pad, south - pad, north + pad
    scale = WIDTH / (east - west)
    tall = scale / cos(radians((north + south) / 2))
    lines = tuple(
        " ".join(f"{(x - west) * scale:.1f},{(north - y) * tall:.1f}" for x, y in one.polygon) for one in some
    )
    name = some[0].code if len(some) == 1 else ""
    return Site(name, round((north - south) * tall, 1), west, north, east, south, lines)
