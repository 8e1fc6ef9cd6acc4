"""What a department's own system says becomes an order."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from math import inf
from typing import Literal

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import faults
from huiyin.bus import department_words as words
from huiyin.bus.consume import Later, Mark, Verdict, mark
from huiyin.bus.department_words import Receipt
from huiyin.bus.departments import Said, legible, read_command, receipt, token_of
from huiyin.bus.envelope import Unreadable
from huiyin.bus.handling import Handling, Item
from huiyin.bus.publish import Outgoing, Unsent, publish_batch
from huiyin.bus.streams import COMMANDS
from huiyin.core.whistle import Command
from huiyin.core.whistle import commands as core
from huiyin.core.words import Sealed, Spot
from huiyin.departments import Roster
from huiyin.orders import Answer, Away, Order, Whistling
from huiyin.store import dead, departments, inbox, vault
from huiyin.whistling import WhistleDesk

DURABLE = "departments"
ROLE = "department"
NOT_YOURS = "not-your-whistle"
UNREADABLE = {
    "not-json": "不是 UTF-8 的 JSON 对象",
    "missing-field": "缺少字段",
    "unknown-field": "没有这个字段",
    "wrong-type": "字段的类型或取值不对",
    "unknown-type": "没有这种命令(type)",
    "unknown-specversion": "specversion 应为 1.0",
    "bad-id": "id 里有不能用的字符",
    "unreadable": "读取时出错,请联系运行单位",
    "unknown-department": "这个部门已不再参与",
    "failed": "没有写成,已留存;请联系运行单位",
    "tried-too-often": "没有写成,已留存;请联系运行单位",
}
_PATIENCE = 5.0
_TURN = 0.25  # seconds until what came before its turn comes again

_log = structlog.get_logger()
_Item = Item[Said]
_Called = Mapping[tuple[str, str], int]


class Departments(Handling[Said]):
    """Handles batches of commands; `desk` may be replaced by a newer one. `details`: what a refusal means, by code."""

    stream, noun = COMMANDS, "whistle"

    def __init__(
        self,
        nc: Client,
        desk: WhistleDesk,
        roster: Roster,
        details: Mapping[str, str],
        seal: vault.Seal,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(seal, clock)
        self._nc, self.desk, self._roster, self._details = nc, desk, roster, details

    @property
    def engine(self) -> AsyncEngine:
        return self.desk.engine

    async def __call__(self, messages: Sequence[Msg]) -> list[Verdict]:
        """A batch, for the departments that take part now; what came before its turn comes again."""
        self._roster.look()
        mine = await self._turns(messages)
        verdicts = dict(zip(mine, await super().__call__([messages[i] for i in mine]), strict=True))
        return [verdicts.get(i, Later(_TURN)) for i in range(len(messages))]

    async def _turns(self, messages: Sequence[Msg]) -> list[int]:
        """Those whose turn it is: nothing that a department says overtakes what it said before, also where that is in
        the hands of somebody who died. Others' words do not wait for it."""
        said: dict[str, list[tuple[Mark, int]]] = {}
        for i, msg in enumerate(messages):
            said.setdefault(msg.subject, []).append((mark(msg.reply), i))
        found: list[int] = []
        for subject, some in said.items():
            some.sort(key=lambda one: one[0].stream_seq)
            first = some[0][0]
            if await self._oldest(subject) >= first.stream_seq:
                found += [i for one, i in takewhile(lambda one, first=first: _as_often(one[0], first), some)]  # type: ignore[misc]
        return found

    async def _oldest(self, subject: str) -> float:
        """The first message of a department that is not done: the stream keeps no others."""
        try:
            return (await self._nc.jetstream().get_msg(COMMANDS, 1, subject=subject, next=True)).seq or 0
        except NotFoundError:
            return inf
        except (JetStreamError, NatsError, TimeoutError) as error:
            raise Away("nats") from error

    def open(self, msg: Msg) -> Said:
        if token_of(msg.subject) not in self._roster.posts:
            raise Unreadable("unknown-department")
        said = read_command(msg.subject, msg.data, msg.headers)
        if isinstance(said.data, words.AskCo) and said.data.department not in self._posts():
            raise Unreadable("wrong-type", "$.data.department", *said.cause)
        return said

    def _posts(self) -> frozenset[str]:
        """The departments of this city: what goes into the log is never just anybody's words."""
        entries = self.desk.rules.catalogue.entries.values()
        listed = {f"{self.desk.rules.whistle.department}:{name}" for entry in entries for name in entry.departments}
        return frozenset(listed | set(self._roster.posts.values()))

    def cause(self, said: Said) -> tuple[str, str]:
        return said.cause

    async def done(self, items: Sequence[_Item]) -> list[bool]:
        """Those that are done are answered again: nobody may have heard the first answer."""
        causes = [item.said.cause for item in items]
        known = await self._with(lambda c: inbox.known(c, causes))
        told = [item for item in items if item.said.cause in known]
        answers = [Answer("repeat", *known[item.said.cause]) for item in told]
        await self._answer(told, answers)
        return [cause in known for cause in causes]

    async def act(self, items: Sequence[_Item], repeats: bool) -> list[str | None]:
        at = self._clock()
        numbers = sorted({item.said.number for item in items})
        spots = await self._with(lambda c: departments.spots(c, numbers))
        orders = [self._order(item.said, spots.get(item.said.number, Spot())) for item in items]
        answers = await self.desk.act(orders, at=at, suspect=repeats)
        faults.reach("departments.after-desk")
        await self._answer(items, answers)
        faults.reach("departments.after-answer")
        return [answer.code or "" if answer.outcome == "failed" else None for answer in answers]

    def tell(self, items: Sequence[_Item], count: int, ms: float) -> None:
        _log.info("answered", noun=self.noun, count=count, ms=ms)

    # -- orders -------------------------------------------------------------------------------------------

    def _post(self, said: Said) -> str:
        return self._roster.posts.get(said.token, "")

    def _order(self, said: Said, spot: Spot) -> Order:
        ink = _Ink(self._seal, said.number)
        command = order_of(said.data, self._post(said), spot, ink)
        return Order(*said.cause, self._post(said), Whistling(said.number, command, tuple(ink.kept)), role=ROLE)

    # -- answers ------------------------------------------------------------------------------------------

    async def _answer(self, items: Sequence[_Item], answers: Sequence[Answer]) -> None:
        """A receipt for each that was done or refused; of what failed it is not the last word."""
        pairs = sorted({(item.said.number, self._post(item.said)) for item in items})
        called = await self._with(lambda c: departments.called(c, pairs))
        given = [
            (item, self._receipt(item.said, answer, called))
            for item, answer in zip(items, answers, strict=True)
            if answer.outcome != "failed"
        ]
        at = self._clock()
        await self._publish(
            [receipt(item.said.token, item.mark.stream_seq, item.said.number, one, at) for item, one in given]
        )

    def _receipt(self, said: Said, answer: Answer, called: _Called) -> Receipt:
        """Nobody learns which numbers there are: a whistle that is not there and one that is somebody else's are
        refused alike."""
        post = self._post(said)
        version = called.get((said.number, post))
        code = NOT_YOURS if answer.code and version is None else answer.code
        if answer.outcome == "refused":
            _log.warning("refused", noun=self.noun, id=said.number, post=post, code=answer.code, told=code)
        assert answer.outcome != "failed"
        return Receipt(said.id, answer.outcome, code, self._details.get(code or ""), version)

    async def _bury(self, letters: Sequence[dead.Letter]) -> None:
        await super()._bury(letters)
        at = self._clock()
        await self._publish([_buried(letter, at) for letter in letters])

    async def _publish(self, receipts: Sequence[Outgoing]) -> None:
        try:
            await publish_batch(self._nc, receipts, deadline=_PATIENCE)
        except Unsent as error:
            raise Away("nats") from error


def _as_often(one: Mark, other: Mark) -> bool:
    """Whether two are of those that are handled together."""
    return min(one.deliveries, 3) == min(other.deliveries, 3)


def _buried(letter: dead.Letter, at: datetime) -> Outgoing:
    """What is said to whom a message could not be used of."""
    ident, number = legible(letter.payload, letter.headers)
    outcome: Literal["failed", "unreadable"] = (
        "failed" if letter.reason in ("failed", "tried-too-often") else "unreadable"
    )
    field = letter.detail if outcome == "unreadable" else ""
    detail = UNREADABLE[letter.reason] + (f":{field}" if field else "")
    return receipt(
        token_of(letter.subject), letter.stream_seq, number, Receipt(ident, outcome, letter.reason, detail), at
    )


# -- what a command is to the core ------------------------------------------------------------------------


class _Ink:
    """Seals the words of one command the moment they come in; `kept` goes to the desk with it."""

    def __init__(self, seal: vault.Seal, number: str) -> None:
        self._seal, self._number = seal, number
        self.kept: list[tuple[str, vault.Sealed]] = []

    def write(self, said: str, name: str = "") -> Sealed:
        ref = "/".join(part for part in (self._number, name, secrets.token_hex(8)) if part)
        sealed = self._seal.seal(vault.encode(vault.Dossier(text=said.strip())))
        self.kept.append((ref, sealed))
        return Sealed(ref, sealed.digest)

    def worker(self, post: str, who: str) -> str:
        """The code of whoever comes; their name lies beside, in the record `<number>/<code>/…`."""
        code = self._seal.worker(post, who)
        self.write(who, code)
        return code


def order_of(data: words.Command, post: str, spot: Spot, ink: _Ink) -> Command:
    """The core's command, its words sealed."""
    match data:
        case words.Acknowledge():
            return core.Acknowledge(ink.worker(post, data.person))
        case words.Object():
            return core.Object(data.reason, ink.write(data.text))
        case words.Arrive():
            return _arrive(data, spot)
        case words.Plan():
            return core.Plan(ink.write(data.text), data.until)
        case words.Progress():
            return core.Progress(ink.write(data.text))
        case words.AskCo():
            return core.AskCo(data.department, ink.write(data.text))
        case words.Answer():
            return core.Answer(ink.write(data.text))
        case words.Reply():
            said = ink.write(data.text) if data.text is not None else None
            return core.Reply(data.accepted_at, data.contacted, said, data.finished, data.by_when)
    return _timing(data, ink)


def _timing(data: words.Command, ink: _Ink) -> Command:
    match data:
        case words.AskPause():
            return core.AskPause(data.reason, data.days, ink.write(data.text))
        case words.Resume():
            return core.Resume()
        case words.RateBlower():
            return core.RateBlower(data.justified, data.score)
    raise TypeError(type(data).__name__)


def _arrive(data: words.Arrive, spot: Spot) -> core.Arrive:
    """At the whistle's own place: whoever is elsewhere says so, or their position does. Pictures do not come over
    NATS."""
    position = core.Position(data.lat, data.lon) if data.lat is not None and data.lon is not None else None
    return core.Arrive(data.arrived_at, spot, data.on_site, position)
