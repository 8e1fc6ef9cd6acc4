"""Forms as long as a case has parties (调解记录、协议条款): their fields, and what is sent of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from msgspec.structs import replace

from huiyin.core.mediation.kinds import Manner
from huiyin.core.mediation.state import Line
from huiyin.web.staff.forms import Field, Form, Said
from huiyin.web.staff.mediations.case.called import Callers
from huiyin.web.staff.mediations.case.fields import SEALED, text
from huiyin.web.staff.mediations.case.forms import FORMS

ROWS = 10  # items of an agreement that the plain form has room for
MANNERS = {
    "money": "付钱",
    "thing": "交付物品",
    "work": "施工、修理",
    "conduct": "做或者不做某事",
    "apology": "赔礼道歉",
    "other": "其他",
}
assert set(MANNERS) == set(get_args(Manner))
ROW = ("owes", "owed", "what", "manner", "until", "place")
_MISSING = {
    "owes": "谁来做",
    "owed": "对谁做",
    "what": "做什么",
    "manner": "怎样做",
    "until": "最后哪一天",
    "place": "地点",
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TERMS = (
    text("主要事实", "双方都认可的经过。" + SEALED, name="facts"),
    text("争议事项", name="issues"),
    text("各方责任", name="responsibility"),
    text("达成的协议", "写明日期、数额;不写“尽快”“适当”,不写罚款、停水停电、放弃起诉。", name="content"),
)
_PARTIAL = Field(
    "partial",
    "还有没谈拢的吗?",
    "choice",
    options={"no": "全部谈拢", "yes": "只谈拢一部分,其余可以走其他途径"},
    default="no",
)
_INSIST = Field(
    "insist", "不明确的用语", "many", required=False, options={"yes": "各方看过提示,仍然坚持这样写"}
)  # fmt: skip


def form(name: str, lines: Sequence[Line], callers: Callers) -> Form:
    """The form of an order, whole."""
    if name == "hold":
        return replace(FORMS[name], fields=_minutes(lines, callers))
    if name in ("draft", "agree-orally"):
        copies = f"一式 {len(lines) + 1} 份:每方一份,调解委员会留一份。" if name == "draft" else ""
        first = (Field("at", "什么时候达成的", "moment"),) if name == "agree-orally" else ()
        return replace(FORMS[name], fields=(*first, *_TERMS, _PARTIAL, _INSIST), note=FORMS[name].note + copies)
    return FORMS[name]


def _minutes(lines: Sequence[Line], callers: Callers) -> tuple[Field, ...]:
    said = tuple(
        text(f"{callers.party(one.party)}{what}", SEALED if kind == "statement" else "", required=False,
             name=f"{kind}:{one.party}")
        for one in lines
        for kind, what in (("statement", "的陈述"), ("offer", "提出的方案"))
    )  # fmt: skip
    return (
        Field("session", "哪一次", "list", required=False, options="sessions", none="当场调解,没有约过"),
        Field("began", "什么时候开始的", "moment"),
        Field("ended", "什么时候结束的", "moment", required=False),
        Field("present", "到场的当事人", "many", options="parties"),
        Field("invitees", "到场的受邀人员", "many", required=False, options="agreed"),
        *said,
        text("各方都认可的事实", "一行写一条。各方看得到。", required=False, name="undisputed"),
        text("调解经过和结果", SEALED, name="minutes"),
        Field("recorder", "记录人", "line", required=False, help="不填的,印出来手写。"),
    )


# -- what is sent -----------------------------------------------------------------------------------------


def body(name: str, said: Said, lines: Sequence[Line]) -> dict[str, Any] | None:
    """As the API takes it; None for an order whose form says it by itself."""
    if name == "hold":
        return _held(said, lines)
    if name in ("draft", "agree-orally"):
        terms = {"terms": _terms(said)}
        return terms | ({"at": f"{said['at']}:00+08:00"} if name == "agree-orally" else {})
    return None


def _held(said: Said, lines: Sequence[Line]) -> dict[str, Any]:
    def of(kind: str) -> list[dict[str, str]]:
        some = ((one.party, said.get(f"{kind}:{one.party}", "")) for one in lines)
        return [{"party": party, "text": words} for party, words in some if words]

    session = said.get("session", "")
    return {
        "began": f"{said['began']}:00+08:00",
        "present": said.get("present", "").split(),
        "invitees": said.get("invitees", "").split(),
        "statements": of("statement"),
        "offers": of("offer"),
        "undisputed": [line.strip() for line in said.get("undisputed", "").splitlines() if line.strip()],
        "minutes": said.get("minutes", ""),
        **({"ended": f"{said['ended']}:00+08:00"} if said.get("ended") else {}),
        **({"recorder": said["recorder"]} if said.get("recorder") else {}),
        **({"session": int(session)} if session.isascii() and session.isdigit() else {}),
    }


def _terms(said: Said) -> dict[str, Any]:
    found: dict[str, Any] = {name: said[name] for name in ("facts", "issues", "responsibility", "content")}
    found["items"] = [_item(n, said) for n in rows(said)]
    return found | {"partial": said.get("partial") == "yes", "insist": "yes" in said.get("insist", "")}


def _item(n: int, said: Said) -> dict[str, Any]:
    names = {"what": "text"}
    return {"item": f"i{n}", **{names.get(name, name): said[f"{name}{n}"] for name in ROW if said.get(f"{name}{n}")}}


def rows(said: Said) -> list[int]:
    """The rows of items that were begun."""
    return [n for n in range(1, ROWS + 1) if any(said.get(f"{name}{n}") for name in ("what", "until", "place"))]


def faults(name: str, said: Mapping[str, str]) -> dict[str, str]:
    """What is missing in the rows of items that were begun."""
    found = {}
    for n in rows(said) if name in ("draft", "agree-orally") else ():
        for field in ROW:
            value = said.get(f"{field}{n}", "")
            if not value or (field == "until" and not _DAY.fullmatch(value)):
                found[f"{field}{n}"] = f"第 {n} 项请写明{_MISSING[field]}。"
    return found
