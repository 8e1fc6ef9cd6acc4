"""The words of a mediation (人民调解) that commands, steps and state share; people are opaque ids, words sealed."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from huiyin.core.words import Sealed

Committee = Literal["residents", "street", "property"]
Source = Literal["application", "ticket", "own", "referral"]
Referrer = Literal["court", "police", "department"]
Kind = Literal["person", "organisation", "group"]
How = Literal["screen", "paper", "oral", "message"]  # how somebody was told, or said so
# What the law takes out of mediation (若干规定 art. 22), or this committee's place does (宁波 18).
Bar = Literal["reserved", "court", "crime", "public-security", "government", "elsewhere"]
Helper = Literal["relative", "neighbour", "colleague", "expert", "organisation", "interpreter", "other"]
# What only every party together may allow.
Matter = Literal["mediator", "invitee", "open", "extension", "oral", "confirmation"]
Leaving = Literal["recused", "unable"]
Gone = Literal[Leaving, "challenged"]
Coming = Literal["yes", "no", "another-time"]
Purpose = Literal["arrange", "understand", "deliver", "perform", "safety"]  # what a party's contact is looked up for
Risk = Literal["violence", "crime", "child", "domestic"]
Body = Literal["police", "civil-affairs", "education"]
Manner = Literal["money", "thing", "work", "conduct", "apology", "other"]
Hand = Literal["party", "mediator", "committee"]
MarkForm = Literal["signature", "seal", "fingerprint"]
Done = Literal["part", "whole"]
Kept = Literal["yes", "partly", "no"]
Ruling = Literal["confirmed", "refused", "withdrawn"]
# 终止 by the committee: no prospect, impossible; facts hidden, stalled, collusion (宁波 23, 深圳 28); for the police; a
# party went to court, arbitration or an authority.
ByHand = Literal["no-prospect", "impossible", "hidden-facts", "stalling", "collusion", "crime", "pursued-elsewhere"]
Reason = Literal[ByHand, "declined", "withdrawn", "refused", "stopped", "time-over"]
Paper = Literal["register", "notice", "identity", "record", "agreement", "oral-register", "routes", "visit"]
# Which form a sheet of the file is; the forms themselves are in `papers/forms.py`.
Sheet = Literal[
    "application", "acceptance", "declined", "rights", "identity", "authority", "investigation", "evidence", "record",
    "agreement", "oral", "ended", "performance", "visit", "confirm_told", "confirm_apply", "ruling", "closing", "note",
]  # fmt: skip
# Who is asked to a joint meeting (联席会议), and why there is none.
Attendee = Literal[
    "residents", "owners", "property", "community-party", "street", "police", "judicial", "department"
]  # fmt: skip
NoMeeting = Literal["other-way", "nobody-can", "too-early"]
# Where a dispute may go instead, always (art. 3, 26).
Route = Literal["court", "arbitration", "authority", "police"]
Routes = Annotated[tuple[Route, ...], Meta(min_length=1)]
Duty = Literal[
    "accept", "mediate", "hold", "report", "seal", "perform", "confirm", "ruling", "visit", "deliver", "archive"
]


class Side(Struct, frozen=True, omit_defaults=True):
    """A party by an opaque id; a `group` acts through the representatives that it chooses."""

    party: str
    kind: Kind = "person"
    applicant: bool = False


class Statement(Struct, frozen=True):
    """What one party said, or offers."""

    party: str
    words: Sealed


class Item(Struct, frozen=True, omit_defaults=True):
    """One thing to be performed (art. 29: content, manner and time; 若干规定 35: place), until the end of `until`."""

    item: str
    owes: str
    owed: str
    words: Sealed
    manner: Manner
    until: date
    place: Sealed | None = None


class Terms(Struct, frozen=True, omit_defaults=True):
    """What an agreement says (art. 29). `found` are the codes of `terms.check` over the words before they were sealed;
    `insist`: the parties want the vague ones all the same. `partial`: the rest, `left`, stays in dispute."""

    content: Sealed
    facts: Sealed | None = None
    issues: Sealed | None = None
    responsibility: Sealed | None = None
    items: tuple[Item, ...] = ()
    found: tuple[str, ...] = ()
    insist: bool = False
    partial: bool = False
    left: Sealed | None = None
