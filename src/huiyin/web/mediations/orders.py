"""What may be ordered of a mediation (调解的办理): command, who, body; derived from the core's table of authority."""

import re
from typing import Literal

from msgspec import Struct

from huiyin.core.mediation import commands as asked
from huiyin.core.mediation import commands_agreed as agreed
from huiyin.core.mediation.authority import TABLE as MAY
from huiyin.core.people import Role
from huiyin.web.mediations import bodies

DESKS: frozenset[Role] = frozenset(("community", "street"))
MEDIATORS: frozenset[Role] = frozenset(("mediator",))
STAFF = DESKS | MEDIATORS

# What people read of each; the same words as in docs/guide/mediation.md.
_COMMANDS: dict[type[Struct], str] = {
    asked.Check: "审查",
    asked.Accept: "受理,编案号",
    asked.Decline: "不予受理",
    asked.Consent: "同意调解",
    asked.Refuse: "不同意调解",
    asked.Stop: "终止调解(当事人)",
    asked.NotifyRights: "告知权利义务",
    asked.Empower: "委托代理人",
    asked.Represent: "推选代表人",
    asked.Invite: "邀请参加",
    asked.Answer: "表态",
    asked.Assign: "确定调解员",
    asked.Disclose: "披露",
    asked.Release: "调解员退出",
    asked.Plan: "约定调解会",
    asked.Reply: "答复邀请",
    asked.Hold: "调解记录",
    asked.Adjourn: "取消调解会",
    asked.Confide: "背对背谈话",
    asked.Investigate: "调查记录",
    asked.FlagRisk: "登记风险",
    asked.Report: "报告",
    agreed.AskMeeting: "请开联席会议",
    agreed.AnswerMeeting: "答复联席会议",
    agreed.Draft: "拟定协议",
    agreed.Mark: "签名、盖章、按指印",
    agreed.AgreeOrally: "口头协议",
    agreed.Perform: "履行",
    agreed.Breach: "违约",
    agreed.Visit: "回访",
    agreed.Sue: "起诉",
    agreed.TellConfirmation: "告知司法确认权利",
    agreed.ApplyConfirmation: "申请司法确认",
    agreed.RecordRuling: "司法确认结果",
    agreed.End: "终止调解(委员会)",
    agreed.DeliverRoutes: "告知送达",
    agreed.Archive: "归档",
    agreed.Enclose: "存入卷内",
}
PAGES = frozenset(("enclose",))  # in the browser made on the page of papers, by no form of its own
_PICTURES = frozenset(("image", "evidence", "pages"))  # they come as files, `mediations.pictures`
# Bodies that say who somebody is: of staff, of a party itself.
_BODIES: dict[type[Struct], tuple[type[Struct], type[Struct] | None]] = {
    asked.Empower: (bodies.EmpoweringFor, bodies.Empowering),
    asked.Represent: (bodies.RepresentingFor, bodies.Representing),
    asked.Invite: (bodies.Inviting, None),
}


class Row(Struct, frozen=True):
    """One command: who of the staff may give it at all, its body; `party`: a party's own, without the party's name."""

    kind: type[Struct]
    roles: frozenset[Role]
    body: type[Struct]
    party: type[Struct] | None
    summary: str


def _row(kind: type[Struct], summary: str) -> Row:
    may = MAY[kind.__name__]
    roles = (DESKS if "committee" in may else frozenset()) | (MEDIATORS if "mediator" in may else frozenset())
    own = bodies.of(kind, _PICTURES | {"party", "by", "hand"}, "Own") if "party" in may else None
    if kind in _BODIES:
        return Row(kind, roles, *_BODIES[kind], summary)
    house = {"digest", "document"} if kind is agreed.Draft else set()  # the document as we print it
    return Row(kind, roles, bodies.of(kind, _PICTURES | house), own, summary)


def _name(kind: type[Struct]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


ORDERS: dict[str, Row] = {_name(kind): _row(kind, summary) for kind, summary in _COMMANDS.items()}
OWN = {name: row for name, row in ORDERS.items() if row.party is not None}

# Who may use which route, as in `web.who`; whoever holds a party's code is anyone: the code is what they show.
_API = "/api/v1/mediations"
_ANYONE: Literal["anyone"] = "anyone"
TABLE: dict[tuple[str, str], Literal["anyone"] | frozenset[Role]] = {
    ("GET", _API): STAFF,
    ("POST", _API): STAFF,
    ("POST", f"{_API}/terms"): STAFF,
    ("GET", f"{_API}/{{number}}"): STAFF,
    ("GET", f"{_API}/{{number}}/log"): STAFF,
    ("GET", f"{_API}/{{number}}/papers/{{paper}}"): MEDIATORS,
    ("GET", f"{_API}/{{number}}/pictures/{{ref}}"): STAFF,
    ("POST", f"{_API}/{{number}}/parties/{{party}}"): STAFF,
    ("POST", f"{_API}/{{number}}/parties/{{party}}/code"): STAFF,
    ("POST", f"{_API}/{{number}}/look-up"): MEDIATORS,
    **{("POST", f"{_API}/{{number}}/{name}"): row.roles for name, row in ORDERS.items()},
    ("GET", f"{_API}/mine/{{code}}"): _ANYONE,
    **{("POST", f"{_API}/mine/{{code}}/{name}"): _ANYONE for name in OWN},
    ("POST", "/api/v1/tickets/{number}/mediate"): DESKS,
}
