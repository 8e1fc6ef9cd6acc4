"""The agreement (调解协议): on paper in effect with the last mark under one document, by word of mouth at once."""

from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from huiyin.core.mediation.authority import is_party
from huiyin.core.mediation.clocks import Countdown
from huiyin.core.mediation.commands import Agreeing
from huiyin.core.mediation.commands_agreed import AgreeOrally, Draft, Mark
from huiyin.core.mediation.ground import Ground, safe, working
from huiyin.core.mediation.kinds import Terms
from huiyin.core.mediation.rules import Element
from huiyin.core.mediation.state import MEDIATING, Agreement, Mediation, Owed
from huiyin.core.mediation.steps import Agreed, Step
from huiyin.core.mediation.steps_agreed import AgreedOrally, Drafted, Fulfilled, Marked, TookEffect
from huiyin.core.scene import Refused

# What an agreement must say (art. 29, 若干规定 35), and what one without it is refused with.
LACKS: dict[Element, str] = {
    "facts": "agreement-lacks-facts",
    "issues": "agreement-lacks-issues",
    "responsibility": "agreement-lacks-responsibility",
    "items": "agreement-lacks-items",
    "place": "agreement-lacks-place",
}


def decide(mediation: Mediation, command: Agreeing, ground: Ground) -> list[Step]:
    """Steps of an agreement; the last mark, or the word of all, brings it into effect."""
    match command:
        case Draft():
            return _draft(mediation, command, ground)
        case Mark():
            return _mark(mediation, command, ground)
        case AgreeOrally():
            return _orally(mediation, command, ground)
        case _:
            assert_never(command)


def _draft(mediation: Mediation, c: Draft, ground: Ground) -> list[Step]:
    one = mediation.agreement
    if one is not None and (one.digest, one.terms) == (c.digest, c.terms):
        return []
    _ready(mediation, c.terms, ground)
    if len(c.digest) != 64 or set(c.digest) - set("0123456789abcdef"):
        raise Refused("no-digest")
    copies = len(mediation.lines) + 1
    return [Drafted(c.digest, c.terms, copies, ground.at, _limit(mediation, ground), c.document)]


def _ready(mediation: Mediation, terms: Terms, ground: Ground) -> None:
    """Terms that came of a session and can be kept: whole, clear, lawful, owed between parties."""
    working(mediation, MEDIATING)
    safe(mediation)
    if not any(one.held for one in mediation.sessions):
        raise Refused("no-session-held")
    for element in ground.book.elements:
        if not _says(terms, element):
            raise Refused(LACKS[element])
    kinds = {ground.book.terms[one].kind for one in terms.found if one in ground.book.terms}
    if "unlawful" in kinds:
        raise Refused("unlawful-terms")
    if "vague" in kinds and not terms.insist:
        raise Refused("vague-terms")
    if len({one.item for one in terms.items}) < len(terms.items):
        raise Refused("item-twice")
    for item in terms.items:
        if item.owes == item.owed or not {item.owes, item.owed} <= {one.party for one in mediation.lines}:
            raise Refused("unknown-party")


def _says(terms: Terms, element: Element) -> bool:
    """Whether terms have an element; an item always says how and until when."""
    if element == "place":
        return all(one.place for one in terms.items)
    return bool(getattr(terms, element))


def _limit(mediation: Mediation, ground: Ground) -> tuple[Countdown, ...]:
    """Where all parties had marked another document, the time for mediating runs on from where it stood."""
    if mediation.limit is None or mediation.clock("mediate") is not None:
        return ()
    return (ground.counting("mediate", ground.again(mediation.limit)),)


def _mark(mediation: Mediation, c: Mark, ground: Ground) -> list[Step]:
    one = mediation.agreement
    if one is None or one.form == "oral":
        raise Refused("nothing-to-sign")
    marked = Marked(c.hand, c.digest, c.form, c.at, c.party, _hand(mediation, c, ground), c.image)
    before = one.mark(c.hand, c.party)
    if before is not None and replace(before, clocks=()) == marked:
        return []
    working(mediation, ("signing",))
    if c.digest != one.digest:
        raise Refused("other-document")
    if before is not None:
        raise Refused("already-marked")
    safe(mediation)
    ground.happened(c.at)
    if c.at < one.at:
        raise Refused("before-the-document")
    return _and_effect(mediation, marked, ground)


def _hand(mediation: Mediation, c: Mark, ground: Ground) -> str:
    """Who makes the mark: a party's, given or shown with its picture; a mediator's signature; the committee's seal."""
    if c.hand == "party":
        ground.voice(ground.party(mediation, c.party), c.by)
        if c.image is None and not is_party(ground.by, c.party):
            raise Refused("picture-needed")
        return c.by
    if is_party(ground.by, c.party) or c.party:
        raise Refused("not-your-hand")
    if c.hand == "mediator":
        if mediation.mediator(ground.by.person) is None:
            raise Refused("not-your-hand")
        if c.form != "signature":
            raise Refused("signature-needed")
        return ground.by.person
    if ground.by.post != ground.desk(mediation):
        raise Refused("not-your-hand")
    if c.form != "seal":
        raise Refused("seal-needed")
    return ""


def _and_effect(mediation: Mediation, marked: Marked, ground: Ground) -> list[Step]:
    """After the last party's mark the seal is due; the last mark of all brings it into effect (art. 29)."""
    after = follow(mediation, marked)
    assert after.agreement is not None
    mediator = after.agreement.mark("mediator")
    if mediator is not None:
        ground.free(mediation, mediator.by)  # who is a party may have become known since
    if not after.unmarked:
        return [marked, *_effect(after, max(one.at for one in after.agreement.marks), ground)]
    if marked.hand == "party" and set(after.unmarked) <= {"mediator", "committee"}:
        return [replace(marked, clocks=(ground.clock("seal"),))]
    return [marked]


def _orally(mediation: Mediation, c: AgreeOrally, ground: Ground) -> list[Step]:
    """Only where no party wants paper; in effect from the day of the agreement (art. 28, 30)."""
    one = mediation.agreement
    if one is not None and (one.form, one.terms, one.at) == ("oral", c.terms, c.at):
        return []
    _ready(mediation, c.terms, ground)
    if not mediation.allowed("oral"):
        raise Refused("oral-not-agreed")
    ground.happened(c.at)
    if not any(one.held and one.held.began <= c.at for one in mediation.sessions):
        raise Refused("before-the-session")
    agreed = AgreedOrally(c.terms, c.at)
    return [agreed, *_effect(follow(mediation, agreed), c.at, ground)]


def _effect(mediation: Mediation, at: datetime, ground: Ground) -> list[Step]:
    """In effect from a moment on, from which everything that follows is reckoned; where nothing is owed it is kept."""
    agreement = mediation.agreement
    assert agreement is not None
    items = [ground.performing(one, at) for one in agreement.terms.items]
    clocks = (ground.clock("confirm", at), ground.clock("visit", at), *items)
    routes = ground.routes("partial") if agreement.terms.partial else None
    took = TookEffect(agreement.form, at, clocks, routes)
    return [took] if items else [took, Fulfilled((ground.clock("archive"),))]


# -- folding ----------------------------------------------------------------------------------------------


def follow(mediation: Mediation, step: Agreed) -> Mediation:
    """The mediation after a step of this kind."""
    match step:
        case Drafted():
            fields = (step.terms, _owed(step.terms), step.at, step.digest, step.copies)
            one = Agreement("written", *fields, document=step.document)
            after = replace(mediation, state="signing", agreement=one)
            return after.stopping("seal").starting(step.clocks)
        case AgreedOrally():
            return replace(mediation, agreement=Agreement("oral", step.terms, _owed(step.terms), step.at))
        case Marked():
            assert mediation.agreement is not None
            marks = (*mediation.agreement.marks, step)
            after = replace(mediation, agreement=replace(mediation.agreement, marks=marks))
            return after.stopping("mediate").starting(step.clocks) if step.clocks else after
        case TookEffect():
            assert mediation.agreement is not None
            agreement = replace(mediation.agreement, effective_at=step.at)
            after = replace(mediation, state="effective", agreement=agreement)
            return after.stopping("mediate", "seal", "hold").starting(step.clocks)
        case _:
            assert_never(step)


def _owed(terms: Terms) -> tuple[Owed, ...]:
    return tuple(map(Owed, terms.items))
