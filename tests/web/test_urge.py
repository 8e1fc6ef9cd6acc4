"""A resident urges and adds (催办、补充): heard where it lies, the second time above; limits are told in words."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from huiyin.store.vault import Seal, Sealed, decode
from huiyin.web.problems import CODES
from tests.web.browsers import accessible, browsing, window
from tests.web.conftest import VAULT_KEY, Filer, People, Site
from tests.web.hands import Hands

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


def page_of(hands: Hands, number: str) -> str:
    return hands.receipt(number).replace("/api/v1/complaints", "/r")


async def urge(hands: Hands, number: str, **headers: str) -> Any:
    return await hands.site.http.post(f"{hands.receipt(number)}/urge", headers=headers)


async def desk(hands: Hands, who: str) -> dict[str, int]:
    answer = await hands.site.http.get("/api/v1/desk", headers=hands.heads[who])
    return {one["number"]: one["urged"] for one in answer.json()["tickets"]}


async def test_the_second_time_it_is_on_the_desk_above(hands: Hands) -> None:
    number = await hands.file("A02")
    assert (await desk(hands, "property"), await desk(hands, "community")) == ({number: 0}, {})
    first = (await urge(hands, number)).json()
    assert (first["urged"], first["steps"][-1]["name"], first["steps"][-1]["why"]) == (
        1,
        "您催办了一次",
        "已提醒承办岗位",
    )
    assert (await desk(hands, "property"), await desk(hands, "community")) == ({number: 1}, {})
    hands.site.clock.now += timedelta(hours=24)
    assert (await urge(hands, number)).json()["urged"] == 2
    assert (await desk(hands, "property"), await desk(hands, "community")) == ({number: 2}, {number: 2})
    assert await desk(hands, "street") == {}
    await hands.do("property", number, "sign")
    await hands.do("property", number, "hand-up", {"reason": "unsafe"})
    assert await desk(hands, "community") == {number: 0}


async def test_the_committee_of_an_estate_sees_what_is_urged_in_a_building(hands: Hands) -> None:
    """Whose own scope it is not in, too."""
    number = await hands.file("A01")
    await urge(hands, number)
    hands.site.clock.now += timedelta(hours=24)
    await urge(hands, number)
    assert await desk(hands, "owners") == {number: 2}


async def test_limits_are_told_with_the_time_of_the_next(hands: Hands) -> None:
    number = await hands.file("A02")
    key = {"Idempotency-Key": "k1"}
    assert (await urge(hands, number, **key)).json()["urged"] == (await urge(hands, number, **key)).json()["urged"] == 1
    soon = await urge(hands, number)
    assert (soon.status_code, soon.json()["code"]) == (409, "urged-too-soon")
    assert "11月23日(周一)09:00以后" in soon.json()["detail"]
    page = await hands.site.http.post(f"{page_of(hands, number)}/urge", headers=HTML)
    assert (page.status_code, "11月23日(周一)09:00以后还没有办" in page.text) == (409, True)
    for _ in range(2):
        hands.site.clock.now += timedelta(hours=24)
        await urge(hands, number)
    hands.site.clock.now += timedelta(hours=24)
    assert (await urge(hands, number)).json()["code"] == "urged-enough"
    assert (await hands.told(number))["urge_from"] is None
    assert "次数已满" in (await hands.site.http.get(page_of(hands, number))).text


async def test_of_merged_ones_the_lead_is_urged(hands: Hands) -> None:
    lead, number = await hands.file("A02"), await hands.file("A02")
    await hands.do("property", number, "merge", {"into": lead})
    assert (await urge(hands, number)).json()["urged"] == 1
    assert await desk(hands, "property") == {lead: 1}
    assert (await urge(hands, lead)).json()["code"] == "urged-too-soon"


async def test_what_is_added_is_sealed_and_read_by_whom_it_is_for(hands: Hands, admin: asyncpg.Connection) -> None:
    number = await hands.file("A02")
    where = f"{hands.receipt(number)}/add"
    answer = await hands.site.http.post(where, json={"text": "今天又漏了,三楼也湿了"})
    assert (answer.status_code, answer.json()["steps"][-1]["name"]) == (200, "您补充了情况")
    log = await admin.fetchval("SELECT convert_from(body, 'UTF8') FROM log WHERE step = 'ticket.added.v1'")
    assert "漏" not in log
    row = await admin.fetchrow(
        "SELECT key, body FROM vault.dossiers WHERE ref LIKE $1 AND ref <> $2", f"{number}/%", f"{number}/1"
    )
    assert row is not None
    assert decode(Seal(VAULT_KEY).open(Sealed(row["key"], row["body"]))).text == "今天又漏了,三楼也湿了"
    seen = await hands.site.http.get(f"/api/v1/tickets/{number}/dossier", headers=hands.heads["community"])
    assert seen.json()["words"][-1]["text"] == "今天又漏了,三楼也湿了"
    for body, code in (({"text": ""}, 400), ({"text": "漏" * 2_001}, 400), ({}, 400)):
        assert (await hands.site.http.post(where, json=body)).status_code == code
    for turn in range(9):
        assert (await hands.site.http.post(where, json={"text": f"又漏了{turn}"})).status_code == 200
    assert (await hands.site.http.post(where, json={"text": "再说一次"})).json()["code"] == "added-enough"
    assert not (await hands.told(number))["can_add"]


async def test_faults_of_the_form_stand_next_to_their_field(hands: Hands) -> None:
    number = await hands.file("A02")
    where = f"{page_of(hands, number)}/add"
    for words, said in (("", "请写下要补充的情况"), ("漏" * 2_001, "最多 2000 字")):
        answer = await hands.site.http.post(where, data={"addition": words}, headers=HTML)
        assert (answer.status_code, said in answer.text, words in answer.text) == (422, True, True)
        assert 'id="addition-wrong"' in answer.text
    for path in ("urge", "add", "pressure"):
        evil = {"Origin": "https://evil.example", **HTML}
        assert (
            await hands.site.http.post(f"{page_of(hands, number)}/{path}", data={"addition": "x"}, headers=evil)
        ).status_code == 403


async def test_what_is_on_its_way_or_closed(hands: Hands) -> None:
    filed = (await hands.site.http.post("/api/v1/complaints", json={"text": "楼上漏水"})).json()["receipt"]
    for path, body in (("urge", None), ("add", {"text": "还漏"}), ("pressure", {"confirm": True})):
        answer = await hands.site.http.post(f"/api/v1/complaints/{filed}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "on-its-way-to-us"), path
    number = await hands.file("A02")
    await hands.site.http.post(f"{hands.receipt(number)}/withdraw", json={"confirm": True})
    assert (await urge(hands, number)).json()["code"] == "nothing-to-urge"
    answer = await hands.site.http.post(f"{hands.receipt(number)}/add", json={"text": "还漏"})
    assert answer.json()["code"] == "nothing-to-add-to"
    assert all(code in CODES for code in ("nothing-to-urge", "urged-enough", "added-enough", "sheltered"))


@pytest.mark.parametrize("script", [True, False])
async def test_at_the_browser(hands: Hands, script: bool) -> None:
    number = await hands.file("A02")
    async with browsing() as browser, window(browser, hands.site.url, "phone", script) as seen:
        page = seen.page
        await page.goto(page_of(hands, number))
        await page.get_by_role("button", name="催办").click()
        assert "已催办" in await page.locator("[role=status]").first.inner_text()
        assert await page.get_by_role("button", name="催办").count() == 0
        await page.locator("summary", has_text="补充情况").click()
        await page.get_by_label("有什么新情况").fill("昨天夜里又停了两个小时")
        await page.get_by_role("button", name="提交补充").click()
        assert "补充已收到" in await page.locator("[role=status]").first.inner_text()
        if script:
            await accessible(page)
