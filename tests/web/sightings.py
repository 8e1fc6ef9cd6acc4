"""The tiny city's people for tests of sight: each a person of their own, tickets with real dossiers."""

from typing import Any

import httpx
from msgspec.structs import replace

from huiyin.core.people import Role
from huiyin.core.words import About, Sorting
from huiyin.desk import Complaint, Desk, Order
from huiyin.rules.load import load_sorting_rules
from huiyin.store import vault
from huiyin.store.vault import Seal
from huiyin.web.room import Room
from tests.core.world import AT, RULES, sorting
from tests.web.conftest import RECEIPT_KEY, VAULT_KEY, People, Site

GRID, COMMUNITY, STREET = "990101001001001", "990101001001", "990101001"
NAME, PHONE, ROOM = "王小明", "13912345678", "九九九室"
TEXT = f"我叫{NAME},住1栋2单元{ROOM},电话{PHONE},楼上漏水三天了"
# name: role, post, scope
POSTS: dict[str, tuple[Role, str, str]] = {
    "leader": ("building_leader", "building_leader:E1-B01", "building:E1-B01"),
    "leader2": ("building_leader", "building_leader:E1-B02", "building:E1-B02"),
    "grid": ("grid_worker", f"grid:{GRID}", f"grid:{GRID}"),
    "grid2": ("grid_worker", "grid:990101001001002", "grid:990101001001002"),
    "owners": ("owners_committee", "owners_committee:E1", "estate:E1"),
    "property": ("property", "property:E1", "post:property:E1"),
    "estate": ("property", "property:E1", "estate:E1"),
    "property2": ("property", "property:E2", "post:property:E2"),
    "community": ("community", f"community:{COMMUNITY}", f"community:{COMMUNITY}"),
    "community2": ("community", "community:990101001002", "community:990101001002"),
    "street": ("street", f"street:{STREET}", f"street:{STREET}"),
    "street2": ("street", "street:990101002", "street:990101002"),
    "department": ("department", "department:城管", f"street:{STREET}"),
    "mediator": ("mediator", f"mediator:{COMMUNITY}", f"community:{COMMUNITY}"),
    "auditor": ("auditor", "auditor", "all"),
    "registrar": ("registrar", f"registrar:{STREET}", f"street:{STREET}"),
    "machine": ("machine", "machine", "all"),
}


class City:
    """Everybody of POSTS; `heads` are their Authorization headers."""

    def __init__(self, site: Site, people: People) -> None:
        self.site, self._people = site, people
        self.heads: dict[str, dict[str, str]] = {}
        self._desk = Desk(site.room.engine, RULES, load_sorting_rules().matters, RECEIPT_KEY)
        self._count = 0
        self.seal = Seal(VAULT_KEY)

    async def sit(self, *names: str) -> "City":
        for name in names or POSTS:
            self.heads[name] = await self._people.seat(name, *POSTS[name])
        return self

    async def file(
        self,
        category: str = "A01",
        about: About = "none",
        found: Sorting | None = None,
        household: bytes | None = None,
        **said: Any,
    ) -> str:
        """A ticket's number; `said` changes what the resident wrote."""
        self._count += 1
        told = {"text": TEXT, "title": "漏水", "place": {"room": ROOM}, "name": NAME, "phone": PHONE} | said
        sealed = self.seal.seal(vault.encode(vault.Dossier(**told)), told["phone"])
        sealed = replace(sealed, household=household)
        where = found or sorting(category)
        where = replace(where, spot=replace(where.spot, unit="2单元" if where.spot.building_code else None))
        what = Complaint("web", about, AT, where, sealed)
        (answer,) = await self._desk.act([Order("urn:test", f"s{self._count}", "sorter", what, self._count)], at=AT)
        assert answer.number is not None, answer
        return answer.number

    async def ask(self, who: str, path: str) -> httpx.Response:
        return await self.site.http.get(f"/api/v1{path}", headers=self.heads[who])

    async def give(self, who: str, path: str, body: Any = None) -> httpx.Response:
        return await self.site.http.post(f"/api/v1{path}", headers=self.heads[who], json={} if body is None else body)

    async def numbers(self, who: str, path: str = "/tickets") -> list[str]:
        """The tickets of a list."""
        answer = await self.ask(who, path)
        assert answer.status_code == 200, answer.text
        return [one["number"] for one in answer.json()["tickets"]]

    @property
    def room(self) -> Room:
        return self.site.room
