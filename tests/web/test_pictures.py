"""Pictures at the windows (照片): kept with the complaint or the ticket, seen by whoever may, erased with their key."""

import re
from io import BytesIO
from typing import get_args

import asyncpg
import httpx
import pytest
from PIL import Image

from huiyin import review
from huiyin.bus.envelope import ComplaintData
from huiyin.core import masks
from huiyin.core import receipt as receipts
from huiyin.core.masks import Picture
from huiyin.core.people import ROLES, may
from huiyin.desk import Complaint, Order
from huiyin.door import SOURCE, KeyReused
from huiyin.store.database import connect
from huiyin.store.pictures import Picture as Developed
from huiyin.store.vault import Dossier, Seal, encode
from huiyin.web import parcels
from tests.conftest import Database
from tests.core.world import AT, sorting
from tests.web import shots
from tests.web.conftest import RECEIPT_KEY, VAULT_KEY, Filer, People, Site
from tests.web.hands import DESKS, Hands
from tests.web.residents import sort

pytestmark = pytest.mark.usefixtures("city")

SAID = {"text": "楼上漏水,墙都湿了", "key": "page-1", "phone": "13912345678"}
FORM = {"accept": "text/html"}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Hands:
    return await Hands(site, filer).sit(people)


async def file(site: Site, raws: list[bytes], **said: str) -> str:
    """The receipt of a complaint with pictures."""
    answer = await shots.send(site.http, "/file", SAID | said, raws, headers=FORM)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].split("?")[0].removeprefix("/r/"))


async def shown(site: Site, path: str, head: dict[str, str] | None = None) -> list[str]:
    """The pictures that a page shows."""
    page = await site.http.get(path, headers=FORM | (head or {}))
    assert page.status_code == 200, page.text
    return re.findall(r'data-picture><img src="([^"]+)"', page.text)


async def kept(admin: asyncpg.Connection) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM vault.pictures"))


def pixels(raw: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(raw)).size


# -- with a complaint -------------------------------------------------------------------------------------


async def test_a_complaint_with_pictures(site: Site, admin: asyncpg.Connection, filer: Filer) -> None:
    """Kept with the receipt, sealed; the ticket's with its second step; on the receipt's page in their order."""
    raws = [shots.located(), shots.encoded(shots.image((900, 300)), "PNG")]
    shown_at = await file(site, raws)
    assert await shown(site, f"/r/{shown_at}") == []  # on its way
    rows = await admin.fetch("SELECT * FROM vault.pictures ORDER BY ref")
    assert [row["person"] for row in rows] == [site.room.seal.mark(SAID["phone"])] * 2
    assert all(b"\xff\xd8" not in row["body"][:9] + row["small"][:9] for row in rows)
    number = await sort(admin, filer, shown_at)
    steps = await admin.fetch("SELECT step, convert_from(body, 'UTF8') AS leaf FROM log WHERE id = $1", number)
    assert [row["step"] for row in steps][:3] == ["ticket.filed.v1", "ticket.pictured.v1", "ticket.sorted.v1"]
    assert all(row["digest"] in steps[1]["leaf"] and row["ref"] in steps[1]["leaf"] for row in rows)
    small = await shown(site, f"/r/{shown_at}")
    assert len(small) == 2
    found = [await site.http.get(path) for path in small]
    assert [pixels(one.content) for one in found] == [(320, 240), (320, 107)]
    full = await site.http.get(small[1].partition("?")[0])
    assert pixels(full.content) == (900, 300)
    assert full.headers["content-type"] == "image/jpeg"
    assert full.headers["cache-control"] == "no-store"
    assert full.headers["x-content-type-options"] == "nosniff"
    assert full.headers["cross-origin-resource-policy"] == "same-origin"
    assert full.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert "inline" in full.headers["content-disposition"]


async def test_the_same_page_twice_is_one_complaint(site: Site, admin: asyncpg.Connection) -> None:
    """The same pictures: the same receipt, kept once. Other pictures: another complaint."""
    first = await file(site, [shots.located()])
    assert await file(site, [shots.located()]) == first
    assert await kept(admin) == 1
    assert await file(site, [shots.jpeg((99, 99))]) != first
    assert await file(site, []) != first
    assert await kept(admin) == 2


async def test_a_partner_s_event_takes_nobody_s_pictures(site: Site, admin: asyncpg.Connection, filer: Filer) -> None:
    """Another source with the same event id is another complaint, without pictures; ours keeps its own."""
    receipt = await file(site, [shots.jpeg()])
    row = await admin.fetchrow("SELECT event_id FROM doorstep")
    assert row is not None
    other = await filer.file(sorting("C01"), "none", row["event_id"], "urn:partner")
    number = await sort(admin, filer, receipt)
    pictured = [one["id"] for one in await admin.fetch("SELECT id FROM log WHERE step = 'ticket.pictured.v1'")]
    assert (number in pictured, other in pictured, len(pictured)) == (True, False, 1)
    both = [
        Order(source, row["event_id"] + "x", "sorter", what, 90 + i)
        for i, source in enumerate((SOURCE, "urn:b"))
        for what in [Complaint("web", "none", AT, sorting("C01"), Seal(VAULT_KEY).seal(encode(Dossier("words"))))]
    ]
    await admin.execute("UPDATE vault.pictures SET event_id = $1", row["event_id"] + "x")
    ours, theirs = await filer._desk.act(both, at=AT)  # in one batch, too
    steps = "SELECT count(*) FROM log WHERE id = $1 AND step = 'ticket.pictured.v1'"
    assert [await admin.fetchval(steps, one.number) for one in (ours, theirs)] == [1, 0]


async def test_a_form_as_programs_send_it(site: Site, admin: asyncpg.Connection) -> None:
    """Without pictures urlencoded is as good; an empty file field is no picture."""
    answer = await site.http.post("/file", data=SAID, headers=FORM)
    assert answer.status_code == 303
    assert await file(site, []) == answer.headers["location"].split("?")[0].removeprefix("/r/")
    assert await kept(admin) == 0


WRONG = {
    "a page": ([b"<html>"], "bad-picture", "不是能用的照片"),
    "nothing in it": ([b""], "bad-picture", "不是能用的照片"),
    "one of two": ([shots.jpeg(), b"\xff\xd8\xff" + bytes(99)], "bad-picture", "不是能用的照片"),
    "five": ([shots.jpeg((9, 9))] * 5, "too-many-pictures", "最多 4 张"),
    "heavy": ([shots.jpeg() + bytes(parcels.PICTURE)], "picture-too-large", "12 MB"),
    "a bomb": ([shots.bomb()], "picture-too-large", "5000 万像素"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_bad_picture_keeps_the_words(site: Site, admin: asyncpg.Connection, name: str) -> None:
    """The form again, with what was written, and what is wrong in words; nothing is kept."""
    raws, _, words = WRONG[name]
    answer = await shots.send(site.http, "/file", SAID, raws, headers=FORM)
    assert answer.status_code == 422
    assert words in answer.text
    assert SAID["text"] in answer.text
    assert await kept(admin) == 0
    assert await admin.fetchval("SELECT count(*) FROM doorstep") == 0


async def test_pictures_are_chosen_again_where_the_words_are_wrong(site: Site) -> None:
    answer = await shots.send(site.http, "/file", {"text": ""}, [shots.jpeg()], headers=FORM)
    assert answer.status_code == 422
    assert "请重新选一次" in answer.text


async def test_while_too_many_send_pictures(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in at once is bounded for the whole process, and given back after each."""
    monkeypatch.setattr(parcels, "_HELD", 1_000)
    answer = await shots.send(site.http, "/file", SAID, [shots.jpeg()], headers=FORM)
    assert answer.status_code == 422
    assert "请过一会儿再试" in answer.text
    assert parcels._held == 0
    monkeypatch.undo()
    assert await file(site, [shots.jpeg()])
    assert parcels._held == 0


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb", 400),
        ("multipart/form-data; boundary=x", b"no parts at all", 400),
        ("multipart/form-data", b"--x--", 400),
        ("multipart/form-data; boundary=x",
         b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--', 400),
        ("multipart/form-data; boundary=x",
         b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + bytes(parcels.FIELD + 1) + b"\r\n--x--", 413),
        ("multipart/form-data; boundary=x",
         b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 50 + b"--x--", 400),
        ("application/x-www-form-urlencoded", b"a=" + b"b" * (parcels.FIELD + 1), 413),
    ],
)  # fmt: skip
async def test_forms_that_are_none(site: Site, head: str, body: bytes, status: int) -> None:
    answer = await site.http.post("/file", content=body, headers={"content-type": head})
    assert answer.status_code == status, answer.text


async def test_another_site_s_form(site: Site, admin: asyncpg.Connection) -> None:
    head = FORM | {"sec-fetch-site": "cross-site"}
    assert (await shots.send(site.http, "/file", SAID, [shots.jpeg()], headers=head)).status_code == 403
    assert await kept(admin) == 0


# -- by receipt -------------------------------------------------------------------------------------------


async def test_somebody_else_s_receipt_shows_nothing(site: Site, admin: asyncpg.Connection, filer: Filer) -> None:
    """A picture's name alone opens nothing, nor do names that were made up."""
    mine, other = await file(site, [shots.jpeg()]), await file(site, [shots.jpeg((50, 50))], text="另一件")
    for one in (mine, other):
        await sort(admin, filer, one)
    (path,) = await shown(site, f"/r/{mine}")
    ref = path.split("/")[-1].partition("?")[0]
    for wrong in (
        f"/r/{other}/pictures/{ref}",
        f"/r/{mine}/pictures/{ref}0",
        f"/r/{mine}/pictures/{ref[:-1]}2",
        f"/r/{mine}/pictures/%2e%2e%2f{ref}",
        f"/r/{mine[:-1]}{(int(mine[-1]) + 1) % 10}/pictures/{ref}",
        f"/tickets/HY000000001/pictures/{ref}",
    ):
        assert (await site.http.get(wrong)).status_code in (401, 404), wrong
    assert (await site.http.get(f"/r/{mine}/pictures/{ref}")).status_code == 200


async def test_a_darkroom_works_only_where_pictures_are_asked_for(
    site: Site, admin: asyncpg.Connection, filer: Filer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for a form that has no room for them, nor for a receipt that there is not: both cost a stranger nothing."""
    receipt = await file(site, [])
    await sort(admin, filer, receipt)
    looked: list[int] = []
    develop = site.room.darkrooms.develop

    async def counted(raw: bytes) -> Developed:
        looked.append(len(raw))
        return await develop(raw)

    monkeypatch.setattr(site.room.darkrooms, "develop", counted)
    nobody = receipts.show(receipts.make(RECEIPT_KEY, "urn:test", "nobody"))
    for path in ("/login", "/r", "/hints", f"/r/{receipt}/feedback", f"/r/{nobody}/add",
                 "/r/1234/add"):  # fmt: skip
        answer = await shots.send(site.http, path, {"addition": "x", "text": "x"}, [shots.jpeg()], headers=FORM)
        assert answer.status_code < 500, path
    assert looked == []
    answer = await shots.send(site.http, f"/r/{receipt}/add", {"key": "k"}, [shots.jpeg()], headers=FORM)
    assert (answer.status_code, len(looked)) == (303, 1)


async def test_adding_pictures_later(site: Site, admin: asyncpg.Connection, filer: Filer) -> None:
    """Words, pictures, or both; the same page twice adds once."""
    receipt = await file(site, [])
    number = await sort(admin, filer, receipt)
    path, more = f"/r/{receipt}/add", {"addition": "今天又漏了", "key": "k1"}
    for _ in range(2):
        answer = await shots.send(site.http, path, more, [shots.jpeg()], headers=FORM)
        assert answer.status_code == 303, answer.text
    answer = await shots.send(site.http, path, {"key": "k2"}, [shots.jpeg((20, 20))], headers=FORM)
    assert answer.status_code == 303
    wrong = await shots.send(site.http, path, more | {"key": "k3"}, [b"x"], headers=FORM)
    assert wrong.status_code == 422
    assert "今天又漏了" in wrong.text
    nothing = await shots.send(site.http, path, {"key": "k4"}, [], headers=FORM)
    assert "请写下要补充的情况" in nothing.text
    steps = [row["step"] for row in await admin.fetch("SELECT step FROM log WHERE id = $1 ORDER BY version", number)]
    assert steps[-4:] == ["ticket.pictured.v1", "ticket.added.v1"] * 2
    kinds = await admin.fetch("SELECT convert_from(body, 'UTF8')::jsonb->'data'->>'kind' FROM log"
                              " WHERE step = 'ticket.pictured.v1'")  # fmt: skip
    assert {row[0] for row in kinds} == {"added"}
    assert len(await shown(site, f"/r/{receipt}")) == 2


# -- by staff ---------------------------------------------------------------------------------------------


async def attach(hands: Hands, who: str, number: str, kind: str, raw: bytes, key: str = "k") -> httpx.Response:
    head, said = hands.heads[who] | FORM, {"kind": kind, "key": key}
    return await shots.send(hands.site.http, f"/tickets/{number}/attach", said, [raw], headers=head)


async def test_whoever_works_on_it_adds_pictures(site: Site, admin: asyncpg.Connection, hands: Hands) -> None:
    number = await hands.file("C01")
    for _ in range(2):
        assert (await attach(hands, "property", number, "evidence", shots.located())).status_code == 303
    assert await kept(admin) == 1
    assert (await attach(hands, "property", number, "site", shots.located())).status_code == 303
    assert await kept(admin) == 2
    nothing = await shots.send(
        site.http, f"/tickets/{number}/attach", {"key": "k"}, [], headers=hands.heads["property"] | FORM
    )
    assert (nothing.status_code, "请先选照片" in nothing.text) == (422, True)
    assert len(await shown(site, f"/tickets/{number}", hands.heads["property"])) == 2
    await hands.do("property", number, "sign")
    page = await site.http.get(f"/tickets/{number}/attach", headers=hands.heads["property"] | FORM)
    assert 'enctype="multipart/form-data"' in page.text


async def test_what_is_refused(site: Site, admin: asyncpg.Connection, hands: Hands) -> None:
    """In words, and nothing is kept: a full album, a ticket that is closed, a post that has nothing to do with it."""
    number = await hands.file("C01")
    for i in range(10):
        some = [shots.jpeg((9 + i, 9))] * 4
        sent = await shots.send(site.http, f"/tickets/{number}/attach", {"kind": "site", "key": "k"}, some,
                                headers=hands.heads["property"] | FORM)  # fmt: skip
        assert sent.status_code == 303
    full = await attach(hands, "property", number, "site", shots.jpeg())
    assert (full.status_code, "已满 40 张" in full.text) == (409, True)
    assert (await attach(hands, "owners", number, "site", shots.jpeg())).status_code == 409
    assert (await hands.site.http.post(f"{hands.receipt(number)}/withdraw", json={"confirm": True})).status_code == 200
    closed = await attach(hands, "community", number, "site", shots.jpeg())
    assert (closed.status_code, "已结案" in closed.text) == (409, True)
    assert await kept(admin) == 40


async def test_done_with_pictures_is_one_order(site: Site, admin: asyncpg.Connection, hands: Hands) -> None:
    """Pictures and 办结 in one transaction; refused together; the same page twice is one order."""
    number = await hands.file("C01")
    head = hands.heads["property"] | FORM
    said = {"evidence": "已更换阀门,现场复验不再渗漏", "key": "page-9"}
    path = f"/tickets/{number}/resolve"
    early = await shots.send(site.http, path, said, [shots.jpeg()], headers=head)
    assert early.status_code == 409  # not signed
    assert await kept(admin) == 0
    await hands.do("property", number, "sign")
    for _ in range(2):
        done = await shots.send(site.http, path, said | {"key": "page-10"}, [shots.jpeg()], headers=head)
        assert done.status_code == 303, done.text
    rows = await admin.fetch("SELECT step, xid::text FROM log WHERE id = $1 ORDER BY version", number)
    assert [row["step"] for row in rows][-2:] == ["ticket.pictured.v1", "ticket.resolved.v1"]
    assert rows[-1]["xid"] == rows[-2]["xid"]
    assert await kept(admin) == 1
    assert len(await shown(site, f"/r/{receipt_of(hands, number)}")) == 1  # evidence: the resident sees it


def receipt_of(hands: Hands, number: str) -> str:
    return hands.receipt(number).rsplit("/", 1)[1]


async def test_a_form_with_pictures_bears_the_mark(site: Site, admin: asyncpg.Connection, people: People) -> None:
    """By cookie a form without the session's mark is refused, whichever way it is sent."""
    await people.make("property", "estate:E1", password="a long password", post="property:E1")
    login = {"username": "property-estate:E1", "password": "a long password"}
    entered = await site.http.post("/login", data=login, headers=FORM)
    assert entered.status_code == 303, entered.text
    refused = await shots.send(site.http, "/tickets/HY000000001/attach", {"key": "k"}, [shots.jpeg()], headers=FORM)
    assert refused.status_code == 403
    page = await site.http.get("/desk", headers=FORM)
    mark = re.search(r'name="csrf" content="([0-9a-f]{32})"', page.text)
    assert mark
    said = {"key": "k", "csrf": mark[1]}
    there = await shots.send(site.http, "/tickets/HY000000001/attach", said, [shots.jpeg()], headers=FORM)
    assert there.status_code == 404
    assert await kept(admin) == 0


# -- who sees which ---------------------------------------------------------------------------------------

# role, with the case in hand: complaint, added, site, evidence. What may show a home is for those who read the
# resident's words whole; evidence for every post of the ticket.
SEES = """
building_leader   yes  0 0 0 1
building_leader   no   0 0 0 1
owners_committee  yes  0 0 0 1
owners_committee  no   0 0 0 1
property          yes  0 0 0 1
property          no   0 0 0 1
grid_worker       yes  1 1 1 1
grid_worker       no   0 0 0 1
mediator          yes  1 1 1 1
mediator          no   0 0 0 0
community         yes  1 1 1 1
community         no   1 1 1 1
street            yes  1 1 1 1
street            no   0 0 0 1
department        yes  1 1 1 1
department        no   0 0 0 1
auditor           yes  0 0 0 0
auditor           no   0 0 0 0
registrar         yes  0 0 0 0
registrar         no   0 0 0 0
machine           yes  0 0 0 0
machine           no   0 0 0 0
stranger          yes  0 0 0 0
"""


def test_who_sees_which() -> None:
    rows = [line.split() for line in SEES.strip().splitlines()]
    for role, assigned, *cells in rows:
        for kind, cell in zip(get_args(Picture), cells, strict=True):
            assert masks.shows(role, kind, assigned=assigned == "yes") == (cell == "1"), (role, assigned, kind)
            assert masks.shows(role, kind, assigned=assigned == "yes", own=True) >= (kind != "evidence")
    assert {role for role, *_ in rows} == {*ROLES, "stranger"}


async def test_the_pages_show_what_the_table_says(
    site: Site, admin: asyncpg.Connection, filer: Filer, hands: Hands
) -> None:
    """Every post of the ticket, four kinds of picture, on the page and by address: seen, or as if never there."""
    receipt = await file(site, [shots.jpeg((80, 60))])
    number = await sort(admin, filer, receipt, "C01")  # the property company's
    added = await shots.send(
        site.http, f"/r/{receipt}/add", {"addition": "x", "key": "k"}, [shots.jpeg()], headers=FORM
    )
    assert added.status_code == 303
    assert (await attach(hands, "grid", number, "site", shots.jpeg((70, 60)))).status_code == 303
    assert (await attach(hands, "property", number, "site", shots.jpeg((60, 60)))).status_code == 303
    assert (await attach(hands, "property", number, "evidence", shots.jpeg((50, 60)))).status_code == 303
    refs = [row[0] for row in await admin.fetch(
        "SELECT p->>'dossier' FROM log, jsonb_path_query(convert_from(body, 'UTF8')::jsonb, '$.data.pictures[*]') p"
        " WHERE step = 'ticket.pictured.v1' ORDER BY version")]  # fmt: skip
    complaint, more, seen, theirs, evidence = refs
    everything = {complaint, more, seen, theirs, evidence}
    expected = {
        "leader": {evidence}, "owners": {evidence}, "property": {theirs, evidence}, "grid": {seen, evidence},
        "community": everything, "street": {evidence},
    }  # fmt: skip
    for who, some in expected.items():
        paths = await shown(site, f"/tickets/{number}", hands.heads[who])
        assert {path.split("/")[-1].partition("?")[0] for path in paths} == some, who
        for ref in everything:
            for size in ("", "?size=small"):
                got = await site.http.get(f"/tickets/{number}/pictures/{ref}{size}", headers=hands.heads[who])
                assert got.status_code == (200 if ref in some else 404), (who, ref)
    mine = {path.split("/")[-1].partition("?")[0] for path in await shown(site, f"/r/{receipt}")}
    assert mine == {complaint, more, evidence}
    for ref in (seen, theirs):
        assert (await site.http.get(f"/r/{receipt}/pictures/{ref}")).status_code == 404


async def test_who_never_knows_of_the_ticket_sees_no_picture(
    site: Site, admin: asyncpg.Connection, hands: Hands, people: People
) -> None:
    """A complaint about the company: its evidence is not there for the company, whoever holds the picture's name."""
    number = await hands.file("C01", "property")
    assert (await attach(hands, "community", number, "evidence", shots.jpeg())).status_code == 303
    ref = await admin.fetchval("SELECT ref FROM vault.pictures")
    path = f"/tickets/{number}/pictures/{ref}"
    assert (await site.http.get(path, headers=hands.heads["community"])).status_code == 200
    for who in ("property", "owners"):
        expected = 404 if who == "property" else 200
        assert (await site.http.get(path, headers=hands.heads[who])).status_code == expected
    for role in ("auditor", "registrar", "machine"):
        head = await people.make(role)  # type: ignore[arg-type]
        assert (await site.http.get(path, headers=head)).status_code == 403
    assert (await site.http.get(path)).status_code == 401


def test_every_desk_that_may_note_may_attach() -> None:
    assert [role for role in ROLES if may(role, "attach")] == [role for role in ROLES if may(role, "note")]
    assert {desk[0] for desk in DESKS.values()} <= {role for role in ROLES if may(role, "attach")}


# -- the record -------------------------------------------------------------------------------------------


async def test_the_record_is_whole_and_erasing_keeps_it_so(
    site: Site, admin: asyncpg.Connection, filer: Filer, database: Database
) -> None:
    """Every picture that a step names is looked at; without its key it is gone and the chain is whole; changed or
    gone it is found."""
    receipt = await file(site, [shots.jpeg(), shots.jpeg((90, 90))])
    await sort(admin, filer, receipt)
    engine, vault = connect(database.url, name="t"), connect(database.vault_url, name="t")
    before = await review.verify_sealed(vault)
    assert before.whole
    assert before.leaves == 3  # the words and two pictures
    first, second = await shown(site, f"/r/{receipt}")
    ref = first.split("/")[-1].partition("?")[0]
    await admin.execute("UPDATE vault.pictures SET key = NULL WHERE ref = $1", ref)
    assert [(await site.http.get(path)).status_code for path in (first, second)] == [404, 200]
    assert (await review.verify_sealed(vault)).whole
    assert (await review.verify(engine)).whole
    await admin.execute("UPDATE vault.pictures SET body = set_byte(body, 9, 255 - get_byte(body, 9))")
    assert (await site.http.get(second.partition("?")[0])).status_code == 404
    assert [fault.why for fault in (await review.verify_sealed(vault)).broken] == ["ciphertext-changed"] * 2
    await admin.execute("DELETE FROM vault.pictures")
    assert [fault.why for fault in (await review.verify_sealed(vault)).broken] == ["ciphertext-missing"] * 2
    await engine.dispose()
    await vault.dispose()


@pytest.mark.parametrize(
    "statement",
    ["SELECT key FROM vault.pictures", "SELECT body FROM vault.pictures", "SELECT small FROM vault.pictures",
     "UPDATE vault.pictures SET key = NULL", "DELETE FROM vault.pictures"],
)  # fmt: skip
async def test_the_services_do_not_look(database: Database, statement: str) -> None:
    connection = await asyncpg.connect(database.url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


async def test_nothing_of_a_picture_is_told(
    site: Site, admin: asyncpg.Connection, filer: Filer, capsys: pytest.CaptureFixture[str]
) -> None:
    """No file name, no name of a picture and no receipt in what the house writes down about requests."""
    receipt = await file(site, [shots.jpeg()])
    await sort(admin, filer, receipt)
    (path,) = await shown(site, f"/r/{receipt}")
    await site.http.get(path)
    said = "".join(capsys.readouterr())
    assert "/r/{receipt" in said
    for secret in (receipt, path.split("/")[-1].partition("?")[0], "IMG_0", "漏水"):
        assert secret not in said


async def test_a_receipt_that_meets_another_keeps_its_pictures(site: Site, admin: asyncpg.Connection) -> None:
    """The second event id takes them along; none lies there without its complaint."""

    made = await site.room.darkrooms.develop(shots.jpeg())
    value = site.room.door._row(ComplaintData("x", channel="web"), "meets", b"", 0, [made]).receipt
    await admin.execute("INSERT INTO doorstep (receipt, source, event_id, same, at)"
                        " VALUES ($1, 'urn:other', 'x', '', now())", value)  # fmt: skip
    done = await site.room.door.accept(ComplaintData("x", channel="web"), "meets", [made])
    assert done.receipt != value
    left = "SELECT count(*) FROM vault.pictures p JOIN doorstep d USING (event_id) WHERE d.receipt = $1"
    assert await admin.fetchval(left, done.receipt) == 1
    assert await kept(admin) == 1
    assert receipts.show(done.receipt)


async def test_a_key_stands_for_its_pictures_too(site: Site, admin: asyncpg.Connection) -> None:
    """At the door itself: the same key with other pictures is not the same complaint."""
    data = ComplaintData("x", channel="patrol")
    one, other = [await site.room.darkrooms.develop(shots.jpeg((n, n))) for n in (40, 50)]
    first = await site.room.door.accept(data, "k", [one])
    assert (await site.room.door.accept(data, "k", [one])).receipt == first.receipt
    for some in ([other], [], [one, other]):
        with pytest.raises(KeyReused):
            await site.room.door.accept(data, "k", some)
    assert await kept(admin) == 1
