"""Reads the rulebook's files: the catalogue, the sorting rules, the model; the defaults lie in this package."""

import csv
import hashlib
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import msgspec

from huiyin.core.catalogue import Catalogue, Entry, FirstTier
from huiyin.core.sorting.model import Model, decode
from huiyin.core.sorting.rules import SortingRules
from huiyin.core.words import Urgency

# What a deployer may put into DIR/rules in the place of the shipped file.
FILES = (
    "ladder.toml",
    "whistle.toml",
    "mediation.toml",
    "catalogue.csv",
    "sorting.toml",
    "model.msgpack",
    "public.toml",
    "screen.toml",
)


def _data(name: str, path: Path | None) -> bytes:
    return path.read_bytes() if path else (files("huiyin.rules") / name).read_bytes()


def own(folder: Path | None, name: str) -> Path | None:
    """A deployer's own file in the place of a shipped one, where it is there."""
    path = folder / name if folder else None
    return path if path is not None and path.exists() else None


def stamp(folder: Path) -> tuple[int, ...]:
    """Changes with any of a deployer's own files."""
    return tuple(path.stat().st_mtime_ns if (path := folder / name).exists() else 0 for name in FILES)


def listed(folder: Path | None) -> list[tuple[str, str, bool]]:
    """The rulebook's files: name, first digits of the hash, whether the deployer's own."""
    return [(name, _version(_data(name, own(folder, name))), own(folder, name) is not None) for name in FILES]


def said(folder: Path | None, name: str) -> str:
    """What a file of FILES says, for people to read."""
    return _data(name, own(folder, name)).decode("utf-8-sig")


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def load_catalogue(path: Path | None = None) -> Catalogue:
    """The catalogue from a CSV with the default's columns. Raises ValueError with the line of a bad row."""
    data = _data("catalogue.csv", path)
    rows = csv.DictReader(data.decode("utf-8-sig").splitlines())
    entries: dict[str, Entry] = {}
    for row in rows:
        try:
            entries[row["code"]] = _entry(row)
        except (KeyError, ValueError, AttributeError, msgspec.ValidationError) as error:
            raise ValueError(f"catalogue line {rows.line_num}: {error}") from error
    return Catalogue(_version(data), entries)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _entry(row: dict[str, str]) -> Entry:
    return msgspec.convert(
        Entry(
            row["code"],
            row["name_zh"],
            row["name_en"],
            row["parent"] or None,
            cast(FirstTier, row["first_tier"]),
            _split(row["departments"]),
            cast(Urgency, row["urgency"]),
            int(row["deadline_hours"]),
            row["mediable"] == "1",
            _split(row["keywords"]),
        ),
        Entry,
        from_attributes=True,
    )


def load_sorting_rules(path: Path | None = None) -> SortingRules:
    """sorting.toml; its version is the hash of the file. Raises msgspec.ValidationError on unknown or missing keys."""
    data = _data("sorting.toml", path)
    tables: dict[str, Any] = tomllib.loads(data.decode())
    return msgspec.convert(tables | {"version": _version(data)[:8]}, SortingRules)


def load_model(path: Path | None = None) -> Model:
    """The classifier's weights: the shipped ones, or a deployer's re-trained file."""
    return decode(_data("model.msgpack", path))


def load_phrases() -> list[tuple[str, str]]:
    """(leaf, phrase): how residents put it, leaf by leaf; what the shipped model learned first."""
    rows = _data("phrases.tsv", None).decode().splitlines()
    return [(leaf, phrase) for leaf, _, phrases in (row.partition("\t") for row in rows) for phrase in _split(phrases)]
