"""A paper before any printer has seen it: a title and blocks of words, and the digest that signatures are bound to."""

import hashlib
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec import Struct

from huiyin.papers.words import BLANK, clean

# What the digest is of: changes only when the same content is to have another digest.
_DOMAIN = b"huiyin.paper.v1\n"
COPY = "copy"  # `Paper.of` of a party's copy: with less in it than was signed, so without a check code of its own
_NO_NUMBER = f"({BLANK}){BLANK}人调字第{BLANK}号"


class Para(Struct, frozen=True, tag="para"):
    """A paragraph; `label` stands bold before it (申请人:…)."""

    text: str
    label: str = ""
    style: Literal["body", "plain", "centre", "right", "note"] = "body"


class Head(Struct, frozen=True, tag="head"):
    text: str


class Cell(Struct, frozen=True):
    """One box. `folio` names a paper of the same volume whose page numbers are put here (卷内目录)."""

    text: str
    span: int = 1
    style: Literal["label", "value", "centre"] = "value"
    folio: str = ""


class Row(Struct, frozen=True):
    """`height` in millimetres is the room that a pen needs; a row grows with its words and goes on over the page."""

    cells: tuple[Cell, ...]
    height: int = 9


class Grid(Struct, frozen=True, tag="grid"):
    """Boxes in columns of these relative widths; with `header` the first row is repeated on each page.

    So a header has the form's own short words, never anybody's.
    """

    columns: tuple[int, ...]
    rows: tuple[Row, ...]
    header: bool = False


class Picture(Struct, frozen=True, tag="picture"):
    """A page that came as an image, PNG or JPEG, already made anew by the darkroom: as large as the page allows."""

    data: bytes
    caption: str = ""


class Mark(Struct, frozen=True):
    """A signature, seal or fingerprint (签名、盖章、按指印) on the content with this digest, at this place."""

    place: str
    digest: str
    kind: Literal["signature", "seal", "fingerprint"] = "signature"
    on: date | None = None
    image: bytes = b""


class Place(Struct, frozen=True):
    """Where somebody signs: `key` is what a mark is for (`party:…`, `mediator:…`, `recorder`, `committee`)."""

    key: str
    label: str  # 申请人 张三
    how: str = ""  # 签名、盖章或按指印, small under it
    mark: Mark | None = None


class Places(Struct, frozen=True, tag="places"):
    """Places beside each other, two in a line, `dated` each by who signs, `closing` (the paper's day) after all."""

    places: tuple[Place, ...]
    dated: bool = False
    closing: str = ""


class Break(Struct, frozen=True, tag="break"):
    """What follows begins on a new page."""


Block = Para | Head | Grid | Picture | Places | Break


class Paper(Struct, frozen=True, kw_only=True):
    """One form, made out. Made by `paper`, so that every word in it is clean."""

    form: str  # the code of the form, see forms.FORMS
    of: str = ""  # which one, where a case has several: a session, a party
    title: str
    blocks: tuple[Block, ...]
    number: str = ""  # the case's number, under the title
    on: date | None = None  # the day it is of; what the files call their date of creation
    face: Literal["page", "cover", "contents", "back"] = "page"
    remark: str = ""  # what tells it from others of its kind in the contents: whose, which

    @property
    def digest(self) -> str:
        """SHA-256 of the content in hex: same words, same digest, whatever font, printer or mark."""
        bare = msgspec.structs.replace(self, blocks=tuple(_unmarked(block) for block in self.blocks))
        return hashlib.sha256(_DOMAIN + msgspec.json.encode(bare, order="deterministic")).hexdigest()

    @property
    def places(self) -> tuple[Place, ...]:
        """Everywhere that somebody signs."""
        return tuple(place for block in self.blocks if isinstance(block, Places) for place in block.places)


def paper(**fields: Any) -> Paper:
    """The paper with these fields, all its words clean; a case's number that is not given yet is left to the pen."""
    if fields.get("number") == "":
        fields["number"] = _NO_NUMBER
    return _cleaned(Paper(**fields))  # type: ignore[no-any-return]


def signed(made: Paper, marks: tuple[Mark, ...]) -> Paper:
    """The paper with the marks that are for its content; a mark on another content is void and not on it."""
    valid = {mark.place: mark for mark in marks if mark.digest == made.digest}
    return msgspec.structs.replace(made, blocks=tuple(_marked(block, valid) for block in made.blocks))


def unsigned(made: Paper) -> tuple[Place, ...]:
    """The places that nobody has signed yet."""
    return tuple(place for place in made.places if place.mark is None)


def _marked(block: Block, marks: dict[str, Mark]) -> Block:
    if not isinstance(block, Places):
        return block
    places = tuple(msgspec.structs.replace(place, mark=marks.get(place.key)) for place in block.places)
    return msgspec.structs.replace(block, places=places)


def _unmarked(block: Block) -> Block:
    """Without marks, and a picture as the hash of its bytes."""
    if isinstance(block, Picture):
        return msgspec.structs.replace(block, data=hashlib.sha256(block.data).digest())
    return _marked(block, {})


def _cleaned(thing: Any) -> Any:
    if isinstance(thing, str):
        return clean(thing)
    if isinstance(thing, tuple):
        return tuple(_cleaned(part) for part in thing)
    if isinstance(thing, Struct):
        kept = {name: _cleaned(getattr(thing, name)) for name in thing.__struct_fields__}
        return type(thing)(**kept)
    return thing
