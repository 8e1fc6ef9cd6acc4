"""A party's page (我的调解): where it stands, what is asked of me, what was agreed, which other ways there are."""

import secrets
from typing import Any

from litestar import Request, Response, get
from msgspec import Struct

from huiyin.core.mediation.seen import Invitation, Paperwork
from huiyin.core.mediation.state import Owed
from huiyin.papers.opening import RIGHTS
from huiyin.web.mediations.own import doors, entries, keys
from huiyin.web.mediations.own.asks import cards, late, mediator
from huiyin.web.mediations.own.mine import Mine, mark, mine
from huiyin.web.mediations.own.past import past
from huiyin.web.mediations.shown import FREE, is_picture
from huiyin.web.paint import page, until
from huiyin.web.problems import Problem
from huiyin.web.room import Room

Req = Request[Any, Any, Any]

STAGES = ("同意", "受理", "调解", "签协议", "履行")
# What a 303 says; a word in the address, its sentence here.
SAID = {
    "consent": "您同意调解,已经记下。",
    "refuse": "您不同意调解,已经记下。这次调解到此为止。",
    "stop": "调解已经停止。",
    "notify-rights": "已经记下:您知道了权利和义务。",
    "empower": "委托已经登记。请带双方身份证到调解委员会核对。",
    "represent": "代表人已经登记。",
    "answer": "您的意见已经记下。改主意了,可以再答一次。",
    "reply": "已经答复。有变化,可以再答一次。",
    "mark": "您已经在协议书上签字。",
    "perform": "履行情况已经登记。",
    "sue": "已经登记:您已向法院起诉。",
    "deliver-routes": "已经记下:您知道了其他途径。",
    "code": "查询码换好了。旧的已经作废,以后用您抄下的新码。",
}


class Line(Struct, frozen=True):
    """One thing to be performed, as this side reads it."""

    item: str
    who: str
    what: str
    day: str
    place: str
    state: str
    mine: bool
    may: bool
    pictures: tuple[str, ...]


@get(doors.MINE, include_in_schema=False)
async def show(request: Req) -> Response[bytes]:
    """The party's own page; the session goes on with it."""
    if (it := await looked(request)) is None:
        return doors.shut(request)
    room: Room = request.app.state.room
    said = SAID.get(request.query_params.get("said", ""), "")
    known = {**frame(request, it), **facts(it), **await entries.facts(it), "past": await past(room, it)}
    known |= {"said": said, "mark": it.mark}
    answer = page(request, "mediation_own.html", **known)
    answer.set_cookie(await keys.again(request, it.holder))
    return answer


@get(f"{doors.MINE}/news", include_in_schema=False)
async def tidings(request: Req) -> Response[bytes]:
    """200 where the party would see something else than with `?v=`, 204 where not; of what, not a word."""
    holder = await keys.held(request)
    same = await mark(request.app.state.room, holder) == request.query_params.get("v")
    return Response(b"", status_code=204 if same else 200, media_type="text/plain")


async def looked(request: Req) -> Mine | None:
    """The case of the session; None without one."""
    holder = await keys.known(request)
    if holder is None:
        return None
    try:
        return await mine(request.app.state.room, holder)
    except Problem as problem:
        if problem.code != "unknown-receipt":
            raise
        return None


def frame(request: Req, it: Mine) -> dict[str, Any]:
    """What every page of a party shows: the session's mark, that it is free, how it may be left."""
    return {"it": it, "seen": it.seen, "now": it.now, "csrf": keys.mark(request, it.holder), "free": FREE}


# -- what is painted --------------------------------------------------------------------------------------


def facts(it: Mine) -> dict[str, Any]:
    """The page's own."""
    asked = cards(it)
    return {
        "stages": stages(it),
        "state": state(it),
        "first": asked[0] if asked else None,
        "keys": {one.key: secrets.token_urlsafe(18) for one in asked},
        "rights": RIGHTS,
        "others": asked[1:],
        "mediators": [mediator(it, one) for one in it.seen.mediators],
        "disclosed": [it.said(words) for words in it.seen.disclosed],
        "limit": it.due("mediate"),
        "sessions": [_session(it, one) for one in reversed(it.seen.sessions)],
        "paper": _paper(it, it.seen.agreement) if it.seen.agreement else None,
        "items": [_line(it, one) for one in it.seen.agreement.owed] if it.seen.agreement else [],
        "confirm": confirmation(it),
        "ways": ways(it),
        "agents": [(it.name(one.agent, "代理人"), one.special) for one in it.seen.mine.agents],
        "chosen": [it.name(one, f"第 {n} 位") for n, one in enumerate(it.seen.mine.representatives, 1)],
        "more": more(it),
    }


def stages(it: Mine) -> list[tuple[str, str]]:
    """The five stages, each `been`, `here` or neither."""
    here = _stage(it)
    return [(name, "been" if n < here else "here" if n == here else "") for n, name in enumerate(STAGES)]


def _stage(it: Mine) -> int:
    seen, last = it.seen, len(STAGES)
    match seen.state:
        case "applied":
            return 1 if seen.all_consented else 0
        case "accepted" | "signing":
            return 2 if seen.state == "accepted" else 3
        case "effective":
            return 4
        case "performed":
            return last
    if seen.agreement is not None and seen.agreement.effective_at is not None:
        return last
    return 2 if seen.case is not None else 0


def state(it: Mine) -> str:
    """Where it stands, in a sentence or two."""
    seen = it.seen
    match seen.state:
        case "applied" if seen.mine.consent is None:
            return "有人申请由人民调解委员会调解这件纠纷。先问各方愿不愿意,都愿意才调解。"
        case "applied":
            return "各方都同意了,等调解委员会受理。" if seen.all_consented else "您已同意,等其他各方答复。"
        case "accepted":
            return "已经受理,正在调解。"
        case "signing":
            return _signing(seen.agreement)
        case "effective":
            return "协议已经生效,请各方照约定做。"
        case "performed":
            return "约定的都做到了。"
    return _over(it)


def _signing(one: Paperwork | None) -> str:
    if one is None or not one.mine:
        return "协议书写好了,等您读完签字。"
    return f"您已签字。还差 {one.marks_missing} 个签名或者盖章,齐了就生效。"


def _over(it: Mine) -> str:
    """Ended, or filed."""
    filed = "卷宗已归档,这里只能查看。" if it.filed else ""
    if it.seen.ended is None:
        return f"协议已经生效,{filed}"
    return f"调解结束了:{it.word('reason', it.seen.ended)}。{filed}"


def _session(it: Mine, one: Invitation) -> dict[str, Any]:
    waits = not one.held and not one.adjourned
    return {
        "number": one.session,
        "at": one.at,
        "where": "在线参加" if one.online else it.said(one.venue) or it.body,
        "state": _sat(it, one),
        "open": waits and one.at > it.now and it.before_effect,
        "coming": it.word("coming", one.coming) if one.coming else "",
        "mine": [it.said(words) for words in one.said],
        "both": [it.said(words) for words in one.undisputed],
    }


def _sat(it: Mine, one: Invitation) -> str:
    if one.held:
        return "已开"
    if one.adjourned:
        return "改期或者取消"
    if not it.before_effect:
        return "没有开"
    return "要开" if one.at > it.now else "时间已过,等记录"


def _paper(it: Mine, one: Paperwork) -> dict[str, Any]:
    terms = one.terms
    parts = (
        ("主要事实", terms.facts),
        ("争议事项", terms.issues),
        ("各方责任", terms.responsibility),
        ("协议内容", terms.content),
    )
    return {
        "parts": [(name, it.said(words)) for name, words in parts if words is not None],
        "partial": terms.partial,
        "written": bool(one.digest),
        "digest": one.digest,
        "mine": one.mine,
        "missing": one.marks_missing,
        "effective": one.effective_at,
        "copies": one.copies,
    }


def _line(it: Mine, one: Owed) -> Line:
    item, day = one.item, one.item.until
    done = {"no": "还没有做", "part": "做了一部分", "whole": "做到了"}[one.done]
    if one.breached is not None and one.done != "whole":
        done = "到期没有做到,已告知其他途径"
    elif late(it, one):
        done += ",已经过了日子"
    return Line(
        item=item.item,
        who=f"{it.side(item.owes)}对{it.side(item.owed)}",
        what=it.said(item.words),
        day=f"{day.year}年{day.month}月{day.day}日以前",
        place=it.said(item.place),
        state=done if one.done != "no" or not it.before_effect else "",
        mine=item.owes == it.holder.party,
        may=it.in_effect and item.owed == it.holder.party and one.done != "whole",
        pictures=tuple(each.dossier for each in one.evidence if is_picture(each)),
    )


def confirmation(it: Mine) -> str:
    """What became of the court's confirmation; "" before the agreement has effect."""
    if it.seen.agreement is None or it.seen.agreement.effective_at is None:
        return ""
    last = it.due("confirm")
    said = {
        "open": f"各方可以一起向法院申请司法确认,最后一天到 {until(last)}。" if last else "",
        "applied": "各方已经一起向法院申请,等法院的结果。",
        "confirmed": "法院裁定协议有效:一方不照做,另一方可以直接申请强制执行。",
        "refused": "法院没有确认这份协议:可以改协议、重新调解,或者起诉。",
        "withdrawn": "司法确认的申请撤回了。",
        "lapsed": "一起申请司法确认的时间过了;协议照样有效,不照做的可以起诉。",
    }
    return said[it.seen.confirmation]


def ways(it: Mine) -> list[str]:
    """The other ways, of this case where it ended, always else."""
    some = it.seen.routes or ("court", "arbitration", "authority")
    return [it.word("routes", one) for one in some]


def more(it: Mine) -> list[tuple[str, str]]:
    """What this side may do besides: address, words."""
    found = []
    ask = f"{doors.MINE}/do"
    if it.before_effect or it.in_effect:
        found.append((f"{ask}/empower", "委托代理人"))
    if it.before_effect and it.seen.mine.kind == "group":
        found.append((f"{ask}/represent", "推选代表人"))
    if it.seen.state in ("accepted", "signing"):
        found.append((f"{ask}/answer?matter=extension", "时间不够,提出延长"))
    if it.before_effect:
        found.append((f"{ask}/answer?matter=open", "调解会公开还是不公开"))
    if it.seen.state == "accepted" and any(one.held for one in it.seen.sessions):
        found.append((f"{ask}/answer?matter=oral", "谈成了,只要口头约定"))
    if it.in_effect:
        found.append((f"{ask}/sue", "登记:我已经向法院起诉"))
    return found


ROUTES = [show, tidings]
