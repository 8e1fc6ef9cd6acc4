"""Pictures of a mediation (调解照片): a signed page, a receipt; they go with an order, and are shown by sight."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from huiyin.core.words import Sealed
from huiyin.store.pictures import Kept, Picture
from huiyin.web import attaching, parcels, pictures
from huiyin.web.mediations.finding import Found, find
from huiyin.web.mediations.shown import is_picture, references
from huiyin.web.problems import CODES, Problem, spec

# Orders that take pictures: the field of the command that refers to them.
FIELDS = {"mark": "image", "perform": "evidence", "enclose": "pages"}
_ONE = frozenset(("mark",))  # one page, signed
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
CODES["one-picture"] = (422, "这里只能附一张照片,请把签字页拍在一张里")

Req = Request[Any, Any, Any]


def most(name: str) -> int:
    """How many an order takes; 0 for none."""
    return 0 if name not in FIELDS else 1 if name in _ONE else parcels.PICTURES


async def taken(request: Req, name: str) -> Sequence[Picture]:
    """Those of a form (multipart) that was sent with an order, developed; raises Problem(field="picture")."""
    some = await attaching.taken(request) if name in FIELDS else ()
    if len(some) > most(name):
        raise Problem("one-picture", field="picture")
    return some


async def sent(request: Req, name: str) -> tuple[bytes, Sequence[Picture]]:
    """An order over the API: plain JSON; or a form with the JSON in `order` and files in `picture`."""
    if name not in FIELDS or "multipart/form-data" not in request.headers.get("content-type", ""):
        return await request.body(), ()
    some = await taken(request, name)
    return dict((await parcels.opened(request)).pairs).get("order", "").encode(), some


def field(name: str, kept: Sequence[Kept]) -> dict[str, Any]:
    """The command's field that refers to its pictures; {} for an order that takes none, or one that has none."""
    words = tuple(one.word for one in kept)
    if name in _ONE:
        return {FIELDS[name]: words[0]} if words else {}
    return {FIELDS[name]: words} if name in FIELDS else {}


def of(found: Found) -> list[Sealed]:
    """Those that somebody may see: what their allow-list refers to."""
    return [one for one in references(found.seen) if is_picture(one)]


async def answer(request: Req, found: Found, ref: str) -> Response[bytes]:
    """One of them as a JPEG, `?size=small` for a list; raises Problem("not-found") for any other."""
    some = [pictures.Shown(one.dossier, one.sealed, "evidence", _NO_TIME, "") for one in of(found)]
    return await pictures.answer(request, ref, some)


@get("/mediations/{number:str}/pictures/{ref:str}", include_in_schema=False)
async def photo(request: Req, number: FromPath[str], ref: FromPath[str]) -> Response[bytes]:
    """In the browser."""
    return await answer(request, await find(request, number), ref)


@get(
    "/api/v1/mediations/{number:str}/pictures/{ref:str}",
    summary="一张照片",
    description="签字页、履行凭据等。size=small 是小图。只给看得到它的人。",
    tags=["人民调解"],
    operation_id="pictureOfMediation",
    media_type="image/jpeg",
    responses=spec("not-found", "log-in-first", "not-your-role", "database-away"),
)
async def picture(request: Req, number: FromPath[str], ref: FromPath[str]) -> Response[bytes]:
    """Over the API."""
    return await answer(request, await find(request, number), ref)


ROUTES = [photo, picture]
