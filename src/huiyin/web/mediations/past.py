"""What only the log of a case tells (经过): on which days things happened, and who closed the file."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.mediation import Step
from huiyin.core.mediation.steps import Accepted, Extended
from huiyin.core.mediation.steps_agreed import Archived, ConfirmationApplied, Fulfilled
from huiyin.core.proof import read
from huiyin.store.lists import Entry

_step = msgspec.json.Decoder(Step).decode


class Past(Struct, frozen=True):
    """The days of a case; `longer` are its extensions in days, `filer` the post that closed the file."""

    applied: date
    accepted: date | None = None
    fulfilled: date | None = None
    asked: date | None = None  # the court, to confirm the agreement
    filed: date | None = None
    filer: str = ""
    longer: tuple[int, ...] = ()


def past(entries: Sequence[Entry]) -> Past:
    """From all entries of a case, oldest first."""
    leaves = [read(one.body) for one in entries]
    steps = [(_step(leaf.data), leaf) for leaf in leaves]

    def last(kind: type[Struct]) -> datetime | None:
        return next((leaf.at for step, leaf in reversed(steps) if isinstance(step, kind)), None)

    asked = next((step.at for step, _ in reversed(steps) if isinstance(step, ConfirmationApplied)), None)
    return Past(
        applied=local(leaves[0].at),
        accepted=_day(last(Accepted)),
        fulfilled=_day(last(Fulfilled)),
        asked=_day(asked),
        filed=_day(last(Archived)),
        filer=next((leaf.actor for step, leaf in reversed(steps) if isinstance(step, Archived)), ""),
        longer=tuple(step.days for step, _ in steps if isinstance(step, Extended)),
    )


def _day(at: datetime | None) -> date | None:
    return local(at) if at else None
