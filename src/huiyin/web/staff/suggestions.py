"""What a ticket may be sorted to (分拣建议): matters times places, the likeliest first, each with where it leads."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from huiyin.core.catalogue import UNCLASSIFIED
from huiyin.core.commands import Reclassify
from huiyin.core.registry import Building, Registry
from huiyin.core.steps import Reclassified
from huiyin.core.ticket import Refused, Rules, Ticket, decide
from huiyin.core.words import Candidate, Sorting, Spot
from huiyin.store.lists import meant
from huiyin.web.shown import category
from huiyin.web.staff import called
from huiyin.web.staff.rehearsal import Stage

MOST = 9  # as many as there are keys
_GRIDS = 3  # of an estate whose building is not known: more are no choice, the community sorts on
_KEEP = 0.3  # to leave a place as it is where nobody knows it well helps little
_NAMED = 6  # matters and places that a word may mean


class Target(Struct, frozen=True):
    """A place that a ticket can be given: at most one of three codes, none to leave it where it is."""

    score: float
    building_code: str = ""
    grid_code: str = ""
    community_code: str = ""


class Suggestion(Struct, frozen=True):
    """One button: what it says, where it leads, what it sends; `sure` in percent, 0 where nobody reckoned."""

    what: str
    where: str
    leads: str
    category: str = ""
    building_code: str = ""
    grid_code: str = ""
    community_code: str = ""
    sure: int = 0
    like: str = ""  # the ticket that it is said to be the same as


Matter = tuple[float, str]  # a score and a leaf, "" for the one that it has


def of_ticket(here: Stage, ticket: Ticket, others: Sequence[Ticket]) -> list[Suggestion]:
    """From what the sorter considered, and from open tickets that may be the same matter."""
    sorting = ticket.sorting
    same = [_like(here, ticket, one) for one in others]
    ranked = _ranked(here, ticket, _matters(sorting), _targets(here.rules, ticket, sorting))
    return _first([*(one for one in same if one), *ranked])


def of_words(here: Stage, ticket: Ticket, words: str, read: Sorting) -> list[Suggestion]:
    """From what somebody typed: codes and names, and what the sorter makes of them."""
    leaves = meant(here.rules.catalogue, words)[:_NAMED]
    matters = [(0.9, leaf) for leaf in leaves] or _matters(read)
    known = here.rules.registry
    targets = [*_named(known, words), *([] if read.spot == Spot() else [_at(read.spot, read.place_confidence)])]
    targets += _considered(known, read.evidence.place, read.spot.building)
    return _first(_ranked(here, ticket, [*matters, (0.2, "")] if targets else matters, targets or [Target(1.0)]))


# -- matters and places -----------------------------------------------------------------------------------


def _matters(sorting: Sorting | None) -> list[Matter]:
    found = [(one.confidence, one.code) for one in sorting.candidates if one.code != UNCLASSIFIED] if sorting else []
    return found or [(0.5, "")]


def _targets(rules: Rules, ticket: Ticket, sorting: Sorting | None) -> list[Target]:
    """Where it is, and the places that were considered; an estate by its building, else by its few grids."""
    if ticket.spot.estate_code or ticket.spot.grid_code or sorting is None:
        return [Target(1.0)]
    considered = _considered(rules.registry, sorting.evidence.place, sorting.spot.building)
    return [*([Target(_KEEP)] if ticket.spot.community_code or not considered else []), *considered]


def _considered(known: Registry, places: Iterable[Candidate], building: str | None) -> list[Target]:
    return [target for one in places for target in _of_code(known, one.code, one.confidence, building)]


def _of_code(known: Registry, code: str, score: float, building: str | None) -> list[Target]:
    if code in known.communities:
        return [Target(score, community_code=code)]
    estate = known.estates.get(code)
    if estate is None:
        return []
    house = next((one for one in _buildings(known, code) if one.name == building), None)
    if house is not None:
        return [Target(score, building_code=house.code)]
    grids = sorted(one.code for one in known.grids.values() if one.estate_code == code)
    if 0 < len(grids) <= _GRIDS:
        return [Target(score / len(grids), grid_code=grid) for grid in grids]
    return [Target(score / 2, community_code=estate.community_code)]


def _buildings(known: Registry, estate: str) -> Iterable[Building]:
    return (one for one in known.buildings.values() if one.estate_code == estate)


def _named(known: Registry, words: str) -> list[Target]:
    """Estates and communities whose name holds what was typed, those that begin with it first."""
    estates = [(name, one.code) for one in known.estates.values() for name in (one.name, *one.aliases)]
    towns = [(one.name, one.code) for one in known.communities.values()]
    hits = sorted({(not name.startswith(words), name, code) for name, code in (*estates, *towns) if words in name})
    return [target for _, _, code in hits[:_NAMED] for target in _of_code(known, code, 0.8, None)]


def _at(spot: Spot, score: float) -> Target:
    if spot.building_code:
        return Target(score, building_code=spot.building_code)
    if spot.grid_code:
        return Target(score, grid_code=spot.grid_code)
    return Target(score, community_code=spot.community_code or "")


# -- suggestions ------------------------------------------------------------------------------------------


def _ranked(here: Stage, ticket: Ticket, matters: Sequence[Matter], targets: Sequence[Target]) -> list[Suggestion]:
    both = [(a * to.score, leaf, to) for a, leaf in matters for to in targets]
    best = sorted(both, key=lambda one: -one[0])[: 3 * MOST]
    made = (_made(here, ticket, leaf, to, score) for score, leaf, to in best)
    return [one for one in made if one is not None]


def _like(here: Stage, ticket: Ticket, other: Ticket) -> Suggestion | None:
    """To where a ticket stands that may be the same matter."""
    if other.category == UNCLASSIFIED or other.spot.community_code is None:
        return None
    return _made(here, ticket, other.category, _at(other.spot, 1.0), 0.0, other.number)


def _made(here: Stage, ticket: Ticket, leaf: str, to: Target, score: float, like: str = "") -> Suggestion | None:
    """None where the ticket does not take it, or nothing would change."""
    wanted = Reclassify(leaf or None, to.building_code or None, to.grid_code or None, to.community_code or None)
    try:
        steps = decide(ticket, wanted, at=here.at, rules=here.rules, scene=here.scene(ticket))
    except Refused:
        return None
    step = next((one for one in steps if isinstance(one, Reclassified)), None)
    if step is None:
        return None
    return Suggestion(
        category(here.rules.catalogue, step.category),
        _where(step.spot, here.rules.registry),
        step.standing.post.name,
        leaf,
        to.building_code,
        to.grid_code,
        to.community_code,
        round(100 * score),
        like,
    )


def _where(spot: Spot, known: Registry) -> str:
    grid = f" {spot.grid_code[-3:]} 网格" if spot.grid_code and not spot.building_code else ""
    return called.place(spot, known).replace("(楼栋不明)", "") + grid if grid else called.place(spot, known)


def _first(found: Sequence[Suggestion]) -> list[Suggestion]:
    """Each once, as many as there are keys."""
    kept: dict[tuple[str, str], Suggestion] = {}
    for one in found:
        kept.setdefault((one.what, one.where), one)
    return list(kept.values())[:MOST]
