"""What leaves the house for others is read first (脱敏检查): nothing in it may tell who complained."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import structlog

from huiyin.core import telltale
from huiyin.core.people import Viewer
from huiyin.core.telltale import Known
from huiyin.store.vault import Dossier
from huiyin.web.problems import Problem
from huiyin.web.room import Room

GUESSES = 5  # refused texts of one person about one number a day: a refusal must not answer guesses
REMEMBERED = 10_000

_KINDS = {"name": "姓名", "phone": "电话", "room": "房号", "papers": "证件号", "plate": "车牌", "contact": "联系方式"}
_Kept = dict[tuple[str, str], deque[datetime]]
_refused: WeakKeyDictionary[Room, _Kept] = WeakKeyDictionary()  # person and number → when; in memory, a day long
_log = structlog.get_logger()


async def scan(room: Room, viewer: Viewer, number: str, known: Sequence[Known], text: str) -> None:
    """Refuse what tells who complained, by kind and never by value; only so many refusals a day. Raises Problem."""
    guesses = _guesses(room, viewer, number)
    if len(guesses) >= GUESSES:
        raise Problem("too-many-guesses")
    kinds = list(dict.fromkeys(kind for one in known or [Known("", "", "")] for kind in telltale.kinds(text, one)))
    if not kinds:
        return
    guesses.append(room.clock())
    _log.warning("refused", noun="notice", id=number, post=viewer.post, kinds=kinds)
    named = "、".join(_KINDS[kind] for kind in kinds)
    raise Problem("identifies-complainant", f"文中有可能认出诉求人或当事人的内容:{named};请删改后再发", field="text")


def looks(text: str) -> list[str]:
    """What kinds of telling things a text has by their looks alone; of nobody in particular, so it answers no guess."""
    return [_KINDS[kind] for kind in telltale.kinds(text)]


def known_of(dossier: Dossier) -> Known:
    """What of somebody a text must not have."""
    place = dossier.place if isinstance(dossier.place, dict) else {}
    return Known(dossier.name or "", dossier.phone or "", place.get("room") or "")


def _guesses(room: Room, viewer: Viewer, number: str) -> deque[datetime]:
    now, key = room.clock(), (viewer.username, number)
    kept = _refused.setdefault(room, {})
    times = kept.pop(key, None) or deque(maxlen=GUESSES)
    while times and times[0] <= now - timedelta(days=1):
        times.popleft()
    kept[key] = times
    if len(kept) > REMEMBERED:
        del kept[next(iter(kept))]
    return times
