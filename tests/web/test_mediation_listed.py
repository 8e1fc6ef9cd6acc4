"""The list of mediations over HTTP: the same as the whole cases say, from the views' rows; of a restricted file no more
than its desk may know."""

from typing import Any

import pytest

from huiyin.store import log
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.test_mediations import sat

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def listed(hands: Mediators, who: str) -> dict[str, dict[str, Any]]:
    answer = await hands.site.http.get("/api/v1/mediations", headers=hands.heads[who])
    assert answer.status_code == 200, answer.text
    return {one["number"]: one for one in answer.json()["mediations"]}


async def test_a_line_says_what_the_whole_case_says(hands: Mediators, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await sat(hands)
    whole = {who: (await hands.looks(who, number)).json() for who in ("wang", "community")}

    async def no_look(*_: object) -> dict[str, Any]:
        raise AssertionError("a list reads no case whole")

    monkeypatch.setattr(log, "whole", no_look)
    for who, case in whole.items():
        line, sight = (await listed(hands, who))[number], case["sight"]
        for name in ("state", "stage", "case", "due_at"):
            assert line[name] == case[name], (who, name)
        for name in ("kind", "confirmation"):
            assert line[name] == sight[name], (who, name)
        assert [one["due_at"] for one in line["limits"]] == sorted(one["due"]["at"] for one in sight["clocks"])
        assert (line["sessions"], line["owed"], line["performed"], line["ended"]) == (1, 0, 0, None)
        assert (line["restricted"], line["report_owed"], line["category"]) == (False, False, "A01")
    mine, desk = (await listed(hands, "wang"))[number], (await listed(hands, "community"))[number]
    assert (mine["names"], mine["mediators"]) == (whole["wang"]["names"], [])
    assert (desk["names"], desk["mediators"]) == ({}, whole["community"]["sight"]["mediators"])


async def test_of_a_restricted_file_its_desk_reads_no_matter(hands: Mediators) -> None:
    number = await sat(hands)
    await hands.does("wang", number, "flag-risk", {"risk": "child", "text": "孩子身上有伤"})
    mine, desk = (await listed(hands, "wang"))[number], (await listed(hands, "community"))[number]
    assert (mine["restricted"], mine["report_owed"], mine["category"]) == (True, True, "A01")
    assert (desk["restricted"], desk["report_owed"], desk["category"]) == (True, True, None)
    assert "A01" not in str(desk)


async def test_others_have_no_line(hands: Mediators) -> None:
    await sat(hands)
    for who in ("li", "far", "community2"):
        assert await listed(hands, who) == {}, who
