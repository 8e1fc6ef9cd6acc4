"""The whistle on paper (吹哨单、办结报告): all of it for its street, its own part for a department; places to sign."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import segno
from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.whistle import Step
from huiyin.core.whistle import steps as s
from huiyin.web.intake import base
from huiyin.web.staff import windows
from huiyin.web.staff.whistles.called import level, word
from huiyin.web.staff.whistles.page import heading
from huiyin.web.staff.whistles.proofs import proofs
from huiyin.web.whistles.finding import Found, Leaf, find
from huiyin.web.whistles.lists import StepShown, told
from huiyin.web.whistles.shapes import CallShown, LineShown, WhistleShown

Req = Request[Any, Any, Any]

_ON_SITE = {"yes": "到场属实", "no": "不在现场", "unproven": "到场,没有定位和照片佐证"}


class Told(Struct, frozen=True):
    """One step with who did it: for a row of paper."""

    at: datetime
    who: str
    said: str
    words: Sequence[str]
    step: Step


class Came(Struct, frozen=True):
    """One arrival that was registered."""

    at: datetime
    how: str
    pictures: int


class Work(Struct, frozen=True):
    """One department on paper: its task, its limits as they were given, what it did."""

    line: LineShown
    limits: Sequence[tuple[str, datetime]]
    comes: bool  # whether it has to come
    acknowledged_at: datetime | None
    came: Sequence[Came]
    plans: Sequence[Told]
    answers: Sequence[Told]
    late: Sequence[str]


@get("/whistles/{number:str}/sheet", include_in_schema=False)
async def sheet(request: Req, number: FromPath[str]) -> Response[bytes]:
    """The sheet; with `story=1` the report of the whole with every step."""
    found = await find(request, number)
    shown = await found.present()
    steps = told_of(found, await told(found))
    whole = isinstance(shown, WhistleShown)
    return await windows.window(
        request,
        "whistle_sheet.html",
        it=shown,
        whole=await _whole(found, shown) if isinstance(shown, WhistleShown) else None,
        **heading(found, shown),
        works=[_work(one, steps) for one in (shown.lines if isinstance(shown, WhistleShown) else [shown.line])],
        acts=_acts(steps),
        returns=[one for one in steps if isinstance(one.step, s.Returned)],
        ratings=list(_ratings(found, steps)),
        story=_once(steps) if request.query_params.get("story") == "1" else [],
        word=word,
        level=level,
        signs=["吹哨单位", "街道", "主办部门"] if whole else [_own(shown), "吹哨单位"],
        qr=qr(f"{base(request)}/whistles/{number}"),
    )


def told_of(found: Found, steps: Sequence[StepShown]) -> list[Told]:
    """The steps that the viewer may read, each with what was said; the teller's time is the row's own."""
    teller = found.teller()
    return [_told(leaf, one, teller.post(leaf.actor)) for leaf, one in zip(found.steps, steps, strict=True)]


def _told(leaf: Leaf, one: StepShown, who: str) -> Told:
    return Told(leaf.at, who, one.said.split(" ", 2)[2], one.words, leaf.step)


def _once(steps: Sequence[Told]) -> list[Told]:
    """The story: what was asked of departments is said when it was blown, and not again when they are called."""
    known: set[str] = set()
    told_ = []
    for one in steps:
        told_.append(replace(one, words=[text for text in one.words if text not in known]))
        known |= set(one.words)
    return told_


async def _whole(found: Found, shown: WhistleShown) -> dict[str, Any]:
    """What only the street, its communities and auditors are told."""
    teller = found.teller()
    return {"asks": [teller.post(one) for one in shown.asks], "proofs": await proofs(found, shown.tickets, shown.tried)}


def _own(shown: WhistleShown | CallShown) -> str:
    return shown.line.post_name if isinstance(shown, CallShown) else ""


# -- departments ------------------------------------------------------------------------------------------


def _work(line: LineShown, steps: Sequence[Told]) -> Work:
    own = [one for one in steps if getattr(one.step, "post", "") == line.post]
    limits = _limits(line.post, steps)
    return Work(
        line,
        [(word("duty", duty), at) for duty, at in limits],
        any(duty == "arrive" for duty, _ in limits),
        next((one.at for one in own if isinstance(one.step, s.Acknowledged)), None),
        [_came(one.step) for one in own if isinstance(one.step, s.Arrived)],
        [one for one in own if isinstance(one.step, s.Planned)],
        [one for one in own if isinstance(one.step, s.Answered)],
        [word("duty", one) for one in line.late],
    )


def _came(step: s.Arrived) -> Came:
    return Came(step.arrived_at, _ON_SITE[step.on_site], len(step.pictures))


def _limits(post: str, steps: Sequence[Told]) -> list[tuple[str, datetime]]:
    """Each limit of a department as it was first given; what came to it by a ruling, too."""
    found: dict[str, datetime] = {}
    for one in steps:
        if isinstance(one.step, s.Called | s.ObjectionRuled):
            for clock in one.step.clocks:
                if clock.post == post:
                    found.setdefault(clock.duty, clock.watch.due.at)
    return sorted(found.items(), key=lambda pair: pair[1])


# -- the whole --------------------------------------------------------------------------------------------


class Acts(Struct, frozen=True):
    """The last of each that the viewer may read."""

    passed: Told | None
    approved: Told | None
    stopped: Told | None
    replied: Told | None
    confirmed: Told | None


def _acts(steps: Sequence[Told]) -> Acts:
    def last(*kinds: type[Any]) -> Told | None:
        return next((one for one in reversed(steps) if isinstance(one.step, kinds)), None)

    stopped = last(s.SentBack, s.Declined, s.Cancelled)
    return Acts(last(s.PassedOn), last(s.Approved), stopped, last(s.Replied), last(s.Confirmed))


def _ratings(found: Found, steps: Sequence[Told]) -> Iterable[tuple[str, str, str]]:
    """By whom, of whom, what: both ways, of what the viewer may read."""
    teller = found.teller()
    for one in steps:
        step = one.step
        if isinstance(step, s.DepartmentRated):
            scores = {"响应": step.response, "到场": step.arrival, "质量": step.quality, "配合": step.cooperation}
            said = ",".join(f"{name} {score} 分" for name, score in scores.items() if score is not None)
            yield one.who, teller.post(step.post), said
        if isinstance(step, s.BlowerRated):
            yield teller.post(step.post), "吹哨单位", f"吹哨{word('justified', step.justified)},{step.score} 分"


def qr(address: str) -> str:
    """An SVG that leads to the whistle's page: its number is in it, nobody's name."""
    return segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=1)


ROUTES = [sheet]
