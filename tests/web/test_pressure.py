"""Whoever is leaned on says so once (受到压力): the case is the street's, and gone for everybody who had it."""

import asyncio
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from tests.web.browsers import accessible, browsing, window
from tests.web.conftest import Filer, People, Site
from tests.web.hands import Hands
from tests.web.sightings import City

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    made = await Hands(site, filer).sit(people)
    made.heads["manager"] = await people.seat("manager", "property", "property:E1", "post:property:E1")
    made.heads["elsewhere"] = await people.seat("elsewhere", "property", "property:E2", "post:property:E2")
    made.heads["auditor"] = await people.seat("auditor", "auditor", "auditor", "all")
    made.heads["nobody"] = await people.make("property", "estate:E1", post="property:E1")  # an account of no person
    return made


async def tell(hands: Hands, number: str) -> dict[str, Any]:
    answer = await hands.site.http.post(f"{hands.receipt(number)}/pressure", json={"confirm": True})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def sees(hands: Hands, who: str, number: str) -> bool:
    """In all windows the same: alone, in the log, in lists, on desks."""
    found = set()
    for path in ("", "/log"):
        answer = await hands.site.http.get(f"/api/v1/tickets/{number}{path}", headers=hands.heads[who])
        found.add(answer.status_code == 200)
    for path in ("/api/v1/tickets?limit=200",):
        listed = (await hands.site.http.get(path, headers=hands.heads[who])).json()["tickets"]
        found.add(number in [one["number"] for one in listed])
    (there,) = found
    return bool(there)


async def test_gone_for_everybody_who_had_it(hands: Hands) -> None:
    """The building leader had it first, the company now; the deputy of the post and the company's other people, too."""
    number = await hands.file("A01")
    await hands.do("leader", number, "sign")
    await hands.do("leader", number, "hand-up", {"reason": "beyond-means"})
    await hands.do("community", number, "dispatch", {"rung": "property_company"})
    await hands.do("property", number, "sign")
    assert await sees(hands, "property", number)
    told = await tell(hands, number)
    assert (told["held_by"], told["pressured"], told["supervised"]) == ("清河街道三方办", True, True)
    assert not told["can_report_pressure"]
    assert told["steps"][-2]["name"] == "您说受到了压力,已转到:清河街道三方办"
    for who in ("leader", "deputy", "property", "manager", "nobody"):
        assert not await sees(hands, who, number), who
        assert (await hands.order(who, number, "note", {"text": "x"})).status_code == 404, who
    for who in ("community", "street", "auditor"):
        assert await sees(hands, who, number), who
    watched = (await hands.site.http.get("/api/v1/desk/supervised", headers=hands.heads["street"])).json()["tickets"]
    assert [(one["number"], one["pressured"]) for one in watched] == [(number, True)]


async def test_the_company_is_out_though_it_never_had_it(hands: Hands) -> None:
    number = await hands.file("B01")
    await tell(hands, number)
    assert not await sees(hands, "nobody", number)
    assert not await sees(hands, "leader", number)
    assert await sees(hands, "grid", number)


async def test_nobody_at_a_desk_undoes_it(hands: Hands) -> None:
    number = await hands.file("A02")
    await hands.do("property", number, "sign")
    await tell(hands, number)
    refused = {
        "dispatch": {"rung": "property_company"},
        "merge": {"into": await hands.file("A02")},
        "withdraw": {"text": "居民来电"},
    }
    for command, body in refused.items():
        assert await hands.refused("street", number, command, body) == "sheltered", command
    moved = await hands.do("second", number, "reclassify", {"building_code": "E2-B01"})
    assert moved["rung"] == "street_office"
    assert not await sees(hands, "elsewhere", number)
    assert not await sees(hands, "property", number), "nor does it come back so"
    answer = await hands.site.http.post(f"{hands.receipt(number)}/withdraw", json={"confirm": True})
    assert answer.json()["outcome"] == "withdrawn"


async def test_the_counts_of_lists_say_nothing(hands: Hands, site: Site) -> None:
    from huiyin.core.people import Viewer, scope
    from huiyin.store import lists

    number = await hands.file("A02")
    viewer = Viewer("m", "property", "property:E1", scope("estate:E1"), "", frozenset({"property:E1"}))

    async def count() -> int:
        sight = site.room.sight(viewer)
        return (await site.room.ask(lambda c: lists.count(c, sight, {}, most=100, at=site.clock.now)))[0]

    before = await count()
    await tell(hands, number)
    assert (before, await count()) == (1, 0)


async def test_merged_ones_part(hands: Hands) -> None:
    """A lead goes without its followers, a follower without its lead: each others' stay where they were."""
    for who_is_leaned_on in ("lead", "follower"):
        lead, follower = await hands.file("A02"), await hands.file("A02")
        await hands.do("property", follower, "merge", {"into": lead})
        one, other = (lead, follower) if who_is_leaned_on == "lead" else (follower, lead)
        await tell(hands, one)
        assert not await sees(hands, "property", one)
        assert await sees(hands, "property", other)
        rest = (await hands.site.http.get(f"/api/v1/tickets/{other}", headers=hands.heads["property"])).json()
        assert (rest["lead"], rest["joined"], rest["rung"]) == (None, [], "property_company")
        assert one not in str(rest["same_matter"])


async def test_the_live_page_of_the_company_says_only_that_it_is_gone(hands: Hands, site: Site) -> None:
    """The number that it showed, as for any change; a page that never showed it hears nothing."""
    from huiyin.core.people import Viewer, scope

    number = await hands.file("A02")
    sight = site.room.sight(Viewer("m", "property", "property:E1", scope("estate:E1"), "", frozenset({"property:E1"})))
    stream = site.room.live.listen(sight, [number])
    assert await anext(stream) == []
    await tell(hands, number)
    site.room.live._changed.add(number)
    site.room.live._stirred.set()
    async with asyncio.timeout(10):
        while not (heard := await anext(stream)):
            pass
    assert heard == [number]
    await stream.aclose()  # type: ignore[attr-defined]


async def test_it_takes_a_word_that_it_is_meant(hands: Hands, admin: asyncpg.Connection) -> None:
    number = await hands.file("A02")
    for body in ({"confirm": False}, {}, {"confirm": "yes"}):
        answer = await hands.site.http.post(f"{hands.receipt(number)}/pressure", json=body)
        assert answer.status_code == 400, body
    with capture_logs() as lines:
        await tell(hands, number)
        assert (await tell(hands, number))["pressured"], "once more is the same"
    assert await admin.fetchval("SELECT count(*) FROM log WHERE step = 'ticket.pressured.v1'") == 1
    assert hands.receipt(number)[-19:] not in str(lines)


async def test_people_of_elsewhere_see_no_more_than_before(site: Site, people: People) -> None:
    """Every kind of post before and after: nobody sees what they did not, and just those are gone."""
    city = await City(site, people).sit()
    number = await city.file("A02")
    before = {who for who in city.heads if (await city.ask(who, f"/tickets/{number}")).status_code == 200}
    from huiyin.core.ticket import RESIDENT
    from huiyin.core.voices import ReportPressure
    from huiyin.desk import Change, Order

    order = Order("urn:test", "p1", RESIDENT.post, Change(number, ReportPressure()), role=RESIDENT.role)
    assert (await site.room.act(order)).outcome == "done"
    after = {who for who in city.heads if (await city.ask(who, f"/tickets/{number}")).status_code == 200}
    assert before - after == {"property", "estate"}
    assert after <= before


@pytest.mark.parametrize("script", [True, False])
async def test_at_the_browser(hands: Hands, script: bool) -> None:
    number = await hands.file("A02")
    where = hands.receipt(number).replace("/api/v1/complaints", "/r")
    async with browsing() as browser, window(browser, hands.site.url, "phone", script) as seen:
        page = seen.page
        await page.goto(where)
        await page.get_by_role("link", name="受到了压力").click()
        if script:
            await accessible(page)
        await page.get_by_role("button", name="确定,我受到了压力").click()
        assert "已转街道办理并督办" in await page.locator("[role=status]").first.inner_text()
        await page.goto(f"{where}/pressure")
        assert page.url.endswith(where)
