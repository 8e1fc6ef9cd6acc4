"""What happens to a ticket (工单): steps, past tense; a step's tag is its published name."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.commands import (
    ExtendReason,
    HandUpReason,
    ObjectReason,
    ShelfReason,
)
from huiyin.core.deadline import Due
from huiyin.core.endings import Ended, Grouped
from huiyin.core.ladder import Standing
from huiyin.core.masks import Field, Picture, Purpose
from huiyin.core.mediated import Mediated
from huiyin.core.voices import Voiced
from huiyin.core.watch import Watch
from huiyin.core.whistled import Whistled
from huiyin.core.words import About, Channel, Rung, SameMatter, Sealed, Sorting, Spot, Urgency

# Why a ticket went up: a person's reason, or what ran out, or what was found out.
ClimbReason = HandUpReason | Literal["sign-lapsed", "resolve-lapsed", "ruling-lapsed", "unsatisfied", "recused"]
SuperviseReason = Literal[
    "last-rung-lapsed", "case-lapsed", "sorting-lapsed", "review-lapsed", "unanswered", "urged", "pressured"
]
Asked = Literal["extend", "shelve"]
Duty = Literal["sign", "resolve", "sort", "answer"]


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
    """`due` is the rung's limit, `case_due` the whole case's, left out where it is the same; `sign` the limit
    to sign for it (at the sorting desk: to sort it)."""

    sorting: Sorting
    standing: Standing
    due: Due
    case_due: Due | None = None
    same_matter: tuple[SameMatter, ...] = ()
    sign: Watch | None = None


class Reclassified(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.reclassified.v1"):
    """A person's choice; what the sorter said stays in the `Sorted` step before it, as a training example."""

    spot: Spot
    category: str
    urgency: Urgency
    standing: Standing
    due: Due
    case_due: Due
    was_category: str
    was_spot: Spot
    sign: Watch | None = None


class Signed(Struct, frozen=True, tag_field="step", tag="ticket.signed.v1"):
    """签收; `resolve` is the limit that runs from the rung's beginning."""

    handler: str
    resolve: Watch


class Contacted(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.contacted.v1"):
    words: Sealed | None = None


class Noted(Struct, frozen=True, tag_field="step", tag="ticket.noted.v1"):
    words: Sealed


class Pictured(Struct, frozen=True, tag_field="step", tag="ticket.pictured.v1"):
    """Pictures that came with the complaint, were added by the resident, or taken by whoever works on it."""

    pictures: tuple[Sealed, ...]
    kind: Picture


class SiteChecked(Struct, frozen=True, tag_field="step", tag="ticket.site_checked.v1"):
    words: Sealed


class Dissuaded(Struct, frozen=True, tag_field="step", tag="ticket.dissuaded.v1"):
    """劝阻: when, where (never a room), by the acting post."""

    when: datetime
    place: str
    words: Sealed


class Reassigned(Struct, frozen=True, tag_field="step", tag="ticket.reassigned.v1"):
    """Inside the rung; an opaque person."""

    handler: str


class Related(Struct, frozen=True, tag_field="step", tag="ticket.related.v1"):
    """A party became known; who it is stays outside the log."""

    role: Literal["complainant", "respondent"]
    by: Literal["person", "household", "organisation"]


class Resolved(Struct, frozen=True, tag_field="step", tag="ticket.resolved.v1"):
    """办结: `resolver` and `post` may not close it."""

    evidence: Sealed
    resolver: str
    post: str


class Replied(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.replied.v1"):
    """答复; with it the time begins in which the resident may speak."""

    words: Sealed | None
    follow_up: Due
    lead: str | None = None  # the ticket that this one was merged into
    route: str | None = None  # a standing answer of the rulebook, where no person replies
    resolver: str = ""  # of the lead, where it was merged
    post: str = ""


class Viewed(Struct, frozen=True, tag_field="step", tag="ticket.viewed.v1"):
    """查看身份: who (an opaque person) looked at which field, and what for; the resident is told."""

    field: Field
    purpose: Purpose
    person: str


class Notified(Struct, frozen=True, tag_field="step", tag="ticket.notified.v1"):
    """告知: a separate document was released to the post that is complained about."""

    to: str
    words: Sealed


class Reminded(Struct, frozen=True, tag_field="step", tag="ticket.reminded.v1"):
    duty: Duty
    part: Literal["half", "most"]


class HandedUp(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.handed_up.v1"):
    """上报: the ticket is at another post, its two clocks start anew, the case's does not."""

    reason: ClimbReason
    was: Rung | None
    standing: Standing
    sign: Watch
    resolve: Due
    words: Sealed | None = None


class Supervised(Struct, frozen=True, tag_field="step", tag="ticket.supervised.v1"):
    """督办: stays on the list until it is answered; `level` 1 督办, 2 挂牌督办, from 3 on 报区."""

    reason: SuperviseReason
    level: int
    answer: Watch


class SupervisionAnswered(Struct, frozen=True, tag_field="step", tag="ticket.supervision_answered.v1"):
    words: Sealed
    resolve: Watch


class Objected(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.objected.v1"):
    """派单异议; the post stays bound until the ruling (首接负责制, 接诉即办条例 art. 14)."""

    reason: ObjectReason
    ruler: Standing
    due: Due
    words: Sealed | None = None


class ObjectionRuled(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.objection_ruled.v1"):
    """裁定; upheld objections are examples that the catalogue learns from."""

    upheld: bool
    reason: ObjectReason
    category: str
    words: Sealed | None = None


class Dispatched(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.dispatched.v1"):
    """派单 to a designated post, which cannot return it."""

    standing: Standing
    sign: Watch
    resolve: Due
    words: Sealed | None = None


class Requested(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.requested.v1"):
    """Asked of the post above: 延期 (`until` a due time) or 挂账 (`review_at`)."""

    what: Asked
    reason: ExtendReason | ShelfReason
    asker: str
    days: int = 0
    review_at: datetime | None = None
    owner: str | None = None
    words: Sealed | None = None


class RequestDeclined(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.request_declined.v1"):
    what: Asked
    words: Sealed | None = None


class Extended(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.extended.v1"):
    """延期; the resident is told the reason (接诉即办条例 art. 15)."""

    reason: ExtendReason
    days: int
    resolve: Watch
    words: Sealed | None = None


class Shelved(Struct, frozen=True, tag_field="step", tag="ticket.shelved.v1"):
    """挂账: visible, counted apart, never as solved; the rung's clock rests until the review."""

    reason: ShelfReason
    review_at: datetime
    owner: str
    plan: Sealed


class Cleared(Struct, frozen=True, tag_field="step", tag="ticket.cleared.v1"):
    """销账: the rung's clock starts anew."""

    evidence: Sealed
    resolve: Watch


class Recomputed(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.recomputed.v1"):
    """A calendar arrived: what was provisional is no longer."""

    sign: Watch | None = None
    resolve: Watch | None = None
    answer: Watch | None = None
    ruling: Due | None = None
    follow_up: Due | None = None
    rung: Due | None = None


Worked = Signed | Contacted | Noted | Pictured | SiteChecked | Dissuaded | Reassigned | Related | Resolved | Replied
Handled = Worked | Viewed | Notified
Climbed = Reminded | HandedUp | Supervised | SupervisionAnswered | Objected | ObjectionRuled | Dispatched | Recomputed
Granted = Requested | RequestDeclined | Extended | Shelved | Cleared
Placed = Filed | HotlineInstructed | Sorted | Reclassified
Step = Placed | Handled | Climbed | Granted | Grouped | Ended | Voiced | Whistled | Mediated
