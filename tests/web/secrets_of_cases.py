"""Four mediations full of canaries, and everybody who might hear one: staff of every kind, parties, nobody."""

from datetime import timedelta
from typing import Any

import httpx
from msgspec import Struct

from huiyin.core.people import Role
from huiyin.core.words import About
from huiyin.desk import Complaint, Desk, Order
from huiyin.rules.load import load_sorting_rules
from huiyin.store import vault
from huiyin.store.vault import Seal
from tests.core.world import AT, RULES, sorting
from tests.web.conftest import RECEIPT_KEY, VAULT_KEY, Filer, People, Site
from tests.web.hands import COMMUNITY, DESKS, STREET
from tests.web.mediators import MEDIATORS, Mediators

# Words and names that stand nowhere else. `CAUCUS` is told alone, once a case.
CAUCUS = "笼雀悄语"
MINUTES, SAID_A, SAID_B, OFFER = "笔录苍鹭", "甲述白鹇", "乙述朱鹮", "出价灰鹤"
RISK, REPORT, LETTER, DISCLOSED = "险情游隼", "报案红隼", "委托斑鸫", "披露戴胜"
CHILD, HIDDEN = "幼雏有伤", "隐卷夜鹭"
A_NAME, A_PHONE = "娄紫鸢", "13911110001"
B_NAME, B_PHONE = "许墨鸦", "13922220002"
AGENT, AGENT_PHONE = "纪青骢", "13944440004"
B_CARD, B_WORK = "11010519491231002X", "养鸽人"
ASKED, WITNESS, RECORDER, REQUEST = "问得黄鹂", "证人白鹭", "书记翠鸟", "诉请喜鹊"
LAWSUIT, HAZARD, COURT = "后诉池鹭", "隐患伯劳", "鸿雁法院"
MEETING = "请会鹡鸰"
FILER, FILER_PHONE = "顾青鹭", "13933330003"
SIDES = [
    {"name": A_NAME, "phone": A_PHONE, "applicant": True},
    {
        "name": B_NAME,
        "phone": B_PHONE,
        "building_code": "E1-B01",
        "room": "601",
        "id_number": B_CARD,
        "occupation": B_WORK,
    },
]
# Kinds of posts that nobody of the others holds.
MORE: dict[str, tuple[Role, str, str]] = {
    "department": ("department", "department:城管", f"street:{STREET}"),
    "registrar": ("registrar", f"registrar:{STREET}", f"street:{STREET}"),
    "machine": ("machine", "machine", "all"),
    "desk2": ("community", f"community:{COMMUNITY}", f"community:{COMMUNITY}"),
}
_ITEM = {"item": "i1", "owes": "p2", "owed": "p1", "text": "更换防水层", "manner": "work", "until": "2026-12-20",
         "place": "6 楼"}  # fmt: skip
_TERMS = {"content": "许某更换防水层", "facts": "楼上漏水", "issues": "谁来修", "responsibility": "楼上负责",
          "items": [_ITEM]}  # fmt: skip


class Case(Struct):
    """A case by its name and number, and the ticket that it came of."""

    name: str
    number: str
    ticket: str = ""


class Cases(Mediators):
    """Everybody of `Mediators` and MORE; `whole`, `stopped`, `hidden`, `of_ticket` are the cases."""

    def __init__(self, site: Site, filer: Filer) -> None:
        super().__init__(site, filer)
        self.cases: dict[str, Case] = {}
        self.windows: dict[tuple[str, str], str] = {}  # the cookies of parties

    async def sit(self, people: People) -> "Cases":
        await super().sit(people)
        for name, desk in MORE.items():
            self.heads[name] = await people.seat(name, *desk)
        return self

    async def live(self) -> "Cases":
        for name, make in (("whole", self._whole), ("stopped", self._stopped), ("hidden", self._hidden),
                           ("of_ticket", self._of_ticket)):  # fmt: skip
            number, ticket = await make()
            self.cases[name] = Case(name, number, ticket)
            for party in self.codes[number]:
                self.windows[number, party] = await self._enters(number, party)
        return self

    def role(self, who: str) -> Role:
        """The role of an account."""
        return (DESKS | MEDIATORS | MORE)[who][0]

    async def _enters(self, number: str, party: str) -> str:
        async with httpx.AsyncClient(base_url=self.site.url, verify=False) as client:
            answer = await client.post("/mediation", data={"code": self.codes[number][party]})
            assert answer.status_code == 303, answer.text
            return str(answer.headers["set-cookie"]).partition(";")[0]

    # -- the cases ----------------------------------------------------------------------------------------

    async def _sat(self, number: str) -> str:
        for party in ("p1", "p2"):
            await self.does("community", number, "notify-rights", {"party": party, "how": "paper"})
        await self.does("community", number, "assign", {"person": await self.person("wang")})
        self.site.clock.now += timedelta(hours=1)
        asked = {"at": self.site.clock.now.isoformat(), "place": WITNESS, "questioned": WITNESS, "reach": WITNESS,
                 "text": ASKED, "recorder": RECORDER}  # fmt: skip
        await self.does("wang", number, "investigate", asked)
        day = f"{self.site.clock.now + timedelta(days=9):%Y-%m-%d}"
        await self.does("wang", number, "ask-meeting", {"attendees": ["street"], "until": day, "text": MEETING})
        held = {"began": self.site.clock.now.isoformat(), "present": ["p1", "p2"], "minutes": MINUTES,
                "recorder": RECORDER,
                "statements": [{"party": "p1", "text": SAID_A}, {"party": "p2", "text": SAID_B}],
                "offers": [{"party": "p2", "text": OFFER}], "undisputed": ["确有漏水"]}  # fmt: skip
        await self.does("wang", number, "hold", held)
        await self.does("wang", number, "confide", {"party": "p1", "text": f"{CAUCUS}{number}"})
        return number

    async def _accepted(self, **more: Any) -> str:
        return await self.accepted(**({"parties": SIDES, "requests": [REQUEST]} | more))

    async def _whole(self) -> tuple[str, str]:
        """Agreed, performed, visited; an agent, a disclosure; a second mediator who comes after the talk alone."""
        number = await self._accepted()
        agent = {"party": "p1", "who": {"name": AGENT, "phone": AGENT_PHONE}, "text": LETTER, "special": True}
        await self.does("community", number, "empower", agent)
        await self._sat(number)
        await self.does("community", number, "assign", {"person": await self.person("li")})
        await self.does("wang", number, "disclose", {"text": DISCLOSED})
        drafted = await self.does("wang", number, "draft", {"terms": _TERMS})
        now = self.site.clock.now.isoformat()
        mark = {"digest": drafted["sight"]["agreement"]["digest"], "at": now}
        for party in ("p1", "p2"):
            await self.does(party, number, "mark", mark | {"form": "fingerprint"})
        await self.does("wang", number, "mark", mark | {"hand": "mediator", "form": "signature"})
        await self.does("community", number, "mark", mark | {"hand": "committee", "form": "seal"})
        await self.does("p1", number, "perform", {"item": "i1", "done": "whole", "at": now})
        told = {"party": "p1", "how": "paper", "at": now, "court": COURT}
        await self.does("community", number, "tell-confirmation", told)
        visit = {"at": now, "parties": ["p2"], "kept": "yes", "text": "好", "lawsuit": LAWSUIT, "hazards": HAZARD}
        await self.does("wang", number, "visit", visit)
        return number, ""

    async def _stopped(self) -> tuple[str, str]:
        """A danger that was reported; then a party has had enough."""
        number = await self._sat(await self._accepted())
        await self.does("wang", number, "flag-risk", {"risk": "violence", "text": RISK})
        body = {"body": "police", "at": self.site.clock.now.isoformat(), "text": REPORT}
        await self.does("wang", number, "report", body)
        await self.does("p2", number, "stop", {"how": "screen"})
        return number, ""

    async def _hidden(self) -> tuple[str, str]:
        """A child turns out to be hurt: the mediators' only."""
        number = await self._sat(await self._accepted(text=HIDDEN))
        await self.does("wang", number, "flag-risk", {"risk": "child", "text": CHILD})
        return number, ""

    async def _of_ticket(self) -> tuple[str, str]:
        """The complainant comes along from the ticket."""
        ticket = await self.complain()
        body = {"text": "两家谈不拢", "parties": SIDES[1:], "requests": [REQUEST]}
        answer = await self.order("community", ticket, "mediate", body)
        assert answer.status_code == 201, answer.text
        number = str(answer.json()["number"])
        self.codes[number] = answer.json()["codes"]
        await self.does("community", number, "check")
        for party in ("p1", "p2"):
            await self.does(party, number, "consent", {"how": "screen"})
        await self.does("community", number, "accept")
        return await self._sat(number), ticket

    async def complain(self, about: About = "neighbour") -> str:
        """A ticket of somebody whose name and phone are known to the vault."""
        desk = Desk(self.site.room.engine, RULES, load_sorting_rules().matters, RECEIPT_KEY)
        said = vault.Dossier("楼上又漏水了", name=FILER, phone=FILER_PHONE)
        sealed = Seal(VAULT_KEY).seal(vault.encode(said), FILER_PHONE)
        order = Order("urn:partner", "canary", "sorter", Complaint("web", about, AT, sorting("A01"), sealed), 77)
        (answer,) = await desk.act([order], at=AT)
        return str(answer.number)
