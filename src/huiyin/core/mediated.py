"""What a ticket is told of a mediation that came of it (人民调解): that there is one, and how it came out."""

from typing import Literal

from msgspec import Struct

# Agreed: in effect, wholly or in part. The last four are ends, each with other routes told where there are some.
MediationProgress = Literal["applied", "accepted", "agreed", "performed", "breached", "declined", "ended"]


# Command and step in one, as `Whistled`: nothing is asked of the ticket.
class Mediated(Struct, frozen=True, tag_field="step", tag="ticket.mediated.v1"):
    """How far a mediation is that came of the ticket: `version` is the mediation's then; of a restricted file no more
    than that it is."""

    mediation: str
    progress: MediationProgress
    version: int
