"""Who a party is (登记当事人身份), and a new code for one that lost theirs (重发查询码), by form."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from huiyin.web.intake import base
from huiyin.web.mediations import finding, opening
from huiyin.web.mediations.finding import Found, find
from huiyin.web.mediations.shown import FREE
from huiyin.web.problems import CODES, Problem
from huiyin.web.staff import called as places
from huiyin.web.staff import forms as plain
from huiyin.web.staff import windows
from huiyin.web.staff.forms import Field, Form, Said
from huiyin.web.staff.mediations.case.called import Callers
from huiyin.web.staff.mediations.case.orders import told
from huiyin.web.staff.mediations.slips import Slip, qr
from huiyin.web.staff.orders import STALE, Option, key

Req = Request[Any, Any, Any]

FORM = Form(
    "登记当事人身份",
    "登记",
    (
        Field("name", "姓名或者名称", "line", help="只进保管库,只有承办调解员看得到。"),
        Field("phone", "电话", "line", required=False),
        Field("building_code", "楼栋", "groups", required=False, options="buildings", none="不填"),
        Field("room", "门牌", "line", required=False, help="和楼栋一起填。"),
        Field("organisation", "单位的岗位编码", "line", required=False, help="单位是当事人的填,如 property:小区编码。"),
        Field(
            "id_number",
            "身份证号码,单位填统一社会信用代码",
            "line",
            required=False,
            help="印在文书上;填了身份证号码的,性别、出生日期不用填。",
        ),
        Field("sex", "性别", "list", required=False, options={"男": "男", "女": "女"}, none="不填"),
        Field("born", "出生日期", "day", required=False, help="文书上印的是年龄。"),
        Field("ethnicity", "民族", "line", required=False),
        Field("occupation", "职业", "line", required=False),
        Field("head", "单位的法定代表人或者负责人", "line", required=False),
    ),
    note="姓名写得和原来一样的,空着的保持原来登记的;不一样的,按新的人登记。登记以后按人重新核对:与当事人有亲属、同住户等利害关系的调解员依法回避。",
)


@get("/mediations/{number:str}/parties/{party:str}", include_in_schema=False)
async def ask(request: Req, number: FromPath[str], party: FromPath[str]) -> Response[bytes]:
    """Who it is."""
    return await _ask(request, await _there(request, number, party), party)


async def _there(request: Req, number: str, party: str) -> Found:
    found = await find(request, number)
    if found.one.line(party) is None:
        raise Problem("not-found")
    return found


async def _ask(
    request: Req,
    found: Found,
    party: str,
    status: int = 200,
    said: Said | None = None,
    wrong: Mapping[str, str] | None = None,
    refusal: str = "",
) -> Response[bytes]:
    known = {"said": {one.name: "" for one in FORM.fields} | dict(said or {}), "wrong": wrong or {}}
    return await windows.window(
        request,
        "mediation_party.html",
        status,
        number=found.one.number,
        party=party,
        who=await _called(found, party),
        form=FORM,
        options=await _options(found),
        refused=refusal,
        key=secrets.token_urlsafe(18),
        free=FREE,
        **known,
    )


async def _options(found: Found) -> dict[str, Any]:
    """The buildings of the committee's community; of all for a street's."""
    registry = (await found.room.rules()).registry
    community = found.one.committee if found.one.committee in registry.communities else None
    buildings = places.buildings(registry, community)
    return {one.name: buildings if one.options == "buildings" else _own(one) for one in FORM.fields}


def _own(field: Field) -> list[Option]:
    some = field.options if isinstance(field.options, dict) else {}
    return [Option(code, words) for code, words in some.items()]


async def _called(found: Found, party: str) -> str:
    _, (names,) = await finding.opened([found])
    return Callers(found.one.lines, names, {}).party(party)


@post("/mediations/{number:str}/parties/{party:str}", include_in_schema=False, request_max_body_size=windows.MOST)
async def identify(request: Req, number: FromPath[str], party: FromPath[str]) -> Response[Any]:
    """Registered; or what is wrong."""
    said = await windows.said(request)
    found = await _there(request, number, party)
    if wrong := plain.faults(FORM, said):
        return await _ask(request, found, party, 422, said, wrong)
    if (given := key(said)) is None:
        return await _ask(request, found, party, 422, said, refusal=STALE)
    try:
        await opening.identified(request, number, party, msgspec.json.encode(plain.sent(FORM, said)), given)
    except Problem as problem:
        status = CODES.get(problem.code, (409, ""))[0]
        if status >= 500 or problem.code == "not-found":
            raise
        words = f"{(problem.detail or told(problem.code)).rstrip('。')}。"
        named = {problem.field: words} if any(one.name == problem.field for one in FORM.fields) else {}
        return await _ask(request, found, party, status, said, named, words)
    return windows.back(f"/mediations/{number}", "done")


@post("/mediations/{number:str}/parties/{party:str}/code", include_in_schema=False, request_max_body_size=windows.MOST)
async def renew(request: Req, number: FromPath[str], party: FromPath[str]) -> Response[bytes]:
    """A new code, told this once; the one before is none any more."""
    await windows.said(request)
    found = await _there(request, number, party)
    code = await opening.renewed(request, found, party)
    name, _, side = (await _called(found, party)).rpartition("(")
    address = f"{base(request)}/mediation"
    one = Slip(side.rstrip(")"), name, tuple(code.split("-")), qr(address, code))
    known = {"slips": [one], "mediation": number, "address": address, "ticket": "", "opens": True, "again": True}
    return await windows.window(request, "mediation_slips.html", free=FREE, **known)


ROUTES = [ask, identify, renew]
