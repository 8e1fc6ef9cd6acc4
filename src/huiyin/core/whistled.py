"""What a ticket is told of a whistle that was blown for it (吹哨): how far it is, and the limit that runs out next."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

# Blown to confirmed: how far the lead has come. Joined: an open whistle took the ticket in. Supervised: somebody is
# late. The last four are ends.
WhistleStage = Literal[
    "blown",
    "joined",
    "called",
    "acknowledged",
    "arrived",
    "planned",
    "supervised",
    "paused",
    "resumed",
    "replied",
    "returned",
    "confirmed",
    "closed",
    "sent-back",
    "declined",
    "cancelled",
]


# Command and step in one: nothing is asked of the ticket, and what it is told is what it keeps.
class Whistled(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.whistled.v1"):
    """How far a whistle is that was blown for the ticket: `version` is the whistle's then, `at` its soonest limit."""

    whistle: str
    stage: WhistleStage
    version: int
    at: datetime | None = None
