"""Findings over HTTP: once each, whatever form they were filled in on, from those who walk, with the session's mark."""

import re
import uuid
from typing import Any

import asyncpg
import httpx
import pytest
from msgspec.structs import replace

from huiyin.bus.envelope import ComplaintData, read_filed
from huiyin.core.people import ROLES, Role, Scope, Viewer, may
from huiyin.core.registry import Building, Estate
from huiyin.store.vault import Seal, Sealed
from huiyin.web.staff import findings
from tests.core.world import REGISTRY
from tests.web.conftest import NOW, VAULT_KEY, People, Site
from tests.web.hands import COMMUNITY, DESKS, GRID, STREET

HTML = {"Accept": "text/html"}
PASSWORD = "abcd-efgh-jkmn-pqrs"
PLACE = "柳岸花园 1栋"
TEXT = "地下车库B2层2单元电梯口堆着三辆旧电动车和纸箱,消防栓门打不开。"

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def walker(people: People) -> dict[str, str]:
    return await people.make("grid_worker", f"grid:{GRID}", PASSWORD)


async def filed(admin: asyncpg.Connection) -> list[ComplaintData]:
    """What lies on the doorstep, opened."""
    rows = await admin.fetch(
        "SELECT w.key, w.body FROM vault.waiting w JOIN doorstep d USING (event_id) ORDER BY w.seq"
    )
    return [read_filed(Seal(VAULT_KEY).open(Sealed(row["key"], row["body"])), None).data for row in rows]


async def send(site: Site, head: dict[str, str], **said: Any) -> httpx.Response:
    """As the queue on a phone sends it; `id` and `form` unless they are given."""
    fields = {"id": str(uuid.uuid4()), "form": findings.FORM} | said
    return await site.http.post("/patrol/findings", headers=head, files=[(k, (None, v)) for k, v in fields.items()])


async def test_a_finding_is_a_complaint_of_nobody(
    site: Site, admin: asyncpg.Connection, walker: dict[str, str]
) -> None:
    said = {"text": TEXT, "where": PLACE, "kind": "楼道堆放杂物", "handled": "已请物业清走", "about": "neighbour"}
    answer = await send(site, walker, **said, age="3600")
    assert answer.status_code == 201
    assert set(answer.json()) == {"receipt", "again"}
    (one,) = await filed(admin)
    assert one.text == f"巡查发现:楼道堆放杂物。\n{TEXT}\n现场已处理:已请物业清走"
    assert (one.channel, one.about, one.place and one.place.building_code) == ("patrol", "neighbour", "E1-B01")
    assert one.reporter is not None
    assert (one.reporter.anonymous, one.reporter.name, one.reporter.phone) == (True, None, None)
    assert one.filed_at is not None
    assert (NOW - one.filed_at).total_seconds() == 3600
    told = await site.http.get(f"/api/v1/complaints/{answer.json()['receipt']}")
    assert told.json()["state"] == "received"


async def test_the_same_id_is_the_same_finding(
    site: Site, admin: asyncpg.Connection, people: People, walker: dict[str, str]
) -> None:
    """Sent again later its age is another one, and a place may have another name by then: still the same."""
    ident = str(uuid.uuid4())
    first = await send(site, walker, id=ident, text=TEXT, age="1")
    again = await send(site, walker, id=ident, text=TEXT, age="999", where="不在表里的地方")
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["receipt"], again.json()["again"]) == (first.json()["receipt"], True)
    assert len(await filed(admin)) == 1
    other = await people.make("community", f"community:{COMMUNITY}")
    assert (await send(site, other, id=ident, text=TEXT)).status_code == 201  # ids are each account's own
    assert len(await filed(admin)) == 2
    public = {"Idempotency-Key": f"patrol grid_worker-grid:{GRID} {ident}"}
    assert (await site.http.post("/api/v1/complaints", json={"text": TEXT}, headers=public)).status_code == 201
    assert len(await filed(admin)) == 3


async def test_every_form_there_ever_was_is_read(site: Site, admin: asyncpg.Connection, walker: dict[str, str]) -> None:
    old = {"words": TEXT, "building": PLACE, "done": "已劝导", "against": "property", "phrase": "渗水漏水"}
    assert (await send(site, walker, form="1", **old)).status_code == 201
    new = {"text": TEXT, "where": PLACE, "handled": "已劝导", "about": "property", "kind": "渗水漏水"}
    assert (await send(site, walker, form="2", **new)).status_code == 201
    assert (await send(site, walker, form="9", **new, mood="?")).status_code == 201  # of a house that came after us
    first, *others = await filed(admin)
    assert others == [first, first]
    assert first.place is not None
    assert (first.place.building_code, first.about) == ("E1-B01", "property")


def test_forms_stay_for_ever() -> None:
    """Whoever changes the form adds a version; what a phone wrote down under an older one keeps its meaning."""
    assert findings.FORMS["1"] == {
        "words": "text", "building": "where", "against": "about", "done": "handled", "phrase": "kind",
    }  # fmt: skip
    assert (findings.FORM, list(findings.FORMS)) == ("2", ["1", "2"])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"text": ""}, "请写下发现了什么"),
        ({"text": "  \n"}, "请写下发现了什么"),
        ({"kind": "没有的一种"}, "请写下发现了什么"),
        ({"text": "字" * 4_001}, "最多 4000 字"),
        ({"text": TEXT, "handled": "字" * 1_001}, "最多 1000 字"),
        ({"text": TEXT, "id": "1"}, "缺少编号"),
    ],
)
async def test_sent_back_with_a_reason(
    site: Site, admin: asyncpg.Connection, walker: dict[str, str], said: dict[str, str], words: str
) -> None:
    answer = await send(site, walker, **said)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong-finding")
    assert words in answer.json()["detail"]
    assert not await filed(admin)


async def test_odd_values_are_left_out(site: Site, admin: asyncpg.Connection, walker: dict[str, str]) -> None:
    for age in ("-5", "x", "9" * 30, str(61 * 86400), "٣"):
        assert (await send(site, walker, text=TEXT, about="nobody", where="河边凉亭", age=age)).status_code == 201
    for one in await filed(admin):
        assert (one.about, one.filed_at) == (None, NOW)
        assert one.place is not None
        assert (one.place.building_code, one.place.address) == (None, "河边凉亭")


PLACES: dict[str, list[str]] = {
    f"grid:{GRID}": [PLACE],
    "building:E1-B02": ["柳岸花园 2栋"],
    "estate:E1": [PLACE, "柳岸花园 2栋"],
    "post:property:E1": [PLACE, "柳岸花园 2栋"],
    f"community:{COMMUNITY}": [PLACE, "柳岸花园 2栋", "老纺织大院 1栋"],
    f"street:{STREET}": [PLACE, "柳岸花园 2栋", "老纺织大院 1栋"],
    "all": [PLACE, "柳岸花园 2栋", "老纺织大院 1栋"],
    "grid:nowhere": [],
}


@pytest.mark.parametrize("scope", PLACES)
async def test_buildings_of_one_s_own(site: Site, people: People, scope: str) -> None:
    head = await people.make("community", scope)
    page = (await site.http.get("/patrol", headers=head | HTML)).text
    assert re.findall(r'<option value="([^"]+)"></option>', page) == PLACES[scope]


def test_names_that_two_buildings_share_and_a_registry_that_changes() -> None:
    """Two estates of one name: each building is still chosen, and known again; another registry is read anew."""
    twin = Estate("E9", "柳岸花园", (), COMMUNITY, "none", "none", 10)
    more = {**REGISTRY.buildings, "E9-B01": Building("E9-B01", "E9", "1栋", 1, "990101001001009")}
    street = Viewer("x", "street", "street:1", Scope("street", STREET))
    assert findings.places(REGISTRY, street)[PLACE] == "E1-B01"
    other = replace(REGISTRY, version="another", estates={**REGISTRY.estates, "E9": twin}, buildings=more)
    named = findings.places(other, street)
    assert (named[f"{PLACE}(柳岸社区 E1-B01)"], named[f"{PLACE}(柳岸社区 E9-B01)"]) == ("E1-B01", "E9-B01")
    assert PLACE not in named
    assert findings.places(REGISTRY, street)[PLACE] == "E1-B01"


async def test_a_building_of_others_is_not_theirs_to_name(
    site: Site, admin: asyncpg.Connection, walker: dict[str, str]
) -> None:
    assert (await send(site, walker, text=TEXT, where="老纺织大院 1栋")).status_code == 201
    (one,) = await filed(admin)
    assert one.place is not None
    assert (one.place.building_code, one.place.address) == (None, "老纺织大院 1栋")


@pytest.mark.parametrize("role", ROLES)
async def test_who_walks(site: Site, people: People, role: Role) -> None:
    head = await people.make(role, DESKS.get(role, (None, None, "all"))[2])
    walks = may(role, "site-check")
    for path in ("/patrol", "/patrol/mark"):
        assert (await site.http.get(path, headers=head)).status_code == (200 if walks else 403)
    assert (await send(site, head, text=TEXT)).status_code == (201 if walks else 403)
    assert walks == (role in ("grid_worker", "building_leader", "owners_committee", "property", "community", "street"))


async def test_nobody_is_asked_to_log_in(site: Site) -> None:
    assert (await send(site, {}, text=TEXT)).status_code == 401
    assert (await site.http.get("/patrol/mark")).status_code == 401
    asked = await site.http.get("/patrol", headers=HTML)
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fpatrol")


async def log_in(site: Site) -> None:
    said = {"username": f"grid_worker-grid:{GRID}", "password": PASSWORD, "next": "/patrol"}
    assert (await site.http.post("/login", data=said, headers=HTML)).status_code == 303


async def test_the_session_s_mark(site: Site, admin: asyncpg.Connection, walker: dict[str, str]) -> None:
    await log_in(site)
    for given in ({}, {"X-Huiyin-Csrf": "0" * 32}):
        refused = await send(site, given, text=TEXT)
        assert (refused.status_code, refused.json()["code"]) == (403, "cross-origin")
    first = (await site.http.get("/patrol/mark")).json()
    assert first["account"]
    assert "grid_worker" not in str(first)
    assert (await send(site, {"X-Huiyin-Csrf": first["mark"]}, text=TEXT)).status_code == 201
    site.http.cookies.clear()
    await log_in(site)  # another session of the same account
    assert (await send(site, {"X-Huiyin-Csrf": first["mark"]}, text=TEXT)).status_code == 403
    second = await site.http.get("/patrol/mark")
    assert second.headers["cache-control"] == "no-store"
    assert (second.json()["account"], second.json()["mark"] == first["mark"]) == (first["account"], False)
    assert (await send(site, {"X-Huiyin-Csrf": second.json()["mark"]}, text=TEXT)).status_code == 201
    assert len(await filed(admin)) == 2


async def test_a_plain_form(site: Site, admin: asyncpg.Connection, walker: dict[str, str]) -> None:
    """Without JavaScript: to the receipt; sent twice it is one; gone back to and changed it is another."""
    await log_in(site)
    page = (await site.http.get("/patrol", headers=HTML)).text
    hidden = dict(re.findall(r'name="(csrf|id|form)" value="([^"]+)"', page))
    wrong = await send(site, HTML, **hidden, text="", where=PLACE, handled="已处理<b>")
    assert (wrong.status_code, "请写下发现了什么" in wrong.text) == (422, True)
    assert f'value="{PLACE}"' in wrong.text
    assert "已处理&lt;b&gt;" in wrong.text
    first = await send(site, HTML, **hidden, text=TEXT)
    again = await send(site, HTML, **hidden, text=TEXT)
    other = await send(site, HTML, **hidden, text="另一件")
    assert [one.status_code for one in (first, again, other)] == [303, 303, 303]
    assert re.fullmatch(r"/r/\d{4}(-\d{4}){3}\?new=1", first.headers["location"])
    assert first.headers["location"] == again.headers["location"] != other.headers["location"]
    assert len(await filed(admin)) == 2


async def test_the_worker_may_only_have_the_page(site: Site, walker: dict[str, str]) -> None:
    worker = await site.http.get("/patrol/worker.js")
    assert worker.headers["service-worker-allowed"] == "/patrol"
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    page = await site.http.get("/patrol", headers=walker | HTML)
    assert page.headers["content-security-policy"].endswith("; worker-src 'self'")
    assert page.headers["cache-control"] == "no-store"
    home = await site.http.get("/", headers=HTML)
    assert "worker-src" not in home.headers["content-security-policy"]


async def test_no_word_of_it_is_in_the_log_of_requests(
    site: Site, walker: dict[str, str], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    await send(site, walker, text=TEXT, where=PLACE)
    await send(site, walker, text="字" * 4_001)
    out = capsys.readouterr()
    assert not [word for word in ("电动车", "柳岸", "字字") if word in caplog.text + out.out + out.err]
