"""One side of a case as its party sees it (我的调解): the core's allow-list, its words opened, nothing beside it."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.mediation import Mediation
from huiyin.core.mediation.kinds import Duty
from huiyin.core.mediation.rules import MediationRules
from huiyin.core.mediation.seen import Invitation, PartySight, for_party
from huiyin.core.words import Sealed
from huiyin.store import accounts, committees, mediation_people, mediations
from huiyin.store.mediation_people import Known
from huiyin.story import Words, load_words
from huiyin.web.mediations.finding import Found
from huiyin.web.mediations.own.keys import Holder
from huiyin.web.mediations.shown import is_picture, references
from huiyin.web.problems import Problem
from huiyin.web.room import Room

GONE = "(内容已按规定删除)"
_NTH = "甲乙丙丁戊己庚辛壬癸"


class Mine(Struct, frozen=True):
    """What a party's pages are painted from. `words` by their names in the vault, `names` by opaque id: the mediators',
    who is to be invited, and who speaks for this side; `body` what the committee is called."""

    holder: Holder
    found: Found
    seen: PartySight
    words: Mapping[str, str]
    names: Mapping[str, str]
    body: str
    now: datetime
    story: Words
    book: MediationRules

    def said(self, words: Sealed | None) -> str:
        """Words opened; "" where there are none, and that they are erased where they are."""
        return "" if words is None else self.words.get(words.dossier, GONE)

    def word(self, name: str, value: str) -> str:
        return self.story.words.get(name, {}).get(value, value)

    @property
    def about(self) -> str:
        """What kind of dispute it is; "" where the catalogue has lost it."""
        entry = self.found.room.catalogue.entries.get(self.seen.category)
        return entry.name if entry else ""

    def name(self, ident: str, otherwise: str = "") -> str:
        return self.names.get(ident) or otherwise

    def side(self, party: str) -> str:
        """您, or the others: 对方 where there is one."""
        if party == self.holder.party:
            return "您"
        others = [one for one in self._parties if one != self.holder.party]
        return "对方" if len(others) < 2 or party not in others else f"对方{_NTH[others.index(party) % len(_NTH)]}"

    @property
    def _parties(self) -> list[str]:
        items = self.seen.agreement.terms.items if self.seen.agreement else ()
        return sorted({party for one in items for party in (one.owes, one.owed)})

    def due(self, duty: Duty, of: str = "") -> datetime | None:
        """When a limit of theirs is over; None where none runs."""
        return next((one.due.at for one in self.seen.clocks if one.key == (duty, of)), None)

    @property
    def waits(self) -> list[Invitation]:
        """The sessions that are to come."""
        coming = (one for one in self.seen.sessions if not one.held and not one.adjourned)
        return sorted(coming, key=lambda one: one.at)

    @property
    def before_effect(self) -> bool:
        return self.seen.may_stop

    @property
    def in_effect(self) -> bool:
        return self.seen.state in ("effective", "performed")

    @property
    def filed(self) -> bool:
        """Read only from now on."""
        return self.seen.state == "archived"

    @property
    def mark(self) -> str:
        """Another one whenever the party sees something else: nothing that is hidden from them moves it."""
        return sha256(msgspec.json.encode(self.seen, order="deterministic")).hexdigest()[:16]


class _Read(Struct, frozen=True):
    one: Mediation
    people: tuple[Known, ...]
    body: str
    names: dict[str, str]


async def mine(room: Room, holder: Holder) -> Mine:
    """Raises Problem("unknown-receipt") where the case is none of theirs."""
    read = await room.ask(lambda c: _look(c, holder))
    seen = for_party(read.one, holder.party) if read is not None else None
    if read is None or seen is None:
        raise Problem("unknown-receipt")
    people = {one.ident: one.ref for one in read.people if one.ref and _is_shown(one, holder.party)}
    wanted = {one.dossier: one.sealed for one in references(seen) if not is_picture(one)}
    pairs = [*wanted.items(), *((ref, None) for ref in set(people.values()) - set(wanted))]
    opened = await room.vaults.read_all(pairs)
    kept = {ref: dossier for (ref, _), dossier in zip(pairs, opened, strict=True) if dossier is not None}
    names = {ident: kept[ref].name or "" for ident, ref in people.items() if ref in kept}
    words = {ref: kept[ref].text for ref in wanted if ref in kept}
    found = Found(room, read.one, "party", holder.party, seen, read.people)
    story = load_words("mediation_story.toml")
    book = (await room.mediations()).rules.mediation
    return Mine(holder, found, seen, words, names | read.names, read.body, room.clock(), story, book)


def _is_shown(one: Known, party: str) -> bool:
    """Whose name a party reads besides its own papers: who helps, and who speaks for its own side."""
    return one.capacity == "helper" or (one.capacity != "party" and one.side == party)


async def _look(connection: AsyncConnection, holder: Holder) -> _Read | None:
    kept = await mediations.CHAINS.load(connection, [holder.number])
    if holder.number not in kept:
        return None
    one = kept[holder.number][0]
    people = (await mediation_people.of(connection, [one.number])).get(one.number, ())
    bodies = await committees.known(connection, [one.committee])
    body = next((each.called for each in bodies if each.kind == one.kind), "人民调解委员会")
    persons = {each.person for each in one.mediators} | {each.of for each in one.questions if each.matter == "mediator"}
    return _Read(one, people, body, await accounts.names(connection, sorted(persons)))


async def mark(room: Room, holder: Holder) -> str:
    """`Mine.mark` alone."""
    kept = await room.ask(lambda c: mediations.CHAINS.load(c, [holder.number]))
    seen = for_party(kept[holder.number][0], holder.party) if holder.number in kept else None
    return sha256(msgspec.json.encode(seen, order="deterministic")).hexdigest()[:16]
