"""The demonstration (演示): one account for each kind of post, and complaints that give each of them work."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin import demo_cases, demo_mediations, demo_whistles, keys, posts, settings
from huiyin.bus.envelope import ComplaintData, PlaceData
from huiyin.core.people import ROLES, Role
from huiyin.core.words import Spot
from huiyin.door import Door, KeyReused
from huiyin.registration import import_folder
from huiyin.store import accounts
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.web.logins import digest, hashed, new_password, new_token

FILE = "demo-accounts.json"  # one account a role, as promised to programs
MORE = "demo-more-accounts.json"  # further people that whistles and mediations need; the same shape
DISTRICT = "D"  # codes of the demonstration district's estates begin so
_LONG = timedelta(days=90)  # a mediator's cases began before the demonstration does


class Entry(Struct, frozen=True):
    """One line of DIR/demo-accounts.json."""

    username: str
    password: str
    role: Role
    post: str
    scope: str
    token: str


class Stage(Struct, frozen=True):
    """Where the demonstration plays: one estate, one of its buildings, and what they belong to."""

    estate: str
    name: str
    building: str
    grid: str
    community: str
    street: str


class Sample(Struct, frozen=True):
    """A complaint of ours; `id` is its idempotency key."""

    id: str
    data: ComplaintData


# Something for every rung of the chosen estate: leaf, who it is about, words.
WORK = (
    ("A01", "neighbour", "{0}楼上漏水,我家卫生间天花板一直滴水,找楼上沟通了几次都没有结果。"),
    ("B01", "neighbour", "{0}楼上深夜拖动家具,声音很大,影响老人休息。"),
    ("C02", "none", "{0}楼道里堆满杂物,下楼都要侧着身子走。"),
    # Nobody handles it: two hours a rung, so with `--speed 3600` it climbs to supervision within a minute.
    ("J03", "none", "{0}楼道里有人拉线给电动车充电,提醒过几次没有用。"),
    ("H06", "none", "{0}门口的路灯坏了好几天,晚上很黑。"),
    ("C05", "none", "{0}楼道很久没有打扫,垃圾味很重。"),
    ("N04", "property", "{0}业主想知道去年的公共收益是怎么使用的,一直没有公示。"),
    ("L02", "property", "{0}物业费涨价没有征求业主意见,请说明依据。"),
    ("G01", "none", "{0}车位严重不足,希望业委会牵头想办法。"),
    ("S01", "none", "{0}有一位独居老人,希望社区安排上门看望。"),
    ("B06", "construction", "{0}旁边工地夜里还在施工,睡不着觉。"),
    ("M03", "owners_committee", "{0}业委会不公开账目,请街道过问。"),
    ("T04", "grid_or_community_staff", "{0}网格员登记时态度不好,希望改进。"),
)


async def furnish(database_url: str, data: Path, at: datetime) -> None:
    """Accounts (DIR/demo-accounts.json, 0600), whistles, mediations, samples; at a restart all stays valid.

    Where no registry was imported yet, the small demonstration district is."""
    engine = connect(database_url, name="demo")
    try:
        async with engine.connect() as connection:
            stage = await _stage(connection)
        if stage is None:
            with as_file(files("huiyin.rules") / "demo_district") as folder:
                await import_folder(database_url, folder, at)
        async with engine.begin() as connection:
            stage = await _stage(connection)
            if stage is None:
                return
            for entry in (*_entries(data / FILE, _wanted(stage)), *_entries(data / MORE, _further(stage))):
                await _seat(connection, entry, at)
        await demo_whistles.blow(engine, data, _spot(stage), at)
        await demo_mediations.open_(engine, data, _spot(stage), at)
    finally:
        await engine.dispose()
    await _file(database_url, data, _samples(stage), lambda: at)


async def _stage(connection: AsyncConnection) -> Stage | None:
    row = (await connection.execute(_STAGE)).first()
    return Stage(*row) if row else None


# The same one at every start: whole (committee, company), of a size that one sees at a glance.
_STAGE = text(
    "WITH sized AS (SELECT estate_code AS code, count(*) AS n, min(code) AS building FROM buildings GROUP BY 1),"
    " named AS (SELECT name, count(*) AS n FROM estates GROUP BY 1),"
    " chosen AS (SELECT e.code, e.name, s.building FROM estates e JOIN sized s USING (code)"
    " JOIN named ON named.name = e.name ORDER BY"
    " e.owners_committee = 'formed' AND e.property_company = 'company' DESC,"
    " s.n BETWEEN 3 AND 12 DESC, named.n, e.code LIMIT 1)"
    " SELECT chosen.code, chosen.name, b.code, b.grid_code, g.community_code, c.street_code"
    " FROM chosen JOIN buildings b ON b.code = chosen.building JOIN grids g ON g.code = b.grid_code"
    " JOIN communities c ON c.code = g.community_code"
)


Wanted = tuple[str, Role, str, str]  # user name, role, post, scope


def _wanted(stage: Stage) -> list[Wanted]:
    seats = _seats(stage)
    return [(f"demo-{role.replace('_', '-')}", role, *seats[role]) for role in ROLES]


def _further(stage: Stage) -> list[Wanted]:
    """Who approves for the street, somebody else than who whistles; a second department; two more mediators."""
    street, community = f"street:{stage.street}", f"community:{stage.community}"
    return [
        ("demo-street-leader", "street", f"street_leader:{stage.street}", street),
        ("demo-department-police", "department", demo_whistles.POLICE, street),
        (demo_cases.LI, "mediator", f"mediator:{stage.community}", community),
        (demo_cases.ZHAO, "mediator", f"mediator:{stage.street}", street),
    ]


def _entries(path: Path, wanted: list[Wanted]) -> list[Entry]:
    """The accounts of a file, with new ones for those that it lacks; posts and scopes are those that are wanted."""
    try:
        kept = {entry.username: entry for entry in msgspec.json.decode(path.read_bytes(), type=list[Entry])}
    except FileNotFoundError:
        kept = {}
    made = [_entry(one, kept.get(one[0])) for one in wanted]
    if made != list(kept.values()):
        keys.write_private(path, msgspec.json.format(msgspec.json.encode(made), indent=2))
    return made


def _entry(wanted: Wanted, kept: Entry | None) -> Entry:
    username, role, post, scope = wanted
    password = kept.password if kept else new_password()
    token = kept.token if kept else new_token()
    return Entry(username, password, role, post, scope, token)


def _spot(stage: Stage) -> Spot:
    return Spot(stage.street, stage.community, stage.estate, stage.grid, stage.building)


def _seats(stage: Stage) -> dict[Role, tuple[str, str]]:
    """Role → the post that the log names, and the scope."""
    street, community = f"street:{stage.street}", f"community:{stage.community}"
    return {
        "grid_worker": (f"grid:{stage.grid}", f"grid:{stage.grid}"),
        "building_leader": (f"building_leader:{stage.building}", f"building:{stage.building}"),
        "owners_committee": (f"owners_committee:{stage.estate}", f"estate:{stage.estate}"),
        "property": (f"property:{stage.estate}", f"post:property:{stage.estate}"),
        "community": (community, community),
        "street": (street, street),
        "department": (demo_whistles.CITY, street),
        "mediator": (f"mediator:{stage.community}", community),
        "auditor": ("auditor", "all"),
        "registrar": (f"registrar:{stage.street}", street),
        "machine": ("machine", "all"),
    }


async def _seat(connection: AsyncConnection, entry: Entry, at: datetime) -> None:
    """The account as the file has it, a person and their term in its post; one that is so keeps its slow hash."""
    account = accounts.Account(entry.username, entry.role, entry.post, entry.scope, exempt=True)
    kept = await accounts.by_token(connection, digest(entry.token))
    if kept is None or replace(kept, person="") != account:
        new = await accounts.by_name(connection, entry.username) is None
        since = at - _LONG if new and entry.role == "mediator" else None
        await posts.enrol(connection, account, hashed(entry.password), digest(entry.token), at=at, since=since)


def _samples(stage: Stage) -> list[Sample]:
    own = stage.estate.startswith(DISTRICT)
    return [*_work(stage), *(district_samples() if own else [])]


def _work(stage: Stage) -> list[Sample]:
    place = PlaceData(estate=stage.name, building_code=stage.building)
    return [
        Sample(
            f"demo-{stage.building}-{leaf}",
            ComplaintData(
                text=words.format(stage.name),
                place=place,
                category=leaf,
                about=about,  # type: ignore[arg-type]  # the table's words are of the literal
                channel="web",
                reporter=None,
            ),
        )
        for leaf, about, words in WORK
    ]


def district_samples() -> list[Sample]:
    """The demonstration district's own complaints."""
    lines = (files("huiyin.rules") / "demo_district" / "complaints.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Sample) for line in lines]


async def _file(database_url: str, data: Path, samples: list[Sample], clock: Callable[[], datetime]) -> None:
    """Through the door like every complaint; the same keys make no second ones."""
    door = Door(database_url, Seal(settings.vault_key(data)), settings.receipt_key(data), clock)
    door.open()
    try:
        await door.opened()
        await asyncio.gather(*(_accept(door, sample) for sample in samples))
    finally:
        await door.close()


async def _accept(door: Door, sample: Sample) -> None:
    with contextlib.suppress(KeyReused):  # an older version had other words under this id: they stand
        await door.accept(sample.data, sample.id)
