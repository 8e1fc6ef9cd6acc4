"""The forms of the orders about a mediation (调解的办理表单): what each asks for in plain words; one table."""

from collections.abc import Callable
from typing import Any

from huiyin.core.mediation import kinds
from huiyin.web.staff.forms import Field, Form, Said
from huiyin.web.staff.mediations.case import forms_agreed, forms_heard, forms_meeting
from huiyin.web.staff.mediations.case.fields import HOW, SEALED, TOLD, chosen, dropped, party, reason, sure, text

_YES_NO = {"yes": "是", "no": "否"}
_AUTHORITY = {"no": "一般授权:到场、陈述", "yes": "特别授权:可以代为同意、签字"}
_WHO = ("name", "phone", "relation", "id_number")
_CHOSEN = {"no": "由委员会指派", "yes": "各方共同选定"}
_SPEAKER = Field(
    "by", "谁说的", "list", required=False, options="voices", none="当事人本人",
    help="代理人要有特别授权;人数众多的一方由推选的代表人表态。",
)  # fmt: skip


def _who(label: str, *, required: bool = True, relation: str = "与当事人的关系") -> tuple[Field, ...]:
    """Somebody who is new to the case; what is typed goes into the vault."""
    told = "姓名、电话只进保管库,只有承办调解员看得到;系统按人核对回避。"
    return (
        Field("name", label, "line", required=required, help=told),
        Field("phone", "电话", "line", required=False),
        Field("relation", relation, "line", required=False),
    )


def _person(said: Said) -> dict[str, Any] | None:
    found = {name: said[name] for name in _WHO if said.get(name)}
    return found if "name" in found else None


def _empowered(said: Said) -> dict[str, Any]:
    return {**dropped(said, *_WHO), "who": _person(said), "special": said.get("special") == "yes"}


def _represented(said: Said) -> dict[str, Any]:
    some = [{"name": said[f"name{n}"], **({"phone": said[f"phone{n}"]} if said.get(f"phone{n}") else {})}
            for n in range(1, 6) if said.get(f"name{n}")]  # fmt: skip
    return {"party": said.get("party", ""), "who": some}


def _invited(said: Said) -> dict[str, Any]:
    return {"helper": said.get("helper", ""), "who": _person(said)}


def _answered(said: Said) -> dict[str, Any]:
    """`of` is asked for each matter by itself."""
    of = {"mediator": "mediator", "invitee": "invitee", "extension": "days"}.get(said.get("matter", ""), "")
    found = {**dropped(said, "mediator", "invitee", "days"), "yes": said.get("yes") == "yes"}
    return found | ({"of": str(said[of])} if of and said.get(of) else {})


_TOLD = (party("哪一方"), TOLD)
_SPOKEN = (party("哪一方"), HOW, _SPEAKER)
FORMS: dict[str, Form] = {
    "check": Form(
        "审查是否可以受理",
        "记下审查结果",
        (
            Field("bars", "有没有不予受理的情形?", "many", required=False, options="bars", help="没有的都不选。"),
            Field("civil", "只调解其中的民事部分?", "choice", required=False, options=_YES_NO,
                  help="例如治安案件由公安机关处理,民事赔偿可以调解。"),
        ),
        "受理",
        send=chosen("civil"),
        short="审查",
    ),
    "accept": Form("受理,编案号", "受理", group="受理", short="受理"),
    "decline": Form(
        "不予受理",
        "不予受理",
        (text("怎样告诉当事人", "写明不能受理的原因、可以去哪里办。" + SEALED), sure("不予受理就此结束,不能改。")),
        "受理", grave=True, send=chosen(),
    ),
    "consent": Form("登记同意调解", "记下同意", _SPOKEN, "当事人", short="同意"),
    "refuse": Form(
        "登记不同意调解", "记下不同意", (*_SPOKEN, sure("有一方不同意,这件调解就此结束。")), "当事人", grave=True,
        send=chosen(), short="不同意",
    ),
    "stop": Form(
        "当事人要求终止调解", "终止调解", (*_SPOKEN, sure("当事人要求终止,这件调解就此结束,不能改。")), "结束",
        "协议生效以前,任何一方随时可以终止,不用说理由。", grave=True, send=chosen(),
    ),
    "notify-rights": Form("告知权利义务", "记下告知", _TOLD, "当事人", "要当面说清:自愿、平等、免费,随时可以起诉。",
                          short="告知"),
    "empower": Form(
        "委托代理人",
        "登记委托",
        (
            party("替哪一方"),
            *_who("代理人姓名", required=False),
            Field("id_number", "代理人身份证号码", "line", required=False, help="印在文书上;不填的手写。"),
            Field("agent", "或者:已经登记的代理人", "list", required=False, options="agents", none="新的代理人"),
            Field("special", "授权", "choice", options=_AUTHORITY),
            text("授权委托书写了什么", SEALED),
        ),
        "当事人", send=_empowered, short="代理人",
    ),
    "represent": Form(
        "推选代表人",
        "登记代表人",
        (
            party("哪一方"),
            *(one for n in range(1, 6) for one in (
                Field(f"name{n}", f"代表人 {n} 姓名", "line", required=n == 1),
                Field(f"phone{n}", f"代表人 {n} 电话", "line", required=False),
            )),
        ),
        "当事人", "最多 5 人;重新登记的,以这一次为准。", send=_represented, short="代表人",
    ),
    "invite": Form(
        "邀请有关人员参加",
        "提出邀请",
        (reason("什么人", "helper", kinds.Helper), *_who("姓名", relation="单位、职业或者与当事人的关系")),
        "当事人", send=_invited, short="邀请",
    ),
    "answer": Form(
        "登记当事人的表态",
        "记下表态",
        (
            party("哪一方"),
            Field("matter", "对什么事", "choice", options="matters"),
            Field("mediator", "哪一位调解员", "list", required=False, options="mediators", none="请选择"),
            Field("invitee", "哪一位受邀的人", "list", required=False, options="helpers", none="请选择"),
            Field("days", "延长几日", "number", required=False, help="在期满以前;最多 30 日。"),
            Field("yes", "同意吗?", "choice", options={"yes": "同意", "no": "不同意"}),
            _SPEAKER,
        ),
        "当事人", "不接受某位调解员的,该调解员即退出,不用说理由。", send=_answered, short="表态",
    ),
    "assign": Form(
        "确定调解员",
        "确定",
        (
            Field("person", "由谁调解", "choice", options="suited",
                  help="按专长、在办件数排列;与本件有利害关系的不能选。"),
            Field("chosen", "怎样确定的", "choice", options=_CHOSEN, default="no"),
        ),
        "调解员", send=chosen("chosen"), short="指派",
    ),
    "disclose": Form(
        "向各方披露", "披露", (text("有什么可能影响公正的,没有就写没有", "各方都看得到。"),), "调解员", short="披露"
    ),
    "release": Form(
        "调解员退出",
        "确定退出",
        (
            Field("person", "哪一位", "choice", options="seated"),
            reason("为什么", "reason", kinds.Leaving),
            sure("退出以后马上看不到本件。"),
        ),
        "调解员", grave=True, send=chosen(), short="退出",
    ),
    "plan": Form(
        "约定调解会",
        "发出邀请",
        (
            Field("at", "什么时间", "moment"),
            Field("online", "怎样开", "choice", options={"no": "到场", "yes": "在线"}, default="no"),
            Field("venue", "地点或者在线会议的进入办法", "line", required=False,
                  help="不填就是调解委员会。各方看得到。"),
        ),
        "调解会", send=chosen("online"), short="约会",
    ),
    "reply": Form(
        "登记对邀请的答复",
        "记下答复",
        (party("哪一方"), Field("session", "哪一次", "choice", options="sessions"),
         reason("来不来", "coming", kinds.Coming)),
        "调解会", send=lambda said: {**said, "session": _number(said)}, short="答复",
    ),
    "hold": Form("调解记录", "做成记录", group="调解会", short="记录"),
    "adjourn": Form(
        "取消调解会",
        "取消这一次",
        (Field("session", "哪一次", "choice", options="sessions"), text("为什么", SEALED)),
        "调解会", send=lambda said: {**said, "session": _number(said)}, short="取消",
    ),
    **forms_heard.FORMS,
    **forms_meeting.FORMS,
    **forms_agreed.FORMS,
}  # fmt: skip


def _number(said: Said) -> Any:
    value = said.get("session", "")
    return int(value) if value.isascii() and value.isdigit() else value


Send = Callable[[Said], dict[str, Any]]
# What comes first by where the case stands (`store.mediations.stage`); the rest waits under 还可以.
FIRST: dict[str, tuple[str, ...]] = {
    "checking": ("check",),
    "barred": ("decline", "check"),
    "consenting": ("consent", "refuse"),
    "accepting": ("accept",),
    "notifying": ("notify-rights", "disclose"),
    "seating": ("assign",),
    "planning": ("plan", "hold", "disclose"),
    "sitting": ("hold", "reply", "adjourn"),
    "drafting": ("draft", "plan", "hold"),
    "signing": ("mark",),
    "sealing": ("mark",),
    "performing": ("perform", "tell-confirmation", "breach", "visit"),
    "breached": ("perform", "visit", "archive"),
    "visiting": ("visit", "tell-confirmation"),
    "telling": ("deliver-routes",),
    "filing": ("archive",),
}
GROUPS = ("受理", "当事人", "调解员", "调解会", "联席会议", "协议", "履行", "司法确认", "风险", "结束")

# Fields that a refusal is about: the first of them that the form has.
_ABOUT: dict[str, tuple[str, ...]] = {
    "unknown-party": ("party",),
    "representative-needed": ("by",),
    "not-an-agent": ("by",),
    "authority-too-small": ("by",),
    "nobody-named": ("name", "name1", "agent"),
    "extension-too-long": ("days",),
    "nothing-to-extend": ("days",),
    "no-extension-left": ("days",),
    "not-invited": ("invitee",),
    "not-a-mediator": ("person", "mediator"),
    "mediator-recused": ("person", "mediator"),
    "mediator-challenged": ("person",),
    "not-chosen-by-all": ("chosen",),
    "session-in-the-past": ("at",),
    "session-too-late": ("at",),
    "not-yet-happened": ("at", "began"),
    "before-the-notice": ("began",),
    "before-the-session": ("at",),
    "before-the-document": ("at",),
    "before-effect": ("at",),
    "over-before-it-began": ("ended",),
    "nobody-asked": ("attendees",),
    "moment-past": ("until", "at"),
    "when-or-why": ("at",),
    "was-not-there": ("present",),
    "nobody-there": ("present", "parties"),
    "invitee-not-agreed": ("invitees",),
    "unknown-item": ("item",),
    "already-performed": ("item",),
    "not-due-yet": ("item",),
    "already-breached": ("item",),
    "file-incomplete": ("papers",),
    "nothing-to-report": ("body",),
    "not-a-group": ("party",),
    "already-marked": ("hand", "party"),
    "signature-needed": ("form",),
    "seal-needed": ("form",),
    "not-your-hand": ("hand",),
    "picture-needed": ("picture",),
    "unlawful-terms": ("insist",),
    "vague-terms": ("insist",),
}


def about(code: str, field: str, form: Form) -> str:
    """The form's field that a refusal is about; "" for none."""
    names = {"picture", *(one.name for one in form.fields)}
    return next((one for one in (field, *_ABOUT.get(code, ())) if one in names), "")
