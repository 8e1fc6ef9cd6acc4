"""The words between a department's own system (职能部门的系统) and the house: what it is told, what it may say."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from huiyin.bus.envelope import TEXT_LIMIT
from huiyin.core.whistle.commands import Contacted, Justified, Kind, ObjectReason, PauseReason, Position
from huiyin.core.whistle.minimal import Stage
from huiyin.core.whistle.steps import Duty
from huiyin.core.words import Spot

TOLD = "huiyin.whistle.told.v1"
RECEIPT = "huiyin.whistle.receipt.v1"

# -- out: what a department is told -----------------------------------------------------------------------


class Limit(Struct, frozen=True):
    """A limit that runs for this department; `level` counts how often it ran out: 1 催办, 2 督办, 3 挂牌督办,
    from 4 on 报区; `reminded` how often it was reminded of."""

    duty: Duty
    due_at: datetime
    level: int
    reminded: int


class View(Struct, frozen=True):
    """A whistle as one department may see it: no ticket, no complaint, no complainant, no words. The words of the task
    are read over HTTP, `GET /api/v1/whistles/{number}`."""

    number: str
    kind: Kind
    category: str
    spot: Spot
    position: Position | None
    pictures: int
    blower: str
    street: str
    lead: bool
    called_at: datetime
    bound: bool
    objected: bool
    paused: bool
    returned: int
    closed: bool
    limits: tuple[Limit, ...]
    others: tuple[Stage, ...]


class Told(Struct, frozen=True):
    """Something changed for a department. `whistle` is all of it as it is now; null: it is this department's no more
    (改派), nothing about it follows."""

    version: int
    step: str
    whistle: View | None


class Receipt(Struct, frozen=True, omit_defaults=True):
    """What became of a command: `id` is its CloudEvents id. done: it is in the log; repeat: it was done, or refused
    (then with the code), before; refused: `code` and `detail` say why, nothing changed; unreadable: it is no command;
    failed: it could not be written, the operator sees it."""

    id: str
    outcome: Literal["done", "repeat", "refused", "unreadable", "failed"]
    code: str | None = None
    detail: str | None = None
    version: int | None = None  # of the whistle then; of one's own only


# -- in: what a department says ---------------------------------------------------------------------------

Text = Annotated[str, Meta(min_length=1, max_length=TEXT_LIMIT, pattern=r"\S", description="1-8,000 characters")]
_Moment = Annotated[datetime, Meta(tz=True)]
_Code = Annotated[str, Meta(min_length=1, max_length=64)]
_Lat = Annotated[float, Meta(ge=-90, le=90)]
_Lon = Annotated[float, Meta(ge=-180, le=180)]


class Command(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The data of one kind of command. A field that nobody knows is refused: it would have meant something."""


class Acknowledge(Command, frozen=True):
    """接哨: who comes, by name or work number; it goes to the vault and nowhere else."""

    person: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S", description="Name or work number.")]


class Object(Command, frozen=True):
    """异议: why it is not this department's duty; it stays bound until the street has ruled."""

    reason: ObjectReason
    text: Text


class Arrive(Command, frozen=True):
    """报到: when; at the whistle's place, unless `on_site` is false or the position (WGS 84) is elsewhere. With neither
    position nor picture it is on record as unproven; pictures do not come over NATS."""

    arrived_at: _Moment
    on_site: bool = True
    lat: _Lat | None = None
    lon: _Lon | None = None


class Plan(Command, frozen=True):
    """方案 of the lead."""

    text: Text
    until: _Moment


class Progress(Command, frozen=True):
    """进展."""

    text: Text


class AskCo(Command, frozen=True):
    """请协办: the lead asks another department in."""

    department: Annotated[_Code, Meta(description="department:公安")]
    text: Text


class Answer(Command, frozen=True):
    """协办反馈 to the lead."""

    text: Text


class Reply(Command, frozen=True):
    """办结答复 of the lead, with four elements: when it was accepted, who was spoken to, what was done (`text`), and
    that it is finished or by when; each that is missing is refused with a code of its own."""

    accepted_at: _Moment | None = None
    contacted: tuple[Contacted, ...] = ()
    text: Text | None = None
    finished: bool = False
    by_when: _Moment | None = None


class AskPause(Command, frozen=True):
    """申请暂停: `days` are working days."""

    reason: PauseReason
    days: int
    text: Text


class Resume(Command, frozen=True):
    """恢复计时."""


class RateBlower(Command, frozen=True):
    """评哨 of the lead: 1 to 5."""

    justified: Justified
    score: int


_KINDS: dict[str, type[Command]] = {
    "acknowledge": Acknowledge,
    "object": Object,
    "arrive": Arrive,
    "plan": Plan,
    "progress": Progress,
    "ask-co": AskCo,
    "answer": Answer,
    "reply": Reply,
    "ask-pause": AskPause,
    "resume": Resume,
    "rate-blower": RateBlower,
}
COMMANDS = {f"huiyin.whistle.{name}.v1": shape for name, shape in _KINDS.items()}


class Attributes(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The attributes of a command: in binary mode they are headers, and the payload is `data` alone."""

    id: Annotated[str, Meta(min_length=1, max_length=256)]
    source: Annotated[str, Meta(min_length=1, max_length=256)]
    type: str
    subject: Annotated[str, Meta(description="The whistle's number.", pattern=r"^SH[0-9]{9}$")]
    specversion: str = "1.0"
    time: Annotated[datetime, Meta(tz=True)] | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None


class CommandEvent(Attributes, frozen=True, omit_defaults=True, kw_only=True):
    """A command in structured mode. Who says it is the account that it came from: `source` is free."""

    data: msgspec.Raw
