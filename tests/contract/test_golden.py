"""Golden messages (样例): one of every type of every released version; today's code must still read them all."""

import json
from datetime import date
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from msgspec import Struct

from huiyin import schema
from huiyin.bus.envelope import FILED, Event, read_filed
from huiyin.core import mediation, whistle
from huiyin.core.ticket import Step, Ticket, follow
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
    if isinstance(value, date):
        return value == type(value).fromisoformat(data)
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
    """The steps of one golden ticket in order give a ticket; it was sorted before there were two clocks a rung."""
    ticket = None
    for name in ("ticket.filed.v1", "ticket.sorted.v1", "ticket.reclassified.v1"):
        step = step_of(GOLDEN / VERSION / f"{name}.json")
        assert isinstance(step, Step)
        ticket = follow(ticket, step)
    assert ticket is not None
    assert (ticket.number, ticket.version, ticket.category) == ("HY000000017", 3, "A02")
    assert (ticket.sign, ticket.provisional) == (None, False)
    assert ticket.post is not None
    assert ticket.post.code == "community:990101001001"


def life(number: str, noun: str = "ticket") -> list[Step]:
    """The golden steps of a ticket in the order of its log; they are an excerpt."""
    found = []
    for path in (one for one in MESSAGES if one.stem != FILED):
        event = msgspec.json.decode(path.read_bytes(), type=Event)
        if (event.subject, event.type.partition(".")[0]) == (number, noun):
            found.append((int(event.id.rpartition("-")[2]), step_of(path)))
    assert len({version for version, _ in found}) == len(found)
    return [step for _, step in sorted(found, key=lambda one: one[0])]  # type: ignore[misc]


def folded(number: str) -> Ticket:
    """A golden life on top of a golden beginning."""
    ticket = None
    for step in [*life("HY000000017"), *life(number)]:
        ticket = follow(ticket, step)
    assert ticket is not None
    return ticket


def test_a_whole_life_of_an_old_log_still_folds() -> None:
    """From signing to closing, by way of shelving, supervision and a resident's no."""
    steps = life("HY000000031")
    assert len(steps) > 25
    assert {type(step).__name__ for step in steps[-2:]} == {"Reopened", "Closed"}
    ticket = folded("HY000000031")
    assert (ticket.version, ticket.state, ticket.outcome) == (3 + len(steps), "closed", "explained")
    assert (ticket.rung, ticket.reopened, ticket.joined, ticket.next_at) == ("community_committee", 1, (), None)


@pytest.mark.parametrize("number", ["HY000000032", "HY000000033", "HY000000034", "HY000000035", "HY000000036"])
def test_the_other_golden_tickets_still_fold(number: str) -> None:
    """Merged and split, redirected, worked out anew, told to the respondent, urged and under pressure."""
    assert folded(number).version == 3 + len(life(number))


def test_no_golden_step_stands_outside_a_life() -> None:
    """Each is folded by one of the tests above, or is the hotline's, which nothing follows."""
    told = [
        type(step) for number in ("17", "18", "31", "32", "33", "34", "35", "36") for step in life(f"HY0000000{number}")
    ]
    assert set(told) == set(Step.__args__)


# -- whistles ---------------------------------------------------------------------------------------------


def test_a_whistle_of_an_old_log_still_folds() -> None:
    """One golden life from the call to both ratings (each kind of step once), the others' beginnings on top of it."""
    steps: list[Any] = life("SH000000001", "whistle")
    kept = None
    for step in steps:
        kept = whistle.follow(kept, step)
    assert kept is not None
    assert (kept.version, kept.state, kept.outcome, kept.returned) == (len(steps), "closed", "rated", 1)
    others: list[Any] = [step for n in range(2, 7) for step in life(f"SH00000000{n}", "whistle")]
    assert {type(step).__name__ for step in others} == {
        "SentBack", "Declined", "Cancelled", "PauseRefused", "Recomputed"
    }  # fmt: skip
    for step in others:
        assert whistle.follow(kept, step).version == kept.version + 1
    assert {type(step) for step in (*steps, *others)} == set(get_args(whistle.Step))


# -- mediations -------------------------------------------------------------------------------------------


def test_a_mediation_of_an_old_log_still_folds() -> None:
    """One golden life from the application to the file (each kind of step once), the others on top of it."""
    steps: list[Any] = life("TJ000000001", "mediation")
    kept = None
    for step in steps:
        kept = mediation.follow(kept, step)
    assert kept is not None
    assert (kept.version, kept.state, kept.confirmation) == (len(steps), "archived", "refused")
    assert str(kept.case) == "(2026)柳岸人调字第12号"
    others: list[Any] = [step for n in range(2, 5) for step in life(f"TJ00000000{n}", "mediation")]
    assert {type(step).__name__ for step in others} == {
        "Ended", "RoutesDelivered", "AgreedOrally", "ConfirmationLapsed", "Recomputed"
    }  # fmt: skip
    for step in others:
        assert mediation.follow(kept, step).version == kept.version + 1
    assert {type(step) for step in (*steps, *others)} == set(get_args(mediation.Step))
