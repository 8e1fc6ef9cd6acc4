"""What a committee's work comes to (统计口径): shares with both their parts, for nothing over nothing says nothing."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from huiyin.core.mediation.state import Mediation


class Share(Struct, frozen=True):
    """So many of so many."""

    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        """Between 0 and 1; None where there is nothing to divide by."""
        return self.part / self.whole if self.whole else None


def success(mediations: Iterable[Mediation]) -> Share:
    """调解成功率: agreed ÷ accepted cases whose mediation is over, by an agreement in effect or without one."""
    accepted = [one for one in mediations if one.case is not None]
    agreed = sum(_effective(one) for one in accepted)
    return Share(agreed, agreed + sum(one.ending is not None for one in accepted))


def performance(mediations: Iterable[Mediation], at: datetime) -> Share:
    """履行率: items performed whole ÷ items that are performed or whose day is over."""
    performed = due = 0
    for one in filter(_effective, mediations):
        assert one.agreement is not None
        for owed in one.agreement.owed:
            clock = one.clock("perform", owed.item.item)
            performed += owed.done == "whole"
            due += owed.done == "whole" or clock is None or bool(clock.level) or clock.due.at <= at
    return Share(performed, due)


def confirmation(mediations: Iterable[Mediation]) -> Share:
    """司法确认率: confirmed by a court ÷ agreements in effect."""
    effective = [one for one in mediations if _effective(one)]
    return Share(sum(one.confirmation == "confirmed" for one in effective), len(effective))


def _effective(one: Mediation) -> bool:
    return one.agreement is not None and one.agreement.effective_at is not None
