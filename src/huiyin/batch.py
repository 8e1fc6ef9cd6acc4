"""What one transaction of the desk comes to: steps and rows, gathered in memory; nothing is written here."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from msgspec import Struct

from huiyin.core.commands import Command, Follow, Leave, Notify, Relate, Split
from huiyin.core.endings import Closed
from huiyin.core.staff import Party
from huiyin.core.steps import Replied, Step
from huiyin.core.ticket import CLOCK, Refused, Rules, Scene, Ticket, decide, follow
from huiyin.core.ticket.refuge import barred
from huiyin.core.voices import Pressured
from huiyin.core.words import Sealed
from huiyin.orders import DOORSTEP, Answer, Change, Order
from huiyin.scenes import Scenes
from huiyin.store import inbox, log, notices, pictures, tickets, vault, views
from huiyin.store.chains import Chains

INTAKE = "INTAKE"

Loaded = dict[str, tuple[Ticket, log.Head]]
N = TypeVar("N")


class Sheet:
    """The rows of one transaction whatever the noun, at one moment, under one rulebook."""

    def __init__(self, noun: str, at: datetime, version: str) -> None:
        self.noun, self.at, self.version = noun, at, version
        self.answers: dict[tuple[str, str], Answer] = {}
        self.log: list[log.Row] = []
        self.inbox: list[inbox.Row] = []
        self.dossiers: list[tuple[str, vault.Sealed]] = []
        self.pictures: list[pictures.Kept] = []
        self.changed: dict[str, Any] = {}

    def write(self, order: Order, ident: str, key: str, head: log.Head, steps: Sequence[Struct]) -> log.Head:
        """Steps into the log's rows; the end of the chain after them."""
        own = order.stream_seq is None  # a partner's source and id stay out of the log: they may say anything
        made, head = log.rows(
            self.noun,
            ident,
            head,
            steps,
            names=[_name(type(step)) for step in steps],
            key=key,
            actor=order.actor,
            cause=f"{order.source}#{order.event_id}" if own else f"{INTAKE}/{order.stream_seq}",
            at=self.at,
            rules=self.version,
        )
        self.log.extend(made)
        return head

    def answer(self, order: Order, answer: Answer) -> None:
        """The order's answer, kept for ever under its cause."""
        self.answers[order.source, order.event_id] = answer
        refused = answer.code
        row = (order.source, order.event_id, order.stream_seq, self.noun, answer.number or "", answer.receipt)
        self.inbox.append((*row, refused, self.at))

    def forget_vain(self) -> None:
        """Orders that led to no step leave no cause: the clock asks again about the same version of a noun."""
        self.inbox = [row for row in self.inbox if row[4] in self.changed]


class Chained(Sheet, Generic[N]):
    """The rows of a noun whose views are what its chain folds to; `before` is what each was at first."""

    def __init__(self, chains: Chains[N, Any], at: datetime, version: str) -> None:
        super().__init__(chains.noun, at, version)
        self.chains = chains
        self.changed: dict[str, N] = {}
        self.before: dict[str, N | None] = {}

    @property
    def moved(self) -> list[tuple[N | None, N]]:
        """Each that changed, as it was and as it is."""
        return [(self.before[number], after) for number, after in self.changed.items()]

    def record(
        self, order: Order, number: str, before: N | None, head: log.Head, steps: Sequence[Struct]
    ) -> tuple[N, log.Head]:
        """Steps into the log's rows; the noun after them."""
        after = self.chains.after(before, steps)
        self.before.setdefault(number, before)
        self.changed[number] = after
        return after, self.write(order, number, self.place(after), head, steps)

    def place(self, after: N) -> str:
        """Where it is heard of: a grid's code, or "-"."""
        return "-"


class Batch(Sheet):
    """The rows of tickets."""

    def __init__(self, at: datetime, rules: Rules) -> None:
        super().__init__(tickets.NOUN, at, rules.version)
        self.rules = rules
        self.new: list[views.Row] = []
        self.changed: dict[str, views.Row] = {}
        self.placed = False  # whether one of them was placed or classified anew
        self.came: dict[str, tuple[Sealed, ...]] = {}  # pictures in the vault, by the event that they came with
        self.parties: list[tuple[str, Party]] = []
        self.notices: list[notices.Row] = []

    def change(self, order: Order, parts: Sequence[Change], found: Loaded, known: Scenes) -> None:
        """Decide all parts of an order, then record all; one refusal refuses the whole."""
        number = parts[0].number
        try:
            made = [self._decided(part.number, part.command, found, known.of(order, part.number)) for part in parts]
        except Refused as refusal:
            self.answer(order, Answer("refused", number, code=refusal.code))
            return
        for part, steps in zip(parts, made, strict=True):
            if steps:
                self._put(order, part.number, steps, found)
                self.dossiers.extend(part.sealed)
                self.pictures.extend(part.pictures)
                if isinstance(part.command, Relate):
                    self.parties.append((part.number, part.command.party))
                elif isinstance(part.command, Notify):
                    self.notices.append(notices.row(part.command.to, part.command.words.dossier, self.at))
                self._tell(order, part.number, steps, found, known)
        self.answer(order, Answer("done", number))

    def seen(self, order: Order) -> tuple[Sealed, ...]:
        """The pictures of a complaint; a partner's event has none, whatever it calls itself."""
        return self.came.get(order.event_id, ()) if order.source == DOORSTEP else ()

    def _decided(self, number: str, command: Command, found: Loaded, scene: Scene) -> list[Step]:
        ticket, _ = found.get(number, (None, log.Head()))
        return decide(ticket, command, at=self.at, rules=self.rules, scene=scene)

    def _put(self, order: Order, number: str, steps: Sequence[Step], found: Loaded) -> None:
        before, head = found[number]
        after, head = self.record(order, before, head, steps)
        found[number] = after, head
        for step in steps:
            if isinstance(step, Pressured):
                self.parties.extend((number, one) for one in barred(step.posts, step.persons))
        self.changed[number] = views.row(after)
        self.placed = self.placed or before is None or views.placed(before, after)

    def _tell(self, order: Order, number: str, steps: Sequence[Step], found: Loaded, known: Scenes) -> None:
        """What its merged tickets hear of a lead: the same reply; or that it goes on, or away, without them."""
        lead, _ = found[number]
        command: Command | None = None
        for step in steps:
            if isinstance(step, Replied) and step.words is not None:
                post = lead.resolved_at_post or lead.replied_at_post
                command = Follow(step.words, lead.resolver or lead.replier, post)
            elif isinstance(step, Closed | Pressured) and command is None:
                command = Split()
        if command is None:
            return
        for one in lead.joined:
            follower, _ = found.get(one.number, (None, None))
            if follower is not None and follower.state == "merged" and follower.lead == number:
                scene = Scene(CLOCK, known.of(order, one.number).staff, known.of(order, one.number).parties)
                self._put(order, one.number, self._decided(one.number, command, found, scene), found)
                if isinstance(command, Split):
                    self._put(order, number, self._decided(number, Leave(one.number), found, scene), found)

    def record(
        self, order: Order, ticket: Ticket | None, head: log.Head, steps: Sequence[Step]
    ) -> tuple[Ticket, log.Head]:
        """Steps into the log's rows; the ticket after them."""
        after = ticket
        for step in steps:
            after = follow(after, step)
        assert after is not None
        return after, self.write(order, after.number, after.spot.grid_code or "-", head, steps)


@cache
def _name(kind: type[Struct]) -> str:
    """A step's published name."""
    return str(kind.__struct_config__.tag)
