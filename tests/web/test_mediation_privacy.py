"""Every route there is, as everybody there is: what was told alone is heard by nobody else, names and hidden files by
those whose case it is. A route that comes later is walked by itself."""

import gzip
import io
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import docx
import httpx
import pypdf
import pytest

from huiyin import review
from huiyin.bus.relay import outgoing
from huiyin.papers.forms import FORMS
from huiyin.store import log
from huiyin.store.database import connect
from huiyin.store.vault import Seal, Sealed
from huiyin.web.mediations.orders import ORDERS
from huiyin.web.who import ANYONE, TABLE
from tests.conftest import Database
from tests.web import secrets_of_cases as words
from tests.web.conftest import VAULT_KEY, Filer, People, Site
from tests.web.hands import COMMUNITY
from tests.web.secrets_of_cases import Case, Cases

pytestmark = pytest.mark.usefixtures("city")

CANARIES = {name: value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)
            and name not in ("COMMUNITY", "STREET")}  # fmt: skip
# Who may hear what. `wang` mediates all four, `li` came to the whole case later; nobody else may hear anything.
LI = {"MINUTES", "SAID_A", "SAID_B", "OFFER", "LETTER", "DISCLOSED", "A_NAME", "B_NAME", "AGENT", "A_PHONE", "B_PHONE",
      "AGENT_PHONE", "B_CARD", "B_WORK", "ASKED", "WITNESS", "RECORDER", "REQUEST", "LAWSUIT", "HAZARD",
      "COURT", "MEETING"}  # fmt: skip
MAY: dict[str, set[str]] = {
    "wang": set(CANARIES),
    "li": LI,
    "p1": {"SAID_A", "DISCLOSED", "LETTER", "A_NAME", "A_PHONE", "AGENT", "AGENT_PHONE", "COURT"},
    "p2": {"SAID_B", "OFFER", "DISCLOSED", "B_NAME", "B_PHONE", "B_CARD", "B_WORK"},
}
# What both sides sign names both of them, their agents and who wrote it down (人民调解法 29).
BOTH, SIGNED = {"A_NAME", "B_NAME", "AGENT", "RECORDER"}, ("/agreement.pdf", "/do/mark")
OF_TICKET = {"FILER", "FILER_PHONE"}
# A ticket's own pages say who complained to whom ARCHITECTURE lets know (tests of tickets look at that).
TICKETS = re.compile(r"^(/api/v1)?/(tickets|desk|review|sorting|notices|patrol)\b")
STREAMS = {"/live", "/static/{file_path}", "/mediation/mine/news"}
PAPERS = [*(f"{form}.docx" for form in FORMS), "agreement.pdf", "volume.pdf"]


@pytest.fixture
async def cases(site: Site, filer: Filer, people: People) -> Cases:
    return await (await Cases(site, filer).sit(people)).live()


# -- walking ----------------------------------------------------------------------------------------------


class Walker:
    """Asks every GET route; `heard` says who read which canary where."""

    def __init__(self, cases: Cases, refs: dict[str, list[str]], person: str) -> None:
        self.cases, self.refs, self.person = cases, refs, person
        self.heard: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.asked: dict[str, set[int]] = defaultdict(set)
        self.count = 0

    async def walk(self) -> None:
        for template in sorted({path for method, path in TABLE if method == "GET"} - STREAMS):
            for who in (*self.cases.heads, ""):
                found = self.addresses(template)
                for path in found if self.may(who, template) else found[:1]:
                    await self.look(who, template, path, self.cases.heads.get(who, {}))
            if "mediation" in template and TABLE["GET", template] == ANYONE:
                for (number, party), cookie in self.cases.windows.items():
                    for path in self.addresses(template, number, party):
                        await self.look(party, template, path, {"Cookie": cookie})

    def may(self, who: str, template: str) -> bool:
        """Whether the table lets somebody in at all; who it keeps out is asked once a route."""
        allowed = TABLE["GET", template]
        return allowed == ANYONE or (who in self.cases.heads and self.cases.role(who) in allowed)

    def addresses(self, template: str, number: str = "", party: str = "") -> list[str]:
        """A route's addresses: of every case, of the ticket, or of one party alone."""
        about = "mediation" in template or "TJ" in template
        some = [one for one in self.cases.cases.values() if number in ("", one.number)] if about else []
        ticket = self.cases.cases["of_ticket"]
        found = [template.format(**holes) for one in some or [ticket] for holes in self.holes(template, one, party)]
        return sorted(set(found))

    def holes(self, template: str, case: Case, party: str) -> Iterator[dict[str, str]]:
        tickets = template.startswith(("/tickets", "/api/v1/tickets", "/review/tickets"))
        many: dict[str, list[str]] = {
            "number": [self.cases.cases["of_ticket"].ticket if tickets else case.number],
            "paper": PAPERS if case.name == "whole" else ["record.docx", "volume.pdf"],
            "ref": self.refs.get(case.number, [])[:3] or ["0"],
            "command": [*ORDERS, "apply", "identify"],
            "party": [party] if party else ["p1", "p2"],
            "code": [self.cases.codes[case.number][party]] if party else ["1234-5678-9012-3456"],
            "community": [COMMUNITY],
            "person": [self.person],
            "post": [f"community:{COMMUNITY}"],
            "ident": ["1", "s1.ics"],
        }
        names = re.findall(r"{(\w+)}", template)
        for values in itertools.product(*(many.get(name, ["1"]) for name in names)):
            yield {name: quote(value, safe=":") for name, value in zip(names, values, strict=True)}

    async def asks(self, path: str, head: dict[str, str]) -> httpx.Response:
        """Thousands of questions one after another: a connection that a busy machine let go is made anew."""
        for _ in range(5):
            with suppress(httpx.TransportError):
                return await self.cases.site.http.get(path, headers=head, timeout=60)
        return await self.cases.site.http.get(path, headers=head, timeout=60)

    async def look(self, who: str, template: str, path: str, head: dict[str, str]) -> None:
        accept = {} if "/api/" in path else {"Accept": "text/html"}
        answer = await self.asks(path, head | accept)
        self.count += 1
        self.asked[template].add(answer.status_code)
        text = said(answer) + str(answer.headers)
        for name, word in CANARIES.items():
            if word in text:
                self.heard[who, name].add(path)


def said(answer: httpx.Response) -> str:
    """The text of whatever came back."""
    kind = answer.headers.get("content-type", "")
    if "pdf" in kind:
        pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    if "openxml" in kind:
        parts = docx.Document(io.BytesIO(answer.content)).element.iter() if "word" in kind else ()
        return "".join(part.text for part in parts if part.text) or zipped(answer.content)
    return answer.text


def zipped(content: bytes) -> str:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        return "".join(whole.read(name).decode("utf-8", "replace") for name in whole.namelist())


async def walked(cases: Cases, admin: asyncpg.Connection) -> Walker:
    refs: dict[str, list[str]] = defaultdict(list)
    for row in await admin.fetch("SELECT ref FROM vault.dossiers WHERE ref LIKE 'TJ%' ORDER BY ref"):
        number, _, ref = row["ref"].partition("/")
        refs[number].append(ref)
    walker = Walker(cases, refs, await cases.person("wang"))
    await walker.walk()
    return walker


async def test_nobody_hears_what_is_not_theirs(
    cases: Cases, admin: asyncpg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    walker = await walked(cases, admin)
    lines = "".join(capfd.readouterr())
    wrong = []
    for (who, name), paths in sorted(walker.heard.items()):
        for path in sorted(paths):
            theirs = name in MAY.get(who, set())
            paper = who in ("p1", "p2") and path.endswith(SIGNED) and name in BOTH
            ticket = name in OF_TICKET and TICKETS.match(path) is not None and "mediation" not in path
            complainant = who == "p1" and name in OF_TICKET
            if not (theirs or paper or ticket or complainant):
                wrong.append((who or "nobody", name, path))
    told = sum(map(len, walker.heard.values()))
    print(f"{walker.count} questions to {len(walker.asked)} routes; canaries heard {told} times")
    assert not wrong, "\n".join(map(str, wrong[:60]))
    assert "answered" in lines, "the control finds nothing"
    assert not [name for name, word in CANARIES.items() if word in lines], "our own log lines"
    broken = {path: some for path, some in walker.asked.items() if some & {500, 502}}
    assert not broken, broken
    controls(walker, cases)


def controls(walker: Walker, cases: Cases) -> None:
    """The walk would have found something: those whose words they are do read them, and every route was asked."""
    for name in CANARIES:
        assert walker.heard["wang", name], f"{name} is nowhere: the canary is dead"
    for number in (one.number for one in cases.cases.values()):
        assert any(number in path for path in walker.heard["wang", "CAUCUS"])
    assert walker.heard["li", "MINUTES"]
    assert walker.heard["p1", "SAID_A"]
    assert set(walker.asked) == {path for method, path in TABLE if method == "GET"} - STREAMS
    closed = {path for path, some in walker.asked.items() if "mediation" in path and not some & {200, 303}}
    print("opened to nobody in this walk:", sorted(closed))


# -- what leaves by other ways ----------------------------------------------------------------------------


async def test_no_word_leaves_by_another_way(
    cases: Cases, admin: asyncpg.Connection, database: Database, tmp_path: Path
) -> None:
    """The log and its export, what is published, the views, the causes, metrics; inside the vault they are found."""
    engine = connect(database.url, name="test")
    file = tmp_path / "log.gz"
    await review.export(engine, file, cases.site.clock.now)
    async with engine.connect() as connection:
        entries = await log.tail(connection, log.Cursor(), 100_000)
    assert (await review.verify(engine)).whole
    await engine.dispose()
    places: dict[str, bytes] = {
        "export": gzip.decompress(file.read_bytes()),
        "events": b"".join(one.subject.encode() + one.payload for one in map(outgoing, entries)),
        "metrics": (await cases.site.http.get("/metrics")).content,
    }
    tables = await admin.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    for row in tables:
        kept = await admin.fetch(f"SELECT t.*, t::text AS whole FROM {row['name']} t")
        places[row["name"]] = b"\n".join(bytes_of(value) for one in kept for value in one.values())
    found = [(place, name) for place, whole in places.items() for name, word in CANARIES.items()
             if word.encode() in whole]  # fmt: skip
    assert not found, found
    sealed = await admin.fetch("SELECT key, body FROM vault.dossiers WHERE key IS NOT NULL")
    seal = Seal(VAULT_KEY)
    opened = b"".join(seal.open(Sealed(row["key"], row["body"])) for row in sealed)
    assert not [name for name, word in CANARIES.items() if word.encode() not in opened], "the control finds nothing"


def bytes_of(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
