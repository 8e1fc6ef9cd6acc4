"""Five CSV files of a city to one registry: everything that is wrong at once, each with its file and line."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar, get_args

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.registry import (
    Building,
    Community,
    Estate,
    Grid,
    OwnersCommittee,
    PropertyCompany,
    Registry,
    Street,
)
from huiyin.store.polygon import ring
from huiyin.store.registry import digest
from huiyin.store.spreadsheet import Damaged, records

SHOWN = 50
LONGEST = 200
MOST = 10_000_000  # a count beyond this is a slip of the keyboard

_CODE = re.compile(r"[\w-]{1,64}")  # a grid's code is a token of a NATS subject: no dots, blanks or stars
_SPREADSHEET = re.compile(r"\d(\.\d+)?[Ee]\+?\d+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffd]")

Fields = Mapping[str, str]
_T = TypeVar("_T")


class Fault(Struct, frozen=True):
    """One thing that is wrong; line 0 is the file as a whole."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file} 第 {self.line} 行:{self.what}" if self.line else f"{self.file}:{self.what}"


class BadRegistry(Exception):
    """Nothing was imported; the message lists the first faults in Chinese, `faults` holds all."""

    def __init__(self, faults: list[Fault]) -> None:
        shown = [str(fault) for fault in faults[:SHOWN]]
        if len(faults) > SHOWN:
            shown.append(f"… 另有 {len(faults) - SHOWN} 处")
        super().__init__("\n".join([f"登记册有 {len(faults)} 处错误,未导入任何数据:", *shown]))
        self.faults = faults


class Wrong(Exception):
    """What is wrong with a line; empty where the cause is reported already."""


class Sheet(Struct, frozen=True):
    """One kind of row: its file, what a person calls it, its columns, the code first."""

    file: str
    called: str
    columns: tuple[str, ...]
    may_be_empty: bool = True
    keys: int = 1  # so many of the first columns say which row it is

    def key(self, fields: Fields) -> str:
        return "/".join(fields[name] for name in self.columns[: self.keys])


STREETS = Sheet("streets.csv", "街道", ("street_code", "street", "district"), may_be_empty=False)
COMMUNITIES = Sheet("communities.csv", "社区", ("community_code", "community", "street_code"), may_be_empty=False)
_ESTATES = Sheet(
    "estates.csv",
    "小区",
    (
        "estate_code",
        "estate",
        "aliases",
        "community_code",
        "owners_committee",
        "property_company",
        "households",
    ),
)
_GRIDS = Sheet("grids.csv", "网格", ("grid_code", "community_code", "estate_code"))
_BUILDINGS = Sheet("buildings.csv", "楼栋", ("building_code", "estate_code", "building", "units", "grid_code"))


def read_folder(folder: Path) -> Registry:
    """The registry in `folder`: UTF-8 or GB18030, with or without BOM, any line ends; raises BadRegistry.

    `grids.csv` may have a column `polygon` (GeoJSON or WKT, WGS 84). Aliases are separated by `|`.
    """
    reading = Reading(folder)
    streets = reading.rows(STREETS, _street)
    communities = reading.rows(COMMUNITIES, lambda fields: _community(reading, fields, streets))
    estates = reading.rows(_ESTATES, lambda fields: _estate(reading, fields, communities))
    grids = reading.rows(_GRIDS, lambda fields: _grid(reading, fields, communities, estates))
    buildings = reading.rows(_BUILDINGS, lambda fields: _building(reading, fields, estates, grids))
    if reading.faults:
        raise BadRegistry(reading.faults)
    registry = Registry("", streets, communities, estates, grids, buildings)
    return replace(registry, version=digest(registry))


def odd_codes(registry: Registry) -> list[str]:
    """Codes that do not follow the national patterns: worth a look, no reason to refuse (DOMAIN 5.2)."""
    found = []
    for called, digits, codes in (("社区", 12, registry.communities), ("网格", 15, registry.grids)):
        odd = [code for code in codes if not (code.isascii() and code.isdigit() and len(code) == digits)]
        if odd:
            found.append(f"{len(odd)} 个{called}编码不是 {digits} 位数字,如 {odd[0]}")
    return found


class Reading:
    """One folder while it is read: what was wrong, and which codes belong to lines that were wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self._broken: set[tuple[str, str]] = set()
        self._unread: set[str] = set()
        self._seen: set[str] = set()

    def rows(self, sheet: Sheet, make: Callable[[Fields], _T]) -> dict[str, _T]:
        """The rows of one file by code; a line that is wrong is noted and left out."""
        made: dict[str, _T] = {}
        first: dict[str, int] = {}
        for line, fields in self._lines(sheet):
            code = sheet.key(fields)
            try:
                _check_code(sheet, fields[sheet.columns[0]])
                if code in first:
                    raise Wrong(f"{sheet.called}编码 {code} 与第 {first[code]} 行重复")
                first[code] = line
                made[code] = make(fields)
            except Wrong as wrong:
                self._broken.add((sheet.called, code))
                if str(wrong):
                    self.faults.append(Fault(sheet.file, line, str(wrong)))
        if not (sheet.may_be_empty or sheet.called in self._seen):
            self.faults.append(Fault(sheet.file, 0, f"没有一行{sheet.called}"))
        return made

    def _lines(self, sheet: Sheet) -> Iterator[tuple[int, Fields]]:
        """(line number, fields) of one file, after its header was looked at."""
        try:
            found = records((self.folder / sheet.file).read_bytes())
            line, header = next(found, (0, []))
            if lacking := [name for name in sheet.columns if name not in header]:
                raise Damaged(line, f"缺少列 {'、'.join(lacking)}(应有 {','.join(sheet.columns)})")
            if len(set(header)) != len(header):
                raise Damaged(line, "有重复的列名")
            for line, cells in found:
                self._seen.add(sheet.called)
                if len(cells) == len(header):
                    yield line, dict(zip(header, cells, strict=True))
                else:
                    self.faults.append(Fault(sheet.file, line, f"应有 {len(header)} 列,实有 {len(cells)} 列"))
                    self._broken.add((sheet.called, cells[header.index(sheet.columns[0])] if cells else ""))
        except FileNotFoundError:
            self._give_up(sheet, 0, "文件不存在")
        except OSError as error:
            self._give_up(sheet, 0, f"读不了:{error.strerror}")
        except Damaged as damage:
            self._give_up(sheet, damage.line, damage.what)

    def _give_up(self, sheet: Sheet, line: int, what: str) -> None:
        self._unread.add(sheet.called)
        self._seen.add(sheet.called)
        self.faults.append(Fault(sheet.file, line, what))

    def find(self, sheet: Sheet, code: str, known: Mapping[str, _T]) -> _T:
        """The row that a code refers to; silent where that row itself is already reported."""
        if code in known:
            return known[code]
        if sheet.called in self._unread or (sheet.called, code) in self._broken:
            raise Wrong
        raise Wrong(f"{sheet.called} {code} 不存在" if code else f"缺少{sheet.called}编码")


def _street(fields: Fields) -> Street:
    return Street(fields["street_code"], name_of(fields, "street"), name_of(fields, "district"))


def _community(reading: Reading, fields: Fields, streets: Mapping[str, Street]) -> Community:
    reading.find(STREETS, fields["street_code"], streets)
    return Community(fields["community_code"], name_of(fields, "community"), fields["street_code"])


def _estate(reading: Reading, fields: Fields, communities: Mapping[str, Community]) -> Estate:
    reading.find(COMMUNITIES, fields["community_code"], communities)
    return Estate(
        fields["estate_code"],
        name_of(fields, "estate"),
        _aliases(fields["aliases"]),
        fields["community_code"],
        one_of(fields, "owners_committee", get_args(OwnersCommittee)),
        one_of(fields, "property_company", get_args(PropertyCompany)),
        count_of(fields, "households"),
    )


def _grid(
    reading: Reading, fields: Fields, communities: Mapping[str, Community], estates: Mapping[str, Estate]
) -> Grid:
    code, community, estate = fields["grid_code"], fields["community_code"], fields["estate_code"]
    reading.find(COMMUNITIES, community, communities)
    if estate and (home := reading.find(_ESTATES, estate, estates).community_code) != community:
        raise Wrong(f"网格 {code} 属社区 {community},但它的小区 {estate} 属社区 {home}")
    try:
        return Grid(code, community, estate or None, ring(fields.get("polygon", "")))
    except ValueError as error:
        raise Wrong(str(error)) from None


def _building(reading: Reading, fields: Fields, estates: Mapping[str, Estate], grids: Mapping[str, Grid]) -> Building:
    code, estate, grid = fields["building_code"], fields["estate_code"], fields["grid_code"]
    home = reading.find(_ESTATES, estate, estates).community_code
    around = reading.find(_GRIDS, grid, grids)
    if around.estate_code not in {None, estate}:
        raise Wrong(f"楼栋 {code} 属小区 {estate},但它的网格 {grid} 属小区 {around.estate_code}")
    if around.community_code != home:
        raise Wrong(f"楼栋 {code} 的小区属社区 {home},但它的网格 {grid} 属社区 {around.community_code}")
    return Building(code, estate, name_of(fields, "building"), count_of(fields, "units"), grid)


def _check_code(sheet: Sheet, code: str) -> None:
    if not code:
        raise Wrong(f"缺少{sheet.called}编码 {sheet.columns[0]}")
    if _SPREADSHEET.fullmatch(code):
        raise Wrong(f"{sheet.called}编码 {code} 被表格软件改成了科学计数法,请把该列设为文本后重新导出")
    if not _CODE.fullmatch(code):
        raise Wrong(f"{sheet.called}编码 {code[:64]} 只能用文字、数字、- 和 _,最多 64 个字符")


def name_of(fields: Fields, column: str) -> str:
    value = fields[column]
    if not value:
        raise Wrong(f"{column} 为空")
    if len(value) > LONGEST or _CONTROL.search(value):
        raise Wrong(f"{column} 过长或含有控制字符")
    return value


def _aliases(text: str) -> tuple[str, ...]:
    names = dict.fromkeys(alias.strip() for alias in text.replace("|", "|").split("|"))
    names.pop("", None)
    if any(len(name) > LONGEST or _CONTROL.search(name) for name in names):
        raise Wrong("aliases 过长或含有控制字符")
    return tuple(names)


def one_of(fields: Fields, column: str, words: tuple[_T, ...]) -> _T:
    for word in words:
        if word == fields[column]:
            return word
    raise Wrong(f"{column} 须为 {'、'.join(map(str, words))} 之一,实为“{fields[column][:20]}”")


def count_of(fields: Fields, column: str) -> int:
    text = fields[column]
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= MOST):
        raise Wrong(f"{column} 须为不小于 0 的整数,实为“{text[:20]}”")
    return int(text)
