"""The rulebook's part for everybody (public.toml): small numbers on the board, rates at the door."""

import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec import Struct

from huiyin.rules.load import own


class Board(Struct, frozen=True, forbid_unknown_fields=True):
    """From how many on a number is told; how long a board stands."""

    fewest: int
    minutes: int


class Door(Struct, frozen=True, forbid_unknown_fields=True):
    """Rates an hour, and what is asked beyond them."""

    free: int
    hard: int
    house: int
    calm: int
    look: int
    cost: int
    tries: int
    minutes: int


class Public(Struct, frozen=True, forbid_unknown_fields=True):
    """The data of public.toml."""

    board: Board
    door: Door


def load_public(folder: Path | None = None) -> Public:
    """The shipped file, or a deployer's own; raises ValueError where it is wrong."""
    path = own(folder, "public.toml") or files("huiyin.rules") / "public.toml"
    return msgspec.convert(tomllib.loads(path.read_bytes().decode()), Public)
