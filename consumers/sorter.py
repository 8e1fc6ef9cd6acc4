"""A complaint on the stream becomes a ticket in its grid."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog
from msgspec.structs import replace
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin import faults
from huiyin.bus.envelope import ComplaintData, Filed, place, read_filed
from huiyin.bus.handling import Handling, Item
from huiyin.bus.streams import INTAKE, SORTER
from huiyin.core.sorting import Question, Sorter
from huiyin.core.words import Sorting
from huiyin.desk import Complaint, Desk, Order
from huiyin.store import inbox, vault

DURABLE = SORTER
ACTOR = "sorter"
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # a clock that says year 1 (a zero value) must not cost a complaint

_log = structlog.get_logger()
_Item = Item[Filed]


class Intake(Handling[Filed]):
    """Handles batches of `huiyin.complaint.filed.v1`; `desk` and `sorter` may be replaced by newer ones."""

    stream, noun = INTAKE, "complaint"

    def __init__(self, desk: Desk, sorter: Sorter, seal: vault.Seal, clock: Callable[[], datetime]) -> None:
        super().__init__(seal, clock)
        self.desk, self.sorter = desk, sorter

    @property
    def engine(self) -> AsyncEngine:
        return self.desk.engine

    def open(self, msg: Msg) -> Filed:
        return read_filed(msg.data, msg.headers)

    def cause(self, said: Filed) -> tuple[str, str]:
        return said.source, said.event_id

    async def done(self, items: Sequence[_Item]) -> list[bool]:
        causes = [self.cause(item.said) for item in items]
        known = await self._with(lambda c: inbox.known(c, causes))
        return [cause in known for cause in causes]

    async def act(self, items: Sequence[_Item], repeats: bool) -> list[str | None]:
        at = self._clock()
        desk, sorter = self.desk, self.sorter  # one rulebook for the whole batch, whatever comes meanwhile
        faults.taste(item.said.data.text for item in items)
        found = sorter.sort([_question(item.said.data) for item in items])
        faults.reach("sorter.after-sort")
        orders = [self._order(item, sorting, at) for item, sorting in zip(items, found, strict=True)]
        answers = await desk.act(orders, at=at, suspect=repeats)
        return [answer.code or "" if answer.outcome == "failed" else None for answer in answers]

    def _order(self, item: _Item, sorting: Sorting, at: datetime) -> Order:
        filed, data = item.said, item.said.data
        when = max(_EARLIEST, min(data.filed_at or filed.time or at, at))
        sealed = self._seal.seal(_dossier(data), data.reporter.phone if data.reporter else None)
        building, room = sorting.spot.building_code, data.place.room if data.place else None
        if building and room:  # whoever lives there must not handle it (回避)
            sealed = replace(sealed, household=self._seal.household(building, room))
        what = Complaint(data.channel or "other", data.about or "none", when, sorting, sealed)
        return Order(filed.source, filed.event_id, ACTOR, what, item.mark.stream_seq)

    def tell(self, items: Sequence[_Item], count: int, ms: float) -> None:
        _log.info("sorted", noun=self.noun, count=count, ms=ms)
        for item in items:
            if item.said.unknown:
                _log.info("kept_out", noun=self.noun, seq=item.mark.stream_seq, fields=item.said.unknown)


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
