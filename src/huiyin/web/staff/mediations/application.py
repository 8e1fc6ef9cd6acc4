"""An application as it was filled in (调解申请表): its parties, what is wrong with it, what the API is sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.catalogue import Catalogue
from huiyin.core.mediation.kinds import Kind, Referrer
from huiyin.core.people import Scope, Viewer
from huiyin.core.registry import Registry
from huiyin.store.committees import Body
from huiyin.web.staff.findings import places
from huiyin.web.staff.whistles.filled import category

ROWS, MOST = 4, 12  # parties that a form has room for, and that one may ask for
FIELDS = ("kind", "source", "referrer", "category", "text", "requests", "before", "rows")
REQUESTS = 10  # that an application may name
ROW = ("kind", "name", "phone", "home", "room", "post", "applicant")
KINDS: dict[str, str] = {"person": "个人", "organisation": "单位", "group": "人数众多的一方"}
SOURCES = {"application": "当事人申请", "own": "调解委员会主动调解", "referral": "其他机关移送"}
_BEFORE = re.compile(r"TJ[0-9]{9,15}")
_LONGEST = {"name": 64, "phone": 32, "room": 32}
_DIGITS = re.compile(r"[0-9+() -]{5,}")


class Row(Struct, frozen=True):
    """One party as it stands in the form; `n` counts from 0."""

    n: int
    kind: str
    name: str
    phone: str
    home: str
    room: str
    post: str
    applicant: bool

    @property
    def begun(self) -> bool:
        return bool(self.name or self.phone or self.home or self.room or self.post)


class Filled(Struct, frozen=True):
    """The fields of a form; those of a ticket's form have no source, category and applicant of their own."""

    said: Mapping[str, str]
    of_ticket: bool = False

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    @property
    def rows(self) -> list[Row]:
        """As many as the form has, filled or not."""
        asked = int(self["rows"]) if self["rows"].isdecimal() else 0
        more = 1 if self["more"] else 0
        return [self._row(n) for n in range(min(MOST, max(ROWS - self.of_ticket, asked) + more))]

    def _row(self, n: int) -> Row:
        kind = self[f"kind{n}"]
        return Row(
            n,
            kind if kind in KINDS else "person",
            self[f"name{n}"],
            self[f"phone{n}"],
            self[f"home{n}"],
            self[f"room{n}"],
            self[f"post{n}"],
            bool(self[f"applicant{n}"]),
        )

    @property
    def parties(self) -> list[Row]:
        """Those that were begun."""
        return [one for one in self.rows if one.begun]

    @property
    def requests(self) -> list[str]:
        """What is asked for, a line each."""
        return [line.strip() for line in self["requests"].splitlines() if line.strip()]

    def kept(self) -> list[tuple[str, str]]:
        """Every field of ours that was sent, for the page that asks once more."""
        ours = {*FIELDS, *(f"{name}{one.n}" for one in self.rows for name in ROW)}
        return [(name, value) for name, value in self.said.items() if name in ours and value]


# -- what was meant ---------------------------------------------------------------------------------------


def homes(registry: Registry, viewer: Viewer) -> Mapping[str, str]:
    """Every building of the city by what it is called: parties live anywhere."""
    return places(registry, replace(viewer, scope=Scope("all")))


def organisations(registry: Registry, place: str) -> dict[str, str]:
    """The registered organisations of a place by what they are called: post code by name."""
    found = {}
    for one in registry.estates.values():
        above = registry.communities.get(one.community_code)
        if place in (one.community_code, above.street_code if above else ""):
            found[f"{one.name}物业公司"] = f"property:{one.code}"
            found[f"{one.name}业主委员会"] = f"owners_committee:{one.code}"
    return found


class Known(Struct, frozen=True):
    """What names in a form are looked up in."""

    catalogue: Catalogue
    homes: Mapping[str, str]
    organisations: Mapping[str, str]
    bodies: Sequence[Body]


# -- what is wrong ----------------------------------------------------------------------------------------


def faults(form: Filled, known: Known) -> dict[str, str]:
    """Field → what is wrong with it, as far as the form can tell."""
    found = {} if form["text"] else {"text": "请写明为什么事争执,各方要求什么。"}
    if len(form.requests) > REQUESTS:
        found["requests"] = f"最多写 {REQUESTS} 条,请合并。"
    if not form.of_ticket:
        found |= _matter_faults(form, known)
    for one in form.parties:
        found |= _row_faults(one, known)
    return found | _count_faults(form)


def _matter_faults(form: Filled, known: Known) -> dict[str, str]:
    found = {}
    if form["source"] not in SOURCES:
        found["source"] = "请选择从哪里来的。"
    if form["source"] == "referral" and form["referrer"] not in get_args(Referrer):
        found["referrer"] = "请选择由哪个机关移送。"
    if not category(known.catalogue, form["category"]):
        found["category"] = "请从清单里选一个事项,输入几个字就能选。"
    if form["before"] and not _BEFORE.fullmatch(form["before"]):
        found["before"] = "请填原来那一件的编号,TJ 开头;没有的空着。"
    if len(known.bodies) > 1 and form["kind"] not in {one.kind for one in known.bodies}:
        found["kind"] = "请选择由哪个调解委员会调解。"
    return found


def _row_faults(one: Row, known: Known) -> dict[str, str]:
    n, found = one.n, {}
    if not one.name:
        found[f"name{n}"] = "请写姓名或者单位名称;不是当事人的,请把这一栏清空。"
    if one.phone and not _DIGITS.fullmatch(one.phone):
        found[f"phone{n}"] = "电话只写数字;不知道的空着。"
    if one.home and one.home not in known.homes:
        found[f"home{n}"] = "请从清单里选楼栋,输入几个字就能选;不在清单里的空着。"
    if one.room and not one.home:
        found[f"home{n}"] = "填了房号的,请选是哪一栋。"
    if one.home and not one.room:
        found[f"room{n}"] = "选了楼栋的,请填房号;不知道的两样都空着。"
    if one.post and one.post not in known.organisations:
        found[f"post{n}"] = "请从清单里选;不在清单里的空着,在上面写单位名称。"
    long = next((name for name, most in _LONGEST.items() if len(getattr(one, name)) > most), "")
    return found | ({f"{long}{n}": f"太长了,最多 {_LONGEST[long]} 个字。"} if long else {})


def _count_faults(form: Filled) -> dict[str, str]:
    count = len(form.parties)
    if form.of_ticket:
        return {} if count else {"name0": "请写明诉求人是和谁有争执。"}
    if count < 2:
        return {f"name{0 if not count else 1}": "调解至少要有两方当事人,请补全。"}
    if form["source"] == "application" and not any(one.applicant for one in form.parties):
        return {"applicant0": "请勾选由哪一方申请。"}
    return {}


# -- what is sent -----------------------------------------------------------------------------------------


def body(form: Filled, known: Known) -> dict[str, Any]:
    """As the API takes it."""
    parties = [_party(one, known, of_ticket=form.of_ticket) for one in form.parties]
    found: dict[str, Any] = {"text": form["text"], "parties": parties}
    found |= {"requests": form.requests} if form.requests else {}
    if form.of_ticket:
        return found
    found |= {"category": category(known.catalogue, form["category"])}
    found |= {"source": form["source"]}
    found |= {"referrer": form["referrer"]} if form["source"] == "referral" else {}
    found |= {"before": form["before"]} if form["before"] else {}
    kind = form["kind"] if len(known.bodies) > 1 else known.bodies[0].kind if known.bodies else ""
    return found | ({"kind": kind} if kind else {})


def _party(one: Row, known: Known, *, of_ticket: bool) -> dict[str, Any]:
    kind: Kind = one.kind  # type: ignore[assignment]  # one of KINDS
    found: dict[str, Any] = {"name": one.name, "kind": kind, "applicant": one.applicant and not of_ticket}
    found |= {"phone": one.phone} if one.phone else {}
    found |= {"building_code": known.homes[one.home], "room": one.room} if one.home and one.room else {}
    return found | ({"organisation": known.organisations[one.post]} if one.post else {})


# -- fields that a refusal is about -----------------------------------------------------------------------

FIELD_OF = {
    "unknown-category": "category",
    "referrer-missing": "referrer",
    "one-side-only": "name1",
    "party-twice": "name1",
    "applicant-missing": "applicant0",
    "unknown-committee": "kind",
    "text-too-long": "text",
    "unknown-building": "home0",
    "unknown-post": "post0",
}
