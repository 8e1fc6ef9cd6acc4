"""Golden messages (样例): one of every type of every released version; today's code must still read them all."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from huiyin import schema
from huiyin.bus.envelope import FILED, Event, read_filed
from huiyin.core.ticket import Step, follow
from tests.contract.test_schemas import KEPT, validator

GOLDEN = KEPT / schema.GOLDEN
MESSAGES = sorted(GOLDEN.glob("*/*.json"))
VERSION = "0.1.0"


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def step_of(path: Path) -> Struct:
    """The step inside a golden event, as today's code reads it."""
    event = msgspec.json.decode(path.read_bytes(), type=Event)
    return msgspec.convert(event.data, schema.steps()[event.type], strict=True)


def says(value: Any, data: Any) -> bool:
    """Whether what was read still holds everything that was written."""
    if isinstance(data, dict):
        return all(name == "step" or says(getattr(value, name), inner) for name, inner in data.items())
    if isinstance(data, list):
        return len(value) == len(data) and all(map(says, value, data))
    if isinstance(value, datetime):
        return value == datetime.fromisoformat(data)
    return bool(value == data)


def test_every_published_type_has_one() -> None:
    """A new message brings its example in the same change."""
    assert {path.stem for path in MESSAGES} == {FILED, *schema.steps()}
    assert {path.stem for path in MESSAGES if path.parent.name == VERSION} >= {FILED, "ticket.filed.v1"}


@pytest.mark.parametrize("path", MESSAGES, ids=name_of)
def test_it_fits_the_schema_of_today(path: Path) -> None:
    message = json.loads(path.read_text())
    assert message["type"] == path.stem
    validator(path.stem).validate(message)


@pytest.mark.parametrize("path", [p for p in MESSAGES if p.stem != FILED], ids=name_of)
def test_a_step_is_still_read_whole(path: Path) -> None:
    assert says(step_of(path), json.loads(path.read_text())["data"])


@pytest.mark.parametrize("path", [p for p in MESSAGES if p.stem == FILED], ids=name_of)
def test_a_complaint_is_still_read_whole(path: Path) -> None:
    filed = read_filed(path.read_bytes(), None)
    message = json.loads(path.read_text())
    assert filed.unknown == ()
    assert (filed.source, filed.event_id) == (message["source"], message["id"])
    assert says(filed.data, message["data"])


def test_a_ticket_of_an_old_log_still_folds() -> None:
    """The steps of one golden ticket in order give a ticket."""
    ticket = None
    for name in ("ticket.filed.v1", "ticket.sorted.v1", "ticket.reclassified.v1"):
        step = step_of(GOLDEN / VERSION / f"{name}.json")
        assert isinstance(step, Step)
        ticket = follow(ticket, step)
    assert ticket is not None
    assert (ticket.number, ticket.version, ticket.category) == ("HY000000017", 3, "A02")
    assert ticket.post is not None
    assert ticket.post.code == "community:990101001001"
