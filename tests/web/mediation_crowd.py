"""Ten thousand open mediations of one street's committees and a hundred thousand archived ones, in the views only."""

import asyncpg

from tests.web.hands import COMMUNITY, STREET

OPEN, ARCHIVED, COMMITTEES, MEDIATORS = 10_000, 100_000, 10, 4

# Number i of all: the archived ones first, as time goes. Committee 0 is the tiny city's community, 1 the street's own,
# the others' names are made up. One in three came of a ticket, one in forty is restricted, one in fifty owes a report.
_ROWS = """
SELECT i, 'TJ' || lpad(i::text, 9, '0') AS number, i > {archived} AS open,
    CASE i % {committees} WHEN 0 THEN '{community}' WHEN 1 THEN '{street}' ELSE 'C' || i % {committees} END
        AS committee,
    CASE i % {committees} WHEN 1 THEN 'street' ELSE 'residents' END AS kind,
    now() + interval '1 second' * (i % 400000 - 20000) AS due
FROM generate_series(1, {archived} + {open}) i
"""
_MEDIATIONS = """
INSERT INTO mediations (number, version, state, stage, committee, kind, source, category, ticket, before, case_number,
    restricted, report_owed, parties, mediators, sessions, level, accepted_at, effective_at, ended_at, reason,
    confirmation, owed, performed, due_at, next_at, provisional)
SELECT number, 9, CASE WHEN open THEN (ARRAY['applied', 'accepted', 'signing', 'effective', 'performed'])
        [1 + i / {committees} % 5]
        ELSE 'archived' END,
    CASE WHEN open THEN (ARRAY['consenting', 'drafting', 'signing', 'performing', 'visiting'])[1 + i / {committees} % 5]
        ELSE 'archived' END,
    committee, kind, CASE WHEN i % 3 = 0 THEN 'ticket' ELSE 'application' END, 'A01',
    CASE WHEN i % 3 = 0 THEN 'HY' || lpad(i::text, 9, '0') END, NULL,
    '(2026)' || committee || '人调字第' || i || '号', i % 40 = 0, open AND i % 50 = 0, 2, 1, 1, 0, due, due, NULL, NULL,
    CASE WHEN i / {committees} % 5 = 3 THEN 'open' ELSE 'lapsed' END, 1, 0,
    CASE WHEN open THEN due END, CASE WHEN open THEN due END,
    false
FROM ({rows}) r
"""
_SEATS = """
INSERT INTO mediation_seats (number, person, chosen, open, due_at)
SELECT number, 'p-' || committee || '-' || (i / {committees}) % {mediators}, false, open, CASE WHEN open THEN due END
FROM ({rows}) r
"""
_DUTIES = """
INSERT INTO mediation_duties (number, duty, about, due_at, level)
SELECT number, duty, '', due, 0 FROM ({rows}) r CROSS JOIN (VALUES ('perform'), ('visit'), ('archive')) d (duty)
WHERE open
"""
_SESSIONS = """
INSERT INTO mediation_sessions (number, session, at, online, state)
SELECT number, 1, due, false, CASE WHEN open AND i % 4 = 0 THEN 'planned' ELSE 'held' END FROM ({rows}) r
"""
_PEOPLE = """
INSERT INTO mediation_people (number, ident, capacity, side, applicant, ref, person, organisation, at)
SELECT number, 'p' || n, 'party', '', n = 1, number || '/' || n, NULL,
    CASE WHEN n = 2 AND i % 500 = 0 THEN 'property:E' || i % 900 END, now()
FROM ({rows}) r CROSS JOIN generate_series(1, 2) n
"""
_DOSSIERS = """
INSERT INTO vault.dossiers (ref, person, household, body, at)
SELECT number || '/' || n, sha256((number || n)::bytea), sha256((number || 'h' || n)::bytea), '', now()
FROM ({rows}) r CROSS JOIN generate_series(1, 2) n
"""
_CODES = """
INSERT INTO mediation_codes (code, number, party, at)
SELECT sha256((number || 'c' || n)::bytea), number, 'p' || n, now() FROM ({rows}) r CROSS JOIN generate_series(1, 2) n
"""
_WHISTLES = """
INSERT INTO mediation_whistles (number, whistle) SELECT number, 'SH' || lpad(i::text, 9, '0') FROM ({rows}) r
"""
FILLED = ("mediations", "mediation_seats", "mediation_duties", "mediation_sessions", "mediation_people",
          "mediation_codes", "mediation_whistles", "vault.dossiers")  # fmt: skip


async def crowd(admin: asyncpg.Connection, is_open: int = OPEN, archived: int = ARCHIVED) -> None:
    """Fills the views, who the parties are, and their codes."""
    known = {"community": COMMUNITY, "street": STREET, "committees": COMMITTEES}
    rows = _ROWS.format(open=is_open, archived=archived, **known)
    for statement in (_MEDIATIONS, _SEATS, _DUTIES, _SESSIONS, _PEOPLE, _DOSSIERS, _CODES, _WHISTLES):
        await admin.execute(statement.format(rows=rows, committees=COMMITTEES, mediators=MEDIATORS))
    await admin.execute(f"VACUUM ANALYZE {', '.join(FILLED)}")


def mediator(committee: str = COMMUNITY, n: int = 0) -> str:
    """A person of the crowd who mediates."""
    return f"p-{committee}-{n}"
