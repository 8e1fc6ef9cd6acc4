"""The end of a limit once more, by another hand: day by day, from the file's own figures."""

import tomllib
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

from huiyin.core.calendar import ZONE, midnight
from tests.core.world import RULES

DATA: dict[str, Any] = tomllib.loads((files("huiyin.rules") / "ladder.toml").read_text())


def reckoned(start: datetime, limit: dict[str, Any], rung: str | None) -> datetime:
    """The end of a limit, day by day, from the file's own figures."""
    if limit["unit"] == "natural_hour":
        return start + timedelta(hours=limit["length"])
    assert limit["unit"] == "working_day"
    day, left = start.astimezone(ZONE).date(), limit["length"]
    while left:
        day = date.fromordinal(day.toordinal() + 1)
        left -= RULES.calendar.workday(day)
    offices = DATA["offices"]
    hour, minute = offices.get(rung, offices["usual"])["spans"][-1][1].split(":")
    return midnight(day) + timedelta(hours=int(hour), minutes=int(minute))
