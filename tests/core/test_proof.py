"""The chain: whatever is changed, dropped, swapped or added in it is found, and a whole one is never blamed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.proof import Leaf, check, seal
from tests.core.world import AT

Row = tuple[str, str, int, bytes, bytes, bytes]


def chain(ident: str, length: int) -> list[Row]:
    rows: list[Row] = []
    prev = b""
    for version in range(1, length + 1):
        at = AT + timedelta(hours=version)
        body, digest = seal(Leaf(1, "ticket", ident, version, "p", "c", at, "r", prev.hex(), {"n": version}))
        rows.append(("ticket", ident, version, prev, digest, body))
        prev = digest
    return rows


def test_whole_chains_are_whole() -> None:
    assert list(check(chain("HY1", 5) + chain("HY2", 1) + chain("HY3", 3))) == []


def rehash(row: Row, body: bytes) -> Row:
    from hashlib import sha256

    return (*row[:4], sha256(body).digest(), body)


TAMPERS: dict[str, Callable[[list[Row]], list[Row]]] = {
    "a byte changed": lambda rows: [rows[0], (*rows[1][:5], rows[1][5].replace(b'"p"', b'"q"')), *rows[2:]],
    "changed and hashed anew": lambda rows: [
        rows[0],
        rehash(rows[1], rows[1][5].replace(b'"p"', b'"q"')),
        *rows[2:],
    ],
    "one dropped": lambda rows: [rows[0], *rows[2:]],
    "the first dropped": lambda rows: rows[1:],
    "two swapped": lambda rows: [rows[0], rows[2], rows[1], *rows[3:]],
    "one put in twice": lambda rows: [rows[0], rows[1], *rows[1:]],
    "the column says another link": lambda rows: [rows[0], (*rows[1][:3], b"\1" * 32, *rows[1][4:]), *rows[2:]],
    "the column says another ticket": lambda rows: [("ticket", "HY9", *row[2:]) for row in rows],
    "not a leaf": lambda rows: [rows[0], rehash(rows[1], b"{}"), *rows[2:]],
}


@pytest.mark.parametrize("name", TAMPERS)
def test_tampering_is_found(name: str) -> None:
    assert list(check(TAMPERS[name](chain("HY1", 5))))


@given(st.integers(1, 6), st.data())
def test_any_flipped_bit_is_found(length: int, data: st.DataObject) -> None:
    rows = chain("HY1", length)
    at = data.draw(st.integers(0, length - 1))
    column = data.draw(st.sampled_from([3, 4, 5]))
    value = bytearray(rows[at][column])
    if not value:
        return
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    value[bit // 8] ^= 1 << bit % 8
    changed = list(rows[at])
    changed[column] = bytes(value)
    rows[at] = tuple(changed)  # type: ignore[assignment]
    assert list(check(rows))
