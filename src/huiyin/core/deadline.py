"""A due time that can explain itself (时限): unit, length, start, and the rule behind it."""

from datetime import datetime, timedelta, tzinfo
from typing import Literal

from msgspec import Struct

Unit = Literal["natural_hour"]


class Due(Struct, frozen=True):
    """`at` and `start` are aware UTC, `length` counts `unit`s, `basis` names the rule the limit comes from."""

    at: datetime
    unit: Unit
    length: int
    start: datetime
    basis: str


def natural(start: datetime, hours: int, basis: str) -> Due:
    """`hours` natural hours after `start`: hours run from the moment, day and night (民法典 art. 200-201)."""
    return Due(start + timedelta(hours=hours), "natural_hour", hours, start, basis)


def explain(due: Due, zone: tzinfo) -> str:
    """The derivation as a sentence in Chinese, times in `zone`."""
    start, end = (moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") for moment in (due.start, due.at))
    return f"{start} 起 {due.length} 小时(自然时,含夜间和节假日),至 {end};依据:{due.basis}"
