"""What is published about departments over NATS (职能部门): schemas of what they are told, say and are answered."""

from typing import Any

from msgspec import Struct

from huiyin.bus.department_words import COMMANDS, RECEIPT, TOLD, CommandEvent, Receipt, Told
from huiyin.bus.departments import SOURCE
from huiyin.bus.envelope import Event
from huiyin.engines.accounts import HEARS, SAYS
from huiyin.shapes import Schema, components

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DATA: dict[str, type[Struct]] = {TOLD: Told, RECEIPT: Receipt, **COMMANDS}
_REF = "#/components/schemas/{name}"

# What a person of a department reads; the same events lie in schemas/golden.
EXAMPLES: dict[str, dict[str, Any]] = {
    TOLD: {
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "id": "SH000000012-3",
        "source": SOURCE,
        "type": TOLD,
        "subject": "SH000000012",
        "time": "2026-11-20T01:12:30Z",
        "data": {
            "version": 3,
            "step": "called",
            "whistle": {
                "number": "SH000000012",
                "kind": "daily",
                "category": "B04",
                "spot": {"street_code": "990101001", "community_code": "990101001001", "building_code": "E1-B03"},
                "position": None,
                "pictures": 1,
                "blower": "street:990101001",
                "street": "street:990101001",
                "lead": True,
                "called_at": "2026-11-20T01:12:30Z",
                "bound": False,
                "objected": False,
                "paused": False,
                "returned": 0,
                "closed": False,
                "limits": [
                    {"duty": "acknowledge", "due_at": "2026-11-23T09:00:00Z", "level": 0, "reminded": 0},
                    {"duty": "reply", "due_at": "2026-11-27T09:00:00Z", "level": 0, "reminded": 0},
                ],
                "others": [
                    {
                        "post": "department:公安",
                        "lead": False,
                        "acknowledged": False,
                        "on_site": None,
                        "answered": False,
                    }
                ],
            },
        },
    },
    RECEIPT: {
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "id": "receipt-57",
        "source": SOURCE,
        "type": RECEIPT,
        "subject": "SH000000012",
        "time": "2026-11-20T01:20:01Z",
        "data": {
            "id": "cg-2026-0007",
            "outcome": "refused",
            "code": "not-acknowledged",
            "detail": "还没有接哨,请先接哨",
            "version": 3,
        },
    },
}
_SAID: dict[str, dict[str, Any]] = {
    "acknowledge": {"person": "王强"},
    "object": {"reason": "other-department", "text": "占用消防通道,应由消防救援部门处理"},
    "arrive": {"arrived_at": "2026-11-20T10:30:00+08:00", "on_site": True, "lat": 28.201, "lon": 113.004},
    "plan": {"text": "三个工作日内完成拆除", "until": "2026-11-25T17:00:00+08:00"},
    "progress": {"text": "已下达限期改正通知书"},
    "ask-co": {"department": "department:公安", "text": "请派员维持现场秩序"},
    "answer": {"text": "已到场配合劝离"},
    "reply": {
        "accepted_at": "2026-11-20T09:20:00+08:00",
        "contacted": ["on_site", "property"],
        "text": "已现场清理,并约谈商户",
        "finished": True,
    },
    "ask-pause": {"reason": "weather", "days": 3, "text": "连日暴雨,高空作业不安全"},
    "resume": {},
    "rate-blower": {"justified": "yes", "score": 5},
}
EXAMPLES |= {
    name: {
        "specversion": "1.0",
        "id": f"cg-2026-{number:04}",
        "source": "urn:example:chengguan",
        "type": name,
        "subject": "SH000000012",
        "time": "2026-11-20T10:31:00+08:00",
        "data": _SAID[name.split(".")[2]],
    }
    for number, name in enumerate(COMMANDS, 7)
}


def documents() -> dict[str, Schema]:
    """One JSON Schema a message, by its type."""
    made = {}
    for name, shape in DATA.items():
        ((reference,), inner) = components([shape], "#/$defs/{name}")
        head = {"$schema": DIALECT, "$id": f"urn:huiyin:schema:{name}", "title": name, "$defs": _strict(inner)}
        made[name] = _envelope(name, reference) | head
    return made


def parts() -> dict[str, Schema]:
    """The same for AsyncAPI: envelopes and data by reference; what departments say is called Department…"""
    (references, inner) = components(list(DATA.values()), _REF)
    named = {name: f"Department{name}" for name in inner}
    moved = {named[name]: _moved(schema, named) for name, schema in _strict(inner).items()}
    data = [_moved(one, named) for one in references]
    return moved | {name: _envelope(name, one) for name, one in zip(DATA, data, strict=True)}


def messages() -> dict[str, Schema]:
    """What AsyncAPI says of each."""
    return {
        name: {
            "name": name,
            "title": " ".join((shape.__doc__ or name).split()).partition(". ")[0].rstrip("."),
            "contentType": "application/cloudevents+json",
            "payload": {"$ref": _REF.format(name=name)},
            "examples": [{"payload": EXAMPLES[name]}],
        }
        for name, shape in DATA.items()
    }


_EVENTS = """In a department's own account. What it may see of its whistles, each time that is another; live, and kept
on the stream DEPARTMENTS for its durable consumer, which is named by its token. At least once: the same id is the same
event; a lower `version` than known is old news."""
_COMMANDS = """In a department's own account. JetStream acknowledges that a command is kept (stream COMMANDS); what
became of it comes as a receipt. `id` identifies it for ever: said again it is done once."""
_RECEIPTS = "In a department's own account. One receipt a command, also on the stream DEPARTMENTS."
_CHANGE = "The step that changed it; `changed` where the step itself is not for it."


def channels() -> Schema:
    """As a department's own account sees them; which department it is, the account says."""
    told, receipts = HEARS

    def channel(address: str, said: str, names: list[str], **more: Any) -> Schema:
        known = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
        return {"address": address, "description": " ".join(said.split()), "messages": known, **more}

    change = {"change": {"description": _CHANGE}}
    return {
        "departmentEvents": channel(told.replace("*", "{change}"), _EVENTS, [TOLD], parameters=change),
        "departmentCommands": channel(SAYS, _COMMANDS, list(COMMANDS)),
        "departmentReceipts": channel(receipts, _RECEIPTS, [RECEIPT]),
    }


def operations() -> Schema:
    """Send and receive are the house's."""

    def on(channel: str, names: list[str]) -> Schema:
        refs = [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]
        return {"channel": {"$ref": f"#/channels/{channel}"}, "messages": refs}

    return {
        "tellDepartments": {"action": "send", "summary": "Huiyin tells a department what it may see of its whistles."}
        | on("departmentEvents", [TOLD]),
        "takeCommands": {"action": "receive", "summary": "Huiyin does what a department says, or refuses it."}
        | on("departmentCommands", list(COMMANDS)),
        "answerCommands": {"action": "send", "summary": "Huiyin answers every command."}
        | on("departmentReceipts", [RECEIPT]),
    }


def _envelope(name: str, data: Schema) -> Schema:
    """The CloudEvents envelope around the data."""
    ours = name not in COMMANDS
    (_, inner) = components([Event if ours else CommandEvent], "{name}")
    envelope = inner["Event" if ours else "CommandEvent"]
    envelope["properties"] |= {"type": {"const": name}, "specversion": {"const": "1.0"}, "data": data}
    if ours:
        envelope["properties"]["source"] = {"const": SOURCE}
    envelope["required"] = sorted({*envelope["required"], "specversion", "data"})
    return envelope | {"description": " ".join((DATA[name].__doc__ or "").split())}


def _strict(inner: dict[str, Schema]) -> dict[str, Schema]:
    """A field that nobody knows is refused in what a department says."""
    said = {shape.__name__ for shape in COMMANDS.values()}
    return {name: schema | ({"additionalProperties": False} if name in said else {}) for name, schema in inner.items()}


def _moved(node: Any, named: dict[str, str]) -> Any:
    """With references to the parts under their new names."""
    if isinstance(node, dict):
        return {
            key: _REF.format(name=named[value.rpartition("/")[2]]) if key == "$ref" else _moved(value, named)
            for key, value in node.items()
        }
    return [_moved(one, named) for one in node] if isinstance(node, list) else node
