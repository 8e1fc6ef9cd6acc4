"""The forms of the orders (办理表单): what each asks for in plain words, and what it sends; one table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

from msgspec import Struct

from huiyin.core import commands as core
from huiyin.core.masks import Purpose
from huiyin.web.staff.called import words

Kind = Literal["text", "line", "choice", "many", "score", "list", "groups", "number", "day", "moment", "position"]
Said = Mapping[str, str]


class Field(Struct, frozen=True):
    """One field. `options` are the words of codes, or the name of what the page finds out ("ways": the choices that
    the ticket takes, each with where it leads)."""

    name: str
    label: str
    kind: Kind
    required: bool = True
    help: str = ""
    options: dict[str, str] | str = ""
    default: str = ""
    none: str = "不选"  # what a list says where nothing is chosen
    missing: str = ""  # what is said where it is left out


class Form(Struct, frozen=True):
    """One order: what the page is called, its button, its fields. `grave` cannot be undone: the page asks.
    `group` is where the ticket's page lists it, `note` what is said beside where it leads, `short` what a desk's
    button says."""

    title: str
    button: str
    fields: tuple[Field, ...] = ()
    group: str = "记录"
    note: str = ""
    grave: bool = False
    send: Callable[[Said], dict[str, Any]] | None = None
    short: str = ""


def _text(label: str, help_: str = "", *, required: bool = True, name: str = "text") -> Field:
    return Field(name, label, "text", required, help_)


def _reason(label: str, kind: Any) -> Field:
    return Field("reason", label, "choice", options=words("reason", get_args(kind)))


_MORE = _text("补充说明", required=False)
_SEALED = "密封保存,只给办理本件的岗位看。"


def _ruled(said: Said) -> dict[str, Any]:
    upheld = said.get("ruling", "") != "no"
    return {"upheld": upheld, "rung": said.get("ruling") if upheld else None, "text": said.get("text")}


def _place(said: Said) -> dict[str, Any]:
    """A building says the community, too."""
    community = None if said.get("building_code") else said.get("community_code")
    names = ("category", "building_code", "grid_code")
    return {name: said.get(name) for name in names} | {"community_code": community}


_SOLVED = Field("solved", "居民说解决了吗?", "choice", options="ways")
_SATISFIED = {"5": "5 非常满意", "4": "4 满意", "3": "3 一般", "2": "2 不满意", "1": "1 很不满意"}
_VIA = {"call": "电话", "visit": "上门"}

FORMS: dict[str, Form] = {
    "sign": Form("签收", "签收", group="承办"),
    "contact": Form("记一次联系", "记下来", (_text("联系情况", _SEALED, required=False),)),
    "note": Form("记录办理情况", "记下来", (_text("办理到哪一步", _SEALED),), short="记录"),
    "site-check": Form("现场核实", "记下来", (_text("现场看到的情况", _SEALED),)),
    "dissuade": Form(
        "劝阻记录",
        "记下来",
        (
            Field("when", "劝阻时间", "moment", required=False, help="不填就是现在。"),
            Field("place", "地点", "line", required=False, help="写公共处所,如“2单元楼道”;不写房号。"),
            _text("怎样劝阻,对方怎样回应"),
        ),
    ),
    "resolve": Form(
        "办结,附凭据",
        "办结",
        (_text("做了什么,凭什么说办好了", "写明时间、人员、结果;有照片的附在下面。", name="evidence"),),
        "承办",
        short="办结",
    ),
    "reply": Form(
        "答复居民",
        "发出答复",
        (_text("给居民的答复", "用居民听得懂的话。不要写别人的姓名电话。"),),
        "承办",
        short="答复",
    ),
    "hand-up": Form(
        "上报上一级", "上报", (_reason("为什么本级办不了", core.HandUpReason), _MORE), "转办", short="上报"
    ),
    "object": Form(
        "派单异议", "提出异议", (_reason("为什么不该由本岗位办", core.ObjectReason), _MORE), "转办", short="异议"
    ),
    "rule": Form(
        "裁定派单异议", "裁定", (Field("ruling", "由谁办", "choice", options="ways"), _MORE), "转办", send=_ruled
    ),
    "dispatch": Form(
        "指定承办", "派单", (Field("rung", "派给哪一级", "choice", options="ways"), _MORE), "转办", short="派单"
    ),
    "reassign": Form("岗位内转交", "转交", (Field("person", "交给谁", "choice", options="ways"),), "转办"),
    "reclassify": Form(
        "更正事项或地点",
        "更正",
        (
            Field("category", "事项", "groups", required=False, options="leaves", none="不变"),
            Field("building_code", "楼栋", "groups", required=False, options="buildings", none="不变"),
            Field("community_code", "社区", "list", required=False, options="communities", none="不变"),
        ),
        "转办",
        "按更正后的事项和地点重新确定承办岗位和时限。改错了可以改回来。",
        send=_place,
        short="更正",
    ),
    "extend": Form(
        "申请延期",
        "申请延期",
        (
            _reason("为什么要延期", core.ExtendReason),
            Field("days", "延长几个工作日", "number", default="1"),
            _MORE,
        ),
        "时限",
    ),
    "shelve": Form(
        "申请挂账",
        "申请挂账",
        (
            _reason("为什么现在办不了", core.ShelfReason),
            Field("review_at", "复查日期", "day", help="到这一天必须再看一次。"),
            Field("owner", "责任岗位", "list", required=False, options="owners", none="本岗位"),
            _text("办理计划", _SEALED, name="plan"),
        ),
        "时限",
    ),
    "approve": Form("批准申请", "批准", (_MORE,), "时限"),
    "decline": Form("驳回申请", "驳回", (_text("驳回的理由", required=False),), "时限"),
    "clear": Form(
        "销账", "销账", (_text("挂账的原因怎样消除了", "这是销账的凭据。" + _SEALED, name="evidence"),), "时限"
    ),
    "answer": Form("答复督办", "答复督办", (_text("做了什么,接下来做什么", _SEALED),), "承办"),
    "merge": Form(
        "并入另一张工单",
        "确定并单",
        (Field("into", "主办工单号", "line", help="HY 开头,如 HY000000123。"),),
        "并单、拆单",
        grave=True,
    ),
    "split": Form("拆单", "拆出来单独办理", (_text("为什么拆开", required=False),), "并单、拆单"),
    "follow-up": Form(
        "回访",
        "记下回访",
        (
            _SOLVED,
            Field("satisfied", "满意度", "choice", required=False, options=_SATISFIED),
            Field("via", "怎样回访", "choice", options=_VIA, default="call"),
            _text("居民的话", _SEALED, required=False, name="comment"),
        ),
        "结束",
    ),
    "reopen": Form("重办", "重办", (_reason("为什么重办", core.ReopenReason), _MORE), "结束"),
    "close": Form(
        "结案",
        "确定结案",
        (Field("outcome", "结果", "choice", options="ways"), _MORE),
        "结束",
        grave=True,
    ),
    "redirect": Form(
        "告知法定渠道并结案",
        "告知并结案",
        (_reason("为什么不在这里办", core.RedirectReason), _text("告诉居民该去哪里、怎么办")),
        "结束",
        grave=True,
    ),
    "withdraw": Form(
        "按居民意愿撤回",
        "确定撤回",
        (_text("居民怎样说的", _SEALED, required=False),),
        "结束",
        "只在居民自己要求时使用;承办人不能替居民撤回。撤回不算解决。",
        grave=True,
    ),
    "relate": Form(
        "登记当事人(回避)",
        "登记",
        (
            Field("role", "哪一方", "choice", options=words("role", ("complainant", "respondent"))),
            Field("username", "本系统的用户名", "line", required=False, help="以下四种方式只填一种。"),
            Field("phone", "电话", "line", required=False),
            Field("building_code", "楼栋", "groups", required=False, options="buildings"),
            Field("room", "门牌", "line", required=False, help="和楼栋一起填。"),
            Field("organisation", "单位的岗位编码", "line", required=False, help="如 property:小区编码。"),
        ),
        "身份",
        grave=True,
    ),
    "reveal": Form(
        "查看联系方式",
        "登记并查看",
        (
            Field("field", "看哪一项", "choice", options="ways"),
            Field("purpose", "为什么要看", "choice", options=words("purpose", get_args(Purpose))),
        ),
        "身份",
        grave=True,
        short="打电话",
    ),
    "notice": Form(
        "给被反映单位的告知书",
        "发出告知书",
        (
            Field("to", "发给谁", "choice", options="ways"),
            _text("告知书正文", "只写要对方做什么、何时答复。不写谁反映的、住哪里、怎么联系。"),
        ),
        "身份",
        grave=True,
    ),
}

# What comes first on a ticket in each state: the rest waits under 更多.
NOW: dict[str, tuple[str, ...]] = {
    "sorting": ("reclassify", "dispatch"),
    "dispatched": ("sign", "hand-up", "object"),
    "signed": ("resolve", "note", "reveal", "hand-up"),
    "resolved": ("reply", "note"),
    "replied": ("follow-up", "close", "reopen"),
    "shelved": ("clear", "note"),
    "merged": ("note",),
    "closed": ("follow-up", "reopen"),
}
# What stands beside the thing it is about, and not once more in the list.
BOXED = ("approve", "decline", "rule", "answer")
GROUPS = ("承办", "记录", "转办", "时限", "并单、拆单", "结束", "身份")


def sent(form: Form, said: Said) -> dict[str, Any]:
    """A form's fields as the API takes them; what was left empty is not sent."""
    given = {one.name: _typed(one, said.get(one.name, "")) for one in form.fields if said.get(one.name, "")}
    return {name: value for name, value in form.send(given).items() if value is not None} if form.send else given


def faults(form: Form, said: Said) -> dict[str, str]:
    """Field → what is wrong with it, as far as the form itself can tell."""
    found = {}
    for one in form.fields:
        value = said.get(one.name, "")
        if one.required and not value:
            found[one.name] = one.missing or f"请{'选择' if one.kind in _CHOSEN else '填写'}“{one.label}”。"
        elif one.kind == "number" and value and not (value.isascii() and value.isdigit() and len(value) < 5):
            found[one.name] = "请填数字。"
    return found


_CHOSEN: tuple[Kind, ...] = ("choice", "many", "score", "list", "groups")


def gathered(form: Form, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """A form's fields as they were sent, the last of each; of those with many, all of them with a space between."""
    many = {one.name for one in form.fields if one.kind == "many"}
    said = dict(pairs)
    return said | {name: " ".join(value for other, value in pairs if other == name) for name in many}


def _typed(one: Field, value: str) -> Any:
    if one.kind == "many":
        return value.split()
    if one.kind in ("number", "score") or one.name == "satisfied":
        return int(value) if value.isascii() and value.isdigit() else value
    return f"{value}:00+08:00" if one.kind == "moment" and len(value) == len("2026-11-22T10:00") else value
