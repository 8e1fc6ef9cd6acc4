"""The catalogue (事项清单): what people complain about, who is competent first, and until when."""

from typing import Literal

from msgspec import Struct

from huiyin.core.words import Urgency

FirstTier = Literal[
    "building_leader",
    "owners_committee",
    "property_company",
    "community_committee",
    "street_office",
    "emergency",
]

UNCLASSIFIED = "T09"


class Entry(Struct, frozen=True, gc=False):
    """One leaf or parent. `deadline_hours` are natural hours from acceptance (DOMAIN §9, draft of DB11/T 2021)."""

    code: str
    name: str
    name_en: str
    parent: str | None
    first_tier: FirstTier
    departments: tuple[str, ...]
    urgency: Urgency
    deadline_hours: int
    mediable: bool
    keywords: tuple[str, ...]


class Catalogue(Struct, frozen=True):
    """All entries by code; `version` is the hash of the file they came from."""

    version: str
    entries: dict[str, Entry]

    def leaves(self) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.parent is not None]
