"""What the page for blowing shows (吹哨页): kinds with their limits, the matter, evidence, whom to call, what next."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from huiyin.core.whistle.commands import Ask, Kind
from huiyin.core.whistle.suggest import Suggestion
from huiyin.core.words import Spot
from huiyin.store.whistle_lists import Near
from huiyin.web import named, scans
from huiyin.web.problems import Problem
from huiyin.web.shown import category as category_name
from huiyin.web.staff import called
from huiyin.web.staff.whistles.filled import BEYOND, KINDS, SOURCES, Filled, Row, category, located
from huiyin.web.staff.whistles.filled import named as named_places
from huiyin.web.staff.whistles.outlook import ahead, limits
from huiyin.web.staff.whistles.picks import evidence, tried
from huiyin.web.staff.whistles.site import site
from huiyin.web.staff.whistles.standing import Stand
from huiyin.web.whistles.cases import spot
from huiyin.web.whistles.refusals import REFUSALS
from huiyin.web.whistles.rehearsal import PAPER
from huiyin.web.whistles.shapes import STATES

# What is refused whatever the form says: who may not blow here at all.
NOT_HERE = ("recused", "not-your-place")


class Card(Struct, frozen=True):
    """One kind: when it fits, its limits, why it would be refused for this matter ("" where it would not)."""

    code: Kind
    name: str
    fits: str
    limits: str
    afterwards: bool
    refused: str


class Named(Struct, frozen=True):
    """A department that is suggested, and why."""

    post: str
    name: str
    why: str


class Other(Struct, frozen=True):
    """An open whistle near by."""

    number: str
    what: str
    where: str
    kind: str
    state: str
    lead: str


class Matter(Struct, frozen=True):
    """What and where, as far as it is known."""

    code: str
    spot: Spot | None


def matter(stand: Stand, form: Filled) -> Matter:
    """The ticket's, or what the form says."""
    if stand.ticket is not None:
        return Matter(stand.ticket.category, stand.ticket.spot)
    place = located(stand.book.registry, stand.viewer, form["where"])
    code = category(stand.book.catalogue, form["category"])
    return Matter(code, spot(stand.book, *(place.get(n) for n in ("building_code", "grid_code", "community_code"))))


def in_words(stand: Stand, form: Filled) -> Filled:
    """What a link names by its code, as somebody would have chosen it."""
    about = matter(stand, form)
    place = located(stand.book.registry, stand.viewer, form["where"])
    names = {code: name for name, (_, code) in named_places(stand.book.registry, stand.viewer).items()}
    said = {"where": names[next(iter(place.values()))] if place else ""}
    said |= {"category": f"{about.code} {category_name(stand.rules.catalogue, about.code)}"} if about.code else {}
    return Filled({**form.said, **said})


async def known(stand: Stand, form: Filled) -> dict[str, Any]:
    """All that the page shows but what is wrong with it."""
    about = matter(stand, form)
    found = await evidence(stand, form.picked)
    steps = tried(stand, form.picked)
    words = stand.teller
    cards = [_card(stand, kind, about, bool(steps)) for kind in KINDS]
    return {
        "number": stand.ticket.number if stand.ticket else "",
        "kinds": cards,
        "sources": SOURCES,
        "reasons": [(code, words.word("beyond", code), words.word("why", code)) for code in BEYOND],
        "evidence": found,
        "tried": bool(steps),
        "barred": next((one.refused for one in cards if _code(stand, one.code, about) in NOT_HERE), ""),
        "unnamed": stand.unnamed,
        "accused": [stand.teller.post(post) for post in sorted(stand.accused) if post.startswith("department:")],
        **(goes_by := await matter_known(stand, form, about)),
        **next_known(stand, form, about, goes_by["rows"]),
    }


async def matter_known(stand: Stand, form: Filled, about: Matter) -> dict[str, Any]:
    """The part of the page that goes by what and where: whose duty it is, whom to call, what is open there."""
    rules, registry = stand.rules, stand.book.registry
    entry = rules.catalogue.entries.get(about.code)
    suggested = await suggestions(stand, about.code)
    near = [_other(stand, one) for one in await stand.near(about.code, about.spot)]
    departments = stand.departments
    return {
        "what": category_name(rules.catalogue, about.code) if about.code else "",
        "where": called.place(about.spot, registry) if about.spot else "",
        "basis": "、".join(entry.departments) if entry else "",
        "suggested": suggested,
        "departments": departments,
        "rows": _rows(form, suggested),
        "near": near,
        "site": site(registry, about.spot),
    }


async def suggestions(stand: Stand, code: str) -> list[Named]:
    """Whom to call for a matter, and why."""
    return [_named(stand, one) for one in await stand.suggested(code)]


def _rows(form: Filled, suggested: Sequence[Named]) -> list[Row]:
    """The first suggestion is the lead's where nobody chose."""
    if "post0" in form.said or not suggested:
        return form.rows
    return [Row(0, suggested[0].post), *form.rows[1:]]


def next_known(stand: Stand, form: Filled, about: Matter, rows: Sequence[Row] = ()) -> dict[str, Any]:
    """What would happen now, and what would be refused: what leaves is looked at as it looks, not for whom it knows."""
    kind = form.kind
    telling = {one.n: "、".join(scans.looks(one.task)) for one in form.asked if scans.looks(one.task)}
    said: dict[str, Any] = {"telling": telling, "kind": kind or "", "ahead": [], "refused_now": ""}
    known_ = stand.departments
    asks = [Ask(one.post, PAPER, one.n == 0) for one in rows or form.rows if one.post in known_]
    if kind is None or about.spot is None or not about.code:
        return said
    steps = tried(stand, form.picked)
    got = stand.try_(kind, about.code, about.spot, asks if any(one.lead for one in asks) else (), steps)
    if got.code:
        return said | {"refused_now": REFUSALS.get(got.code, "") + "。"}
    return said | {"ahead": ahead(got.steps, asks, stand.rules.whistle, kind, stand.teller)}


def _code(stand: Stand, kind: Kind, about: Matter) -> str:
    if about.spot is None or not about.code:
        return ""
    return stand.try_(kind, about.code, about.spot).code


def _card(stand: Stand, kind: Kind, about: Matter, any_tried: bool) -> Card:
    book, words = stand.rules.whistle, stand.teller
    rule, code = book.kinds[kind], _code(stand, kind, about)
    if code == "nothing-tried" and any_tried:
        code = ""
    afterwards = rule.approval == "afterwards"
    return Card(kind, rule.name, words.word("fits", kind), limits(book, kind), afterwards, REFUSALS.get(code, ""))


def _named(stand: Stand, one: Suggestion) -> Named:
    """The catalogue, and the rulings that corrected it."""
    why = ["事项目录列出"] if one.listed else []
    why += [f"因异议改派 {one.upheld_for} 次"] if one.upheld_for else []
    why += [f"提出异议成立 {one.upheld_against} 次"] if one.upheld_against else []
    return Named(one.post, stand.teller.post(one.post), ",".join(why))


def _other(stand: Stand, one: Near) -> Other:
    rules, teller = stand.rules, stand.teller
    what, where = category_name(rules.catalogue, one.category), called.place(one, stand.book.registry)
    kind = rules.whistle.kinds[one.kind].name  # type: ignore[index]  # as it was blown
    return Other(one.number, what, where, kind, STATES[one.state], teller.post(one.lead) if one.lead else "")


def place_given(stand: Stand, form: Filled) -> tuple[Mapping[str, str], dict[str, str]]:
    """What and where as the API takes it, and what is wrong with them; for a form that names them itself."""
    code = category(stand.book.catalogue, form["category"])
    place = located(stand.book.registry, stand.viewer, form["where"])
    wrong = {} if code else {"category": "请从清单里选一个事项,输入几个字就能选。"}
    wrong |= {} if place else {"where": "请从本辖区里选一处:楼栋、网格或社区。"}
    return {"category": code, **place}, wrong


def checked(stand: Stand, form: Filled) -> dict[str, str]:
    """Departments that are none of this city's; a form of ours never sends one."""
    found = {}
    for one in form.asked:
        try:
            named.post(one.post, stand.book) if one.post else None
        except Problem:
            found[f"post{one.n}"] = "没有这个部门,请从清单里选。"
    return found
