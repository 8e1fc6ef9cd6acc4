"""A whistle is blown and goes out (吹哨、派哨): guards, the street's pass, a leader's approval, joining."""

from typing import assert_never

from msgspec.structs import replace

from huiyin.core.catalogue import Entry
from huiyin.core.scene import Refused, accused
from huiyin.core.whistle.commands import (
    Approve,
    Ask,
    Blow,
    Blowing,
    Cancel,
    Decline,
    Join,
    Kind,
    Open,
    PassOn,
    SendBack,
)
from huiyin.core.whistle.ground import Ground, coarse, known, working
from huiyin.core.whistle.state import Line, Whistle
from huiyin.core.whistle.steps import (
    Approved,
    Begun,
    Blown,
    Called,
    Cancelled,
    Clock,
    Closed,
    Declined,
    Joined,
    PassedOn,
    SentBack,
    Step,
)
from huiyin.core.words import Spot


def decide(whistle: Whistle | None, command: Blowing, ground: Ground) -> list[Step]:
    """Steps until departments are called, and those that end it before."""
    match command:
        case Blow():
            return [] if whistle is not None else _blow(command, ground)
        case PassOn():
            return _pass_on(known(whistle), command, ground)
        case SendBack():
            working(known(whistle), "passing")
            return [SentBack(command.reason, command.words), Closed("sent-back", ground.at)]
        case Approve():
            return _approve(known(whistle), command, ground)
        case Decline():
            return _decline(known(whistle), command, ground)
        case Join():
            return _join(known(whistle), command, ground)
        case Cancel():
            return _cancel(known(whistle), command, ground)
        case _:
            assert_never(command)


def _blow(command: Blow, ground: Ground) -> list[Step]:
    _who(command, ground)
    _why(command, ground)
    ground.asked(command.asks, command.about)
    again = next((one.number for one in command.others if _same_matter(command, one)), None)
    if again is not None and command.apart is None:
        raise Refused("already-blown", again)
    afterwards = ground.rules.whistle.kinds[command.kind].approval == "afterwards"
    if afterwards or ground.by.post.startswith("street:"):
        clock = _approval(command.kind, command.spot, ground)
    else:
        clock = ground.clock(command.kind, "pass", f"street:{command.spot.street_code}")
    blown = _blown(command, clock, ground)
    return [blown, _call(command.kind, command.asks, ground)] if afterwards else [blown]


def _blown(c: Blow, clock: Clock, ground: Ground) -> Blown:
    matter = (c.number, c.kind, c.source, c.category, c.spot, c.beyond, c.words, c.asks)
    more = (c.ticket, c.about, c.tried, coarse(c.position), c.pictures, c.apart)
    return Blown(*matter, ground.by.post, ground.by.person, (clock,), *more)


def _who(command: Blow, ground: Ground) -> None:
    """The community or the street of the place; never on what is about themselves (回避)."""
    by, spot = ground.by, command.spot
    if by.post not in (f"street:{spot.street_code}", f"community:{spot.community_code}"):
        raise Refused("not-your-place")
    barred = ground.rules.whistle.barred.get(command.about, ())
    if by.post.partition(":")[0] in barred or ground.scene.interested(ground.scene.parties):
        raise Refused("recused")


def _why(command: Blow, ground: Ground) -> None:
    """Why here: a known matter beyond the own duty (条例 17), and for a ticket what the ladder tried before; only an
    emergency need not have waited for that."""
    entry = ground.rules.catalogue.entries.get(command.category)
    if entry is None or entry.parent is None:
        raise Refused("unknown-category")
    rule = ground.rules.whistle.kinds[command.kind]
    if rule.own_duty != "allowed" and _own_duty(entry, ground, alone=rule.own_duty == "joint"):
        raise Refused("own-duty")
    hidden = command.about in ground.rules.whistle.barred  # from whom, is looked up by the ticket
    if (command.source == "ticket" or hidden) and command.ticket is None:
        raise Refused("ticket-missing")
    if command.ticket is not None and not command.tried and rule.approval == "before":
        raise Refused("nothing-tried")


def _own_duty(entry: Entry, ground: Ground, *, alone: bool) -> bool:
    """Whether the catalogue says that the street comes first, or stands `alone`."""
    own = ground.rules.whistle.own
    return all(one in own for one in (entry.departments if alone else entry.departments[:1]))


def _same_matter(command: Blow, other: Open) -> bool:
    """The same leaf at the same building; where one does not say which, in the same estate, or grid outside of any."""
    here, there = command.spot, other.spot
    if command.category != other.category or here.estate_code != there.estate_code:
        return False
    if here.estate_code is None:
        return here.grid_code is not None and here.grid_code == there.grid_code
    return None in (here.building_code, there.building_code) or here.building_code == there.building_code


def _approval(kind: Kind, spot: Spot, ground: Ground) -> Clock:
    return ground.clock(kind, "approve", f"{ground.rules.whistle.leader}:{spot.street_code}")


def _call(kind: Kind, asks: tuple[Ask, ...], ground: Ground) -> Called:
    return Called(ground.at, asks, ground.called(kind, asks))


def _pass_on(whistle: Whistle, command: PassOn, ground: Ground) -> list[Step]:
    if whistle.passed and command.asks in ((), whistle.asks):
        return []
    working(whistle, "passing")
    asks = command.asks or whistle.asks
    ground.asked(asks, whistle.about)
    return [PassedOn(ground.by.person, asks, (_approval(whistle.kind, whistle.spot, ground),))]


def _approve(whistle: Whistle, command: Approve, ground: Ground) -> list[Step]:
    if whistle.approval == "given":
        return []
    _undecided(whistle, ground)
    approved = Approved(ground.by.post, ground.by.person, command.words)
    if whistle.state != "approving":
        return [approved]
    ground.asked(whistle.asks, whistle.about)  # who is complained about may have become known since
    return [approved, _call(whistle.kind, whistle.asks, ground)]


def _decline(whistle: Whistle, command: Decline, ground: Ground) -> list[Step]:
    if whistle.approval == "given":
        raise Refused("already-approved")
    if whistle.approval == "declined":
        return []
    _undecided(whistle, ground)
    declined = Declined(command.reason, command.words)
    return [declined, Closed("declined", ground.at)] if whistle.state == "approving" else [declined]


def _undecided(whistle: Whistle, ground: Ground) -> None:
    """Somebody else than who blew it or passed it on decides, once."""
    working(whistle, "approving", "called", "paused", "replied")
    if whistle.approval == "declined":
        raise Refused("already-declined")
    if ground.same(whistle.blown_by, whistle.passed_by):
        raise Refused("own-request")


def _join(whistle: Whistle, command: Join, ground: Ground) -> list[Step]:
    if command.ticket in whistle.tickets:
        return []
    working(whistle, "passing", "approving", "called", "paused", "replied")
    _joinable(whistle, command, ground)
    return [Joined(command.ticket, command.tried)]


def _joinable(whistle: Whistle, command: Join, ground: Ground) -> None:
    """The whistle stays before the eyes of who blew it, and no department on it is the one complained about."""
    out = accused(ground.scene.parties)
    if not out.isdisjoint([*(one.post for one in whistle.lines or whistle.asks)]):
        raise Refused("department-recused")
    kind, _, code = whistle.blower.partition(":")
    elsewhere = command.spot is not None and getattr(command.spot, f"{kind}_code", code) != code
    if elsewhere or kind in ground.rules.whistle.barred.get(command.about, ()):
        raise Refused("joins-hidden")


def _cancel(whistle: Whistle, command: Cancel, ground: Ground) -> list[Step]:
    working(whistle, "passing", "approving", "called", "paused")
    if any(one.person for one in whistle.lines):
        raise Refused("already-acknowledged")
    return [Cancelled(command.reason, command.words), Closed("cancelled", ground.at)]


# -- folding ----------------------------------------------------------------------------------------------


def follow(whistle: Whistle | None, step: Begun) -> Whistle:
    """The whistle after a step of this kind; raises ValueError where the first step is not `Blown`."""
    if isinstance(step, Blown):
        return _begun(step)
    if whistle is None:
        raise ValueError("a whistle begins with whistle.blown.v1")
    match step:
        case PassedOn():
            after = replace(whistle, state="approving", passed=True, passed_by=step.person, asks=step.asks)
            return after.stopping("pass").starting(step.clocks)
        case Approved():
            return replace(whistle, approval="given").stopping("approve")
        case Declined():
            return replace(whistle, approval="declined").stopping("approve")
        case Called():
            return replace(whistle, state="called", lines=(*whistle.lines, *lines(step))).starting(step.clocks)
        case Joined():
            tried = (*whistle.tried, *(one for one in step.tried if one not in whistle.tried))
            return replace(whistle, tickets=(*whistle.tickets, step.ticket), tried=tried)
        case SentBack() | Cancelled():
            return whistle
        case _:
            assert_never(step)


def lines(step: Called) -> tuple[Line, ...]:
    """The lines of departments as they are called."""
    return tuple(Line(one.post, one.lead, one.words, step.at) for one in step.asks)


def _begun(s: Blown) -> Whistle:
    passing = any(one.duty == "pass" for one in s.clocks)
    matter = (s.kind, s.source, s.category, s.spot, s.beyond, s.words, s.asks, s.post, s.person)
    return Whistle(
        s.number,
        0,
        "passing" if passing else "approving",
        *matter,
        s.clocks[0].watch.due.start,
        tickets=(s.ticket,) if s.ticket else (),
        about=s.about,
        tried=s.tried,
        position=s.position,
        pictures=s.pictures,
        clocks=s.clocks,
    )
