"""The mediations of a ticket, on its page (工单上的调解): how far each is, whether it opens, whether to ask for one."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation import Mediation
from huiyin.store import mediations
from huiyin.story import load_words
from huiyin.web.cases import Case
from huiyin.web.mediations.finding import some
from huiyin.web.mediations.shown import OnTicket, on_ticket
from huiyin.web.staff import windows

_STATES = {
    "applied": "已申请,等待受理",
    "accepted": "正在调解",
    "signing": "已达成协议,正在签字",
    "effective": "协议已生效,正在履行",
    "performed": "协议已履行",
    "ended": "没有达成协议,已结束",
    "archived": "已归档",
}


class Mediated(Struct, frozen=True):
    """What the ticket's holder is told; `opens` where the viewer may look at the mediation itself."""

    number: str
    said: str
    routes: str
    opens: bool


async def mediated(case: Case) -> dict[str, Any]:
    """What the ticket's page says of mediations."""
    found = await case.room.ask(lambda c: _of(c, case.ticket.number))
    opening = [one.number for one in found] if windows.opens(case.viewer.role, "/mediations/{number}") else []
    seen = {one.one.number for one in await some(case.room, case.viewer, opening)} if opening else set()
    rows = [_told(one, opens=one.number in seen) for one in on_ticket(found, case.ticket.number)]
    return {
        "mediations": rows,
        "mediating": any(one.state not in ("ended", "archived", "performed") for one in found),
        "may_mediate": _may(case, found),
    }


async def stamp(case: Case) -> str:
    """Changes with every step of the ticket and of its mediations."""
    found = await case.room.ask(lambda c: mediations.of_ticket_versions(c, case.ticket.number))
    return f"{case.ticket.version}" + (f"-{found}" if found else "")


async def _of(connection: AsyncConnection, ticket: str) -> list[Mediation]:
    numbers = await mediations.of_ticket(connection, ticket)
    found = await mediations.CHAINS.load(connection, numbers) if numbers else {}
    return [found[number][0] for number in numbers]


def _told(one: OnTicket, *, opens: bool) -> Mediated:
    words = load_words("mediation_story.toml")
    said = "正在由人民调解处理" if one.state is None else _STATES[one.state]
    if one.state == "archived":
        said += ",达成协议" if one.agreed else ",没有达成协议"
    return Mediated(one.number, said, "、".join(words.word("routes", route) for route in one.routes), opens)


def _may(case: Case, found: Sequence[Mediation]) -> bool:
    """The place's own community and street, while the ticket is open and nothing of it is being mediated."""
    spot, state = case.ticket.spot, case.ticket.state
    here = (f"street:{spot.street_code}", f"community:{spot.community_code}")
    role = windows.opens(case.viewer.role, "/tickets/{number}/mediate")
    free = all(one.state in ("ended", "archived") for one in found)
    return role and free and case.viewer.post in here and state not in ("closed", "merged")
