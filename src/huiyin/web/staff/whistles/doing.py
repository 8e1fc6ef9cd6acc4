"""What may be done with a whistle now (可办事项): what comes first, what else, and where each leads."""

from collections.abc import Sequence

from msgspec import Struct

from huiyin.web.staff.whistles.ahead import ahead
from huiyin.web.staff.whistles.forms import BARE, FIRST, FORMS, GROUPS
from huiyin.web.whistles import rehearsal
from huiyin.web.whistles.finding import Found
from huiyin.web.whistles.shapes import CallShown, WhistleShown


class Action(Struct, frozen=True):
    """One order that may be given now; `bare` asks for nothing first."""

    command: str
    title: str
    short: str
    ahead: str
    bare: bool = False


class Doing(Struct, frozen=True):
    """`more` by group."""

    first: tuple[Action, ...]
    more: tuple[tuple[str, tuple[Action, ...]], ...]


def doing(found: Found, shown: WhistleShown | CallShown) -> Doing:
    """All that the viewer may do; `shown.allowed` says what."""
    first = _first(found, shown)
    later = [one for one in FORMS if one in shown.allowed and one not in first]
    groups = ((group, [one for one in later if FORMS[one].group == group]) for group in GROUPS)
    more = tuple((group, tuple(_action(found, one) for one in some)) for group, some in groups if some)
    return Doing(tuple(_action(found, one) for one in first), more)


def first(found: Found, shown: WhistleShown | CallShown) -> tuple[Action, ...]:
    """What comes first on an inbox's card."""
    return tuple(_action(found, one) for one in _first(found, shown))


def _first(found: Found, shown: WhistleShown | CallShown) -> Sequence[str]:
    """Coming is the next step only where the kind of whistle asks for it; who comes is named once."""
    limits = found.rules.whistle.kinds[found.whistle.kind].limits
    later = {"arrive"} if limits.arrive is None else set()
    if isinstance(shown, CallShown):
        later |= {"acknowledge"} if shown.line.person else set()
        later |= {"plan"} if limits.plan is None or shown.line.until else set()
    return [one for one in FIRST if one in shown.allowed and one not in later]


def _action(found: Found, command: str) -> Action:
    """Where there is one way only, it is said; where there are more, on the form."""
    form, at = FORMS[command], found.room.clock()
    some = rehearsal.samples(found.whistle, command, at)
    steps = rehearsal.tried(found.whistle, some[0], found.scene, found.rules, at) if len(some) == 1 else []
    if command == "acknowledge" and any(found.post == one.post and one.person for one in found.whistle.lines):
        return Action(command, "更换到场人员", "换人", "由新的人到场;时限不变。")
    return Action(command, form.title, form.short or form.title, ahead(steps), command in BARE)
