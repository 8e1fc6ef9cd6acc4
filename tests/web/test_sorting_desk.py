"""What nobody could place (人工分拣): every street's desk sees and sorts it, and then it is where it belongs."""

import pytest

from huiyin.core.words import Spot
from tests.core.world import sorting
from tests.web.conftest import Filer, People, Site

pytestmark = pytest.mark.usefixtures("city")


async def test_streets_sort_what_has_no_place(site: Site, filer: Filer, people: People) -> None:
    street = await people.seat("street", "street", "street:990101001", "street:990101001")
    elsewhere = await people.seat("elsewhere", "street", "street:990101009", "street:990101009")
    community = await people.seat("community", "community", "community:990101001001", "community:990101001001")
    number = await filer.file(sorting("A01", Spot()))
    address = f"/api/v1/tickets/{number}"
    for head, status in ((street, 200), (elsewhere, 200), (community, 404)):
        assert (await site.http.get(address, headers=head)).status_code == status
        listed = (await site.http.get("/api/v1/tickets?state=sorting", headers=head)).json()["tickets"]
        assert [one["number"] for one in listed] == ([number] if status == 200 else [])
    shown = (await site.http.get(address, headers=elsewhere)).json()
    assert shown["state"] == "sorting"
    assert "reclassify" in shown["allowed"]
    sorted_ = await site.http.post(f"{address}/reclassify", json={"building_code": "E1-B01"}, headers=elsewhere)
    assert (sorted_.status_code, sorted_.json()["post"]["code"]) == (200, "building_leader:E1-B01")
    for head, status in ((street, 200), (elsewhere, 404), (community, 200)):
        assert (await site.http.get(address, headers=head)).status_code == status
