"""What the forms are filled from: what is known of one case of 人民调解, nothing required, no caucus, no fee."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from huiyin.papers.blocks import Mark, Paper, Picture

Source = Literal["", "application", "committee", "court", "police", "department"]
Side = Literal["applicant", "respondent", "other"]


class Agent(Struct, frozen=True, kw_only=True):
    """委托代理人 of one party; `powers` are named where the authority is special (特别授权)."""

    ident: str = ""
    name: str = ""
    sex: str = ""
    id_number: str = ""
    address: str = ""
    contact: str = ""
    relation: str = ""
    scope: Literal["", "general", "special"] = ""
    powers: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


class Party(Struct, frozen=True, kw_only=True):
    """A person, or with `head` (法定代表人 or 负责人) an organisation. A group names up to five representatives."""

    ident: str = ""
    side: Side = "other"
    organisation: bool = False
    name: str = ""
    sex: str = ""
    ethnicity: str = ""
    age: int | None = None
    occupation: str = ""
    id_number: str = ""  # of an organisation: its 统一社会信用代码
    contact: str = ""
    address: str = ""
    head: str = ""
    head_post: str = ""
    agents: tuple[Agent, ...] = ()
    representatives: tuple[str, ...] = ()


class Committee(Struct, frozen=True, kw_only=True):
    name: str = ""
    address: str = ""
    contact: str = ""


class Mediator(Struct, frozen=True, kw_only=True):
    ident: str = ""
    name: str = ""
    post: str = "人民调解员"


class Dispute(Struct, frozen=True, kw_only=True):
    kind: str = ""  # 纠纷类型
    subject: str = ""  # 案由 or 事由, in a line
    summary: str = ""
    place: str = ""
    requests: tuple[str, ...] = ()


class Statement(Struct, frozen=True):
    """What somebody said, for the record that all sides read: never from a caucus (单独沟通)."""

    who: str
    words: str


class Session(Struct, frozen=True, kw_only=True):
    """One sitting: `parties` as they came, `others` who were invited with the parties' consent."""

    ident: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    place: str = ""
    online: bool = False
    open: bool = False  # 公开
    parties: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    undisputed: tuple[str, ...] = ()
    recorder: str = ""
    checked: str = ""  # 核实与风险提示
    offers: tuple[str, ...] = ()
    result: str = ""  # how it ended; if it failed, why, and which other ways were told


class Investigation(Struct, frozen=True, kw_only=True):
    ident: str = ""
    at: datetime | None = None
    place: str = ""
    present: tuple[str, ...] = ()
    questioned: str = ""
    relation: str = ""  # to the dispute
    contact: str = ""
    investigator: str = ""
    recorder: str = ""
    statements: tuple[Statement, ...] = ()


class Exhibit(Struct, frozen=True, kw_only=True):
    """One piece of evidence (证据材料)."""

    title: str = ""
    kind: str = ""  # 书证, 物证, 视听资料 …
    by: str = ""
    proves: str = ""
    sheets: int | None = None
    original: bool | None = None
    on: date | None = None


class Item(Struct, frozen=True, kw_only=True):
    """One thing to be performed: who, to whom, what, how, where, until when (履行)."""

    by: str = ""
    to: str = ""
    what: str = ""
    manner: str = ""
    place: str = ""
    due: date | None = None
    done: date | None = None
    proof: str = ""  # 收条, 汇款单 …
    broken: bool = False  # not performed although its day is over: there will be no receipt


class Agreement(Struct, frozen=True, kw_only=True):
    """What was agreed (art. 29); `oral` is registered instead of written (art. 28), `partial` leaves something open."""

    oral: bool = False
    partial: bool = False
    facts: str = ""
    issues: str = ""
    responsibility: str = ""
    terms: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    left_open: str = ""
    on: date | None = None
    effective: date | None = None


class Ending(Struct, frozen=True, kw_only=True):
    """An end without agreement, or no beginning (`declined`): the reason, and the other ways that were told."""

    declined: bool = False
    on: date | None = None
    reason: str = ""
    routes: tuple[str, ...] = ()


class Visit(Struct, frozen=True, kw_only=True):
    """回访."""

    ident: str = ""
    on: date | None = None
    way: str = ""
    parties: tuple[str, ...] = ()
    performed: str = ""
    satisfied: str = ""
    lawsuit: str = ""
    risks: str = ""
    visitor: str = ""


class Confirmation(Struct, frozen=True, kw_only=True):
    """司法确认: `last_day` is reckoned by the working calendar elsewhere and handed in."""

    court: str = ""
    last_day: date | None = None
    told: date | None = None
    applied: date | None = None
    outcome: str = ""
    ruling: str = ""  # the number of the court's 裁定书


class Closing(Struct, frozen=True, kw_only=True):
    on: date | None = None
    handler: str = ""
    result: str = ""


class Binding(Struct, frozen=True, kw_only=True):
    """How the file is bound: 卷名, 卷号, 立卷人, 立卷日期, 保管期限 (a setting, no law fixes it), 卷宗情况说明."""

    title: str = ""
    number: str = ""
    filed_by: str = ""
    filed_on: date | None = None
    retention: str = ""
    remarks: str = ""
    notes: tuple[str, ...] = ()


class Scan(Struct, frozen=True, kw_only=True):
    """Paper that was signed by hand or came from outside, as pictures; `of` says which of several (party, session…)."""

    form: str
    title: str = ""
    of: str = ""
    on: date | None = None
    pages: tuple[Picture, ...] = ()


class File(Struct, frozen=True, kw_only=True):
    """卷宗: one case, all of its papers. Empty means: not known yet. `fixed` are papers as they were marked: they stand
    for what would be made out of the rest today."""

    number: str = ""  # (YYYY)X人调字第N号
    committee: Committee = Committee()
    parties: tuple[Party, ...] = ()
    mediators: tuple[Mediator, ...] = ()
    recorder: str = ""
    dispute: Dispute = Dispute()
    source: Source = ""
    referrer: str = ""  # who sent it, and the letter's number
    applied: date | None = None
    accepted: date | None = None
    registrar: str = ""
    told: date | None = None  # rights and duties
    investigations: tuple[Investigation, ...] = ()
    evidence: tuple[Exhibit, ...] = ()
    sessions: tuple[Session, ...] = ()
    agreement: Agreement | None = None
    ending: Ending | None = None
    visits: tuple[Visit, ...] = ()
    confirmation: Confirmation | None = None
    closing: Closing | None = None
    binding: Binding = Binding()
    scans: tuple[Scan, ...] = ()
    marks: tuple[Mark, ...] = ()
    fixed: tuple[Paper, ...] = ()
    remarks: str = ""
