"""What happened so far (经过), in a party's words: an allow-list of steps, of the others nothing that is not common."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from huiyin.core.mediation import Step
from huiyin.core.mediation import steps as s
from huiyin.core.mediation import steps_agreed as a
from huiyin.core.proof import read
from huiyin.store import lists, mediations
from huiyin.web.mediations.own.mine import Mine
from huiyin.web.room import Room

_step = msgspec.json.Decoder(Step).decode

# What all parties may know of.
_COMMON: dict[type[Struct], Callable[[Any], str]] = {
    s.Applied: lambda _: "登记了调解申请",
    s.Accepted: lambda one: f"调解委员会受理,案号 {one.case}",
    s.MediatorAssigned: lambda _: "确定了一位人民调解员",
    s.MediatorLeft: lambda _: "一位人民调解员不再承办",
    s.Extended: lambda one: f"各方同意,时间延长 {one.days} 天",
    s.SessionPlanned: lambda one: f"约了第 {one.session} 次调解会",
    s.SessionHeld: lambda one: f"开了第 {one.session} 次调解会",
    s.SessionAdjourned: lambda one: f"第 {one.session} 次调解会改期",
    a.Drafted: lambda _: "协议书写好,请各方签字",
    a.AgreedOrally: lambda _: "达成口头协议",
    a.TookEffect: lambda _: "协议生效",
    a.Performed: lambda one: "登记:一项约定履行完毕" if one.done == "whole" else "登记:一项约定履行了一部分",
    a.Fulfilled: lambda _: "约定的都履行了",
    a.Breached: lambda _: "登记:一项约定到期没有履行,已告知其他途径",
    a.ConfirmationApplied: lambda _: "各方一起向法院申请司法确认",
    a.ConfirmationRuled: lambda _: "法院对司法确认申请有了结果",
    a.ConfirmationLapsed: lambda _: "司法确认的申请期限过了;协议照样有效",
    a.Ended: lambda _: "调解结束",
    a.Archived: lambda _: "归档",
}
# What only the party itself is told of: its own steps.
_OWN: dict[type[Struct], Callable[[Any], str]] = {
    s.CodeRenewed: lambda _: "换了新的查询码",
    s.ContactViewed: lambda _: "为了联系您,查看了您的电话",  # not what for: it may be a danger
    s.Consented: lambda _: "您同意调解",
    s.RightsNotified: lambda _: "您知道了权利和义务",
    s.Empowered: lambda _: "您委托了代理人",
    s.Represented: lambda _: "推选了代表人",
    s.Answered: lambda one: f"您答复:{'同意' if one.yes else '不同意'}{{matter}}",
    s.InvitationAnswered: lambda one: f"您答复第 {one.session} 次调解会:{{coming}}",
    a.Marked: lambda _: "您在协议书上签字",
    a.Sued: lambda _: "您登记:已向法院起诉",
    a.RoutesDelivered: lambda _: "其他途径已告诉您",
}


class Past(Struct, frozen=True):
    """One thing that happened."""

    at: datetime
    said: str


async def past(room: Room, it: Mine) -> list[Past]:
    """Newest first."""
    entries = await room.ask(lambda c: lists.history(c, it.holder.number, mediations.NOUN))
    told = []
    for entry in entries:
        leaf = read(entry.body)
        if said := sentence(it, _step(leaf.data), leaf.actor):
            told.append(Past(leaf.at, said))
    return told[::-1]


def sentence(it: Mine, step: Step, actor: str) -> str:
    """What a step is to this party, and where it speaks for it by which door; "" where it is none of theirs."""
    mine = getattr(step, "party", "") == it.holder.party
    if (common := _COMMON.get(type(step))) is not None:
        return common(step) + (door(actor) if mine else "")
    own = _OWN.get(type(step))
    if own is None or not mine:
        return ""
    values = {name: it.word(name, str(getattr(step, name, ""))) for name in ("matter", "coming")}
    return own(step).format_map(values) + door(actor)


def door(actor: str) -> str:
    """Whether it came with the party's code, or somebody recorded it for the party."""
    prefix = actor.partition(":")[0]
    if prefix == "party":
        return "(凭查询码)"
    return "(由调解员办理)" if prefix == "mediator" else "(由调解委员会办理)"
