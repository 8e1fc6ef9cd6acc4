"""The joint meetings of a case (联席会议) as cards: why they were asked for stands on its mediators' alone."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from huiyin.core.mediation.seen import CommitteeSight
from huiyin.core.mediation.state import Mediation
from huiyin.core.mediation.steps_agreed import MeetingAnswered
from huiyin.web.staff.mediations.case.called import word
from huiyin.web.staff.mediations.case.cards import ERASED


class Card(Struct, frozen=True):
    """One; `words` is "" for the desk, `declined` why there is none, `over` whether nobody will answer any more."""

    attendees: tuple[str, ...]
    until: date
    words: str
    at: datetime | None
    venue: str
    declined: str
    over: bool


def cards(seen: Mediation | CommitteeSight, words: Mapping[str, str]) -> list[Card]:
    """Newest first."""
    over = seen.state in ("ended", "archived") or seen.restricted
    if isinstance(seen, CommitteeSight):
        some = [_card(one.attendees, one.until, "", one.answered, words, over) for one in seen.joint]
    else:
        some = [
            _card(one.asked.attendees, one.asked.until, words.get(one.asked.words.dossier, ERASED), one.answered,
                  words, over)
            for one in seen.joint
        ]  # fmt: skip
    return some[::-1]


def _card(
    attendees: tuple[str, ...],
    until: date,
    said: str,
    answered: MeetingAnswered | None,
    words: Mapping[str, str],
    over: bool,
) -> Card:
    who = tuple(word("attendees", one) for one in attendees)
    if answered is None:
        return Card(who, until, said, None, "", "", over)
    venue = words.get(answered.venue.dossier, ERASED) if answered.venue else ""
    declined = word("reason", answered.reason) if answered.reason else ""
    return Card(who, until, said, answered.at, venue, declined, over)
