"""A mediation committee (人民调解委员会): made up as the law asks (art. 8, 9) or not, and who suits a case."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from huiyin.core.deadline import months_on
from huiyin.core.mediation.kinds import Committee

# What does not fit: a warning for whoever elects it, never a refusal.
Flaw = Literal[
    "too-few",
    "too-many",
    "no-chair",
    "two-chairs",
    "no-woman",
    "no-minority",
    "term-too-long",
    "term-over",
    "term-ends",
]
_MEMBERS = range(3, 10)  # 三至九人
_TERM = 36  # months; may be elected again
_SOON = timedelta(days=60)


class Member(Struct, frozen=True):
    """A member by an opaque id; elected from `since`, until `until` at the last."""

    person: str
    since: date
    until: date
    chair: bool = False
    woman: bool = False
    minority: bool = False


class Composition(Struct, frozen=True):
    """Who makes up a committee; `mixed`: of an area where several peoples live (多民族居住地区)."""

    committee: str
    kind: Committee
    members: tuple[Member, ...]
    mixed: bool = False


def flaws(one: Composition, today: date) -> tuple[Flaw, ...]:
    """What the composition lacks today; for an area of several peoples also a member of a minority."""
    sitting = [member for member in one.members if member.since <= today <= member.until]
    chairs = sum(member.chair for member in sitting)
    found: list[tuple[Flaw, bool]] = [
        ("too-few", len(sitting) < _MEMBERS.start),
        ("too-many", len(sitting) >= _MEMBERS.stop),
        ("no-chair", chairs == 0),
        ("two-chairs", chairs > 1),
        ("no-woman", not any(member.woman for member in sitting)),
        ("no-minority", one.mixed and not any(member.minority for member in sitting)),
        ("term-too-long", any(member.until > months_on(member.since, _TERM) for member in sitting)),
        ("term-over", any(member.until < today for member in one.members)),
        ("term-ends", any(member.until - today <= _SOON for member in sitting)),
    ]
    return tuple(flaw for flaw, is_so in found if is_so)


class Registered(Struct, frozen=True):
    """A mediator of the register (art. 13, 14): elected or appointed; `specialities` are categories or groups."""

    person: str
    committee: str
    since: date
    until: date | None = None
    specialities: tuple[str, ...] = ()


def suited(
    register: Iterable[Registered], category: str, today: date, load: Mapping[str, int]
) -> tuple[Registered, ...]:
    """Who mediates now, best first: by speciality (the matter itself before its group), then the fewest open cases."""

    def rank(one: Registered) -> tuple[int, int, str]:
        fits = 0 if category in one.specialities else 1 if category[:1] in one.specialities else 2
        return fits, load.get(one.person, 0), one.person

    now = (one for one in register if one.since <= today and (one.until is None or today <= one.until))
    return tuple(sorted(now, key=rank))
