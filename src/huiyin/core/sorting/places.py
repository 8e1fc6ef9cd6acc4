"""Words to a place in the registry, or a question: estate by its mentions, building by what stands behind it."""

import math
import re
from collections.abc import Sequence

from msgspec import Struct

from huiyin.core.registry import Registry, Street
from huiyin.core.sorting.mentions import Context, Mention, plain, telling, weigh
from huiyin.core.sorting.names import Names
from huiyin.core.sorting.numerals import BUILDING, DASHED, UNIT, building_name, building_of, unit_of
from huiyin.core.sorting.rules import PlaceRules

# A district, county or city by name; not a 小区, 社区 or 校区.
_DISTRICT = re.compile(
    r"[A-Z]\d{1,2}[区县市]|(?<![\u4e00-\u9fff])(?![主老新中全]城)[\u4e00-\u9fff]{2}(?<![小社校园片辖地])[区县](?!域|别)"
)
MARKS = ("栋", "号楼", "座", "#")  # what a building's number stands before


class Found(Struct, gc=False):
    """What the text says about the place, before it is matched with codes and coordinates."""

    estates: list[tuple[str, float, str]] = []  # (estate code, probability, spelling), best first
    community: str | None = None
    by_fields: bool = False
    buildings: tuple[str, ...] = ()
    unit: str | None = None


class Finder(Struct, frozen=True):
    """Reads the place out of one complaint's normalised text; built once per registry."""

    registry: Registry
    names: Names
    rules: PlaceRules
    context: Context

    def find(self, text: str, bounds: Sequence[int], mentions: list[Mention], marks: list[int]) -> Found:
        """`bounds`: start of form fields, of title, of body, and the end; `marks`: where 栋, 座 … stand in `text`."""
        found = Found()
        kept = [m for m in mentions if not m.name.community and self._meant(text, bounds, m)]
        if kept:
            found.estates = self._doubted(text, bounds, kept, self._ranked(text, bounds, kept))
            found.by_fields = any(m.zone == 0 for m in kept)
        else:
            estates = [m for m in mentions if not m.name.community]
            found.estates = [(code, 0.3, m.spelling) for m in estates[:3] for code in m.name.codes]
            towns = {m.name.codes for m in mentions if m.name.community}
            found.community = next(iter(towns))[0] if len(towns) == 1 else None
        if kept:
            self._inside(text, bounds, kept, found, marks)
        return found

    def _meant(self, text: str, bounds: Sequence[int], mention: Mention) -> bool:
        zone = mention.zone
        return not mention.name.generic or telling(text, bounds[zone], bounds[zone + 1], mention, self.context)

    def _ranked(self, text: str, bounds: Sequence[int], kept: list[Mention]) -> list[tuple[str, float, str]]:
        codes = kept[0].name.codes
        alone = len(codes) == 1 and all(mention.name.codes == codes for mention in kept)
        if alone and kept[0].name.weight == 1.0 and plain(text, bounds[kept[0].zone], kept[0], self.context):
            return [(codes[0], 0.98, kept[0].spelling)]
        points: dict[str, float] = {}
        best: dict[str, float] = {}
        spelled: dict[str, str] = {}
        for mention in kept[:24]:
            weight = weigh(text, bounds[mention.zone], bounds[mention.zone + 1], mention, self.context)
            for code in mention.name.codes:
                hint = self._hint(text, bounds, code) if len(mention.name.codes) > 1 else 0.0
                old = points.get(code)
                points[code] = weight + hint if old is None else max(old, weight + hint) + 0.5
                best[code] = max(best.get(code, 0.0), mention.name.weight)
                spelled.setdefault(code, mention.spelling)
        return _probabilities(points, best, spelled)

    def _doubted(
        self, text: str, bounds: Sequence[int], kept: list[Mention], ranked: list[tuple[str, float, str]]
    ) -> list[tuple[str, float, str]]:
        """A short name in a text that names other districts only is a question, not an answer."""
        code, _, spelling = ranked[0]
        mine = [m for m in kept if code in m.name.codes]
        if not mine[0].name.short:
            return ranked
        if all(m.name.short and m.zone > 0 for m in mine) and self._abroad(text, bounds, mine[0]):
            ranked[0] = (code, 0.3, spelling)
        return ranked

    def _abroad(self, text: str, bounds: Sequence[int], mention: Mention) -> bool:
        """Whether the text names districts and none of them is the estate's: its 南苑小区 is another one."""
        named = set(_DISTRICT.findall(text, bounds[0], bounds[-1]))
        return bool(named) and not named & {self._street(code).district for code in mention.name.codes}

    def _street(self, code: str) -> Street:
        return self.registry.streets[self.registry.communities[self.registry.estates[code].community_code].street_code]

    def _hint(self, text: str, bounds: Sequence[int], code: str) -> float:
        """One name, two estates: the district or street named in the text decides."""
        street = self._street(code)
        whole = text[bounds[0] : bounds[-1]]
        return 2.0 * (street.district in whole) + 2.0 * (street.name in whole)

    def _inside(self, text: str, bounds: Sequence[int], kept: list[Mention], found: Found, marks: list[int]) -> None:
        if not marks and text.find("-", bounds[0], bounds[-1]) < 0:
            return
        code = found.estates[0][0]
        mine = [m for m in kept if code in m.name.codes]
        found.buildings = _behind(text, bounds[-1], mine, marks)
        if marks and not found.buildings:
            found.buildings = _alone(text, bounds, marks, [m for m in kept if code not in m.name.codes])
        if found.buildings:
            found.unit = _unit(text, bounds)


def _probabilities(
    points: dict[str, float], best: dict[str, float], spelled: dict[str, str]
) -> list[tuple[str, float, str]]:
    ranked = sorted(points, key=lambda code: (-points[code], code))
    total = sum(math.exp(min(points[code], 30.0)) for code in ranked)
    shares = [(code, math.exp(min(points[code], 30.0)) / total) for code in ranked]
    doubt = 0.6 if points[ranked[0]] <= 0.2 else 1.0  # named only in passing, or as a street
    return [(code, round(share * doubt * (0.5 + 0.48 * best[code]), 3), spelled[code]) for code, share in shares[:5]]


_GAP = re.compile(r"(?:小区|社区|公寓)?(?:的|内|里|业主|住户|第|有|,|\(|:){0,2}")
_SHORT = re.compile(r"(\d{1,3})[、,和](?=\d{1,3}(?:栋|号楼|座))")  # 2、3栋
_DASH = re.compile(r"[^。;!?\n\d]{0,6}[A-Z]?\d+-\d")
_LIST = re.compile(r"(?:、|和|,|及|与|到|至|-)?")


def _behind(text: str, high: int, mentions: list[Mention], marks: list[int]) -> tuple[str, ...]:
    """Buildings written directly behind the estate's name: 悦峰园17栋, 江城豪庭小区2栋、3栋."""
    found: dict[str, None] = {}
    for mention in mentions[:8]:
        if not any(0 <= mark - mention.end < 16 for mark in marks) and not _DASH.match(text, mention.end, high):
            continue
        start = _GAP.match(text, mention.end, high).end()  # type: ignore[union-attr]
        if short := _SHORT.match(text, start, high):
            found[f"{int(short[1])}栋"] = None
            start = short.end()
        while match := BUILDING.match(text, start, high):
            found[building_of(match)] = None
            start = _LIST.match(text, match.end(), high).end()  # type: ignore[union-attr]
        if not found and (dashed := DASHED.match(text, start, high)) and dashed["u"]:
            found[building_name(dashed["b"])] = None
    return tuple(found)


_VAGUE = ("一", "几", "两", "零")  # 每一栋, 两栋: a count, not a name


def _alone(text: str, bounds: Sequence[int], marks: list[int], others: list[Mention]) -> tuple[str, ...]:
    """Buildings anywhere in the text that do not stand behind another estate's name; at most four."""
    found: dict[str, None] = {}
    for start in marks[:12]:
        for match in BUILDING.finditer(text, max(bounds[0], start - 8), min(bounds[-1], start + 3)):
            if match["num"] not in _VAGUE and not any(0 <= match.start() - other.end <= 4 for other in others):
                found[building_of(match)] = None
    return tuple(found) if len(found) <= 4 else ()


def _unit(text: str, bounds: Sequence[int]) -> str | None:
    low, high = bounds[0], bounds[-1]
    at = text.find("单元", low, high)
    if at >= 0:
        match = UNIT.search(text, max(low, at - 5), min(high, at + 2))
        return unit_of(match) if match else None
    if text.find("-", low, high) < 0:
        return None
    dashed = next((m for m in DASHED.finditer(text, low, min(high, low + 400)) if m["u"]), None)
    return f"{int(dashed['u'])}单元" if dashed else None
