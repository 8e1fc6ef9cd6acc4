"""Who mediates in these tests: the tiny city's committee, two mediators, one of another place, an auditor."""

from typing import Any

import httpx

from huiyin.convening import CONSOLE, Office
from huiyin.core.people import Role
from huiyin.store.committees import Body
from tests.web.conftest import Filer, People, Site
from tests.web.hands import COMMUNITY, Hands

SEATS, SCOPE = f"mediator:{COMMUNITY}", f"community:{COMMUNITY}"
MEDIATORS: dict[str, tuple[Role, str, str]] = {
    "wang": ("mediator", SEATS, SCOPE),
    "li": ("mediator", SEATS, SCOPE),
    "far": ("mediator", "mediator:990101001002", "community:990101001002"),
    "community2": ("community", "community:990101001002", "community:990101001002"),
    "auditor": ("auditor", "auditor", "all"),
    "boss": ("street", "street_leader:990101001", "street:990101001"),
}
OPEN: dict[str, Any] = {
    "text": "楼上漏水,楼下天花板起皮",
    "category": "A01",
    "parties": [
        {"name": "娄秀兰", "phone": "13800000001", "applicant": True},
        {"name": "许立本", "phone": "13800000002", "building_code": "E1-B01", "room": "601"},
    ],
}
PLACE = {"place": "3 楼调解室", "text": "修好管道", "manner": "work", "until": "2026-12-20"}


class Mediators(Hands):
    """Everybody of DESKS and MEDIATORS; a party comes with its code."""

    def __init__(self, site: Site, filer: Filer) -> None:
        super().__init__(site, filer)
        self.codes: dict[str, dict[str, str]] = {}

    async def sit(self, people: People) -> "Mediators":
        await super().sit(people)
        for name, desk in MEDIATORS.items():
            self.heads[name] = await people.seat(name, *desk)
        one = Body(COMMUNITY, "residents", "柳岸", "柳岸社区人民调解委员会")
        await self.site.room.write(lambda c: Office(c, one, at=self.site.clock.now, actor=CONSOLE).keep())
        return self

    async def opened(self, who: str = "community", **more: Any) -> str:
        answer = await self.site.http.post("/api/v1/mediations", headers=self.heads[who], json=OPEN | more)
        assert answer.status_code == 201, answer.text
        number = str(answer.json()["number"])
        self.codes[number] = answer.json()["codes"]
        return number

    async def tries(self, who: str, number: str, command: str, body: Any = None) -> httpx.Response:
        """Whatever comes back; `who` is a post's, or p1, p2."""
        path, head = f"/api/v1/mediations/{number}", self.heads.get(who, {})
        if who in self.codes.get(number, {}):
            path = f"/api/v1/mediations/mine/{self.codes[number][who]}"
        return await self.site.http.post(f"{path}/{command}", headers=head, json=body or {})

    async def does(self, who: str, number: str, command: str, body: Any = None) -> dict[str, Any]:
        answer = await self.tries(who, number, command, body)
        assert answer.status_code == 200, (who, command, answer.text)
        return dict(answer.json())

    async def code_of(self, who: str, number: str, command: str, body: Any = None) -> str:
        answer = await self.tries(who, number, command, body)
        assert answer.status_code == 409, (who, command, answer.text)
        assert len(answer.json()["detail"]) > 6
        return str(answer.json()["code"])

    async def looks(self, who: str, number: str, more: str = "") -> httpx.Response:
        path = f"/api/v1/mediations/{number}{more}"
        if who in self.codes.get(number, {}):
            path = f"/api/v1/mediations/mine/{self.codes[number][who]}"
        return await self.site.http.get(path, headers=self.heads.get(who, {}))

    async def person(self, name: str) -> str:
        """The opaque id of an account's person."""
        from huiyin.store import people

        found = await self.site.room.ask(lambda c: people.person_of(c, name, self.site.clock.now))
        return found.id

    async def accepted(self, **more: Any) -> str:
        number = await self.opened(**more)
        await self.does("community", number, "check")
        for party in ("p1", "p2"):
            await self.does(party, number, "consent", {"how": "screen"})
        await self.does("community", number, "accept")
        return number

    async def seated(self) -> str:
        """Accepted, told, with 王 as its mediator."""
        number = await self.accepted()
        for party in ("p1", "p2"):
            await self.does("community", number, "notify-rights", {"party": party, "how": "paper"})
        await self.does("community", number, "assign", {"person": await self.person("wang")})
        return number
