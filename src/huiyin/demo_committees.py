"""The demonstration's mediation committees (演示调委会): members, rooms, a roster; once, then they are people's."""

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import office
from huiyin.convening import CONSOLE, Office
from huiyin.core.calendar import local
from huiyin.core.deadline import months_on
from huiyin.core.mediation.committee import Member
from huiyin.core.words import Spot
from huiyin.store import accounts, committees
from huiyin.store.bookings import Room
from huiyin.store.committees import Body

_DAYS = 42  # of duty, from the first of this month's first week on
_GAP = 9  # one working day among them that nobody has yet
_CALLED = {
    "demo-community": "陈国栋",
    "demo-mediator": "王桂英",
    "demo-mediator-li": "李建平",
    "demo-mediator-zhao": "赵敏",
    "demo-grid-worker": "孙晓芸",
}
_BEST = {"demo-mediator": ("A", "P"), "demo-mediator-li": ("B", "G"), "demo-mediator-zhao": ("L", "M", "N")}


async def furnish(connection: AsyncConnection, spot: Spot, at: datetime) -> None:
    """What is not there yet; a committee that people changed since stays as it is."""
    known = await committees.known(connection)
    names = (await connection.execute(_NAMES, {"community": spot.community_code, "street": spot.street_code})).one()
    people = {str(name): str(person) for name, person in (await connection.execute(_PEOPLE)).all()}
    for username, called in () if known else _CALLED.items():
        if (account := await accounts.by_name(connection, username)) is not None:
            await office.call(connection, account, called, at=at, actor=CONSOLE)
    today, taken = local(at), {one.short for one in known}
    for body in _bodies(spot, *names):
        if any((one.committee, one.kind) == (body.committee, body.kind) for one in known) or body.short in taken:
            continue
        ours = Office(connection, body, at=at, actor=CONSOLE)
        await ours.keep()
        await _members(ours, people, today)
        await _rooms(ours, body)
        await _roster(ours, body, people, today)
        for username, best in () if known else _BEST.items():
            if username.endswith("zhao") == (body.kind == "street") and username in people:
                await ours.specialise(people[username], best)


_NAMES = text("SELECT c.name, s.name FROM communities c JOIN streets s ON s.code = :street WHERE c.code = :community")
_PEOPLE = text("SELECT username, person FROM accounts WHERE username LIKE 'demo-%' AND person <> ''")


def _bodies(spot: Spot, community: str, street: str) -> tuple[Body, ...]:
    return (
        Body(
            str(spot.community_code),
            "residents",
            community.removesuffix("社区"),
            f"{community}居民委员会人民调解委员会",
        ),
        Body(str(spot.street_code), "street", street.removesuffix("街道"), f"{street}人民调解委员会"),
    )


async def _members(ours: Office, people: dict[str, str], today: date) -> None:
    """Five, one chair, two women; the second one's term ends within a month."""
    seats = ("demo-community", "demo-mediator", "demo-mediator-li", "demo-mediator-zhao", "demo-grid-worker")
    for n, username in enumerate(seats):
        since = months_on(today, -35 if n == 1 else -20)
        await ours.elect(Member(people[username], since, months_on(since, 36), n == 0, n in (2, 4)))


async def _rooms(ours: Office, body: Body) -> None:
    called = {"residents": (("老娘舅调解室", 8), ("社区小会议室", 16)), "street": (("街道矛盾调解中心一室", 20),)}
    for n, (name, seats) in enumerate(called[body.kind], 1):
        await ours.furnish(Room(f"{body.committee}-{n}", body.committee, body.kind, name, seats))


async def _roster(ours: Office, body: Body, people: dict[str, str], today: date) -> None:
    """Turn by turn on working days, with a gap for somebody to fill."""
    names = ("demo-mediator", "demo-mediator-li") if body.kind == "residents" else ("demo-mediator-zhao",)
    first = today.replace(day=1)
    days = [day for n in range(_DAYS) if (day := first + timedelta(days=n)).weekday() < 5]
    for n, day in enumerate(days):
        if n != _GAP:
            await ours.put_on_duty(day, [people[names[n % len(names)]]])
