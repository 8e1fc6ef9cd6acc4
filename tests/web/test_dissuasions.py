"""The record of dissuasion: every one with its proof, nobody who complained in it, as JSON and as text."""

import pytest

from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


async def test_the_record_is_exportable(hands: Hands, site: Site) -> None:
    number = await hands.file()
    address = f"/api/v1/tickets/{number}/dissuasions"
    empty = await site.http.get(address, headers=hands.heads["community"] | {"Accept": "text/plain"})
    assert "没有劝阻记录" in empty.text
    said = "二十二点上门劝阻,要求调低音量;电话 13912345678 仍在响"
    await hands.do(
        "leader", number, "dissuade", {"text": said, "place": "1栋1单元楼道", "when": "2026-11-20T00:30:00Z"}
    )
    entries = (await site.http.get(f"/api/v1/tickets/{number}/log", headers=hands.heads["community"])).json()["steps"]
    found = (await site.http.get(address, headers=hands.heads["community"])).json()
    (record,) = found["records"]
    assert record["hash"] == entries[-1]["hash"]
    assert (record["when"], record["place"], record["post"]) == (
        "2026-11-20T00:30:00Z",
        "1栋1单元楼道",
        "building_leader:E1-B01",
    )
    assert "13912345678" not in record["text"]
    assert "调低音量" in record["text"]
    printed = await site.http.get(address, headers=hands.heads["community"] | {"Accept": "text/plain"})
    for part in ("第八十八条", "2026-11-20 08:30", record["hash"], number):
        assert part in printed.text
    about = await hands.file(about="property")
    hidden = await site.http.get(f"/api/v1/tickets/{about}/dissuasions", headers=hands.heads["property"])
    assert hidden.status_code == 404
