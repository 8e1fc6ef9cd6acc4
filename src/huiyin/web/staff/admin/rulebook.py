"""The rulebook (规则) as it stands: its values in tables, from which file, and which stood before."""

import tomllib
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from msgspec import Struct

from huiyin import office
from huiyin.core.deadline import Limit
from huiyin.core.office import RulebookStands, RuleFile
from huiyin.rules.load import listed, said
from huiyin.web.room import Room
from huiyin.web.staff.admin import gate

Req = Request[Any, Any, Any]

PARTS = {
    "": "逐级时限",
    "catalogue": "事项清单",
    "sorting": "分拣规则",
    "whistle": "吹哨报到",
    "mediation": "人民调解",
    "history": "变动记录",
}
FILES = {
    "ladder.toml": "逐级与时限",
    "catalogue.csv": "事项清单",
    "sorting.toml": "分拣规则",
    "model.msgpack": "分类模型",
    "public.toml": "对外公开",
    "screen.toml": "大屏",
    "whistle.toml": "吹哨报到",
    "mediation.toml": "人民调解",
}
# What the tables of the files are about; another one is called by its own name.
TABLES = {
    "": "总则",
    "rungs": "层级与代行",
    "assist": "协助办理",
    "emergency": "紧急情况",
    "accused": "回避:被反映的是谁",
    "sorting_desk": "人工分拣",
    "limits": "全程时限(小时)",
    "clocks": "每一级的时限",
    "offices": "办公时间",
    "terms": "其他期限",
    "urging": "催办",
    "place": "认小区",
    "urgency": "认缓急",
}
# What is called otherwise in another file.
ELSEWHERE = {
    "whistle": {
        "promise": "承诺时限",
        "first_level": "第一次督促报谁",
        "barred": "不得吹哨的情形",
        "pauses": "暂停计时",
        "duties": "每项期限的名称",
        "kinds": "哨的种类",
        "office": "办公时间",
    },
    "mediation": {
        "seats": "调解委员会",
        "office": "办公时间",
        "limits": "各项期限",
        "late": "督促的间隔",
        "alarms": "到期前几日提醒",
        "extension": "延长",
        "duties": "每项期限的名称",
        "papers": "卷内必备材料",
        "bars": "不予受理的情形",
        "risks": "危险向谁报告",
        "precheck": "登记时的提示",
        "dangerous": "一开始就有危险的事项",
        "routes": "告知的其他途径",
        "terms": "协议用语",
    },
}
_FILE_OF = {"": "ladder.toml", "sorting": "sorting.toml", "whistle": "whistle.toml", "mediation": "mediation.toml"}
URGENCIES = {"emergency": "紧急", "urgent": "急", "normal": "一般", "complex": "复杂"}
_UNITS = {
    "natural_hour": "小时",
    "working_hour": "工作小时",
    "natural_day": "天",
    "working_day": "个工作日",
    "month": "个月",
}
_KEPT = 200  # versions that the page lists


class Stood(Struct, frozen=True):
    """A rulebook that stood: from when on, until when, and which files were others than before."""

    since: datetime
    until: datetime | None
    version: str
    changed: list[RuleFile]


@get("/admin/rulebook", include_in_schema=False)
async def page(request: Req) -> Response[bytes]:
    """One part at a time."""
    room: Room = request.app.state.room
    part = request.query_params.get("part", "")
    part = part if part in PARTS else ""
    rules = await room.rules()
    facts: dict[str, Any] = {"part": part, "parts_": PARTS, "names": FILES, "files": listed(room.where.rules)}
    if part == "history":
        facts["stood"] = await _history(room)
    elif part in _FILE_OF:
        facts["tables"] = _tables(said(room.where.rules, _FILE_OF[part]))
        facts["clocks"] = [
            (URGENCIES.get(u, u), _limit(c.sign), _limit(c.resolve)) for u, c in rules.ladder.clocks.items()
        ]
    more = {"rules": rules, "urgencies": URGENCIES, "titles": TABLES | ELSEWHERE.get(part, {})}
    return await gate.page(request, "admin_rulebook.html", **facts, **more)


async def _history(room: Room) -> list[Stood]:
    """Newest first."""
    known = await room.ask(office.rulebooks)
    ends = [*(at for at, _ in known[1:]), None]
    before: list[RulebookStands | None] = [None, *(one for _, one in known)]
    rows = zip(known, ends, before, strict=False)
    return [Stood(at, end, one.version, _changed(one, was)) for (at, one), end, was in rows][::-1][:_KEPT]


def _changed(one: RulebookStands, was: RulebookStands | None) -> list[RuleFile]:
    return [file for file in one.files if was is None or file not in was.files]


def _limit(limit: Limit) -> str:
    return f"{limit.length} {_UNITS.get(limit.unit, limit.unit)}"


def _tables(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each table of a TOML file as rows of key and value."""
    known = tomllib.loads(text)
    plain = [(key, _value(value)) for key, value in known.items() if not isinstance(value, dict)]
    tables = [(key, list(_rows(value))) for key, value in known.items() if isinstance(value, dict)]
    return [*([("", plain)] if plain else []), *tables]


def _rows(table: dict[str, Any], above: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        nested = isinstance(value, dict) and value.keys() != {"length", "unit"}
        found += _rows(value, f"{above}{key}.") if nested else [(f"{above}{key}", _value(value))]
    return found


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        if value.keys() == {"length", "unit"}:
            return f"{value['length']} {_UNITS.get(value['unit'], value['unit'])}"
        return ",".join(f"{key} {_value(one)}" for key, one in value.items())
    return "、".join(map(_value, value)) if isinstance(value, list) else str(value)
