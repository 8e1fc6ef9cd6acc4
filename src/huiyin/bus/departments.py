"""What departments (职能部门) are told of their whistles, and what their systems say: CloudEvents out, in and back."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from huiyin.bus.department_words import (
    COMMANDS,
    RECEIPT,
    TOLD,
    Attributes,
    Command,
    CommandEvent,
    Limit,
    Receipt,
    Told,
    View,
)
from huiyin.bus.envelope import Event, Unreadable, write_event
from huiyin.bus.publish import Outgoing
from huiyin.bus.streams import DEPARTMENT_PREFIX
from huiyin.core.whistle.minimal import Minimal

SOURCE = "urn:huiyin:whistles"


def view(seen: Minimal) -> View:
    """The part of the minimal event that travels: references into the vault stay at home."""
    limits = (Limit(one.duty, one.watch.due.at, one.level, len(one.told)) for one in seen.clocks)
    same = {name: getattr(seen, name) for name in View.__struct_fields__ if name not in ("pictures", "limits")}
    return View(**same, pictures=len(seen.pictures), limits=tuple(limits))


def telling(token: str, number: str, told: Told, at: datetime) -> Outgoing:
    """What a department is told, as it is published: the same id for the same step, for ever."""
    ident = f"{number}-{told.version}"
    event = Event(id=ident, source=SOURCE, type=TOLD, subject=number, time=at, data=told)
    return Outgoing(f"{DEPARTMENT_PREFIX}.{token}.event.{told.step}", write_event(event), f"told-{token}-{ident}")


def receipt(token: str, seq: int, number: str, said: Receipt, at: datetime) -> Outgoing:
    """The answer to the message `seq` of the stream of commands."""
    event = Event(id=f"receipt-{seq}", source=SOURCE, type=RECEIPT, subject=number, time=at, data=said)
    return Outgoing(f"{DEPARTMENT_PREFIX}.{token}.receipt", write_event(event), f"receipt-{token}-{seq}")


# -- in ------------------------------------------------------------------------------------------------


class Said(Struct, frozen=True):
    """A command as read from the bus: of the department with this token."""

    token: str
    id: str
    number: str
    data: Command

    @property
    def cause(self) -> tuple[str, str]:
        return cause(self.token, self.id)


def cause(token: str, ident: str) -> tuple[str, str]:
    """What identifies a command for ever. The id goes through a hash: a department may write anything into it, and
    the cause stands in the log."""
    return f"urn:huiyin:department:{token}", hashlib.sha256(ident.encode()).hexdigest()[:32]


def token_of(subject: str) -> str:
    """Whose subject it is; the server wrote it, by the account."""
    return subject.split(".")[2]


_loose = msgspec.json.Decoder(dict[str, Any])
_envelope = msgspec.json.Decoder(CommandEvent)
_data = {name: msgspec.json.Decoder(shape) for name, shape in COMMANDS.items()}
_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)


def read_command(subject: str, payload: bytes, headers: Mapping[str, str] | None) -> Said:
    """A command from a message, structured or binary mode; raises Unreadable."""
    token = token_of(subject)
    try:
        event = _read(payload, headers)
    except _FAULTS as fault:
        raise _unreadable(token, payload, headers, *_why(fault)) from None
    if event.specversion != "1.0":
        raise _unreadable(token, payload, headers, "unknown-specversion", "specversion")
    if "\0" in event.id or "\ufffd" in event.id:
        raise _unreadable(token, payload, headers, "bad-id", "id")
    if event.type not in _data:
        raise _unreadable(token, payload, headers, "unknown-type", "type")
    try:
        return Said(token, event.id, event.subject, _data[event.type].decode(event.data))
    except _FAULTS as fault:
        raise _unreadable(token, payload, headers, *_why(fault)) from None


def _read(payload: bytes, headers: Mapping[str, str] | None) -> CommandEvent:
    names = _binary(headers)
    if names is None:
        return _envelope.decode(payload)
    known = msgspec.convert(names, Attributes, strict=False)
    return CommandEvent(**msgspec.structs.asdict(known), data=msgspec.Raw(payload))


def _binary(headers: Mapping[str, str] | None) -> dict[str, str] | None:
    """The attributes of a message in binary mode (CloudEvents NATS binding 1.0); None in structured mode."""
    names = {name.lower(): value for name, value in (headers or {}).items()}
    if "ce-type" not in names:
        return None
    return {name.removeprefix("ce-"): value for name, value in names.items() if name.startswith("ce-")}


def _unreadable(token: str, payload: bytes, headers: Mapping[str, str] | None, code: str, detail: str) -> Unreadable:
    """With its cause where at least the id is legible."""
    ident, _ = legible(payload, headers)
    return Unreadable(code, detail, *(cause(token, ident) if ident else (None, None)))


def legible(payload: bytes, headers: Mapping[str, str] | None) -> tuple[str, str]:
    """The id and the subject of a message that is no command, as far as they can be read; else ""."""
    try:
        found = _binary(headers) or _loose.decode(payload)
    except _FAULTS:
        return "", ""
    ident, number = found.get("id"), found.get("subject")
    return (
        ident if isinstance(ident, str) and len(ident) <= 256 and "\0" not in ident else "",
        number if isinstance(number, str) and _NUMBER.fullmatch(number) else "",
    )


_NUMBER = re.compile(r"SH\d{9}", re.ASCII)
_MISSING = re.compile(r"missing required field `(\w+)`")
_UNKNOWN = re.compile(r"unknown field `(\w{1,32})`")


def _why(fault: Exception) -> tuple[str, str]:
    """A stable code, and which field; never a value."""
    said = str(fault)
    if not isinstance(fault, msgspec.ValidationError):
        return "not-json", ""
    if missing := _MISSING.search(said):
        return "missing-field", missing[1]
    if "unknown field" in said:
        unknown = _UNKNOWN.search(said)
        return "unknown-field", unknown[1] if unknown and unknown[1].isascii() else ""
    return "wrong-type", said[said.rindex("`$") :].strip("`") if "`$" in said else ""
