"""What may be asked of a ticket (工单): commands, imperative; people's words come sealed, as references."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.masks import Field, Purpose
from huiyin.core.mediated import Mediated
from huiyin.core.staff import Party
from huiyin.core.voices import Voicing
from huiyin.core.whistled import Whistled
from huiyin.core.words import About, Channel, Rung, SameMatter, Sealed, Sorting

HandUpReason = Literal["beyond-means", "not-my-duty", "no-agreement", "needs-other", "unsafe", "other"]
ObjectReason = Literal["wrong-place", "wrong-category", "not-our-duty", "department-duty", "already-handled", "other"]
ExtendReason = Literal["waiting-parts", "waiting-weather", "waiting-parties", "needs-vote", "complex", "other"]
ShelfReason = Literal["engineering", "seasonal", "funds", "vote", "history", "other"]
RedirectReason = Literal[
    "emergency-handed", "in-legal-process", "already-handled", "secret", "outside-public-duty", "unlawful"
]
ReopenReason = Literal["not-done", "came-back", "new-facts", "other"]
Solved = Literal["yes", "partly", "no"]
Outcome = Literal[
    "solved", "explained", "outside-duty", "withdrawn", "to-mediation", "redirected", "no-answer", "merged"
]
Via = Literal["receipt", "call", "visit"]


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
    pictures: tuple[Sealed, ...] = ()


class Reclassify(Struct, frozen=True):
    """A person corrects the sorter: a leaf code, a place, or both; codes of the registry only."""

    category: str | None = None
    building_code: str | None = None
    grid_code: str | None = None
    community_code: str | None = None


class Dispatch(Struct, frozen=True):
    """A post above sends the ticket to a rung; whoever gets it so cannot send it back (潍坊 22)."""

    rung: Rung
    words: Sealed | None = None


# -- handling ---------------------------------------------------------------------------------------------


class Sign(Struct, frozen=True):
    """签收: the post has it."""


class Contact(Struct, frozen=True):
    """首次联系: the resident was spoken to."""

    words: Sealed | None = None


class Note(Struct, frozen=True):
    words: Sealed


class Attach(Struct, frozen=True):
    """Pictures: of the site, which may show a home, or evidence, which every post of the ticket may see."""

    pictures: tuple[Sealed, ...]
    kind: Literal["site", "evidence"] = "evidence"


class CheckSite(Struct, frozen=True):
    """现场核实."""

    words: Sealed


class Dissuade(Struct, frozen=True):
    """劝阻: the record that a penalty for noise needs (治安管理处罚法 88; 噪声污染防治法 86)."""

    when: datetime
    place: str  # codes or plain words of a public place, never a room
    words: Sealed


class Reassign(Struct, frozen=True):
    """Another person of the same post; `handler` is an opaque person."""

    handler: str


class Relate(Struct, frozen=True):
    """Somebody turns out to be a party: whoever has an interest is out from now on (回避)."""

    party: Party


class Resolve(Struct, frozen=True):
    """办结: the unit says it is done, and shows by what."""

    evidence: Sealed


class Reply(Struct, frozen=True):
    """答复: the answer to the resident."""

    words: Sealed


class View(Struct, frozen=True):
    """查看身份: a full name, phone or room is looked at, for a purpose; without the step nothing is shown."""

    field: Field
    purpose: Purpose


class Notify(Struct, frozen=True):
    """告知: a text of its own for the post that is complained about, never the complaint (信访工作条例 30(3))."""

    to: str
    words: Sealed


# -- climbing ---------------------------------------------------------------------------------------------


class HandUp(Struct, frozen=True):
    reason: HandUpReason
    words: Sealed | None = None


class Object(Struct, frozen=True):
    """派单异议: this post says that the ticket is not for it."""

    reason: ObjectReason
    words: Sealed | None = None


class Rule(Struct, frozen=True):
    """裁定: upheld = the ticket goes to `rung` (None: the ruler's own); else it stays and cannot be returned."""

    upheld: bool
    rung: Rung | None = None
    words: Sealed | None = None


class AnswerSupervision(Struct, frozen=True):
    """答复督办: what was done and what comes next; the rung's clock starts anew."""

    words: Sealed


class Tick(Struct, frozen=True):
    """Time has gone by: whatever is due happens."""


# -- asking for more ------------------------------------------------------------------------------------


class Extend(Struct, frozen=True):
    """延期: by some working days, with a reason that the resident is told."""

    reason: ExtendReason
    days: int
    words: Sealed | None = None


class Shelve(Struct, frozen=True):
    """挂账: cannot be done now; with a plan, an owner and a day on which it is looked at again."""

    reason: ShelfReason
    review_at: datetime
    owner: str  # a post
    plan: Sealed


class Approve(Struct, frozen=True):
    words: Sealed | None = None


class Decline(Struct, frozen=True):
    words: Sealed | None = None


class Clear(Struct, frozen=True):
    """销账: the reason for shelving is gone; evidence is asked for."""

    evidence: Sealed


# -- together -------------------------------------------------------------------------------------------


class Merge(Struct, frozen=True):
    """并单, on the one that is merged."""

    into: str


class Join(Struct, frozen=True):
    """并单, on the one that takes others in."""

    number: str
    building_code: str | None
    filed_at: datetime
    about: About = "none"


class Split(Struct, frozen=True):
    """拆单, on the one that leaves."""

    words: Sealed | None = None


class Leave(Struct, frozen=True):
    """拆单, on the one that is left."""

    number: str


class Follow(Struct, frozen=True):
    """What the lead ticket's complainants are told, its merged tickets' are told, too."""

    words: Sealed
    resolver: str
    post: str


# -- ending ---------------------------------------------------------------------------------------------


class FollowUp(Struct, frozen=True):
    """回访: the resident's last word; `satisfied` 1..5."""

    solved: Solved
    satisfied: int | None = None
    via: Via = "receipt"
    words: Sealed | None = None


class Reopen(Struct, frozen=True):
    """重办."""

    reason: ReopenReason
    words: Sealed | None = None


class Withdraw(Struct, frozen=True):
    words: Sealed | None = None


class Redirect(Struct, frozen=True):
    """The six outcomes of 接诉即办条例 art. 11(3); the words tell the resident the route."""

    reason: RedirectReason
    words: Sealed


class Close(Struct, frozen=True):
    """结案: by somebody who did not resolve it."""

    outcome: Outcome
    words: Sealed | None = None


class Recompute(Struct, frozen=True):
    """A calendar arrived: provisional due times are worked out again."""


Filing = File | Reclassify | Dispatch
Handling = Sign | Contact | Note | Attach | CheckSite | Dissuade | Reassign | Relate | Resolve | Reply
Looking = View | Notify
Climbing = HandUp | Object | Rule | AnswerSupervision | Tick | Recompute
Asking = Extend | Shelve | Approve | Decline | Clear
Joining = Merge | Join | Split | Leave | Follow
Ending = FollowUp | Reopen | Withdraw | Redirect | Close
Command = Filing | Handling | Looking | Climbing | Asking | Joining | Ending | Voicing | Whistled | Mediated
