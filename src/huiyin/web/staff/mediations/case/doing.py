"""What may be done with a mediation now (可办事项): what comes first, what else, and where each leads."""

from collections.abc import Sequence

from msgspec import Struct

from huiyin.core.mediation import Rules
from huiyin.core.people import Viewer
from huiyin.store.mediations import stage
from huiyin.web.mediations import rehearsal
from huiyin.web.mediations.finding import Found
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.case.ahead import ahead
from huiyin.web.staff.mediations.case.forms import FIRST, FORMS, GROUPS

# Made at a page of their own, where the viewer may open it.
_OWN = {"hold": "minutes", "draft": "draft"}


class Action(Struct, frozen=True):
    """One order that may be given now, and where."""

    command: str
    title: str
    href: str
    ahead: str


class Doing(Struct, frozen=True):
    """`more` by group; `offered` are the names of all."""

    first: tuple[Action, ...]
    more: tuple[tuple[str, tuple[Action, ...]], ...]
    offered: frozenset[str]


def doing(found: Found, viewer: Viewer, rules: Rules) -> Doing:
    """All that the viewer may do; a danger that is not reported comes before everything else, who is waited for
    beside the case after what the case itself waits for."""
    offered = [one for one in rehearsal.offered(found, viewer, rules) if one in FORMS]
    urgent = ["report"] if found.one.owing else []
    first = [one for one in (*urgent, *FIRST.get(stage(found.one), ()), "answer-meeting") if one in offered]
    later = [one for one in FORMS if one in offered and one not in first]
    groups = ((group, [one for one in later if FORMS[one].group == group]) for group in GROUPS)

    def actions(some: Sequence[str]) -> tuple[Action, ...]:
        return tuple(_action(found, viewer, rules, one) for one in some)

    more = tuple((group, actions(some)) for group, some in groups if some)
    return Doing(actions(first), more, frozenset(offered))


def _action(found: Found, viewer: Viewer, rules: Rules, command: str) -> Action:
    """Where there is one way only, it is said; where there are more, on the form."""
    number, own = found.one.number, _OWN.get(command)
    at_own = own is not None and windows.opens(viewer.role, f"/mediations/{{number}}/{own}")
    href = f"/mediations/{number}/{own}" if at_own else f"/mediations/{number}/do/{command}"
    ways = dict.fromkeys(map(ahead, rehearsal.led(found, rules, command, found.room.clock())))
    return Action(command, FORMS[command].title, href, next(iter(ways)) if len(ways) == 1 else "")
