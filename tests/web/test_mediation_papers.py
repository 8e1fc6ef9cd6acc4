"""The papers of a case in its windows: ready, lacking, as they were marked; who takes them away, what comes back."""

import io
import re

import httpx
import pypdf
import pytest

from huiyin.papers import forms
from huiyin.papers.volume import OUTSIDE
from huiyin.web.mediations import printing
from tests.papers.reading import of_docx
from tests.web.conftest import Filer, People, Site
from tests.web.mediators import Mediators
from tests.web.shots import send
from tests.web.test_mediations import CANARY, NAMES, agreed, sat

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
    agreement = text.partition('aria-label="人民调解协议书 PDF"')[0].rpartition("<li class")[2]
    assert "未到" in agreement


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
    visit = {"at": at, "parties": ["p1", "p2"], "kept": "yes", "text": "都好了", "satisfied": 5}
    await hands.does("wang", number, "visit", visit)
    said = words(await taken(hands, number, "volume.pdf"))
    for one in (
        "长期(30年)", "人民调解员wang", "更换卫生间防水层", "都好了", "5分(满分5分)", "达成书面协议",
        "约定1项，履行完毕1项", "601室", "(2026)柳岸人调字第1号",
    ):  # fmt: skip
        assert one in said, one
    assert CANARY not in said
