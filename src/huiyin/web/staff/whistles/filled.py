"""A form for blowing as it was filled in (吹哨表单): read, what is wrong with it, what the API is sent."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from msgspec import Struct

from huiyin.core.catalogue import Catalogue
from huiyin.core.people import Viewer
from huiyin.core.registry import Registry
from huiyin.core.whistle.commands import Beyond, Kind, Source
from huiyin.store import lists
from huiyin.web.staff.choices import grid
from huiyin.web.staff.findings import places

ROWS, MOST = 6, 12  # departments that a form has room for, and that one whistle may ask; the first is the lead
KINDS: tuple[Kind, ...] = get_args(Kind)
BEYOND: tuple[Beyond, ...] = get_args(Beyond)
SOURCES = {"patrol": "巡查发现", "meeting": "会议议定", "own": "自己看到、了解到"}
_VERSION = re.compile(r"[0-9]{1,6}")
_CODE = re.compile(r"[A-Z][0-9]{0,2}(?=\s|$)")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")


class Row(Struct, frozen=True):
    """One department and its task, as they stand in the form."""

    n: int
    post: str = ""
    task: str = ""


class Filled(Struct, frozen=True):
    """The fields, the last of each; `picked` the steps that are evidence, None where nobody could pick yet."""

    said: Mapping[str, str]
    picked: frozenset[int] | None = None

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    @property
    def kind(self) -> Kind | None:
        return next((one for one in KINDS if one == self["kind"]), None)

    @property
    def source(self) -> Source | None:
        return next((one for one in get_args(Source) if one == self["source"] and one in SOURCES), None)

    @property
    def rows(self) -> list[Row]:
        """As many as the form has, filled or not."""
        sent = sum(f"post{n}" in self.said for n in range(MOST))
        return [Row(n, self[f"post{n}"], self[f"task{n}"]) for n in range(max(ROWS, sent))]

    @property
    def asked(self) -> list[Row]:
        """Those that were begun."""
        return [one for one in self.rows if one.post or one.task]

    @property
    def asks(self) -> list[dict[str, Any]]:
        """As the API takes them; the first row is the lead's."""
        return [{"department": one.post, "text": one.task, "lead": one.n == 0} for one in self.asked]


def filled(pairs: Iterable[tuple[str, str]]) -> Filled:
    """A form that was sent."""
    given = list(pairs)
    picked = {int(value) for name, value in given if name == "tried" and _VERSION.fullmatch(value)}
    return Filled(dict(given), frozenset(picked))


# -- what was meant ---------------------------------------------------------------------------------------


def category(catalogue: Catalogue, words: str) -> str:
    """A leaf by its code, by code and name, or by a word that means one only; "" where it is none."""
    code = _CODE.match(words)
    entry = catalogue.entries.get(code[0]) if code else None
    if entry is not None and entry.parent is not None:
        return entry.code
    exact = [one.code for one in catalogue.leaves() if one.name == words]
    meant = exact or (lists.meant(catalogue, words) if words else [])
    return meant[0] if len(meant) == 1 else ""


def located(registry: Registry, viewer: Viewer, words: str) -> dict[str, str]:
    """A place of the viewer's by what it is called or by its code, as the API takes it; {} where it is none."""
    found = named(registry, viewer)
    if words in found:
        return dict([found[words]])
    return next((dict([pair]) for pair in found.values() if pair[1] == words), {}) if words else {}


def named(registry: Registry, viewer: Viewer) -> dict[str, tuple[str, str]]:
    """What the places of a viewer are called → field and code: communities, grids, buildings."""
    here = viewer.scope.code
    found: dict[str, tuple[str, str]] = {}
    for one in registry.communities.values():
        if not here or here in (one.code, one.street_code):
            found[one.name] = ("community_code", one.code)
    for each in registry.grids.values():
        above = registry.communities.get(each.community_code)
        if not here or here in (each.community_code, above.street_code if above else ""):
            found[grid(each.code, registry)] = ("grid_code", each.code)
    return found | {name: ("building_code", code) for name, code in places(registry, viewer).items()}


# -- what is wrong, what is sent --------------------------------------------------------------------------


def faults(form: Filled, *, fresh: bool) -> dict[str, str]:
    """Field → what is wrong with it, as far as the form can tell; `fresh` names its matter and place itself."""
    found = {}
    if form.kind is None:
        found["kind"] = "请选择吹哪种哨。"
    if fresh and form.source is None:
        found["source"] = "请选择从哪里知道的。"
    if form["beyond"] not in BEYOND:
        found["beyond"] = "请选择为什么本级解决不了。"
    if not form["text"]:
        found["text"] = "请写明为什么本级解决不了。"
    return found | row_faults(form) | _degrees(form)


def row_faults(form: Filled) -> dict[str, str]:
    """The same of the departments alone."""
    found = {} if form["post0"] else {"post0": "请选择主办部门。"}
    for one in form.asked:
        if not one.post:
            found[f"post{one.n}"] = "写了交办内容,请选择部门;不需要的请清空。"
        if not one.task:
            found[f"task{one.n}"] = f"请写明要{'主办' if one.n == 0 else '协办'}部门做什么。"
    return found


def _degrees(form: Filled) -> dict[str, str]:
    lat, lon = form["lat"], form["lon"]
    if not lat and not lon:
        return {}
    good = _DEGREES.fullmatch(lat) and _DEGREES.fullmatch(lon) and abs(float(lat)) <= 90 and abs(float(lon)) <= 180
    return {} if good else {"lat": "经纬度要一起填写,形如 39.908 和 116.397;不知道的都空着。"}


def body(form: Filled, matter: Mapping[str, str]) -> dict[str, Any]:
    """As the API takes it; `matter` is what and where, of a form that names it itself."""
    found: dict[str, Any] = {"kind": form["kind"], "beyond": form["beyond"], "text": form["text"], "asks": form.asks}
    found |= {"source": form.source} if form.source else {}
    found |= {"tried": sorted(form.picked)} if form.picked is not None and not matter else {}
    found |= {"lat": float(form["lat"]), "lon": float(form["lon"])} if form["lat"] else {}
    found |= {"mediation": form["mediation"]} if matter and form["mediation"] else {}
    return found | dict(matter) | ({"apart": form["apart"]} if form["apart"] else {})


# -- fields that a refusal is about -----------------------------------------------------------------------

FIELD_OF = {
    "own-duty": "kind",
    "nothing-tried": "tried",
    "already-blown": "apart",
    "unknown-category": "category",
    "not-your-place": "where",
    "unknown-building": "where",
    "unknown-grid": "where",
    "unknown-community": "where",
    **dict.fromkeys(("one-lead", "asked-twice", "department-duty", "not-a-department", "unknown-post"), "asks"),
    **dict.fromkeys(("accused-unknown", "department-recused", "identifies-complainant", "too-many-guesses"), "asks"),
}


def field_of(code: str, field: str, names: Sequence[str]) -> str:
    """Where in the form a refusal is said; "" where it is about all of it."""
    return FIELD_OF.get(code, field if field in names else "")
