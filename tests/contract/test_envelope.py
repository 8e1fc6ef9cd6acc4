"""The intake event: what CONTRACT promises is read, whatever else is named and never lost."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.bus.envelope import (
    FILED,
    TEXT_LIMIT,
    ComplaintData,
    Filed,
    Reporter,
    Unreadable,
    read_filed,
    write_filed,
)


def event(data: Any = None, **more: Any) -> bytes:
    base = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:partner",
        "type": FILED,
        "data": {"text": "楼上漏水"} if data is None else data,
    }
    return json.dumps(base | more).encode()


def test_the_smallest_event() -> None:
    filed = read_filed(event(), None)
    assert (filed.source, filed.event_id, filed.data.text) == ("urn:partner", "1", "楼上漏水")


def test_every_field() -> None:
    data = {
        "text": "楼上漏水",
        "title": "漏水",
        "place": {
            "estate": "柳岸花园",
            "building": "3栋",
            "unit": "1单元",
            "room": "302",
            "building_code": "E1-B03",
            "grid_code": "990101001001001",
            "community_code": "990101001001",
            "address": "清河路1号",
            "lat": 28.2,
            "lon": 113.0,
        },
        "category": "A01",
        "channel": "wechat",
        "about": "neighbour",
        "reporter": {"name": "张三", "phone": "13800000000", "anonymous": False},
        "filed_at": "2026-11-20T09:00:00+08:00",
    }
    filed = read_filed(event(data), None)
    assert filed.data.place is not None
    assert filed.data.place.room == "302"
    assert filed.data.reporter is not None
    assert filed.data.reporter.phone == "13800000000"
    assert filed.data.filed_at is not None
    assert filed.data.filed_at.isoformat() == "2026-11-20T09:00:00+08:00"
    assert filed.unknown == ()


def test_binary_mode() -> None:
    headers = {"ce-id": "1", "ce-source": "urn:partner", "ce-type": FILED, "CE-SpecVersion": "1.0"}
    filed = read_filed(json.dumps({"text": "楼上漏水", "colour": 1}).encode(), headers)
    assert (filed.source, filed.event_id, filed.unknown) == ("urn:partner", "1", ("colour",))


def test_two_names_that_are_no_utf8_never_become_one() -> None:
    headers = {"ce-id": "\ufffd\ufffd1", "ce-source": "urn:partner", "ce-type": FILED}
    with pytest.raises(Unreadable, match="bad-id"):
        read_filed(json.dumps({"text": "漏水"}).encode(), headers)


def test_a_field_that_is_a_sentence_is_not_named() -> None:
    assert read_filed(event({"text": "漏水", "联系人张三13800138000": ""}), None).unknown == ("?",)


def test_unknown_fields_are_kept_out_and_named() -> None:
    data = {"text": "漏水", "mood": "bad", "place": {"planet": "earth"}, "reporter": {"shoe": 43}}
    filed = read_filed(event(data, comment="extension"), None)
    assert set(filed.unknown) == {"mood", "place.planet", "reporter.shoe"}


def bomb(depth: int) -> bytes:
    return (
        event()
        .replace('"楼上漏水"'.encode(), b"[" * depth + b"]" * depth)
        .replace(b'"\\u697c\\u4e0a\\u6f0f\\u6c34"', b"[" * depth + b"]" * depth)
    )


POISON: list[tuple[str, bytes, bool]] = [
    ("not-json", b"\xff\xfe", False),
    ("not-json", b"", False),
    ("not-json", b"[" * 100_000, False),
    ("not-json", bomb(50_000), False),
    ("not-json", b"null", False),
    ("not-json", b"[1]", False),
    ("not-json", event().replace(b"\\u697c", b"\\ud800"), False),
    ("unknown-type", event(type="huiyin.complaint.filed.v9"), True),
    ("unknown-type", event(type="com.example.order", data={"total": 1}), True),
    ("unknown-specversion", event(specversion="0.3"), True),
    ("no-data", event([]), True),
    ("no-data", event("text"), True),
    ("no-text", event({"title": "漏水"}), True),
    ("no-text", event({"text": ""}), True),
    ("no-text", event({"text": " \n\t"}), True),
    ("no-text", event({"text": 7}), True),
    ("text-too-long", event({"text": "漏" * (TEXT_LIMIT + 1)}), True),
    ("wrong-type", event({"text": "漏水", "title": "长" * 201}), True),
    ("wrong-type", event({"text": "漏水", "channel": "pigeon"}), True),
    ("wrong-type", event({"text": "漏水", "place": "柳岸花园"}), True),
    ("wrong-type", event({"text": "漏水", "place": {"lat": 91}}), True),
    ("wrong-type", event({"text": "漏水", "place": {"lat": "28"}}), True),
    ("wrong-type", event({"text": "漏水", "filed_at": "2026-11-20 09:00:00"}), True),
    ("wrong-type", event({"text": "漏水", "filed_at": "2026-11-20T09:00:00"}), True),
    ("wrong-type", event({"text": "漏水", "reporter": {"anonymous": "yes"}}), True),
    ("wrong-type", event(id=""), False),
    ("wrong-type", event(id=7), False),
    ("wrong-type", event(source="x" * 257), False),
    ("bad-id", event(id="a\0b"), False),
]


@pytest.mark.parametrize(("code", "payload", "legible"), POISON)
def test_what_cannot_be_read_says_why(code: str, payload: bytes, legible: bool) -> None:
    with pytest.raises(Unreadable) as fault:
        read_filed(payload, None)
    assert fault.value.code == code
    assert (fault.value.source is not None) == legible
    assert "漏" not in fault.value.detail, "the reason names the field, never the words"


def test_a_missing_field_is_named() -> None:
    envelope = json.loads(event())
    del envelope["id"]
    with pytest.raises(Unreadable) as fault:
        read_filed(json.dumps(envelope).encode(), None)
    assert (fault.value.code, fault.value.detail) == ("wrong-type", "id")


def test_the_longest_text_and_nul_characters_are_read() -> None:
    assert len(read_filed(event({"text": "漏" * TEXT_LIMIT}), None).data.text) == TEXT_LIMIT
    assert read_filed(event({"text": "漏\0水"}), None).data.text == "漏\0水"


def attempt(payload: bytes) -> Filed | Unreadable:
    try:
        return read_filed(payload, None)
    except Unreadable as fault:
        return fault


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["id", "source", "type", "data", "specversion", "time", "x"]), json_values))
def test_any_json_is_read_or_named(envelope: dict[str, Any]) -> None:
    assert isinstance(attempt(json.dumps(envelope).encode()), Filed | Unreadable)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_named(payload: bytes) -> None:
    with pytest.raises(Unreadable):
        read_filed(payload, None)


@given(st.dictionaries(st.sampled_from(["text", "title", "place", "reporter", "channel", "filed_at"]), json_values))
def test_any_data_is_read_or_named(data: dict[str, Any]) -> None:
    result = attempt(event(data))
    assert result.source == "urn:partner"
    assert isinstance(result, Unreadable) or result.data.text == data["text"]


def test_what_we_write_is_a_cloud_event_and_is_read_back() -> None:
    data = ComplaintData(text="楼上漏水", reporter=Reporter(phone="13800000000"))
    written = write_filed("urn:us", "7", data, datetime(2026, 11, 20, tzinfo=UTC))
    envelope = json.loads(written)
    assert envelope.pop("data") == {"text": "楼上漏水", "reporter": {"phone": "13800000000"}}
    assert envelope == {
        "specversion": "1.0",
        "id": "7",
        "source": "urn:us",
        "type": FILED,
        "time": "2026-11-20T00:00:00Z",
        "datacontenttype": "application/json",
    }
    filed = read_filed(written, None)
    assert (filed.source, filed.event_id, filed.data) == ("urn:us", "7", data)
