"""The parties of a mediation as cards (当事人卡片), what they were asked, who mediates: for its mediators alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from huiyin.core.mediation.kinds import Matter
from huiyin.core.mediation.state import Line, Mediation, Question
from huiyin.web.mediations.shown import is_picture
from huiyin.web.staff.mediations.case.called import KINDS, Callers, word

Words = Mapping[str, str]
ERASED = "原文已经删除"


class Done(Struct, frozen=True):
    """One thing that every party has to say or be told: when and how; `ask` is the order that records it."""

    name: str
    at: datetime | None = None
    how: str = ""
    done: bool = False
    ask: str = ""
    picture: str = ""


class Card(Struct, frozen=True):
    """One party."""

    party: str
    side: str
    applicant: bool
    name: str
    kind: str
    done: tuple[Done, ...]
    people: tuple[str, ...]
    ended: str = ""


class Asked(Struct, frozen=True):
    """One question to all parties; of each yes, no or "" in the order of the cards."""

    matter: str
    said: tuple[str, ...]
    allowed: bool


class Seat(Struct, frozen=True):
    """Who mediates, how it came to that, what they disclosed."""

    name: str
    chosen: bool
    disclosed: tuple[str, ...]


def cards(one: Mediation, callers: Callers) -> list[Card]:
    """The applicants first: left on a desk, on top on a phone."""
    lines = sorted(one.lines, key=lambda line: not line.applicant)
    return [_card(one, line, callers) for line in lines]


def _card(one: Mediation, line: Line, callers: Callers) -> Card:
    name = callers.names.get(line.party) or ""
    ended = word("reason", one.ending.reason) if one.ending and one.ending.party == line.party else ""
    return Card(
        line.party, callers.side(line), line.applicant, name or callers.party(line.party).partition("(")[0],
        KINDS[line.kind] + ("" if name else ",身份还没有登记"), tuple(_done(one, line, callers)),
        tuple(_people(line, callers)), ended,
    )  # fmt: skip


def _done(one: Mediation, line: Line, callers: Callers) -> list[Done]:
    """Consent and rights; the mark where there is a document, the court where it has effect, the notice where it
    ended."""
    yes, told = line.consent, line.notice
    by = callers.person(yes.by, "代理人或者代表人") if yes and yes.by else ""
    how = (word("how", yes.how) + (f",由{by}说" if by else "")) if yes else ""
    found = [
        Done("同意调解", yes.at if yes else None, how, yes is not None, "consent"),
        Done("告知权利义务", told.at if told else None, word("how", told.how) if told else "", told is not None,
             "notify-rights"),
    ]  # fmt: skip
    if one.agreement is not None and one.agreement.form == "written":
        found.append(_mark(one, line))
    if one.confirm_by is not None:
        found.append(_of_the_court(line))
    if one.ending is not None:
        found.append(Done("其他途径告知书", None, "已送达" if line.told else "", line.told, "deliver-routes"))
    return found


def _of_the_court(line: Line) -> Done:
    told = line.confirm_told
    how = word("how", told.how) if told else ""
    return Done("告知司法确认权利", told.at if told else None, how, told is not None, "tell-confirmation")


def _mark(one: Mediation, line: Line) -> Done:
    mark = one.agreement.mark("party", line.party) if one.agreement else None
    if mark is None:
        return Done("在协议书上签字", ask="mark")
    picture = mark.image.dossier if mark.image and is_picture(mark.image) else ""
    return Done("在协议书上签字", mark.at, word("form", mark.form), True, "mark", picture)


def _people(line: Line, callers: Callers) -> list[str]:
    agents = [
        f"代理人 {callers.person(one.agent, '(姓名没有登记)')}({'特别授权' if one.special else '一般授权'})"
        for one in line.agents
    ]
    chosen = [f"代表人 {callers.person(one, '(姓名没有登记)')}" for one in line.representatives]
    return [*agents, *chosen]


def questions(one: Mediation, order: Sequence[Card], callers: Callers) -> list[Asked]:
    """What was asked of all, and who was invited and not yet answered for."""
    known = {(each.matter, each.of) for each in one.questions}
    invited = (Question("invitee", each.person) for each in one.helpers)
    some = [*one.questions, *(each for each in invited if (each.matter, each.of) not in known)]
    return [
        Asked(
            _matter(each.matter, each.of, callers),
            tuple(_said(each, card.party) for card in order),
            one.allowed(each.matter, each.of),
        )
        for each in some
    ]


def _said(question: Question, party: str) -> str:
    return "yes" if party in question.yes else "no" if party in question.no else ""


def _matter(matter: Matter, of: str, callers: Callers) -> str:
    if matter == "mediator":
        return f"由{callers.mediator(of)}调解"
    if matter == "invitee":
        return f"邀请{callers.person(of, '这位人员')}参加"
    return f"延长期限 {of} 日" if matter == "extension" else word("matter", matter)


def seats(one: Mediation, callers: Callers, words: Words) -> list[Seat]:
    """Who mediates now."""
    return [
        Seat(callers.mediator(each.person), each.chosen, tuple(words.get(w.dossier, ERASED) for w in each.disclosed))
        for each in one.mediators
    ]
