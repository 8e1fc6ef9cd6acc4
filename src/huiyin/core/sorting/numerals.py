"""Buildings (栋 幢 号楼 座 #), units (单元) and rooms (室) as people write them; rooms are left out."""

import re

from msgspec import Struct

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
NUMBER = r"(?:\d{1,4}|[零一二三四五六七八九十百两]{1,5})"
PHASE = rf"(?:{NUMBER}期|[A-Z]\d?区|{NUMBER}区|{NUMBER}组团|[东西南北中][区苑])"
BUILDING = re.compile(
    rf"(?P<phase>{PHASE}[^0-9A-Z,。,;!?\n]{{0,2}}?)?第?(?:(?P<let>[A-Z]{{0,2}})-?(?P<num>{NUMBER})"
    r"[A-Z]?(?:号?#?栋|号楼|#楼|#|号座|座)|(?P<alone>[A-Z]{1,2})(?:栋|座|号楼))"
)
UNIT = re.compile(rf"第?(?P<unit>{NUMBER}|[A-Z])(?:单元|号门|门洞|梯)")
DASHED = re.compile(r"(?P<b>[A-Z]?\d{1,3})-(?:(?P<u>\d{1,2})-)?(?P<r>\d{3,4}[A-Z]?)(?!\d|-\d)")
_ROOM = re.compile(r"(?P<room>-?[A-Z]?-?\d{1,5}(?:-\d{1,4})?[A-Z]?)(?:室|房|号|户|铺)?(?![楼层栋幢])")


LABEL = re.compile(
    r"(?:\d{1,4}(?:期|区|组团)|[A-Z]\d?区|[东西南北中][区苑])?[A-Z]{0,2}(?:\d{1,4})?栋"
)  # what may be shown


class Parts(Struct, frozen=True):
    """What an address says; `sure` is False where 2-204 could be building or unit."""

    building: str | None = None
    unit: str | None = None
    room: str | None = None
    sure: bool = True


def number(text: str) -> int:
    """35, 三十五, 十二, 一百零三 or 一二 (digit by digit) as a number; ValueError on anything else."""
    if text.isdecimal():
        return int(text)
    if not any(c in "十百" for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = digit = 0
    for c in text:
        if c in "十百":
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[c]
    return total + digit


def _phase(text: str) -> str:
    head = re.match(rf"({NUMBER})(期|区|组团)", text)
    return f"{number(head[1])}{head[2]}" if head else (re.match(PHASE, text) or [""])[0]


def building_of(match: re.Match[str]) -> str:
    """A match of BUILDING as one spelling: 3栋, A栋, B14栋, 3期6栋."""
    phase = _phase(match["phase"]) if match["phase"] else ""
    if match["alone"]:
        return f"{phase}{match['alone']}栋"
    return f"{phase}{match['let']}{number(match['num'])}栋"


def building_name(text: str) -> str:
    """The one spelling of a building's name ('3', '三号楼', 'A座'); the text itself if it is none."""
    if re.fullmatch(rf"[A-Z]{{0,2}}-?{NUMBER}|[A-Z]{{1,2}}", text):
        text += "栋"
    if text.endswith("号") and re.fullmatch(rf"{NUMBER}号", text):
        text += "楼"
    found = BUILDING.search(text)
    return building_of(found) if found else text


def unit_name(text: str) -> str | None:
    """2单元 for '2', '二单元', '第2单元'; None when there is none."""
    found = UNIT.search(text if not re.fullmatch(rf"{NUMBER}|[A-Z]", text) else text + "单元")
    return unit_of(found) if found else None


def unit_of(match: re.Match[str]) -> str:
    text = match["unit"]
    return f"{text if text.isascii() and text.isalpha() else number(text)}单元"


_ROAD = re.compile(r"(?:[路街弄巷道里]|大街)_?\d+(?:[-~至]\d+)?(?:号(?!楼)|弄)(?:之\d+)?|\d+弄")
_ONE = re.compile(r"(?<=[A-Z\d])一(?=\d)")  # 6一3一145: a dash on a Chinese keyboard
_INNER = re.compile(
    rf"[-,]?(?:(?P<n>{NUMBER}|[A-Z])(?:单元|门洞?|梯)|(?P<h>\d{{1,3}})号(?=[^楼]|$)|(?P<d>\d{{1,2}})-(?=\d{{2,4}}))"
)
_FLOOR = re.compile(rf"[-,]?(?:{NUMBER}|[A-Z])[楼层F]")
_LINE = re.compile(
    r"(?<![\dA-Z])(?P<b>[A-Z]?\d{1,3}|[A-Z])-(?:(?P<u>\d{1,3})-)?(?P<r>[A-Z]?\d{2,5}[A-Z]?|\d)(?![\d号]|-\d)"
)
_GATE = re.compile(r"(?<![\dA-Z村镇乡坞湾家碑桥屯_-])(?P<b>[A-Z]?\d{{1,4}})(?:号|排)(?!门|地块|线|院|口)")
_LAST = re.compile(
    r"(?<![\dA-Z-])(?P<room>[A-Z]?-?\d{2,5}(?:-\d{1,3})?[A-Z]?)(?:室|房|号)?(?!\d|[路街弄米区栋单年楼层])"
)


def recognise(address: str) -> Parts:
    """Building, unit and room of one normalised address line; empty parts where it gives none."""
    line = _ROAD.sub("|", _ONE.sub("-", address))
    marked = list(BUILDING.finditer(line))
    if marked:
        return _marked(line, marked[-1])
    dashed = list(_LINE.finditer(line))
    if dashed:
        last = dashed[-1]
        unit = f"{int(last['u'])}单元" if last["u"] else None
        return Parts(building_name(last["b"]), unit, last["r"], sure=unit is not None)
    return _bare(line)


def _room(text: str, start: int) -> str | None:
    found = _ROOM.match(text, start)
    return found["room"].lstrip("-") if found else None


def _marked(line: str, found: re.Match[str]) -> Parts:
    end, name = found.end(), None
    if unit := _INNER.match(line, end):
        end = unit.end()
        raw = unit["n"] or unit["h"] or unit["d"]
        name = f"{raw if raw.isalpha() and raw.isascii() else number(raw)}单元"
    if floor := _FLOOR.match(line, end):
        end = floor.end()
    return Parts(building_of(found), name, _room(line, end))


def _bare(line: str) -> Parts:
    """Without a building's mark: 二单元301, 12号301, 四楼819号."""
    if unit := UNIT.search(line):
        return Parts(None, unit_of(unit), _room(line, unit.end()))
    gates = list(_GATE.finditer(line))
    if gates and not line.endswith(("室", "房")):
        gate = gates[-1]
        room = _room(line, gate.end())
        if room or len(gate["b"]) < 4:
            return Parts(building_name(gate["b"]), None, room)
    last = list(_LAST.finditer(line))
    return Parts(None, None, last[-1]["room"] if last else None)
