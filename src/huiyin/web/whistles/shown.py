"""What is shown of a whistle (哨单): all of it to its street and community, the minimal event to a department."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from huiyin.core import deadline
from huiyin.core.registry import Registry
from huiyin.core.whistle import Rules, Whistle
from huiyin.core.whistle.minimal import Stage, minimal
from huiyin.core.whistle.state import Line
from huiyin.core.whistle.steps import Clock
from huiyin.core.words import Sealed, Spot
from huiyin.store.whistles import stage
from huiyin.web.shown import BEIJING, PLACES, category
from huiyin.web.whistles.shapes import (
    STAGES,
    STATES,
    CallShown,
    ClockShown,
    LineShown,
    OtherShown,
    PauseShown,
    RatedBackShown,
    RatingShown,
    ReplyShown,
    TriedShown,
    WhistleShown,
)
from huiyin.whistle_story import WhistleTeller


class Eyes(Struct, frozen=True):
    """What a whistle is shown with: the rulebook, names of places, the words that were opened, tickets in sight."""

    rules: Rules
    registry: Registry
    opened: dict[str, str]
    seen: frozenset[str] = frozenset()
    allowed: tuple[str, ...] = ()

    @property
    def teller(self) -> WhistleTeller:
        return WhistleTeller(self.rules, self.registry)

    def said(self, words: Sealed | None) -> str | None:
        return self.opened.get(words.dossier) if words is not None else None


def words_of(one: Whistle, post: str = "", missing: Sealed | None = None) -> list[Sealed]:
    """The words that are shown with a whistle, or with its minimal event to `post`."""
    line = one.line(post) if post else None
    if post and line is not None:
        own = [line.words, missing, one.reply.done if one.reply and line.lead else None]
        return [words for words in own if words is not None]
    asked = one.lines or one.asks
    more = [one.reply.done if one.reply else None, one.pause.words if one.pause else None]
    return [one.words, *(each.words for each in asked), *(words for words in more if words is not None)]


def whistle(one: Whistle, eyes: Eyes) -> WhistleShown:
    """For the street, the community, an auditor."""
    teller = eyes.teller
    return WhistleShown(
        **_matter(one, eyes, teller, one.spot),
        **_said(one, eyes, teller),
        lines=[line(one, each, eyes, teller) for each in one.lines],
        clocks=clocks(one.clocks, eyes, teller),
        due_at=one.due.at if one.due else None,
        level=one.level,
        returned=one.returned,
        tickets=[number for number in one.tickets if number in eyes.seen],
        tried=[TriedShown(each.number, each.version) for each in one.tried if each.number in eyes.seen],
        blown_at=one.blown_at,
        closed_at=one.closed_at,
        pictures=[each.dossier for each in one.pictures],
    )


def _said(one: Whistle, eyes: Eyes, teller: WhistleTeller) -> dict[str, Any]:
    """Why it was blown, what was asked and answered, how it was rated."""
    back, heard, pause = one.rated_back, one.heard, one.pause
    return {
        "source": one.source,
        "about": one.about,
        "beyond": one.beyond,
        "beyond_text": teller.word("beyond", one.beyond),
        "text": eyes.said(one.words),
        "approval": one.approval,
        "asks": [each.post for each in sorted(one.asks, key=lambda each: not each.lead)],
        "pause": PauseShown(pause.reason, pause.days, eyes.said(pause.words)) if pause else None,
        "reply": _reply(one, eyes),
        "ratings": [RatingShown(r.post, r.response, r.quality, r.cooperation, r.arrival) for r in one.ratings],
        "rated_back": RatedBackShown(back.post, back.justified, back.score) if back else None,
        "solved": heard[-1].solved if heard else None,
        "outcome_text": teller.word("outcome", one.outcome) if one.outcome else None,
    }


def call(one: Whistle, post: str, eyes: Eyes, missing: Sealed | None) -> CallShown:
    """For a department that is on it; built from `core.whistle.minimal` and nothing else of the whistle."""
    seen, own = minimal(one, post), one.line(post)
    assert seen is not None  # who is not on it is told that there is none
    assert own is not None
    teller = eyes.teller
    return CallShown(
        **_matter(one, eyes, teller, seen.spot),
        text=eyes.said(seen.words),
        street=seen.street,
        lead=seen.lead,
        called_at=seen.called_at,
        line=line(one, own, eyes, teller),
        clocks=clocks(seen.clocks, eyes, teller),
        due_at=min((each.watch.due.at for each in seen.clocks), default=None),
        returned=seen.returned,
        missing=eyes.said(missing),
        reply=_reply(one, eyes) if seen.lead else None,
        closed=seen.closed,
        others=[_other(each, teller) for each in seen.others],
        pictures=[each.dossier for each in seen.pictures],
    )


def _other(each: Stage, teller: WhistleTeller) -> OtherShown:
    return OtherShown(each.post, teller.post(each.post), each.lead, each.acknowledged, each.on_site, each.answered)


def _matter(one: Whistle, eyes: Eyes, teller: WhistleTeller, spot: Spot) -> dict[str, Any]:
    """What both are told."""
    at = one.position
    return {
        "number": one.number,
        "version": one.version,
        "state": one.state,
        "state_text": STATES[one.state],
        "kind": one.kind,
        "kind_text": eyes.rules.whistle.kinds[one.kind].name,
        "category": one.category,
        "category_name": category(eyes.rules.catalogue, one.category),
        "blower": one.blower,
        "blower_name": teller.post(one.blower),
        "lat": at.lat if at else None,
        "lon": at.lon if at else None,
        "outcome": one.outcome,
        "allowed": list(eyes.allowed),
        **{name: getattr(spot, name) for name in PLACES},
    }


def line(one: Whistle, each: Line, eyes: Eyes, teller: WhistleTeller) -> LineShown:
    """One department of a whistle."""
    how = stage(one, each)
    return LineShown(
        each.post,
        teller.post(each.post),
        each.lead,
        how,
        STAGES[how],
        each.called_at,
        each.person,
        each.arrived.arrived_at if each.arrived else None,
        each.arrived.on_site if each.arrived else None,
        each.planned.until if each.planned else None,
        each.objection.reason if each.objection else None,
        each.bound,
        [duty for duty, post in one.late if post == each.post],
        eyes.said(each.words),
    )


def clocks(some: Sequence[Clock], eyes: Eyes, teller: WhistleTeller) -> list[ClockShown]:
    """The limits that run, the soonest first."""
    found = sorted(some, key=lambda one: one.watch.due.at)
    return [_clock(one, eyes, teller) for one in found]


def _clock(one: Clock, eyes: Eyes, teller: WhistleTeller) -> ClockShown:
    explained = deadline.explain(one.watch.due, BEIJING, eyes.rules.calendar)
    duty = eyes.rules.whistle.duties[one.duty]
    about = one.of or None
    return ClockShown(one.duty, duty, one.post, teller.post(one.post), about, one.watch.due.at, explained, one.level)


def _reply(one: Whistle, eyes: Eyes) -> ReplyShown | None:
    said = one.reply
    if said is None:
        return None
    return ReplyShown(said.accepted_at, list(said.contacted), eyes.said(said.done), said.by_when is None, said.by_when)
