"""Pictures of a mediation: with a mark that somebody shows for a party, with what was performed; seen by sight."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from huiyin.web.mediations.orders import ORDERS
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.shots import jpeg
from tests.web.test_mediations import agreed, sat, terms

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def sends(hands: Mediators, who: str, number: str, command: str, body: Any, *some: bytes) -> httpx.Response:
    """An order as a form, with pictures."""
    path, head = f"/api/v1/mediations/{number}", hands.heads.get(who, {})
    if who in hands.codes.get(number, {}):
        path = f"/api/v1/mediations/mine/{hands.codes[number][who]}"
    files = [("picture", ("p.jpg", one, "image/jpeg")) for one in some]
    return await hands.site.http.post(f"{path}/{command}", headers=head, data={"order": json.dumps(body)}, files=files)


async def drafted(hands: Mediators) -> tuple[str, dict[str, Any]]:
    number = await sat(hands)
    digest = (await hands.does("wang", number, "draft", {"terms": terms()}))["sight"]["agreement"]["digest"]
    return number, {"digest": digest, "at": hands.site.clock.now.isoformat(), "form": "fingerprint"}


async def test_a_mark_that_is_shown_for_a_party_needs_its_page(hands: Mediators) -> None:
    number, mark = await drafted(hands)
    mark |= {"hand": "party", "party": "p2"}
    assert await hands.code_of("wang", number, "mark", mark) == "picture-needed"
    done = await sends(hands, "wang", number, "mark", mark, jpeg())
    assert done.status_code == 200, done.text
    (ref,) = [one["image"] for one in done.json()["sight"]["agreement"]["marks"]]
    for base in ("/mediations", "/api/v1/mediations"):
        path = f"{base}/{number}/pictures/{ref}"
        shown = await hands.site.http.get(path, headers=hands.heads["wang"])
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
        small = await hands.site.http.get(f"{path}?size=small", headers=hands.heads["wang"])
        assert 0 < len(small.content) < len(shown.content)
        for who in ("community", "li", "far", "community2", "street"):
            assert (await hands.site.http.get(path, headers=hands.heads[who])).status_code == 404, who
        assert (await hands.site.http.get(path[:-1] + "2", headers=hands.heads["wang"])).status_code == 404
    two = await sends(hands, "wang", number, "mark", mark | {"party": "p1"}, jpeg(), jpeg())
    assert (two.status_code, two.json()["code"]) == (422, "one-picture")


async def test_a_party_signs_with_a_picture_and_shows_what_it_received(hands: Mediators) -> None:
    number, mark = await drafted(hands)
    signed = await sends(hands, "p1", number, "mark", mark, jpeg())
    assert signed.status_code == 200, signed.text
    marks = (await hands.looks("wang", number)).json()["sight"]["agreement"]["marks"]
    assert [bool(one["image"]) for one in marks] == [True]
    number = await agreed(hands)
    done = {"item": "i1", "done": "part", "at": hands.site.clock.now.isoformat()}
    got = await sends(hands, "p1", number, "perform", done, jpeg(), jpeg())
    assert got.status_code == 200, got.text
    refs = got.json()["sight"]["agreement"]["owed"][0]["evidence"]
    assert len(refs) == 2
    hands.site.clock.now += timedelta(minutes=1)
    bad = await sends(hands, "wang", number, "perform", done | {"done": "whole"}, b"no picture")
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-picture")


async def test_other_orders_take_none(hands: Mediators) -> None:
    number = await hands.opened()
    answer = await sends(hands, "community", number, "check", {}, jpeg())
    assert answer.status_code in (400, 422)
    assert (await hands.looks("community", number)).json()["stage"] == "checking"
    assert not [name for name, row in ORDERS.items() if {"image", "evidence"} & set(row.body.__struct_fields__)]
