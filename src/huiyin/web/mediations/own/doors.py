"""The parties' door (凭调解查询码进入): the code goes into a form, never into an address, and a cookie comes back."""

from typing import Any

from litestar import Request, Response, get, post

from huiyin.web.mediations.own import keys
from huiyin.web.paint import page, see
from huiyin.web.problems import CODES, Problem
from huiyin.web.residents import forms

Req = Request[Any, Any, Any]

MINE = "/mediation/mine"
_MOST = 16 * 1024
_MISTYPED = "这个查询码里至少有一位数字不对。请对照交给您的那张纸再看一遍:一共十六位数字,四位一组。"
_UNKNOWN = "没有这个查询码。换过新码的,旧码就不能用了;请用最后一次交给您的那个,或者联系调解委员会。"
_WRONG = {"receipt-mistyped": _MISTYPED, "unknown-receipt": _UNKNOWN}


@get("/mediation", include_in_schema=False)
async def ask(request: Req) -> Response[bytes]:
    """One field for the code; who is in already may go on."""
    return asked(request, inside=await keys.known(request) is not None)


@post("/mediation", include_in_schema=False, request_max_body_size=_MOST)
async def enter(request: Req) -> Response[Any]:
    """To the party's page, or what is wrong with the code, which stands there to be put right."""
    typed = (await forms.read(request)).get("code", "")
    if not typed:
        return asked(request, "请输入查询码。", 422)
    try:
        cookie = await keys.enter(request, *await keys.shown(request, typed))
    except Problem as problem:
        if problem.code not in _WRONG and problem.code != "too-many-codes":
            raise
        words = _WRONG.get(problem.code) or CODES[problem.code][1] + "。"
        return asked(request, words, CODES[problem.code][0], typed[:64])
    answer = see(MINE)
    answer.set_cookie(cookie)
    return answer


@post("/mediation/leave", include_in_schema=False, request_max_body_size=_MOST)
async def leave(request: Req) -> Response[Any]:
    """The session is over, here and for whoever copied its cookie; with `all` every one that the code opened is."""
    forms.from_here(request)
    everywhere = False
    if (holder := await keys.known(request)) is not None:
        everywhere = "all" in await keys.said(request, holder)
        await keys.leave(request, holder, everywhere=everywhere)
    answer = see(f"/mediation?left={'all' if everywhere else 'here'}")
    answer.set_cookie(keys.gone(request))
    return answer


def asked(
    request: Req, wrong: str = "", status: int = 200, typed: str = "", *, inside: bool = False
) -> Response[bytes]:
    """The page that asks for the code."""
    left = request.query_params.get("left", "")
    known = {"wrong": {"code": wrong} if wrong else {}, "typed": typed, "inside": inside, "left": left}
    return page(request, "mediation_own_ask.html", status, **known)


def shut(request: Req) -> Response[bytes]:
    """The same where somebody has no session, or none any more: nothing of the case is said."""
    answer = asked(request, CODES["code-first"][1] + "。", CODES["code-first"][0])
    answer.set_cookie(keys.gone(request))
    return answer


ROUTES = [ask, enter, leave]
