"""A code that the party alone has seen (换查询码): the slip's went through the hands of whoever printed it."""

import hmac
import secrets
from typing import Any

from litestar import Request, Response, get, post

from huiyin.core import receipt as receipts
from huiyin.core.mediation.commands import RenewCode
from huiyin.orders import Mediating, Order
from huiyin.web.acts import SOURCE
from huiyin.web.mediations import acts, parties
from huiyin.web.mediations.own import doors, keys
from huiyin.web.mediations.own.mine import Mine
from huiyin.web.mediations.own.page import frame, looked
from huiyin.web.paint import page, see
from huiyin.web.problems import Problem
from huiyin.web.staff.windows import MOST

Req = Request[Any, Any, Any]


@get(f"{doors.MINE}/code", include_in_schema=False)
async def ask(request: Req) -> Response[bytes]:
    """A fresh code to be written down first: an answer that is lost on its way must lock nobody out."""
    if (it := await looked(request)) is None:
        return doors.shut(request)
    return _asked(request, it, receipts.show(parties.new_code()))


def _asked(request: Req, it: Mine, code: str, status: int = 200, wrong: str = "") -> Response[bytes]:
    known = {"code": code, "groups": code.split("-"), "seal": _seal(request, it.holder, code)}
    return page(request, "mediation_own_code.html", status, **frame(request, it), **known, wrong=wrong)


def _seal(request: Req, holder: keys.Holder, code: str) -> str:
    """That this code was made here by chance, for this session."""
    said = f"huiyin party code {holder.number} {holder.party} {holder.entry} {code}".encode()
    return hmac.digest(request.app.state.room.where.receipt_key, said, "sha256").hex()[:32]


@post(f"{doors.MINE}/code", include_in_schema=False, request_max_body_size=MOST)
async def renew(request: Req) -> Response[Any]:
    """From now on this one; who came with the one before is out, but for this browser."""
    if (it := await looked(request)) is None:
        return doors.shut(request)
    said = await keys.said(request, it.holder)
    code, seal = said.get("code", ""), said.get("seal", "")
    if not hmac.compare_digest(_seal(request, it.holder, code).encode(), seal.encode()):
        raise Problem("cross-origin")
    if said.get("read") != "yes":
        return _asked(request, it, code, 422, "请先抄好,再打勾。")
    value, (number, party) = receipts.read(code), (it.holder.number, it.holder.party)
    assert value is not None  # it was made here
    order = Mediating(number, RenewCode(party), codes=((party, value),))
    room = request.app.state.room
    acts.done(await room.mediate(Order(SOURCE, secrets.token_hex(16), f"party:{party}", order, role="party")))
    await keys.leave(request, it.holder, everywhere=True)  # the code before opens nothing: none of its pages is open
    answer = see(f"{doors.MINE}?said=code")
    answer.set_cookie(await keys.enter(request, number, party))
    return answer


ROUTES = [ask, renew]
