"""Which departments to call (分哨): the catalogue's, in its order, as upheld objections have corrected it."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from huiyin.core.catalogue import Entry
from huiyin.core.whistle.rules import WhistleRules


class Learnt(Struct, frozen=True):
    """So often was an objection of `post` on a category upheld, and `to` had the duty (None: nobody instead)."""

    post: str
    to: str | None
    count: int


class Suggestion(Struct, frozen=True):
    """A department and why: so many upheld objections speak for it, so many against; `listed` in the catalogue."""

    post: str
    listed: bool
    upheld_for: int
    upheld_against: int


def suggest(
    entry: Entry, learnt: Sequence[Learnt], rules: WhistleRules, accused: Collection[str] = ()
) -> tuple[Suggestion, ...]:
    """Best first; the first is for the lead. Never the street itself, nor who is complained about.

    A place in the catalogue is worth `rules.weight` upheld objections; where they come to the same the catalogue's
    order stands, and before what it does not list. Who the catalogue lists stays, however often it was wrong.
    """
    listed = [f"{rules.department}:{name}" for name in entry.departments if name not in rules.own]
    names = dict.fromkeys([*listed, *sorted(one.to for one in learnt if one.to)])
    found = [_suggestion(post, post in listed, learnt) for post in names if post not in accused]
    place = {post: len(listed) - n for n, post in enumerate(listed)}

    def worth(one: Suggestion) -> int:
        return place.get(one.post, 0) * rules.weight + one.upheld_for - one.upheld_against

    kept = [one for one in found if one.listed or worth(one) > 0]
    return tuple(sorted(kept, key=worth, reverse=True))


def _suggestion(post: str, listed: bool, learnt: Sequence[Learnt]) -> Suggestion:
    speaks = sum(one.count for one in learnt if one.to == post)
    against = sum(one.count for one in learnt if one.post == post)
    return Suggestion(post, listed, speaks, against)
