"""What is asked of a ticket (工单), what happens to it, and what that folds to: commands, steps, state."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.catalogue import UNCLASSIFIED
from huiyin.core.deadline import Due
from huiyin.core.ladder import Post, Standing
from huiyin.core.words import About, Channel, Rung, Sorting, Spot, Urgency

State = Literal["sorting", "dispatched"]


class SameMatter(Struct, frozen=True):
    """An open ticket that may be about the same thing; `score` 0..1. A suggestion, never a merge."""

    number: str
    score: float


# -- commands ---------------------------------------------------------------------------------------------


class File(Struct, frozen=True):
    """Make a ticket of a complaint. `dossier` names its record in the vault, `sealed` is the hex SHA-256 of
    the ciphertext there."""

    number: str
    channel: Channel
    about: About
    filed_at: datetime
    dossier: str
    sealed: str
    sorting: Sorting
    same_matter: tuple[SameMatter, ...] = ()


class Reclassify(Struct, frozen=True):
    """A person corrects the sorter: a leaf code, a place, or both; codes of the registry only."""

    category: str | None = None
    building_code: str | None = None
    grid_code: str | None = None
    community_code: str | None = None


Command = File | Reclassify


# -- steps ------------------------------------------------------------------------------------------------


class Filed(Struct, frozen=True, tag_field="step", tag="ticket.filed.v1"):
    number: str
    channel: Channel
    about: About
    filed_at: datetime
    dossier: str
    sealed: str


class HotlineInstructed(Struct, frozen=True, tag_field="step", tag="ticket.hotline_instructed.v1"):
    """The hotline comes before any rung (接诉即办条例 art. 11); the ticket still goes on."""

    call: tuple[str, ...]
    words: tuple[str, ...]


class Sorted(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.sorted.v1"):
    """`case_due` is left out where it is the same as `due`, the first rung's."""

    sorting: Sorting
    standing: Standing
    due: Due
    case_due: Due | None = None
    same_matter: tuple[SameMatter, ...] = ()


class Reclassified(Struct, frozen=True, tag_field="step", tag="ticket.reclassified.v1"):
    """A person's choice; what the sorter said stays in the `Sorted` step before it, as a training example."""

    spot: Spot
    category: str
    urgency: Urgency
    standing: Standing
    due: Due
    case_due: Due
    was_category: str
    was_spot: Spot


Step = Filed | HotlineInstructed | Sorted | Reclassified


class Ticket(Struct, frozen=True):
    """What the steps fold to."""

    number: str
    version: int
    state: State
    channel: Channel
    about: About
    filed_at: datetime
    dossier: str
    spot: Spot = Spot()
    category: str = UNCLASSIFIED
    urgency: Urgency = "normal"
    rung: Rung | None = None
    post: Post | None = None
    why_here: tuple[str, ...] = ()
    due: Due | None = None
    case_due: Due | None = None
    sorting: Sorting | None = None
    same_matter: tuple[SameMatter, ...] = ()
    hotline: tuple[str, ...] = ()
    closed_at: datetime | None = None
    outcome: str | None = None
