"""What is shown of a complainant (脱敏): role × field × having the case in hand → a level; and masked words."""

from hashlib import sha256
from typing import Literal

from huiyin.core.people import Role

Field = Literal["name", "phone", "room"]
Part = Literal["name", "phone", "room", "text", "papers"]
Purpose = Literal["contact", "site-visit", "mediation", "emergency", "verification"]
# Who took it, and what for: a complaint's and the resident's later ones, of the site, or evidence of what was done.
Picture = Literal["complaint", "added", "site", "evidence"]
# unit: building and unit, never the room; repair: unit where it is a repair of the building, else building;
# relay: no number, the platform carries the words; reveal: masked, full after a look that is logged.
Level = Literal["nothing", "alias", "masked", "building", "unit", "repair", "relay", "reveal", "full"]
Audience = Role | Literal["public"]

PARTS: tuple[Part, ...] = ("name", "phone", "room", "text", "papers")

_NONE: tuple[Level, ...] = ("nothing", "nothing", "nothing", "nothing", "nothing")
_ALIAS: tuple[Level, ...] = ("alias", "nothing", "nothing", "nothing", "nothing")
_LEAST: tuple[Level, ...] = ("alias", "nothing", "building", "masked", "nothing")

# DOMAIN 8.2 (a proposal, so it is data): the levels in the order of PARTS, with the case in hand and without.
# "full, logged" is `reveal`: every look at a full contact is logged with its purpose (8.2 (6)), the mediator's too.
# A row that DOMAIN gives to the assigned only is the least for others; the address is full for the assigned only.
TABLE: dict[Audience, tuple[tuple[Level, ...], tuple[Level, ...]]] = {
    "public": (_NONE, _NONE),
    "building_leader": (("alias", "nothing", "unit", "masked", "nothing"), _LEAST),
    "owners_committee": (_LEAST, _LEAST),
    "property": (("alias", "relay", "repair", "masked", "nothing"), _LEAST),
    "grid_worker": (("full", "reveal", "full", "full", "nothing"), _LEAST),
    "mediator": (("full", "reveal", "full", "full", "reveal"), _ALIAS),
    "community": (("full", "reveal", "full", "full", "nothing"), ("masked", "reveal", "unit", "full", "nothing")),
    "street": (("reveal", "reveal", "unit", "full", "nothing"), _LEAST),
    "department": (("reveal", "reveal", "unit", "full", "nothing"), _LEAST),
    "auditor": (_ALIAS, _ALIAS),
    "registrar": (_NONE, _NONE),
    "machine": (_NONE, _NONE),
}


def level(role: str, part: Part, *, assigned: bool, category: str = "") -> Level:
    """What a kind of post sees of a part; a role that nobody knows sees nothing."""
    found = next((rows for known, rows in TABLE.items() if known == role), (_NONE, _NONE))
    one = found[0 if assigned else 1][PARTS.index(part)]
    if one == "repair":  # 房屋渗漏与维修: who mends it must know the entrance
        return "unit" if category.startswith("A") else "building"
    return one


def revealable(role: str, part: Field, *, assigned: bool) -> bool:
    """Whether the full value may be looked at, with a step in the log before."""
    return level(role, part, assigned=assigned) in ("reveal", "full")


def shows(role: str, picture: Picture, *, assigned: bool, own: bool = False) -> bool:
    """Whether a kind of post is shown a picture. Nothing in it can be blanked: what may show a home is for those who
    may read the resident's own words whole, and for the post that took it; evidence is for every post of the ticket."""
    words = level(role, "text", assigned=assigned)
    return own or words == "full" if picture != "evidence" else words != "nothing"


def looks(role: str) -> bool:
    """Whether a kind of post is ever shown a picture."""
    return shows(role, "evidence", assigned=True)


def shown_to(role: str) -> bool:
    """Whether a kind of post is shown anything at all of who complained."""
    return any(level(role, part, assigned=True) != "nothing" for part in PARTS)


def alias(number: str) -> str:
    """What a complainant is called in a case: by the case, never by the person."""
    return f"居民甲{sha256(b'huiyin alias ' + number.encode()).hexdigest()[:4].upper()}"
