"""The ladder as a picture (逐级办理): where a ticket stood and how long, which rungs it passed over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from huiyin.core.ladder import LadderRules, Post
from huiyin.core.ticket import Ticket, follow
from huiyin.store import tickets
from huiyin.store.lists import Entry
from huiyin.web.clocks import span


class Stay(Struct):
    """A time at a post; `until` is None while it lasts."""

    rung: str | None
    post: Post
    acting: str | None
    since: datetime
    until: datetime | None = None


class Rung(Struct, frozen=True):
    """One rung as it is drawn: `mark` is here, been, passed (over) or nothing; `posts` who had it, `time` how long."""

    name: str
    mark: str
    posts: tuple[str, ...] = ()
    time: str = ""
    note: str = ""


def stays(history: Sequence[Entry]) -> list[Stay]:
    """Where a ticket stood, in order; a ticket that was closed and taken up again stands anew."""
    found: list[Stay] = []
    before: Ticket | None = None
    for entry, step in zip(history, tickets.steps([one.body for one in history]), strict=True):
        after = follow(before, step)
        if _moved(before, after):
            _leave(found, entry.at)
            if after.post is not None and after.closed_at is None:
                found.append(Stay(after.rung, after.post, after.acting, entry.at))
        before = after
    return found


def _moved(before: Ticket | None, after: Ticket) -> bool:
    if before is None:
        return after.post is not None
    closed = (before.closed_at is None) != (after.closed_at is None)
    return closed or (before.rung, before.post) != (after.rung, after.post)


def _leave(found: list[Stay], at: datetime) -> None:
    if found and found[-1].until is None:
        found[-1].until = at


def drawn(kept: Ticket, found: Sequence[Stay], rules: LadderRules, now: datetime) -> list[Rung]:
    """The rungs from the first to the last."""
    been = [rules.order.index(one.rung) for one in found if one.rung in rules.order]
    first, last = (min(been), max(been)) if been else (len(rules.order), -1)
    made = []
    for i, rung in enumerate(rules.order):
        here = [one for one in found if one.rung == rung]
        if here:
            made.append(_held(kept, rules.rungs[rung].name, here, now, current=kept.rung == rung))
        else:
            made.append(Rung(rules.rungs[rung].name, "passed" if first < i < last else "", note=_why(i, first, last)))
    return made


def _why(i: int, first: int, last: int) -> str:
    """Why a rung has not had it: it began further up, was passed over, or is still to come."""
    return "未经此级" if i < first and last >= 0 else "越过" if i < last else ""


def _held(kept: Ticket, name: str, here: Sequence[Stay], now: datetime, *, current: bool) -> Rung:
    time = sum(((one.until or now) - one.since for one in here), timedelta())
    posts = tuple(dict.fromkeys(one.post.name for one in here))
    ended = "结束于此" if kept.closed_at else "现在"
    acting = here[-1].acting or ""
    return Rung(name, "here" if current else "been", posts, span(time), ended if current else acting)


def sorting_time(found: Sequence[Stay], now: datetime) -> str:
    """How long people had to sort it; "" where the sorter knew."""
    time = sum(((one.until or now) - one.since for one in found if one.rung is None), timedelta())
    return span(time) if time else ""
