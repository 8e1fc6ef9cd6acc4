"""The papers of a case in its windows: ready, lacking, as they were marked; who takes them away, what comes back."""

import io
import re
from datetime import timedelta
from typing import get_args

import asyncpg
import httpx
import msgspec
import pypdf
import pytest
from msgspec.structs import replace

from huiyin.core.export import Exported
from huiyin.core.mediation.kinds import Sheet
from huiyin.core.proof import read
from huiyin.papers import forms
from huiyin.papers.volume import OUTSIDE
from huiyin.store import bookings, mediations
from huiyin.store.bookings import Booking, Room
from huiyin.web.mediations import printing
from huiyin.web.mediations.copy import own_agreement
from huiyin.web.mediations.finding import held_by
from huiyin.web.mediations.papers import marked
from huiyin.web.mediations.sheets import wide
from huiyin.web.problems import Problem
from huiyin.web.staff.mediations import shelf
from tests.papers.reading import of_docx
from tests.web.conftest import Filer, People, Site
from tests.web.hands import COMMUNITY
from tests.web.mediators import Mediators
from tests.web.shots import jpeg, send
from tests.web.test_mediations import CANARY, NAMES, agreed, sat, terms

pytestmark = pytest.mark.usefixtures("city")
HTML = {"Accept": "text/html"}


@pytest.fixture
async def hands(site: Site, filer: Filer, people: People) -> Mediators:
    return await Mediators(site, filer).sit(people)


async def page(hands: Mediators, number: str, who: str = "wang", status: int = 200) -> str:
    answer = await hands.site.http.get(f"/mediations/{number}/papers", headers=hands.heads[who] | HTML)
    assert answer.status_code == status, answer.text
    return answer.text


async def taken(hands: Mediators, number: str, paper: str, who: str = "wang") -> httpx.Response:
    return await hands.site.http.get(f"/mediations/{number}/papers/{paper}", headers=hands.heads[who])


def words(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith(printing.PDF):
        pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
        return re.sub(r"\s+", "", "".join(one.extract_text() for one in pages))
    return of_docx(answer.content)


async def put(hands: Mediators, number: str, sheet: str, *shots: bytes, **more: str) -> httpx.Response:
    said = {"key": f"k-{sheet.replace('/', '-')}-{len(shots)}", "sheet": sheet, **more}
    path, head = f"/mediations/{number}/papers", hands.heads["wang"] | HTML
    return await send(hands.site.http, path, said, shots, headers=head)


# -- what is ready, and what lacks --------------------------------------------------------------------------


async def test_the_page_says_of_each_form_how_far_it_is(hands: Mediators) -> None:
    number = await sat(hands)
    text = await page(hands, number)
    for form in forms.FORMS.values():
        assert form.title in text, form.title
    assert "自愿、平等、免费" in text
    assert "人民调解记录（第 1 次调解）的签名盖章：申请人娄秀兰" in text.replace("(", "（").replace(")", "）")
    assert "打印出来签名盖章" in text
    assert CANARY not in text
    later = "".join(re.findall('<details class="later">.*?</details>', text, re.DOTALL))
    assert 'aria-label="人民调解协议书 PDF"' in later
    assert 'aria-label="人民调解记录 PDF"' not in later


async def test_it_is_for_the_mediators_of_the_case_alone(hands: Mediators) -> None:
    number = await hands.seated()
    for who in ("li", "far", "community", "community2", "street"):
        for path in ("papers", "papers/rights.pdf", "papers/volume.pdf"):
            answer = await hands.site.http.get(f"/mediations/{number}/{path}", headers=hands.heads[who] | HTML)
            assert answer.status_code in (403, 404), (who, path)
            assert "娄秀兰" not in answer.text
    for paper in ("nothing.pdf", "agreement.exe", "volume.docx", "blank-volume.pdf", "ruling.pdf", "blank-ruling.pdf"):
        assert (await taken(hands, number, paper)).json()["code"] == "no-such-paper", paper


async def test_every_form_can_be_taken_as_pdf_and_docx_and_blank(hands: Mediators) -> None:
    number = await agreed(hands)
    for form, known in forms.FORMS.items():
        if form in ("ruling", "ended", "declined", "oral"):
            continue
        for kind in ("pdf", "docx"):
            said = words(await taken(hands, number, f"{form}.{kind}"))
            assert form in ("back", "cover") or known.title[:4] in said, (form, kind)
        if form not in OUTSIDE:
            empty = words(await taken(hands, number, f"blank-{form}.docx"))
            assert not [name for name in NAMES if name in empty], form
            assert "____" in empty or form in ("rights", "evidence"), form


async def test_several_of_one_form_are_one_document(hands: Mediators) -> None:
    number = await agreed(hands)
    said = words(await taken(hands, number, "identity.docx"))
    assert said.count("身份证明材料仅用于") == 2
    assert "娄秀兰" in said
    assert "许立本" in said


async def test_what_the_file_says_of_a_case(hands: Mediators) -> None:
    """Names, days, places and what became of it; of what was confided, of dangers and reports not a word."""
    number = await agreed(hands)
    at = hands.site.clock.now.isoformat()
    await hands.does("p1", number, "perform", {"item": "i1", "done": "whole", "at": at})
    room = Room("R1", COMMUNITY, "residents", "老娘舅调解室", 12)
    await hands.site.room.write(lambda c: bookings.furnish(c, room))
    now = hands.site.clock.now
    await hands.site.room.write(lambda c: bookings.book(c, Booking("R1", now, now + timedelta(hours=2), number, 1)))
    visit = {"at": at, "parties": ["p1", "p2"], "kept": "yes", "text": "都好了", "satisfied": 5}
    await hands.does("wang", number, "visit", visit)
    said = words(await taken(hands, number, "volume.pdf"))
    for one in (
        "长期(30年)", "人民调解员wang", "更换卫生间防水层", "都好了", "5分(满分5分)", "达成书面协议",
        "约定1项，履行完毕1项", "601室", "地点老娘舅调解室", "(2026)柳岸人调字第1号",
    ):  # fmt: skip
        assert one in said, one
    assert CANARY not in said


# -- the agreement as it was marked -------------------------------------------------------------------------


async def drafted(hands: Mediators) -> str:
    number = await sat(hands)
    await hands.does("wang", number, "draft", {"terms": terms()})
    return number


async def known_again(hands: Mediators, number: str, name: str) -> None:
    path = f"/api/v1/mediations/{number}/parties/p2"
    said = {"name": name, "phone": "13900000009", "building_code": "E1-B01", "room": "602"}
    answer = await hands.site.http.post(path, headers=hands.heads["wang"], json=said)
    assert answer.status_code == 200, answer.text


async def test_what_was_marked_is_what_is_printed_whatever_becomes_known(hands: Mediators) -> None:
    """Another name and home of a party are on every paper made from now on, and not on the one under the marks."""
    number = await agreed(hands)
    digest = (await hands.looks("wang", number)).json()["sight"]["agreement"]["digest"]
    await known_again(hands, number, "许立木")
    after = await taken(hands, number, "agreement.pdf")
    assert after.headers["x-huiyin-digest"] == digest
    assert "许立本" in words(after)
    assert "许立木" not in words(after)
    assert words(after).count("（已签名）") + words(after).count("（已按指印）") + words(after).count("（已盖章）") == 4
    assert "许立木" in words(await taken(hands, number, "identity.pdf"))
    assert "不一致" not in (await page(hands, number)).partition("<main")[2]


async def test_where_the_words_are_erased_it_is_not_passed_off_as_signed(
    hands: Mediators, admin: asyncpg.Connection
) -> None:
    number = await agreed(hands)
    case = await hands.site.room.ask(lambda c: mediations.CHAINS.load(c, [number]))
    one = case[number][0]
    assert one.agreement is not None
    document = one.agreement.document
    assert document is not None
    assert await marked(hands.site.room, one) is not None
    another = replace(one, agreement=replace(one.agreement, digest="0" * 64))
    assert await marked(hands.site.room, another) is None, "what is not of the digest that was signed was not signed"
    await known_again(hands, number, "许立木")
    await admin.execute("UPDATE vault.dossiers SET key = NULL WHERE ref = $1", document.dossier)
    printed_now = await taken(hands, number, "agreement.docx")
    assert "（已" not in words(printed_now), "no mark on what nobody marked"
    assert "协议书与签署的不一致" in await page(hands, number)
    with pytest.raises(Problem, match="no-such-paper"):
        await own_agreement(await held_by(hands.site.room, number, "p1"))


async def test_the_document_is_in_no_sight(hands: Mediators) -> None:
    """The mediator reads terms and prints papers; the sealed document is in no answer."""
    number = await drafted(hands)
    assert (await hands.looks("wang", number)).json()["sight"]["agreement"]["document"] is None
    for who in ("community", "p1", "p2"):
        assert "document" not in (await hands.looks(who, number)).text, who


# -- a party's own copy -------------------------------------------------------------------------------------


async def copy_of(hands: Mediators, number: str, party: str) -> str:
    data = await own_agreement(await held_by(hands.site.room, number, party))
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return re.sub(r"\s+", "", "".join(one.extract_text() for one in pages))


async def test_a_partys_copy_has_all_the_terms_and_nothing_private_of_the_other(hands: Mediators) -> None:
    number = await agreed(hands)
    digest = (await hands.looks("wang", number)).json()["sight"]["agreement"]["digest"]
    one, two = await copy_of(hands, number, "p1"), await copy_of(hands, number, "p2")
    for said in (one, two):
        for term in ("更换卫生间防水层", "楼上漏水", "娄秀兰", "许立本", digest[:16], "一式三份", "6楼卫生间"):
            assert term in said, term
        assert CANARY not in said
    assert ("13800000001" in one, "13800000002" in one, "601室" in one) == (True, False, False)
    assert ("13800000001" in two, "13800000002" in two, "601室" in two) == (False, True, True)
    assert one.count("（已") == 4


async def test_before_effect_nobody_learns_who_has_signed(hands: Mediators) -> None:
    number = await drafted(hands)
    digest = (await hands.looks("wang", number)).json()["sight"]["agreement"]["digest"]
    mark = {"digest": digest, "at": hands.site.clock.now.isoformat(), "form": "fingerprint"}
    await hands.does("p1", number, "mark", mark)
    assert (await copy_of(hands, number, "p1")).count("（已按指印）") == 1
    assert (await copy_of(hands, number, "p2")).count("（已") == 0


# -- what is taken away is written down ---------------------------------------------------------------------


async def noted(admin: asyncpg.Connection) -> list[Exported]:
    rows = await admin.fetch("SELECT body FROM log WHERE noun = 'export' ORDER BY seq")
    return [msgspec.json.decode(read(row["body"]).data, type=Exported) for row in rows]


async def test_each_download_with_names_is_written_down(hands: Mediators, admin: asyncpg.Connection) -> None:
    number = await agreed(hands)
    for paper in ("volume.pdf", "agreement.docx", "blank-visit.pdf", "back.pdf"):
        assert (await taken(hands, number, paper)).status_code == 200
    await hands.looks("wang", number, "/papers/identity.pdf")
    await taken(hands, number, "volume.pdf", "li")
    assert [one.by for one in await noted(admin)] == [
        (f"mediation={number}", f"paper={paper}") for paper in ("volume.pdf", "agreement.docx", "identity.pdf")
    ]


# -- signed originals ---------------------------------------------------------------------------------------


async def test_a_signed_original_stands_for_the_print(hands: Mediators) -> None:
    number = await hands.seated()
    before = await page(hands, number)
    assert "身份证明：娄秀兰" in before
    assert (await put(hands, number, "identity/p1", jpeg())).status_code == 303
    after = await page(hands, number)
    assert "身份证明：娄秀兰" not in after
    assert "身份证明：许立本" in after
    (ref,) = re.findall(rf"/mediations/{number}/pictures/([0-9a-f-]+)", after)
    head = hands.heads
    path = f"/mediations/{number}/pictures/{ref}"
    assert (await hands.site.http.get(path, headers=head["wang"])).status_code == 200
    for who in ("community", "li", "far"):
        assert (await hands.site.http.get(path, headers=head[who])).status_code in (403, 404), who
    whole = pypdf.PdfReader(io.BytesIO((await taken(hands, number, "volume.pdf")).content))
    assert sum(len(one.images) for one in whole.pages) == 1


async def test_more_pages_follow_or_take_the_place(hands: Mediators) -> None:
    number = await hands.seated()
    await put(hands, number, "rights/", jpeg(), jpeg((320, 240)), key="a1")
    await put(hands, number, "rights/", jpeg((300, 200)), key="a2", more="yes")
    assert len(re.findall("/pictures/", await page(hands, number))) == 3
    await put(hands, number, "rights/", jpeg((300, 210)), key="a3")
    assert len(re.findall("/pictures/", await page(hands, number))) == 1
    await put(hands, number, "rights/", jpeg((300, 210)), key="a3")
    assert len(re.findall("/pictures/", await page(hands, number))) == 1, "the same page sent twice"


async def test_what_is_no_sheet_or_no_picture_is_said(hands: Mediators) -> None:
    number = await hands.seated()
    for sheet, shots, said in (
        ("", [jpeg()], "请选是哪一份文书"),
        ("identity/p9", [jpeg()], "请选是哪一份文书"),
        ("cover/", [jpeg()], "请选是哪一份文书"),
        ("identity/p1", [], "请选照片"),
        ("identity/p1", [b"no picture"], "不是能用的照片"),
    ):
        answer = await put(hands, number, sheet, *shots)
        assert answer.status_code == 422, sheet
        assert said in answer.text
        assert sheet != "identity/p1" or 'value="identity/p1" selected' in answer.text
    for who in ("li", "far"):
        head = hands.heads[who] | HTML
        answer = await send(hands.site.http, f"/mediations/{number}/papers", {"sheet": "rights/"}, [], headers=head)
        assert answer.status_code == 404, who


def test_every_sheet_is_a_form_and_every_form_has_its_part() -> None:
    assert set(get_args(Sheet)) == set(forms.FORMS) - {"cover", "contents", "back"}
    assert [form for part in shelf._PARTS.values() for form in part] == list(forms.FORMS)


# -- what came as pictures ----------------------------------------------------------------------------------


async def marking(hands: Mediators, who: str, number: str, shot: bytes, **more: str) -> None:
    digest = (await hands.looks("wang", number)).json()["sight"]["agreement"]["digest"]
    body = {"digest": digest, "at": hands.site.clock.now.isoformat(), "form": "signature", **more}
    path, head = f"/api/v1/mediations/{number}", hands.heads.get(who, {})
    if who not in hands.heads:
        path = f"/api/v1/mediations/mine/{hands.codes[number][who]}"
    said = {"order": msgspec.json.encode(body).decode()}
    answer = await send(hands.site.http, f"{path}/mark", said, [shot], headers=head)
    assert answer.status_code == 200, answer.text


async def test_a_name_written_on_glass_is_in_its_place_and_a_page_behind_it(hands: Mediators) -> None:
    number = await drafted(hands)
    await marking(hands, "p1", number, jpeg((900, 300)))
    await marking(hands, "wang", number, jpeg((900, 1200)), hand="party", party="p2")
    alone = pypdf.PdfReader(io.BytesIO((await taken(hands, number, "agreement.pdf")).content))
    assert [len(one.images) for one in alone.pages].count(1) == 1, "the page is no signature"
    whole = await taken(hands, number, "volume.pdf")
    assert "人民调解协议书签字页" in words(whole)
    sheets = pypdf.PdfReader(io.BytesIO(whole.content)).pages
    assert sum(len(one.images) for one in sheets) == 2
    await marking(hands, "wang", number, jpeg((900, 310)), hand="mediator")
    await marking(hands, "community", number, jpeg((900, 320)), hand="committee", form="seal")
    assert (await hands.looks("wang", number)).json()["state"] == "effective"
    for party, pictures in (("p1", 1), ("p2", 0)):
        own = await own_agreement(await held_by(hands.site.room, number, party))
        sheets = pypdf.PdfReader(io.BytesIO(own)).pages
        assert sum(len(one.images) for one in sheets) == pictures, "another's hand is another's"


@pytest.mark.parametrize(("size", "said"), [((900, 300), True), ((300, 900), False), ((640, 480), False)])
def test_what_is_wide_is_handwriting(size: tuple[int, int], said: bool) -> None:
    assert wide(jpeg(size)) is said
    assert wide(jpeg(size, progressive=True)) is said
    assert not wide(jpeg(size)[:40])
    assert not wide(b"")


# -- what the file says of itself ---------------------------------------------------------------------------


async def test_what_is_special_is_in_the_note_and_a_danger_nowhere(hands: Mediators) -> None:
    number = await hands.seated()
    for party in ("p1", "p2"):
        await hands.does(party, number, "answer", {"matter": "extension", "yes": True, "of": "15"})
    await hands.does("community", number, "assign", {"person": await hands.person("li")})
    await hands.does("community", number, "release", {"person": await hands.person("li"), "reason": "unable"})
    await hands.does("wang", number, "flag-risk", {"risk": "crime", "text": "风险金丝雀"})
    at = hands.site.clock.now.isoformat()
    await hands.does("wang", number, "report", {"body": "police", "at": at, "text": "报告金丝雀"})
    await hands.does("p2", number, "stop", {"how": "screen"})
    said = words(await taken(hands, number, "volume.pdf"))
    assert "经各方当事人同意，调解期限延长15日。" in said
    assert "人民调解员li退出调解：不能继续。" in said
    assert "要求终止调解。" in said
    assert "没有达成协议：要求终止调解。" in said
    assert "金丝雀" not in said
    assert "公安机关" not in said.replace("公安机关移送或者委托", "")
    assert "人民调解协议书" not in said


async def test_what_nobody_signed_in_time_is_no_paper_of_the_file(hands: Mediators) -> None:
    number = await drafted(hands)
    await hands.does("p2", number, "stop", {"how": "screen"})
    said = words(await taken(hands, number, "volume.pdf"))
    assert "终止人民调解告知书" in said
    assert "人民调解协议书" not in said


async def test_who_closes_the_file_is_on_its_cover(hands: Mediators) -> None:
    number = await hands.seated()
    await hands.does("p2", number, "stop", {"how": "screen"})
    for party in ("p1", "p2"):
        await hands.tries("community", number, "deliver-routes", {"party": party, "how": "paper"})
    assert "归档时自动填写" in await page(hands, number)
    papers = ["register", "notice", "identity", "routes"]
    assert (await hands.does("community", number, "archive", {"papers": papers}))["state"] == "archived"
    cover = words(await taken(hands, number, "cover.pdf"))
    assert "立卷人柳岸社区人民调解委员会" in cover
    assert "立卷日期2026年11月" in cover
    text = await page(hands, number)
    assert "归档时自动填写" not in text
    assert "卷内不再增减" in text
    assert (await put(hands, number, "rights/", jpeg())).status_code == 409
