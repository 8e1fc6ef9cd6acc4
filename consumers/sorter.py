"""A complaint on the stream becomes a ticket in its grid."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import TypeVar

import structlog
from msgspec import Struct
from msgspec.structs import replace
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import faults
from huiyin.bus.consume import Later, Mark, Say, Verdict, mark
from huiyin.bus.envelope import ComplaintData, Filed, Unreadable, place, read_filed
from huiyin.bus.streams import INTAKE, SORTER
from huiyin.core.sorting import Question, Sorter
from huiyin.core.words import Sorting
from huiyin.desk import Answer, Away, Complaint, Desk, Order
from huiyin.store import dead, inbox, vault
from huiyin.store.database import is_away

DURABLE = SORTER
ACTOR = "sorter"
TRIES = 5
_OFTEN = 2  # deliveries after which a message is handled alone and every try is counted first
_PAUSES = (1.0, 2.0, 5.0, 10.0)

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # a clock that says year 1 (a zero value) must not cost a complaint

_log = structlog.get_logger()
_T = TypeVar("_T")


class _Item(Struct):
    """One message on its way through a batch."""

    msg: Msg
    mark: Mark
    filed: Filed


class Intake:
    """Handles batches of `huiyin.complaint.filed.v1`. `clock` gives aware UTC times."""

    def __init__(self, desk: Desk, sorter: Sorter, seal: vault.Seal, clock: Callable[[], datetime]) -> None:
        self.desk, self.sorter = desk, sorter
        self._seal = seal
        self._clock = clock

    async def __call__(self, messages: Sequence[Msg]) -> list[Verdict]:
        """One verdict a message; raises Away where the database is."""
        began = perf_counter()
        verdicts: dict[int, Verdict] = {}
        letters: list[tuple[int, dead.Letter]] = []
        fresh: list[tuple[int, _Item]] = []
        again: list[tuple[int, _Item]] = []
        lone: list[tuple[int, _Item]] = []
        for i, msg in enumerate(messages):
            item = _opened(msg)
            if isinstance(item, dead.Letter):
                letters.append((i, item))
                continue
            times = item.mark.deliveries
            group = fresh if times == 1 else lone if times > _OFTEN else again
            group.append((i, item))
        await self._bury([letter for _, letter in letters])
        verdicts.update((i, Say.NEVER) for i, _ in letters)
        await self._crowd(fresh, verdicts)
        await self._crowd(again, verdicts)  # what killed a worker before must not take fresh ones along
        for i, item in await self._by_tries(lone, verdicts):
            verdicts[i] = await self._alone(item)
        _tell(messages, letters, fresh + again + lone, began)
        return [verdicts[i] for i in range(len(messages))]

    async def _crowd(self, items: Sequence[tuple[int, _Item]], verdicts: dict[int, Verdict]) -> None:
        if not items:
            return
        repeats = any(item.mark.deliveries > 1 for _, item in items)
        answers = await self._try([item for _, item in items], repeats)
        for (i, item), answer in zip(items, answers, strict=True):
            verdicts[i] = Say.DONE if answer.outcome != "failed" else await self._again(item, answer.code)

    async def _try(self, items: Sequence[_Item], repeats: bool) -> list[Answer]:
        """What raises is found by halving, as the desk finds what it cannot write: it fails alone."""
        try:
            return await self._act(items, repeats)
        except Away:
            raise
        except Exception as error:
            if len(items) == 1:
                _log.error("failed", noun="complaint", seq=items[0].mark.stream_seq, exc_info=error)
                return [Answer("failed", code=type(error).__name__)]
        middle = len(items) // 2
        return await self._try(items[:middle], repeats) + await self._try(items[middle:], repeats)

    async def _by_tries(
        self, items: Sequence[tuple[int, _Item]], verdicts: dict[int, Verdict]
    ) -> list[tuple[int, _Item]]:
        """What came often: done ones are done, the rest least tried first, so that nobody waits behind a killer."""
        if not items:
            return []
        causes = [(item.filed.source, item.filed.event_id) for _, item in items]
        known = await self._with(lambda c: inbox.known(c, causes))
        verdicts.update((i, Say.DONE) for i, item in items if (item.filed.source, item.filed.event_id) in known)
        left = [(i, item) for i, item in items if i not in verdicts]
        tries = await self._with(lambda c: dead.attempts(c, INTAKE, [item.mark.stream_seq for _, item in left]))
        return sorted(left, key=lambda pair: tries.get(pair[1].mark.stream_seq, 0))

    async def _alone(self, item: _Item) -> Verdict:
        """A message that came often may be what kills us: count the try first, then handle it by itself."""
        tries = await self._count(item)
        if tries > TRIES:
            return await self._give_up(item, "tried-too-often", "")
        try:
            (answer,) = await self._try([item], True)
        except Away:
            with suppress(Exception):  # the database's fault is not counted against the message
                await self._with(lambda c: dead.forgive(c, INTAKE, item.mark.stream_seq))
            raise
        return Say.DONE if answer.outcome != "failed" else await self._judge(item, tries, answer.code)

    async def _again(self, item: _Item, code: str | None) -> Verdict:
        return await self._judge(item, await self._count(item), code)

    async def _judge(self, item: _Item, tries: int, code: str | None) -> Verdict:
        if tries >= TRIES:
            return await self._give_up(item, "failed", code or "")
        return Later(_PAUSES[min(tries, len(_PAUSES)) - 1])

    async def _act(self, items: Sequence[_Item], repeats: bool) -> list[Answer]:
        at = self._clock()
        desk, sorter = self.desk, self.sorter  # one rulebook for the whole batch, whatever comes meanwhile
        faults.taste(item.filed.data.text for item in items)
        found = sorter.sort([_question(item.filed.data) for item in items])
        faults.reach("sorter.after-sort")
        orders = [self._order(item, sorting, at) for item, sorting in zip(items, found, strict=True)]
        return await desk.act(orders, at=at, suspect=repeats)

    def _order(self, item: _Item, sorting: Sorting, at: datetime) -> Order:
        filed, data = item.filed, item.filed.data
        when = max(_EARLIEST, min(data.filed_at or filed.time or at, at))
        sealed = self._seal.seal(_dossier(data), data.reporter.phone if data.reporter else None)
        building, room = sorting.spot.building_code, data.place.room if data.place else None
        if building and room:  # whoever lives there must not handle it (回避)
            sealed = replace(sealed, household=self._seal.household(building, room))
        what = Complaint(data.channel or "other", data.about or "none", when, sorting, sealed)
        return Order(filed.source, filed.event_id, ACTOR, what, item.mark.stream_seq)

    async def _count(self, item: _Item) -> int:
        return await self._with(lambda c: dead.attempt(c, INTAKE, item.mark.stream_seq, self._clock()))

    async def _with(self, work: Callable[[AsyncConnection], Awaitable[_T]]) -> _T:
        """One transaction of its own; Away where the database is."""
        try:
            async with self.desk.engine.begin() as connection:
                return await work(connection)
        except Exception as error:
            raise _away(error) from None

    async def _give_up(self, item: _Item, code: str, detail: str) -> Verdict:
        filed = item.filed
        await self._bury([_letter(item.msg, item.mark, code, detail, filed.source, filed.event_id)])
        return Say.NEVER

    async def _bury(self, letters: Sequence[dead.Letter]) -> None:
        if not letters:
            return
        await self._with(lambda c: dead.bury(c, self._seal, letters, self._clock()))


def _opened(msg: Msg) -> _Item | dead.Letter:
    """A message as it is meant, or as it is buried."""
    where = mark(msg.reply)
    try:
        return _Item(msg, where, read_filed(msg.data, msg.headers))
    except Unreadable as fault:
        return _letter(msg, where, fault.code, fault.detail, fault.source, fault.event_id)
    except Exception as bug:  # ours; its neighbours must not wait for the mending
        return _letter(msg, where, "unreadable", type(bug).__name__, None, None)


def _away(error: Exception) -> Exception:
    return Away(type(error).__name__) if is_away(error) else error


def _question(data: ComplaintData) -> Question:
    return Question(data.text, data.title or "", place(data.place), data.category, data.about)


def _dossier(data: ComplaintData) -> bytes:
    who = data.reporter
    return vault.encode(
        vault.Dossier(
            data.text,
            data.title,
            data.place,
            who.name if who else None,
            who.phone if who else None,
            who.anonymous if who else None,
        )
    )


def _letter(msg: Msg, where: Mark, reason: str, detail: str, source: str | None, event_id: str | None) -> dead.Letter:
    return dead.Letter(
        INTAKE,
        where.stream_seq,
        msg.subject,
        reason,
        detail,
        where.deliveries,
        msg.data,
        dict(msg.headers) if msg.headers else None,
        source,
        event_id,
    )


def _tell(
    messages: Sequence[Msg],
    letters: Sequence[tuple[int, dead.Letter]],
    items: Sequence[tuple[int, _Item]],
    began: float,
) -> None:
    """One line a batch; dead letters and fields kept out are named each."""
    _log.info("sorted", noun="complaint", count=len(messages), ms=round((perf_counter() - began) * 1000, 1))
    for _, letter in letters:
        _log.warning("buried", noun="complaint", seq=letter.stream_seq, reason=letter.reason, field=letter.detail)
    for _, item in items:
        if item.filed.unknown:
            _log.info("kept_out", noun="complaint", seq=item.mark.stream_seq, fields=item.filed.unknown)
