"""What is sent with an order about a whistle (哨单的内容); read as `web.bodies` reads a ticket's."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from huiyin.core.whistle import commands as core
from huiyin.core.words import About
from huiyin.web.bodies import Text

_Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339")]
_Code = Annotated[str, Meta(min_length=1, max_length=64)]
_Department = Annotated[_Code, Meta(description="部门岗位编码", examples=["department:城管"])]
_Score = Annotated[int, Meta(description="1 至 5")]
_Lat = Annotated[float, Meta(ge=-90, le=90, description="WGS 84")]
_Lon = Annotated[float, Meta(ge=-180, le=180, description="WGS 84")]


class Asked(Struct, frozen=True):
    """Whom, and what for: written for the department, not a word of the complaint."""

    department: _Department
    text: Annotated[Text, Meta(examples=["请到 3 栋楼前查处占用消防通道的车辆"])]
    lead: bool | None = None  # of one it is the lead; of several the one that says so


class Blowing(Struct, frozen=True):
    """A whistle; from a ticket, place and matter are the ticket's where they are not given."""

    kind: Annotated[core.Kind, Meta(description="emergency 应急 enforcement 执法 key 重点 daily 日常")]
    beyond: Annotated[core.Beyond, Meta(description="本级为什么解决不了")]
    text: Annotated[Text, Meta(description="本级为什么解决不了,密封保存", examples=["物业劝阻三次无效,没有处罚权"])]
    asks: Annotated[list[Asked], Meta(min_length=1, max_length=12)]
    source: core.Source | None = None
    category: _Code | None = None
    building_code: _Code | None = None
    grid_code: _Code | None = None
    community_code: _Code | None = None
    about: About | None = None
    tried: Annotated[list[int], Meta(max_length=60, description="工单日志里作证据的步骤;缺省为全部")] | None = None
    lat: _Lat | None = None
    lon: _Lon | None = None
    apart: Annotated[str, Meta(max_length=8_000, description="与已有哨单不是同一件事的理由")] | None = None
    mediation: (
        Annotated[
            str,
            Meta(
                pattern=r"^TJ[0-9]{9,15}$",
                description="为哪件调解吹的;记在调解案件里,哨单上不写",
                examples=["TJ000000012"],
            ),
        ]
        | None
    ) = None


class PassingOn(Struct, frozen=True):
    """The asks as the street corrects them; none: as they are."""

    asks: Annotated[list[Asked], Meta(max_length=12)] = []


class Sending(Struct, frozen=True):
    """Back, and what is missing; the same for a leader who does not approve."""

    reason: core.SendBackReason
    text: Text


class Joining(Struct, frozen=True):
    """Another ticket about the same; its evidence as for a new whistle."""

    ticket: Annotated[_Code, Meta(examples=["HY000000123"])]
    tried: Annotated[list[int], Meta(max_length=60)] | None = None


class Cancelling(Struct, frozen=True):
    reason: core.CancelReason
    text: Text | None = None


class Naming(Struct, frozen=True):
    """Who comes: a user name or opaque id of the department; who is logged in where nobody is named."""

    person: Annotated[_Code, Meta(description="用户名或人员代号;缺省为本人")] | None = None


class Objecting(Struct, frozen=True):
    reason: core.ObjectReason
    text: Text


class Ruling(Struct, frozen=True):
    """On whose objection; `to` is called instead where it is upheld."""

    department: _Department
    upheld: bool
    to: _Department | None = None
    text: Text | None = None


class Arriving(Struct, frozen=True):
    """When and where; now and at the whistle's place where it is not said."""

    arrived_at: _Moment | None = None
    on_site: bool = True
    building_code: _Code | None = None
    lat: _Lat | None = None
    lon: _Lon | None = None


class Planning(Struct, frozen=True):
    text: Text
    until: _Moment


class Asking(Struct, frozen=True):
    department: _Department
    text: Text


class Replying(Struct, frozen=True):
    """The four elements; what is missing is refused with its own code."""

    accepted_at: _Moment | None = None
    contacted: Annotated[list[core.Contacted], Meta(max_length=8)] = []
    text: Annotated[Text, Meta(description="做了什么")] | None = None
    finished: bool = False
    by_when: _Moment | None = None


class Pausing(Struct, frozen=True):
    reason: core.PauseReason
    days: Annotated[int, Meta(description="工作日")]
    text: Text


class Looking(Struct, frozen=True):
    """The blower's own look on site."""

    lat: _Lat | None = None
    lon: _Lon | None = None


class Rating(Struct, frozen=True):
    department: _Department
    response: _Score
    quality: _Score
    cooperation: _Score
    arrival: _Score | None = None


class RatingBack(Struct, frozen=True):
    justified: Literal["yes", "partly", "no"]
    score: _Score
