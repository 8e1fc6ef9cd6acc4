"""The sorter's small print: clocks that lie, a rulebook that changes while a batch is under way."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from consumers.sorter import Intake
from huiyin.bus.consume import Mark
from huiyin.bus.envelope import ComplaintData, Filed
from huiyin.bus.handling import Item
from huiyin.desk import Complaint
from huiyin.store.vault import Seal
from tests.core.world import AT, sorting

NOTHING = cast(Any, None)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (AT - timedelta(days=3), AT - timedelta(days=3)),
        (AT + timedelta(days=3), AT),
        (datetime.fromisoformat("0001-01-01T00:00:00+14:00"), datetime(2000, 1, 1, tzinfo=UTC)),
        (None, AT),
    ],
)
def test_a_clock_that_lies_costs_no_complaint(said: datetime | None, kept: datetime) -> None:
    intake = Intake(NOTHING, NOTHING, Seal(b"m" * 32), lambda: AT)
    item = Item(NOTHING, Mark(1, 1), Filed("urn:test", "1", ComplaintData("漏水", filed_at=said)))
    what = intake._order(item, sorting(), AT).what
    assert isinstance(what, Complaint)
    assert what.filed_at == kept
