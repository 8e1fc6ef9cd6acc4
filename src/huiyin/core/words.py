"""The words the nouns share: places, posts, what the sorter found; frozen values without behaviour."""

from typing import Literal

from msgspec import Struct

Channel = Literal["web", "wechat", "hotline", "counter", "patrol", "reception", "open311", "meeting", "other"]
About = Literal[
    "neighbour",
    "building_leader",
    "owners_committee",
    "property",
    "developer",
    "merchant",
    "construction",
    "grid_or_community_staff",
    "street",
    "department",
    "utility",
    "none",
]
Urgency = Literal["emergency", "urgent", "normal", "complex"]
Rung = Literal[
    "building_leader",
    "owners_committee",
    "property_company",
    "community_committee",
    "street_office",
]


class Place(Struct, frozen=True, omit_defaults=True, gc=False):
    """Where the reporter says it is; every field as given, none of it checked yet. lat/lon are WGS 84."""

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    building_code: str | None = None
    grid_code: str | None = None
    community_code: str | None = None
    address: str | None = None
    lat: float | None = None
    lon: float | None = None


class Candidate(Struct, frozen=True, omit_defaults=True, gc=False):
    """One answer that was considered. `confidence` is a calibrated probability, 0..1, three decimals."""

    code: str
    confidence: float
    words: tuple[str, ...] = ()


class Spot(Struct, frozen=True, omit_defaults=True, gc=False):
    """A place in the registry; None where the sorter does not know (asking beats a wrong grid)."""

    street_code: str | None = None
    community_code: str | None = None
    estate_code: str | None = None
    grid_code: str | None = None
    building_code: str | None = None
    building: str | None = None  # normalised as written by the resident: 3栋; kept when the registry lacks it
    unit: str | None = None  # normalised: 2单元


class Evidence(Struct, frozen=True, omit_defaults=True, gc=False):
    """Why the sorter says so. Holds only words of the catalogue, the model and the registry, never the
    resident's own text: this goes into the log (个人信息保护法 art. 24: explain automated decisions). The versions
    of registry, catalogue and model stand in the leaf itself."""

    by: str  # what decided the place: building_code, grid_code, coordinates, fields, text, none
    place: tuple[Candidate, ...] = ()  # estates (or communities) considered, best first
    why: str = ""  # one sentence in Chinese for the handler
    urgency: tuple[str, ...] = ()  # words behind the urgency


class Sorting(Struct, frozen=True, omit_defaults=True, gc=False):
    """What the sorter makes of one complaint."""

    spot: Spot
    place_confidence: float
    category: str  # leaf code of the catalogue; T09 = 未能归类
    candidates: tuple[Candidate, ...]  # leaf codes, best first, at most five
    urgency: Urgency
    evidence: Evidence
    hotline: tuple[str, ...] = ()  # who to call first: 110, 119, 120, 122, gas, lift; empty = no emergency
    chosen: str | None = None  # what the sorter would have said where a person chose the category


class SameMatter(Struct, frozen=True):
    """An open ticket that may be about the same thing; `score` 0..1. A suggestion, never a merge."""

    number: str
    score: float


class Sealed(Struct, frozen=True):
    """People's words: `dossier` names their record in the vault, `sealed` is the hex SHA-256 of the ciphertext."""

    dossier: str
    sealed: str


class Actor(Struct, frozen=True):
    """Who acts: a post; `role` is the kind of post, `person` an opaque id ("" where nobody was named)."""

    post: str
    role: str = ""
    person: str = ""
