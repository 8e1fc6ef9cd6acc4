"""How a mediation begins (申请、审查、受理): whoever asked for it, what may not be accepted, every party willing."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.mediation import ending
from huiyin.core.mediation.authority import PARTY, is_party
from huiyin.core.mediation.commands import Accept, Apply, Check, Decline, Opening
from huiyin.core.mediation.ground import Ground, known, working
from huiyin.core.mediation.kinds import Bar
from huiyin.core.mediation.state import Line, Mediation
from huiyin.core.mediation.steps import Accepted, Applied, Begun, Checked, Step
from huiyin.core.scene import MACHINES, RESIDENT, Refused


def decide(mediation: Mediation | None, command: Opening, ground: Ground) -> list[Step]:
    """Steps up to acceptance."""
    if isinstance(command, Apply):
        return _apply(command, ground) if mediation is None else []
    one = known(mediation)
    match command:
        case Check():
            return _check(one, command, ground)
        case Accept():
            return _accept(one, command, ground)
        case Decline():
            return _decline(one, command, ground)
        case _:
            assert_never(command)


def _apply(c: Apply, ground: Ground) -> list[Step]:
    clock = ground.clock("accept")
    head = (c.number, c.committee, c.kind, c.source, c.category, c.words, c.sides)
    applied = Applied(*head, (clock,), c.ticket, c.referrer, c.before, c.requests)
    _who(c, follow(None, applied), ground)
    entry = ground.rules.catalogue.entries.get(c.category)
    if entry is None or entry.parent is None:
        raise Refused("unknown-category")
    if c.source == "ticket" and c.ticket is None:
        raise Refused("ticket-missing")
    if c.source == "referral" and c.referrer is None:
        raise Refused("referrer-missing")
    parties = {one.party for one in c.sides}
    if len(parties) < len(c.sides) or "" in parties:
        raise Refused("party-twice")
    if len(parties) < 2:
        raise Refused("one-side-only")
    if c.source == "application" and not any(one.applicant for one in c.sides):
        raise Refused("applicant-missing")
    risk = ground.book.dangerous.get(c.category)
    return [applied] if risk is None else [applied, ground.flagged(risk, c.words, (ground.clock("report"),))]


def _who(command: Apply, fresh: Mediation, ground: Ground) -> None:
    """Whoever asks for it through their own door, the committee for anybody, a consumer for a ticket or a referral;
    only the committee of its own accord (art. 17)."""
    by = ground.by
    if by.role not in (*MACHINES, PARTY, RESIDENT.role) and ground.scene.interested(ground.scene.parties):
        raise Refused("recused")
    own = by.post in (ground.desk(fresh), ground.mediators(fresh))
    elsewhere = by.role in MACHINES and command.source in ("ticket", "referral")
    asks = command.source == "application" and (
        by.role == RESIDENT.role or any(is_party(by, one.party) and one.applicant for one in command.sides)
    )
    if not (own or elsewhere or asks):
        raise Refused("not-your-mediation")


def _check(mediation: Mediation, command: Check, ground: Ground) -> list[Step]:
    """What the catalogue holds back is for an authority; its civil damage may be mediated all the same (DOMAIN T10)."""
    bars: tuple[Bar, ...] = tuple(sorted(set(command.bars)))
    mediable = ground.rules.catalogue.entries[mediation.category].mediable
    if not mediable and not command.civil and "reserved" not in bars:
        bars = (*bars, "reserved")
    if (mediation.bars, mediation.civil) == (bars, command.civil):
        return []
    working(mediation, ("applied",))
    return [Checked(bars, command.civil)]


def _accept(mediation: Mediation, command: Accept, ground: Ground) -> list[Step]:
    if mediation.case == command.case:
        return []
    working(mediation, ("applied",))
    if _bars(mediation):
        raise Refused("not-acceptable")
    if any(one.consent is None for one in mediation.lines):
        raise Refused("consent-missing")
    return [Accepted(command.case, (ground.clock("mediate"),))]


def _decline(mediation: Mediation, command: Decline, ground: Ground) -> list[Step]:
    if ending.is_repeat(mediation, "declined", command.words):
        return []
    working(mediation, ("applied",))
    bars = _bars(mediation)
    if not bars:
        raise Refused("nothing-bars-it")
    return [replace(ending.ended(mediation, "declined", ground, words=command.words), bars=bars)]


def _bars(mediation: Mediation) -> tuple[Bar, ...]:
    if mediation.bars is None:
        raise Refused("not-checked")
    return mediation.bars


# -- folding ----------------------------------------------------------------------------------------------


def follow(mediation: Mediation | None, step: Begun) -> Mediation:
    """The mediation after a step of this kind; raises ValueError where the first step is not `Applied`."""
    if isinstance(step, Applied):
        return _begun(step)
    if mediation is None:
        raise ValueError("a mediation begins with mediation.applied.v1")
    if isinstance(step, Checked):
        return replace(mediation, bars=step.bars, civil=step.civil)
    return replace(mediation, state="accepted", case=step.case).stopping("accept").starting(step.clocks)


def _begun(s: Applied) -> Mediation:
    lines = tuple(Line(one.party, one.kind, one.applicant) for one in s.sides)
    what = (s.committee, s.kind, s.source, s.category, s.words, lines, s.ticket, s.referrer, s.before)
    return Mediation(s.number, 0, "applied", *what, clocks=s.clocks, requests=s.requests)
