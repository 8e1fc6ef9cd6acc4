"""The shapes of a whistle as it is shown (哨单的样子): the whole one, and the minimal event of a department."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

STATES = {
    "passing": "待街道转报",
    "approving": "待领导审批",
    "called": "部门办理中",
    "paused": "已暂停计时",
    "replied": "已答复,待核验",
    "confirmed": "已核验,待互评",
    "closed": "已结哨",
}
STAGES = {
    "called": "待接哨",
    "acknowledged": "已接哨",
    "arrived": "已报到",
    "planned": "已有方案",
    "answered": "已反馈主办",
    "replied": "已答复",
}


class ClockShown(Struct, frozen=True):
    """A limit that runs: whose, for what, until when and why then; `about` is whom a ruling or a grant is about."""

    duty: str
    duty_text: str
    post: str
    post_name: str
    about: str | None
    due_at: datetime
    due_explained: str
    level: Annotated[int, Meta(description="0 未到期,1 催办,2 督办,3 挂牌督办,4 起报区")]


class LineShown(Struct, frozen=True):
    """One department: how far it is. `person` is an opaque code."""

    post: str
    post_name: str
    lead: bool
    stage: Annotated[str, Meta(description="called acknowledged arrived planned answered replied")]
    stage_text: str
    called_at: datetime
    person: str
    arrived_at: datetime | None
    on_site: Annotated[str | None, Meta(description="yes 属实,no 不在现场,unproven 没有佐证")]
    until: Annotated[datetime | None, Meta(description="方案里承诺完成的时间")]
    objected: str | None
    bound: Annotated[bool, Meta(description="街道已裁定由其负责,不能再退")]
    late: Annotated[list[str], Meta(description="到期没有办的事项")]
    text: Annotated[str | None, Meta(description="交办内容")]


class TriedShown(Struct, frozen=True):
    number: str
    version: int


class ReplyShown(Struct, frozen=True):
    """The four elements."""

    accepted_at: datetime
    contacted: list[str]
    text: str | None
    finished: bool
    by_when: datetime | None


class RatingShown(Struct, frozen=True):
    post: str
    response: int
    quality: int
    cooperation: int
    arrival: int | None


class RatedBackShown(Struct, frozen=True):
    post: str
    justified: str
    score: int


class PauseShown(Struct, frozen=True):
    """Asked for, or granted where the state is paused."""

    reason: str
    days: int
    text: str | None


class WhistleShown(Struct, frozen=True, tag_field="view", tag="whole"):
    """A whistle (哨单) for its street, its community and auditors; times are RFC 3339."""

    number: Annotated[str, Meta(examples=["SH000000012"])]
    version: int
    state: Annotated[str, Meta(description=" ".join(STATES))]
    state_text: str
    kind: str
    kind_text: str
    source: str
    category: str
    category_name: str
    about: str
    beyond: str
    beyond_text: str
    text: Annotated[str | None, Meta(description="本级为什么解决不了")]
    blower: str
    blower_name: str
    street_code: str | None
    community_code: str | None
    estate_code: str | None
    grid_code: str | None
    building_code: str | None
    lat: float | None
    lon: float | None
    approval: Annotated[str, Meta(description="waiting 待审批,given 已同意,declined 不同意")]
    asks: Annotated[list[str], Meta(description="点名的部门,主办在前")]
    lines: list[LineShown]
    clocks: list[ClockShown]
    due_at: datetime | None
    level: Annotated[int, Meta(description="最高督办级别")]
    returned: int
    pause: PauseShown | None
    reply: ReplyShown | None
    ratings: list[RatingShown]
    rated_back: RatedBackShown | None
    tickets: Annotated[list[str], Meta(description="您能看到的有关工单")]
    tried: list[TriedShown]
    solved: Annotated[str | None, Meta(description="居民回访的说法:yes partly no")]
    blown_at: datetime
    closed_at: datetime | None
    outcome: str | None
    outcome_text: str | None
    pictures: list[str]
    allowed: Annotated[list[str], Meta(description="您现在可以下达的命令")]


class OtherShown(Struct, frozen=True):
    """Another department on the same whistle."""

    post: str
    post_name: str
    lead: bool
    acknowledged: bool
    on_site: str | None
    answered: bool


class CallShown(Struct, frozen=True, tag_field="view", tag="minimal"):
    """The minimal event (最小事件): what a department is told of a whistle, and nothing else."""

    number: Annotated[str, Meta(examples=["SH000000012"])]
    version: int
    state: str
    state_text: str
    kind: str
    kind_text: str
    category: str
    category_name: str
    street_code: str | None
    community_code: str | None
    estate_code: str | None
    grid_code: str | None
    building_code: str | None
    lat: float | None
    lon: float | None
    text: Annotated[str | None, Meta(description="交办内容")]
    blower: str
    blower_name: str
    street: str
    lead: bool
    called_at: datetime
    line: LineShown
    clocks: list[ClockShown]
    due_at: datetime | None
    returned: int
    missing: Annotated[str | None, Meta(description="退回重办时写明还缺什么")]
    reply: ReplyShown | None
    closed: bool
    outcome: str | None
    others: list[OtherShown]
    pictures: list[str]
    allowed: list[str]
