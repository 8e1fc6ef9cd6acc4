"""The forms of the orders about a whistle (哨单的办理表单): what each asks for in plain words; one table."""

from collections.abc import Callable
from typing import Any, get_args

from msgspec.structs import replace

from huiyin.core.whistle import commands as core
from huiyin.core.whistle.rules import Pauses
from huiyin.web.staff.forms import Field, Form, Said
from huiyin.web.staff.whistles.called import words

_SCORES = {"5": "5 很好", "4": "4 好", "3": "3 一般", "2": "2 差", "1": "1 很差"}
_FOR_DEPARTMENTS = "会给部门看:只写要做什么、还缺什么,不写是谁反映的、住哪里、怎么联系。"
_FOR_STREET = "密封保存,街道、社区看得到。"
_ONCE = "发出以后不能改。"


def _text(label: str, help_: str = "", *, required: bool = True, missing: str = "") -> Field:
    return Field("text", label, "text", required, help_, missing=missing)


def _reason(label: str, kind: Any) -> Field:
    return Field("reason", label, "choice", options=words("reason", get_args(kind)))


def _position(help_: str) -> Field:
    return Field("position", "位置", "position", required=False, help=help_)


def located(said: Said) -> dict[str, Any]:
    """A position as it was typed, or the phone filled it in; what is no number is left for the API to refuse."""
    found: dict[str, Any] = {}
    for name in ("lat", "lon"):
        if value := said.get(name, ""):
            try:
                found[name] = float(value)
            except ValueError:
                found[name] = value
    return found


def _chosen(*names: str) -> Callable[[Said], dict[str, Any]]:
    """These fields are answered yes or no."""

    def send(said: Said) -> dict[str, Any]:
        return {**said, **{name: said[name] == "yes" for name in names if name in said}}

    return send


_ARRIVAL = _position("只保存到大约一百米,用来佐证到场。没有定位的请附照片。")

FORMS: dict[str, Form] = {
    "pass-on": Form("转报", "转报", group="审核"),
    "approve": Form("同意吹哨", "同意", (_text("意见", _FOR_STREET, required=False),), "审核", short="同意"),
    "decline": Form(
        "不同意吹哨",
        "不同意",
        (_reason("为什么不同意", core.SendBackReason), _text("缺什么,怎样补", _FOR_STREET)),
        "审核",
        grave=True,
        short="不同意",
    ),
    "send-back": Form(
        "退回哨单",
        "退回",
        (_reason("为什么退回", core.SendBackReason), _text("缺什么,怎样补", _FOR_STREET)),
        "审核",
        grave=True,
        short="退回",
    ),
    "rule": Form("裁定职责异议", "裁定", group="审核", grave=True, short="裁定"),
    "grant-pause": Form("同意暂停计时", "同意暂停", group="审核", short="同意暂停"),
    "refuse-pause": Form(
        "不同意暂停计时", "不同意", (_text("为什么不同意", _FOR_DEPARTMENTS),), "审核", short="不同意暂停"
    ),
    "acknowledge": Form(
        "接哨,明确到场人员",
        "接哨",
        (Field("person", "谁到场", "line", required=False, help="对方在本系统的用户名;不填就是您本人。"),),
        "办理",
        short="接哨",
    ),
    "arrive": Form(
        "到场报到",
        "报到",
        (
            Field("on_site", "人在现场吗?", "choice", options={"yes": "在现场", "no": "还不在现场"}, default="yes"),
            _ARRIVAL,
            Field("arrived_at", "到场时间", "moment", required=False, help="不填就是现在。"),
            Field("building_code", "地点", "groups", required=False, options="buildings", none="就在哨单的地点"),
        ),
        "办理",
        "有照片或者定位的记为“属实”,都没有的会注明“没有佐证”;不在现场的,到场时限照走。",
        send=_chosen("on_site"),
        short="报到",
    ),
    "plan": Form(
        "提交方案",
        "提交方案",
        (
            _text("准备怎样办,分几步", _FOR_STREET),
            Field("until", "预计什么时候完成", "moment", help="要在今后。"),
        ),
        "办理",
        short="方案",
    ),
    "progress": Form(
        "记录进展", "记下来", (_text("办到哪一步", "街道、社区、主办部门看得到。"),), "办理", short="进展"
    ),
    "answer": Form(
        "协办反馈",
        "反馈给主办",
        (_text("做了什么,结果怎样", "主办部门、街道、社区看得到。"),),
        "办理",
        _ONCE,
        grave=True,
        short="反馈",
    ),
    "reply": Form(
        "办结答复",
        "发出答复",
        (
            Field("accepted_at", "何时受理", "moment", missing="缺少:何时受理。"),
            Field(
                "contacted",
                "联系了谁",
                "many",
                options=words("contacted", get_args(core.Contacted)),
                help="可以选几项;只选哪一类,不写姓名。",
                missing="缺少:联系了谁。",
            ),
            _text("做了什么", "写明时间、措施、结果。" + _FOR_STREET, missing="缺少:做了什么。"),
            Field(
                "finished",
                "办完了吗?",
                "choice",
                options={"yes": "已经办结", "no": "还有一部分没有办完"},
                missing="缺少:是否办结,没有办结的何时办完。",
            ),
            Field("by_when", "没有办完的,什么时候办完", "moment", required=False),
        ),
        "办理",
        _ONCE,
        grave=True,
        send=_chosen("finished"),
        short="答复",
    ),
    "object": Form(
        "提出职责异议",
        "提出异议",
        (_reason("为什么不该由本部门办", core.ObjectReason), _text("依据和说明", _FOR_STREET)),
        "协调",
        short="异议",
    ),
    "ask-co": Form(
        "请协办部门",
        "发给协办部门",
        (
            Field("department", "哪个部门", "groups", options="departments"),
            _text("请它做什么", "会给这个部门看。"),
        ),
        "协调",
        grave=True,
    ),
    "ask-pause": Form(
        "申请暂停计时",
        "申请暂停",
        (
            _reason("为什么要暂停", core.PauseReason),
            Field("days", "暂停几个工作日", "number"),
            _text("说明", _FOR_STREET),
        ),
        "协调",
        short="申请暂停",
    ),
    "resume": Form("恢复计时", "恢复计时", group="协调"),
    "join": Form(
        "并入另一张工单",
        "并入",
        (Field("ticket", "工单号", "line", help="HY 开头,如 HY000000123;说的是同一件事。"),),
        "协调",
        grave=True,
    ),
    "confirm": Form(
        "现场核验,确认办结",
        "确认办结",
        (_position("您核验时所在的位置;没有定位的请附照片。"),),
        "结束",
        "核验以后不能改。没有办好的,请退回重办。",
        grave=True,
        short="确认办结",
    ),
    "return": Form(
        "没有办好,退回重办",
        "退回重办",
        (_text("还缺什么", _FOR_DEPARTMENTS),),
        "结束",
        grave=True,
        short="退回重办",
    ),
    "rate": Form("评价部门", "提交评价", group="结束", note="评价以后不能改。", grave=True, short="评价部门"),
    "rate-back": Form(
        "评哨",
        "提交评价",
        (
            Field("justified", "这个哨该不该吹?", "choice", options=words("justified", get_args(core.Justified))),
            Field("score", "给吹哨单位打分", "score", options=_SCORES),
        ),
        "结束",
        "评价以后不能改。",
        grave=True,
        short="评哨",
    ),
    "cancel": Form(
        "撤哨",
        "确定撤哨",
        (_reason("为什么撤哨", core.CancelReason), replace(_text("补充说明", _FOR_DEPARTMENTS), required=False)),
        "结束",
        grave=True,
    ),
}

# What comes first, in the order of a whistle's way; the rest waits under 还可以.
FIRST = (
    *("rule", "grant-pause", "refuse-pause", "pass-on", "approve", "decline", "send-back"),
    *("acknowledge", "arrive", "plan", "answer", "reply", "confirm", "return", "rate", "rate-back"),
)
# What is given without a form: it asks for nothing.
BARE = frozenset(("acknowledge", "grant-pause", "resume"))
GROUPS = ("审核", "办理", "协调", "结束")

# Fields that a refusal is about: the first of them that the form has.
_ABOUT: dict[str, tuple[str, ...]] = {
    "reply-lacks-accepted": ("accepted_at",),
    "reply-lacks-contacted": ("contacted",),
    "reply-lacks-done": ("text",),
    "reply-lacks-by-when": ("by_when",),
    "by-when-past": ("by_when", "until"),
    "by-when-too-far": ("by_when",),
    "not-yet-happened": ("accepted_at", "arrived_at"),
    "before-the-call": ("accepted_at", "arrived_at"),
    "nobody-named": ("person",),
    "unknown-person": ("person",),
    "pause-too-long": ("days",),
    "identifies-complainant": ("text",),
    "not-found": ("ticket",),
    **dict.fromkeys(
        ("unknown-post", "already-asked", "not-a-department", "department-recused", "lead-needed", "same-department"),
        ("to", "department"),
    ),
}


def about(code: str, field: str, form: Form) -> str:
    """The form's field that a refusal is about; "" for none."""
    names = {one.name for one in form.fields}
    if field in ("lat", "lon"):
        field = "position"
    return next((one for one in (field, *_ABOUT.get(code, ())) if one in names), "")


def scored(posts: dict[str, str], *, arrival: bool) -> Form:
    """The form of all ratings that are still to come, one department after the other."""
    asked = {"response": "响应", **({"arrival": "到场"} if arrival else {}), "quality": "质量", "cooperation": "配合"}
    fields = tuple(
        Field(f"{what}:{post}", f"{name}:{words_}", "score", options=_SCORES)
        for post, name in posts.items()
        for what, words_ in asked.items()
    )
    return replace(FORMS["rate"], fields=fields)


def paused(book: Pauses) -> Form:
    """The form of asking for a pause, with how often and how long the rulebook allows."""
    form, told = FORMS["ask-pause"], f"一张哨单最多暂停 {book.times} 次,每次最长 {book.longest} 个工作日。"
    return replace(form, fields=tuple(replace(one, help=told) if one.name == "days" else one for one in form.fields))


def ruled(*, several: bool, lead: bool) -> Form:
    """The form of a ruling; which department is asked only where several object, `lead` where the lead does."""
    which = (Field("department", "哪个部门的异议", "choice", options="objecting"),)
    fields = (
        Field("upheld", "异议成立吗?", "choice", options="rulings"),
        Field(
            "to",
            "成立的,改由哪个部门",
            "groups",
            required=False,
            options="departments",
            none="不另派(协办部门才可以)" if lead else "不另派,减少一个协办",
        ),
        replace(_text("理由", _FOR_DEPARTMENTS), required=False),
    )
    return replace(FORMS["rule"], fields=which + fields if several else fields, send=_chosen("upheld"))
