"""The papers of a case (文书、卷宗) as they stand: made out from the vault, or as they were marked."""

import secrets
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from huiyin.core.mediation.kinds import Terms
from huiyin.core.mediation.seen import document
from huiyin.core.mediation.state import Agreement, Mediation, Owed
from huiyin.core.words import Sealed
from huiyin.mediation_story import MediationTeller
from huiyin.papers.blocks import Paper
from huiyin.papers.facts import File
from huiyin.papers.forms import made
from huiyin.store import accounts, bookings, committees, lists, mediations, vault
from huiyin.story import load_words
from huiyin.web.mediations.file import Desk, file_of
from huiyin.web.mediations.finding import Found
from huiyin.web.mediations.outcome import came_of
from huiyin.web.mediations.past import past
from huiyin.web.mediations.shown import is_picture, references
from huiyin.web.pen import Pen
from huiyin.web.room import Room

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Paper).decode


class Drafted(Struct, frozen=True):
    """The agreement as it will be printed: what every mark is under, and where it lies in the vault."""

    digest: str
    document: Sealed


async def drafted(found: Found, terms: Terms, pen: Pen) -> Drafted:
    """Changed by a single word, name or date; kept with the words of the draft, so that it is printed as it was marked
    whatever becomes known of the parties later."""
    room = found.room
    agreement = Agreement("written", terms, tuple(map(Owed, terms.items)), room.clock())
    fresh = {ref: vault.decode(room.seal.open(sealed)).text for ref, sealed in pen.kept}
    file = await filled(replace(found, one=replace(found.one, agreement=agreement)), fresh)
    (paper,) = made(file, "agreement")
    sealed = room.seal.seal(vault.encode(vault.Dossier(text=_encode(paper).decode())))
    ref = f"{found.one.number}/{secrets.token_hex(8)}"
    pen.kept.append((ref, sealed))
    return Drafted(paper.digest, Sealed(ref, sealed.digest))


async def marked(room: Room, one: Mediation) -> Paper | None:
    """The agreement as it was laid before who signs it; None where none was, or its words were erased. What is not of
    the digest that was signed is not what was signed."""
    kept = document(one)
    dossier = await room.vaults.read(kept.dossier, kept.sealed) if kept else None
    paper = _decode(dossier.text) if dossier else None
    return paper if paper and one.agreement and paper.digest == one.agreement.digest else None


async def filled(found: Found, fresh: Mapping[str, str] | None = None) -> File:
    """The case's file; only its mediators see who is who. `fresh` are words that are not kept yet."""
    one = found.one
    desk = await _desk(found, fresh or {})
    file = came_of(one, desk, file_of(one, desk))
    fixed = await marked(found.room, one)
    return replace(file, fixed=(fixed,)) if fixed else file


async def _desk(found: Found, fresh: Mapping[str, str]) -> Desk:
    one, room = found.one, found.room
    names = {known.ident: known.ref for known in found.people if known.ref}
    words = {each.dossier: each.sealed for each in references(found.seen) if not is_picture(each)}
    pairs = [*words.items(), *((ref, None) for ref in set(names.values()) - set(words))]
    kept = dict(zip((ref for ref, _ in pairs), await room.vaults.read_all(pairs), strict=True))
    entries = await room.ask(lambda c: lists.history(c, one.number, mediations.NOUN))
    bodies = await room.ask(lambda c: committees.known(c, [one.committee]))
    staff = {*(each.person for each in one.mediators), *(each.person for each in one.gone)}
    staff |= {*(each.mediator for each in one.investigations), *(each.by for each in one.visits)}
    book, registry, days = (await room.mediations()).rules, (await room.rules()).registry, past(entries)
    return Desk(
        called=next((body.called for body in bodies if body.kind == one.kind), ""),
        past=days,
        opened={ref: dossier.text for ref in words if (dossier := kept[ref]) is not None} | dict(fresh),
        people={ident: dossier for ident, ref in names.items() if (dossier := kept[ref]) is not None},
        staff=await room.ask(lambda c: accounts.names(c, sorted(staff))),
        filer=MediationTeller(book, registry).post(days.filer) if days.filer else "",
        words=load_words("mediation_story.toml"),
        catalogue=room.catalogue,
        registry=registry,
        retention=book.mediation.retention,
        rooms=await room.ask(lambda c: bookings.called(c, one.number)),
    )
