"""A party's session (当事人会话): the code is typed once, then a cookie opens one side of one case and nothing else."""

import hmac
import re
import time
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie
from msgspec import Struct
from msgspec.structs import replace

from huiyin import entering
from huiyin.core.entry import Way
from huiyin.desk import Away
from huiyin.store import mediation_people
from huiyin.web.floods import where
from huiyin.web.mediations import parties
from huiyin.web.parcels import opened
from huiyin.web.problems import CODES, Problem
from huiyin.web.residents.forms import from_here
from huiyin.web.room import Room
from huiyin.web.who import secure

Req = Request[Any, Any, Any]

COOKIE = "huiyin_party"
IDLE, LONGEST = 2 * 3600, 12 * 3600  # seconds: since the last page, and since the code was typed
TRIES = 30  # wrong codes that a network may show in an hour
PARCELS = 60  # forms with pictures that a party may send in an hour
ELSEWHERE = 300  # what it may type where receipts are asked for, and which is looked at whether it is a code
ENTRIES = 60  # how often an hour one party's code may be typed
_TOKEN = re.compile(
    r"(TJ[0-9]{9,15})\.([A-Za-z0-9_-]{1,32})\.([0-9a-f]{8})\.([0-9]{1,12})\.([0-9]{1,12})\.([0-9a-f]{64})"
)

CODES["code-first"] = (403, "请先输入调解查询码:太久没有操作,或者换了新的查询码,就要重新输入")
CODES["other-code"] = (403, "这一页是上一次进入时打开的,刚才没有办;请回到“我的调解”,看清是哪一件再办")
CODES["too-many-codes"] = (429, "查询码试错的次数太多,请过一会儿再试;急用请联系调解委员会")
CODES["too-many-parcels"] = (429, "照片传得太多,请过一会儿再传;急用请把照片交给调解员")


class Holder(Struct, frozen=True):
    """Who showed a party's code, as which entry of its log, and when (seconds since 1970: sessions go by real time)."""

    number: str
    party: str
    entry: str
    began: int
    seen: int


def now() -> int:
    """Real time, whatever the house's clock says."""
    return int(time.time())


# -- the code ---------------------------------------------------------------------------------------------


async def shown(request: Req, code: str) -> tuple[str, str]:
    """(mediation, party) of a code however it was typed; a network that shows many wrong ones waits."""
    room: Room = request.app.state.room
    network = where(request)
    if room.rates.level("party", network, TRIES) > TRIES - 1:
        raise Problem("too-many-codes", headers={"Retry-After": "120"})
    try:
        return await parties.who_holds(room, code)
    except Problem as problem:
        if problem.code == "unknown-receipt":
            room.rates.count("party", network, TRIES)
        raise


def paced(request: Req, number: str, party: str) -> None:
    """One more form of a party that may have pictures, before they are looked at; raises Problem beyond its bound."""
    room: Room = request.app.state.room
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return
    if room.rates.count("party parcels", f"{number} {party}", PARCELS) > PARCELS:
        raise Problem("too-many-parcels", headers={"Retry-After": "120"})


async def elsewhere(request: Req, typed: str) -> Cookie | None:
    """The cookie of a party that typed its code where receipts are asked for: it must not get into an address."""
    room: Room = request.app.state.room
    if room.rates.count("party elsewhere", where(request), ELSEWHERE) > ELSEWHERE:
        return None
    try:
        who = await parties.who_holds(room, typed)
    except (Problem, Away):
        return None
    return await enter(request, *who)


async def enter(request: Req, number: str, party: str) -> Cookie:
    """The cookie of a party that just showed its code, which is written down before anything is opened; the session
    that this browser had is left."""
    room: Room = request.app.state.room
    if room.rates.count("party entries", f"{number} {party}", ENTRIES) > ENTRIES:
        raise Problem("too-many-codes", headers={"Retry-After": "120"})
    at, way = room.clock(), _way(request)
    entry = await room.write(lambda c: entering.enter(c, number, party, way, at))
    if (before := await known(request)) is not None:
        await leave(request, before)
    return await _minted(request, Holder(number, party, entry, now(), now()))


async def by_program(request: Req, code: str) -> tuple[str, str]:
    """(mediation, party) of a code that comes with a question of a program; written down once an hour."""
    number, party = await shown(request, code)
    room: Room = request.app.state.room
    at = room.clock()
    if not entering.lately(await room.ask(lambda c: entering.entries(c, number, party)), "program", at):
        await room.write(lambda c: entering.enter(c, number, party, "program", at))
    return number, party


async def leave(request: Req, holder: Holder, *, everywhere: bool = False) -> None:
    """The session is over here, however often its cookie was copied; or wherever the party's code opened one."""
    room: Room = request.app.state.room
    at, ident = room.clock(), None if everywhere else holder.entry
    await room.write(lambda c: entering.leave(c, holder.number, holder.party, ident, at))


def _way(request: Req) -> Way:
    """What the browser says it is: enough for a party to say whether that was itself."""
    said = request.headers.get("sec-ch-ua-mobile") == "?1" or "Mobile" in request.headers.get("user-agent", "")
    return "phone" if said else "computer"


# -- the cookie -------------------------------------------------------------------------------------------


async def known(request: Req) -> Holder | None:
    """Whose session the browser shows; None for none, one that is over or was left, or one of a code that was renewed
    since."""
    match = _TOKEN.fullmatch(request.cookies.get(cookie_name(request), ""))
    if match is None:
        return None
    holder = Holder(match[1], match[2], match[3], int(match[4]), int(match[5]))
    if not (now() - IDLE < holder.seen and now() - LONGEST < holder.began):
        return None
    if not hmac.compare_digest(await _proof(request, holder), match[6]) or not await _open(request, holder):
        return None
    request.scope["huiyin"] = {"id": holder.number}  # type: ignore[typeddict-unknown-key]  # for the log line
    return holder


async def held(request: Req) -> Holder:
    """The same; raises Problem("code-first") without one."""
    if (holder := await known(request)) is None:
        raise Problem("code-first")
    return holder


async def again(request: Req, holder: Holder) -> Cookie:
    """The session goes on: the cookie with the moment of this page."""
    return await _minted(request, replace(holder, seen=now()))


def gone(request: Req) -> Cookie:
    """An empty cookie in the place of the session's."""
    return _cookie(request, "", 0)


def cookie_name(request: Req) -> str:
    """With TLS under a name that no other host and no plain page can set (`__Host-`)."""
    return f"__Host-{COOKIE}" if secure(request) else COOKIE


async def _minted(request: Req, holder: Holder) -> Cookie:
    moments = str(holder.began), str(holder.seen)
    fields = (holder.number, holder.party, holder.entry, *moments, await _proof(request, holder))
    return _cookie(request, ".".join(fields), IDLE)


def _cookie(request: Req, value: str, seconds: int) -> Cookie:
    name, safe = cookie_name(request), secure(request)
    return Cookie(key=name, value=value, max_age=seconds, httponly=True, samesite="strict", secure=safe, path="/")


async def _proof(request: Req, holder: Holder) -> str:
    """Keyed, over the code as it is kept: the next code ends every session of the one before."""
    room: Room = request.app.state.room
    code = await room.ask(lambda c: mediation_people.code_of(c, holder.number, holder.party))
    who = f"{holder.number} {holder.party} {holder.entry}"
    said = f"huiyin party {who} {holder.began} {holder.seen} ".encode()
    return hmac.digest(room.where.receipt_key, said + (code or b""), "sha256").hex()


async def _open(request: Req, holder: Holder) -> bool:
    """Whether nobody left by it yet."""
    room: Room = request.app.state.room
    some = await room.ask(lambda c: entering.entries(c, holder.number, holder.party))
    return any(one.ident == holder.entry and one.left is None for one in some)


# -- forms ------------------------------------------------------------------------------------------------


def mark(request: Req, holder: Holder) -> str:
    """The session's own mark (CSRF token) for its forms."""
    room: Room = request.app.state.room
    said = f"huiyin party csrf {holder.number} {holder.party} {holder.entry} {holder.began}".encode()
    return hmac.digest(room.where.receipt_key, said, "sha256").hex()[:32]


async def said(request: Req, holder: Holder) -> dict[str, str]:
    """A form's fields, the last of each; raises Problem where another site sent it, or it lacks the session's mark:
    it may be that of a session before."""
    from_here(request)
    found = dict((await opened(request)).pairs)
    if not hmac.compare_digest(mark(request, holder).encode(), found.get("csrf", "").encode()):
        raise Problem("other-code")
    return found
