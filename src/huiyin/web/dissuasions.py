"""The record of dissuasion (劝阻记录): what the police need before noise can be punished, with its proof."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from msgspec import Meta, Struct

from huiyin.core import telltale
from huiyin.core.steps import Dissuaded
from huiyin.web.cases import Case, Req, find
from huiyin.web.problems import spec
from huiyin.web.scans import known_of
from huiyin.web.shown import BEIJING, category

BASIS = "治安管理处罚法第八十八条、噪声污染防治法第八十六条、第八十七条:经劝阻、调解和处理未能制止的,由公安机关处理"


class Record(Struct, frozen=True):
    """One dissuasion; `hash` is the step's in the review log."""

    when: datetime
    recorded_at: datetime
    place: str
    post: Annotated[str, Meta(description="劝阻的岗位")]
    text: str | None
    version: int
    hash: str


class Dissuasions(Struct, frozen=True):
    """All dissuasions of a ticket, oldest first. Names nobody who complained."""

    number: str
    category: str
    basis: str
    records: list[Record]


@get(
    "/api/v1/tickets/{number:str}/dissuasions",
    summary="劝阻记录",
    description="可导出的劝阻记录:时间、地点、岗位、内容与日志哈希;Accept: text/plain 得到可打印的文本。",
    tags=["工作人员"],
    operation_id="readDissuasions",
    responses=spec("not-found", "log-in-first", "not-your-role", "database-away"),
)
async def export(request: Req, number: FromPath[str]) -> Response[Dissuasions] | Response[str]:
    """As JSON, or as plain text to print and to hand over."""
    found = await told(await find(request, number))
    if "text/plain" in request.headers.get("accept", ""):
        return Response(_printed(found), media_type="text/plain; charset=utf-8")
    return Response(found)


async def told(case: Case) -> Dissuasions:
    """What a case has of them."""
    named = category(case.room.catalogue, case.ticket.category)
    return Dissuasions(case.ticket.number, named, BASIS, await _records(case))


class _Leaf(Struct, frozen=True):
    actor: str
    data: Dissuaded


async def _records(case: Case) -> list[Record]:
    steps = [entry for entry in case.history if entry.step == Dissuaded.__struct_config__.tag]
    known = known_of(await case.dossier()) if steps else None
    found = []
    for entry in steps:
        leaf = msgspec.json.decode(entry.body, type=_Leaf)
        kept = await case.room.vaults.read(leaf.data.words.dossier, leaf.data.words.sealed)
        said = telltale.masked(kept.text, known) if kept and known else None
        record = (leaf.data.when, entry.at, leaf.data.place, leaf.actor, said, entry.version, entry.hash.hex())
        found.append(Record(*record))
    return found


def _printed(found: Dissuasions) -> str:
    lines = ["劝阻记录", f"工单 {found.number}  事项 {found.category}", f"依据:{found.basis}", ""]
    for i, one in enumerate(found.records, 1):
        when, kept = (at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") for at in (one.when, one.recorded_at))
        lines += [f"{i}. 时间 {when}  地点 {one.place}  劝阻岗位 {one.post}", f"   内容:{one.text or '(已删除)'}"]
        lines += [f"   {kept} 记入办理日志第 {one.version} 步,存证 {one.hash}", ""]
    return "\n".join(lines if found.records else [*lines, "没有劝阻记录"]) + "\n"
