"""Pictures go with an order (附照片): in the same transaction, or neither is kept."""

from collections.abc import Sequence
from typing import Any

from litestar import Request
from msgspec.structs import replace

from huiyin.core.commands import Attach
from huiyin.desk import Change
from huiyin.store import pictures, vault
from huiyin.store.pictures import Picture
from huiyin.web import parcels
from huiyin.web.problems import Problem

Req = Request[Any, Any, Any]

# Orders whose form takes pictures: what is said to be done is evidence, what was seen may show somebody's home.
EVIDENCE = frozenset(("resolve", "clear"))
WITH_PICTURES = EVIDENCE | {"note", "site-check", "dissuade"}


async def taken(request: Req) -> Sequence[Picture]:
    """The pictures of the form that was sent, developed; none where none were chosen. Raises Problem with a code
    where one is no good: the form's words can be read all the same."""
    found = await parcels.opened(request)
    if found.wrong:
        raise Problem(found.wrong, field="picture")
    return found.pictures


def attaching(seal: vault.Seal, number: str, some: Sequence[Picture], *, evidence: bool) -> Change:
    """What the desk is told."""
    kept = pictures.sealed(seal, some)
    return Change(number, Attach(tuple(one.word for one in kept), "evidence" if evidence else "site"), pictures=kept)


def together(seal: vault.Seal, change: Change, some: Sequence[Picture], *, evidence: bool) -> Change:
    """An order and the pictures that came with it; without pictures the order as it is."""
    if not some:
        return change
    first = attaching(seal, change.number, some, evidence=evidence)
    return replace(first, also=(replace(change, also=()), *change.also))


def said(key: str | None, some: Sequence[Picture]) -> str | None:
    """A form's key with what its pictures were made from: other pictures are another order."""
    return key and key + "".join(one.origin.hex() for one in some)
