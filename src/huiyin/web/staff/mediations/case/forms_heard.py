"""The forms of what a mediator hears alone (单独谈话、调查), and of dangers; part of the one table."""

from huiyin.core.mediation import kinds
from huiyin.web.staff.forms import Field, Form
from huiyin.web.staff.mediations.case.fields import SEALED, party, reason, text

FORMS: dict[str, Form] = {
    "confide": Form(
        "背对背谈话",
        "记下,只给我看",
        (party("和哪一方谈的"), text("谈了什么", "只有您本人看得到;换了调解员也看不到。")),
        "调解会", short="单独谈话",
    ),
    "investigate": Form(
        "调查记录",
        "做成记录",
        (
            Field("at", "什么时候调查的", "moment"),
            Field("place", "在哪里", "line"),
            Field("questioned", "向谁调查", "line", help=SEALED + "现场查看的,写“现场查看”。"),
            Field("relation", "与纠纷的关系", "line", required=False),
            Field("reach", "联系方式", "line", required=False),
            Field("present", "在场的还有谁", "line", required=False),
            Field("recorder", "记录人", "line", required=False, help="不填的,印出来手写。"),
            text("调查到什么", "只有承办调解员看得到,双方的页面、副本里都没有。"),
        ),
        "调解会", short="调查",
    ),
    "flag-risk": Form(
        "登记危险",
        "登记",
        (reason("什么危险", "risk", kinds.Risk), text("看到、听到了什么", SEALED + "当事人看不到。")),
        "风险", "正在发生的,先打 110。未成年人受侵害、家庭暴力的,只有承办调解员看得到内容。", grave=True,
        short="有危险",
    ),
    "report": Form(
        "登记报告",
        "记下报告",
        (
            reason("报告给谁", "body", kinds.Body),
            Field("at", "什么时候报告的", "moment"),
            text("向谁报告的、怎样答复", SEALED + "当事人看不到。"),
        ),
        "风险", short="报告",
    ),
}  # fmt: skip
