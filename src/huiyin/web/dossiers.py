"""Whose complaint it is (身份与原文): what the masking table shows, and one full look after its step is kept."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from huiyin.core import masks, telltale
from huiyin.core.commands import View
from huiyin.core.masks import Field, Purpose
from huiyin.desk import Change
from huiyin.store import vault
from huiyin.store.lists import Entry
from huiyin.web.cases import Case, Req, find, room_of
from huiyin.web.problems import Problem, spec
from huiyin.web.scans import known_of

RELAYED = "经平台转接"
_COMMON = ("log-in-first", "not-your-role", "database-away")


class WordsShown(Struct, frozen=True):
    """What was said at a later step; masked as the case's own words are."""

    version: int
    step: str
    at: datetime
    actor: Annotated[str, Meta(description="岗位,不是个人")]
    text: str


class DossierShown(Struct, frozen=True):
    """Who complained and what they wrote, as far as this viewer may know now."""

    number: str
    name: Annotated[str | None, Meta(description="化名、张* 或全名,依岗位而定", examples=["居民甲3F0A"])]
    phone: Annotated[str | None, Meta(description="138****5678 或“经平台转接”", examples=["138****5678"])]
    place: Annotated[str | None, Meta(description="楼栋、单元或完整住址,依岗位而定", examples=["3栋2单元"])]
    title: str | None
    text: str | None
    masked: Annotated[bool, Meta(description="原文和后续文字是否已遮盖(▇)")]
    reveal: Annotated[list[Field], Meta(description="可以查看全值的项目;每次查看记入日志并告知居民")]
    words: list[WordsShown]


class Look(Struct, frozen=True, forbid_unknown_fields=True):
    """One full value, and what it is needed for."""

    field: Field
    purpose: Purpose


class Revealed(Struct, frozen=True):
    """The full value; null where the resident gave none, or it was erased."""

    field: Field
    value: str | None


@get(
    "/api/v1/tickets/{number:str}/dossier",
    summary="诉求人与原文",
    description="按岗位和是否承办遮盖;不含未经登记查看的联系方式。",
    tags=["工作人员"],
    operation_id="readDossier",
    responses=spec("not-found", *_COMMON),
)
async def one(request: Req, number: FromPath[str]) -> DossierShown:
    """By the masking table, nothing revealed."""
    return await told(await find(request, number))


async def told(case: Case) -> DossierShown:
    """What a case shows of who complained."""
    dossier = await case.dossier()
    level, known = case.level("text"), known_of(dossier)

    def shown(said: str | None) -> str | None:
        return None if said is None or level == "nothing" else said if level == "full" else telltale.masked(said, known)

    return DossierShown(
        case.ticket.number,
        _name(case, dossier),
        _phone(case, dossier),
        _place(case, dossier),
        shown(dossier.title),
        shown(dossier.text or None),
        level != "full",
        [part for part in _FIELDS if _may(case, part, dossier)],
        [] if level == "nothing" else [msgspec.structs.replace(w, text=shown(w.text)) for w in await _said(case)],
    )


_FIELDS: tuple[Field, ...] = ("name", "phone", "room")


def _may(case: Case, part: Field, dossier: vault.Dossier) -> bool:
    """Who asked to stay unnamed stays so."""
    if part == "name" and dossier.anonymous:
        return False
    return masks.revealable(case.viewer.role, part, assigned=case.assigned)


def _name(case: Case, dossier: vault.Dossier) -> str | None:
    level = case.level("name")
    if level == "nothing":
        return None
    if level in ("masked", "full") and dossier.name and not dossier.anonymous:
        return dossier.name if level == "full" else telltale.name(dossier.name)
    return masks.alias(case.ticket.number)


def _phone(case: Case, dossier: vault.Dossier) -> str | None:
    level = case.level("phone")
    if level == "nothing" or not dossier.phone:
        return None
    return RELAYED if level == "relay" else telltale.phone(dossier.phone)


def _place(case: Case, dossier: vault.Dossier) -> str | None:
    level, spot = case.level("room"), case.ticket.spot
    if level == "nothing":
        return None
    parts = [spot.building, spot.unit if level in ("unit", "full") else None]
    return "".join(part for part in (*parts, room_of(dossier) if level == "full" else None) if part) or None


async def _said(case: Case) -> list[WordsShown]:
    """The words of every later step that has some, oldest first; what was erased is left out."""
    spoken: list[tuple[Entry, str, dict[str, str]]] = []
    for entry in case.history:
        leaf = msgspec.json.decode(entry.body, type=_Leaf)
        sealed = (leaf.data.words, leaf.data.evidence, leaf.data.plan)
        spoken += [(entry, leaf.actor, one) for one in sealed if isinstance(one, dict)]
    opened = await case.room.vaults.read_all([(one["dossier"], one["sealed"]) for _, _, one in spoken])
    rows = zip(spoken, opened, strict=True)
    return [
        WordsShown(entry.version, entry.step, entry.at, actor, kept.text) for (entry, actor, _), kept in rows if kept
    ]


class _Words(Struct, frozen=True):
    """Where a step keeps people's words: a reference with its hash (elsewhere `words` are the catalogue's)."""

    words: Any = None
    evidence: Any = None
    plan: Any = None


class _Leaf(Struct, frozen=True):
    actor: str
    data: _Words


# -- one full look ----------------------------------------------------------------------------------------


@post(
    "/api/v1/tickets/{number:str}/reveal",
    status_code=200,
    summary="查看一项完整信息",
    description="先记入办理日志(谁、哪一项、为什么)并告知居民,再显示;每次查看一条记录。",
    tags=["工作人员"],
    operation_id="revealContact",
    responses=spec("not-found", "wrong-type", "not-revealed", "not-your-ticket", "recused", "closed-ticket", *_COMMON),
)
async def reveal(request: Req, number: FromPath[str], data: JSONBody[Look]) -> Revealed:
    """One look, one step."""
    return await look(await find(request, number), data)


async def look(case: Case, data: Look) -> Revealed:
    """No leaf, no data: the step is committed before the vault is opened for it."""
    if data.field == "name" and (await case.dossier()).anonymous:
        raise Problem("not-revealed")
    await case.act(Change(case.ticket.number, View(data.field, data.purpose)))
    dossier = await case.dossier()
    value = {"name": dossier.name, "phone": dossier.phone, "room": room_of(dossier)}[data.field]
    return Revealed(data.field, value or None)
