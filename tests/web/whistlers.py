"""Who whistles and who comes in these tests: the tiny city's desks, its leader, three departments, each a person."""

from typing import Any

import httpx

from huiyin.core.people import Role
from tests.web.conftest import Filer, People, Site
from tests.web.hands import COMMUNITY, GRID, STREET, Hands

SCOPE = f"street:{STREET}"
CITY, POLICE, FIRE = "department:城管", "department:公安", "department:消防救援"
# name: role, post, scope
WHISTLERS: dict[str, tuple[Role, str, str]] = {
    "boss": ("street", f"street_leader:{STREET}", SCOPE),
    "city": ("department", CITY, f"post:{CITY}"),
    "police": ("department", POLICE, f"post:{POLICE}"),
    "fire": ("department", FIRE, f"post:{FIRE}"),
    "auditor": ("auditor", "auditor", "all"),
    "community2": ("community", "community:990101001002", "community:990101001002"),
    "street2": ("street", "street:990101002", "street:990101002"),
}
BLOW: dict[str, Any] = {
    "kind": "daily", "beyond": "no-power", "text": "物业劝阻三次无效,街道没有处罚权",
    "asks": [{"department": CITY, "text": "请到一号楼前查处占道经营"}],
}  # fmt: skip
MATTER = {"category": "B04", "grid_code": GRID}  # 商业、娱乐设备噪声: 生态环境, 公安
REPLY: dict[str, Any] = {
    "contacted": ["on_site"],
    "text": "已当场责令整改,设备移走",
    "finished": True,
}


class Whistlers(Hands):
    """Everybody of DESKS and WHISTLERS."""

    def __init__(self, site: Site, filer: Filer) -> None:
        super().__init__(site, filer)

    async def sit(self, people: People) -> "Whistlers":
        await super().sit(people)
        for name, desk in WHISTLERS.items():
            self.heads[name] = await people.seat(name, *desk)
        return self

    async def blow(self, who: str = "street", **more: Any) -> str:
        """The number of a whistle that nobody's ticket led to."""
        answer = await self.try_blow(who, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    async def try_blow(self, who: str = "street", *, key: str = "", **more: Any) -> httpx.Response:
        head = self.heads[who] | ({"Idempotency-Key": key} if key else {})
        return await self.site.http.post("/api/v1/whistles", headers=head, json=BLOW | MATTER | more)

    async def called(self, **more: Any) -> str:
        """One that is blown by the street and approved."""
        number = await self.blow(**more)
        if more.get("kind") != "emergency":
            await self.does("boss", number, "approve")
        return number

    async def asks(self, who: str, number: str, command: str, body: Any = None) -> httpx.Response:
        """Whatever comes back."""
        path = f"/api/v1/whistles/{number}/{command}"
        return await self.site.http.post(path, headers=self.heads[who], json={} if body is None else body)

    async def does(self, who: str, number: str, command: str, body: Any = None) -> dict[str, Any]:
        """The whistle after an order that must succeed."""
        answer = await self.asks(who, number, command, body)
        assert answer.status_code == 200, (who, command, answer.text)
        return dict(answer.json())

    async def stands(self, who: str, number: str) -> dict[str, Any]:
        """A whistle as somebody sees it."""
        answer = await self.site.http.get(f"/api/v1/whistles/{number}", headers=self.heads[who])
        assert answer.status_code == 200, (who, answer.text)
        return dict(answer.json())

    async def numbers(self, who: str, query: str = "") -> list[str]:
        """Somebody's list of whistles."""
        answer = await self.site.http.get(f"/api/v1/whistles{query}", headers=self.heads[who])
        assert answer.status_code == 200, (who, answer.text)
        return [str(one["number"]) for one in answer.json()["whistles"]]


__all__ = ["BLOW", "CITY", "COMMUNITY", "FIRE", "GRID", "MATTER", "POLICE", "REPLY", "STREET", "Whistlers"]
