"""The whistles of a ticket, on its page (工单上的哨): how far each is, whether it opens, whether to blow one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from huiyin.store import whistle_lists
from huiyin.web.cases import Case
from huiyin.web.shown import WhistleAtShown
from huiyin.web.staff import windows


class Heard(Struct, frozen=True):
    """What the ticket was told; `opens` where the viewer may look at the whistle itself."""

    number: str
    said: str
    due_at: datetime | None
    opens: bool


async def heard(case: Case, some: Sequence[WhistleAtShown]) -> dict[str, Any]:
    """What the ticket's page says of whistles."""
    numbers = [one.number for one in some] if windows.opens(case.viewer.role, "/whistles/{number}") else []
    sight = case.room.sight(case.viewer)
    seen = await case.room.ask(lambda c: whistle_lists.seen(c, sight, numbers)) if numbers else frozenset()
    rows = [Heard(one.number, one.stage_text, one.due_at, one.number in seen) for one in some]
    return {"whistles": rows, "may_blow": may_blow(case)}


def may_blow(case: Case) -> bool:
    """The place's own community and street, while the ticket is open; the form says what else stands in the way."""
    spot, state = case.ticket.spot, case.ticket.state
    here = (f"street:{spot.street_code}", f"community:{spot.community_code}")
    role = windows.opens(case.viewer.role, "/tickets/{number}/whistle")
    return role and case.viewer.post in here and state not in ("closed", "merged")
