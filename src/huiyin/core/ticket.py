"""A complaint's life as a ticket (工单): filed, told the hotline first, sorted, corrected by a person."""

from datetime import datetime
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.catalogue import Catalogue
from huiyin.core.deadline import Due, natural
from huiyin.core.ladder import LadderRules, Standing, first_rung
from huiyin.core.registry import Registry
from huiyin.core.steps import (
    Command,
    File,
    Filed,
    HotlineInstructed,
    Reclassified,
    Reclassify,
    SameMatter,
    Sorted,
    State,
    Step,
    Ticket,
)
from huiyin.core.words import About, Spot, Urgency

__all__ = [
    "Command",
    "File",
    "Filed",
    "HotlineInstructed",
    "Reclassified",
    "Reclassify",
    "Refused",
    "Rules",
    "SameMatter",
    "Sorted",
    "State",
    "Step",
    "Ticket",
    "decide",
    "follow",
]


class Refused(Exception):
    """What the ticket does not allow; `code` is stable and becomes HTTP 409, or an acknowledged refusal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Rules(Struct, frozen=True):
    """The rulebook a decision is made under; `version` goes into every step."""

    version: str
    registry: Registry
    catalogue: Catalogue
    ladder: LadderRules


# -- deciding ---------------------------------------------------------------------------------------------


def decide(ticket: Ticket | None, command: Command, *, at: datetime, rules: Rules) -> list[Step]:
    """The steps a command leads to; [] for a repeat; raises Refused where the ticket does not allow it."""
    match command:
        case File():
            return [] if ticket is not None else _file(command, at, rules)
        case Reclassify():
            return _reclassify(_known(ticket), command, at, rules)
        case _:
            assert_never(command)


def _known(ticket: Ticket | None) -> Ticket:
    if ticket is None:
        raise Refused("unknown-ticket")
    return ticket


def _file(command: File, at: datetime, rules: Rules) -> list[Step]:
    sorting = command.sorting
    standing, due, case_due = _place(
        sorting.spot, sorting.category, sorting.urgency, command.about, at, rules, accepted=at
    )
    steps: list[Step] = [
        Filed(command.number, command.channel, command.about, command.filed_at, command.dossier, command.sealed)
    ]
    if sorting.hotline:
        steps.append(HotlineInstructed(sorting.hotline, sorting.evidence.urgency))
    steps.append(Sorted(sorting, standing, due, None if case_due == due else case_due, command.same_matter))
    return steps


def _place(
    spot: Spot,
    category: str,
    urgency: Urgency,
    about: About,
    at: datetime,
    rules: Rules,
    accepted: datetime,
) -> tuple[Standing, Due, Due]:
    """Standing, the rung's limit from `at`, the whole case's limit from `accepted` (it never restarts)."""
    entry = rules.catalogue.entries[category]
    standing = first_rung(rules.ladder, rules.registry, entry, spot, about)
    hours = rules.ladder.limits[urgency] if urgency != entry.urgency else entry.deadline_hours
    basis = f"事项{category}“{entry.name}”"
    case_due = natural(accepted, hours, basis)
    if standing.rung is None:
        desk = rules.ladder.sorting_desk
        return standing, natural(at, min(desk.hours, hours), desk.name), case_due
    return standing, case_due if at == accepted else natural(at, hours, basis), case_due


def _reclassify(ticket: Ticket, command: Reclassify, at: datetime, rules: Rules) -> list[Step]:
    if ticket.closed_at is not None:
        raise Refused("closed-ticket")
    category = command.category or ticket.category
    if category not in rules.catalogue.entries or rules.catalogue.entries[category].parent is None:
        raise Refused("unknown-category")
    spot = _corrected(ticket.spot, command, rules.registry)
    if (category, spot) == (ticket.category, ticket.spot):
        return []
    urgency = ticket.urgency
    if category != ticket.category and urgency != "emergency":
        urgency = rules.catalogue.entries[category].urgency
    accepted = ticket.case_due.start if ticket.case_due else at
    standing, due, case_due = _place(spot, category, urgency, ticket.about, at, rules, accepted)
    return [
        Reclassified(
            spot,
            category,
            urgency,
            standing,
            due,
            case_due,
            ticket.category,
            ticket.spot,
        )
    ]


def _corrected(spot: Spot, command: Reclassify, registry: Registry) -> Spot:
    if command.building_code is not None:
        building = registry.buildings.get(command.building_code)
        if building is None:
            raise Refused("unknown-building")
        grid = registry.grids[building.grid_code]
        return _in_community(
            registry, grid.community_code, building.estate_code, grid.code, building.code, building.name
        )
    if command.grid_code is not None:
        known = registry.grids.get(command.grid_code)
        if known is None:
            raise Refused("unknown-grid")
        return _in_community(registry, known.community_code, known.estate_code, known.code)
    if command.community_code is not None:
        if command.community_code not in registry.communities:
            raise Refused("unknown-community")
        return _in_community(registry, command.community_code)
    return spot


def _in_community(
    registry: Registry,
    community: str,
    estate: str | None = None,
    grid: str | None = None,
    building: str | None = None,
    name: str | None = None,
) -> Spot:
    street = registry.communities[community].street_code
    return Spot(street, community, estate, grid, building, name)


# -- folding ----------------------------------------------------------------------------------------------


def follow(ticket: Ticket | None, step: Step) -> Ticket:
    """The ticket after a step; raises ValueError where the first step is not `Filed`."""
    if isinstance(step, Filed):
        return _filed(step)
    if ticket is None:
        raise ValueError("a ticket begins with ticket.filed.v1")
    version = ticket.version + 1
    match step:
        case HotlineInstructed():
            return replace(ticket, version=version, hotline=step.call)
        case Sorted():
            return _sorted(ticket, step, version)
        case Reclassified():
            return _reclassified(ticket, step, version)
        case _:
            assert_never(step)


def _filed(step: Filed) -> Ticket:
    return Ticket(step.number, 1, "sorting", step.channel, step.about, step.filed_at, step.dossier)


def _sorted(ticket: Ticket, step: Sorted, version: int) -> Ticket:
    found = step.sorting
    placed = _placed(ticket, step, version, found.spot, found.category, found.urgency)
    return replace(placed, sorting=found, same_matter=step.same_matter)


def _reclassified(ticket: Ticket, step: Reclassified, version: int) -> Ticket:
    return _placed(ticket, step, version, step.spot, step.category, step.urgency)


def _placed(
    ticket: Ticket, step: Sorted | Reclassified, version: int, spot: Spot, category: str, urgency: Urgency
) -> Ticket:
    return replace(
        ticket,
        version=version,
        state=_state(step.standing),
        spot=spot,
        category=category,
        urgency=urgency,
        rung=step.standing.rung,
        post=step.standing.post,
        why_here=step.standing.why,
        due=step.due,
        case_due=step.case_due or step.due,
    )


def _state(standing: Standing) -> State:
    return "sorting" if standing.rung is None else "dispatched"
