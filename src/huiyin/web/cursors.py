"""Where the next page begins (下一页), as one word that a caller hands back: a moment in microseconds and a number."""

import re
from datetime import UTC, datetime, timedelta

from huiyin.store.places import Place
from huiyin.web.problems import Problem

_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_CURSOR = re.compile(r"([0-9]{1,18})-(.+)")


def read(cursor: str | None, number: re.Pattern[str]) -> Place | None:
    """A place among things that are numbered so; raises Problem for what is no cursor."""
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None or not number.fullmatch(match[2]):
        raise Problem("bad-query", field="cursor")
    try:
        return Place(_BEGAN + int(match[1]) * _TICK, match[2])
    except OverflowError:  # after the year 9999
        raise Problem("bad-query", field="cursor") from None


def write(last: Place | None) -> str | None:
    """What `read` reads."""
    return f"{(last.at - _BEGAN) // _TICK}-{last.number}" if last else None
