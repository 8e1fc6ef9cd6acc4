"""What is shown of a mediation (调解): the core's allow-lists for who looks, with words in the place of references."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from huiyin.core.mediation import Mediation
from huiyin.core.mediation.seen import for_committee, for_mediator, for_party, for_ticket_holder
from huiyin.core.mediation.steps import (
    Accepted,
    Applied,
    Checked,
    CodeRenewed,
    Confided,
    MediatorAssigned,
    SessionPlanned,
    Step,
)
from huiyin.core.mediation.steps_agreed import Drafted, Fulfilled, MeetingAnswered, MeetingAsked, TookEffect, Whistled
from huiyin.core.words import Sealed
from huiyin.store.mediations import stage

Eyes = Literal["mediator", "committee", "party"]
# All that the committee's desk reads of the log: nothing of who of the parties said what.
_DESK: tuple[type[Struct], ...] = (
    *(Applied, Checked, Accepted, CodeRenewed, MediatorAssigned, SessionPlanned),
    *(Drafted, TookEffect, Fulfilled, Whistled, MeetingAsked, MeetingAnswered),
)


class MediationShown(Struct, frozen=True):
    """A mediation as one may see it; `sight` is the allow-list of `eyes`, its words opened, null where erased."""

    number: str
    eyes: Annotated[Eyes, Meta(description="mediator 承办调解员,committee 调解委员会,party 当事人")]
    version: int
    state: str
    stage: Annotated[str, Meta(description="等着做什么,比 state 细")]
    case: Annotated[str | None, Meta(description="案号")]
    due_at: datetime | None
    names: Annotated[dict[str, str], Meta(description="当事人代号与称呼;只给承办调解员")]
    sight: dict[str, Any]
    free: Annotated[str, Meta(description="每个窗口都要写明的话")]


class OnTicket(Struct, frozen=True):
    """All that whoever has the ticket sees."""

    number: str
    state: str | None
    agreed: bool | None
    performed: bool | None
    routes: list[str]


_PICTURE = re.compile(r"[0-9a-f]{24}-[1-9]")
FREE = "人民调解自愿、平等、免费;调解期间,任何一方随时可以起诉、申请仲裁或者请求行政机关处理。"


def sight(one: Mediation, eyes: Eyes, who: str) -> Struct | None:
    """The allow-list of a mediator (by person), a party (by its opaque id), the desk; None: not there for them."""
    if eyes == "committee":
        return for_committee(one)
    return for_mediator(one, who) if eyes == "mediator" else for_party(one, who)


_PLAIN = frozenset((type(None), str, int, bool, datetime))  # most of a case: asked before anything is called


def references(value: Any) -> list[Sealed]:
    """Everything sealed that a sight or a step refers to, at whatever depth."""
    if isinstance(value, Sealed):
        return [value]
    if isinstance(value, Struct):
        value = tuple(getattr(value, name) for name in value.__struct_fields__)
    if isinstance(value, tuple | frozenset):
        return [one for each in value if type(each) not in _PLAIN for one in references(each)]
    return []


def is_picture(one: Sealed) -> bool:
    """Whether a reference is to a picture and not to words."""
    return _PICTURE.fullmatch(one.dossier) is not None


def opened(value: Any, words: dict[str, str]) -> Any:
    """The same with words in the place of references; a picture is its name, under `/pictures/`."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Sealed):
        return value.dossier if is_picture(value) else words.get(value.dossier)
    if isinstance(value, Struct):
        parts = ((name, getattr(value, name)) for name in value.__struct_fields__)
        return {name: one if type(one) in _PLAIN else opened(one, words) for name, one in parts}
    if isinstance(value, tuple | frozenset):
        return [opened(each, words) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    return msgspec.to_builtins(value, builtin_types=(datetime,))


def shown(one: Mediation, eyes: Eyes, seen: Struct, words: dict[str, str], names: dict[str, str]) -> MediationShown:
    """A mediation as it is shown; of a party's door also its stage is only what its state says."""
    own = eyes == "party"
    due = min((clock.due.at for clock in getattr(seen, "clocks", ())), default=None)
    return MediationShown(
        number=one.number,
        eyes=eyes,
        version=0 if own else one.version,
        state=one.state,
        stage=one.state if own else stage(one),
        case=str(one.case) if one.case else None,
        due_at=due,
        names=names,
        sight=opened(seen, words),
        free=FREE,
    )


def on_ticket(some: Sequence[Mediation], ticket: str) -> list[OnTicket]:
    """What came of a ticket."""
    found = (for_ticket_holder(one, ticket) for one in some)
    return [OnTicket(one.number, one.state, one.agreed, one.performed, list(one.routes)) for one in found if one]


def readable(step: Step, eyes: Eyes, person: str) -> bool:
    """Whether somebody reads a step of the log: a mediator all but what others were told alone."""
    if eyes == "mediator":
        return not isinstance(step, Confided) or step.mediator == person
    return isinstance(step, _DESK)
