"""On the receipt's page (办理情况): urge, add something, say that one is under pressure."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from huiyin.core import receipt as receipts
from huiyin.web import bodies, floods, parcels, voices
from huiyin.web.paint import see
from huiyin.web.problems import Problem
from huiyin.web.receipts import known_by, number
from huiyin.web.residents import forms
from huiyin.web.residents.tracking import asked_first, refused, shown_again

Req = Request[Any, Any, Any]

ADDITION = 2_000


@post("/r/{receipt:str}/urge", include_in_schema=False, request_max_body_size=forms.MOST)
async def urge(request: Req, receipt: FromPath[str]) -> Response[Any]:
    """Whoever has it is reminded."""
    said = await forms.read(request)
    try:
        await voices.hurry(request, number(receipt), said.get("key") or None)
    except Problem as problem:
        return await refused(request, receipt, problem)
    return _back(receipt, "urge")


@post("/r/{receipt:str}/add", include_in_schema=False, request_max_body_size=parcels.MOST)
async def add(request: Req, receipt: FromPath[str]) -> Response[Any]:
    """More words; the form again where something is wrong with them."""
    floods.looked(request)
    forms.from_here(request)
    try:  # before its pictures are looked at: a number that is none costs nothing
        await known_by(request.app.state.room, number(receipt))
    except Problem as problem:
        return await refused(request, receipt, problem)
    said = await forms.read(request)
    words, (wrong, taken) = said.get("addition", ""), await forms.pictured(request, {})
    if not words and not (wrong or taken):
        wrong["addition"] = "请写下要补充的情况,或选照片。"
    if len(words) > ADDITION:
        wrong["addition"] = f"太长了:最多 {ADDITION} 字,现在 {len(words)} 字。"
    if wrong:
        return await shown_again(request, receipt, said, wrong)
    try:
        body = bodies.Addition(words or "见照片。")
        await voices.amend(request, number(receipt), body, said.get("key") or None, taken)
    except Problem as problem:
        return await refused(request, receipt, problem)
    return _back(receipt, "add")


@get("/r/{receipt:str}/pressure", include_in_schema=False)
async def ask_pressure(request: Req, receipt: FromPath[str]) -> Response[Any]:
    """What happens then, said before: it cannot be undone."""
    return await asked_first(request, receipt, "pressure.html", lambda shown: shown.can_report_pressure)


@post("/r/{receipt:str}/pressure", include_in_schema=False, request_max_body_size=forms.MOST)
async def pressure(request: Req, receipt: FromPath[str]) -> Response[Any]:
    """To the street, at once."""
    said = await forms.read(request)
    try:
        await voices.shelter(request, number(receipt), said.get("key") or None)
    except Problem as problem:
        return await refused(request, receipt, problem)
    return _back(receipt, "pressure")


def _back(receipt: str, said: str) -> Response[Any]:
    return see(f"/r/{receipts.show(number(receipt))}?said={said}")
