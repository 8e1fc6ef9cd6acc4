"""A whistle's step reaches its departments as the little they may see."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
import structlog
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import faults
from huiyin.bus.consume import Verdict
from huiyin.bus.department_words import Told, View
from huiyin.bus.departments import telling, view
from huiyin.bus.envelope import Unreadable
from huiyin.bus.handling import Handling, Item
from huiyin.bus.publish import Outgoing, Unsent, publish_batch
from huiyin.bus.streams import DEPARTMENT_PREFIX, DEPARTMENTS, EVENT_PREFIX, EVENTS, ensure_durable
from huiyin.core.whistle import Step, Whistle
from huiyin.core.whistle.minimal import minimal, shared
from huiyin.departments import Roster
from huiyin.orders import Away
from huiyin.store import departments, vault, whistles

DURABLE = "messenger"
SUBJECT = f"{EVENT_PREFIX}.whistle.>"
CHANGED = "changed"  # in the place of a step that is not for this department's eyes
_PATIENCE = 5.0

_log = structlog.get_logger()


class Heard(Struct, frozen=True):
    """An event of our own, as far as it says where to look: what happened stands in the log."""

    id: str
    source: str
    subject: str
    time: datetime

    @property
    def version(self) -> int:
        return int(self.id.rpartition("-")[2])


_heard = msgspec.json.Decoder(Heard)


class Messenger(Handling[Heard]):
    """Handles batches of whistles' events for the departments of `roster`. Nothing is given up: what stands in the log
    can be told later as well, and twice does no harm, by its id."""

    stream, noun = EVENTS, "whistle"
    pauses = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)
    tries = float("inf")

    def __init__(
        self, nc: Client, engine: AsyncEngine, roster: Roster, seal: vault.Seal, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(seal, clock)
        self._nc, self._engine, self.roster = nc, engine, roster

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    async def welcome(self) -> None:
        """Each department has its place on the stream of what they are told, kept while it is away."""
        for token in self.roster.posts:
            await ensure_durable(self._nc.jetstream(), DEPARTMENTS, token, f"{DEPARTMENT_PREFIX}.{token}.>")

    async def __call__(self, messages: Sequence[Msg]) -> list[Verdict]:
        """A batch, for the departments that take part now."""
        self.roster.look()
        return await super().__call__(messages)

    def open(self, msg: Msg) -> Heard:
        try:
            said = _heard.decode(msg.data)
            said.version  # noqa: B018  # that it has one
        except (msgspec.MsgspecError, ValueError):
            raise Unreadable("not-an-event") from None
        return said

    def cause(self, said: Heard) -> tuple[str, str]:
        return said.source, said.id

    async def done(self, items: Sequence[Item[Heard]]) -> list[bool]:
        return [False] * len(items)

    async def act(self, items: Sequence[Item[Heard]], repeats: bool) -> list[str | None]:
        numbers = sorted({item.said.subject for item in items})
        past = await self._with(lambda c: whistles.CHAINS.past(c, numbers))
        out = await self._with(lambda c: departments.accused(c, numbers))
        faults.reach("messenger.after-look")
        tokens = self.roster.tokens
        made = [one for item in items for one in news(item.said, past.get(item.said.subject, []), tokens, out)]
        try:
            await publish_batch(self._nc, made, deadline=_PATIENCE)
        except Unsent as error:
            raise Away("nats") from error
        faults.reach("messenger.after-publish")
        return [None] * len(items)

    def tell(self, items: Sequence[Item[Heard]], count: int, ms: float) -> None:
        _log.info("told", noun=self.noun, count=count, ms=ms)


def news(
    heard: Heard, past: whistles.Past, tokens: Mapping[str, str], out: Container[tuple[str, str]] = ()
) -> Iterator[Outgoing]:
    """What a step of a whistle is to each department: all it may see of it now, where that is other than before; that
    it has no more to do with it, where it is called no longer. Those in `out` are told that alone."""
    if heard.version > len(past):
        return
    step, after = past[heard.version - 1]
    before = past[heard.version - 2][1] if heard.version > 1 else None
    for post, token in tokens.items():
        was, now = _seen(before, post), _seen(after, post)
        if was != now and (now is None or (heard.subject, post) not in out):
            lead = any(one is not None and one.lead for one in (was, now))
            name = _name(step) if shared(step, post, lead=lead) else CHANGED
            yield telling(token, heard.subject, Told(heard.version, name, now), heard.time)


def _seen(whistle: Whistle | None, post: str) -> View | None:
    seen = minimal(whistle, post) if whistle is not None else None
    return view(seen) if seen is not None else None


def _name(step: Step) -> str:
    """`whistle.called.v1` is called."""
    return str(type(step).__struct_config__.tag).split(".")[1]
