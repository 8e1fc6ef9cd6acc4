"""Agents, representatives and helpers of a mediation: known by record, named to its mediators, close to nobody."""

from typing import Any

import asyncpg
import pytest

from huiyin.store import people as store_people
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators

pytestmark = pytest.mark.usefixtures("city")
LAWYER = {"name": "欧阳·阿依古丽", "phone": "13800000077", "relation": "律师"}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def test_an_agent_is_known_by_name_to_the_mediator_alone(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await hands.seated()
    body: dict[str, Any] = {"text": "代为同意、签字", "who": LAWYER, "special": True}
    await hands.does("p2", number, "empower", body)
    seen = (await hands.looks("wang", number)).json()
    (agent,) = seen["sight"]["lines"][1]["agents"]
    assert seen["names"][agent["agent"]] == LAWYER["name"]
    assert await hands.does("wang", number, "answer", {
        "party": "p2", "matter": "oral", "yes": True, "by": agent["agent"]})  # fmt: skip
    for who in ("community", "p1", "p2"):
        for more in ("", "/log"):
            assert "阿依古丽" not in (await hands.looks(who, number, more)).text, who
    kept = "".join(str(row[0]) for row in await admin.fetch("SELECT convert_from(body, 'UTF8') FROM log"))
    assert agent["agent"] in kept
    assert "阿依古丽" not in kept
    again = body | {"agent": agent["agent"], "who": None, "special": False, "party": "p2"}
    changed = await hands.does("community", number, "empower", again)
    assert changed["state"] == "accepted"
    assert await hands.code_of("wang", number, "empower", again | {"party": "p1"}) == "nobody-named"
    assert await hands.code_of("wang", number, "empower", again | {"agent": ""}) == "nobody-named"


async def test_representatives_and_helpers_have_names(hands: Mediators) -> None:
    people = [{"name": "甲业主们", "kind": "group", "applicant": True}, {"name": "物业公司"}]
    number = await hands.opened(parties=people)
    some = [{"name": f"代表{n}", "phone": f"1380000010{n}"} for n in range(6)]
    assert await hands.code_of("p1", number, "represent", {"who": some}) == "too-many-representatives"
    await hands.does("p1", number, "represent", {"who": some[:3]})
    assert await hands.code_of("p2", number, "represent", {"who": some[:3]}) == "not-a-group"
    await hands.does("community", number, "invite", {"helper": "neighbour", "who": {"name": "老邻居"}})
    await hands.does("community", number, "assign", {"person": await hands.person("wang")})
    seen = (await hands.looks("wang", number)).json()
    assert [seen["names"][one] for one in seen["sight"]["lines"][0]["representatives"]] == ["代表0", "代表1", "代表2"]
    assert [seen["names"][one["person"]] for one in seen["sight"]["helpers"]] == ["老邻居"]


async def test_whoever_lives_with_an_agent_mediates_no_more(hands: Mediators) -> None:
    """Also who was assigned before: the case is out of their sight, the committee lets them go and names another."""
    number, wang = await hands.seated(), await hands.person("wang")
    home = hands.site.room.seal.household("E1-B01", "302")
    await hands.site.room.write(lambda c: store_people.describe(c, wang, None, home, None))
    assert (await hands.looks("wang", number)).status_code == 200
    who = LAWYER | {"building_code": "E1-B01", "room": "302"}
    await hands.does("p2", number, "empower", {"text": "代理", "who": who})
    assert (await hands.looks("wang", number)).status_code == 404
    await hands.does("community", number, "release", {"person": wang, "reason": "recused"})
    assert await hands.code_of("community", number, "assign", {"person": wang}) == "mediator-recused"
    await hands.does("community", number, "assign", {"person": await hands.person("li")})
