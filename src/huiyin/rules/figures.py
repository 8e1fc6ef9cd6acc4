"""What the street's screen reckons by (大屏口径): weights of the three rates, what is hot, when the night begins."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from huiyin.core.whistle.rates import Measures
from huiyin.rules.load import own


class ScreenRules(Struct, frozen=True, forbid_unknown_fields=True):
    """The data of `rules/screen.toml`."""

    partly: Annotated[float, Meta(ge=0, le=1)]
    satisfied_from: Annotated[int, Meta(ge=1, le=5)]
    night_from: Annotated[int, Meta(ge=0, le=23)]
    hot: Annotated[int, Meta(ge=2)]
    hot_days: Annotated[int, Meta(ge=1, le=90)]
    whistles: Measures = Measures()


def load_screen(folder: Path | None = None) -> ScreenRules:
    """A city's own file, or the shipped one; raises msgspec.ValidationError where it is wrong."""
    path = own(folder, "screen.toml") or files("huiyin.rules") / "screen.toml"
    return msgspec.convert(tomllib.loads(path.read_bytes().decode()), ScreenRules)
