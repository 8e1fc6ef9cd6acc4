"""A ticket is made, placed, and placed again (登记、分拣、改类、派单)."""

from typing import Any, assert_never

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.commands import Dispatch, File, Filing, Reclassify
from huiyin.core.deadline import Due, natural
from huiyin.core.endings import Closed, NoRung, Redirected
from huiyin.core.ladder import Case, Standing
from huiyin.core.registry import Registry, Unknown, located
from huiyin.core.state import OPEN, Ticket
from huiyin.core.steps import (
    Dispatched,
    Filed,
    HotlineInstructed,
    Pictured,
    Placed,
    Reclassified,
    Replied,
    Sorted,
    Step,
)
from huiyin.core.ticket.ground import Ground, Refused, known, working
from huiyin.core.ticket.refuge import away, refuge
from huiyin.core.watch import Watch
from huiyin.core.words import Sorting, Spot, Urgency

PLACED = (Filed, HotlineInstructed, Sorted, Reclassified)


class Placing(Struct, frozen=True):
    """Where something stands and until when."""

    standing: Standing
    sign: Watch
    due: Due
    case_due: Due


def decide(ticket: Ticket | None, command: Filing, ground: Ground) -> list[Step]:
    """Steps of filing and of placing anew."""
    match command:
        case File():
            return [] if ticket is not None else _file(command, ground)
        case Reclassify():
            return _reclassify(known(ticket), command, ground)
        case Dispatch():
            return _dispatch(known(ticket), command, ground)
        case _:
            assert_never(command)


def _file(command: File, ground: Ground) -> list[Step]:
    sorting = command.sorting
    steps: list[Step] = [
        Filed(command.number, command.channel, command.about, command.filed_at, command.dossier, command.sealed)
    ]
    if command.pictures:
        steps.append(Pictured(command.pictures, "complaint"))
    if sorting.hotline:
        steps.append(HotlineInstructed(sorting.hotline, sorting.evidence.urgency))
    case = Case(sorting.spot, command.about, ground.parties(command.about, sorting.spot))
    place = _place(sorting.category, sorting.urgency, case, ground)
    case_due = None if place.case_due == place.due else place.case_due
    steps.append(Sorted(sorting, place.standing, place.due, case_due, command.same_matter, place.sign))
    return steps if place.standing.rung is not None else steps + _redirected(sorting, case, ground)


def _redirected(sorting: Sorting, case: Case, ground: Ground) -> list[Step]:
    """About the street or a department: no rung may judge it, the resident is told the legal route at once
    (DOMAIN 2.3)."""
    if ground.ladder.first(ground.entry(sorting.category), sorting.urgency, case) is not None:
        return []
    follow_up = ground.due(ground.rules.ladder.terms.follow_up, "回访时限")
    reason: NoRung = "about-a-department" if case.about == "department" else "about-the-street"
    return [
        Redirected(reason),
        Replied(None, follow_up, route=reason),
        Closed("redirected", ground.at),
    ]


def _place(category: str, urgency: Urgency, case: Case, ground: Ground, case_due: Due | None = None) -> Placing:
    """Standing and clocks from now on; the whole case's clock runs from its acceptance and never restarts."""
    entry, rules = ground.entry(category), ground.rules.ladder
    standing = ground.ladder.first(entry, urgency, case) or ground.ladder.desk("被反映对象是街道,依法告知反映渠道")
    hours = rules.limits[urgency] if urgency != entry.urgency else entry.deadline_hours
    accepted = ground.at if case_due is None else case_due.start
    sign, due = ground.clocks(standing, urgency)
    return Placing(standing, sign, due, natural(accepted, hours, f"事项{category}“{entry.name}”"))


def _reclassify(ticket: Ticket, command: Reclassify, ground: Ground) -> list[Step]:
    working(ticket, *OPEN, "shelved")
    category = command.category or ticket.category
    entries = ground.rules.catalogue.entries
    if category not in entries or entries[category].parent is None:
        raise Refused("unknown-category")
    spot = _corrected(ticket.spot, command, ground.rules.registry)
    if (category, spot) == (ticket.category, ticket.spot):
        return []
    urgency = ticket.urgency
    if category != ticket.category and urgency != "emergency":
        urgency = entries[category].urgency
    place = _place(category, urgency, ground.case(ticket, spot), ground, ticket.case_due)
    if ticket.pressured:
        place = _sheltered(place, urgency, ground.case(ticket, spot), ground)
    if ticket.designated and place.standing.post != ticket.post and ground.mine(ticket):
        raise Refused("designated")  # nor is it returned by calling it another name (潍坊 22)
    was = ticket.category, ticket.spot
    step = Reclassified(spot, category, urgency, place.standing, place.due, place.case_due, *was, place.sign)
    out = away(ticket, spot, ground) if ticket.pressured else None
    known_out = {one.organisation for one in ticket.kept_out}
    return [step] if out is None or set(out.posts) <= known_out else [step, out]


def _sheltered(place: Placing, urgency: Urgency, case: Case, ground: Ground) -> Placing:
    """What is called otherwise stays out of reach all the same (受到压力)."""
    standing = refuge(case, ground)
    return Placing(standing, *ground.clocks(standing, urgency), place.case_due)


def _dispatch(ticket: Ticket, command: Dispatch, ground: Ground) -> list[Step]:
    working(ticket, "sorting", "dispatched", "signed")
    standing = designate(ticket, command.rung, ground)
    if standing.post == ticket.post:
        return []
    sign, due = ground.clocks(standing, ticket.urgency)
    return [Dispatched(standing, sign, due, command.words)]


def designate(ticket: Ticket, rung: str, ground: Ground) -> Standing:
    """The standing at a rung that somebody names; refuses who may not lead it."""
    order = ground.rules.ladder.order
    wanted = next((one for one in order if one == rung), None)
    if wanted is None:
        raise Refused("unknown-rung")
    if ticket.pressured and wanted != order[-1]:
        raise Refused("sheltered")
    entry = ground.entry(ticket.category)
    duty = entry.first_tier == "street_office" and entry.departments
    if duty and wanted != order[-1]:
        raise Refused("department-duty")  # 接诉即办条例 art. 17: never pushed down to the community as lead
    accused = ground.rules.ladder.accused.get(ticket.about)
    if accused is not None and wanted in accused.skip:
        raise Refused("rung-recused")
    standing = ground.ladder.at(wanted, ground.case(ticket))
    if standing is None:
        raise Refused("rung-missing")
    return standing


def _corrected(spot: Spot, command: Reclassify, registry: Registry) -> Spot:
    try:
        return located(registry, command.building_code, command.grid_code, command.community_code) or spot
    except Unknown as error:
        if error.what == "building":
            raise Refused("unknown-building") from None
        if error.what == "grid":
            raise Refused("unknown-grid") from None
        raise Refused("unknown-community") from None


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket | None, step: Placed) -> Ticket:
    """The ticket after a step of this kind."""
    if isinstance(step, Filed):
        return Ticket(step.number, 1, "sorting", step.channel, step.about, step.filed_at, step.dossier)
    if ticket is None:
        raise ValueError("a ticket begins with ticket.filed.v1")
    match step:
        case HotlineInstructed():
            return replace(ticket, hotline=step.call)
        case Sorted():
            found = step.sorting
            placed = replace(ticket, spot=found.spot, category=found.category, urgency=found.urgency)
            placed = replace(placed, sorting=found, same_matter=step.same_matter)
            return stand(placed, step.standing, step.sign, step.due, step.case_due or step.due)
        case Reclassified():
            placed = replace(ticket, spot=step.spot, category=step.category, urgency=step.urgency)
            stood = stand(placed, step.standing, step.sign, step.due, step.case_due)
            return replace(stood, designated=ticket.designated and step.standing.post == ticket.post)
        case _:
            assert_never(step)


# What a post before did with a ticket is not the next one's; only the answer's reminders go on.
_AFRESH: dict[str, Any] = {
    **dict.fromkeys(("resolve", "objection", "request", "shelf", "reply", "follow_up", "urged_at", "watcher")),
    **dict.fromkeys(("handler", "resolver", "resolved_at_post", "replier", "replied_at_post"), ""),
    **dict.fromkeys(("contacted", "designated", "lapsed"), False),
    **dict.fromkeys(("extensions", "urged"), 0),
}


def stand(ticket: Ticket, standing: Standing, sign: Watch | None, due: Due, case_due: Due | None) -> Ticket:
    """The ticket at a post, its rung's clocks new."""
    return replace(
        ticket,
        state="sorting" if standing.rung is None else "dispatched",
        rung=standing.rung,
        post=standing.post,
        why_here=standing.why,
        acting=standing.acting,
        also=standing.also,
        cycle=ticket.cycle + 1,
        sign=sign,
        rung_due=due,
        case_due=case_due,
        reminded=tuple(one for one in ticket.reminded if one[0] == "answer"),
        **_AFRESH,
    )
