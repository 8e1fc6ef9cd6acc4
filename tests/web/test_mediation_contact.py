"""A party's phone (查看联系方式): for the case's own mediators alone, once, after the look stands in the log."""

import json
from typing import Any

import asyncpg
import httpx
import pytest

from huiyin.core.mediation.kinds import Purpose
from huiyin.web.staff.mediations.case.looking import PURPOSES
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.test_mediation_case import plain, see
from tests.web.test_mediations import sat

HTML = {"Accept": "text/html"}
PHONE, OTHER, HOME = "13800000002", "13800000001", "1栋601室"
LOOK: dict[str, Any] = {"party": "p2", "purpose": "arrange"}
pytestmark = pytest.mark.usefixtures("city")
NOBODY = {"li": 404, "far": 404, "community": 403, "community2": 403, "street": 403, "boss": 403, "auditor": 403,
          "leader": 403, "property": 403}  # fmt: skip


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def taps(hands: Mediators, who: str, number: str, **said: str) -> httpx.Response:
    path = f"/mediations/{number}/look-up"
    return await hands.site.http.post(path, headers=hands.heads[who] | HTML, data=LOOK | said)


async def looks(admin: asyncpg.Connection, number: str) -> list[str]:
    rows = await admin.fetch(
        "SELECT convert_from(body, 'UTF8') AS said FROM log WHERE id = $1 AND step = 'mediation.contact_viewed.v1'"
        " ORDER BY version", number
    )  # fmt: skip
    return [row["said"] for row in rows]


async def test_one_tap_one_step_one_page(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await sat(hands)
    before = await see(hands, "wang", f"/mediations/{number}")
    assert before.count('aria-label="查看许立本的电话"') == 1
    assert '<option value="arrange" selected>' in before
    for times in (1, 2):
        page = await taps(hands, "wang", number)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
        text = plain(page.text)
        assert all(one in text for one in ("许立本", PHONE, HOME, "约时间、通知到场")), text
        assert f'href="tel:{PHONE}"' in page.text
        assert OTHER not in page.text
        assert len(kept := await looks(admin, number)) == times, "every look is a step"
    wang, tag = await hands.person("wang"), "mediation.contact_viewed.v1"
    data = {"step": tag, "mediator": wang, "party": "p2", "purpose": "arrange"}
    assert [json.loads(one)["data"] for one in kept] == [data] * 2, "no personal data"
    after = await see(hands, "wang", f"/mediations/{number}")
    assert PHONE not in after
    assert plain(after).count("查看了当事人乙的姓名、电话、住址,用途:约时间、通知到场") == 2


async def test_over_the_api_it_is_the_same(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await sat(hands)
    told = await hands.does("wang", number, "look-up", LOOK | {"purpose": "deliver"})
    assert {name: told[name] for name in ("party", "name", "phone")} == {
        "party": "p2",
        "name": "许立本",
        "phone": PHONE,
    }
    assert told["home"].endswith(HOME)
    assert await hands.code_of("wang", number, "look-up", LOOK | {"party": "p9"}) == "unknown-party"
    for body in ({"party": "p2"}, {"purpose": "arrange"}, LOOK | {"purpose": "fun"}):
        answer = await hands.tries("wang", number, "look-up", body)
        assert (answer.status_code, PHONE in answer.text) == (400, False), body
    assert (await taps(hands, "wang", number, purpose="fun")).status_code == 400
    assert len(await looks(admin, number)) == 1


@pytest.mark.parametrize("restricted", [False, True])
async def test_nobody_else_and_no_step(hands: Mediators, admin: asyncpg.Connection, restricted: bool) -> None:
    number = await sat(hands)
    if restricted:
        await hands.does("wang", number, "flag-risk", {"risk": "domestic", "text": "动过手"})
    for who, status in NOBODY.items():
        for answer in (await taps(hands, who, number), await hands.tries(who, number, "look-up", LOOK)):
            assert (answer.status_code, PHONE in answer.text) == (status, False), who
    for who in ("p1", "p2"):
        assert (await hands.tries(who, number, "look-up", LOOK)).status_code in (404, 405), who
    assert await looks(admin, number) == []
    assert "电话</button>" not in await see(hands, "community", f"/mediations/{number}")
    assert (await taps(hands, "wang", number)).status_code == 200, "also where a danger is not reported yet"
    assert '<option value="safety" selected>' in await see(hands, "wang", f"/mediations/{number}") or not restricted
    for path in (f"/mediations/{number}", f"/review/mediations/{number}"):
        assert "用途" not in plain(await see(hands, "community", path)), path


async def test_the_party_is_told_and_not_what_for_and_the_other_not_at_all(hands: Mediators) -> None:
    number = await sat(hands)
    seen = [await hands.looks(who, number) for who in ("p1", "p2")]
    await hands.does("wang", number, "look-up", LOOK | {"purpose": "safety"})
    assert [(await hands.looks(who, number)).json() for who in ("p1", "p2")] == [one.json() for one in seen]
    pages = {}
    for who in ("p1", "p2"):
        entered = await hands.site.http.post("/mediation", data={"code": hands.codes[number][who]})
        assert entered.status_code == 303, plain(entered.text)
        pages[who] = plain((await hands.site.http.get("/mediation/mine")).text)
    assert "查看了您的电话 (由调解员办理)".replace(" ", "") in pages["p2"].replace(" ", "")
    assert "查看了" not in pages["p1"]
    assert not any("核实情况" in page for page in pages.values())


async def test_after_the_end_and_where_nothing_is_kept(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await sat(hands)
    await hands.does("p1", number, "stop", {"how": "screen"})
    assert PHONE in (await taps(hands, "wang", number, purpose="deliver")).text
    assert '<option value="deliver" selected>' in await see(hands, "wang", f"/mediations/{number}")
    await admin.execute("UPDATE vault.dossiers SET key = NULL")
    page = await taps(hands, "wang", number)
    assert (page.status_code, "没有登记电话,或者已经删除" in page.text) == (200, True)
    assert await hands.does("wang", number, "look-up", LOOK) == {
        "party": "p2",
        "name": None,
        "phone": None,
        "home": None,
    }


async def test_no_leaf_no_data(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await sat(hands)
    await admin.execute("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'")
    await admin.execute("CREATE TRIGGER no BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION no()")
    for answer in (await taps(hands, "wang", number), await hands.tries("wang", number, "look-up", LOOK)):
        assert answer.status_code >= 500
        assert PHONE not in answer.text
    await admin.execute("DROP FUNCTION no CASCADE")
    assert await looks(admin, number) == []


def test_every_purpose_has_its_words() -> None:
    assert all(said != code for code, said in PURPOSES.items())
    assert set(PURPOSES) == set(Purpose.__args__)  # type: ignore[attr-defined]
