"""The day: a mediator's own cases and sessions, what waits for the desk, live; nothing of what is hidden."""

import re
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from huiyin.store import mediation_days
from huiyin.web.mediations.finding import some
from huiyin.web.mediations.listed import whose
from huiyin.web.staff.streams import mediations
from tests.core.world import sorting
from tests.web.conftest import Filer, People, Site
from tests.web.hands import COMMUNITY
from tests.web.mediators import SCOPE, SEATS, Mediators
from tests.web.test_live import listening, viewer

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
NAMES = ("娄秀兰", "许立本")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def day(hands: Mediators, who: str, query: str = "", status: int = 200) -> str:
    answer = await hands.site.http.get(f"/mediations{query}", headers={**hands.heads[who], **HTML})
    assert answer.status_code == status, answer.text[:300]
    return answer.text


def numbers(page: str) -> list[str]:
    return re.findall(r'class="ticket [^"]*" data-number="(TJ\d+)"', page)


async def test_a_mediator_has_their_own_and_the_desk_what_waits(hands: Mediators) -> None:
    mine, waiting = await hands.seated(), await hands.opened()
    told = await day(hands, "wang")
    assert numbers(told) == [mine]
    assert all(name in told for name in NAMES)
    assert "待约调解会" in told
    assert "办理" in told
    assert "还剩" in told
    assert "没有约定的调解会" in told
    ours = await day(hands, "community")
    assert set(numbers(ours)) == {mine, waiting}
    assert not [name for name in NAMES if name in ours]
    assert re.search(r'href="/mediations\?stage=checking"><strong>1</strong><span>待审查', ours)
    assert "调解员 wang" in ours
    assert "调解员 wang" not in told
    assert re.search(r"<span>wang</span> <strong>1 件</strong>", ours)
    assert numbers(await day(hands, "community", "?stage=checking")) == [waiting]
    assert numbers(await day(hands, "community", "?stage=check")) == [waiting]
    assert numbers(await day(hands, "community", "?stage=mediate")) == [mine]
    assert numbers(await day(hands, "community", "?stage=nonsense")) == numbers(ours)
    for nobody in ("li", "far", "community2"):
        empty = await day(hands, nobody)
        assert numbers(empty) == []
        assert "现在没有" in empty
    assert "您现在的岗位不办理人民调解" in await day(hands, "boss")


async def test_who_comes_to_a_session(hands: Mediators, site: Site) -> None:
    number = await hands.seated()
    at = site.clock.now + timedelta(days=1, hours=3)
    await hands.does("wang", number, "plan", {"at": at.isoformat(), "venue": "柳岸社区二楼老娘舅调解室"})
    await hands.does("p1", number, "reply", {"session": 1, "coming": "yes"})
    told = await day(hands, "wang")
    assert "老娘舅调解室" in told
    assert "明天" in told
    replies = re.findall(r"<li><span class=\"soft\">(\S+)</span> (\S+) <span class=\"chip (\w*)\">(\S+)</span>", told)
    assert replies == [("申请人", NAMES[0], "good", "参加"), ("被申请人", NAMES[1], "", "还没有答复")]
    assert "老娘舅调解室" not in await day(hands, "community")
    await hands.does("p2", number, "reply", {"session": 1, "coming": "another-time"})
    assert "请求改期" in await day(hands, "wang")
    await hands.does("wang", number, "adjourn", {"session": 1, "text": "改期"})
    assert "没有约定的调解会" in await day(hands, "wang")


async def test_a_danger_comes_first_and_a_restricted_file_says_nothing(hands: Mediators) -> None:
    number = await hands.seated()
    await hands.does("wang", number, "flag-risk", {"risk": "domestic", "text": "有家暴"})
    told, ours = await day(hands, "wang"), await day(hands, "community")
    for page in (told, ours):
        assert "先报告,再调解" in page
        assert f"/mediations/{number}/do/report" in page
    matter = re.search(r'<h2><a href="/mediations/TJ\d+">([^<]+)</a>', told)
    assert matter is not None
    assert matter[1] != "保密卷"
    assert matter[1] not in ours
    assert "保密卷" in ours


async def test_late_and_near(hands: Mediators, site: Site) -> None:
    number = await hands.seated()
    shown = (await hands.looks("wang", number)).json()
    limit = next(one for one in shown["sight"]["clocks"] if one["duty"] == "mediate")
    from datetime import datetime

    end = datetime.fromisoformat(limit["due"]["at"])
    for days, said in ((25, ""), (12, ""), (9, "10 日内到期"), (5, "10 日内到期"), (2, "3 日内到期")):
        site.clock.now = end - timedelta(days=days)
        told = await day(hands, "wang")
        found = re.search(r"(\d+ 日内到期)", told)
        assert (found[1] if found else "") == said


async def test_pages_of_twenty_and_the_file(hands: Mediators) -> None:
    made = [await hands.opened() for _ in range(23)]
    first = await day(hands, "community")
    cursor = re.search(r'cursor=([\w-]+)" rel="next"', first)
    assert cursor is not None
    assert len(numbers(first)) == 20
    second = await day(hands, "community", f"?cursor={cursor[1]}")
    assert sorted(numbers(first) + numbers(second)) == sorted(made)
    assert await day(hands, "community", "?cursor=x", 400)
    assert numbers(await day(hands, "community", "?closed=1")) == []


async def test_the_pages_are_the_mediator_s_home(hands: Mediators) -> None:
    answer = await hands.site.http.get("/desk", headers={**hands.heads["wang"], **HTML})
    assert (answer.status_code, answer.headers["location"]) == (303, "/mediations")
    menu = re.findall(r'<li><a href="(/\w+)"', (await day(hands, "wang")).partition("</nav>")[0])
    assert menu[0] == "/mediations"
    assert "/desk" not in menu
    assert await day(hands, "property", status=403)


# -- live -------------------------------------------------------------------------------------------------


async def happen(site: Site, number: str) -> None:
    client = site.room.bell._client
    assert client is not None
    await client.publish("huiyin.event.mediation.x", b"{}", headers={"Nats-Msg-Id": f"mediation-{number}-2"})
    await client.flush()


async def test_told_of_their_own_alone(hands: Mediators, site: Site) -> None:
    mine, other = await hands.seated(), await hands.opened()
    who = replace(viewer("mediator", SCOPE, SEATS), person=await hands.person("wang"))
    async with listening(site, who, mediations=mediations(site.room, who)) as ear:
        await happen(site, other)
        await happen(site, mine)
        assert await ear.heard() == [mine]
    desk = viewer("community", SCOPE, f"community:{COMMUNITY}")
    async with listening(site, desk, mediations=mediations(site.room, desk)) as ear:
        await happen(site, other)
        assert await ear.heard() == [other]
    far = viewer("community", "community:990101001002", "community:990101001002")
    seen = mediations(site.room, far)
    assert seen is not None
    assert await seen([mine, other]) == set()
    assert mediations(site.room, viewer("property", "estate:E1", "property:E1")) is None


# -- the list is what may be found ------------------------------------------------------------------------


async def test_the_list_is_what_finding_finds(hands: Mediators, site: Site, admin: asyncpg.Connection) -> None:
    """By phone, home, kin, organisation, an office of their own and the ticket's parties: SQL and core say the same."""
    person = await hands.person("community")
    mark, home = site.room.seal.mark("13700000001"), site.room.seal.household("E1-B01", "101")
    await admin.execute(
        "UPDATE persons SET phone = $2, household = $3, employer = 'property:E1' WHERE person = $1", person, mark, home
    )
    await admin.execute("INSERT INTO persons (person, phone) VALUES ('p-kin', $1)", site.room.seal.mark("13700000002"))
    await admin.execute("INSERT INTO relations VALUES ($1, 'p-kin', 'kin')", person)
    other = {"name": "许立本"}
    parties: dict[str, Any] = {
        "nobody": {"name": "甲", "phone": "13900000000"},
        "self": {"name": "甲", "phone": "13700000001"},
        "home": {"name": "甲", "building_code": "E1-B01", "room": "101室"},
        "next door": {"name": "甲", "building_code": "E1-B01", "room": "102"},
        "kin": {"name": "甲", "phone": "13700000002"},
        "employer": {"name": "甲", "organisation": "property:E1"},
        "other firm": {"name": "甲", "organisation": "owners_committee:E1"},
        "own office": {"name": "甲", "organisation": f"community:{COMMUNITY}"},
    }
    made = {}
    for name, one in parties.items():
        made[name] = await hands.opened("wang", parties=[{**other, "applicant": True}, one])
        made[f"{name} applies"] = await hands.opened("wang", parties=[{**one, "applicant": True}, other])
    who = replace(
        viewer("community", SCOPE, f"community:{COMMUNITY}"),
        person=person,
        organisations=frozenset((f"community:{COMMUNITY}", "property:E1")),
    )
    mine = await whose(site.room, who, (await site.room.mediations()).rules.mediation)
    rows, _ = await site.room.ask(lambda c: mediation_days.rows(c, mine, (), None, 50, open_=True))
    found = {one.one.number for one in await some(site.room, who, sorted(made.values()))}
    listed = {one.number for one in rows}
    assert {name for name, number in made.items() if number in listed} == {
        name for name, number in made.items() if number in found
    }
    assert made["nobody"] in found
    assert made["self"] not in found
    assert made["kin"] not in found
    counted = await site.room.ask(lambda c: mediation_days.counts(c, mine))
    assert sum(one.count for one in counted) == len(found)
    near = await site.room.ask(lambda c: mediation_days.near(c, mine, sorted(made.values())))
    assert set(near) == found


async def test_of_a_ticket_s_parties_too(hands: Mediators, site: Site, admin: asyncpg.Connection) -> None:
    """The complainant of the ticket is a kin of the second community clerk's, as the log does not say."""
    number = await hands._filer.file(sorting("A01"), phone="13700000001")
    answer = await site.http.post(
        f"/api/v1/tickets/{number}/mediate",
        headers=hands.heads["community"],
        json={"text": "漏水", "parties": [{"name": "许立本"}]},
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()["number"]
    assert numbers(await day(hands, "community")) == [made]
    person = await hands.person("community")
    await admin.execute("UPDATE persons SET phone = $2 WHERE person = $1", person, site.room.seal.mark("13700000001"))
    told = await day(hands, "community")
    assert numbers(told) == []
    assert "待审查" not in told
