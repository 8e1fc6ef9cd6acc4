"""Standing answers (告知): the legal routes that a resident is told where no post may judge the matter."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class Reply(Struct, frozen=True, forbid_unknown_fields=True):
    """One answer, as the resident reads it."""

    text: str


@cache
def load_replies() -> dict[str, str]:
    """Route → text; raises msgspec.ValidationError where the file is wrong."""
    data = (files("huiyin.rules") / "replies.toml").read_bytes().decode()
    found = msgspec.convert(tomllib.loads(data), dict[str, Reply])
    return {route: reply.text.strip() for route, reply in found.items()}
