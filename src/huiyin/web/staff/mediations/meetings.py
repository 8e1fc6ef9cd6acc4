"""The sessions of the next days (近日调解会), as their mediator reads them: when, where, who said that they come."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.mediation.state import Session
from huiyin.core.people import Viewer
from huiyin.store.mediation_days import Planned
from huiyin.story import load_words
from huiyin.web.mediations.finding import Found, some
from huiyin.web.room import Room
from huiyin.web.shown import category

_NEAR = {0: "今天", 1: "明天", 2: "后天"}


class Reply(Struct, frozen=True):
    """A party and whether they come; `mark` is good, late or "" for the colour."""

    side: str
    name: str
    said: str
    mark: str


class Meeting(Struct, frozen=True):
    """One session that is to be."""

    number: str
    session: int
    at: datetime
    day: str
    matter: str
    online: bool
    venue: str
    replies: Sequence[Reply]
    first_report: bool


async def shown(
    room: Room, viewer: Viewer, planned: Sequence[Planned], names: Mapping[str, Mapping[str, str]], today: date
) -> list[Meeting]:
    """Of the cases that are there for the viewer as their mediator."""
    if not planned:
        return []
    found = {one.one.number: one for one in await some(room, viewer, sorted({one.number for one in planned}))}
    theirs = [(found[one.number], one) for one in planned if one.number in found]
    theirs = [(case, one) for case, one in theirs if case.eyes == "mediator"]
    venues = await _venues(room, theirs)
    return [_meeting(room, case, one, names.get(one.number, {}), venues, today) for case, one in theirs]


async def _venues(room: Room, some_: Sequence[tuple[Found, Planned]]) -> dict[str, str]:
    """Where they are, by the reference of the words."""
    plans = [session.plan for case, one in some_ if (session := case.one.session(one.session)) is not None]
    words = {plan.venue.dossier: plan.venue.sealed for plan in plans if plan is not None and plan.venue is not None}
    kept = await room.vaults.read_all(list(words.items())) if words else []
    return {ref: one.text for ref, one in zip(words, kept, strict=True) if one is not None}


def _meeting(
    room: Room, case: Found, one: Planned, names: Mapping[str, str], venues: Mapping[str, str], today: date
) -> Meeting:
    session = case.one.session(one.session)
    venue = session.plan.venue if session and session.plan else None
    return Meeting(
        one.number,
        one.session,
        one.at,
        _NEAR.get((local(one.at) - today).days, ""),
        category(room.catalogue, case.one.category),
        one.online,
        venues.get(venue.dossier, "") if venue else "",
        _replies(case, session, names) if session else [],
        bool(case.one.owing),
    )


def _replies(case: Found, session: Session, names: Mapping[str, str]) -> list[Reply]:
    words = load_words("mediation_story.toml")
    answers = {one.party: one.coming for one in session.replies}
    found = []
    for line in sorted(case.one.lines, key=lambda one: not one.applicant):
        coming = answers.get(line.party)
        said = words.word("coming", coming) if coming else "还没有答复"
        mark = {"yes": "good", "no": "late", "another-time": "urgent"}.get(coming or "", "")
        found.append(Reply("申请人" if line.applicant else "被申请人", names.get(line.party, ""), said, mark))
    return found
