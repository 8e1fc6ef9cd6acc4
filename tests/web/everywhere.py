"""Every page there is, from the table of routes itself: a new one is walked to unless it is written down as no page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from playwright.async_api import Page

from huiyin.core.people import ROLES
from huiyin.store import accounts
from huiyin.web.logins import digest
from huiyin.web.who import ANYONE, COOKIE, TABLE
from tests.web.conftest import NOW, Site
from tests.web.hostile import CORPUS

# What is opened otherwise than as a page or a piece of one: streams, files, pictures, what programs read.
NOT_PAGES = {
    "/live", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/static/{file_path}", "/patrol/worker.js",
    "/patrol/mark", "/r/{receipt}/news", "/r/{receipt}/pictures/{ref}", "/tickets/{number}/pictures/{ref}",
    "/whistles/{number}/pictures/{ref}", "/whistles/report/export", "/mediations/report/export",
    "/mediation/mine/news", "/mediation/mine/agreement.pdf", "/mediation/mine/calendar/{ident}",
    "/mediation/mine/pictures/{ref}", "/mediations/{number}/pictures/{ref}", "/mediations/{number}/papers/{paper}",
}  # fmt: skip
# What our pages put into themselves.
PIECES = {
    "/places", "/desk/list", "/tickets/list", "/tickets/counts", "/tickets/{number}/now", "/tickets/{number}/clock",
    "/calls/list", "/whistles/{number}/now", "/whistles/list", "/whistles/figures", "/whistles/places",
    "/sorting/left", "/sorting/find", "/screen/now", "/review/posts", "/mediations/list", "/mediations/homes",
    "/mediations/{number}/now",
}  # fmt: skip
DAY = NOW.date()
# Other faces of a page, and what some cannot do without.
FACES = {
    "/r/{receipt}": ("?new=1&call=119", "?said=add"),
    "/board": ("?q=柳岸",),
    "/places": ("?q=柳岸",),
    "/calls": ("?tab=closed",),
    "/desk": ("?tab=rulings", "?tab=supervised", "?tab=notices"),
    "/desk/list": ("?tab=rulings", "?tab=notices"),
    "/tickets": ("?all=1", "?open=true&community={community}"),
    "/tickets/list": ("?all=1",),
    "/tickets/bulk": ("?what=reassign&n={number}", "?what=dispatch&n={number}"),
    "/sorting": ("?n={number}&last={number}",),
    "/sorting/left": ("?n={number}&v=1",),
    "/sorting/find": ("?n={number}&q=柳岸 漏水",),
    "/screen": ("?wall=1", "?days=30"),
    "/screen/now": ("?wall=1",),
    "/screen/counted": (f"?metric=filed&since={DAY}&until={DAY}",),
    "/review": ("?q=柳岸", "?c="),
    "/review/posts": ("?q=柳岸",),
    "/review/posts/{post}": ("?all=1",),
    "/review/tickets/{number}": ("?view=line",),
    "/review/mediations/{number}": ("?view=line",),
    "/mediations": ("?closed=1", "?stage=mediate"),
    "/mediations/homes": ("?home0=柳岸",),
    "/admin/letters": ("?show=all",),
    "/admin/rulebook": ("?part=history", "?part=sorting"),
    "/admin/posts": ("?q=柳岸", "?show=never"),
}
# Names that addresses know: each is asked with words that want to be code.
ASKED = (
    "q", "next", "said", "tab", "cursor", "after", "n", "last", "v", "view", "part", "show", "what", "estate", "wrong",
    "category", "community", "grid", "state", "rung", "street", "days", "metric", "by", "key", "since", "call", "b",
    "number", "wall", "stage", "closed", "sheet", "c", "before",
)  # fmt: skip
# Who of the tests' city stands for a kind of post.
NAMES = {role: role for role in ROLES} | {
    "building_leader": "leader",
    "grid_worker": "grid",
    "owners_committee": "owners",
}


def templates() -> list[str]:
    """The addresses of all pages and pieces."""
    return [path for method, path in TABLE if method == "GET" and path not in NOT_PAGES and "/api/" not in path]


def who(template: str) -> list[str]:
    """The names of those who may open it; "" is a resident."""
    allowed = TABLE["GET", template]
    return [""] if allowed == ANYONE else [NAMES[role] for role in ROLES if role in allowed]


def faces(template: str, known: dict[str, str]) -> list[str]:
    """A page's addresses; a hole that nobody fills is a KeyError. A whistle's number is another one than a ticket's,
    a mediation's is a third."""
    if template.startswith(("/whistles/", "/review/whistles/")):
        known = {**known, "number": known["whistle"]}
    if template.startswith(("/mediations/", "/review/mediations/")):
        known = {**known, "number": known["mediation"]}
    holes = {name: quote(value, safe="") for name, value in known.items()}
    return [(template + face).format(**holes) for face in ("", *FACES.get(template, ()))]


def questions(template: str, known: dict[str, str]) -> list[str]:
    """A page's addresses with every name asked for a hostile word, each time another one."""
    (plain, *_) = faces(template, known)
    asked = ASKED if "/do/" not in template else ("said", "field", "n")
    return [f"{plain}?{name}={quote(CORPUS[n % len(CORPUS)])}" for n, name in enumerate(asked)]


async def become(page: Page, site: Site, name: str, cookies: Mapping[str, str] | None = None) -> None:
    """The window's session from now on: somebody of the city, or nobody; `cookies` are what a resident has besides."""
    await page.context.clear_cookies()
    await page.context.add_cookies([{"name": k, "value": v, "url": site.url} for k, v in (cookies or {}).items()])
    if name:
        token = f"cookie.{name}"
        now = datetime.now(UTC)
        await site.room.write(lambda c: accounts.open_session(c, digest(token), name, now))
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": site.url}])
