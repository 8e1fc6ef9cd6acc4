"""The list of tickets as a page: its filters, what an account saved, several tickets at once; hidden is not there."""

import re
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest

from huiyin.core.people import ROLES
from huiyin.core.staff import Term
from huiyin.store import people as store_people
from huiyin.web.who import TABLE
from tests.core.world import sorting, spot
from tests.web.conftest import People, Site
from tests.web.sightings import COMMUNITY, GRID, City

pytestmark = pytest.mark.usefixtures("city")

HTML = {"Accept": "text/html"}


@pytest.fixture
async def town(site: Site, people: People) -> City:
    return await City(site, people).sit()


class Window:
    """Somebody's pages, by their bearer token: what a browser gets."""

    def __init__(self, town: City, who: str) -> None:
        self._site, self._head = town.site, town.heads[who] | HTML

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self._site.http.get(path, params=query or None, headers=self._head)

    async def post(self, path: str, *fields: tuple[str, str]) -> httpx.Response:
        head = self._head | {"content-type": "application/x-www-form-urlencoded"}
        return await self._site.http.post(path, content=urlencode(fields), headers=head)

    async def shown(self, **query: Any) -> list[str]:
        """The numbers of the rows, in their order."""
        answer = await self.get("/tickets", **({"all": "1"} | query))
        assert answer.status_code == 200, answer.text[-900:]
        return re.findall(r'data-number="(HY\d+)"', answer.text)


# -- the list ---------------------------------------------------------------------------------------------


async def test_every_filter_says_what_the_api_says(town: City) -> None:
    made = [await town.file(one) for one in ("A01", "C01", "D01", "J05")]
    await town.give("property", f"/tickets/{made[1]}/sign")
    far = await town.file("C01", found=sorting("C01", spot("E2", "E2-B01")))
    town.site.clock.now = town.site.clock.now.replace(day=30)
    window = Window(town, "street")
    for query in (
        {}, {"state": "signed"}, {"open": "true"}, {"open": "false"}, {"rung": "property_company"}, {"grid": GRID},
        {"community": COMMUNITY}, {"category": "C"}, {"category": "C01"}, {"urgency": "emergency"},
        {"overdue": "true"}, {"overdue": "false"}, {"supervised": "true"}, {"q": "漏水"}, {"q": made[0]},
        {"state": "signed", "category": "C"},
    ):  # fmt: skip
        wanted = await town.numbers("street", f"/tickets?{urlencode(query)}")
        assert await window.shown(**query) == wanted, query
    assert far in await window.shown(category="C01")
    assert (await window.get("/tickets", state="nothing")).status_code == 400


async def test_chips_say_what_is_set_and_lead_out_of_it(town: City) -> None:
    await town.file("C01")
    page = (await Window(town, "street").get("/tickets", state="signed", community=COMMUNITY, q="<b>")).text
    for words, without in (
        ("状态:办理中", f"community={COMMUNITY}&amp;q=%3Cb%3E"),
        ("社区:柳岸社区", "state=signed&amp;q=%3Cb%3E"),
        ("含“&lt;b&gt;”", f"state=signed&amp;community={COMMUNITY}"),
    ):
        assert f'<a href="/tickets?{without}" aria-label="去掉条件:{words}"' in page
    assert "<b>" not in page
    assert "没有符合条件的工单" in page


async def test_choices_are_those_of_the_scope(town: City) -> None:
    street, community = Window(town, "street"), Window(town, "community")
    assert f'<option value="{COMMUNITY}">柳岸社区' in (await street.get("/tickets", all=1)).text
    assert 'name="grid"' not in (await street.get("/tickets", all=1)).text
    assert f'<option value="{GRID}">柳岸花园 001 网格' in (await street.get("/tickets", community=COMMUNITY)).text
    assert f'<option value="{GRID}">' in (await community.get("/tickets")).text
    assert 'name="community"' not in (await community.get("/tickets")).text
    for who in ("property", "leader", "grid"):
        page = (await Window(town, who).get("/tickets")).text
        assert 'name="community"' not in page
        assert 'name="grid"' not in page
    assert (
        "柳岸"
        not in (await Window(town, "street2").get("/tickets", community=COMMUNITY))
        .text.replace(f"社区:{COMMUNITY}", "")
        .split("<main")[1]
        .split('aria-label="已设的条件"')[0]
    )


async def test_pages_follow_each_other(town: City) -> None:
    made = [await town.file("C01") for _ in range(53)]
    window = Window(town, "street")
    first = await window.get("/tickets", category="C01")
    rows = re.findall(r'data-number="(HY\d+)"', first.text)
    (following,) = re.findall(r'href="/tickets\?([^"]+)" rel="next"', first.text)
    second = await window.get("/tickets?" + following.replace("&amp;", "&"))
    rest = re.findall(r'data-number="(HY\d+)"', second.text)
    assert rows + rest == made[::-1]
    assert len(rows) == 50
    assert 'rel="next"' not in second.text
    assert (await window.get("/tickets", cursor="no")).status_code == 400
    piece = await window.get("/tickets/list?" + following.replace("&amp;", "&"))
    assert re.findall(r'data-number="(HY\d+)"', piece.text) == rest
    assert "<html" not in piece.text


async def test_roles(town: City) -> None:
    for role in ROLES:
        who = {"building_leader": "leader", "grid_worker": "grid", "owners_committee": "owners"}.get(role, role)
        for (method, path), allowed in TABLE.items():
            if method == "GET" and path in ("/tickets", "/tickets/list", "/tickets/counts", "/tickets/export"):
                answer = await Window(town, who).get(path)
                assert answer.status_code == (200 if role in allowed else 403), (role, path)


# -- what is hidden ---------------------------------------------------------------------------------------


async def test_hidden_tickets_are_in_no_list_count_or_bulk(town: City) -> None:
    """About the property company: it sees nothing of it, anywhere; nor does another street."""
    seen, hidden = await town.file("C01"), await town.file("C01", "property")
    for who, there in (("property", [seen]), ("street2", []), ("street", [hidden, seen])):
        window = Window(town, who)
        assert await window.shown() == there
        assert await window.shown(q=hidden) == [one for one in there if one == hidden]
        await window.post("/tickets/filters", ("name", "物业"), ("category", "C01"))
        counts = (await window.get("/tickets/counts")).text
        assert f'物业&nbsp;<span class="count">{len(there)}</span>' in counts
    window = Window(town, "property")
    page = await window.get("/tickets/bulk", what="reassign", n=[seen, hidden])
    assert re.findall(r'name="n" value="(HY\d+)"', page.text) == [seen]
    sent = [("what", "reassign"), ("to", "p-aaaaaaaa"), ("key", "k")]
    told = [
        (await window.post("/tickets/bulk", *sent, ("n", number))).text.replace(number, "HY-")
        for number in (hidden, "HY999999999")
    ]
    assert "没有这张工单" in told[0]
    assert _plain(told[0]) == _plain(told[1])


def _plain(page: str) -> str:
    return re.sub(r'nonce="[^"]+"', "", page)


# -- saved filters ----------------------------------------------------------------------------------------


async def test_saved_filters(town: City) -> None:
    await town.file("C01")
    window, other = Window(town, "street"), Window(town, "community")
    saved = await window.post("/tickets/filters", ("name", " 物业  <b>"), ("category", "C"), ("open", "true"))
    assert saved.headers["location"] == "/tickets?open=true&category=C&said=saved"
    await window.post("/tickets/filters", ("name", "超时"), ("overdue", "true"))
    page = (await window.get("/tickets", all=1)).text
    assert "物业 &lt;b&gt;" in page
    named = re.findall(r'action="/tickets/filters/([0-9a-f]{16})".*?name="name" value="([^"]+)"', page, re.DOTALL)
    idents = {name: ident for ident, name in named}
    first, late = idents["物业 &lt;b&gt;"], idents["超时"]
    assert "超时</a>" not in (await other.get("/tickets")).text.split('id="rows"')[0].replace("已超时</a>", "")

    for ident in (first, late):  # somebody else's is not there
        await other.post(f"/tickets/filters/{ident}", ("do", "remove"))
        await other.post(f"/tickets/filters/{ident}", ("do", "rename"), ("name", "改"))
        await other.post(f"/tickets/filters/{ident}", ("do", "first"))
    mine = await window.get("/tickets")
    assert mine.status_code == 200
    assert 'value="改"' not in mine.text
    assert 'value="超时"' in mine.text

    await window.post(f"/tickets/filters/{late}", ("do", "first"))
    assert (await window.get("/tickets")).headers["location"] == "/tickets?overdue=true"
    await window.post(f"/tickets/filters/{first}", ("do", "first"))
    assert (await window.get("/tickets")).headers["location"] == "/tickets?open=true&category=C"
    await window.post(f"/tickets/filters/{first}", ("do", "not-first"))
    assert (await window.get("/tickets")).status_code == 200

    await window.post(f"/tickets/filters/{first}", ("do", "rename"), ("name", "物业的"))
    await window.post("/tickets/filters", ("name", "物业的"), ("category", "D"))  # the same name: replaced
    await window.post(f"/tickets/filters/{late}", ("do", "remove"))
    page = (await window.get("/tickets", all=1)).text
    assert re.findall(r'action="/tickets/filters/([0-9a-f]{16})"', page) == [first]
    assert '<a href="/tickets?category=D">物业的' in page
    for fields in ([("name", ""), ("category", "D")], [("name", "空")]):
        assert (await window.post("/tickets/filters", *fields)).status_code == 400
    assert (await window.post(f"/tickets/filters/{first}", ("do", "jump"))).status_code == 400


async def test_only_so_many_filters(town: City) -> None:
    window = Window(town, "street")
    for count in range(30):
        assert (await window.post("/tickets/filters", ("name", f"第{count}"), ("q", f"{count}"))).status_code == 303
    assert (await window.post("/tickets/filters", ("name", "多一个"), ("q", "x"))).status_code == 400
    assert (await window.post("/tickets/filters", ("name", "第3"), ("q", "x"))).status_code == 303


# -- several at once --------------------------------------------------------------------------------------


async def test_reassign_several(town: City, site: Site, people: People) -> None:
    """Within their post, each with its own step; one that is closed stays and says why."""
    second = await people.seat("deputy", *DEPUTY)
    town.heads["deputy"] = second
    made = [await town.file("C01") for _ in range(3)]
    await town.give("property", f"/tickets/{made[0]}/sign")
    away = await town.file("D01")
    window = Window(town, "property")
    page = (await window.get("/tickets/bulk", what="reassign", n=[*made, away])).text
    person = re.search(r'value="(p-[a-z2-7]{8})" required> deputy', page)
    assert person, page
    (key,) = set(re.findall(r'name="key" value="([^"]+)"', page))
    sent = [("what", "reassign"), ("to", person[1]), ("key", key), *(("n", one) for one in (*made, away))]
    answer = await window.post("/tickets/bulk", *sent)
    assert "3 件已办,1 件没有办成" in answer.text
    for number in made:
        shown = (await town.ask("property", f"/tickets/{number}")).json()
        assert shown["handler"] == person[1]
    (other,) = {term.person for term, name in await _holders(site) if name == "property"}
    assert (await town.give("property", f"/tickets/{made[0]}/reassign", {"person": other})).status_code == 200
    before = [(await town.ask("property", f"/tickets/{one}/log")).json()["steps"] for one in made]
    again = await window.post("/tickets/bulk", *sent)
    assert "3 件已办,1 件没有办成" in again.text
    assert [(await town.ask("property", f"/tickets/{one}/log")).json()["steps"] for one in made] == before


async def _holders(site: Site) -> list[tuple[Term, str]]:
    return await site.room.ask(lambda c: store_people.held(c, "property:E1", site.clock.now))


DEPUTY = ("property", "property:E1", "post:property:E1")


async def test_dispatch_several(town: City) -> None:
    made = [await town.file("C01"), await town.file("D01")]
    closed = await town.file("C01")
    done = await town.give(
        "street", f"/tickets/{closed}/redirect", {"reason": "in-legal-process", "text": "已由法院受理"}
    )
    assert done.status_code == 200, done.text
    window = Window(town, "street")
    page = (await window.get("/tickets/bulk", what="dispatch", n=[*made, closed])).text
    assert "社区党委" in page
    assert "(其中 " in page
    fields = [("what", "dispatch"), ("key", "k1"), ("text", "请社区先看"), *(("n", one) for one in (*made, closed))]
    assert (await window.post("/tickets/bulk", *fields)).status_code == 400
    answer = await window.post("/tickets/bulk", *fields, ("to", "street_office"))
    assert "件没有办成" in answer.text
    for number in made:
        shown = (await town.ask("street", f"/tickets/{number}")).json()
        assert (shown["rung"], shown["designated"]) == ("street_office", True)
        words = (await town.ask("street", f"/tickets/{number}/dossier")).json()["words"]
        assert [one["text"] for one in words] == ["请社区先看"]


async def test_a_hundred_at_once(town: City) -> None:
    """As many as may be go in one transaction, within the patience of a window."""
    made = [await town.file("C01") for _ in range(100)]
    fields = [("what", "dispatch"), ("key", "k"), ("to", "street_office"), *(("n", one) for one in made)]
    answer = await Window(town, "street").post("/tickets/bulk", *fields)
    assert "100 件已办" in answer.text
    assert len(await town.numbers("street", "/tickets?rung=street_office&limit=200")) == 100


async def test_who_may_not_and_how_many(town: City) -> None:
    number = await town.file("C01")
    assert (await Window(town, "property").get("/tickets/bulk", what="dispatch", n=number)).status_code == 403
    assert (await Window(town, "auditor").get("/tickets/bulk", what="reassign", n=number)).status_code == 403
    window = Window(town, "street")
    assert (await window.get("/tickets/bulk", what="close", n=number)).status_code == 400
    assert (await window.get("/tickets/bulk", what="dispatch")).status_code == 400
    many = [f"HY{i:09}" for i in range(101)]
    assert (await window.get("/tickets/bulk", what="dispatch", n=many)).status_code == 400
    nobody = await window.get("/tickets/bulk", what="dispatch", n="HY999999999")
    assert "选中的工单都不在了" in nobody.text


async def test_a_form_of_another_site_saves_nothing(town: City, admin: asyncpg.Connection, people: People) -> None:
    """The mark of the session is asked for by every form here."""
    await people.make("street", "street:990101001", password="correct horse battery")
    http = town.site.http
    login = {"username": "street-street:990101001", "password": "correct horse battery"}
    assert (await http.post("/api/v1/session", json=login)).status_code in (200, 201, 204)
    for path in ("/tickets/filters", "/tickets/filters/0", "/tickets/bulk", "/tickets/export", "/sorting"):
        answer = await http.post(path, data={"name": "x", "category": "C", "csrf": "0" * 32})
        assert answer.status_code == 403, path
    assert await admin.fetchval("SELECT count(*) FROM filters") == 0
    http.cookies.clear()
