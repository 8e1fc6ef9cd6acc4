"""Drafting an agreement (拟定协议): looked over as it is typed, read as it will be printed, then laid on the table."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from huiyin.core.calendar import local
from huiyin.core.mediation.commands_agreed import Draft
from huiyin.core.mediation.terms import Finding
from huiyin.papers.blocks import Paper
from huiyin.store import vault
from huiyin.web.bodies import read
from huiyin.web.mediations import acts, bodies, papers, rehearsal
from huiyin.web.mediations.finding import Found
from huiyin.web.mediations.orders import ORDERS
from huiyin.web.mediations.refusals import REFUSALS
from huiyin.web.mediations.shown import FREE, MediationShown
from huiyin.web.pen import Pen
from huiyin.web.problems import Problem
from huiyin.web.staff import windows
from huiyin.web.staff.mediations.sitting import terms_form as form
from huiyin.web.staff.mediations.sitting.refused import STALE, passes, words
from huiyin.web.staff.mediations.sitting.seats import mediating, seats
from huiyin.web.staff.orders import key

Req = Request[Any, Any, Any]

_VOID = "已经有人签了现在这一份。重新拟定以后,这些签名都作废,要重新签;请先告诉各方,再勾选。"
_INSIST = "有不明确的用语。请按提示写明;各方坚持这样写的,向各方说明以后勾选“各方坚持”。"
_READ_AGAIN = "内容在预览以后改过了。请把下面这一份再读一遍。"


@get("/mediations/{number:str}/draft", include_in_schema=False)
async def page(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The form: as it was drafted last, else with what both sides said."""
    found = await mediating(request, number)
    return await _page(request, found, _begun(await found.present()))


def _begun(shown: MediationShown) -> dict[str, str]:
    agreement = shown.sight["agreement"]
    if agreement is not None and agreement["form"] == "written":
        return form.filled(agreement["terms"])
    held = [one["held"] for one in shown.sight["sessions"] if one["held"]]
    return {"facts": "\n".join(words for one in held for words in one["undisputed"] if words)}


async def _page(
    request: Req,
    found: Found,
    said: Mapping[str, str],
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
    paper: Paper | None = None,
) -> Response[bytes]:
    rules = (await found.room.mediations()).rules
    stopped = "" if refused or paper else rehearsal.refusal(found, rules, "draft", found.room.clock())
    return await windows.window(
        request,
        "mediation_draft.html",
        status,
        **await _known(found, said),
        again=paper is not None or status != 200,
        wrong=wrong or {},
        refused=refused,
        stopped=REFUSALS.get(stopped, "") + "。" if stopped else "",
        paper=paper,
    )


async def _known(found: Found, said: Mapping[str, str]) -> dict[str, Any]:
    """The form with what was typed, and what is to be mended in it."""
    shown, one = await found.present(), found.one
    some = seats(one, shown.names)
    return {
        "number": one.number,
        "case": shown.case,
        "seats": some,
        "texts": form.TEXTS,
        "manners": form.MANNERS,
        "elements": form.ELEMENTS,
        "items": form.padded(form.items(said), some[0].party, some[-1].party),
        "most": form.MOST,
        "said": said,
        "findings": await _findings(found, said),
        "marks": _marks(found),
        "copies": len(one.lines) + 1,
        "key": secrets.token_urlsafe(18),
        "free": FREE,
    }


async def _findings(found: Found, said: Mapping[str, str]) -> dict[str, tuple[Finding, ...]]:
    """Field → what is to be mended in it."""
    return {name: some for name, text in form.looked_at(said).items() if (some := await acts.check(found.room, text))}


def _marks(found: Found) -> int:
    """How many marks another document would void."""
    return len(found.one.agreement.marks) if found.one.agreement else 0


@post("/mediations/{number:str}/drafting", include_in_schema=False, request_max_body_size=windows.MOST)
async def give(request: Req, number: FromPath[str]) -> Response[Any]:
    """Looked over and shown as a paper; sealed only where it is the very paper that was shown."""
    said = await windows.said(request)
    found = await mediating(request, number)
    if wrong := await _wrong(found, said):
        return await _page(request, found, said, 422, wrong)
    raw = msgspec.json.encode(form.body(said))
    try:
        paper = await preview(found, raw)
        if said.get("do") != "seal" or not hmac.compare_digest(said.get("seen", "").encode(), paper.digest.encode()):
            told = _READ_AGAIN if said.get("do") == "seal" else ""
            return await _page(request, found, said, 200, refused=told, paper=paper)
        if (last := key(said)) is None:
            return await _page(request, found, said, 422, refused=STALE)
        await acts.give(request, number, "draft", raw, last)
    except Problem as problem:
        passes(problem)
        return await _page(request, found, said, 409, refused=words(problem))
    return windows.back(f"/mediations/{number}/sign", sent=last)


async def _wrong(found: Found, said: Mapping[str, str]) -> dict[str, str]:
    """All that keeps a draft from being laid on the table, field by field."""
    wrong = form.faults(said, [line.party for line in found.one.lines], local(found.room.clock()))
    findings = await _findings(found, said)
    for name, some in findings.items():
        unlawful = [word for one in some if one.kind == "unlawful" for word in one.words]
        if unlawful:
            wrong.setdefault(name, f"不得写{'、'.join(f'“{one}”' for one in unlawful)},请按提示修改。")
    vague = any(one.kind == "vague" for some in findings.values() for one in some)
    if vague and said.get("insist") != "yes":
        wrong["insist"] = _INSIST
    if _marks(found) and said.get("void") != "yes":
        wrong["void"] = _VOID
    return wrong


async def preview(found: Found, raw: bytes) -> Paper:
    """The paper that an order would lay on the table; nothing of it is kept."""
    pen = Pen(found.room.seal, found.one.number)
    draft = bodies.filled(Draft, read(raw, ORDERS["draft"].body), pen, digest="")
    await papers.drafted(found, draft.terms, pen)
    _, sealed = pen.kept[-1]
    return msgspec.json.decode(vault.decode(found.room.seal.open(sealed)).text, type=Paper)


ROUTES = [page, give]
