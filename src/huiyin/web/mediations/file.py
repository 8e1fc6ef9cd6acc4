"""The file of a case (卷宗) as papers are filled from it: what the log folds to, words and people of the vault."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.catalogue import Catalogue
from huiyin.core.mediation import Mediation
from huiyin.core.mediation.kinds import Statement, Terms
from huiyin.core.mediation.state import Line, Owed, Session
from huiyin.core.mediation.steps import Empowered
from huiyin.core.mediation.steps_agreed import Ended, Visited
from huiyin.core.words import Sealed
from huiyin.papers import facts
from huiyin.papers.facts import File, Source
from huiyin.store.vault import Dossier
from huiyin.story import Words

_SOURCES: dict[str, Source] = {"application": "application", "ticket": "application", "own": "committee"}


class Desk(Struct, frozen=True):
    """What papers are filled with besides the case: the committee's name, opened words, records of people, Chinese."""

    called: str
    applied: datetime
    opened: Mapping[str, str]
    people: Mapping[str, Dossier]
    words: Words
    catalogue: Catalogue

    def said(self, words: Sealed | None) -> str:
        return self.opened.get(words.dossier, "") if words is not None else ""

    def name(self, ident: str) -> str:
        known = self.people.get(ident)
        return (known.name if known else None) or ""

    def word(self, name: str, value: str) -> str:
        return self.words.words.get(name, {}).get(value, value)


def file_of(one: Mediation, desk: Desk) -> File:
    """What is known of a case; never a word that was confided."""
    entry = desk.catalogue.entries.get(one.category)
    notices = [line.notice.at for line in one.lines if line.notice]
    told = max(notices) if len(notices) == len(one.lines) else None
    return File(
        number=str(one.case) if one.case else "",
        committee=facts.Committee(name=desk.called),
        parties=tuple(_party(line, desk) for line in one.lines),
        mediators=tuple(facts.Mediator(ident=each.person) for each in one.mediators),
        dispute=facts.Dispute(kind=entry.name if entry else one.category, summary=desk.said(one.words)),
        source=one.referrer or _SOURCES.get(one.source, ""),
        applied=local(desk.applied),
        accepted=local(one.limit.start) if one.limit else None,
        told=local(told) if told else None,
        sessions=tuple(_session(each, one, desk) for each in one.sessions if each.held),
        agreement=_agreement(one, desk),
        ending=_ending(one.ending, desk) if one.ending else None,
        visits=tuple(_visit(n, each, desk) for n, each in enumerate(one.visits, 1)),
    )


def _party(line: Line, desk: Desk) -> facts.Party:
    known = desk.people.get(line.party)
    place = known.place if known and isinstance(known.place, dict) else {}
    home = " ".join(str(place[name]) for name in ("address", "building_code", "room") if place.get(name))
    return facts.Party(
        ident=line.party,
        side="applicant" if line.applicant else "respondent",
        organisation=line.kind == "organisation",
        name=desk.name(line.party),
        contact=(known.phone if known else None) or "",
        address=home,
        agents=tuple(_agent(each, desk) for each in line.agents),
        representatives=tuple(filter(None, map(desk.name, line.representatives))),
    )


def _agent(one: Empowered, desk: Desk) -> facts.Agent:
    return facts.Agent(ident=one.agent, name=desk.name(one.agent), scope="special" if one.special else "general")


def _session(one: Session, case: Mediation, desk: Desk) -> facts.Session:
    held = one.held
    assert held is not None
    return facts.Session(
        ident=str(one.number),
        began=held.began,
        place=desk.said(one.plan.venue) if one.plan else "",
        online=one.plan is not None and one.plan.online,
        open=case.open,
        parties=tuple(map(desk.name, held.present)),
        others=tuple(filter(None, map(desk.name, held.invitees))),
        statements=tuple(_statement(each, desk) for each in held.statements),
        undisputed=tuple(map(desk.said, held.undisputed)),
        offers=tuple(f"{desk.name(each.party)}:{desk.said(each.words)}" for each in held.offers),
        result=desk.said(held.minutes),
    )


def _statement(one: Statement, desk: Desk) -> facts.Statement:
    return facts.Statement(desk.name(one.party), desk.said(one.words))


def _agreement(case: Mediation, desk: Desk) -> facts.Agreement | None:
    one = case.agreement
    if one is None:
        return None
    said: Terms = one.terms
    return facts.Agreement(
        oral=one.form == "oral",
        partial=said.partial,
        facts=desk.said(said.facts),
        issues=desk.said(said.issues),
        responsibility=desk.said(said.responsibility),
        terms=(desk.said(said.content),),
        items=tuple(_item(each, desk) for each in one.owed),
        on=local(one.at),
        effective=local(one.effective_at) if one.effective_at else None,
    )


def _item(one: Owed, desk: Desk) -> facts.Item:
    item = one.item
    done: date | None = local(one.at) if one.at and one.done == "whole" else None
    return facts.Item(
        by=desk.name(item.owes),
        to=desk.name(item.owed),
        what=desk.said(item.words),
        manner=_MANNERS.get(item.manner, ""),
        place=desk.said(item.place),
        due=item.until,
        done=done,
    )


_MANNERS = {"money": "给付款项", "thing": "交付物品", "work": "施工或者修缮", "conduct": "为或者不为一定行为",
            "apology": "赔礼道歉"}  # fmt: skip


def _ending(one: Ended, desk: Desk) -> facts.Ending:
    routes = tuple(desk.word("routes", each) for each in one.routes)
    reason = "、".join(desk.word("bars", each) for each in one.bars) or desk.word("reason", one.reason)
    return facts.Ending(declined=one.reason == "declined", on=local(one.at), reason=reason, routes=routes)


def _visit(n: int, one: Visited, desk: Desk) -> facts.Visit:
    return facts.Visit(
        ident=str(n),
        on=local(one.at),
        parties=tuple(map(desk.name, one.parties)),
        performed=desk.word("kept", one.kept),
        satisfied=f"{one.satisfied} 分" if one.satisfied else "",
        risks=desk.said(one.words),
    )
