"""Authorisation as one table: every route × kind of post × relation to the ticket; hidden is as if never there."""

from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from huiyin.core.people import ROLES, Role
from huiyin.core.ticket import RESIDENT
from huiyin.core.voices import ReportPressure
from huiyin.core.words import About
from huiyin.desk import Change, Order
from huiyin.web.who import ANYONE, TABLE
from tests.core.world import sorting, spot
from tests.web.conftest import People, Site
from tests.web.sightings import COMMUNITY, GRID, STREET, City

RELATIONS = (
    "own", "same-grid", "other-grid", "other-community", "respondent",
    "phone", "household", "declared", "employer", "former", "none", "pressured",
)  # fmt: skip
# Whether the ticket is there: kind of post × relation, in the order of RELATIONS. A former holder of a rung below the
# community sees it no more; grid, community and street look after their place; a machine is nobody's relative.
# Pressured: whoever had it is out, the post below the street and at the street the person; the others see it as before.
SEEN = """
building_leader   1 1 0 0 0  0 0 0 0  0 0  0
owners_committee  1 1 1 0 0  0 0 0 0  0 0  0
property          1 0 1 0 0  0 0 0 0  0 0  0
grid_worker       1 1 0 0 0  0 0 0 0  1 0  1
community         1 1 1 0 0  0 0 0 0  1 0  0
street            1 1 1 0 0  0 0 0 0  1 0  0
department        1 1 1 0 0  0 0 0 0  1 0  1
mediator          1 1 1 0 1  0 0 0 0  1 0  1
auditor           1 1 1 0 1  0 0 0 0  1 0  1
registrar         1 1 1 0 1  0 0 0 0  1 0  1
machine           1 1 1 0 1  1 1 1 1  1 0  1
"""
TABLE_OF: dict[str, dict[str, bool]] = {
    role: dict(zip(RELATIONS, (cell == "1" for cell in cells), strict=True))
    for role, *cells in map(str.split, SEEN.strip().splitlines())
}
# role: post and scope here, post and scope elsewhere, category of a ticket of its own and of one of another post,
# whom a complaint about it is about
KINDS: dict[Role, tuple[str, str, str, str, str, str, About]] = {
    "building_leader": ("building_leader:E1-B01", "building:E1-B01", "building_leader:E2-B01", "building:E2-B01",
                        "B01", "C01", "building_leader"),
    "owners_committee": ("owners_committee:E1", "estate:E1", "owners_committee:E2", "estate:E2",
                         "L02", "C01", "owners_committee"),
    "property": ("property:E1", "post:property:E1", "property:E2", "post:property:E2", "C01", "D01", "property"),
    "grid_worker": (f"grid:{GRID}", f"grid:{GRID}", "grid:990101001001003", "grid:990101001001003",
                    "B01", "C01", "grid_or_community_staff"),
    "community": (f"community:{COMMUNITY}", f"community:{COMMUNITY}", "community:9", "community:9",
                  "D01", "C01", "grid_or_community_staff"),
    "street": (f"street:{STREET}", f"street:{STREET}", "street:9", "street:9", "B06", "C01", "street"),
    "department": ("department:城管", f"street:{STREET}", "department:城管", "street:9", "D01", "C01", "department"),
    "mediator": (f"mediator:{COMMUNITY}", f"community:{COMMUNITY}", "mediator:9", "community:9", "D01", "C01", "none"),
    "auditor": ("auditor", "all", "auditor:9", "street:9", "D01", "C01", "property"),
    "registrar": (f"registrar:{STREET}", f"street:{STREET}", "registrar:9", "street:9", "D01", "C01", "property"),
    "machine": ("machine", "all", "machine:9", "street:9", "D01", "C01", "property"),
}  # fmt: skip
HOLDERS = {"B06": "street", "D01": "community", "B01": "building_leader", "L02": "owners_committee", "C01": "property"}
KIN, COMPANY = "p-kin", "department:水务"
LISTS = {"/api/v1/tickets": "tickets", "/api/v1/desk": "tickets", "/api/v1/desk/rulings": "tickets",
         "/api/v1/desk/supervised": "tickets", "/api/v1/desk/approvals": "tickets",
         "/api/v1/notices": "notices"}  # fmt: skip
# Routes that are about no ticket, or whose sight is looked at elsewhere: which test does.
ELSEWHERE = {
    ("GET", "/mediations/report"): "test_mediation_report.py",  # a post's own committees
    ("GET", "/mediations/report/export"): "test_mediation_report.py",
    ("GET", "/mediations/committee"): "test_mediation_committee.py",  # a post's own committee
    ("POST", "/mediations/committee"): "test_mediation_committee.py",
    ("POST", "/mediations/committee/members"): "test_mediation_committee.py",
    ("POST", "/mediations/committee/members/{what}"): "test_committee_changes.py",
    ("POST", "/mediations/committee/rooms/{what}"): "test_committee_changes.py",
    ("GET", "/review/committees/{committee}/{kind}"): "test_committee_changes.py",
    ("POST", "/mediations/committee/specialities"): "test_mediation_committee.py",
    ("GET", "/mediations/committee/roster"): "test_mediation_committee.py",
    ("POST", "/mediations/committee/roster"): "test_mediation_committee.py",
    ("POST", "/mediations/committee/roster/copy"): "test_mediation_committee.py",
    ("GET", "/mediations/committee/rooms"): "test_mediation_committee.py",
    ("POST", "/mediations/committee/rooms"): "test_mediation_committee.py",
    ("POST", "/mediations/committee/bookings"): "test_mediation_committee.py",
    ("POST", "/mediations/committee/bookings/release"): "test_mediation_committee.py",
    ("GET", "/api/v1/complaints"): "test_staff.py",  # a machine's question after its own events
    ("POST", "/logout"): "test_doors.py",
    ("POST", "/act-as"): "test_doors.py",
    ("GET", "/live"): "test_live.py",
    ("GET", "/tickets/{number}/pictures/{ref}"): "test_pictures.py",  # of a ticket and of a kind of picture
    ("GET", "/desk"): "test_desk.py",
    ("GET", "/desk/list"): "test_desk.py",
    ("GET", "/tickets"): "test_lists_page.py",
    ("GET", "/tickets/list"): "test_lists_page.py",
    ("GET", "/tickets/counts"): "test_lists_page.py",
    ("POST", "/tickets/filters"): "test_lists_page.py",
    ("POST", "/tickets/filters/{ident}"): "test_lists_page.py",
    ("GET", "/tickets/bulk"): "test_lists_page.py",
    ("POST", "/tickets/bulk"): "test_lists_page.py",
    ("GET", "/tickets/export"): "test_export.py",
    ("POST", "/tickets/export"): "test_export.py",
    ("GET", "/sorting"): "test_sorting_page.py",
    ("GET", "/sorting/left"): "test_sorting_page.py",
    ("GET", "/sorting/find"): "test_sorting_page.py",
    ("POST", "/sorting"): "test_sorting_page.py",
    ("GET", "/patrol"): "test_patrol.py",
    ("GET", "/patrol/mark"): "test_patrol.py",
    ("POST", "/patrol/findings"): "test_patrol.py",
    ("GET", "/screen"): "test_screen.py",
    ("GET", "/screen/now"): "test_screen.py",
    ("GET", "/screen/counted"): "test_screen.py",
    **{row: "test_admin.py" for row in TABLE if row[1].startswith("/admin")},
    ("GET", "/calls"): "test_calls.py",
    ("GET", "/calls/list"): "test_calls.py",
    **{row: "test_whistle_page.py" for row in TABLE if row[1].startswith("/whistles/{number}")},
    **{row: "test_mediation_pictures.py" for row in TABLE if row[1].startswith("/mediations/{number}")},
    **{row: "test_mediations.py" for row in TABLE if row[1].startswith("/api/v1/mediations")},
    **{row: "test_whistles.py" for row in TABLE if row[1].startswith("/api/v1/whistles")},
    ("GET", "/mediations"): "test_mediation_day.py",
    ("GET", "/mediations/list"): "test_mediation_day.py",
    **{row: "test_mediation_apply.py" for row in TABLE if row[1] in ("/mediations/new", "/mediations/homes")},
    ("POST", "/mediations/hints"): "test_mediation_apply.py",
    **{row: "test_blowing.py" for row in TABLE if row[1].startswith(("/whistles/new", "/whistles/places"))},
    **{row: "test_blowing.py" for row in TABLE if row[1] in ("/whistles/matter", "/whistles/check")},
    **{row: "test_whistle_board.py" for row in TABLE if row[1] in ("/whistles", "/whistles/list", "/whistles/figures")},
    **{row: "test_whistle_report.py" for row in TABLE if row[1].startswith("/whistles/report")},
    ("GET", "/whistles/{number}/sheet"): "test_whistle_sheet.py",
    ("GET", "/review/whistles/{number}"): "test_whistle_sheet.py",
    ("GET", "/review/mediations/{number}"): "test_mediation_review.py",
    ("GET", "/review"): "test_review.py",
    ("GET", "/review/posts"): "test_review.py",
    ("GET", "/review/posts/{post}"): "test_review.py",
}


def bodies(path: str) -> Any:
    """A body that changes nothing where the ticket is there, and is read where it is not."""
    if path.endswith("/reveal"):
        return {"field": "phone", "purpose": "contact"}
    return {"to": "nobody:1", "text": "请检查。"} if path.endswith("/notice") else [1]


def test_every_route_has_its_place_in_the_matrix() -> None:
    """A new route is a list, about one ticket, for anyone, or written down: else this fails."""
    assert set(TABLE_OF) == set(KINDS) == set(ROLES)
    for (method, path), who in TABLE.items():
        known = who == ANYONE or path in LISTS or "/tickets/{number}" in path or (method, path) in ELSEWHERE
        assert known, f"{method} {path} has no row"
    assert all((Path(__file__).parent / test).exists() for test in ELSEWHERE.values())


class Matrix(City):
    """For each kind of post: its people here, elsewhere and nowhere, and a ticket for each relation."""

    tickets: dict[tuple[str, str], str]

    async def fill(self, admin: asyncpg.Connection) -> "Matrix":
        for role, (post, scope, other, there, *_) in KINDS.items():
            for name, at, seen in ((role, post, scope), (f"{role}-far", other, there)):
                self.heads[name] = await self._people.seat(name, role, at, seen)
            nowhere = f"{role}:nowhere"
            self.heads[f"{role}-none"] = await self._people.seat(f"{role}-none", role, nowhere, f"post:{nowhere}")
        await self._relate(admin)
        self.tickets = {
            (role, relation): await self._file(admin, role, relation) for role in ROLES for relation in RELATIONS
        }
        return self

    async def _relate(self, admin: asyncpg.Connection) -> None:
        """Everybody here has the same phone, home, relative and employer: what each is in conflict by."""
        mine, home = self.seal.mark("13700000001"), self.seal.household("E1-B01", "101")
        here = "SELECT person FROM accounts WHERE username = ANY($1) AND role <> 'machine' AND person <> ''"
        roles = list(ROLES)
        change = f"UPDATE persons SET phone = $2, household = $3, employer = $4 WHERE person IN ({here})"
        await admin.execute(change, roles, mine, home, COMPANY)
        await admin.execute("INSERT INTO persons (person, phone) VALUES ($1, $2)", KIN, self.seal.mark("13700000002"))
        await admin.execute(f"INSERT INTO relations SELECT person, $2, 'kin' FROM ({here}) x", roles, KIN)

    async def _file(self, admin: asyncpg.Connection, role: Role, relation: str) -> str:
        *_, own, other, about = KINDS[role]
        category = other if relation == "same-grid" else own
        if relation == "other-grid":
            return await self.file(found=sorting(category, spot(building="E1-B02")), phone="13700000009")
        phone = {"phone": "13700000001", "declared": "13700000002"}.get(relation, "13700000009")
        home = self.seal.household("E1-B01", "101室") if relation == "household" else None
        who: About = about if relation == "respondent" else "none"
        number = await self.file(category, who, phone=phone, household=home)
        if relation == "employer":
            row = "INSERT INTO parties (number, role, organisation, at) VALUES ($1, 'respondent', $2, now())"
            await admin.execute(row, number, COMPANY)
        if relation == "pressured":
            await self._press(number, HOLDERS.get(category))
        if relation == "former" and HOLDERS.get(category, "street") != "street":  # nobody is above the street
            for order, body in (("sign", {}), ("hand-up", {"reason": "beyond-means"})):
                answer = await self.give(HOLDERS[category], f"/tickets/{number}/{order}", body)
                assert answer.status_code in (200, 404), answer.text
        return number

    async def _press(self, number: str, holder: str | None) -> None:
        """Somebody had signed for it when the resident said that they are leaned on."""
        if holder is not None:
            assert (await self.give(holder, f"/tickets/{number}/sign")).status_code == 200
        what = Change(number, ReportPressure())
        answer = await self.site.room.act(Order("urn:test", f"p{number}", RESIDENT.post, what, role=RESIDENT.role))
        assert answer.outcome == "done", answer

    def viewer(self, role: str, relation: str) -> str:
        return {"other-community": f"{role}-far", "none": f"{role}-none"}.get(relation, role)

    async def send(self, who: str, method: str, path: str) -> httpx.Response:
        body = bodies(path) if method == "POST" else None
        return await self.site.http.request(method, path, headers=self.heads[who], json=body)


@pytest.fixture
async def matrix(site: Site, city: None, people: People, admin: asyncpg.Connection) -> Matrix:
    return await Matrix(site, people).fill(admin)


def plain(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that a viewer can tell answers by."""
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k != "date"}


async def test_the_matrix(matrix: Matrix) -> None:
    """403 for the role before anything is said of the ticket; hidden: 404, byte for byte as where there is none."""
    wrong = []
    for (method, template), allowed in TABLE.items():
        if allowed == ANYONE or "/tickets/{number}" not in template or (method, template) in ELSEWHERE:
            continue
        for role in ROLES:
            nothing = plain(await matrix.send(role, method, template.format(number="HY999999999")))
            for relation in RELATIONS:
                path = template.format(number=matrix.tickets[role, relation])
                got = await matrix.send(matrix.viewer(role, relation), method, path)
                expected = 403 if role not in allowed else 200 if TABLE_OF[role][relation] else 404
                reached = 200 if got.status_code in (200, 201, 303, 400, 409, 422) else got.status_code
                if reached != expected or (expected == 404 and plain(got) != nothing):
                    wrong.append((method, template, role, relation, expected, got.status_code, got.text))
                if role not in allowed:
                    break  # the ticket is not even looked for
    assert not wrong, wrong[:20]


async def test_lists_show_what_the_matrix_says(matrix: Matrix) -> None:
    """A ticket is in a list only where it is there by itself; and in the list of all that one may see it always is."""
    wrong = []
    for path, field in LISTS.items():
        for role in ROLES:
            for name in (role, f"{role}-far", f"{role}-none"):
                answer = await matrix.send(name, "GET", f"{path}?limit=200" if field == "tickets" else path)
                assert answer.status_code == (200 if role in TABLE["GET", path] else 403), (path, name)  # type: ignore[operator]
                if answer.status_code == 403:
                    continue
                shown = {one.get("number") for one in answer.json()[field]}
                for relation in RELATIONS:
                    if matrix.viewer(role, relation) != name:
                        continue
                    number, there = matrix.tickets[role, relation], TABLE_OF[role][relation]
                    if (number in shown and not there) or (path == "/api/v1/tickets" and there and number not in shown):
                        wrong.append((path, role, relation))
    assert not wrong


async def test_what_is_on_a_desk(matrix: Matrix) -> None:
    """Mine is what stands at my post, and what I help with; nothing else."""
    for role, expected in {
        "building_leader": {"own"}, "owners_committee": {"own", "other-grid"}, "property": {"own", "other-grid"},
        "grid_worker": {"own"}, "community": {"own", "other-grid"}, "street": {"own", "other-grid", "former"},
        "department": set(),
    }.items():  # fmt: skip
        answer = await matrix.send(role, "GET", "/api/v1/desk?limit=200")
        shown = [one["number"] for one in answer.json()["tickets"]]
        mine = [relation for relation in RELATIONS if matrix.viewer(role, relation) == role]
        assert {r for r in mine if matrix.tickets[role, r] in shown} == expected, role
        due = [(one["due_at"], one["number"]) for one in answer.json()["tickets"]]
        assert due == sorted(due)
        paged: list[str] = []
        query = "limit=2"
        while True:
            page = (await matrix.send(role, "GET", f"/api/v1/desk?{query}")).json()
            paged += [one["number"] for one in page["tickets"]]
            if page["next"] is None:
                break
            query = f"limit=2&cursor={page['next']}"
        assert paged == shown, role
