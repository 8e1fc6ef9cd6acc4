"""The papers of a case as a list (文书清单): form by form in the file's order, how far each is, what to do next."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from huiyin.core.mediation import Mediation
from huiyin.papers import forms
from huiyin.papers.facts import File
from huiyin.papers.forms import FORMS
from huiyin.papers.volume import OUTSIDE, Missing, called

State = Literal["ready", "lacking", "later"]
_NEXT = {
    "unsigned": "打印出来签名盖章,再拍照存入卷内",
    "identity": "当面核对证件,拍照存入卷内",
    "told": "先告知权利义务",
    "accepted": "受理以后才有",
    "number": "受理时编号",
    "record": "先开调解会并记录",
    "outcome": "达成协议或者终止以后才有",
    "unperformed": "登记履行,附收条或者照片",
    "ruling": "收到裁定书以后拍照存入卷内",
    "filed-by": "归档时自动填写",
    "filed-on": "归档时自动填写",
    "mediator": "先确定调解员",
}
_SEVERAL = frozenset(("evidence", "investigation"))  # as many as came; one more may always come
_PARTS = {
    "卷首": ("cover", "contents"),
    "受理": ("application", "acceptance", "declined", "rights", "identity", "authority"),
    "调解": ("investigation", "evidence", "record"),
    "结果": ("agreement", "oral", "ended", "performance", "visit"),
    "司法确认": ("confirm_told", "confirm_apply", "ruling"),
    "归档": ("closing", "note", "back"),
}


class Lying(Struct, frozen=True):
    """What lies in the file as pictures: of which one, and their names."""

    of: str
    remark: str
    refs: tuple[str, ...]


class Line(Struct, frozen=True):
    """One form: how many papers the case has of it; `lacks` pairs what is missing with what to do."""

    form: str
    title: str
    state: State
    count: int
    lacks: tuple[tuple[str, str], ...]
    printable: bool
    blank: bool
    scans: tuple[Lying, ...]
    place: str


class Place(Struct, frozen=True):
    """Where a signed sheet may be put."""

    form: str
    of: str
    said: str

    @property
    def value(self) -> str:
        return f"{self.form}/{self.of}"


def rows(one: Mediation, file: File, lacking: Sequence[Missing]) -> list[Line]:
    """All forms, in the order in which they lie in the file."""
    room = places(one, file)
    return [_line(one, file, form, [each for each in lacking if each.form == form], room) for form in FORMS]


def _line(one: Mediation, file: File, form: str, lacking: Sequence[Missing], room: Sequence[Place]) -> Line:
    made = forms.made(file, form)
    due = form in OUTSIDE or called(file, form)
    lying = tuple(_lying(each.of, each.pages, room, form) for each in one.enclosed if each.sheet == form)
    here = (bool(made) and due) or bool(lying) or form in OUTSIDE
    lacks = tuple((each.said, _NEXT.get(each.code, "")) for each in lacking)
    return Line(
        form=form,
        title=FORMS[form].title,
        state="later" if not here else "lacking" if lacks else "ready",
        count=len(made) if due else 0,
        lacks=lacks,
        printable=bool(made),
        blank=form not in (*OUTSIDE, "ruling"),
        scans=lying,
        place=next((each.value for each in room if each.form == form), ""),
    )


def _lying(of: str, pages: Iterable[object], room: Sequence[Place], form: str) -> Lying:
    said = next((each.said for each in room if (each.form, each.of) == (form, of)), "")
    return Lying(of, said.partition(":")[2], tuple(str(getattr(page, "dossier", "")) for page in pages))


def places(one: Mediation, file: File) -> list[Place]:
    """Every sheet that may come back signed: of each form one, of those of several each."""
    found = []
    for form, known in FORMS.items():
        if form not in OUTSIDE:
            found += [Place(form, of, f"{known.title}:{which}" if which else known.title)
                      for of, which in _several(one, file, form)]  # fmt: skip
    return found


def _several(one: Mediation, file: File, form: str) -> list[tuple[str, str]]:
    """(of, which) of all papers of a form."""
    if form in _SEVERAL:
        printed = [(each.of, each.remark) for each in forms.made(file, form) if each.of]
        have = sum(each.sheet == form and each.of.isdecimal() for each in one.enclosed)
        return [*printed, *((str(n), f"第 {n} 份") for n in range(1, have + 2))]
    made = forms.made(file, form)
    if any(each.of for each in made):
        return [(each.of, each.remark) for each in made]
    return [] if FORMS[form].empty is not None and not made else [("", "")]


def groups(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """By the part of the file that they belong to."""
    known = {line.form: line for line in lines}
    return [(part, [known[form] for form in some]) for part, some in _PARTS.items()]
