"""What is sent with an order (办理的内容), read leniently; a fault names the field, never what stood there."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from huiyin.core.commands import Outcome, Solved
from huiyin.core.words import Rung
from huiyin.web.problems import Problem

WORDS = 8_000
_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
_MORE = ("text", "note", "comment", "reason_text")  # what people call the free words
_OTHER_NAMES = {"with": "into"}
_AT = re.compile(r"`\$\.(\w+)")

B = TypeVar("B", bound=Struct)

_Code = Annotated[str, Meta(min_length=1, max_length=64)]
_Line = Annotated[str, Meta(max_length=WORDS)]
Text = Annotated[_Line, Meta(description="说明,密封保存;也接受 note、comment、reason_text")]
Evidence = Annotated[
    _Line | Annotated[list[_Line], Meta(max_length=20)],
    Meta(description="办结凭据:一段文字或至多 20 段,密封保存", examples=[["更换 2 栋阀门,现场复验不再渗漏"]]),
]


def _reason(codes: str, example: str) -> Any:
    return Meta(description=f"代码之一({codes}),或一句话(记作 other,密封保存)", examples=[example])


class Nothing(Struct, frozen=True):
    """Nothing has to be said."""


class Remark(Struct, frozen=True):
    """Words, if there are any."""

    text: Text | None = None


class Words(Struct, frozen=True):
    """Words that have to be there."""

    text: Annotated[Text, Meta(examples=["已联系居民,约定周三下午上门查看"])]


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """What the sorter got wrong; codes of the catalogue and the registry."""

    category: str | None = None
    building_code: str | None = None
    grid_code: str | None = None
    community_code: str | None = None


class Destination(Struct, frozen=True):
    """The rung that a ticket is sent to."""

    rung: Annotated[Rung, Meta(examples=["property_company"])]
    text: Text | None = None


class Dissuasion(Struct, frozen=True):
    """劝阻: when and where, and what was said; a room in `place` goes with the sealed words."""

    text: Annotated[Text, Meta(examples=["当面劝阻,对方停止施工"])]
    when: Annotated[datetime, Meta(tz=True, description="RFC 3339;缺省为现在")] | None = None
    place: Annotated[str, Meta(max_length=64, description="编码或公共处所,不写房号", examples=["2单元楼道"])] | None = (
        None
    )


class NewHandler(Struct, frozen=True):
    """Who of the same post takes it."""

    person: Annotated[_Code, Meta(description="用户名或人员代号", examples=["wang"])]


class Kin(Struct, frozen=True):
    """A party that became known: one of `username`, `phone`, `building_code` with `room`, `organisation`; phone and
    room are hashed at once and kept nowhere."""

    role: Literal["complainant", "respondent"]
    username: Annotated[_Code, Meta(examples=["wang"])] | None = None
    phone: Annotated[str, Meta(max_length=32)] | None = None
    building_code: _Code | None = None
    room: Annotated[str, Meta(max_length=32)] | None = None
    organisation: Annotated[_Code, Meta(description="岗位编码,如 property:小区编码")] | None = None


class Proof(Struct, frozen=True):
    """What shows that it is done: `text`, `evidence`, or both."""

    text: Text | None = None
    evidence: Evidence | None = None


class HandingUp(Struct, frozen=True):
    """Why this post cannot do it."""

    reason: (
        Annotated[str, _reason("beyond-means not-my-duty no-agreement needs-other unsafe other", "beyond-means")] | None
    ) = None
    text: Text | None = None


class Objection(Struct, frozen=True):
    """Why the ticket is not for this post."""

    reason: (
        Annotated[
            str,
            _reason("wrong-place wrong-category not-our-duty department-duty already-handled other", "wrong-place"),
        ]
        | None
    ) = None
    text: Text | None = None


class Ruling(Struct, frozen=True):
    """裁定: upheld, and to which rung then (none: the ruler's own)."""

    upheld: bool
    rung: Rung | None = None
    text: Text | None = None


class Extension(Struct, frozen=True):
    """延期 by working days; the resident is told the reason's code in words."""

    reason: (
        Annotated[
            str,
            _reason("waiting-parts waiting-weather waiting-parties needs-vote complex other", "waiting-parts"),
        ]
        | None
    ) = None
    days: Annotated[int, Meta(description="工作日数", examples=[3])] = 1
    text: Text | None = None


class Shelving(Struct, frozen=True):
    """挂账: until when, by whose plan."""

    review_at: Annotated[str, Meta(description="复查时间,RFC 3339 或日期", examples=["2027-03-15"])]
    reason: Annotated[str, _reason("engineering seasonal funds vote history other", "engineering")] | None = None
    plan: Annotated[_Line, Meta(description="办理计划,密封保存", examples=["列入明年老旧小区改造"])] | None = None
    owner: Annotated[_Code, Meta(description="责任岗位编码;缺省为承办岗位")] | None = None
    text: Text | None = None


class Merging(Struct, frozen=True):
    """The ticket that leads from now on."""

    into: Annotated[_Code, Meta(description="主办工单号;也可写作 with", examples=["HY000000123"])]


class Visit(Struct, frozen=True):
    """回访: what the resident said."""

    solved: Annotated[Solved, Meta(description="居民是否认为已解决", examples=["yes"])]
    satisfied: Annotated[int, Meta(ge=1, le=5, description="满意度,1 到 5")] | None = None
    comment: Annotated[_Line, Meta(description="居民的话,密封保存")] | None = None
    via: Literal["call", "visit"] = "call"


class Feedback(Struct, frozen=True):
    """The resident's last word."""

    solved: Annotated[Solved, Meta(description="是否解决", examples=["yes"])]
    satisfied: Annotated[int, Meta(ge=1, le=5, description="满意度,1 到 5", examples=[5])] | None = None
    comment: Annotated[_Line, Meta(description="想说的话,密封保存")] | None = None


class Retraction(Struct, frozen=True):
    """The resident takes the complaint back; `confirm` has to be true."""

    confirm: bool
    text: Text | None = None


class Addition(Struct, frozen=True):
    """What the resident adds."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000, description="补充的情况,密封保存")]


class Confirmation(Struct, frozen=True):
    """What cannot be undone; `confirm` has to be true."""

    confirm: bool


class Reopening(Struct, frozen=True):
    """Why it is taken up again."""

    reason: Annotated[str, _reason("not-done came-back new-facts other", "came-back")] | None = None
    text: Text | None = None


class Redirection(Struct, frozen=True):
    """Why it is not handled here, and the route in words."""

    reason: Annotated[
        str,
        Meta(
            description="emergency-handed in-legal-process already-handled secret outside-public-duty unlawful 之一",
            examples=["in-legal-process"],
        ),
    ]
    text: Annotated[Text, Meta(examples=["本件已由法院受理,请按诉讼程序办理。"])]


class Ending(Struct, frozen=True):
    """How it ends; without `outcome`: solved where there is evidence, else explained."""

    outcome: Annotated[Outcome, Meta(examples=["solved"])] | None = None
    text: Text | None = None


def read(raw: bytes, shape: type[B]) -> B:
    """A body; nothing at all is an empty object. Raises Problem with the name of the field."""
    given = {name: value for name, value in _object(raw).items() if not _blank(value)}
    for other, name in _OTHER_NAMES.items():
        if name in _names(shape) and other in given:
            given.setdefault(name, given.pop(other))
    _gather(given, _names(shape))
    for field in msgspec.structs.fields(shape):
        if field.required and field.name not in given:
            raise missing(field.name)
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as fault:
        raise _named(str(fault)) from None


def missing(field: str) -> Problem:
    """A field that has to be there is not."""
    return Problem("missing-field", f"缺少必填的内容:{field}", field)


def wrong(field: str, detail: str = "") -> Problem:
    """A field with a value that cannot be."""
    return Problem("wrong-type", detail, field)


def utc(at: datetime, field: str) -> datetime:
    """A moment as it is kept; raises Problem for one at the edge of all calendars."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise wrong(field) from None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        given = msgspec.json.decode(raw) if raw.strip() else {}
    except _FAULTS:
        raise Problem("not-json") from None
    if not isinstance(given, dict):
        raise Problem("not-json")
    for name, value in given.items():
        if any("\0" in part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str)):
            raise wrong(name[:64], "文字里不能有空字符")
    return given


def _blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _names(shape: Any) -> frozenset[str]:
    return frozenset(shape.__struct_fields__)


def _gather(given: dict[str, Any], names: frozenset[str]) -> None:
    """Free words go by several names; said twice, both count."""
    home = next((name for name in ("comment", "text") if name in names), None)
    if home is None:
        return
    found = {name: given.pop(name) for name in _MORE if name in given}
    if wrong_one := next((name for name, value in found.items() if not isinstance(value, str)), None):
        raise wrong(wrong_one)
    if found:
        given[home] = "\n".join(found.values())


def _named(said: str) -> Problem:
    at = _AT.search(said)
    field = at[1] if at else ""
    return Problem("text-too-long" if "`str` of length <= 8000" in said else "wrong-type", field=field)
