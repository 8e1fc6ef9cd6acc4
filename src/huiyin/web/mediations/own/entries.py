"""Who came with a party's code (谁进来过): each entry, so that the party can say whether that was itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from huiyin import entering
from huiyin.core.entry import Entry
from huiyin.web.mediations.own import keys
from huiyin.web.mediations.own.mine import Mine

SHOWN = 6  # the newest; of those before how many there were
WAYS = {"phone": "手机", "computer": "电脑或平板", "program": "别的程序"}


class Came(Struct, frozen=True):
    """One entry as the party reads it."""

    at: datetime
    way: str
    state: str
    here: bool


def came(some: Sequence[Entry], here: str, now: datetime) -> list[Came]:
    """Newest first."""
    return [Came(one.at, WAYS[one.way], _state(one, here, now), one.ident == here) for one in reversed(some)][:SHOWN]


def _state(one: Entry, here: str, now: datetime) -> str:
    if one.ident == here:
        return "就是这一次"
    if one.left is not None:
        return "已离开"
    if one.way == "program":
        return ""
    return "已自动关上" if one.at + timedelta(seconds=keys.LONGEST) <= now else "没有按“离开”"


async def facts(it: Mine) -> dict[str, Any]:
    """What the party's page says of them."""
    room, who = it.found.room, it.holder
    some = await room.ask(lambda c: entering.entries(c, who.number, who.party))
    since = it.now - timedelta(seconds=keys.LONGEST)
    open_ = (one for one in some if one.left is None and one.at > since and one.way != "program")
    others = any(one.ident != who.entry for one in open_)
    return {"came": came(some, who.entry, it.now), "before": max(len(some) - SHOWN, 0), "elsewhere": others}
