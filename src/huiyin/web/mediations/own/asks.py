"""What a party is asked now (现在请您): one card a question, what all others wait for first, each with its day."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.mediation.seen import Stance
from huiyin.core.mediation.state import Owed
from huiyin.web.mediations.own.mine import Mine
from huiyin.web.paint import moment

_SOON = timedelta(days=7)


class Button(Struct, frozen=True):
    """One answer: sent at once; or with `ask` a page first, for what has to be read, written or cannot be undone."""

    words: str
    command: str
    fields: tuple[tuple[str, str], ...] = ()
    style: str = ""
    ask: bool = False


class Card(Struct, frozen=True):
    """One question: what it is about, until when, the answers."""

    key: str
    title: str
    lines: tuple[str, ...]
    buttons: tuple[Button, ...] = ()
    until: datetime | None = None


def cards(it: Mine) -> list[Card]:
    """All that is open on this side, the most pressing first; none once it is filed."""
    if it.filed:
        return []
    return list(_open(it))


def _open(it: Mine) -> Iterator[Card]:
    yield from _beginning(it)
    yield from _sessions(it)
    yield from _paper(it)
    yield from _people(it)
    yield from _questions(it)
    yield from _kept(it)
    yield from _over(it)


def _beginning(it: Mine) -> Iterator[Card]:
    line = it.seen.mine
    lines: tuple[str, ...]
    if it.seen.state == "applied" and line.consent is None:
        about = (f"为的是“{it.about}”这件事。",) if it.about else ()
        lines = (
            *about,
            "愿意,就由人民调解员帮双方坐下来商量;不愿意也可以,直接走其他途径。",
            "同意以后,随时还可以停止。",
        )
        agree = Button("同意调解", "consent", ask=True)
        yield Card("consent", "您同意调解吗?", lines, (agree, Button("不同意调解", "refuse", style="quiet", ask=True)))
    if it.before_effect and line.notice is None and line.consent is not None:
        lines = ("调解以前,请先读一遍您的权利和义务,两三分钟。看不清可以请家人或者调解员念给您听。",)
        yield Card("notify-rights", "请阅读权利义务告知书", lines, (Button("去阅读", "notify-rights", ask=True),))


def _sessions(it: Mine) -> Iterator[Card]:
    if it.seen.state not in ("accepted", "signing"):
        return
    for one in it.waits:
        if one.coming is None and one.at > it.now:
            where = "在线参加,方式由调解员告诉您。" if one.online else f"地点:{it.said(one.venue) or it.body}。"
            session = ("session", str(one.session))
            buttons = (
                Button("我来参加", "reply", (session, ("coming", "yes"))),
                Button("请改时间", "reply", (session, ("coming", "another-time")), "quiet"),
                Button("不参加", "reply", (session, ("coming", "no")), "quiet"),
            )
            title = f"第 {one.session} 次调解会,您来吗?"
            yield Card(f"session-{one.session}", title, (f"时间:{moment(one.at, it.now)}。", where), buttons)


def _paper(it: Mine) -> Iterator[Card]:
    one = it.seen.agreement
    if it.seen.state == "signing" and one is not None and not one.mine:
        lines = (
            "协议书写好了。请从头到尾读一遍,每一条都同意再签;不同意就不签,告诉调解员要改哪里。",
            "各方签名、调解员签名、调解委员会盖章以后生效;生效以后就要照着做。",
        )
        yield Card("mark", "请您读协议书,签字", lines, (Button("读协议书,签字", "mark", ask=True),), it.due("mediate"))


def _people(it: Mine) -> Iterator[Card]:
    """Who mediates and who helps: nobody without the parties' trust."""
    if not it.before_effect:
        return
    disclosed = tuple(f"调解员说明:{it.said(words)}" for words in it.seen.disclosed)
    asked = {one.of: one.mine for one in it.seen.stances if one.matter == "mediator"}
    proposed = [of for of in asked if of not in it.seen.mediators]
    for person in (*it.seen.mediators, *proposed):
        if asked.get(person) is None:
            title = f"由{mediator(it, person)}调解,您接受吗?"
            lines = (f"所在组织:{it.body}。", "不接受不用说理由,另换一位。")
            yield _question(it, Stance("mediator", person, None, False), title, (*lines, *disclosed))
    known = {one.of: one.mine for one in it.seen.stances if one.matter == "invitee"}
    for one in it.seen.helpers:
        if known.get(one.person) is None:
            who = it.name(one.person)
            title = f"请{it.word('helper', one.helper)}{f'({who})' if who else ''}来帮助调解,您同意吗?"
            yield _question(it, Stance("invitee", one.person, None, False), title, ("各方都同意,才请他/她来。",))


def mediator(it: Mine, person: str) -> str:
    """What a mediator is called."""
    return f"人民调解员{it.name(person)}"


QUESTIONS = {
    "open": ("调解会公开开,您同意吗?", ("公开,就是邻居等其他人可以来旁听。各方都同意才公开,否则不公开。",)),
    "extension": (
        "调解时间延长 {of} 天,您同意吗?",
        ("各方都同意才延长,只能延长一次;到期没有谈成,调解就结束。",),
    ),
    "oral": (
        "谈成以后不写协议书,口头约定,您同意吗?",
        ("口头协议由调解员登记,从谈成那天起算数。想要书面的,请选“不同意”。",),
    ),
    "confirmation": (
        "一起申请法院司法确认,您同意吗?",
        ("法院确认以后,一方不照做,另一方可以直接申请强制执行。不收费;各方一起申请才可以。",),
    ),
}


def _questions(it: Mine) -> Iterator[Card]:
    """What somebody began to ask and this side has not answered."""
    for one in it.seen.stances:
        if one.matter in QUESTIONS and one.mine is None and may_answer(it, one.matter):
            title, lines = QUESTIONS[one.matter]
            until = it.due("confirm") if one.matter == "confirmation" else it.due("mediate")
            yield _question(it, one, title.format(of=one.of), lines, until)


def may_answer(it: Mine, matter: str) -> bool:
    """Whether it is still time for a question."""
    if matter == "confirmation":
        return it.in_effect and it.seen.confirmation == "open" and it.due("confirm") is not None
    if matter in ("extension", "oral"):
        return it.seen.state == "accepted" or (it.seen.state == "signing" and matter == "extension")
    return it.before_effect


def _question(it: Mine, one: Stance, title: str, lines: tuple[str, ...], until: datetime | None = None) -> Card:
    """Yes or no; a no to who mediates now sends them away, so that it asks first."""
    fields = (("matter", one.matter), ("of", one.of))
    yes, no = ("接受", "不接受,换一位") if one.matter == "mediator" else ("同意", "不同意")
    final = one.matter == "mediator" and one.of in it.seen.mediators
    buttons = (
        Button(yes, "answer", (*fields, ("yes", "yes"))),
        Button(no, "answer", (*fields, ("yes", "no")), "quiet", ask=final),
    )
    return Card(f"{one.matter}-{one.of}", title, lines, buttons, until)


def _kept(it: Mine) -> Iterator[Card]:
    """What is owed to this side, and what it owes, as its day comes near."""
    if not it.in_effect:
        return
    for one in unkept(it):
        due = it.due("perform", one.item.item)
        if due is None or due <= it.now + _SOON:
            yield from _item(it, one)
    if may_answer(it, "confirmation") and not any(one.matter == "confirmation" for one in it.seen.stances):
        title, lines = QUESTIONS["confirmation"]
        yield _question(it, Stance("confirmation", "", None, False), title, lines, it.due("confirm"))


def _item(it: Mine, one: Owed) -> Iterator[Card]:
    key, until, what = f"item-{one.item.item}", _day(one), f"{it.said(one.item.words).rstrip('。')}。"
    if one.item.owed == it.holder.party:
        buttons = tuple(
            Button(words, "perform", (("item", one.item.item), ("done", done)), style, True)
            for words, done, style in (("都做到了", "whole", ""), ("只有一部分", "part", "quiet"))
        )
        missing = "没有收到:先告诉调解员催一催;也可以看本页的“其他途径”。"
        yield Card(key, "对方照约定做了吗?", (what, f"约定{until}。", missing), buttons)
    elif one.item.owes == it.holder.party:
        keep = f"约定{until}。做好以后请留好收条,让对方或者调解员登记。"
        yield Card(key, "轮到您照约定做", (what, keep))


def unkept(it: Mine) -> Iterable[Owed]:
    """What was agreed and is not performed whole."""
    return [one for one in (it.seen.agreement.owed if it.seen.agreement else ()) if one.done != "whole"]


def _day(one: Owed) -> str:
    return f" {one.item.until.year}年{one.item.until.month}月{one.item.until.day}日以前"


def _over(it: Mine) -> Iterator[Card]:
    if it.seen.ended is not None and not it.seen.mine.told:
        lines = ("调解结束了,事情还可以走别的路。请看一看有哪些,需要帮助可以打 12348 免费问律师。",)
        yield Card("deliver-routes", "请看其他解决途径", lines, (Button("看其他途径", "deliver-routes", ask=True),))


def late(it: Mine, one: Owed) -> bool:
    """Whether an item's day is over and it is not performed."""
    return one.done != "whole" and local(it.now) > one.item.until
