"""Every form of DOMAIN 3.3: what is known stands on it in DOCX and in PDF, what is not is left to a pen."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from msgspec import inspect, structs

from huiyin.papers import forms
from huiyin.papers.blocks import Grid, Mark, Paper, Picture, Places, signed
from huiyin.papers.editable import docx
from huiyin.papers.facts import Agreement, Ending, Exhibit, File, Investigation, Session, Visit
from huiyin.papers.fonts import GETA, Fonts
from huiyin.papers.press import press
from tests.papers import cases, reading

ORAL = structs.replace(cases.full(), agreement=structs.replace(cases.full().agreement, oral=True))
PARTIAL = structs.replace(
    cases.full(), agreement=structs.replace(cases.full().agreement, partial=True, left_open="精神损害赔偿未达成一致。")
)
DECLINED = structs.replace(
    cases.failed(), ending=Ending(declined=True, reason="已由人民法院受理。"), accepted=None, sessions=()
)
FILES = {
    "full": cases.full(), "failed": cases.failed(), "oral": ORAL, "partial": PARTIAL, "declined": DECLINED,
    "nothing": File(),
}  # fmt: skip


def printed() -> Iterator[Any]:
    for name, file in FILES.items():
        for code in forms.FORMS:
            for at, made in enumerate(forms.papers(file, code)):
                yield pytest.param(made, id=f"{name}-{code}-{at}")


def shown(text: str, lost: tuple[str, ...]) -> str:
    """With geta for what the fonts of this machine lack."""
    for letter in lost:
        text = text.replace(letter, f"{GETA}[U+{ord(letter):04X}]")
    return text


@pytest.mark.parametrize("made", list(printed()))
def test_docx_and_pdf_say_what_the_paper_says(made: Paper, fonts: Fonts) -> None:
    wanted = reading.said(made)
    assert wanted
    assert reading.of_docx(docx(made)) == wanted
    pressed = press([made], fonts)
    assert reading.body(reading.of_pdf(pressed.data)) == shown(wanted, pressed.lost)


@pytest.mark.parametrize("made", list(printed()))
def test_nothing_says_none(made: Paper) -> None:
    assert not re.search(r"None|null|True|False|nan|Struct\(|\(\)", reading.said(made))


# -- every fact that a form has room for is on it -----------------------------------------------------------

# What each form must show of the case (DOMAIN 3.3, column "fields"), as paths into the file.
FIELDS = {
    "application": "number parties.name parties.sex parties.ethnicity parties.age parties.occupation parties.contact "
    "parties.address parties.id_number parties.agents.name dispute.summary dispute.requests committee.name applied",
    "acceptance": "number accepted committee.name parties.name parties.head dispute.kind dispute.summary dispute.place "
    "registrar",
    "rights": "number parties.name committee.name told",
    "identity": "number parties.name parties.id_number",
    "authority": "number parties.agents.name parties.agents.id_number parties.agents.powers parties.agents.relation "
    "parties.agents.since parties.agents.until parties.agents.address",
    "investigation": "number investigations.place investigations.present investigations.questioned "
    "investigations.investigator investigations.recorder investigations.statements.words investigations.relation",
    "evidence": "number evidence.title evidence.kind evidence.by evidence.proves evidence.sheets",
    "record": "number sessions.place sessions.parties sessions.others sessions.statements.words sessions.undisputed "
    "sessions.checked sessions.offers sessions.result dispute.subject mediators.name sessions.recorder",
    "agreement": "number parties.name parties.agents.name agreement.facts agreement.issues agreement.responsibility "
    "agreement.terms agreement.items.by agreement.items.to agreement.items.what agreement.items.manner "
    "agreement.items.place agreement.items.due mediators.name recorder committee.name agreement.on",
    "performance": "number agreement.items.by agreement.items.to agreement.items.what agreement.items.proof "
    "agreement.items.done",
    "visit": "number visits.parties visits.performed visits.satisfied visits.lawsuit visits.risks visits.visitor "
    "visits.on dispute.subject",
    "confirm_told": "number parties.name agreement.effective confirmation.last_day confirmation.told committee.name",
    "confirm_apply": "number parties.name confirmation.court confirmation.applied agreement.facts agreement.effective",
    "closing": "accepted closing.on closing.handler closing.result parties.name dispute.summary dispute.kind "
    "binding.number",
    "cover": "number binding.title binding.number mediators.name accepted agreement.on binding.filed_by "
    "binding.filed_on binding.retention",
    "note": "number binding.filed_by",
    "back": "binding.filed_by binding.filed_on",
}
ORAL_FIELDS = FIELDS["agreement"].replace("committee.name", "").replace("parties.agents.name", "")


def facts(thing: Any, path: list[str]) -> Iterator[str]:
    if isinstance(thing, tuple):
        for part in thing:
            yield from facts(part, path)
    elif path:
        yield from facts(getattr(thing, path[0]), path[1:])
    elif isinstance(thing, date):
        yield f"{thing.year}年{thing.month}月{thing.day}日"
    elif thing not in (None, ""):
        yield str(thing)


def lacking(file: File, code: str, fields: str) -> list[str]:
    words = "".join(reading.said(made) for made in forms.papers(file, code))
    wanted = [(path, fact) for path in fields.split() for fact in facts(file, path.split("."))]
    assert len({path for path, _ in wanted}) == len(fields.split()), "the case has a fact for each"
    return [path for path, fact in wanted if reading.squeezed(fact) not in words]


@pytest.mark.parametrize("code", list(FIELDS))
def test_a_form_shows_its_fields(code: str) -> None:
    assert lacking(cases.full(), code, FIELDS[code]) == []


def test_an_oral_agreement_is_registered_with_the_same_content() -> None:
    assert lacking(ORAL, "oral", ORAL_FIELDS) == []
    assert forms.FORMS["agreement"].make(ORAL) == ()
    assert forms.FORMS["oral"].make(cases.full()) == ()


def test_a_partial_agreement_says_what_is_open_and_that_other_ways_are() -> None:
    (made,) = forms.papers(PARTIAL, "agreement")
    assert "部分协议" in made.title
    assert "精神损害赔偿未达成一致" in reading.said(made)
    assert "仲裁、行政、司法" in reading.said(made)


def test_an_end_tells_the_reason_and_the_other_ways() -> None:
    (made,) = forms.papers(cases.failed(), "ended")
    assert "一方当事人要求终止调解" in reading.said(made)
    assert "1.向柳岸区人民法院提起诉讼" in reading.said(made)
    (bare,) = forms.papers(File(), "ended")
    for way in ("仲裁", "行政机关", "提起诉讼"):
        assert way in reading.said(bare), "never without the other ways, whoever forgot to hand them in"
    (declined,) = forms.papers(DECLINED, "declined")
    assert "已由人民法院受理" in reading.said(declined)
    assert forms.FORMS["ended"].make(DECLINED) == ()
    assert forms.FORMS["declined"].make(cases.failed()) == ()


def test_copies_are_parties_and_one() -> None:
    (made,) = forms.papers(cases.full(), "agreement")
    assert "一式四份" in reading.said(made)
    (two,) = forms.papers(structs.replace(cases.failed(), ending=None), "agreement")
    assert "一式三份" in reading.said(two)


def test_several_of_one_kind_are_several_papers() -> None:
    made = forms.papers(cases.full(), "record")
    assert [one.of for one in made] == ["s1", "s2", "s3"]
    assert [one.remark for one in made] == ["第 1 次调解", "第 2 次调解", "第 3 次调解"]
    assert [one.of for one in forms.papers(cases.full(), "identity")] == ["p1", "p2", "p3"]


def test_every_form_can_be_printed_empty_for_the_pen() -> None:
    for code, form in forms.FORMS.items():
        made = forms.papers(File(), code)
        if form.make is not forms.FORMS["ruling"].make:
            assert made, code
            grids = any(isinstance(block, Grid) for one in made for block in one.blocks)
            assert grids or "____" in "".join(reading.said(one) for one in made), code


def test_a_case_without_a_number_leaves_room_for_one() -> None:
    assert forms.papers(File(), "agreement")[0].number == "(____)____人调字第____号"
    assert forms.papers(cases.full(), "agreement")[0].number == "(2026)柳岸人调字第12号"


def test_times_are_those_of_the_wall_in_beijing() -> None:
    (first, *_) = forms.papers(cases.full(), "record")
    assert "2026年3月5日9时30分至2026年3月5日11时05分" in reading.said(first)
    assert first.on == date(2026, 3, 5)


# -- who signs ----------------------------------------------------------------------------------------------


def test_the_agreement_has_a_place_for_every_mark_of_the_law() -> None:
    """人民调解法 29: all parties, the mediator, the seal of the committee."""
    (made,) = forms.papers(cases.full(), "agreement")
    keys = [place.key for place in made.places]
    assert keys == ["party:p1", "party:p2", "party:p3", "mediator:m1", "mediator:m2", "recorder", "committee"]


def test_a_mark_is_for_one_content_at_one_place(fonts: Fonts) -> None:
    (made,) = forms.papers(cases.full(), "agreement")
    mark = Mark("party:p1", made.digest, on=date(2026, 3, 8))
    seal = Mark("committee", made.digest, "seal", date(2026, 3, 9), cases.drawn("seal"))
    done = signed(made, (mark, seal, Mark("party:p2", "0" * 64)))
    marked = {place.key: place.mark for place in done.places if place.mark}
    assert marked == {"party:p1": mark, "committee": seal}
    assert done.digest == made.digest, "marks are not content"
    text = reading.said(done)
    assert "（已签名）" in text
    assert "2026年3月8日" in text
    assert reading.of_docx(docx(done)) == text
    pressed = press([done], fonts)
    assert reading.body(reading.of_pdf(pressed.data)) == shown(text, pressed.lost)


def test_a_changed_word_voids_every_mark() -> None:
    (made,) = forms.papers(cases.full(), "agreement")
    marks = tuple(Mark(place.key, made.digest) for place in made.places)
    assert all(place.mark for place in signed(made, marks).places)
    file = cases.full()
    other = structs.replace(file, agreement=structs.replace(file.agreement, issues="渗漏的修复责任。"))
    (changed,) = forms.papers(other, "agreement")
    assert not any(place.mark for place in signed(changed, marks).places)


def test_a_company_signs_by_its_head_and_seal() -> None:
    places = {place.key: place.how for place in forms.papers(cases.full(), "agreement")[0].places}
    assert places["party:p1"] == "（签名、盖章或按指印）"
    assert places["party:p3"] == "（代表人签名并盖公章）"
    assert (places["mediator:m1"], places["committee"]) == ("（签名）", "（盖章）")


def test_who_signs_the_agreement_dates_it() -> None:
    """It takes effect at the latest of the marks, so each has its day."""
    (made,) = forms.papers(File(parties=cases.full().parties), "agreement")
    assert [block.dated for block in made.blocks if isinstance(block, Places)] == [True]


def test_a_party_without_an_id_is_called_by_its_place_in_the_file_on_every_form() -> None:
    parties = tuple(structs.replace(party, ident="") for party in (cases.LI, cases.ZHANG))
    file = File(parties=parties)
    (asked,), (agreed,) = forms.papers(file, "application"), forms.papers(file, "agreement")
    assert [place.key for place in asked.places] == ["party:2"]
    assert [place.key for place in agreed.places][:2] == ["party:1", "party:2"]


def test_a_group_names_its_representatives() -> None:
    group = structs.replace(cases.ZHANG, representatives=("甲某", "乙某"))
    (made,) = forms.papers(File(parties=(group,)), "application")
    assert "推选代表：甲某、乙某。" in reading.said(made)


def test_a_sitting_is_closed_unless_it_is_open() -> None:
    for is_open, said in ((False, "公开不公开事由"), (True, "公开公开事由")):
        sitting = structs.replace(cases.session(1), open=is_open)
        (made,) = forms.papers(File(sessions=(sitting,)), "record")
        assert said in reading.said(made)


def test_who_asks_the_court_undertakes_what_it_wants() -> None:
    (made,) = forms.papers(cases.full(), "confirm_apply")
    for wanted in ("没有恶意串通、规避法律的行为", "愿意承担相应的民事责任", "柳岸区人民法院", "财产权利证明"):
        assert wanted in reading.said(made)


# -- the digest ---------------------------------------------------------------------------------------------


def test_the_digest_is_of_the_content() -> None:
    (made,) = forms.papers(cases.full(), "agreement")
    assert made.digest == forms.papers(cases.full(), "agreement")[0].digest
    assert re.fullmatch(r"[0-9a-f]{64}", made.digest)
    digests = {one.digest for code in forms.FORMS for one in forms.papers(cases.full(), code)}
    assert len(digests) == sum(len(forms.papers(cases.full(), code)) for code in forms.FORMS)


def test_the_digest_does_not_drift() -> None:
    """What was signed under an older release must still be found to be signed: a new digest is a new domain."""
    tiny = Paper(form="note", title="题", blocks=(Picture(b"\x89PNG"),), number="号", on=date(2026, 1, 2))
    assert tiny.digest == "d77c74ec2e336009452fad9a315ffe36bf0ba804bbeec644b21d583fb94f476a"
    assert tiny.digest != structs.replace(tiny, blocks=(Picture(b"\x89PNg"),)).digest


# -- no fee, no caucus --------------------------------------------------------------------------------------


def shapes(kind: Any) -> Iterator[inspect.StructType]:
    waiting, seen = [inspect.type_info(kind)], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, inspect.StructType) and one.cls not in seen:
            seen.add(one.cls)
            yield one
            waiting += [field.type for field in one.fields]
        waiting += list(getattr(one, "types", ())) + [t for t in [getattr(one, "item_type", None)] if t]
        waiting += list(getattr(one, "item_types", ()))


def test_no_field_for_a_fee_and_none_for_a_caucus() -> None:
    """人民调解法 4: free of charge; and what was said alone has no way onto paper."""
    names = {field.name for shape in shapes(File) for field in shape.fields}
    assert {"statements", "evidence", "marks"} <= names, "the walk reaches the depth"
    assert not {name for name in names if re.search(r"fee|price|cost|charge|paid|payment|caucus|private|alone", name)}
    assert {shape.cls for shape in shapes(File)} >= {Agreement, Session, Visit, Exhibit, Investigation}


def test_everything_handed_in_is_frozen_and_travels() -> None:
    """So that it can be sent to a child process, and nobody changes it under a print."""
    assert all(shape.cls.__struct_config__.frozen for shape in shapes(File))
    file = structs.replace(cases.full(), scans=(cases.scan("ruling"),))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(file), type=File) == file
