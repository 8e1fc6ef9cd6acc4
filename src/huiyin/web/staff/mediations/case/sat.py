"""The sessions of a mediation (调解会), what was confided to who looks, dangers: for its mediators alone."""

from datetime import datetime

from msgspec import Struct

from huiyin.core.mediation.kinds import Statement
from huiyin.core.mediation.state import Mediation, Session
from huiyin.core.mediation.steps import Investigated
from huiyin.core.words import Sealed
from huiyin.web.staff.mediations.case.called import Callers, word
from huiyin.web.staff.mediations.case.cards import ERASED, Words

Said = tuple[str, str]  # who, what


class Held(Struct, frozen=True):
    """What a session came to."""

    present: tuple[str, ...]
    others: tuple[str, ...]
    statements: tuple[Said, ...]
    offers: tuple[Said, ...]
    undisputed: tuple[str, ...]
    minutes: str
    ended: datetime | None
    recorder: str


class Meeting(Struct, frozen=True):
    """A session: planned with its answers, held, or called off."""

    number: int
    at: datetime | None
    online: bool
    venue: str
    replies: tuple[Said, ...]
    held: Held | None
    adjourned: str | None
    waits: bool


class Danger(Struct, frozen=True):
    """What was seen and reported; `owing` whom it must still be reported to."""

    owing: tuple[str, ...]
    risks: tuple[str, ...]
    reports: tuple[str, ...]


def meetings(one: Mediation, callers: Callers, words: Words) -> list[Meeting]:
    """Newest first."""
    return [_meeting(each, callers, words) for each in reversed(one.sessions)]


def _meeting(one: Session, callers: Callers, words: Words) -> Meeting:
    plan, held = one.plan, one.held
    answered = {each.party: word("coming", each.coming) for each in one.replies}
    replies = [(callers.party(line.party), answered.get(line.party, "还没有答复")) for line in callers.lines]
    return Meeting(
        number=one.number,
        at=held.began if held else plan.at if plan else None,
        online=plan is not None and plan.online,
        venue=_word(plan.venue, words) if plan and plan.venue else "",
        replies=tuple(replies) if plan else (),
        held=_held(one, callers, words),
        adjourned=_word(one.adjourned, words) if one.adjourned else None,
        waits=one.waits,
    )


def _held(one: Session, callers: Callers, words: Words) -> Held | None:
    held = one.held
    if held is None:
        return None

    def said(some: tuple[Statement, ...]) -> tuple[Said, ...]:
        return tuple((callers.party(each.party), _word(each.words, words)) for each in some)

    return Held(
        present=tuple(map(callers.party, held.present)),
        others=tuple(callers.person(each, "受邀的人") for each in held.invitees),
        statements=said(held.statements),
        offers=said(held.offers),
        undisputed=tuple(_word(each, words) for each in held.undisputed),
        minutes=_word(held.minutes, words),
        ended=held.ended,
        recorder=_word(held.recorder, words) if held.recorder else "",
    )


class Inquiry(Struct, frozen=True):
    """What somebody was asked: `said` are the short facts that are known."""

    at: datetime
    asked: str
    said: tuple[Said, ...]
    words: str


def inquiries(one: Mediation, callers: Callers, words: Words) -> list[Inquiry]:
    """Newest first."""
    return [_inquiry(each, callers, words) for each in reversed(one.investigations)]


def _inquiry(one: Investigated, callers: Callers, words: Words) -> Inquiry:
    facts = {"地点": one.place, "与纠纷的关系": one.relation, "联系方式": one.reach, "在场": one.present}
    known = [(name, _word(each, words)) for name, each in facts.items() if each]
    recorder = (("记录人", _word(one.recorder, words)),) if one.recorder else ()
    said = (*known, ("调查人", callers.mediator(one.mediator)), *recorder)
    return Inquiry(one.at, _word(one.questioned, words), said, _word(one.words, words))


def caucus(one: Mediation, callers: Callers, words: Words) -> list[Said]:
    """What who looks was told alone: the sight holds nothing of others."""
    return [(callers.party(each.party), _word(each.words, words)) for each in one.caucus]


def danger(one: Mediation, words: Words) -> Danger | None:
    """None where nobody saw any."""
    if not (one.owing or one.risks or one.reports):
        return None
    owing = tuple(word("bodies", each) for each in one.owing)
    risks, reports = (tuple(_word(each, words) for each in some) for some in (one.risks, one.reports))
    return Danger(owing, risks, reports)


def _word(words: Sealed, opened: Words) -> str:
    return opened.get(words.dossier, ERASED)
