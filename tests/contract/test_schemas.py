"""What is published is what the code says (ARCHITECTURE 4): schemas/ is generated, and real messages fit it."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker
from msgspec import Struct

from huiyin import schema
from huiyin.bus import relay
from huiyin.bus.envelope import FILED, ComplaintData, write_filed
from huiyin.bus.streams import INTAKE_SUBJECT
from huiyin.commands.schema import schema as command
from huiyin.core import calendar, export, mediation, registry, staff, whistle
from huiyin.core.calendar import Calendar, Year
from huiyin.core.entry import EntryStep
from huiyin.core.mediation import heard, office
from huiyin.core.office import OfficeStep
from huiyin.core.ticket import Step, decide
from huiyin.store import log
from tests.core.world import AT, REGISTRY, RULES, file

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "schemas"
ASYNCAPI = json.loads((KEPT / "asyncapi.json").read_text())


FORMATS = FormatChecker()


@FORMATS.checks("date-time", ValueError)
def _is_time(value: object) -> bool:
    """RFC 3339, with its offset."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def validator(name: str) -> Draft202012Validator:
    """The committed schema of a message."""
    text = (KEPT / "events" / f"{name}.json").read_text()
    return Draft202012Validator(json.loads(text), format_checker=FORMATS)


def test_schemas_are_what_the_code_says() -> None:
    """Law: what is published is what the code says. Run `huiyin schema` and look at the difference."""
    assert schema.differing(KEPT) == []


def test_every_schema_is_one() -> None:
    for path in sorted((KEPT / "events").glob("*.json")):
        Draft202012Validator.check_schema(json.loads(path.read_text()))


def test_check_names_what_differs(tmp_path: Path) -> None:
    """Missing, changed and left over: each is named, and `huiyin schema` mends them all but no golden message."""
    golden = tmp_path / "golden" / "0.1.0" / "x.json"
    golden.parent.mkdir(parents=True)
    golden.write_text("{}")
    run = CliRunner()
    assert run.invoke(command, ["--folder", str(tmp_path)]).exit_code == 0
    assert run.invoke(command, ["--check", "--folder", str(tmp_path)]).exit_code == 0
    (tmp_path / "openapi.json").write_text("{}\n")
    (tmp_path / "events" / "ticket.filed.v1.json").unlink()
    (tmp_path / "events" / "ticket.forgotten.v1.json").write_text("{}\n")
    said = run.invoke(command, ["--check", "--folder", str(tmp_path)])
    assert said.exit_code == 1
    names = ("openapi.json", "events/ticket.filed.v1.json", "events/ticket.forgotten.v1.json")
    assert all(name in said.output for name in names)
    assert "huiyin schema" in said.output
    assert run.invoke(command, ["--folder", str(tmp_path)]).exit_code == 0
    assert schema.differing(tmp_path) == []
    assert golden.read_text() == "{}"


_WHY = {"dossier": "X3f9a2c41b07d/why", "sealed": "0" * 64}
_EXPORT = {"step": "export.made.v1", "rows": 37, "by": ["state=signed"], "why": _WHY}
# Steps of nouns without a `decide`, and what the bus says in a step's place.
OTHERS = (heard.Moved, registry.Imported, calendar.YearImported, staff.Taken, staff.Left, export.Exported,
          *OfficeStep.__args__, *EntryStep.__args__)  # fmt: skip


def test_every_step_of_every_noun_is_published() -> None:
    """No step is forgotten: the union that `follow` takes is what has schemas."""
    decided = (*Step.__args__, *get_args(whistle.Step), *get_args(mediation.Step))
    tags = {str(shape.__struct_config__.tag) for shape in (*decided, *get_args(office.Step), *OTHERS)}
    assert set(schema.steps()) == tags
    assert {path.stem for path in (KEPT / "events").glob("*.json")} == tags | {FILED}


# -- real messages ----------------------------------------------------------------------------------------


def published() -> list[tuple[str, dict[str, Any]]]:
    """(subject, event) of a story that has every step, as the relay sends it."""
    emergency = file("J05", hotline=("gas", "119"))
    steps = decide(None, emergency, at=AT, rules=RULES)
    redirected = decide(None, file(about="street"), at=AT, rules=RULES)
    decided = {type(step) for step in (*steps, *redirected)}
    told = [step for step in _golden() if type(step) not in decided]
    made = _entries("ticket", "HY000000001", steps) + _entries("ticket", "HY000000002", redirected)
    made += _entries("ticket", "HY000000003", told)
    made += _entries("whistle", "SH000000001", _golden("whistle"))
    made += _entries("mediation", "TJ000000001", _golden("mediation"))
    made += _entries("registry", "registry", registry.imported(REGISTRY, ""))
    made += _entries("calendar", "calendar", calendar.imported(Year(2027, {}, {}), Calendar.of([])))
    term = staff.Term("department:城管", "p-7f3k2m4q", "department", "street:990101001", AT)
    made += _entries("post", term.post, [*staff.taken([], term), *staff.left([term], term.post, term.person, AT)])
    made += _entries("export", "X3f9a2c41b07d", [msgspec.convert(_EXPORT, export.Exported)])
    for noun in ("account", "letter", "rulebook"):
        made += _entries(noun, noun, _golden(noun))
    return [(out.subject, json.loads(out.payload)) for out in map(relay.outgoing, made)]


def _golden(noun: str = "ticket") -> list[Struct]:
    """The golden steps of a noun, as today's code reads them."""
    events = [json.loads(path.read_text()) for path in sorted((KEPT / schema.GOLDEN).rglob(f"{noun}.*.json"))]
    told = [event for event in events if event["type"] != "mediation.moved.v1"]  # in no log
    return [msgspec.convert(event["data"], schema.steps()[event["type"]], strict=True) for event in told]


def _entries(noun: str, ident: str, steps: list[Any]) -> list[log.Entry]:
    names = [str(type(step).__struct_config__.tag) for step in steps]
    rows, _ = log.rows(
        noun, ident, log.Head(), steps, names=names, key="-", actor="sorter", cause="INTAKE/1", at=AT, rules="test"
    )
    return [
        log.Entry(log.Cursor(), noun, ident, version, step, key, at, body)
        for _, _, version, step, key, at, _, _, body in rows
    ]


STORY = published()


def test_the_story_has_every_step() -> None:
    assert {event["type"] for _, event in STORY} == set(schema.published())


def test_of_a_mediation_the_bus_hears_that_it_moved_and_no_more() -> None:
    """Neither what happened nor to whom: that a party talked alone, that a child is in danger, which ticket it is."""
    told = [(subject, event) for subject, event in STORY if event["id"].startswith("mediation-")]
    assert len(told) > 30
    assert {subject for subject, _ in told} == {"huiyin.event.mediation.moved.-"}
    assert {str(event["data"]) for _, event in told} == {"{'step': 'mediation.moved.v1'}"}
    spoken = {name for name in ASYNCAPI["components"]["messages"] if name.startswith("mediation.")}
    assert spoken == {"mediation.moved.v1"}


@pytest.mark.parametrize(("subject", "event"), STORY, ids=lambda value: value if isinstance(value, str) else None)
def test_what_the_relay_sends_fits_its_schema(subject: str, event: dict[str, Any]) -> None:
    validator(event["type"]).validate(event)
    parameters = ASYNCAPI["channels"]["events"]["parameters"]
    matched = re.fullmatch(r"huiyin\.event\.(\w+)\.(\w+)\.([\w-]+)", subject)
    assert matched
    assert matched[1] in parameters["noun"]["enum"]
    assert matched[2] in parameters["step"]["enum"]


def test_what_we_file_ourselves_fits_the_intake() -> None:
    event = json.loads(write_filed("urn:huiyin:web", "1", ComplaintData("楼道灯坏了", channel="web"), AT))
    validator(FILED).validate(event)
    assert event["specversion"] == "1.0", "CloudEvents 1.0 requires it"


def test_a_schema_refuses_what_does_not_fit() -> None:
    """The schemas have teeth: without any one of its required fields an event is not one."""
    for _, event in STORY:
        check = validator(event["type"])
        for field in ("id", "source", "type", "subject", "time", "data", "specversion"):
            broken = {name: value for name, value in event.items() if name != field}
            assert not check.is_valid(broken), (event["type"], field)
        for field in schema.steps()[event["type"]].__struct_fields__:
            data = {name: value for name, value in event["data"].items() if name != field}
            required = field in _required(schema.steps()[event["type"]])
            assert check.is_valid(event | {"data": data}) is (not required), (event["type"], field)
        assert not check.is_valid(event | {"time": "2026-11-20 09:00"})


def _required(shape: type[Struct]) -> set[str]:
    return set(shape.__struct_fields__[: len(shape.__struct_fields__) - len(shape.__struct_defaults__)])


# -- asyncapi ---------------------------------------------------------------------------------------------


def test_asyncapi_speaks_of_the_subjects_of_the_contract() -> None:
    addresses = {channel["address"] for channel in ASYNCAPI["channels"].values()}
    assert addresses >= {INTAKE_SUBJECT, "huiyin.event.{noun}.{step}.{grid}"}
    assert {name for name in ASYNCAPI["channels"] if not name.startswith("department")} == {"intake", "events"}
    assert {operation["action"] for operation in ASYNCAPI["operations"].values()} == {"send", "receive"}


def test_every_reference_in_asyncapi_leads_somewhere() -> None:
    def walk(node: Any) -> None:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if key == "$ref":
                target: Any = ASYNCAPI
                for part in value.removeprefix("#/").split("/"):
                    target = target[part]
            elif isinstance(value, dict | list):
                walk(value)

    walk(ASYNCAPI)


def test_two_nouns_may_use_one_word() -> None:
    """A post is left and a ticket is left: told apart by their nouns, never by our modules."""
    parts = ASYNCAPI["components"]["schemas"]
    assert {"PostLeft", "TicketLeft"} <= parts.keys()
    assert "Left" not in parts
    assert parts["TicketLeft"]["properties"]["step"]["enum"] == ["ticket.left.v1"]
    assert "huiyin.core" not in (KEPT / "asyncapi.json").read_text()


def test_no_schema_lets_personal_data_out() -> None:
    """Events out have no field for a person; the intake has, and only there."""
    personal = {"text", "title", "phone", "reporter", "room", "address"}
    for path in sorted((KEPT / "events").glob("*.json")):
        fields = set(re.findall(r'"(\w+)": \{', path.read_text()))
        assert bool(fields & personal) == (path.stem == FILED), path.name
