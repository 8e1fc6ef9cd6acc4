"""CloudEvents 1.0 in, structured or binary, and out; what cannot be read says why in a stable code."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

import msgspec
from msgspec import Meta, Struct

from huiyin.core.words import About, Channel, Place

FILED = "huiyin.complaint.filed.v1"
TEXT_LIMIT = 8_000

_Short = Annotated[str, Meta(max_length=200)]


class PlaceData(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where it is, as far as the reporter knows."""

    estate: _Short | None = None
    building: _Short | None = None
    unit: _Short | None = None
    room: _Short | None = None
    building_code: _Short | None = None
    grid_code: _Short | None = None
    community_code: _Short | None = None
    address: Annotated[str, Meta(max_length=1_000)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None


class Reporter(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who says so; goes to the vault and nowhere else."""

    name: _Short | None = None
    phone: Annotated[str, Meta(max_length=64)] | None = None
    anonymous: bool | None = None


class ComplaintData(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The data of `huiyin.complaint.filed.v1` (诉求登记)."""

    text: Annotated[str, Meta(min_length=1, max_length=TEXT_LIMIT, description="1-8,000 characters")]
    title: _Short | None = None
    place: PlaceData | None = None
    category: _Short | None = None
    channel: Channel | None = None
    about: About | None = None
    reporter: Reporter | None = None
    filed_at: Annotated[datetime, Meta(tz=True)] | None = None


_Id = Annotated[str, Meta(min_length=1, max_length=256)]


class FiledEvent(Struct, frozen=True, omit_defaults=True):
    """The envelope of a filed complaint, structured mode."""

    id: _Id
    source: _Id
    type: str
    data: ComplaintData
    specversion: str = "1.0"
    time: Annotated[datetime, Meta(tz=True)] | None = None
    subject: str | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None


class Unreadable(Exception):
    """The message can never be read: `code` is stable, `detail` names the field and not its value.
    `source` and `event_id` are there where at least the envelope was legible."""

    def __init__(self, code: str, detail: str = "", source: str | None = None, event_id: str | None = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.source, self.event_id = code, detail, source, event_id


class Filed(Struct, frozen=True):
    """A complaint as read from the bus; `unknown` names fields that were kept out."""

    source: str
    event_id: str
    data: ComplaintData
    time: datetime | None = None
    unknown: tuple[str, ...] = ()


_strict = msgspec.json.Decoder(FiledEvent)
_data = msgspec.json.Decoder(ComplaintData)
_loose = msgspec.json.Decoder(dict[str, Any])
_FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)


def read_filed(payload: bytes, headers: Mapping[str, str] | None) -> Filed:
    """A filed complaint from a message; raises Unreadable.

    Structured mode unless `ce-` headers are there (CloudEvents NATS binding 1.0). Unknown data fields are kept
    out and named, never refused.
    """
    if headers and "ce-type" in (names := {name.lower(): value for name, value in headers.items()}):
        return _binary(payload, names)
    try:
        event = _strict.decode(payload)
    except _FAULTS:
        return _second_look(payload)
    return _accept(event, ())


def _accept(event: FiledEvent, unknown: tuple[str, ...]) -> Filed:
    if event.type != FILED:
        raise Unreadable("unknown-type", "type", event.source, event.id)
    if event.specversion != "1.0":
        raise Unreadable("unknown-specversion", "specversion", event.source, event.id)
    if not (_is_name(event.source) and _is_name(event.id)):
        raise Unreadable("bad-id", "source, id")
    if event.data.text.isspace():
        raise Unreadable("no-text", "$.data.text", event.source, event.id)
    return Filed(event.source, event.id, event.data, event.time, unknown)


def _is_name(value: str) -> bool:
    """Two names must never become one: PostgreSQL keeps no NUL, and a header that was no UTF-8 reads U+FFFD."""
    return "\0" not in value and "\ufffd" not in value


def _binary(payload: bytes, names: Mapping[str, str]) -> Filed:
    envelope: dict[str, Any] = {key.removeprefix("ce-"): value for key, value in names.items() if key.startswith("ce-")}
    try:
        envelope["data"] = _loose.decode(payload)
    except _FAULTS:
        _refuse(envelope, "not-json", "data")
    return _from_dict(envelope)


def _second_look(payload: bytes) -> Filed:
    try:
        envelope = _loose.decode(payload)
    except _FAULTS:
        raise Unreadable("not-json", "") from None
    return _from_dict(envelope)


def _from_dict(envelope: dict[str, Any]) -> Filed:
    """The slow way: name what is wrong, or keep unknown fields out."""
    if isinstance(kind := envelope.get("type"), str) and kind != FILED:
        _refuse(envelope, "unknown-type", "type")
    if not isinstance(data := envelope.get("data"), dict):
        _refuse(envelope, "no-data", "data")
    if not isinstance(data.get("text"), str) or not data["text"].strip():
        _refuse(envelope, "no-text", "data.text")
    if len(data["text"]) > TEXT_LIMIT:
        _refuse(envelope, "text-too-long", "data.text")
    data, unknown = _known_only(data)
    try:
        event = msgspec.convert({**envelope, "data": data}, FiledEvent, strict=True)
    except _FAULTS as fault:
        _refuse(envelope, "wrong-type", _path(fault))
    return _accept(event, unknown)


def _known_only(data: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    unknown: list[str] = []
    kept = _keep(data, ComplaintData, "", unknown)
    for field, shape in (("place", PlaceData), ("reporter", Reporter)):
        if isinstance(kept.get(field), dict):
            kept[field] = _keep(kept[field], shape, f"{field}.", unknown)
    return kept, tuple(unknown)


def _keep(data: dict[str, Any], shape: type[Struct], prefix: str, unknown: list[str]) -> dict[str, Any]:
    strange = [name for name in data if name not in shape.__struct_fields__]
    unknown.extend(prefix + (name if _FIELD.fullmatch(name) else "?") for name in strange[:20])
    return {name: value for name, value in data.items() if name in shape.__struct_fields__}


def _refuse(envelope: Mapping[str, Any], code: str, detail: str) -> NoReturn:
    source, ident = envelope.get("source"), envelope.get("id")
    legible = all(isinstance(value, str) and 0 < len(value) <= 256 and _is_name(value) for value in (source, ident))
    raise Unreadable(code, detail, source if legible else None, ident if legible else None)


# A field's name is logged; a sentence or a phone number in its place is not.
_FIELD = re.compile(r"(?!.*\d{5})(?:[A-Za-z0-9_.-]{1,32}|\w{1,8})")
_MISSING = re.compile(r"missing required field `(\w+)`")


def _path(fault: Exception) -> str:
    """Where msgspec found the fault (`$.data.place.lat`) or which field is missing; never a value."""
    text = str(fault)
    if missing := _MISSING.search(text):
        return missing[1]
    return text[text.rindex("`$") :].strip("`") if "`$" in text else ""


def place(data: PlaceData | None) -> Place | None:
    """The place as the core knows it."""
    return None if data is None else msgspec.convert(data, Place, from_attributes=True)


class _Written(Struct, frozen=True, kw_only=True):
    """A CloudEvent as we write it."""

    id: str
    source: str
    type: str
    time: datetime
    data: Any
    specversion: str = "1.0"
    datacontenttype: str = "application/json"


class Event(_Written, frozen=True, kw_only=True):
    """A step as it is published: `subject` is the number of its ticket, `data` never personal."""

    subject: str


_event = msgspec.json.Encoder().encode


def write_event(event: _Written) -> bytes:
    """Structured mode, UTC times."""
    return _event(msgspec.structs.replace(event, time=event.time.astimezone(UTC)))


def write_filed(source: str, event_id: str, data: ComplaintData, at: datetime) -> bytes:
    """A filed complaint as an event, for whoever puts one on the stream."""
    return write_event(_Written(id=event_id, source=source, type=FILED, time=at, data=data))
