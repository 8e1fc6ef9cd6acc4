"""The file as one volume: in order, numbered through, contents that are true, and what is missing said."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from huiyin.papers import forms, volume
from huiyin.papers.blocks import Mark, Paper
from huiyin.papers.facts import (
    Agreement,
    Closing,
    Confirmation,
    Ending,
    Exhibit,
    File,
    Item,
    Mediator,
)
from huiyin.papers.fonts import Fonts
from huiyin.papers.press import press
from huiyin.papers.volume import called, documents, missing
from tests.papers import cases, reading
from tests.papers.test_forms import shown


def all_signed(file: File) -> File:
    """Every place marked on screen, every identity paper scanned."""
    identity = tuple(cases.scan("identity", party.ident) for party in file.parties)
    file = structs.replace(file, scans=(*file.scans, *identity))
    marks = [Mark(place.key, one.digest, on=date(2026, 3, 7)) for one in documents(file) for place in one.places]
    return structs.replace(file, marks=tuple(marks))


COMPLETE = all_signed(structs.replace(cases.full(), scans=(cases.scan("ruling"),)))


def codes(file: File) -> set[str]:
    return {one.code for one in missing(file)}


def test_a_complete_file_lacks_nothing() -> None:
    assert missing(COMPLETE) == []
    assert missing(all_signed(cases.failed())) == [
        volume.Missing("retention", "cover", "保管期限"),
        volume.Missing("filed-by", "cover", "立卷人"),
        volume.Missing("filed-on", "cover", "立卷日期"),
    ]


def without(**fields: object) -> Callable[[File], File]:
    return lambda file: structs.replace(file, **fields)


def agreed(**fields: object) -> Callable[[File], File]:
    return lambda file: structs.replace(file, agreement=structs.replace(file.agreement, **fields))


def bound(**fields: object) -> Callable[[File], File]:
    return lambda file: structs.replace(file, binding=structs.replace(file.binding, **fields))


CHANGES: dict[str, Callable[[File], File]] = {
    "number": without(number=""),
    "parties": without(parties=cases.full().parties[:1]),
    "mediator": without(mediators=()),
    "beginning": without(applied=None, source="committee", accepted=None),
    "accepted": without(accepted=None),
    "told": without(told=None),
    "record": without(sessions=()),
    "outcome": without(agreement=None),
    "reason": lambda file: structs.replace(file, agreement=None, ending=Ending(on=date(2026, 3, 9))),
    "ending-date": lambda file: structs.replace(file, agreement=None, ending=Ending(reason="不愿继续")),
    "ruling": without(scans=()),
    "facts": agreed(facts=" "),
    "issues": agreed(issues=""),
    "responsibility": agreed(responsibility=""),
    "terms": agreed(terms=("",)),
    "items": agreed(items=()),
    "item": agreed(items=(structs.replace(cases.ITEMS[0], place=""),)),
    "agreed-on": agreed(on=None),
    "unperformed": agreed(items=(structs.replace(cases.ITEMS[0], done=None),)),
    "unsigned": without(marks=()),
    "identity": lambda file: structs.replace(file, scans=file.scans[:1]),
    "retention": bound(retention=""),
    "filed-by": bound(filed_by=""),
    "filed-on": bound(filed_on=None),
}


@pytest.mark.parametrize("code", CHANGES)
def test_what_is_missing_is_said(code: str) -> None:
    lacking = missing(CHANGES[code](COMPLETE))
    assert code in {one.code for one in lacking}
    assert all(one.said and one.form in forms.FORMS for one in lacking)


def test_every_code_of_missing_has_a_row() -> None:
    source = Path(volume.__file__).read_text()
    named = set(re.findall(r'^\s+\(.*?, "([a-z-]+)", (?:form|"[a-z]+")', source, re.MULTILINE))
    named |= set(re.findall(r'Missing\("([a-z-]+)"', source))
    assert named == set(CHANGES)


def test_unsigned_names_who_and_which() -> None:
    marks = tuple(mark for mark in COMPLETE.marks if mark.place != "committee")
    lacking = missing(structs.replace(COMPLETE, marks=marks))
    assert {one.form for one in lacking} == {"acceptance", "rights", "agreement", "confirm_told", "closing"}
    assert all(one.said.endswith("柳岸社区人民调解委员会") for one in lacking)


def test_a_declined_case_needs_no_mediator_and_no_record() -> None:
    end = Ending(declined=True, on=date(2026, 3, 3), reason="已由人民法院受理。")
    file = structs.replace(cases.failed(), ending=end, accepted=None, sessions=(), mediators=(), told=None)
    file = structs.replace(file, applied=date(2026, 3, 1), source="application")
    assert codes(all_signed(file)) == {"retention", "filed-by", "filed-on"}


def test_a_refusal_before_the_first_session_needs_no_record() -> None:
    assert "record" not in codes(all_signed(structs.replace(cases.failed(), sessions=())))


def test_an_oral_agreement_is_complete_without_seal() -> None:
    file = structs.replace(COMPLETE, agreement=structs.replace(COMPLETE.agreement, oral=True), marks=(), scans=())
    file = all_signed(structs.replace(file, scans=(cases.scan("ruling"),)))
    assert missing(file) == []
    assert volume.required(file) == ()
    assert "agreement" not in {one.form for one in documents(file)}


def test_what_an_agreement_takes_effect_by() -> None:
    """人民调解法 29: every party, the mediator, the seal; the recorder signs and is not waited for."""
    assert volume.required(COMPLETE) == ("party:p1", "party:p2", "party:p3", "mediator:m1", "mediator:m2", "committee")


# -- what lies in it ----------------------------------------------------------------------------------------


def test_the_order_is_that_of_the_table_of_forms() -> None:
    order = list(forms.FORMS)
    places = [order.index(one.form) for one in volume.volume(COMPLETE)]
    assert places == sorted(places)
    assert order[places[0]] == "cover"
    assert order[places[-1]] == "back"


def test_a_form_is_in_the_file_when_the_case_has_come_to_it() -> None:
    assert {one.form for one in documents(File())} == set()
    inside = {one.form for one in documents(cases.failed())}
    assert inside == {"acceptance", "rights", "identity", "authority", "record", "ended"}
    full = {one.form for one in documents(COMPLETE)}
    assert full == set(forms.FORMS) - {"cover", "contents", "note", "back", "declined", "ended", "oral"}
    assert not called(structs.replace(COMPLETE, closing=None), "closing")
    asked = Confirmation(told=date(2026, 3, 9))
    assert not called(structs.replace(COMPLETE, confirmation=asked), "confirm_apply")


def test_the_signed_original_stands_for_the_print() -> None:
    file = structs.replace(cases.full(), scans=(cases.scan("record", "s2", 2), cases.scan("evidence", "photos")))
    records = [one for one in documents(file) if one.form == "record"]
    assert [one.of for one in records] == ["s1", "s2", "s3"]
    assert [len(one.places) for one in records] == [6, 0, 6]
    assert records[1].remark == "第 2 次调解 原件"
    evidence = [one for one in documents(file) if one.form == "evidence"]
    assert [len(one.places) for one in evidence] == [2, 0], "the list stays before what it lists"
    whole = structs.replace(cases.full(), scans=(cases.scan("evidence"),))
    assert [len(one.places) for one in documents(whole) if one.form == "evidence"] == [2, 0]
    said = [one.said for one in missing(file) if one.form == "record"]
    assert not any("第 2 次" in one for one in said)


def test_a_mark_of_another_content_is_not_in_the_file() -> None:
    file = structs.replace(COMPLETE, dispute=structs.replace(COMPLETE.dispute, subject="别的纠纷"))
    forms_ = {one.form for one in missing(file)}
    assert {"record", "visit", "confirm_apply", "acceptance", "closing"} <= forms_
    assert "agreement" not in forms_, "the agreement does not name the subject: what was signed still stands"


# -- as a PDF -----------------------------------------------------------------------------------------------


def printed(file: File, fonts: Fonts) -> tuple[tuple[Paper, ...], list[str]]:
    made = volume.volume(file)
    return made, reading.of_pdf(press(made, fonts).data)


def test_pages_are_numbered_through_and_the_contents_are_true(fonts: Fonts) -> None:
    file = structs.replace(cases.full(), scans=(cases.scan("record", "s2", 3), cases.scan("ruling", pages=2)))
    made, pages = printed(file, fonts)
    lost = press(made, fonts).lost
    inside = pages[2:-1]
    assert sum(page.startswith("扫描件") for page in inside) == 5, "each sheet on its page"
    for number, page in enumerate(inside, 1):
        assert f"第{number}页共{len(inside)}页" in page
    for outside in (pages[0], pages[1], pages[-1]):
        assert "页共" not in outside
    assert f"本卷页数{len(inside)}" in pages[0]
    assert f"本卷页数{len(inside)}" in pages[-1]
    contents, began = pages[1], 1
    for number, one in enumerate((one for one in made if one.face == "page"), 1):
        ends = next((at for at in range(began, len(inside)) if _begins(inside[at], made, number)), len(inside))
        folio = f"{began}–{ends}" if ends > began else f"{began}"
        assert reading.squeezed(shown(f"{number}{one.title}{folio}{one.remark}", lost)) in contents
        began = ends + 1
    assert began == len(inside) + 1


def _begins(page: str, made: tuple[Paper, ...], number: int) -> bool:
    """Whether the paper after that one begins here; scans have no words but their caption and follow by count."""
    following = [one for one in made if one.face == "page"][number:]
    if not following:
        return False
    if following[0].places or following[0].form in {"identity"}:
        return page.startswith(reading.squeezed(following[0].title))
    before = [one for one in made if one.face == "page"][number - 1]
    return page.startswith("扫描件") and bool(before.places)


def test_a_paper_alone_has_its_own_numbers(fonts: Fonts) -> None:
    made = forms.papers(cases.full(), "record")
    pages = reading.of_pdf(press(made, fonts).data)
    first = [page for page in pages if "第1页共" in page]
    assert len(first) == len(made), "each of several begins anew"


def test_the_note_says_what_is_missing(fonts: Fonts) -> None:
    _, pages = printed(cases.full(), fonts)
    words = reading.body(pages)
    assert "缺：人民法院裁定书" in words
    assert "缺：身份证明：阿" not in words
    _, pages = printed(COMPLETE, fonts)
    assert "本卷材料齐全" in reading.body(pages)
    assert "缺：" not in reading.body(pages)


def test_a_volume_of_nothing_is_still_a_volume(fonts: Fonts) -> None:
    _, pages = printed(File(), fonts)
    assert "人民调解卷宗" in pages[0]
    assert "缺：案号" in reading.body(pages)


def test_performance_that_is_not_done_has_no_receipt() -> None:
    items = (structs.replace(cases.ITEMS[0], done=None), cases.ITEMS[1], Item())
    file = structs.replace(cases.full(), agreement=structs.replace(cases.full().agreement, items=items))
    assert [one.of for one in documents(file) if one.form == "performance"] == ["2"]


def test_nothing_is_needed_to_ask_what_is_missing() -> None:
    found = codes(File())
    assert {"number", "parties", "mediator", "beginning", "outcome", "retention"} <= found
    some = File(
        evidence=(Exhibit(),),
        agreement=Agreement(),
        closing=Closing(),
        mediators=(Mediator(),),
        parties=(cases.LI,) * 2,
    )
    assert {"facts", "issues", "terms", "items"} <= codes(some)


def test_a_paper_that_was_marked_stands_for_what_would_be_made_today() -> None:
    """Another name of a party changes every paper but the one under the marks."""
    (before,) = forms.papers(COMPLETE, "agreement")
    party = structs.replace(COMPLETE.parties[0], name="另一个名字")
    renamed = structs.replace(COMPLETE, parties=(party, *COMPLETE.parties[1:]))
    assert {one.form for one in missing(renamed)} >= {"agreement"}, "its marks are of another content"
    fixed = structs.replace(renamed, fixed=(before,))
    assert forms.papers(fixed, "agreement") == (before,)
    assert "agreement" not in {one.form for one in missing(fixed)}
    (lying,) = [one for one in documents(fixed) if one.form == "agreement"]
    assert lying.digest == before.digest
    assert all(place.mark for place in lying.places)


def test_what_was_not_performed_in_time_needs_no_receipt() -> None:
    """违约: there is none; the note of the file says so."""
    broken = structs.replace(cases.ITEMS[0], done=None, broken=True)
    file = structs.replace(COMPLETE, agreement=structs.replace(COMPLETE.agreement, items=(broken,)))
    assert "unperformed" not in codes(file)


def test_nobody_signs_as_a_recorder_where_nobody_recorded() -> None:
    marks = tuple(mark for mark in COMPLETE.marks if mark.place != "recorder")
    assert "unsigned" in codes(structs.replace(COMPLETE, marks=marks))
    sat = tuple(structs.replace(one, recorder="") for one in COMPLETE.sessions)
    asked = tuple(structs.replace(one, recorder="") for one in COMPLETE.investigations)
    alone = structs.replace(COMPLETE, recorder="", sessions=sat, investigations=asked, marks=())
    alone = all_signed(structs.replace(alone, scans=(cases.scan("ruling"),)))
    marks = tuple(mark for mark in alone.marks if mark.place != "recorder")
    assert codes(structs.replace(alone, marks=marks)) == set()


def test_a_list_need_not_be_signed_where_what_it_lists_lies_behind_it() -> None:
    of_list = {one.digest for one in documents(COMPLETE) if one.form == "evidence"}
    marks = tuple(mark for mark in COMPLETE.marks if mark.digest not in of_list)
    unsigned = structs.replace(COMPLETE, marks=marks)
    assert "unsigned" in codes(unsigned)
    assert codes(structs.replace(unsigned, scans=(*unsigned.scans, cases.scan("evidence", "1")))) == set()
