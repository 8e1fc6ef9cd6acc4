"""What departments and the house say to each other fits what is published about it, and old messages are still read."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct

from huiyin import schema
from huiyin.bus.department_words import COMMANDS, RECEIPT, TOLD, Receipt, Told, View
from huiyin.bus.departments import read_command, receipt, telling, view
from huiyin.bus.envelope import Event, Unreadable
from huiyin.core.whistle.commands import Acknowledge
from huiyin.core.whistle.minimal import minimal
from huiyin.department_schema import DATA, EXAMPLES
from huiyin.engines.accounts import HEARS, SAYS
from tests.contract.test_golden import says
from tests.contract.test_schemas import ASYNCAPI, FORMATS, KEPT
from tests.core.whistling import CITY, LEADER, PICTURE, Story, at_department, blow
from tests.core.world import AT

SUBJECT = "huiyin.department.chengguan.command"
GOLDEN = sorted((KEPT / schema.GOLDEN).glob("*/departments/*.json"))


def validator(name: str) -> Draft202012Validator:
    text = (KEPT / "departments" / f"{name}.json").read_text()
    return Draft202012Validator(json.loads(text), format_checker=FORMATS)


def read(message: dict[str, Any]) -> Struct:
    """The data of a message as today's code reads it."""
    if message["type"] in COMMANDS:
        return read_command(SUBJECT, json.dumps(message).encode(), None).data
    event = msgspec.convert(message, Event)
    return msgspec.convert(event.data, DATA[event.type])


def test_every_type_has_a_schema_an_example_and_a_golden_message() -> None:
    assert {path.stem for path in (KEPT / "departments").glob("*.json")} == set(DATA) == set(EXAMPLES)
    assert {path.stem for path in GOLDEN} == set(DATA)
    for name in DATA:
        Draft202012Validator.check_schema(json.loads((KEPT / "departments" / f"{name}.json").read_text()))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_a_golden_message_is_still_read_whole(path: Path) -> None:
    message = json.loads(path.read_text())
    assert message["type"] == path.stem
    validator(path.stem).validate(message)
    assert says(read(message), message["data"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_one(name: str) -> None:
    """Also in AsyncAPI, where people look; and its answer would say the whistle's number."""
    validator(name).validate(EXAMPLES[name])
    read(EXAMPLES[name])
    (shown,) = ASYNCAPI["components"]["messages"][name]["examples"]
    assert shown["payload"] == EXAMPLES[name]


def test_asyncapi_speaks_of_the_subjects_of_a_department() -> None:
    addresses = {channel["address"] for channel in ASYNCAPI["channels"].values()}
    assert {SAYS, HEARS[0].replace("*", "{change}"), HEARS[1]} <= addresses
    channels = ASYNCAPI["channels"]
    assert set(channels["departmentCommands"]["messages"]) == set(COMMANDS)
    assert set(channels["departmentEvents"]["messages"]) == {TOLD}
    assert set(channels["departmentReceipts"]["messages"]) == {RECEIPT}
    for name in DATA:
        assert name in ASYNCAPI["components"]["schemas"]


def test_what_is_published_fits_its_schema() -> None:
    """A whole view, a department that is replaced, every outcome of a command."""
    story = Story(blow("emergency", pictures=(PICTURE,)))
    story.give(Acknowledge("p-x"), at_department(CITY))
    seen = minimal(story.whistle, CITY)
    assert seen is not None
    assert view(seen).pictures == 1
    for said in (Told(4, "acknowledged", view(seen)), Told(9, "objection_ruled", None)):
        out = telling("chengguan", "SH000000001", said, AT)
        validator(TOLD).validate(json.loads(out.payload))
        assert out.subject == f"huiyin.department.chengguan.event.{said.step}"
    for answer in (
        Receipt("1", "done", version=4),
        Receipt("1", "refused", "recused", "依法回避"),
        Receipt("", "unreadable", "x", "y"),
    ):
        out = receipt("chengguan", 7, "SH000000001", answer, AT)
        validator(RECEIPT).validate(json.loads(out.payload))
    assert LEADER.post not in out.payload.decode()


def test_a_view_has_no_word_and_no_reference_into_the_vault() -> None:
    """The allow-list of the allow-list: what `minimal` may gain later does not travel by itself."""
    assert set(View.__struct_fields__) == {
        "number", "kind", "category", "spot", "position", "pictures", "blower", "street", "lead", "called_at", "bound",
        "objected", "paused", "returned", "closed", "limits", "others",
    }  # fmt: skip
    text = (KEPT / "departments" / f"{TOLD}.json").read_text()
    assert not [word for word in ("dossier", "sealed", "ticket", "person", "words") if f'"{word}"' in text]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_teeth(name: str) -> None:
    """What the schema refuses is refused in reading, and the other way round."""
    good = EXAMPLES[name]
    check = validator(name)
    broken = [{field: value for field, value in good.items() if field != lost} for lost in ("id", "source", "subject")]
    broken += [good | {"subject": "HY000000001"}, good | {"specversion": "0.3"}, good | {"id": ""}]
    broken.append(good | {"data": good["data"] | {"phone": "13800000000"}})
    for field, value in good["data"].items():
        if field in COMMANDS[name].__struct_fields__[: _required(name)]:
            broken.append(good | {"data": {key: kept for key, kept in good["data"].items() if key != field}})
        if isinstance(value, str) and field in ("text", "person"):
            broken += [good | {"data": good["data"] | {field: wrong}} for wrong in ("", " ", "长" * 8001)]
    for one in broken:
        assert not check.is_valid(one), one
        with pytest.raises(Unreadable):
            read_command(SUBJECT, json.dumps(one).encode(), None)


def _required(name: str) -> int:
    shape = COMMANDS[name]
    return len(shape.__struct_fields__) - len(shape.__struct_defaults__)


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b'"x"', b"{", b"\xff", b"[" * 100_000, b'{"id":1}'])
def test_anything_else_is_unreadable_and_nothing_worse(payload: bytes) -> None:
    with pytest.raises(Unreadable) as said:
        read_command(SUBJECT, payload, None)
    assert said.value.event_id is None
    assert "\n" not in said.value.detail


def test_what_is_wrong_is_named_and_its_value_is_not() -> None:
    bad = EXAMPLES["huiyin.whistle.progress.v1"] | {"data": {"text": "x", "张三13800000000": 1}}
    with pytest.raises(Unreadable) as said:
        read_command(SUBJECT, json.dumps(bad).encode(), None)
    assert (said.value.code, said.value.detail) == ("unknown-field", "")
