"""The file of a case (卷宗) as papers are filled from it: what the log folds to, words and people of the vault."""

from collections.abc import Mapping

from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.catalogue import Catalogue
from huiyin.core.mediation import Mediation
from huiyin.core.mediation.kinds import Statement
from huiyin.core.mediation.state import Line, Session
from huiyin.core.mediation.steps import Empowered, Investigated
from huiyin.core.registry import Registry
from huiyin.core.words import Sealed
from huiyin.papers import facts
from huiyin.papers.facts import File, Source
from huiyin.store.vault import Dossier, Particulars
from huiyin.story import Words
from huiyin.web.mediations import particulars
from huiyin.web.mediations.past import Past

_SOURCES: dict[str, Source] = {"application": "application", "ticket": "application", "own": "committee"}


class Desk(Struct, frozen=True):
    """What papers are filled with besides the case: the committee's name, its days, opened words, records of people,
    what mediators are called, who filed it, Chinese, places; how long it is kept, where sessions are."""

    called: str
    past: Past
    opened: Mapping[str, str]
    people: Mapping[str, Dossier]
    staff: Mapping[str, str]
    filer: str
    words: Words
    catalogue: Catalogue
    registry: Registry
    retention: str
    rooms: Mapping[int, str] = {}

    def said(self, words: Sealed | None) -> str:
        return self.opened.get(words.dossier, "") if words is not None else ""

    def name(self, ident: str) -> str:
        known = self.people.get(ident)
        return (known.name if known else None) or ""

    def word(self, name: str, value: str) -> str:
        return self.words.words.get(name, {}).get(value, value)

    def home(self, ident: str) -> str:
        """Where somebody lives, as one writes it."""
        return particulars.home(self.people.get(ident), self.registry)


def file_of(one: Mediation, desk: Desk) -> File:
    """How a case began and was sat; never a word that was confided. What came of it is `outcome.came_of`."""
    notices = [line.notice.at for line in one.lines if line.notice]
    told = max(notices) if len(notices) == len(one.lines) else None
    return File(
        number=str(one.case) if one.case else "",
        committee=facts.Committee(name=desk.called),
        parties=tuple(_party(line, desk) for line in one.lines),
        mediators=tuple(facts.Mediator(ident=one, name=desk.staff.get(one, "")) for one in _mediators(one)),
        dispute=_dispute(one, desk),
        recorder=_recorder(one, desk),
        source=one.referrer or _SOURCES.get(one.source, ""),
        applied=desk.past.applied,
        accepted=desk.past.accepted,
        told=local(told) if told else None,
        investigations=tuple(_investigation(n, each, desk) for n, each in enumerate(one.investigations, 1)),
        sessions=tuple(_session(each, one, desk) for each in one.sessions if each.held),
    )


def _dispute(one: Mediation, desk: Desk) -> facts.Dispute:
    entry = desk.catalogue.entries.get(one.category)
    above = desk.catalogue.entries.get(entry.parent or "") if entry else None
    return facts.Dispute(
        kind=(above or entry).name if above or entry else "",  # type: ignore[union-attr]
        subject=entry.name if entry else "",
        summary=desk.said(one.words),
        requests=tuple(map(desk.said, one.requests)),
    )


def _recorder(one: Mediation, desk: Desk) -> str:
    """Who wrote down the last session that says so: what is agreed there they write down, too."""
    said = (desk.said(each.held.recorder) for each in reversed(one.sessions) if each.held)
    return next(filter(None, said), "")


def _mediators(one: Mediation) -> list[str]:
    return [each.person for each in one.mediators]


def _party(line: Line, desk: Desk) -> facts.Party:
    known = desk.people.get(line.party)
    more = (known.particulars if known else None) or Particulars()
    return facts.Party(
        ident=line.party,
        side="applicant" if line.applicant else "respondent",
        organisation=line.kind == "organisation",
        name=desk.name(line.party),
        sex=more.sex,
        ethnicity=more.ethnicity,
        age=particulars.age(more, desk.past.applied),
        occupation=more.occupation,
        id_number=more.id_number,
        head=more.head,
        contact=(known.phone if known else None) or "",
        address=desk.home(line.party),
        agents=tuple(_agent(each, desk) for each in line.agents),
        representatives=tuple(filter(None, map(desk.name, line.representatives))),
    )


def _agent(one: Empowered, desk: Desk) -> facts.Agent:
    known = desk.people.get(one.agent)
    more = (known.particulars if known else None) or Particulars()
    return facts.Agent(
        ident=one.agent,
        name=desk.name(one.agent),
        sex=more.sex,
        id_number=more.id_number,
        relation=known.text if known else "",
        contact=(known.phone if known else None) or "",
        address=desk.home(one.agent),
        scope="special" if one.special else "general",
    )


def _session(one: Session, case: Mediation, desk: Desk) -> facts.Session:
    held = one.held
    assert held is not None
    return facts.Session(
        ident=str(one.number),
        began=held.began,
        ended=held.ended,
        recorder=desk.said(held.recorder),
        place=(desk.said(one.plan.venue) if one.plan else "") or desk.rooms.get(one.number, ""),
        online=one.plan is not None and one.plan.online,
        open=case.open,
        parties=tuple(map(desk.name, held.present)),
        others=tuple(filter(None, map(desk.name, held.invitees))),
        statements=tuple(_statement(each, desk) for each in held.statements),
        undisputed=tuple(map(desk.said, held.undisputed)),
        offers=tuple(f"{desk.name(each.party)}：{desk.said(each.words)}" for each in held.offers),
        result=desk.said(held.minutes),
    )


def _investigation(n: int, one: Investigated, desk: Desk) -> facts.Investigation:
    asked = desk.said(one.questioned)
    return facts.Investigation(
        ident=f"i{n}",  # a number alone is one that was written by hand and enclosed
        at=one.at,
        place=desk.said(one.place),
        present=tuple(filter(None, (desk.said(one.present),))),
        questioned=asked,
        relation=desk.said(one.relation),
        contact=desk.said(one.reach),
        investigator=desk.staff.get(one.mediator, ""),
        recorder=desk.said(one.recorder),
        statements=(facts.Statement(asked, desk.said(one.words)),),
    )


def _statement(one: Statement, desk: Desk) -> facts.Statement:
    return facts.Statement(desk.name(one.party), desk.said(one.words))
