"""The screen on the table (桌面): what two families may read at once, and nothing that one of them may not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.mediation import Mediation
from huiyin.core.mediation.kinds import Route, Terms
from huiyin.core.mediation.seen import PartySight, for_party
from huiyin.core.words import Sealed
from huiyin.web.mediations.shown import FREE
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.sitting.seats import house, mediating, seats

Req = Request[Any, Any, Any]

RULES = (
    "一次一个人说话,别人说完再说。",
    "说事情,不说难听的话。",
    "只谈今天这一件事。",
    "可以随时休息,也可以随时停下来。",
    "谈不成,各人的权利一样也不少。",
)
_WAY = ("同意调解", "告知权利义务", "商量", "协议", "签名", "生效")
_NEXT = (
    "每一方都同意以后,才开始调解。",
    "先由调解员讲明各方的权利和义务。",
    "每一方把话说完,再一起找办法。",
    "把谈好的写成协议,一条一条写明白。",
    "请各方把协议从头到尾读一遍,没有异议再签名。",
    "协议已经生效,请各方按约定履行。",
)
_ROUTES: dict[Route, str] = {"court": "到人民法院起诉", "arbitration": "申请仲裁", "authority": "请求行政机关处理",
                             "police": "由公安机关处理"}  # fmt: skip


class Table(Struct, frozen=True):
    """What every party sees through its own door: the parts of `PartySight` that are all parties' alike."""

    open: bool
    undisputed: tuple[Sealed, ...]
    terms: Terms | None
    copies: int
    marks_missing: int
    effective_at: datetime | None
    next_at: datetime | None
    online: bool
    routes: tuple[Route, ...]
    ended: bool
    stage: int


def table(one: Mediation) -> Table:
    """Made of the parties' own sights, so that it cannot show what one of them does not see."""
    sights = [sight for line in one.lines if (sight := for_party(one, line.party))]
    any_ = sights[0]
    paper = any_.agreement
    planned = [each for each in any_.sessions if not each.held and not each.adjourned]
    facts = [words for each in any_.sessions for words in each.undisputed]
    return Table(
        open=any_.open,
        undisputed=tuple(facts),
        terms=paper.terms if paper else None,
        copies=paper.copies if paper else 0,
        marks_missing=paper.marks_missing if paper else 0,
        effective_at=paper.effective_at if paper else None,
        next_at=planned[0].at if planned else None,
        online=bool(planned and planned[0].online),
        routes=any_.routes,
        ended=any_.ended is not None,
        stage=_stage(sights),
    )


def _stage(sights: Sequence[PartySight]) -> int:
    """How far the way is gone, as a number of _WAY."""
    one = sights[0]
    if one.agreement and one.agreement.effective_at:
        return 5
    if one.state == "signing":
        return 4
    if not all(each.mine.consent for each in sights):
        return 0
    return 1 if any(each.mine.notice is None for each in sights) else 2


@get("/mediations/{number:str}/table", include_in_schema=False)
async def page(request: Req, number: FromPath[str]) -> Response[bytes]:
    """For the mediator's tablet, turned towards the families."""
    found = await mediating(request, number)
    shown = await replace(found, seen=table(found.one)).present()
    sight = shown.sight
    return await windows.window(
        request,
        "mediation_table.html",
        number=number,
        case=shown.case,
        house=await house(found),
        seats=seats(found.one, shown.names),
        names=shown.names,
        it=sight,
        way=_WAY,
        next=_NEXT[sight["stage"]],
        rules=RULES,
        routes=[_ROUTES[one] for one in sight["routes"]],
        free=FREE,
    )


ROUTES = [page]
