"""What may be ordered of a whistle (哨单的办理): command, who, body, how it becomes the core's; one table."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from huiyin.core.people import Role
from huiyin.core.ticket import Ticket
from huiyin.core.whistle import Command
from huiyin.core.whistle import commands as core
from huiyin.core.words import About, Sealed
from huiyin.store import tickets
from huiyin.web import named
from huiyin.web.bodies import Nothing, Remark, Words, missing, utc
from huiyin.web.whistles import bodies
from huiyin.web.whistles.cases import Case, position, spot, tried

# Any: each takes the body of its own row.
Make = Callable[[Case, Any], Awaitable[Command]]


class Row(Struct, frozen=True):
    """One command: who may give it at all, its body, its maker, and what people read of it."""

    kind: type[Struct]
    roles: frozenset[Role]
    body: type[Struct]
    make: Make
    summary: str
    pictures: bool = False


def _plain(kind: Callable[[], Command]) -> Make:
    async def make(_case: Case, _body: Nothing) -> Command:
        return kind()

    return make


def _words(kind: Callable[[Sealed], Command]) -> Make:
    async def make(case: Case, body: Words) -> Command:
        return kind(case.pen.write("text", body.text))

    return make


# -- blowing ----------------------------------------------------------------------------------------------


async def blow(case: Case, body: bodies.Blowing, ticket: Ticket | None) -> core.Blow:
    """A whistle; place, matter and whom it is about come from the ticket where the body does not say."""
    rules = await case.room.rules()
    place = spot(rules, body.building_code, body.grid_code, body.community_code) or (ticket.spot if ticket else None)
    if place is None or place.street_code is None:
        raise missing("community_code")
    category = body.category or (ticket.category if ticket else None)
    if category is None:
        raise missing("category")
    asks = await case.asks(body.asks, (ticket.number,) if ticket else ())
    return core.Blow(
        *(case.number, body.kind, body.source or ("ticket" if ticket else "own"), category, place, body.beyond),
        case.pen.write("text", body.text),
        asks,
        ticket.number if ticket else None,
        _about(body, ticket),
        await tried(case.room, case.viewer, ticket.number, body.tried) if ticket else (),
        position(body.lat, body.lon),
        case.seen,
        apart=case.pen.perhaps(body.apart),
    )


def _about(body: bodies.Blowing, ticket: Ticket | None) -> About:
    """Whom it is about; what a ticket says of it is not unsaid."""
    if ticket is not None and ticket.about != "none":
        return ticket.about
    return body.about or "none"


async def _pass_on(case: Case, body: bodies.PassingOn) -> Command:
    return core.PassOn(await case.asks(body.asks))


async def _send_back(case: Case, body: bodies.Sending) -> Command:
    return core.SendBack(body.reason, case.pen.write("text", body.text))


async def _approve(case: Case, body: Remark) -> Command:
    return core.Approve(case.pen.perhaps(body.text))


async def _decline(case: Case, body: bodies.Sending) -> Command:
    return core.Decline(body.reason, case.pen.write("text", body.text))


async def _join(case: Case, body: bodies.Joining) -> Command:
    some = await tried(case.room, case.viewer, body.ticket, body.tried)
    found = await case.room.ask(lambda c: tickets.load(c, [body.ticket]))
    ticket, _ = found[body.ticket]
    return core.Join(body.ticket, some, ticket.spot, ticket.about)


async def _cancel(case: Case, body: bodies.Cancelling) -> Command:
    return core.Cancel(body.reason, await case.told("text", body.text) if body.text else None)


# -- the department's side --------------------------------------------------------------------------------


async def _acknowledge(case: Case, body: bodies.Naming) -> Command:
    return core.Acknowledge(await case.colleague(body.person) if body.person else case.viewer.person)


async def _object(case: Case, body: bodies.Objecting) -> Command:
    return core.Object(body.reason, case.pen.write("text", body.text))


async def _rule(case: Case, body: bodies.Ruling) -> Command:
    rules = await case.room.rules()
    to = named.post(body.to, rules) if body.to else None
    words_ = await case.told("text", body.text) if body.text else None
    return core.Rule(body.department, body.upheld, to, words_)


async def _arrive(case: Case, body: bodies.Arriving) -> Command:
    rules = await case.room.rules()
    place = spot(rules, body.building_code, None, None) or case.it.spot
    when = case.at if body.arrived_at is None else utc(body.arrived_at, "arrived_at")
    return core.Arrive(when, place, body.on_site, position(body.lat, body.lon), case.seen)


async def _plan(case: Case, body: bodies.Planning) -> Command:
    return core.Plan(case.pen.write("text", body.text), utc(body.until, "until"))


async def _ask_co(case: Case, body: bodies.Asking) -> Command:
    post = named.post(body.department, await case.room.rules())
    return core.AskCo(post, await case.told("text", body.text))


async def _reply(case: Case, body: bodies.Replying) -> Command:
    accepted = body.accepted_at and utc(body.accepted_at, "accepted_at")
    until = body.by_when and utc(body.by_when, "by_when")
    done = case.pen.perhaps(body.text)
    return core.Reply(accepted, tuple(dict.fromkeys(body.contacted)), done, body.finished, until)


async def _ask_pause(case: Case, body: bodies.Pausing) -> Command:
    return core.AskPause(body.reason, body.days, case.pen.write("text", body.text))


# -- the end ----------------------------------------------------------------------------------------------


async def _confirm(case: Case, body: bodies.Looking) -> Command:
    return core.Confirm(position(body.lat, body.lon), case.seen)


async def _return(case: Case, body: Words) -> Command:
    return core.Return(await case.told("text", body.text))


async def _refuse_pause(case: Case, body: Words) -> Command:
    return core.RefusePause(await case.told("text", body.text))


async def _rate(_case: Case, body: bodies.Rating) -> Command:
    return core.RateDepartment(body.department, body.response, body.quality, body.cooperation, body.arrival)


async def _rate_back(_case: Case, body: bodies.RatingBack) -> Command:
    return core.RateBlower(body.justified, body.score)


_STREET: frozenset[Role] = frozenset(("street",))
BLOWERS: frozenset[Role] = frozenset(("community", "street"))
DEPARTMENT: frozenset[Role] = frozenset(("department",))

ORDERS: dict[str, Row] = {
    "pass-on": Row(core.PassOn, _STREET, bodies.PassingOn, _pass_on, "转报社区的哨"),
    "send-back": Row(core.SendBack, _STREET, bodies.Sending, _send_back, "退回哨单"),
    "approve": Row(core.Approve, _STREET, Remark, _approve, "同意吹哨"),
    "decline": Row(core.Decline, _STREET, bodies.Sending, _decline, "不同意吹哨"),
    "join": Row(core.Join, BLOWERS, bodies.Joining, _join, "并哨"),
    "cancel": Row(core.Cancel, BLOWERS, bodies.Cancelling, _cancel, "撤哨"),
    "acknowledge": Row(core.Acknowledge, DEPARTMENT, bodies.Naming, _acknowledge, "接哨,明确到场人员"),
    "object": Row(core.Object, DEPARTMENT, bodies.Objecting, _object, "提出职责异议"),
    "rule": Row(core.Rule, _STREET, bodies.Ruling, _rule, "裁定职责异议"),
    "arrive": Row(core.Arrive, DEPARTMENT, bodies.Arriving, _arrive, "报到", pictures=True),
    "plan": Row(core.Plan, DEPARTMENT, bodies.Planning, _plan, "提交方案"),
    "progress": Row(core.Progress, DEPARTMENT, Words, _words(core.Progress), "记录进展"),
    "ask-co": Row(core.AskCo, DEPARTMENT, bodies.Asking, _ask_co, "请协办部门"),
    "answer": Row(core.Answer, DEPARTMENT, Words, _words(core.Answer), "协办反馈"),
    "reply": Row(core.Reply, DEPARTMENT, bodies.Replying, _reply, "办结答复(四要素)"),
    "ask-pause": Row(core.AskPause, DEPARTMENT, bodies.Pausing, _ask_pause, "申请暂停计时"),
    "grant-pause": Row(core.GrantPause, _STREET, Nothing, _plain(core.GrantPause), "同意暂停计时"),
    "refuse-pause": Row(core.RefusePause, _STREET, Words, _refuse_pause, "不同意暂停计时"),
    "resume": Row(core.Resume, _STREET | DEPARTMENT, Nothing, _plain(core.Resume), "恢复计时"),
    "confirm": Row(core.Confirm, BLOWERS, bodies.Looking, _confirm, "核验", pictures=True),
    "return": Row(core.Return, BLOWERS, Words, _return, "退回重办,写明还缺什么"),
    "rate": Row(core.RateDepartment, BLOWERS, bodies.Rating, _rate, "评价部门"),
    "rate-back": Row(core.RateBlower, DEPARTMENT, bodies.RatingBack, _rate_back, "评哨"),
}
