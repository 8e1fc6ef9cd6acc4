"""A hundred thousand open whistles and what was closed before, in the views only: for plans and for milliseconds."""

import asyncpg

from tests.web.hands import COMMUNITY, STREET

OPEN, CLOSED, STREETS = 100_000, 40_000, 10
DEPARTMENTS = (
    "城管",
    "公安",
    "消防救援",
    "生态环境",
    "住房城乡建设",
    "市场监管",
    "园林绿化",
    "水务",
    "交通",
    "卫生健康",
)

# Number i of all: the closed ones first, as time goes. Street 0 is the tiny city's; a whistle in two has a ticket, one
# of three helps a second department, one in forty came to be supervised, one in a hundred was returned. What a rare
# filter looks for: kind `emergency` at one in 400, category Z09 at one in 2,000, department 卫生健康 at one in 1,000.
_ROWS = """
SELECT i, 'SH' || lpad(i::text, 9, '0') AS number, i > {closed} AS open,
    CASE i % {streets} WHEN 0 THEN '{street}' ELSE 'S' || i % {streets} END AS street,
    CASE i % {streets} WHEN 0 THEN CASE i % 40 WHEN 0 THEN '{community}' ELSE 'C' || i % 40 END ELSE 'C' || i % 400 END
        AS community,
    CASE WHEN i % 400 = 0 THEN 'emergency' WHEN i % 3 = 0 THEN 'enforcement' WHEN i % 3 = 1 THEN 'key' ELSE 'daily' END
        AS kind,
    CASE WHEN i % 2000 = 10 THEN 'Z09' ELSE (ARRAY['B04', 'D03', 'A02', 'M01', 'H02'])[1 + i % 5] END AS category,
    CASE WHEN i % 1000 = 0 THEN 'department:卫生健康' ELSE 'department:' || (ARRAY{departments})[1 + i % 9] END AS lead,
    'department:' || (ARRAY{departments})[1 + (i + 4) % 9] AS second,
    now() - interval '1 hour' * (({closed} + {open} - i) / 60.0) AS blown,
    now() + interval '1 second' * (i % 400000 - 20000) AS due
FROM generate_series(1, {closed} + {open}) i
"""
_WHISTLES = """
INSERT INTO whistles (number, version, state, kind, source, category, street_code, community_code, estate_code,
    grid_code, building_code, blower, lead, departments, approval, level, returned, justified, score, solved, blown_at,
    called_at, due_at, next_at, closed_at, outcome, provisional)
SELECT number, 9, CASE WHEN open THEN (ARRAY['called', 'replied', 'confirmed', 'called'])[1 + i % 4] ELSE 'closed' END,
    kind, 'own', category, street, community, 'E' || i % 900, 'G' || i % 5000, NULL, 'street:' || street, lead,
    1 + (i % 3 = 0)::int, 'given', CASE WHEN i % 40 = 0 THEN 1 + i % 4 ELSE 0 END, (i % 100 = 0)::int,
    CASE WHEN NOT open THEN (ARRAY['yes', 'partly', 'no'])[1 + i % 3] END, CASE WHEN NOT open THEN 4 END,
    CASE WHEN i % 7 = 0 THEN 'yes' END, blown, blown, CASE WHEN open THEN due END, CASE WHEN open THEN due END,
    CASE WHEN NOT open THEN blown + interval '9 days' END, CASE WHEN NOT open THEN 'rated' END, false
FROM ({rows}) r
"""
_LINES = """
INSERT INTO whistle_lines (number, post_code, lead, stage, on_site, objected, bound, late, duty, due_at, level,
    called_at, open, response, arrival, quality, cooperation)
SELECT number, post, leads, CASE WHEN open THEN (ARRAY['called', 'acknowledged', 'arrived'])[1 + i % 3]
        WHEN leads THEN 'replied' ELSE 'answered' END,
    CASE WHEN kind IN ('emergency', 'enforcement') THEN (ARRAY['yes', 'no', 'unproven'])[1 + i % 3] END, false, false,
    CASE WHEN i % 40 = 0 THEN 'acknowledge reply' END, CASE WHEN open THEN 'reply' END, CASE WHEN open THEN due END,
    CASE WHEN i % 40 = 0 THEN 1 ELSE 0 END, blown, open, CASE WHEN NOT open THEN 5 END, CASE WHEN NOT open THEN 4 END,
    CASE WHEN NOT open THEN 3 END, CASE WHEN NOT open THEN 4 END
FROM ({rows}) r CROSS JOIN LATERAL (VALUES (lead, true), (second, false)) d (post, leads) WHERE leads OR i % 3 = 0
"""
_DUTIES = """
INSERT INTO whistle_duties
SELECT number, duty, CASE duty WHEN 'reply' THEN lead ELSE 'street:' || street END, '', due, 0
FROM ({rows}) r CROSS JOIN LATERAL (VALUES ('reply'), ('confirm')) d (duty) WHERE open AND (duty = 'reply' OR i % 4 = 1)
"""
_TICKETS = """
INSERT INTO tickets (number, version, state, rung, post_code, street_code, community_code, estate_code, grid_code,
    category, leaves, words, urgency, channel, about, filed_at, due_at, case_due_at, provisional)
SELECT 'HY' || lpad((900000000 + i)::text, 9, '0'), 2, 'dispatched', 'street_office', 'street:' || street, street,
    community, 'E' || i % 900, 'G' || i % 5000, category, category, '', 'normal', 'web',
    CASE WHEN i % 50 = 0 THEN 'street' ELSE 'none' END, blown, due, due, false FROM ({rows}) r WHERE i % 2 = 0
"""
_ABOUT = """
INSERT INTO whistle_tickets SELECT 'HY' || lpad((900000000 + i)::text, 9, '0'), number FROM ({rows}) r WHERE i % 2 = 0
"""


async def crowd(admin: asyncpg.Connection, is_open: int = OPEN, closed: int = CLOSED) -> None:
    """Fills the views; a whistle in fifty has a ticket about the street, which is hidden from its desk."""
    names = "[" + ", ".join(f"'{name}'" for name in DEPARTMENTS[:9]) + "]"
    known = {"street": STREET, "community": COMMUNITY, "streets": STREETS, "departments": names}
    rows = _ROWS.format(open=is_open, closed=closed, **known)
    for statement in (_WHISTLES, _LINES, _DUTIES, _TICKETS, _ABOUT):
        await admin.execute(statement.format(rows=rows))
    await admin.execute("VACUUM ANALYZE whistles, whistle_lines, whistle_duties, whistle_tickets, tickets")
