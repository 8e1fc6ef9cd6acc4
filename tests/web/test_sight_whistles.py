"""Who reads of a ticket's whistles (吹哨): whoever answers for the area and who looks on; in no window anybody else."""

from datetime import timedelta

import pytest

from huiyin.core.sight import hears
from huiyin.core.ticket import CLOCK
from huiyin.core.whistled import Whistled
from huiyin.desk import Change, Order
from tests.core.world import AT
from tests.web.conftest import People, Site
from tests.web.sightings import POSTS, City

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}
WHISTLE, SOON = "SH000000001", AT + timedelta(hours=4)
WORDS = (WHISTLE, "接哨", "ticket.whistled", "acknowledged")


async def tell(town: City, number: str, what: Whistled) -> None:
    order = Order("urn:test", f"{what.version}", CLOCK.post, Change(number, what), role=CLOCK.role)
    assert (await town.site.room.act(order)).outcome == "done"


async def test_in_every_window_it_is_told_or_not(site: Site, people: People) -> None:
    """The ticket, its log, the lists, its pages: the company and the department find nothing there that was not."""
    town = await City(site, people).sit()
    number = await town.file("A02")
    paths = [f"/api/v1/tickets/{number}", f"/api/v1/tickets/{number}/log", "/api/v1/tickets", "/api/v1/desk"]
    paths += [f"/tickets/{number}", f"/review/tickets/{number}"]
    before = {who: await _read(town, who, paths) for who in POSTS}
    await tell(town, number, Whistled(WHISTLE, "acknowledged", 4, SOON))
    told, shown = set(), set()
    for who, there in before.items():
        for path, text in (await _read(town, who, paths)).items():
            assert path in there, "what was not there for them still is not"
            told |= {(who, path)} if any(word in text for word in WORDS) else set()
            shown |= {(who, path)} if number in text else set()
    assert told == {(who, path) for who, path in shown if hears(POSTS[who][0])}
    assert {who for who, _ in shown - told} == {"property", "estate", "leader", "owners", "department", "mediator"}
    assert {who for who, _ in told} == {"grid", "community", "street", "auditor", "registrar", "machine"}


async def _read(town: City, who: str, paths: list[str]) -> dict[str, str]:
    found = {}
    for path in paths:
        answer = await town.site.http.get(path, headers=town.heads[who] | ({} if "/api/" in path else HTML))
        if answer.status_code == 200:
            found[path] = answer.text
    return found


async def test_a_program_reads_the_stage_and_its_limit(site: Site, people: People) -> None:
    town = await City(site, people).sit("street", "property", "machine")
    number = await town.file("A02")
    assert (await town.ask("street", f"/tickets/{number}")).json()["whistles"] == []
    await tell(town, number, Whistled(WHISTLE, "acknowledged", 4, SOON))
    await tell(town, number, Whistled("SH000000002", "joined", 9))
    found = await town.ask("machine", "/complaints?source=urn:test&id=s1")
    shown = (await town.ask("street", f"/tickets/{number}")).json()["whistles"]
    assert found.json()["whistles"] == shown
    assert shown == [
        {"number": WHISTLE, "stage": "acknowledged", "stage_text": "主办部门已接哨", "due_at": "2026-11-20T05:00:00Z"},
        {"number": "SH000000002", "stage": "joined", "stage_text": "本单已并入这张哨单", "due_at": None},
    ]
    assert (await town.ask("property", f"/tickets/{number}")).json()["whistles"] == []
    log = (await town.ask("street", f"/tickets/{number}/log")).json()["steps"]
    assert log[-2]["said"] == "11月22日 09:00 哨单 SH000000001:主办部门已接哨;最近的时限 11月20日 13:00。"
    assert log[-1]["said"].endswith("哨单 SH000000002:本单已并入这张哨单。")
    mine = (await town.ask("property", f"/tickets/{number}/log")).json()["steps"]
    assert [one["version"] for one in mine] == [one["version"] for one in log[:-2]]


async def test_a_review_says_what_it_does_not_list(site: Site, people: People) -> None:
    """The chain is checked whole, whoever looks; who is shown less of it is told so."""
    town = await City(site, people).sit("street", "property")
    number = await town.file("A02")
    await tell(town, number, Whistled(WHISTLE, "called", 3))
    shown = {who: (await _read(town, who, [f"/review/tickets/{number}"])).popitem()[1] for who in town.heads}
    assert "日志链完整" in shown["property"]
    assert "3 步首尾相接" in shown["property"]
    assert "其中 1 步不在您的范围内" in shown["property"]
    assert "不在您的范围内" not in shown["street"]
