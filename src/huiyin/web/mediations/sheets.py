"""What lies in a case's file as pictures (卷内原件): marks with their pictures, signed sheets, receipts."""

from collections.abc import Sequence
from struct import unpack_from

from msgspec.structs import replace

from huiyin.core.calendar import local
from huiyin.core.mediation import Mediation
from huiyin.core.mediation.steps_agreed import Marked
from huiyin.core.words import Sealed
from huiyin.papers.blocks import Mark, Picture
from huiyin.papers.facts import Exhibit, File, Scan
from huiyin.web.room import Room

_PAGE = "page:"  # a photo of the page that somebody signed on paper
_WIDE = 1.4  # what is so much wider than high was written on glass; else it is a page
_SIZES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))


async def with_pictures(room: Room, one: Mediation, file: File, *, whole: bool = True) -> File:
    """The file with all that came as pictures. Without `whole` it says only where there are some, for lists."""
    marks: list[Mark] = []
    scans: list[Scan] = []
    for each in one.agreement.marks if one.agreement else ():
        data = await _data(room, each.image) if whole and each.image else b""
        written = wide(data)
        marks.append(Mark(place_of(each), each.digest, each.form, local(each.at), data if written else b""))
        if each.image and whole and data and not written:
            sheet = Scan(form="agreement", of=f"{_PAGE}{place_of(each)}", title="人民调解协议书签字页")
            scans.append(replace(sheet, pages=(Picture(data),)))
    for form, of, pages in (*_receipts(one), *((each.sheet, each.of, each.pages) for each in one.enclosed)):
        shown = [Picture(await _data(room, page) if whole else b"") for page in pages]
        scans.append(Scan(form=form, of=of, pages=tuple(page for page in shown if page.data or not whole)))
    kept = tuple(each for each in scans if each.pages)
    exhibits = tuple(Exhibit(sheets=len(each.pages)) for each in one.enclosed if each.sheet == "evidence")
    return replace(file, marks=tuple(marks), scans=kept, evidence=exhibits)


def place_of(one: Marked) -> str:
    """Where on the paper a mark stands: `party:p1`, `mediator:<person>`, `committee`."""
    return ":".join(filter(None, (one.hand, one.party or one.by if one.hand != "committee" else "")))


def _receipts(one: Mediation) -> Sequence[tuple[str, str, Sequence[Sealed]]]:
    """The pictures of what was performed, item by item."""
    owed = one.agreement.owed if one.agreement else ()
    return [("performance", str(n), each.evidence) for n, each in enumerate(owed, 1) if each.evidence]


async def _data(room: Room, one: Sealed) -> bytes:
    """A picture; b"" where it was erased."""
    return await room.vaults.picture(one.dossier, "full", one.sealed) or b""


def wide(jpeg: bytes) -> bool:
    """Whether a JPEG of the darkroom's is a line of handwriting and not a page."""
    at = 2
    while at + 9 < len(jpeg) and jpeg[at] == 0xFF:
        if jpeg[at + 1] in _SIZES:
            height, width = unpack_from(">HH", jpeg, at + 5)
            return bool(width >= height * _WIDE)
        at += 2 + int(unpack_from(">H", jpeg, at + 2)[0])
    return False
