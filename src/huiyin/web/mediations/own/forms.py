"""A party's orders as forms (我来办理): what each means in plain words, what is asked, what cannot be undone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Literal

from msgspec import Struct

from huiyin.papers.opening import RIGHTS
from huiyin.story import BEIJING
from huiyin.web.mediations.own.asks import QUESTIONS, mediator
from huiyin.web.mediations.own.mine import Mine

Said = Mapping[str, str]
Kind = Literal["radio", "text", "tel", "area", "date", "days", "tick", "pictures", "names"]


class Field(Struct, frozen=True):
    """One thing that is asked."""

    name: str
    label: str
    kind: Kind
    options: tuple[tuple[str, str], ...] = ()
    help: str = ""
    needed: bool = True
    longest: int = 200


class Form(Struct, frozen=True):
    """One order: its title, what it means, the button; `grave` where it cannot be undone."""

    title: str
    lines: tuple[str, ...]
    button: str
    fields: tuple[Field, ...] = ()
    hidden: tuple[str, ...] = ()
    grave: bool = False
    sections: tuple[tuple[str, str], ...] = ()


_READ = Field("read", "我已经看明白了", "tick")
_FREE_WAYS = "您随时可以起诉、申请仲裁或者请求行政机关处理。"


def form(it: Mine, command: str, said: Said) -> Form:
    """The form of an order, with what was asked about in the address or on the page before."""
    made = _MADE[command](it, said)
    return made if command in ("notify-rights", "deliver-routes", "reply", "perform") else _spoken(it, made, command)


def _consent(_it: Mine, _said: Said) -> Form:
    lines = (
        "人民调解是自愿的:您愿意,各方也都愿意,才调解。",
        "人民调解是平等的:调解员不偏向哪一方,谈不谈得成由各方自己决定。",
        "人民调解是免费的:从头到尾不收一分钱。",
        f"调解不耽误别的路:{_FREE_WAYS}同意以后,随时可以停止。",
    )
    return Form("同意调解", lines, "同意调解", (_READ,))


def _refuse(_it: Mine, _said: Said) -> Form:
    lines = (
        "有一方不愿意,就不调解了,这一次到此为止,不能恢复。",
        f"不愿意不用说理由,对您没有坏处。{_FREE_WAYS}",
        "还没想好,可以先不答复,或者给调解委员会打电话问一问。",
    )
    return Form("不同意调解", lines, "确定不同意", grave=True)


def _stop(_it: Mine, _said: Said) -> Form:
    lines = (
        "停止以后,这次调解就结束了,不能恢复;已经谈好、还没有生效的内容都不算数。",
        "调解委员会会告诉各方调解结束了,也会告诉各方还有哪些途径。",
        f"停止不用说理由,不收费。{_FREE_WAYS}以后还想调解,可以重新申请。",
    )
    return Form("停止调解", lines, "确定停止", grave=True)


def _rights(_it: Mine, _said: Said) -> Form:
    lines = ("根据《中华人民共和国人民调解法》,现将有关事项告知如下:",)
    tick = Field("read", "以上内容,我已经阅读(或者已听人宣读)并且明白", "tick")
    return Form("权利义务告知书", lines, "我知道了", (tick,), sections=tuple(RIGHTS))


def _empower(it: Mine, _said: Said) -> Form:
    lines = (
        "您不方便的时候,可以请一个人代您来。委托以后,您自己仍然可以参加、可以签字。",
        "请带身份证和代理人的身份证到调解委员会核对;以前委托过的,以最后一次为准。",
    )
    scope = (
        ("no", "一般授权:可以代我来、代我说;同意、签字还要我本人"),
        ("yes", "特别授权:还可以代我同意、代我签协议"),
    )
    fields = (
        Field("name", "代理人姓名", "text", longest=64),
        Field("phone", "代理人电话", "tel", needed=False, longest=32),
        Field("text", "和您是什么关系,委托他/她做什么", "area", longest=500),
        Field("special", "给多大的权限", "radio", scope),
    )
    return Form("委托代理人", lines, "委托", fields)


def _represent(it: Mine, _said: Said) -> Form:
    most = it.book.representatives
    lines = (f"你们人多,请推选代表人,由代表人来谈、来签。最多 {most} 位;再推选一次,以后一次为准。",)
    rows = tuple((str(n), f"第 {n + 1} 位") for n in range(most))
    return Form("推选代表人", lines, "推选", (Field("names", "代表人姓名", "names", rows, longest=64),))


_YES_NO = (("yes", "同意"), ("no", "不同意"))


def _answer(it: Mine, said: Said) -> Form:
    lines: tuple[str, ...]
    matter, of, yes = (said.get(name, "") for name in ("matter", "of", "yes"))
    if matter == "mediator":
        return _about_mediator(it, of, yes)
    if matter == "invitee":
        title, lines = "请这位帮助调解,您同意吗?", ("各方都同意,才请他/她来。",)
    else:
        title, lines = QUESTIONS.get(matter, ("您的意见", ("各方都同意才算数。",)))
    fields: tuple[Field, ...] = (Field("yes", "您的意见", "radio", _YES_NO),)
    if matter == "extension" and not of:
        longest = it.book.extension.longest
        help_ = f"1 到 {longest} 天。各方都同意同样的天数才延长。"
        days = Field("of", "延长多少天", "days", help=help_, longest=longest)
        return Form("把调解时间延长一些", lines, "提出来", (days, fields[0]), ("matter",))
    return Form(title.format(of=of), lines, "提交", fields, ("matter", "of"))


def _about_mediator(it: Mine, person: str, yes: str) -> Form:
    who = mediator(it, person)
    if yes == "no" and person in it.seen.mediators:
        lines = (f"您不接受{who},他/她就退出,不能再回来;调解委员会另确定一位。", "不用说理由,也不影响您的任何权利。")
        return Form("不接受这位调解员", lines, "确定换一位", (), ("matter", "of", "yes"), grave=True)
    fields = (Field("yes", "您的意见", "radio", (("yes", "接受"), ("no", "不接受"))),)
    return Form(f"由{who}调解,您接受吗?", (f"所在组织:{it.body}。",), "提交", fields, ("matter", "of"))


_COMING = (("yes", "我来参加"), ("another-time", "请改时间"), ("no", "不参加"))


def _reply(_it: Mine, said: Said) -> Form:
    field = Field("coming", "您来吗?", "radio", _COMING)
    return Form(f"第 {said.get('session', '')[:4]} 次调解会,您来吗?", (), "答复", (field,), ("session",))


def _mark(_it: Mine, _said: Said) -> Form:
    lines = ("请从头到尾读一遍。同意每一条,再在下面签名;签了不能改。不同意就不签,告诉调解员要改哪里。",)
    return Form("读协议书,签字", lines, "确定签字")


def _perform(it: Mine, said: Said) -> Form:
    item = said.get("item", "")
    owed = (
        next((one.item for one in it.seen.agreement.owed if one.item.item == item), None) if it.seen.agreement else None
    )
    lines = (f"约定:{it.said(owed.words)}。",) if owed else ()
    fields = (
        Field("done", "做到了多少?", "radio", (("whole", "全部收到、全部做好了"), ("part", "只有一部分"))),
        Field("at", "哪一天收到、做好的?", "date"),
        Field("picture", "收条、转账单、现场照片", "pictures", needed=False),
    )
    return Form("对方照约定做了吗?", lines, "登记", fields, ("item",))


def _sue(_it: Mine, _said: Said) -> Form:
    lines = (
        "就协议的内容或者履行去法院起诉,是您的权利,不用谁同意。",
        "在这里登记一下“已经起诉”,调解委员会就不再催办,等法院的结果。登记以后不能取消。",
        "需要帮助写起诉状,可以打 12348 法律服务热线,免费。",
    )
    return Form("登记:我已经向法院起诉", lines, "确定登记", grave=True)


def _routes(it: Mine, _said: Said) -> Form:
    ways = tuple(f"可以{it.word('routes', one)}。" for one in it.seen.routes)
    lines = ("调解结束了。这件事您还可以:", *ways, "需要帮助,可以打 12348 法律服务热线,免费。")
    return Form("其他解决途径", lines, "我知道了")


_MADE: dict[str, Callable[[Mine, Said], Form]] = {
    "consent": _consent,
    "refuse": _refuse,
    "stop": _stop,
    "notify-rights": _rights,
    "empower": _empower,
    "represent": _represent,
    "answer": _answer,
    "reply": _reply,
    "mark": _mark,
    "perform": _perform,
    "sue": _sue,
    "deliver-routes": _routes,
}
COMMANDS = tuple(_MADE)
_SPOKEN = frozenset(("consent", "refuse", "stop", "answer", "mark"))


def _spoken(it: Mine, made: Form, command: str) -> Form:
    """With who it is that speaks for this side, where somebody else than the party itself may."""
    if command not in _SPOKEN or not (who := speakers(it)):
        return made
    field = Field("by", "您是哪一位?", "radio", tuple(who))
    return Form(made.title, made.lines, made.button, (field, *made.fields), made.hidden, made.grave, made.sections)


def speakers(it: Mine) -> list[tuple[str, str]]:
    """Who may speak for this side; [] where only the party itself may."""
    line = it.seen.mine
    agents = [(one.agent, f"代理人{it.name(one.agent)}") for one in line.agents]
    chosen = [(one, f"代表人{it.name(one, str(n))}") for n, one in enumerate(line.representatives, 1)]
    if line.kind == "group":
        return [*chosen, *agents]
    return [("self", "当事人本人"), *agents] if agents else []


# -- what was sent ----------------------------------------------------------------------------------------


def faults(made: Form, said: Said) -> dict[str, str]:
    """Field → what is wrong with it."""
    found = {}
    for one in made.fields:
        if wrong := _fault(one, said):
            found[one.name] = wrong
    return found


def _fault(one: Field, said: Said) -> str:
    value = said.get(one.name, "")
    if one.kind == "names":
        return "" if names(said) else "请至少写一位代表人的姓名。"
    if one.kind == "pictures":
        return ""
    if not value:
        asked = {"radio": "请选一项。", "tick": "请先看一遍,再打勾。", "date": "请填日期。"}
        return asked.get(one.kind, f"请填写{one.label}。") if one.needed else ""
    if one.kind == "radio" and value not in dict(one.options):
        return "请选一项。"
    if one.kind == "days" and not (value.isascii() and value.isdigit() and 1 <= int(value) <= one.longest):
        return f"请填 1 到 {one.longest} 的数字。"
    if one.kind == "date" and day(value) is None:
        return "请填日期,例如 2026-12-01。"
    return f"太长了:最多 {one.longest} 字。" if len(value) > one.longest else ""


def names(said: Said) -> list[str]:
    """The names that were written."""
    return [value[:64] for name, value in said.items() if name.startswith("name") and value]


def day(value: str) -> datetime | None:
    """The beginning of a day in Beijing."""
    try:
        return datetime.combine(datetime.strptime(value, "%Y-%m-%d").date(), time(), BEIJING)  # noqa: DTZ007
    except ValueError:
        return None


def body(command: str, said: Said) -> dict[str, Any]:
    """What the API is sent."""
    match command:
        case "consent" | "refuse" | "stop" | "notify-rights" | "deliver-routes":
            return {"how": "screen"}
        case "answer":
            return {"matter": said.get("matter", ""), "of": said.get("of", ""), "yes": said.get("yes") == "yes"}
        case "reply":
            number = said.get("session", "")
            session = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
            return {"session": session, "coming": said.get("coming", "")}
        case "perform":
            at = day(said.get("at", ""))
            assert at is not None  # its faults were looked for
            return {"item": said.get("item", ""), "done": said.get("done", ""), "at": at.isoformat()}
        case "empower":
            return _agent(said)
        case "represent":
            return _chosen(names(said))
    return {}


def _agent(said: Said) -> dict[str, Any]:
    who = {name: said[name] for name in ("name", "phone") if said.get(name)}
    return {"who": who, "text": said.get("text", ""), "special": said.get("special") == "yes"}


def _chosen(some: Sequence[str]) -> dict[str, Any]:
    return {"who": [{"name": one} for one in some]}
