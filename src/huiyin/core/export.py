"""Exports (导出): that a list left the house, who took it, by which filter and why; the list itself is not kept."""

from msgspec import Struct

from huiyin.core.words import Sealed


class Exported(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="export.made.v1"):
    """So many rows were taken away. `by` are the filters' codes (`state=signed`); what was searched for may be
    anybody's words, so it is sealed together with the reason. `more`: there were more than may be taken."""

    rows: int
    by: tuple[str, ...]
    why: Sealed
    searched: bool = False
    more: bool = False
