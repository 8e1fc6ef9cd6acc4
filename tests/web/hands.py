"""The people of the tiny city at their desks, and a receipt-holder: who gives orders over HTTP in these tests."""

from typing import Any

import httpx

from huiyin.core import receipt as receipts
from huiyin.core.people import Role
from huiyin.core.words import About
from tests.core.world import sorting
from tests.web.conftest import RECEIPT_KEY, Filer, People, Site

GRID, COMMUNITY, STREET = "990101001001001", "990101001001", "990101001"
# name: role, post, scope
DESKS: dict[str, tuple[Role, str, str]] = {
    "leader": ("building_leader", "building_leader:E1-B01", "building:E1-B01"),
    "deputy": ("building_leader", "building_leader:E1-B01", "building:E1-B01"),
    "grid": ("grid_worker", f"grid:{GRID}", f"grid:{GRID}"),
    "owners": ("owners_committee", "owners_committee:E1", "estate:E1"),
    "property": ("property", "property:E1", "estate:E1"),
    "community": ("community", f"community:{COMMUNITY}", f"community:{COMMUNITY}"),
    "street": ("street", f"street:{STREET}", f"street:{STREET}"),
    "second": ("street", f"street:{STREET}", f"street:{STREET}"),
}


class Hands:
    """Everybody of DESKS, logged in by a token; each a person of their own."""

    def __init__(self, site: Site, filer: Filer) -> None:
        self.site, self._filer = site, filer
        self.heads: dict[str, dict[str, str]] = {}
        self._count = 0

    async def sit(self, people: People) -> "Hands":
        for name, desk in DESKS.items():
            self.heads[name] = await people.seat(name, *desk)
        return self

    async def file(self, category: str = "A01", about: About = "none", **more: Any) -> str:
        """A ticket's number; its receipt is `receipt(number)`."""
        self._count += 1
        event_id = f"r{self._count}"
        number = await self._filer.file(sorting(category, **more), about, event_id, "urn:partner")
        self._receipts = {**getattr(self, "_receipts", {}), number: event_id}
        return number

    def receipt(self, number: str) -> str:
        """The path of a ticket's receipt."""
        value = receipts.make(RECEIPT_KEY, "urn:partner", self._receipts[number])
        return f"/api/v1/complaints/{receipts.show(value)}"

    async def order(self, who: str, number: str, command: str, body: Any = None, key: str = "") -> httpx.Response:
        """Whatever comes back."""
        head = self.heads[who] | ({"Idempotency-Key": key} if key else {})
        path = f"/api/v1/tickets/{number}/{command}"
        return await self.site.http.post(path, headers=head, json={} if body is None else body)

    async def do(self, who: str, number: str, command: str, body: Any = None) -> dict[str, Any]:
        """The ticket after an order that must succeed."""
        answer = await self.order(who, number, command, body)
        assert answer.status_code == 200, (who, command, answer.text)
        return dict(answer.json())

    async def refused(self, who: str, number: str, command: str, body: Any = None) -> str:
        """The code of an order that must be refused; it always says what to do next."""
        answer = await self.order(who, number, command, body)
        assert answer.status_code == 409, (who, command, answer.text)
        assert len(answer.json()["detail"]) > 6
        return str(answer.json()["code"])

    async def listed(self, who: str, path: str) -> list[str]:
        """The numbers of one of somebody's lists."""
        answer = await self.site.http.get(f"/api/v1{path}", headers=self.heads[who])
        assert answer.status_code == 200, (who, path, answer.text)
        return [str(one["number"]) for one in answer.json()["tickets"]]

    async def told(self, number: str) -> dict[str, Any]:
        """What the receipt's holder reads."""
        answer = await self.site.http.get(self.receipt(number))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def feedback(self, number: str, **said: Any) -> httpx.Response:
        """The resident's word."""
        return await self.site.http.post(f"{self.receipt(number)}/feedback", json=said)
