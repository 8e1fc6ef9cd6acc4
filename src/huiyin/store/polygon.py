"""A grid's outline as cities write it, GeoJSON or WKT, to the ring that is kept."""

import math
import re
from typing import Any

import msgspec

Ring = tuple[tuple[float, float], ...]

_WKT = re.compile(r"POLYGON\s*\(\s*\(([^()]*)\)\s*\)", re.IGNORECASE)


def ring(text: str) -> Ring:
    """(lon, lat) pairs in WGS 84 without the closing repetition; () for empty text.

    Raises ValueError with a Chinese reason for everything but one simple outline: a hole or a second part that
    was left out silently would send complaints to the wrong grid.
    """
    if not text:
        return ()
    points = _geojson(text) if text.startswith("{") else _wkt(text)
    if len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(set(points)) < 3:
        raise ValueError("多边形不足三个顶点")
    for lon, lat in points:
        if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError(f"坐标超出范围:{lon:g} {lat:g}(须为经度在前、纬度在后的 WGS 84)")
    return tuple(points)


def _geojson(text: str) -> list[tuple[float, float]]:
    try:
        shape: Any = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise ValueError("多边形不是合法的 GeoJSON") from None
    if shape.get("type") == "Feature":
        shape = shape.get("geometry") or {}
    if shape.get("type") != "Polygon":
        raise ValueError("GeoJSON 只支持单个 Polygon")
    try:
        rings = [[(float(p[0]), float(p[1])) for p in one] for one in shape["coordinates"]]
    except (KeyError, IndexError, TypeError, ValueError):
        raise ValueError("GeoJSON 的 coordinates 有误") from None
    if len(rings) != 1:
        raise ValueError("多边形只能有一个外环,不支持带洞")
    return rings[0]


def _wkt(text: str) -> list[tuple[float, float]]:
    found = _WKT.fullmatch(text)
    if found is None:
        raise ValueError("多边形须为 GeoJSON Polygon 或 WKT POLYGON((经度 纬度, …)),只支持一个外环")
    try:
        pairs = [[float(number) for number in pair.split()] for pair in found[1].split(",")]
        return [(lon, lat) for lon, lat, *_height in pairs]
    except ValueError:
        raise ValueError("WKT 多边形里的坐标不是成对的数字") from None
