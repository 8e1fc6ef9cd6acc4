"""The forms of what comes once there are terms (协议以后的表单), and of the end; part of the one table."""

from typing import Any, get_args

from huiyin.core.mediation import kinds
from huiyin.web.staff.forms import Field, Form, Said
from huiyin.web.staff.mediations.case.called import words
from huiyin.web.staff.mediations.case.fields import SEALED, TOLD, chosen, party, reason, sure, text

_SCORES = {"5": "5 非常满意", "4": "4 满意", "3": "3 一般", "2": "2 不满意", "1": "1 很不满意"}
_COURT = Field("court", "哪个人民法院", "line", required=False, help="写全称,印在告知书、申请书上;已经写过的不填。")
_ITEM = Field("item", "哪一项约定", "choice", options="items")


def _marked(said: Said) -> dict[str, Any]:
    """Whose mark it is: a party by its id, `mediator`, `committee`."""
    hand = said.get("hand", "")
    if hand in ("mediator", "committee"):
        return {**said, "hand": hand, "form": "signature" if hand == "mediator" else "seal"}
    return {**said, "hand": "party", "party": hand}


FORMS: dict[str, Form] = {
    "draft": Form("拟定协议", "封存,等待签名", group="协议", grave=True, short="拟协议"),
    "mark": Form(
        "签名、盖章、按指印",
        "登记签章",
        (
            Field("hand", "谁的签章", "choice", options="hands"),
            Field("form", "怎样签的", "choice", options=words("form", get_args(kinds.MarkForm)), default="signature",
                  help="调解员是签名,调解委员会是盖章。"),
            Field("at", "什么时候签的", "moment"),
            Field("by", "由谁代签", "list", required=False, options="voices", none="当事人本人"),
        ),
        "协议", "代当事人登记的,必须附签字页照片。", grave=True, send=_marked, short="签章",
    ),
    "agree-orally": Form("登记口头协议", "登记", group="协议", grave=True, short="口头协议"),
    "perform": Form(
        "登记履行情况",
        "记下履行",
        (
            _ITEM,
            reason("履行了多少", "done", kinds.Done),
            Field("at", "什么时候履行的", "moment"),
            Field("party", "谁说的", "list", required=False, options="party-list", none="调解员核实"),
        ),
        "履行", "收条、转账记录、现场照片可以一起附上。", short="履行",
    ),
    "breach": Form("登记逾期未履行", "登记", (_ITEM, text("核实的情况", SEALED)), "履行", grave=True, short="违约"),
    "visit": Form(
        "回访",
        "记下回访",
        (
            Field("at", "什么时候回访的", "moment"),
            Field("parties", "回访了哪几方", "many", options="parties"),
            reason("约定做到了吗?", "kept", kinds.Kept),
            Field("satisfied", "满意度", "choice", required=False, options=_SCORES),
            text("当事人怎样说", SEALED),
            text("后来有没有诉讼,结果怎样", "没有的不填。", required=False, name="lawsuit"),
            text("有没有激化等隐患", "没有的不填;有危险的,另外登记危险。", required=False, name="hazards"),
        ),
        "履行", short="回访",
    ),
    "sue": Form("登记已经起诉", "登记", (party("哪一方起诉的"),), "履行", short="起诉"),
    "tell-confirmation": Form(
        "告知司法确认权利", "记下告知",
        (party("哪一方"), TOLD, Field("at", "什么时候告知的", "moment"), _COURT),
        "司法确认",
        "要说清:三十日内各方可以共同申请,不收费;裁定有效的可以申请强制执行;不申请,协议仍有约束力。", short="告知确认",
    ),
    "apply-confirmation": Form(
        "登记共同申请司法确认", "登记", (Field("at", "什么时候递交法院的", "moment"), _COURT), "司法确认",
        "要各方共同申请;先在“表态”里登记各方同意。", short="申请确认",
    ),
    "record-ruling": Form(
        "登记法院的结果",
        "登记",
        (reason("结果", "ruling", kinds.Ruling), text("裁定书文号、要点", SEALED)),
        "司法确认", grave=True, short="法院结果",
    ),
    "end": Form(
        "终止调解(委员会)",
        "终止调解",
        (
            reason("为什么", "reason", kinds.ByHand),
            text("说明", SEALED),
            sure("终止以后不能改,随即告知各方其他途径。"),
        ),
        "结束", grave=True, send=chosen(),
    ),
    "deliver-routes": Form("送达其他途径告知书", "记下送达", (party("哪一方"), TOLD), "结束", short="送达"),
    "archive": Form(
        "归档",
        "归档",
        (
            Field("papers", "卷内已有的材料", "many", options=words("papers", get_args(kinds.Paper)),
                  missing="请勾选卷内已有的材料。"),
            sure("归档以后什么都不能改。"),
        ),
        "结束", grave=True, send=chosen(), short="归档",
    ),
}  # fmt: skip
