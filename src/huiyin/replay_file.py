"""JSON Lines of complaints, however they were kept, to events that are the same at every reading."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from huiyin.bus.envelope import FILED, ComplaintData

SOURCE = "urn:huiyin:replay"
BEIJING = timezone(timedelta(hours=8))
LARGEST = 500_000  # bytes of one event; the stream refuses more than 512 KiB
_LETTER = {"title": "title", "body": "text", "time": "filed_at"}
_NAMES = frozenset(ComplaintData.__struct_fields__)

Cause = tuple[str, str]


class Row(Struct, frozen=True):
    """One event of the file: `cause` (source, id) identifies it for ever, `payload` is the whole CloudEvent."""

    line: int
    cause: Cause
    payload: bytes

    @property
    def msg_id(self) -> str:
        """The stream's own memory of it: any source and id, as plain letters."""
        return sha256("\0".join(self.cause).encode()).hexdigest()[:40]


class Unreadable(Struct, frozen=True):
    """A line that holds no complaint; `why` in Chinese."""

    line: int
    why: str


class _Bad(Exception):
    """Why a line is unreadable."""


class File:
    """A file of complaints, packed or not. `unused` names fields that events have no place for."""

    def __init__(self, path: Path) -> None:
        self.size = path.stat().st_size
        self.unused: set[str] = set()
        self._raw: BinaryIO = path.open("rb")

    @property
    def position(self) -> int:
        """Bytes of the file read so far, of `size`."""
        return self._raw.tell()

    def close(self) -> None:
        """No more reading."""
        self._raw.close()

    def __iter__(self) -> Iterator[Row | Unreadable]:
        """Line by line; never the whole file in memory."""
        packed = self._raw.read(2) == b"\x1f\x8b"
        self._raw.seek(0)
        lines: Any = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
        number = 0
        try:
            for number, line in enumerate(lines, 1):
                clean = line.removeprefix(b"\xef\xbb\xbf").strip()
                if clean:
                    yield self._read(number, clean)
        except (EOFError, OSError) as error:
            yield Unreadable(number + 1, f"文件在此处损坏({type(error).__name__})")

    def _read(self, number: int, line: bytes) -> Row | Unreadable:
        try:
            row = _object(line)
            cause, payload = _event(row, line) if "specversion" in row else self._mapped(row)
            if len(payload) > LARGEST:
                raise _Bad(f"超过 {LARGEST:,} 字节")
        except _Bad as bad:
            return Unreadable(number, str(bad))
        return Row(number, cause, payload)

    def _mapped(self, row: dict[str, Any]) -> tuple[Cause, bytes]:
        data = _renamed(row)
        self.unused.update(name for name in data if name not in _NAMES)
        data = {name: value for name, value in data.items() if name in _NAMES and value not in ("", None)}
        digest = sha256(_encode(data)).hexdigest()[:16]
        ident = row.get("id")
        named = str(ident).replace("\0", "")[:128] if isinstance(ident, str | int) else ""
        cause = (SOURCE, f"{named}-{digest}" if named else digest)
        return cause, _encode(
            {
                "specversion": "1.0",
                "id": cause[1],
                "source": SOURCE,
                "type": FILED,
                "datacontenttype": "application/json",
                "data": data,
            }
        )


_encode = msgspec.json.Encoder(order="deterministic").encode


def _object(line: bytes) -> dict[str, Any]:
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        row = _mended(line)
    if not isinstance(row, dict):
        raise _Bad("不是 JSON 对象")
    return row


def _mended(line: bytes) -> Any:
    """Half an emoji (a lone surrogate) is no reason to lose a complaint: it becomes a question mark."""
    try:
        whole = json.dumps(json.loads(line), ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(whole)
    except (ValueError, RecursionError):
        raise _Bad("不是 JSON") from None


def _event(row: dict[str, Any], line: bytes) -> tuple[Cause, bytes]:
    """A whole CloudEvent goes as it is; whether its data can be read is for the sorter to say."""
    source, ident = row.get("source"), row.get("id")
    for value in (source, ident):
        if not isinstance(value, str) or not 0 < len(value) <= 256 or "\0" in value:
            raise _Bad("事件缺少可用的 source 或 id")
    return (str(source), str(ident)), line


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    """The fields under our names: other systems say body, time and user. What else stands in a row with a
    body (labels, somebody's findings) is not the resident's word and stays out."""
    data = {name: value for name, value in row.items() if name != "id"}
    if "body" in data and "text" not in data:
        data = {ours: data[theirs] for theirs, ours in _LETTER.items() if theirs in data}
    if isinstance(user := data.get("user"), str) and user and "reporter" not in data:
        data["reporter"] = {"name": data.pop("user")}
    if isinstance(filed := data.get("filed_at"), str):
        data["filed_at"] = _moment(filed)
    return data


def _moment(text: str) -> str:
    """A time without a zone is Beijing's; what is no time stays as it is, for the sorter to refuse."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).isoformat()
