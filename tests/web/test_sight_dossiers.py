"""Who complained: shown by the masking table, in full only after a step, told to the respondent never."""

import json
from typing import Any

import asyncpg
import pytest

from huiyin.core.masks import alias
from tests.core.world import sorting, spot
from tests.web.conftest import People, Site
from tests.web.sightings import NAME, PHONE, ROOM, TEXT, City

MASKED = "我叫▇,住1栋▇,电话▇,楼上漏水三天了"


@pytest.fixture
async def town(site: Site, city: None, people: People) -> City:
    return await City(site, people).sit()


async def test_each_post_sees_what_the_table_says(town: City) -> None:
    """Who: name, phone, place, text, what may be looked at; the ticket is the building leader's (A01)."""
    number = await town.file("A01")
    least = (alias(number), None, "1栋", MASKED, [])
    full = (NAME, "139****5678", f"1栋2单元{ROOM}", TEXT, ["name", "phone", "room"])
    expected: dict[str, Any] = {
        "leader": (alias(number), None, "1栋2单元", MASKED, []),
        "grid": full,
        "owners": least,
        "estate": least,
        "community": ("王*", "139****5678", "1栋2单元", TEXT, ["phone"]),
        "street": least,
        "department": least,
        "mediator": (alias(number), None, None, None, []),
        "auditor": (alias(number), None, None, None, []),
        "property": 404, "leader2": 404, "grid2": 404, "property2": 404, "community2": 404, "street2": 404,
        "registrar": 403, "machine": 403,
    }  # fmt: skip
    assert set(expected) == set(town.heads)
    for who, wanted in expected.items():
        answer = await town.ask(who, f"/tickets/{number}/dossier")
        if isinstance(wanted, int):
            assert answer.status_code == wanted, who
            continue
        told = answer.json()
        assert tuple(told[k] for k in ("name", "phone", "place", "text", "reveal")) == wanted, who
        assert told["masked"] == (told["text"] != TEXT), who


async def test_property_sees_the_entrance_for_a_repair_and_a_relay_for_a_phone(town: City) -> None:
    repair, rubbish = await town.file("A04"), await town.file("C01")
    for number, place in ((repair, "1栋2单元"), (rubbish, "1栋")):
        told = (await town.ask("property", f"/tickets/{number}/dossier")).json()
        assert (told["name"], told["phone"], told["place"]) == (alias(number), "经平台转接", place)
        assert told["text"] == MASKED


async def test_one_case_has_one_alias_and_another_case_another(town: City) -> None:
    first, second = await town.file("C01"), await town.file("C01")
    names = {(await town.ask("property", f"/tickets/{number}/dossier")).json()["name"] for number in (first, second)}
    assert len(names) == 2


async def test_who_wants_no_name_keeps_none(town: City) -> None:
    number = await town.file("A01", anonymous=True)
    told = (await town.ask("grid", f"/tickets/{number}/dossier")).json()
    assert (told["name"], told["reveal"]) == (alias(number), ["phone", "room"])
    answer = await town.give("grid", f"/tickets/{number}/reveal", {"field": "name", "purpose": "contact"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not-revealed")


async def steps(town: City, number: str) -> list[dict[str, Any]]:
    return list((await town.ask("auditor", f"/tickets/{number}/log")).json()["steps"])


async def test_no_leaf_no_data(town: City, admin: asyncpg.Connection) -> None:
    """Each look is one step, kept before anything is shown; a look that is refused shows nothing and leaves none."""
    number = await town.file("A01")
    path = f"/tickets/{number}/reveal"
    look = {"field": "phone", "purpose": "contact"}
    for times in (1, 2):
        answer = await town.give("grid", path, look)
        assert (answer.status_code, answer.json()) == (200, {"field": "phone", "value": PHONE})
        kept = [step for step in await steps(town, number) if step["step"] == "ticket.viewed.v1"]
        assert len(kept) == times
        assert kept[-1]["data"]["purpose"] == "contact"
        assert kept[-1]["data"]["person"].startswith("p-")
    for who, status, code in (
        ("community", 200, None), ("street", 409, "not-revealed"), ("leader", 403, "not-your-role"),
        ("owners", 403, "not-your-role"), ("property", 403, "not-your-role"), ("auditor", 403, "not-your-role"),
        ("department", 409, "not-your-ticket"), ("mediator", 409, "not-your-ticket"), ("grid2", 404, "not-found"),
    ):  # fmt: skip
        answer = await town.give(who, path, look)
        assert (answer.status_code, answer.json().get("code")) == (status, code), who
        assert (PHONE in answer.text) == (status == 200), who
    answer = await town.give("community", path, {"field": "room", "purpose": "contact"})
    assert answer.json()["code"] == "not-revealed"
    for body in ({"field": "phone"}, {"field": "papers", "purpose": "contact"}, {"field": "phone", "purpose": "fun"}):
        assert (await town.give("grid", path, body)).status_code == 400
    assert len([step for step in await steps(town, number) if step["step"] == "ticket.viewed.v1"]) == 3
    await admin.execute("ALTER TABLE log RENAME TO lost")
    answer = await town.give("grid", path, look)
    assert answer.status_code == 500
    assert PHONE not in answer.text
    await admin.execute("ALTER TABLE lost RENAME TO log")


async def test_the_words_of_later_steps_are_masked_the_same_way(town: City) -> None:
    number = await town.file("A01")
    said = f"已到1栋2单元{ROOM}找到{NAME},电话{PHONE}"
    assert (await town.give("leader", f"/tickets/{number}/sign")).status_code == 200
    assert (await town.give("leader", f"/tickets/{number}/note", {"text": said})).status_code == 200
    for who, shown in (("leader", "已到1栋▇找到▇,电话▇"), ("grid", said), ("auditor", None)):
        told = (await town.ask(who, f"/tickets/{number}/dossier")).json()["words"]
        if shown is None:
            assert told == []
            continue
        assert [(one["step"], one["actor"], one["text"]) for one in told] == [
            ("ticket.noted.v1", "building_leader:E1-B01", shown)
        ]


async def test_an_erased_dossier_shows_nothing(town: City, admin: asyncpg.Connection) -> None:
    number = await town.file("A01")
    await admin.execute("UPDATE vault.dossiers SET key = NULL")
    told = (await town.ask("grid", f"/tickets/{number}/dossier")).json()
    assert (told["name"], told["phone"], told["text"]) == (alias(number), None, None)
    answer = await town.give("grid", f"/tickets/{number}/reveal", {"field": "phone", "purpose": "contact"})
    assert answer.json() == {"field": "phone", "value": None}


# -- notices ----------------------------------------------------------------------------------------------

CLEAN = "请检查1栋门禁,三日内书面答复。"


async def test_the_respondent_reads_a_document_and_nothing_of_the_ticket(town: City) -> None:
    number = await town.file("L02", "property")
    path = f"/tickets/{number}/notice"
    answer = await town.give("owners", path, {"to": "property:E1", "text": CLEAN})
    assert answer.status_code == 201, answer.text
    page = (await town.ask("property", "/notices")).json()
    assert page == {"notices": [answer.json()], "next": None}
    assert set(page["notices"][0]) == {"id", "date", "text"}
    assert page["notices"][0]["date"] == "2026-11-22"
    whole = json.dumps(page) + str((await town.ask("property", "/notices")).headers)
    assert number not in whole
    assert "L02" not in whole
    for who in ("property2", "owners", "community", "leader"):
        assert (await town.ask(who, "/notices")).json() == {"notices": [], "next": None}
    for who in ("property", "estate"):
        assert (await town.ask(who, f"/tickets/{number}")).status_code == 404
        assert (await town.give(who, path, {"to": "property:E1", "text": CLEAN})).status_code == 404
    told = (await town.ask("owners", f"/tickets/{number}/dossier")).json()["words"]
    assert [one["text"] for one in told] == [CLEAN]


TELLING = {
    f"{NAME}反映的问题": "姓名", "小明家的问题": "姓名", f"电话{PHONE}": "电话", "一三九一二三四五六七八": "电话",
    "请联系13700000000": "电话", "请到1栋999看看": "房号", "请到3-2-301": "房号", "张女士投诉": "姓名",
    "京A12345": "车牌", "11010119900307123X": "证件号",
}  # fmt: skip


async def test_what_tells_who_is_not_sent(town: City) -> None:
    for text, kind in TELLING.items():
        number = await town.file("L02", "property")
        answer = await town.give("owners", f"/tickets/{number}/notice", {"to": "property:E1", "text": text})
        assert (answer.status_code, answer.json()["code"]) == (409, "identifies-complainant"), text
        assert kind in answer.json()["detail"]
        for value in (NAME, "小明", PHONE, ROOM, "999", "12345", "张", "301"):
            assert value not in answer.text
    assert (await town.ask("property", "/notices")).json()["notices"] == []


async def test_a_refusal_does_not_answer_guesses(town: City) -> None:
    number = await town.file("L02", "property")
    path = f"/tickets/{number}/notice"
    codes = []
    for i in range(7):
        answer = await town.give("owners", path, {"to": "property:E1", "text": f"{'赵钱孙李周吴郑'[i]}女士"})
        codes.append(answer.json()["code"])
    assert codes == ["identifies-complainant"] * 5 + ["too-many-guesses"] * 2
    assert (await town.give("owners", path, {"to": "property:E1", "text": CLEAN})).status_code == 429
    other = await town.give("community", path, {"to": "property:E1", "text": CLEAN})
    assert other.status_code == 201


async def test_who_may_send_one_and_to_whom(town: City) -> None:
    number = await town.file("L02", "property")
    path = f"/tickets/{number}/notice"
    for who, to, status, code in (
        ("owners", "property:E2", 409, "not-the-respondent"),
        ("owners", "owners_committee:E1", 409, "not-the-respondent"),
        ("community", "property:E1", 201, None), ("street", "property:E1", 201, None),
        ("grid", "property:E1", 403, "not-your-role"), ("auditor", "property:E1", 403, "not-your-role"),
        ("community2", "property:E1", 404, "not-found"), ("leader", "property:E1", 409, "not-your-ticket"),
    ):  # fmt: skip
        answer = await town.give(who, path, {"to": to, "text": CLEAN})
        assert (answer.status_code, answer.json().get("code")) == (status, code), who
    neighbours = await town.file("B01", "neighbour", found=sorting("B01", spot()))
    answer = await town.give("leader", f"/tickets/{neighbours}/notice", {"to": "property:E1", "text": CLEAN})
    assert answer.json()["code"] == "not-the-respondent"


async def test_notices_come_in_pages_that_count_nothing(town: City) -> None:
    number = await town.file("L02", "property")
    for i in range(5):
        await town.give(
            "community", f"/tickets/{number}/notice", {"to": "property:E1", "text": f"{CLEAN}{'甲乙丙丁戊'[i]}"}
        )
    seen: list[str] = []
    query = "limit=2"
    while True:
        page = (await town.ask("property", f"/notices?{query}")).json()
        seen += [one["text"][-1] for one in page["notices"]]
        if page["next"] is None:
            break
        assert number not in page["next"]
        query = f"limit=2&cursor={page['next']}"
    assert sorted(seen) == sorted("甲乙丙丁戊")
    for query in ("cursor=x", "limit=0", "cursor=2026-13-40.aaaaaaaaaaaa", "limit=101"):
        assert (await town.ask("property", f"/notices?{query}")).status_code == 400
