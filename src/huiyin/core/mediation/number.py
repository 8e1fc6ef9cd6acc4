"""The number of a case (案号): `(2026)柳岸人调字第12号`; the counter, per committee and year, is the store's."""

import re

from msgspec import Struct

_PATTERN = re.compile(r"[(（]([0-9]{4})[)）](.{1,20}?)人调字第0*([1-9][0-9]*)号")


class CaseNumber(Struct, frozen=True):
    """`short` is what the committee calls itself in its numbers."""

    year: int
    short: str
    serial: int

    def __str__(self) -> str:
        return f"({self.year}){self.short}人调字第{self.serial}号"


def parsed(number: str) -> CaseNumber | None:
    """A case number as people write it, with wide brackets or leading zeros; None where it is none."""
    found = _PATTERN.fullmatch(re.sub(r"\s", "", number))
    return CaseNumber(int(found[1]), found[2], int(found[3])) if found else None
