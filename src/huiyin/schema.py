"""The published word: JSON Schemas, AsyncAPI and OpenAPI, generated from the code that reads and writes."""

import importlib
import json
import pkgutil
import re
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct

from huiyin import core, department_schema
from huiyin.bus.envelope import FILED, ComplaintData, Event, FiledEvent
from huiyin.bus.relay import SILENT, SOURCE
from huiyin.bus.streams import EVENT_PREFIX, INTAKE_SUBJECT
from huiyin.core.mediation.heard import Moved
from huiyin.shapes import Schema, components, tag
from huiyin.web import openapi

FOLDER = Path("schemas")
GOLDEN = "golden"  # hand-written example messages of every released version; never generated, never changed
DIALECT = "https://json-schema.org/draft/2020-12/schema"
STEP_NAME = re.compile(r"[a-z]+\.[a-z_]+\.v[1-9][0-9]*")


def steps() -> dict[str, type[Struct]]:
    """Every step of every noun of `core`, by its published name."""
    found = {}
    for module in pkgutil.walk_packages(core.__path__, "huiyin.core."):
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, Struct) and STEP_NAME.fullmatch(tag(thing)):
                found[tag(thing)] = thing
    return dict(sorted(found.items()))


def published() -> dict[str, type[Struct]]:
    """Those that are events on the bus; of a mediation the log alone says more than that it moved, some nouns are in
    the log alone."""
    moved = tag(Moved)
    kept = SILENT | {moved.partition(".")[0]}
    return {name: shape for name, shape in steps().items() if name == moved or name.partition(".")[0] not in kept}


def files() -> dict[str, str]:
    """What belongs into `schemas/`: path → content; the same bytes from the same code, always."""
    made: dict[str, Schema] = {f"events/{FILED}.json": filed_schema()}
    made |= {f"events/{name}.json": step_schema(name, shape) for name, shape in steps().items()}
    made |= {f"departments/{name}.json": schema for name, schema in department_schema.documents().items()}
    made["asyncapi.json"] = asyncapi()
    made["openapi.json"] = json.loads(openapi.document())
    return {name: written(schema) for name, schema in made.items()}


def written(schema: Schema) -> str:
    """Two spaces, sorted keys, one newline at the end."""
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write(folder: Path) -> list[str]:
    """Bring `folder` up to date; the names of what was changed or removed."""
    changed = differing(folder)
    made = files()
    for name in changed:
        path = folder / name
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def differing(folder: Path) -> list[str]:
    """Names of files that are missing, other than generated, or that nothing generates any more."""
    made = files()
    kept = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.json")
        if GOLDEN not in path.relative_to(folder).parts
    }
    return sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))


# -- one message ------------------------------------------------------------------------------------------


def filed_schema() -> Schema:
    """The intake event in structured mode; in binary mode `$defs/ComplaintData` is the whole payload."""
    (envelope, parts) = _in_envelope("#/$defs/{name}")
    return _document(FILED, envelope, parts)


def _in_envelope(template: str) -> tuple[Schema, dict[str, Schema]]:
    """The intake's envelope with its data by reference, and the data's parts."""
    (_, parts) = components([FiledEvent], template)
    envelope = parts.pop("FiledEvent")
    envelope["properties"] |= {"type": {"const": FILED}, "specversion": {"const": "1.0"}}
    return envelope | {"description": "A complaint (诉求), filed by anyone who may publish."}, parts


def step_schema(name: str, shape: type[Struct]) -> Schema:
    """The event of a step, structured mode: the CloudEvents envelope around the step's own data."""
    ((reference,), parts) = components([shape], "#/$defs/{name}")
    return _document(name, _envelope(name, reference), parts)


def _document(name: str, envelope: Schema, parts: dict[str, Schema]) -> Schema:
    head = {"$schema": DIALECT, "$id": f"urn:huiyin:schema:{name}", "title": name, "$defs": parts}
    return envelope | head


def _envelope(name: str, data: Schema) -> Schema:
    """The envelope of what we publish, with the step's data in it."""
    (_, parts) = components([Event], "{name}")
    envelope = parts["Event"]
    noun = name.partition(".")[0]
    envelope["properties"] |= {
        "id": {"type": "string", "pattern": f"^{noun}-.+-[1-9][0-9]*$", "description": "Also the Nats-Msg-Id."},
        "source": {"const": SOURCE},
        "type": {"const": name},
        "specversion": {"const": "1.0"},
        "datacontenttype": {"const": "application/json"},
        "subject": {"type": "string", "description": "The noun's id: of a ticket its number."},
        "time": {"type": "string", "format": "date-time"},
        "data": data,
    }
    envelope["required"] = sorted({*envelope["required"], "specversion", "datacontenttype"})
    return envelope | {"description": f"`{name}` as it is published."}


# -- all messages -----------------------------------------------------------------------------------------


def asyncapi() -> Schema:
    """AsyncAPI 3.0 of what enters and leaves by NATS."""
    known = published()
    (references, parts) = components([ComplaintData, *known.values()], "#/components/schemas/{name}")
    data = dict(zip((FILED, *known), references, strict=True))
    parts[FILED], _ = _in_envelope("#/components/schemas/{name}")
    parts |= {name: _envelope(name, data[name]) for name in known}
    messages = {FILED: _filed_message(data[FILED])} | {name: _step_message(name) for name in known}
    parts |= department_schema.parts()
    messages |= department_schema.messages()
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/cloudevents+json",
        "servers": {"nats": _server()},
        "channels": _channels(known) | department_schema.channels(),
        "operations": _operations(known) | department_schema.operations(),
        "components": {
            "messages": messages,
            "schemas": parts,
            "securitySchemes": {"password": {"type": "userPassword", "description": "The NATS user and its password."}},
        },
    }


def _info() -> Schema:
    return {
        "title": "Huiyin 回音",
        "version": version("huiyin"),
        "description": "Complaints (诉求) come in, the steps of their tickets (工单) go out: CloudEvents 1.0 "
        "on JetStream; departments (职能部门) take part in whistles (吹哨) under accounts of their own. "
        "docs/guide/partners.md and docs/guide/departments.md have examples.",
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _server() -> Schema:
    return {
        "host": "{host}:{port}",
        "protocol": "nats",
        "description": "`huiyin up` prints the address with user and password as nats=… when it is ready.",
        "variables": {
            "host": {"default": "127.0.0.1", "description": "Embedded: loopback only."},
            "port": {"default": "4222", "description": "Embedded: chosen at the first start, then kept."},
        },
        "security": [{"$ref": "#/components/securitySchemes/password"}],
    }


def _channels(known: dict[str, type[Struct]]) -> Schema:
    nouns, said = zip(*(name.split(".")[:2] for name in known), strict=True)
    return {
        "intake": {
            "address": INTAKE_SUBJECT,
            "description": "JetStream stream INTAKE. `source` and `id` identify an event for ever: "
            "the same pair twice is one ticket.",
            "messages": {FILED: {"$ref": f"#/components/messages/{FILED}"}},
        },
        "events": {
            "address": f"{EVENT_PREFIX}.{{noun}}.{{step}}.{{grid}}",
            "description": "JetStream stream EVENTS; at least once, in the order of the log. Never personal data. "
            "Of a mediation (人民调解) only that it moved: what happened in it is for those whose case it is; what a "
            "ticket is told of one is ticket.mediated.v1.",
            "parameters": {
                "noun": {"description": "Whose step it is.", "enum": sorted(set(nouns))},
                "step": {"description": "The step, without its version.", "enum": sorted(set(said))},
                "grid": {"description": "The code of the grid (网格), or - where there is none."},
            },
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in known},
        },
    }


def _operations(known: dict[str, type[Struct]]) -> Schema:
    def on(channel: str, names: list[str]) -> Schema:
        refs = [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]
        return {"channel": {"$ref": f"#/channels/{channel}"}, "messages": refs}

    return {
        "takeComplaints": {
            "action": "receive",
            "summary": "Huiyin makes a ticket of every complaint, or a dead letter.",
        }
        | on("intake", [FILED]),
        "tellSteps": {"action": "send", "summary": "Huiyin publishes every step of its log."}
        | on("events", list(known)),
    }


def _filed_message(data: Schema) -> Schema:
    return {
        "name": FILED,
        "title": "A complaint was filed (诉求登记)",
        "description": "Structured mode as here, or binary mode: the payload is the data alone, "
        f"{data['$ref'].rpartition('/')[2]}, and ce-id, ce-source, ce-type, ce-specversion are headers.",
        "contentType": "application/cloudevents+json",
        "headers": {
            "type": "object",
            "properties": {"Nats-Msg-Id": {"type": "string", "description": "Refuses a second one for two minutes."}},
        },
        "payload": {"$ref": f"#/components/schemas/{FILED}"},
    }


def _step_message(name: str) -> Schema:
    return {
        "name": name,
        "title": name,
        "contentType": "application/cloudevents+json",
        "headers": {
            "type": "object",
            "properties": {"Nats-Msg-Id": {"type": "string", "description": "<noun>-<id>-<version>, never changes."}},
            "required": ["Nats-Msg-Id"],
        },
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }
