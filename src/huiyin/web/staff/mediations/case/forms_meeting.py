"""The forms of a joint meeting (联席会议): asked for by a mediator, answered by the desk; part of the one table."""

from typing import Any, get_args

from huiyin.core.mediation import kinds
from huiyin.web.staff.forms import Field, Form, Said
from huiyin.web.staff.mediations.case.called import words
from huiyin.web.staff.mediations.case.fields import dropped, text

NOTE = "联席会议不影响调解、起诉、仲裁和行政途径;调解照常进行,不等它。"
_ARRANGED = {"yes": "已经安排", "no": "不召开"}


def _answered(said: Said) -> dict[str, Any]:
    """What belongs to the other answer is not sent."""
    return dropped(said, "arranged", *(("reason",) if said.get("arranged") == "yes" else ("at", "venue")))


FORMS: dict[str, Form] = {
    "ask-meeting": Form(
        "请开联席会议",
        "请调解委员会召开",
        (
            Field("attendees", "请谁参加", "many", options=words("attendees", get_args(kinds.Attendee)),
                  missing="请勾选请谁参加。"),
            Field("until", "最晚哪一天开", "day"),
            text("为什么要开", "密封保存,只有承办调解员看得到;调解委员会、参加的单位都看不到。"),
        ),
        "联席会议", NOTE, short="联席会议",
    ),
    "answer-meeting": Form(
        "答复联席会议",
        "答复",
        (
            Field("arranged", "开不开", "choice", options=_ARRANGED),
            Field("at", "召开的,什么时候", "moment", required=False),
            Field("venue", "召开的,在哪里", "line", required=False,
                  help="不填就是调解委员会。不写当事人是谁、纠纷是什么。"),
            Field("reason", "不召开的,为什么", "choice", required=False,
                  options=words("reason", get_args(kinds.NoMeeting))),
        ),
        "联席会议", NOTE, send=_answered, short="联席会议",
    ),
}  # fmt: skip
