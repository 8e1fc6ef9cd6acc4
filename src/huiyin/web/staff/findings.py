"""A finding (巡查发现) as a phone sends it, late perhaps and on an older form: read, never lost."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from huiyin.bus.envelope import TEXT_LIMIT, ComplaintData
from huiyin.core.people import Viewer
from huiyin.core.registry import Building, Registry
from huiyin.web.problems import Problem
from huiyin.web.residents.forms import ABOUT

FORM = "2"
# Form version → what its fields are called now. A version stays for ever: a phone may come up from the basement late.
# Around them id, form, age and pictures are called the same in every version.
FORMS: dict[str, dict[str, str]] = {
    "1": {"words": "text", "building": "where", "against": "about", "done": "handled", "phrase": "kind"},
    FORM: {},
}
# One touch each; words that the sorter knows.
KINDS = (
    *("消防通道被堵", "楼道堆放杂物", "飞线充电", "楼道灯不亮", "渗水漏水", "下水道堵塞"),
    *("井盖破损", "垃圾没有清运", "电梯故障", "外墙脱落", "违章搭建", "车辆乱停"),
)
LIMITS = {"text": 4_000, "where": 200, "handled": 1_000}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_OLDEST = timedelta(days=60)  # older is a clock that was wrong


class Finding(Struct, frozen=True):
    """What was found, where, and what was done about it at once; `age` since it was written down, by the phone."""

    id: str
    text: str
    where: str
    about: str
    handled: str
    kinds: tuple[str, ...]
    age: timedelta


def read(pairs: Iterable[tuple[str, str]]) -> Finding:
    """From the fields of any form there ever was; raises Problem where they can be nothing. One of a form that this
    house does not know yet is read as the newest."""
    given = list(pairs)
    names = FORMS.get(dict(given).get("form", FORM), {})
    now = [(names.get(name, name), value) for name, value in given]
    said, kinds = dict(now), tuple(dict.fromkeys(v for name, v in now if name == "kind" and v in KINDS))
    if not _ID.fullmatch(said.get("id", "")):
        raise Problem("wrong-finding", "这一件缺少编号,请重新填写。", field="id")
    for name, most in LIMITS.items():
        if len(said.get(name, "")) > most:
            raise Problem("wrong-finding", f"文字太长:最多 {most} 字,请缩短后再发。", field=name)
    if not said.get("text") and not kinds:
        raise Problem("wrong-finding", "请写下发现了什么,或者点选一个常见问题。", field="text")
    ident, text, where, about, handled = (said.get(name, "") for name in ("id", "text", "where", "about", "handled"))
    return Finding(ident, text, where, about, handled, kinds, _age(said.get("age", "")))


def _age(seconds: str) -> timedelta:
    found = timedelta(seconds=int(seconds)) if _SECONDS.fullmatch(seconds) else timedelta()
    return found if found < _OLDEST else timedelta()


def complaint(one: Finding, buildings: Mapping[str, str], at: datetime) -> ComplaintData:
    """As any complaint comes in: of the channel patrol, by nobody; a place that is none of theirs as it was written."""
    code = buildings.get(one.where)
    place = {"building_code": code} if code else {"address": one.where} if one.where else None
    data = {
        "text": words(one)[:TEXT_LIMIT],
        "channel": "patrol",
        "place": place,
        "about": one.about if one.about and one.about in ABOUT else None,
        "reporter": {"anonymous": True},
        "filed_at": at - one.age,
    }
    return msgspec.convert(data, ComplaintData)


def words(one: Finding) -> str:
    """One text of what was touched and what was written."""
    parts = (f"巡查发现:{'、'.join(one.kinds)}。" if one.kinds else "", one.text)
    done = f"现场已处理:{one.handled}" if one.handled else ""
    return "\n".join(part for part in (*parts, done) if part)


_KNOWN: dict[tuple[str, str], dict[str, str]] = {}  # by registry and where somebody walks: worked out once
_MOST_KNOWN = 500


def places(registry: Registry, viewer: Viewer) -> dict[str, str]:
    """Name → code of the buildings that a viewer walks, each name once; "estate building", with its community where
    two would be called the same. Whose scope is a post walks where the post is."""
    code = viewer.scope.code
    key = registry.version, code.partition(":")[2] if viewer.scope.kind == "post" else code
    if key not in _KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN or any(version != registry.version for version, _ in _KNOWN):
            _KNOWN.clear()
        _KNOWN[key] = _named(registry, key[1])
    return _KNOWN[key]


def _named(registry: Registry, here: str) -> dict[str, str]:
    found: dict[str, list[Building]] = {}
    for building in registry.buildings.values():
        if not here or here in _around(registry, building):
            found.setdefault(f"{registry.estates[building.estate_code].name} {building.name}", []).append(building)
    named = [(_name(registry, name, one, alike), one.code) for name, alike in found.items() for one in alike]
    return dict(sorted(named, key=lambda pair: pair[1]))


def _name(registry: Registry, name: str, one: Building, alike: Sequence[Building]) -> str:
    if len(alike) == 1:
        return name
    community = registry.communities.get(registry.estates[one.estate_code].community_code)
    return f"{name}({community.name if community else ''} {one.code})"


def _around(registry: Registry, one: Building) -> tuple[str, ...]:
    community = registry.estates[one.estate_code].community_code
    above = registry.communities.get(community)
    return (one.code, one.grid_code, one.estate_code, community, above.street_code if above else "")
