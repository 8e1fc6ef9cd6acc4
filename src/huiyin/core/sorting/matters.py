"""PROVISIONAL (by the lead, to integrate): replace freely."""

from collections.abc import Sequence
from datetime import datetime
from msgspec import Struct
from huiyin.core.sorting.rules import MatterRules


class MatterKey(Struct, frozen=True):
    number: str
    estate_code: str | None
    building_code: str | None
    leaves: tuple[str, ...]
    filed_at: datetime
    words: tuple[str, ...]


def same_matter(new: MatterKey, others: Sequence[MatterKey], rules: MatterRules) -> list[tuple[str, float]]:
    return [(o.number, 0.5) for o in others if o.leaves[0] == new.leaves[0]][:5]
