"""What is asked of the desk, and what it answers."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from huiyin.core.mediation import Command as Mediation
from huiyin.core.ticket import Command
from huiyin.core.whistle import Command as Whistle
from huiyin.core.words import About, Channel, Sorting
from huiyin.store import vault
from huiyin.store.mediation_people import Known
from huiyin.store.pictures import Kept

CLOCK = "urn:huiyin:clock"
DOORSTEP = "urn:huiyin:web"  # what came over HTTP


class Away(Exception):
    """The database is away, starting, full or busy: nothing was decided, try the same orders again later."""


class Complaint(Struct, frozen=True):
    """An order to make a ticket; the desk gives it its number, its same matters and its dossier's name."""

    channel: Channel
    about: About
    filed_at: datetime
    sorting: Sorting
    sealed: vault.Sealed


class Change(Struct, frozen=True):
    """An order about a ticket that exists; `also` happens with it, or neither does. `sealed` are the words that
    the commands refer to, by the name of their record in the vault, `pictures` what they attach."""

    number: str
    command: Command
    also: tuple["Change", ...] = ()
    sealed: tuple[tuple[str, vault.Sealed], ...] = ()
    pictures: tuple[Kept, ...] = ()


class Whistling(Struct, frozen=True):
    """An order about a whistle, or to blow one: then `number` is a fresh one. The rest as for a ticket."""

    number: str
    command: Whistle
    sealed: tuple[tuple[str, vault.Sealed], ...] = ()
    pictures: tuple[Kept, ...] = ()


class Mediating(Struct, frozen=True):
    """An order about a mediation, or to open one: then `number` is a fresh one. `people` are whom the command's opaque
    ids stand for, `codes` what parties come with from now on. The rest as for a ticket."""

    number: str
    command: Mediation
    sealed: tuple[tuple[str, vault.Sealed], ...] = ()
    pictures: tuple[Kept, ...] = ()
    people: tuple[Known, ...] = ()
    codes: tuple[tuple[str, int], ...] = ()


class Order(Struct, frozen=True):
    """One cause. (`source`, `event_id`) identifies it for ever; `actor` is a post, not a person; `role` the kind
    of post, `person` the opaque id of who acts."""

    source: str
    event_id: str
    actor: str
    what: Complaint | Change | Whistling | Mediating
    stream_seq: int | None = None
    role: str = ""
    person: str = ""


class Answer(Struct, frozen=True):
    """What became of an order. `repeat`: it was done before, these are its ticket and receipt. `refused`:
    `code` says why, and the refusal is kept. `failed`: this order alone could not be written; `code` is the
    error's class, never its text (it may quote the resident)."""

    outcome: Literal["done", "repeat", "refused", "failed"]
    number: str | None = None
    receipt: int | None = None
    code: str | None = None


def by_itself(what: Change | Whistling | Mediating, version: int, *, again: bool) -> Order:
    """A cause of the clock's own: a noun at a version, its turn come or to be worked out `again`."""
    kind = "recompute" if again else "tick"
    return Order(CLOCK, f"{what.number}-{version}-{kind}", "clock", what, role="clock")
