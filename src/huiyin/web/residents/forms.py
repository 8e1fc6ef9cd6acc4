"""What residents' forms send: read as text, checked field by field, each fault said next to its field."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request

from huiyin.bus.envelope import TEXT_LIMIT, ComplaintData
from huiyin.core.registry import Registry
from huiyin.store.pictures import Picture
from huiyin.web import attaching
from huiyin.web.parcels import opened
from huiyin.web.problems import CODES, Problem

Req = Request[Any, Any, Any]
Said = dict[str, str]

MOST = 256 * 1024  # bytes: 8,000 characters as a form sends them, and some
_FIELDS = 40
_PLACE = ("estate", "building", "unit", "room")
FIELDS = ("text", *_PLACE, "code", "about", "name", "phone", "key")
LIMITS = {"text": TEXT_LIMIT, "phone": 30, "name": 100, "estate": 100, "building": 100, "unit": 100, "room": 100}
# Who it is about, in plain words.
ABOUT = {
    "": "不选也可以",
    "neighbour": "邻居",
    "property": "物业公司",
    "owners_committee": "业主委员会",
    "building_leader": "楼栋长",
    "grid_or_community_staff": "网格员或社区工作人员",
    "street": "街道",
    "merchant": "商铺、饭店",
    "construction": "工地、施工队",
    "developer": "开发商",
    "utility": "水、电、气、暖、通信单位",
    "department": "政府部门",
    "none": "不是针对谁,是环境或设施的问题",
}


async def read(request: Req) -> Said:
    """A form's fields, the last of each; raises Problem where it is no form or comes from another site."""
    from_here(request)
    return dict((await opened(request, _FIELDS)).pairs)


def from_here(request: Req) -> None:
    """Another site's form is refused. Under no-referrer a browser's Origin is `null`: then Sec-Fetch-Site decides;
    a browser too old for it is let in, for these forms have no session that another site could use."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    if site is not None:
        ours = site in ("same-origin", "none")
    else:
        ours = origin == "null" or origin.split("://")[-1] == request.headers.get("host", "")
    if not ours:
        raise Problem("cross-origin")


def faults(said: Mapping[str, str]) -> Said:
    """Field → what is wrong with it."""
    found = {
        name: f"太长了:最多 {most} 字,现在 {len(said[name])} 字。"
        for name, most in LIMITS.items()
        if len(said.get(name, "")) > most
    }
    if not said.get("text"):
        found["text"] = "请写下是什么事,一句话也可以。"
    return found


async def pictured(request: Req, wrong: Said) -> tuple[Said, Sequence[Picture]]:
    """The form's faults with that of its pictures; a browser does not send them again by itself."""
    try:
        taken = await attaching.taken(request)
    except Problem as problem:
        return wrong | {"picture": CODES[problem.code][1] + "。"}, ()
    if wrong and taken:
        wrong["picture"] = "照片没有留下,请重新选一次。"
    return wrong, taken


def complaint(said: Mapping[str, str], registry: Registry | None) -> ComplaintData:
    """The complaint in a form without faults; a building's code only where its words still stand there."""
    place = {name: value for name in _PLACE if (value := said.get(name))}
    if registry is not None and stands(said, registry):
        place["building_code"] = said["code"]
    person: dict[str, object] = {name: value for name in ("name", "phone") if (value := said.get(name))}
    about = said.get("about", "")
    data: dict[str, object] = {
        "text": said["text"],
        "channel": "web",
        "place": place or None,
        "about": about if about and about in ABOUT else None,
        "reporter": person or {"anonymous": True},
    }
    return msgspec.convert(data, ComplaintData)


def joined(said: Mapping[str, str]) -> Said:
    """What was sent by “加入”: the resident's own words, and that they mean the same matter as others."""
    what = said.get("join", "")[:100]
    words = f"{said['text']}\n(居民选择加入:与本处已有的“{what}”诉求是同一件事。)"
    return {**said, "text": words} if what and len(words) <= TEXT_LIMIT else dict(said)


def stands(said: Mapping[str, str], registry: Registry) -> bool:
    """Whether a building's code still is what estate and building say."""
    building = registry.buildings.get(said.get("code", ""))
    if building is None:
        return False
    estate = registry.estates[building.estate_code]
    return (said.get("estate"), said.get("building")) == (estate.name, building.name)


def key(said: Mapping[str, str], pictures: Sequence[Picture] = ()) -> str | None:
    """The same page sent twice is one complaint; sent again with other words it is another one."""
    if not (given := said.get("key", "")):
        return None
    words = msgspec.json.encode([said.get(name, "") for name in FIELDS]) + b"".join(one.origin for one in pictures)
    return f"page {hashlib.sha256(given.encode() + words).hexdigest()}"
