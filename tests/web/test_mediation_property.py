"""A special committee (物业纠纷调委会) from its files to the archive: its own desk, its own sight, no tickets."""

from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from huiyin import convening
from huiyin.core.people import scope
from huiyin.rules.load import FILES
from huiyin.store import committees
from huiyin.store.committee_files import read_committees
from huiyin.web.staff.admin import rulebook
from huiyin.web.staff.directory import ROLE_OF, directory
from huiyin.web.staff.windows import MENU
from tests.core.world import REGISTRY
from tests.web.conftest import Filer, People, Site
from tests.web.hands import COMMUNITY
from tests.web.mediators import PLACE, SCOPE, SEATS, Mediators

pytestmark = pytest.mark.usefixtures("city")

DESK = f"property_mediation:{COMMUNITY}"


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People, tmp_path: Path) -> Mediators:
    """The committee as a file says it, its desk as the registrar gives it."""
    made = await Mediators(site, filer).sit(people)
    lines = [
        "committee_code,kind,short,committee,mixed",
        f"{COMMUNITY},property,柳岸物,柳岸社区物业纠纷人民调解委员会,no",
    ]
    (tmp_path / "committees.csv").write_text("\n".join(lines))
    found = read_committees(tmp_path, REGISTRY)
    await site.room.write(lambda c: convening.take(c, found, at=site.clock.now))
    known = directory(await site.room.rules())
    assert DESK in known
    made.heads["estate"] = await people.seat("estate", ROLE_OF["property_mediation"], DESK, known.scope_of(DESK))
    return made


async def test_from_its_files_to_the_archive(hands: Mediators) -> None:
    site = hands.site
    number = await hands.opened("estate", category="L02", kind="property")
    await hands.does("estate", number, "check")
    for party in ("p1", "p2"):
        await hands.does(party, number, "consent", {"how": "screen"})
    assert (await hands.does("estate", number, "accept"))["case"] == f"({site.clock.now.year})柳岸物人调字第1号"
    for party in ("p1", "p2"):
        await hands.does("estate", number, "notify-rights", {"party": party, "how": "paper"})
    await hands.does("estate", number, "assign", {"person": await hands.person("wang")})
    now = site.clock.now.isoformat()
    await hands.does("wang", number, "hold", {"began": now, "present": ["p1", "p2"], "minutes": "双方同意"})
    item = {"item": "i1", "owes": "p2", "owed": "p1", **PLACE}
    terms = {"content": "减免电梯停运期间的物业费", "facts": "停运两月", "issues": "物业费", "responsibility": "物业"}
    drafted = await hands.does("wang", number, "draft", {"terms": {**terms, "items": [item]}})
    digest = drafted["sight"]["agreement"]["digest"]
    for who, hand, form in (("p1", "", "signature"), ("p2", "", "seal"), ("wang", "mediator", "signature"),
                            ("estate", "committee", "seal")):  # fmt: skip
        more = {"hand": hand} if hand else {}
        at = site.clock.now.isoformat()
        await hands.does(who, number, "mark", {"digest": digest, "form": form, "at": at, **more})
    site.clock.now += timedelta(days=3)
    at = site.clock.now.isoformat()
    await hands.does("p1", number, "perform", {"item": "i1", "done": "whole", "at": at})
    visit = {"at": at, "parties": ["p1"], "kept": "yes", "text": "已履行", "satisfied": 5}
    await hands.does("wang", number, "visit", visit)
    papers = ["register", "notice", "identity", "record", "agreement", "visit"]
    assert (await hands.does("estate", number, "archive", {"papers": papers}))["state"] == "archived"


async def test_its_desk_sees_its_own_cases_and_no_others(hands: Mediators) -> None:
    mine = await hands.opened("estate", category="L02", kind="property")
    theirs = await hands.opened("community")
    assert (await hands.looks("estate", theirs)).status_code == 404
    assert (await hands.looks("community", mine)).status_code == 404
    listed = (await hands.site.http.get("/api/v1/mediations", headers=hands.heads["estate"])).json()["mediations"]
    assert [one["number"] for one in listed] == [mine]
    for path in ("/mediations", "/mediations/committee", "/mediations/committee/rooms", "/mediations/report"):
        page = await hands.site.http.get(path, headers=hands.heads["estate"])
        assert page.status_code == 200, path
        assert "居民委员会人民调解委员会 · " not in page.text
    committee = await hands.site.http.get("/mediations/committee", headers=hands.heads["estate"])
    assert "柳岸社区物业纠纷人民调解委员会" in committee.text


async def test_no_complaint_is_its_desks(hands: Mediators, filer: Filer) -> None:
    """The role opens the pages, the scope is its own post: a complaint of the place is not there."""
    number = await hands.file("L02")
    head = hands.heads["estate"]
    assert (await hands.site.http.get(f"/api/v1/tickets/{number}", headers=head)).status_code == 404
    assert (await hands.site.http.get("/api/v1/tickets", headers=head)).json()["tickets"] == []
    for path, *_ in MENU:
        answer = await hands.site.http.get(path, headers=head)
        assert answer.status_code in (200, 303, 403), (path, answer.status_code)
        assert f"/tickets/{number}" not in answer.text, path


async def test_both_kinds_share_their_mediators(hands: Mediators, people: People) -> None:
    """`mediator:<place>` mediates for whichever committee seated them."""
    assert (f"mediator:{COMMUNITY}", f"community:{COMMUNITY}") == (SEATS, SCOPE)
    page = await hands.site.http.get("/mediations/committee?kind=property", headers=hands.heads["wang"])
    assert "柳岸社区物业纠纷人民调解委员会" in page.text
    assert "换到:柳岸社区人民调解委员会" in page.text
    assert len(await hands.site.room.ask(lambda c: committees.known(c, [COMMUNITY]))) == 2


def test_a_scope_of_a_post_alone() -> None:
    assert scope(f"post:{DESK}").code == DESK


def test_every_file_of_the_rulebook_and_every_table_has_a_name() -> None:
    assert set(FILES) <= set(rulebook.FILES)
    for part in ("whistle", "mediation"):
        tables = rulebook._tables(rulebook.said(None, f"{part}.toml"))
        titles = rulebook.TABLES | rulebook.ELSEWHERE[part]
        assert [name for name, _ in tables if name not in titles] == []


async def test_the_admin_reads_them(hands: Mediators, people: People, admin: asyncpg.Connection) -> None:
    head = await people.seat("clerk", "registrar", "registrar:990101001", "street:990101001")
    for part, word in (("mediation", "不予受理的情形"), ("whistle", "哨的种类")):
        page = await hands.site.http.get(f"/admin/rulebook?part={part}", headers=head)
        assert word in page.text
