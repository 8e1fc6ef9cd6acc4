"""What somebody may see of the tickets (可见范围), as SQL: one rule for lists, single tickets and desks."""

from typing import Any

from msgspec import Struct

from huiyin.core.sight import Hidden

# Scope kind → what a row must be. The community narrows what has no index of its own.
_SCOPES = {
    "all": "true",
    "street": "street_code = :code",
    "community": "community_code = :code",
    "estate": "community_code = (SELECT community_code FROM estates WHERE code = :code) AND estate_code = :code",
    "grid": "grid_code = :code",
    "building": "grid_code = (SELECT grid_code FROM buildings WHERE code = :code) AND building_code = :code",
    "post": "post_code = :code",
}
# Whatever the scope: who was told of an emergency, and who rules on an objection, see the ticket while that lasts.
ALSO = "also IS NOT NULL AND closed_at IS NULL AND :post = ANY(string_to_array(also, ' '))"
RULER = "ruler_code = :post"
# Whoever is above sees what a resident urges for the second time (催办).
WATCHER = "watcher_code = :post AND closed_at IS NULL AND lead IS NULL"
# Nobody knows the place yet: every street's desk sorts it (人工分拣).
UNPLACED = "community_code IS NULL AND closed_at IS NULL"


class Sight(Struct, frozen=True):
    """What somebody may see: a scope, the post they act as, without the complaints about some parties, and none in
    which they have an interest: `person` is opaque, `organisations` their employer and the posts that they hold.

    `rung` is theirs where a ticket that climbed past it is theirs no more (a former holder's, 曾经承办)."""

    kind: str
    code: str
    hidden: tuple[Hidden, ...] = ()
    person: str = ""
    organisations: tuple[str, ...] = ()
    post: str = ""
    rung: str = ""


def branches(sight: Sight) -> list[str]:
    """The ways in which a row may be somebody's, each with an index and none with a row of another."""
    rest = closed(sight)
    return [way + rest for way in openings(sight)]


def openings(sight: Sight) -> list[str]:
    """The same before `closed`, for a question that reads so much that it looks at what is kept away once for all."""
    ways = _ways(sight)
    return [way + "".join(f" AND ({other}) IS NOT TRUE" for other in ways[:i]) for i, way in enumerate(ways)]


def either(sight: Sight) -> str:
    """The same for rows that were found otherwise."""
    return "(" + " OR ".join(f"({way})" for way in _ways(sight)) + ")" + closed(sight)


def _ways(sight: Sight) -> list[str]:
    here = f"{scope(sight)}{_FORMER if sight.rung else ''}"
    own = [RULER, ALSO, WATCHER] if sight.post and sight.kind != "all" else []
    return [here, *own, *([UNPLACED] if sight.kind == "street" else [])]


def scope(sight: Sight) -> str:
    """Where somebody looks after tickets."""
    return _SCOPES[sight.kind]


_FORMER = (
    " AND NOT (:rung = ANY(string_to_array(coalesce(passed, ''), ' ')) AND post_code <> :post"
    " AND coalesce(ruler_code, '') <> :post AND coalesce(watcher_code, '') <> :post"
    " AND NOT (:post = ANY(string_to_array(coalesce(also, ''), ' '))))"
)


def closed(sight: Sight) -> str:
    """What is kept from somebody wherever the ticket stands; begins with AND, or is empty."""
    clauses = []
    if any(one.column is None for one in sight.hidden):
        clauses.append("NOT (about = ANY(:hidden))")
    for i, one in enumerate(sight.hidden):
        if one.column is not None:
            clauses.append(f"NOT (about = :about{i} AND coalesce({one.column}, '') = :place{i})")
    if sight.person:
        clauses.append(f"number NOT IN ({_CONFLICTS})")
    elif sight.organisations:
        clauses.append(f"number NOT IN ({_BARRED})")
    return "".join(f" AND {clause}" for clause in clauses)


def apart(sight: Sight) -> str:
    """The numbers of what is kept from somebody beside whole kinds of complaints, to take out of sums; "" where there
    is no such rule."""
    parts = [_CONFLICTS if sight.person else _BARRED] if sight.person or sight.organisations else []
    for i, one in enumerate(sight.hidden):
        if one.column is not None:
            place = f"about = :about{i} AND coalesce({one.column}, '') = :place{i}"
            parts.append(f"SELECT number FROM tickets WHERE {scope(sight)} AND {place}")  # noqa: S608
    return " UNION ALL ".join(parts)


def interests(sight: Sight) -> str:
    """Of a row of tickets, whether somebody has an interest of their own in it (回避); whole kinds aside."""
    mine = _CONFLICTS if sight.person else _BARRED
    parts = [f"tickets.number IN ({mine})"] if sight.person or sight.organisations else []
    for i, one in enumerate(sight.hidden):
        if one.column is not None:
            parts.append(f"tickets.about = :about{i} AND coalesce(tickets.{one.column}, '') = :place{i}")
    return " OR ".join(parts) or "false"


def values(sight: Sight) -> dict[str, Any]:
    """What the clauses refer to."""
    found: dict[str, Any] = {} if sight.kind == "all" else {"code": sight.code}
    if sight.post and sight.kind != "all":
        found["post"] = sight.post
    if sight.rung:
        found |= {"rung": sight.rung, "post": sight.post}
    if everywhere := [one.about for one in sight.hidden if one.column is None]:
        found["hidden"] = everywhere
    for i, one in enumerate(sight.hidden):
        if one.column is not None:
            found |= {f"about{i}": one.about, f"place{i}": one.code}
    if sight.organisations:
        found["mine"] = list(sight.organisations)
    return found | ({"person": sight.person, "mine": list(sight.organisations)} if sight.person else {})


# The tickets in which a person has an interest (回避): as a party, of the same household, employed there, or declared.
# Each part begins at the person and goes by an index: who has no phone and no household is not looked for at all.
# Nothing here is ever NULL, so NOT IN means what it says; uncorrelated, so it is asked once and hashed.
_BARRED = "SELECT q.number FROM parties q WHERE q.organisation = ANY(:mine) AND q.role <> 'complainant'"
_KIN = "(SELECT CAST(:person AS text) AS person UNION ALL SELECT r.b FROM relations r WHERE r.a = :person)"
_CONFLICTS = f"""
SELECT split_part(d.ref, '/', 1) FROM {_KIN} k JOIN persons p ON p.person = k.person
  JOIN vault.dossiers d ON d.person = p.phone WHERE d.ref LIKE '%/1'
UNION ALL
SELECT split_part(d.ref, '/', 1) FROM persons p JOIN vault.dossiers d ON d.household = p.household
  WHERE p.person = :person AND d.ref LIKE '%/1'
UNION ALL
SELECT q.number FROM {_KIN} k JOIN parties q ON q.person = k.person
UNION ALL
SELECT q.number FROM {_KIN} k JOIN persons p ON p.person = k.person JOIN parties q ON q.phone = p.phone
UNION ALL
SELECT q.number FROM persons p JOIN parties q ON q.household = p.household WHERE p.person = :person
UNION ALL
{_BARRED}
"""  # noqa: S608
