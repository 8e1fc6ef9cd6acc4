"""Signing at the table (当面签名): one after the other under the document that all of them see, bound to its digest."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from huiyin.core.mediation.state import Agreement, Mediation
from huiyin.web import parcels
from huiyin.web.mediations import acts, papers
from huiyin.web.mediations.copy import at_table
from huiyin.web.mediations.finding import Found
from huiyin.web.mediations.shown import FREE
from huiyin.web.mediations.signing import signed
from huiyin.web.problems import Problem
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.sitting.refused import STALE, passes, words
from huiyin.web.staff.mediations.sitting.seats import Seat, Voice, house, mediating, seats
from huiyin.web.staff.orders import key

Req = Request[Any, Any, Any]

_MEDIATOR = "mediator"
_OTHER = "协议书在打开这一页以后改过了,刚才的签名没有记下。请把下面这一份重新读一遍,再签名。"
_GONE = "这份协议书的文字读不出来了(可能已按规定删除),不能再签名。请重新拟定,再请各方签名。"
_NONE = "还没有可以签的协议书。请先拟定协议,各方看过以后再签名。"


class Hand(Struct, frozen=True):
    """One of those who sign: `at` when they did; `voices` who may hold the pen."""

    key: str
    name: str
    side: str
    at: datetime | None
    voices: tuple[Voice, ...] = ()


def hands(one: Mediation, some: Sequence[Seat]) -> list[Hand]:
    """All who sign, in order: the parties, a mediator, the committee with its seal."""
    agreement = one.agreement
    assert agreement is not None

    def at(hand: str, party: str = "") -> datetime | None:
        mark = agreement.mark(hand, party)
        return mark.at if mark else None

    parties = [Hand(each.party, each.name, each.side, at("party", each.party), each.voices) for each in some]
    mediator = Hand(_MEDIATOR, "人民调解员", "主持调解", at(_MEDIATOR), (Voice("", "本人"),))
    return [*parties, mediator, Hand("committee", "人民调解委员会", "盖章", at("committee"))]


@get("/mediations/{number:str}/sign", include_in_schema=False)
async def page(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The document, who has signed it, and the pen for whoever is next."""
    return await _page(request, await mediating(request, number), request.query_params.get("who", ""))


async def _page(
    request: Req,
    found: Found,
    who: str,
    status: int = 200,
    said: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
) -> Response[bytes]:
    typed = {"said": said or {}, "wrong": wrong or {}, "refused": refused}
    known = {**_of(found.one), **await _signing(found, who), "house": await house(found)}
    fresh = {"number": found.one.number, "key": secrets.token_urlsafe(18), "free": FREE}
    return await windows.window(request, "mediation_sign.html", status, **typed, **known, **fresh)


def _of(one: Mediation) -> dict[str, Any]:
    """What is told of the document besides its words."""
    agreement = one.agreement
    return {
        "case": str(one.case) if one.case else "",
        "digest": agreement.digest if agreement else "",
        "copies": agreement.copies if agreement else 0,
        "marked": _marked(agreement),
        "effective": agreement.effective_at if agreement else None,
    }


async def _signing(found: Found, who: str) -> dict[str, Any]:
    """The document with those who signed it, who may sign now, and whose turn it is."""
    one, names = found.one, (await found.present()).names
    paper = await papers.marked(found.room, one)
    if paper is None:
        gone = one.agreement is not None and one.agreement.form == "written"
        return {"paper": None, "missing": _GONE if gone else _NONE, "signer": None}
    signers = hands(one, seats(one, names))
    waiting = [each for each in signers if each.at is None and each.voices] if one.state == "signing" else []
    signer = next((each for each in waiting if each.key == who), None)
    shown = at_table(paper, [line.party for line in one.lines], signer.key if signer else "")
    return {"paper": shown, "missing": "", "hands": signers, "waiting": waiting, "signer": signer}


def _marked(one: Agreement | None) -> list[str]:
    """The places of the paper that are signed."""
    return [":".join(filter(None, (mark.hand, mark.party or mark.by))) for mark in one.marks] if one else []


@post("/mediations/{number:str}/sign", include_in_schema=False, request_max_body_size=parcels.MOST)
async def give(request: Req, number: FromPath[str]) -> Response[Any]:
    """A mark with its picture. The digest is the one that was shown: another document since is refused."""
    await windows.parcel(request)
    one = await signed(request)
    who, said = one.said.get("who", ""), one.said
    found = await mediating(request, number)
    if one.wrong:
        return await _page(request, found, who, 422, said, one.wrong)
    if key(said) is None:
        return await _page(request, found, who, 422, said, refused=STALE)
    hand = {"hand": _MEDIATOR} if who == _MEDIATOR else {"hand": "party", "party": who, "by": said.get("by", "")}
    raw = msgspec.json.encode(one.body(found.room.clock(), **hand))
    try:
        await acts.give(request, number, "mark", raw, key(said), one.seen)
    except Problem as problem:
        passes(problem)
        refused = _OTHER if problem.code == "other-document" else words(problem)
        return await _page(request, await mediating(request, number), who, 409, {}, refused=refused)
    return windows.back(f"/mediations/{number}/sign", "done")


ROUTES = [page, give]
