"""Looking and telling by form (查看、告知、劝阻记录): one full value after its step, a notice, a record to print."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from huiyin.story import Teller
from huiyin.web import dissuasions, dossiers, notices
from huiyin.web.cases import find
from huiyin.web.problems import Problem
from huiyin.web.staff import called, forms, windows
from huiyin.web.staff.forms import FORMS
from huiyin.web.staff.orders import after, again, shown

Req = Request[Any, Any, Any]


@get("/tickets/{number:str}/do/reveal", include_in_schema=False)
async def ask_look(request: Req, number: FromPath[str]) -> Response[bytes]:
    """Which field, and what for."""
    return await shown(request, number, "reveal")


@post("/tickets/{number:str}/reveal", include_in_schema=False)
async def look(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The value on a page that is not kept; never in an address."""
    said, form = await windows.said(request), FORMS["reveal"]
    if wrong := forms.faults(form, said):
        return await shown(request, number, "reveal", 422, said, wrong)
    try:
        case = await find(request, number)
        found = await dossiers.look(case, _read(said, dossiers.Look, form))
    except Problem as problem:
        return await again(request, number, "reveal", problem, said)
    return await windows.window(
        request,
        "revealed.html",
        number=number,
        field=found.field,
        what=called.word("field", found.field),
        value=found.value,
        purpose=called.word("purpose", said["purpose"]),
    )


@get("/tickets/{number:str}/do/notice", include_in_schema=False)
async def ask_notice(request: Req, number: FromPath[str]) -> Response[bytes]:
    """To whom, and the document itself."""
    return await shown(request, number, "notice")


@post("/tickets/{number:str}/notice", include_in_schema=False, request_max_body_size=windows.MOST)
async def notice(request: Req, number: FromPath[str]) -> Response[Any]:
    """Scanned and released, or what is wrong with it."""
    said, form = await windows.said(request), FORMS["notice"]
    if wrong := forms.faults(form, said):
        return await shown(request, number, "notice", 422, said, wrong)
    try:
        await notices.send(await find(request, number), _read(said, notices.Release, form))
    except Problem as problem:
        return await again(request, number, "notice", problem, said)
    return await after(request, number)


@get("/tickets/{number:str}/dissuasions", include_in_schema=False)
async def record(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The record of dissuasion, to print and to hand over."""
    case = await find(request, number)
    teller = Teller(await case.room.rules())
    found = await dissuasions.told(case)
    posts = {one.post: teller.post(one.post, case.ticket) for one in found.records}
    return await windows.window(request, "dissuasions.html", number=number, it=found, who=posts)


def _read(said: dict[str, str], shape: type[Any], form: forms.Form) -> Any:
    try:
        return msgspec.convert(forms.sent(form, said), shape)
    except msgspec.ValidationError:
        raise Problem("wrong-type") from None


ROUTES = [ask_look, look, ask_notice, notice, record]
