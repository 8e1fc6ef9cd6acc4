"""Signs for the doors (楼栋二维码): one code a building, which opens the form with the place filled in."""

from collections.abc import Sequence
from urllib.parse import quote

import segno
from msgspec import Struct

from huiyin.core.registry import Building, Registry
from huiyin.web.paint import text_of


class Sign(Struct, frozen=True):
    """One door's."""

    estate: str
    building: str
    code: str
    picture: str


def sheet(registry: Registry, buildings: Sequence[Building], base: str) -> str:
    """A page that needs nothing else, in the order of estates and codes; raises KeyError for an unknown estate."""
    chosen = sorted(buildings, key=lambda one: (one.estate_code, one.code))
    signs = [Sign(registry.estates[b.estate_code].name, b.name, b.code, _picture(base, b.code)) for b in chosen]
    return text_of("signs.html", signs=signs, base=base)


def _picture(base: str, code: str) -> str:
    return segno.make(f"{base}/file?b={quote(code, safe='')}", error="q", micro=False).svg_inline(
        omitsize=True, border=4
    )
