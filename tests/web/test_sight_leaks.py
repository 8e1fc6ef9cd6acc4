"""A hidden ticket changes nothing that its respondent can ask: no list, count, filter, sort, page, header or error."""

from collections.abc import Sequence
from typing import Any

import pytest

from huiyin.desk import Change, Order
from tests.core.world import AT, sorting, spot
from tests.web.conftest import People, Site
from tests.web.sightings import COMMUNITY, NAME, PHONE, STREET, City


@pytest.fixture
async def town(site: Site, city: None, people: People) -> City:
    return await City(site, people).sit()


def questions(number: str) -> tuple[str, ...]:
    """Everything that may be asked of lists, with values of a hidden ticket among them."""
    return (
        "/tickets", "/tickets?limit=1", f"/tickets?cursor={number}", "/tickets?cursor=HY999999999&limit=2",
        f"/tickets?q={number}", "/tickets?q=L02", "/tickets?q=L08", "/tickets?q=物业",
        "/tickets?q=楼上漏水", f"/tickets?q={NAME}",
        f"/tickets?q={PHONE}", "/tickets?q=王", "/tickets?category=L", "/tickets?category=L02",
        "/tickets?state=dispatched",
        "/tickets?state=signed", "/tickets?open=true", "/tickets?open=false", "/tickets?overdue=true",
        "/tickets?overdue=false", "/tickets?urgency=normal", "/tickets?urgency=complex", "/tickets?supervised=true",
        "/tickets?supervised=false", "/tickets?rung=owners_committee", "/tickets?rung=community_committee",
        "/tickets?rung=street_office", "/tickets?grid=990101001001001", f"/tickets?community={COMMUNITY}",
        "/desk", "/desk?limit=1", "/desk?cursor=0-HY000000000", "/desk/rulings", "/desk/supervised",
        "/desk/approvals", "/notices",
        f"/tickets/{number}", f"/tickets/{number}/log", f"/tickets/{number}/dossier",
    )  # fmt: skip


async def told(town: City, who: str, number: str) -> list[Any]:
    found = []
    for path in questions(number):
        answer = await town.ask(who, path)
        assert "etag" not in answer.headers
        headers = {k: v for k, v in answer.headers.items() if k != "date"}
        found.append((path, answer.status_code, answer.content, headers))
    return found


async def climb(town: City, number: str, to: str, post: str) -> None:
    """By the street's order to a rung; the actor is the street's desk."""
    from huiyin.core.commands import Dispatch

    order = Order("urn:test", f"d{number}{to}", f"street:{STREET}", Change(number, Dispatch(to)), role="street")  # type: ignore[arg-type]
    (answer,) = await town._desk.act([order], at=AT)
    assert answer.outcome == "done", answer


async def test_a_respondent_property_cannot_tell_that_there_is_a_complaint(town: City) -> None:
    """At each rung that it reaches; from the post's own scope, from the estate's, and for a person of two posts."""
    for i in range(3):
        await town.file("C01", found=sorting("C01", spot(building=f"E1-B0{1 + i % 2}")))
    town.heads["both"] = await both(town)
    hidden = "HY000000004"
    viewers = ("property", "estate", "both")
    before = {who: await told(town, who, hidden) for who in viewers}
    assert await town.file("L02", "property") == hidden
    reached = set()
    for rung in ("owners_committee", "community_committee", "street_office"):
        if rung != "owners_committee":
            await climb(town, hidden, rung, "")
        at = (await town.ask("auditor", f"/tickets/{hidden}")).json()
        reached.add(at["rung"])
        for who in viewers:
            same(before[who], await told(town, who, hidden), who)
    assert reached == {"owners_committee", "community_committee", "street_office"}


def same(before: Sequence[Any], after: Sequence[Any], who: str) -> None:
    for one, other in zip(before, after, strict=True):
        assert one == other, (who, one, other)


async def both(town: City) -> dict[str, str]:
    """Works for the property company and sits at the community's desk; acts as the latter here (交叉任职)."""
    head = await town._people.seat("both", "property", "property:E1", "post:property:E1")
    from huiyin import posts
    from huiyin.core.staff import Term
    from huiyin.store import people

    async def give(connection: Any) -> None:
        person = await people.person_of(connection, "both", AT)
        code = f"community:{COMMUNITY}"
        await posts.give(connection, Term(code, person.id, "community", code, AT), at=AT)

    await town.room.write(give)
    return head | {"X-Huiyin-Post": f"community:{COMMUNITY}"}


async def test_the_same_for_whoever_has_an_interest_as_a_person(town: City) -> None:
    """The complaint's own neighbour works at the community's desk: same home, and lists that tell nothing."""
    await town.file("C01")
    hidden = "HY000000002"
    home = town.seal.household("E1-B01", "999")

    async def describe(connection: Any) -> None:
        from huiyin.store import people

        person = await people.person_of(connection, "community", AT)
        await people.describe(connection, person.id, None, home, None)

    await town.room.write(describe)
    before = await told(town, "community", hidden)
    assert await town.file("D01", household=town.seal.household("E1-B01", "999室")) == hidden
    same(before, await told(town, "community", hidden), "community")
    assert hidden in await town.numbers("street")


async def test_who_was_told_of_an_emergency_and_who_rules_see_it_while_it_lasts(town: City) -> None:
    """By their post alone, whatever their scope; here a desk whose scope is its post."""
    code = f"community:{COMMUNITY}"
    town.heads["narrow"] = await town._people.seat("narrow", "community", code, f"post:{code}")
    urgent = await town.file("A03")
    shown = (await town.ask("narrow", f"/tickets/{urgent}")).json()
    assert shown["post"]["code"] == "property:E1"
    assert urgent in await town.numbers("narrow")
    assert urgent in await town.numbers("narrow", "/desk")
    quiet = await town.file("L02")
    assert (await town.ask("property", f"/tickets/{quiet}")).status_code == 404
    for order, body in (("sign", {}), ("object", {"reason": "not-our-duty"})):
        assert (await town.give("owners", f"/tickets/{quiet}/{order}", body)).status_code == 200
    ruler = (await town.ask("owners", f"/tickets/{quiet}")).json()["objection"]["ruler"]["code"]
    assert ruler == "property:E1"
    assert (await town.ask("property", f"/tickets/{quiet}")).status_code == 200
    assert await town.numbers("property", "/desk/rulings") == [quiet]
    assert quiet in await town.numbers("property")
    ruled = await town.give("property", f"/tickets/{quiet}/rule", {"upheld": False, "text": "不成立"})
    assert ruled.status_code in (200, 404), ruled.text
    assert await town.numbers("property", "/desk/rulings") == []
    assert (await town.ask("property", f"/tickets/{quiet}")).status_code == 404


async def test_words_are_looked_for_in_names_and_keywords(town: City) -> None:
    leak, rubbish = await town.file("A01"), await town.file("C01")
    for q, expected in {
        "渗漏水": {leak}, "天花板滴水": {leak}, "A01": {leak}, "垃圾": {rubbish}, "环境卫生": {rubbish},
        "楼上漏水": {leak, rubbish}, leak: {leak}, "没有这个词": set(), "%": set(), "_": set(),
    }.items():  # fmt: skip
        assert set(await town.numbers("street", f"/tickets?q={q}")) == expected, q
    assert await town.numbers("street", "/tickets?supervised=true") == []
    assert set(await town.numbers("street", "/tickets?supervised=false&open=true")) == {leak, rubbish}


@pytest.mark.parametrize("path", ["/desk", "/desk/rulings", "/desk/supervised", "/desk/approvals"])
async def test_a_wrong_question_at_a_desk(town: City, path: str) -> None:
    for query in ("cursor=x", "limit=0", "limit=201", "cursor=999999999999999999-HY000000001"):
        answer = await town.ask("street", f"{path}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-query"), query


async def test_supervised_in_pages(town: City) -> None:
    numbers = sorted([await town.file("C01") for _ in range(3)])
    await town.room.write(lambda c: c.exec_driver_sql("UPDATE tickets SET supervised = 1"))
    assert await town.numbers("street", "/desk/supervised") == numbers
    assert await town.numbers("community", "/desk/supervised?limit=2") == numbers[:2]
    assert await town.numbers("community", f"/desk/supervised?cursor={numbers[1]}") == numbers[2:]
    assert await town.numbers("street2", "/desk/supervised") == []
    assert (await town.ask("property", "/desk/supervised")).status_code == 403
