"""The agreement of a mediation (协议) and what became of it (履行、确认、回访、结束), as much as a sight holds."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.kinds import Terms
from huiyin.core.mediation.seen import CommitteeSight
from huiyin.core.mediation.state import Agreement, Mediation, Owed
from huiyin.core.words import Sealed
from huiyin.web.mediations.shown import is_picture
from huiyin.web.staff.mediations.case.called import Callers, word
from huiyin.web.staff.mediations.case.cards import ERASED, Words
from huiyin.web.staff.mediations.case.written import MANNERS

CONFIRMED = {
    "open": "还可以共同申请",
    "applied": "法院正在审查",
    "confirmed": "法院裁定有效",
    "refused": "法院裁定驳回",
    "withdrawn": "已撤回申请",
    "lapsed": "三十日已过,没有申请",
}
_REMINDED = (30, 10, 3)  # days before the last one, as the rulebook has them


class Thing(Struct, frozen=True):
    """One item: who does what for whom, until when, and how far that is; `state` is "" where it is not told."""

    n: int
    item: str
    words: str
    owes: str
    owed: str
    manner: str
    place: str
    until: date
    state: str = ""
    mark: str = ""
    at: datetime | None = None
    due: datetime | None = None
    breached: str = ""
    evidence: tuple[str, ...] = ()


class Agreed(Struct, frozen=True):
    """The agreement; `lacking` whose mark is missing."""

    oral: bool
    partial: bool
    parts: tuple[tuple[str, str], ...]
    things: tuple[Thing, ...]
    digest: str
    copies: int
    effective: datetime | None
    lacking: tuple[str, ...]


class Confirming(Struct, frozen=True):
    """The court's confirmation: how it stands, the last day, which reminders are over."""

    said: str
    until: datetime | None
    reminders: tuple[tuple[int, bool], ...]
    words: str = ""
    court: str = ""


def agreed(one: Mediation, callers: Callers, words: Words) -> Agreed | None:
    """For its mediators: with whose mark is missing, and what became of each item."""
    it = one.agreement
    if it is None:
        return None
    hands = {"mediator": "调解员", "committee": "调解委员会"}
    lacking = tuple(hands.get(each) or callers.party(each) for each in one.unmarked)
    things = [_owed(n, each, one.clocks, callers, words) for n, each in enumerate(it.owed, 1)]
    return _agreed(it.terms, it, lacking, things, words)


def sealed(seen: CommitteeSight, agreement: Agreement | None, callers: Callers, words: Words) -> Agreed | None:
    """For the desk: the document that it seals; how many marks are missing, not whose."""
    if seen.subject is None or seen.subject.terms is None or agreement is None:
        return None
    missing = seen.progress.unmarked
    lacking = (f"还差 {missing} 个签章",) if missing else ()
    things = [_thing(n, one, callers, words) for n, one in enumerate(agreement.owed, 1)]
    return _agreed(seen.subject.terms, agreement, lacking, things, words)


def _agreed(terms: Terms, it: Agreement, lacking: tuple[str, ...], things: Sequence[Thing], words: Words) -> Agreed:
    named = {"主要事实": terms.facts, "争议事项": terms.issues, "各方责任": terms.responsibility, "协议": terms.content}
    parts = tuple((name, _word(said, words)) for name, said in named.items() if said is not None)
    head = (it.form == "oral", terms.partial, parts, tuple(things), it.digest, it.copies, it.effective_at)
    return Agreed(*head, lacking)


def _thing(n: int, one: Owed, callers: Callers, words: Words) -> Thing:
    item = one.item
    place = _word(item.place, words) if item.place else ""
    who = (callers.party(item.owes), callers.party(item.owed))
    return Thing(n, item.item, _word(item.words, words), *who, MANNERS[item.manner], place, item.until)


def _owed(n: int, one: Owed, clocks: Sequence[Countdown], callers: Callers, words: Words) -> Thing:
    thing = _thing(n, one, callers, words)
    clock = next((each for each in clocks if each.key == ("perform", one.item.item)), None)
    breached = _word(one.breached, words) if one.breached else ""
    state, mark = {"whole": ("履行完毕", "good"), "part": ("部分履行", "brand"), "no": ("还没有履行", "")}[one.done]
    if breached and one.done != "whole":
        state, mark = f"逾期未履行({state})", "late"
    pictures = tuple(each.dossier for each in one.evidence if is_picture(each))
    return Thing(
        *(thing.n, thing.item, thing.words, thing.owes, thing.owed, thing.manner, thing.place, thing.until),
        *(state, mark, one.at, clock.due.at if clock else None, breached, pictures),
    )


def confirming(one: Mediation | CommitteeSight, words: Words) -> Confirming | None:
    """Once there is an agreement in effect; None before."""
    effective = one.effective_at if isinstance(one, CommitteeSight) else one.agreement and one.agreement.effective_at
    if effective is None:
        return None
    clock = next((each for each in one.clocks if each.duty == "confirm"), None)
    told = clock.told if clock else None
    reminders = tuple((days, told is not None and told <= days) for days in _REMINDED) if clock else ()
    until = clock.due.at if clock else None
    if isinstance(one, CommitteeSight):
        return Confirming(CONFIRMED[one.confirmation], until, reminders)
    said, court = (_word(each, words) if each else "" for each in (one.confirm_words, one.court))
    return Confirming(CONFIRMED[one.confirmation], until, reminders, said, court)


class Visit(Struct, frozen=True):
    """One visit afterwards; "" where nothing went to court and nothing may flare up."""

    at: datetime
    parties: tuple[str, ...]
    kept: str
    satisfied: int | None
    words: str
    lawsuit: str
    hazards: str


def visits(one: Mediation, callers: Callers, words: Words) -> list[Visit]:
    def said(some: Sealed | None) -> str:
        return _word(some, words) if some else ""

    return [
        Visit(
            *(v.at, tuple(map(callers.party, v.parties)), word("kept", v.kept), v.satisfied),
            *(said(v.words), said(v.lawsuit), said(v.hazards)),
        )
        for v in one.visits
    ]


class Ending(Struct, frozen=True):
    """Why it ended, and where the dispute may go."""

    reason: str
    at: datetime | None
    by: str
    bars: tuple[str, ...]
    routes: tuple[str, ...]
    words: str


def ending(one: Mediation, callers: Callers, words: Words) -> Ending | None:
    it = one.ending
    if it is None:
        return None
    return Ending(
        *(word("reason", it.reason), it.at, callers.party(it.party) if it.party else ""),
        *(tuple(word("bars", each) for each in it.bars), tuple(word("routes", each) for each in it.routes)),
        _word(it.words, words) if it.words else "",
    )


def _word(words: Sealed, opened: Words) -> str:
    return opened.get(words.dossier, ERASED)
