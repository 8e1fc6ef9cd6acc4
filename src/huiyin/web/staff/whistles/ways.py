"""A whistle's own way (哨单的路): blown, passed on, approved, called, worked on, answered, confirmed, rated, closed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from huiyin.core.whistle import steps as s
from huiyin.web.staff.whistles.called import level, word
from huiyin.web.whistles.finding import Leaf
from huiyin.web.whistles.shapes import CallShown, ClockShown, WhistleShown


class Mile(Struct, frozen=True):
    """One part of the way; `mark` is been, here, or "" for what is ahead."""

    name: str
    mark: str = ""
    who: str = ""
    at: datetime | None = None
    due: datetime | None = None
    note: str = ""


# A part's name, the steps that end it, the duties whose clocks run meanwhile.
_PARTS: tuple[tuple[str, tuple[type[Any], ...], tuple[str, ...]], ...] = (
    ("吹哨", (s.Blown,), ()),
    ("转报", (s.PassedOn, s.SentBack), ("pass",)),
    ("审批", (s.Approved, s.Declined), ("approve",)),
    ("派哨", (s.Called,), ()),
    ("办理、答复", (s.Replied,), ("acknowledge", "arrive", "plan", "reply", "pause")),
    ("核验", (s.Confirmed,), ("confirm",)),
    ("互评", (), ("rate",)),
    ("结哨", (s.Closed,), ()),
)
_MINIMAL = frozenset(("派哨", "办理、答复", "核验", "互评", "结哨"))
_WORKING, _AFTER = ("called", "paused"), ("confirmed", "closed")


def way(shown: WhistleShown | CallShown, leaves: Sequence[Leaf], names: dict[str, str]) -> list[Mile]:
    """The whole way; a department's begins with its call. `leaves` are the steps that the viewer may read, `names`
    what posts are called."""
    whole = isinstance(shown, WhistleShown)
    parts = [one for one in _PARTS if whole or one[0] in _MINIMAL]
    found = [_mile(part, shown, leaves, names) for part in parts]
    ended = shown.state == "closed"
    early = ended and not any(isinstance(one.step, s.Confirmed) for one in leaves)
    return [one for one in found if _there(one, shown, early=early)]


def _there(one: Mile, shown: WhistleShown | CallShown, *, early: bool) -> bool:
    """A street's own whistle is not passed on; of one that ended early there is no rest."""
    if one.mark:
        return True
    return not early and (one.name != "转报" or shown.state == "passing")


def _mile(
    part: tuple[str, tuple[type[Any], ...], tuple[str, ...]],
    shown: WhistleShown | CallShown,
    leaves: Sequence[Leaf],
    names: dict[str, str],
) -> Mile:
    name, ends, duties = part
    clock = next((one for one in shown.clocks if one.duty in duties), None)
    last = next((one for one in reversed(leaves) if isinstance(one.step, ends)), None) if ends else None
    if name == "互评" and shown.state == "closed" and shown.outcome in ("rated", "unrated"):
        return Mile(name, "been", note=word("outcome", shown.outcome))
    if name == "办理、答复" and shown.state in _WORKING:
        return _here(name, clock, f"已退回 {shown.returned} 次" if shown.returned else "")
    if clock is not None or (name == "核验" and shown.state == "replied"):
        return _here(name, clock)
    if last is None:
        return Mile(name, "here" if name == "互评" and shown.state == "confirmed" else "")
    who = "" if name == "派哨" else names.get(last.actor, "")  # who approved called, too; or who blew it
    return Mile(name, "been", who, last.at, note=_note(last))


def _here(name: str, clock: ClockShown | None, note: str = "") -> Mile:
    if clock is None:
        return Mile(name, "here", note=note)
    said = "、".join(one for one in (note, level(clock.level)) if one)
    return Mile(name, "here", clock.post_name, due=clock.due_at, note=said)


def _note(leaf: Leaf) -> str:
    step = leaf.step
    if isinstance(step, s.SentBack):
        return "退回"
    if isinstance(step, s.Declined):
        return "不同意"
    if isinstance(step, s.Confirmed):
        return word("on_site", step.on_site)
    return word("outcome", step.outcome) if isinstance(step, s.Closed) else ""
