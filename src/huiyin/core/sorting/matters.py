"""Same matter (并单 suggestions): other open tickets that are probably about the same source at the same place."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from huiyin.core.sorting.rules import MatterRules
from huiyin.core.words import Urgency


class MatterKey(Struct, frozen=True):
    """What is compared. `leaves`: the best three, best first; `words`: the model's words that were said."""

    number: str
    estate_code: str | None
    building_code: str | None
    leaves: tuple[str, ...]
    filed_at: datetime
    words: tuple[str, ...] = ()
    urgency: Urgency = "normal"


def same_matter(new: MatterKey, others: Sequence[MatterKey], rules: MatterRules) -> list[tuple[str, float]]:
    """(ticket number, score 0..1), best first, at most `rules.limit`, none below `rules.accept`. Without an estate
    nothing is suggested: the same words in two places are two matters."""
    scored = [(other.number, score(new, other, rules)) for other in others if other.number != new.number]
    likely = sorted((found for found in scored if found[1] >= rules.accept), key=lambda found: (-found[1], found[0]))
    return likely[: rules.limit]


def score(new: MatterKey, other: MatterKey, rules: MatterRules) -> float:
    """Place x time x (category and words), 0..1, two decimals."""
    if new.estate_code is None or new.estate_code != other.estate_code:
        return 0.0
    days = abs((new.filed_at - other.filed_at).total_seconds()) / 86_400
    window = max(rules.days[new.urgency], rules.days[other.urgency])
    if days > window:
        return 0.0
    about = _category(new.leaves, other.leaves, rules) + _words(new, other, rules)
    houses = new.building_code, other.building_code
    place = 1.0 if None in houses else 1.15 if houses[0] == houses[1] else 0.7
    return round(min(1.0, about * place * (1.0 - 0.3 * days / window)), 2)


def _category(mine: tuple[str, ...], theirs: tuple[str, ...], rules: MatterRules) -> float:
    """0.7 for the same first leaf, less for the same leaf further down, for related leaves, for the same parent."""
    if not mine or not theirs:
        return 0.0
    if mine[0] == theirs[0]:
        return 0.7
    if any(mine[0] in group and theirs[0] in group for group in rules.related):
        return 0.4
    if mine[0] in theirs[:2] or theirs[0] in mine[:2]:
        return 0.45
    return 0.35 if mine[0][0] == theirs[0][0] else 0.0


def _words(new: MatterKey, other: MatterKey, rules: MatterRules) -> float:
    """Up to 0.4 for words in common that are not on everybody's lips."""
    common = [word for word in new.words if word in other.words and word not in rules.generic]
    return min(0.4, 0.2 * len(common))
