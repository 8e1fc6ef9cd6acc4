"""The pictures of one's own complaint (我的照片), by receipt."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from huiyin.web import pictures
from huiyin.web.receipts import look_up, number

Req = Request[Any, Any, Any]


@get("/r/{receipt:str}/pictures/{ref:str}", include_in_schema=False)
async def picture(request: Req, receipt: FromPath[str], ref: FromPath[str]) -> Response[bytes]:
    """One that the resident sent, or that shows what was done."""
    _, known = await look_up(request.app.state.room, number(receipt))
    return await pictures.answer(request, ref, pictures.residents(known.found.history if known.found else ()))
