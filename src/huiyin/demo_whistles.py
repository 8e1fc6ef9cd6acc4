"""The demonstration's whistles (演示哨单): five at five places of their life, so that every window has one to show."""

from datetime import datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from huiyin import settings
from huiyin.core.whistle import Command
from huiyin.core.whistle import commands as c
from huiyin.core.words import Actor, Sealed, Spot
from huiyin.orders import Order, Whistling
from huiyin.renewal import Renewal
from huiyin.store import inbox, whistles
from huiyin.store.vault import Seal
from huiyin.web.pen import Pen
from huiyin.whistling import WhistleDesk

SOURCE = "urn:huiyin:demo"
CITY, POLICE = "department:城管", "department:公安"


class Cast(Struct, frozen=True):
    """Who acts, each another person; `spot` is where."""

    spot: Spot
    street: Actor
    leader: Actor
    community: Actor
    city: Actor
    police: Actor


class Scene(Struct, frozen=True):
    """One whistle: what is called for, of whom (the lead first), and who did what since, with which words."""

    kind: c.Kind
    source: c.Source
    category: str
    beyond: c.Beyond
    why: str
    asks: tuple[tuple[str, str], ...]
    by: str
    then: tuple[tuple[str, str], ...] = ()


SCENES = (
    # Called at once; nobody has acknowledged it, and with `--speed` it is reminded and supervised before one's eyes.
    Scene(
        "emergency", "patrol", "J09", "no-means", "巡查发现底商存放多个液化气瓶,紧邻居民单元门,街道没有处置手段。",
        ((POLICE, "请到场查验并责令立即转移气瓶,疏散周边人员。"), (CITY, "请到场协助清理店外占用的场地。")), "street",
    ),
    # Waits for the street to pass it on.
    Scene(
        "enforcement", "patrol", "K04", "no-power", "早市收摊后仍有流动摊贩占用消防通道,社区多次劝导,没有执法权。",
        ((CITY, "请到场规范摊贩经营,恢复通道畅通。"),), "community",
    ),
    # The lead has replied: waits for who whistled to look.
    Scene(
        "enforcement", "meeting", "K05", "several-departments", "沿街广告牌松动,产权单位多家,居民议事会要求联合检查。",
        ((CITY, "请牵头检查沿街广告牌,松动的责令加固或拆除。"), (POLICE, "请协助现场秩序维护。")), "street",
        (("leader", "approve"), ("city", "acknowledge"), ("police", "acknowledge"), ("police", "arrive"),
         ("city", "arrive"), ("police", "answer 已安排两名民警现场值守。"),
         ("city", "reply 已拆除松动广告牌三块,其余已加固。")),
    ),
    # At its end, rated by both.
    Scene(
        "daily", "own", "B03", "no-power", "广场舞音量大,社区协商后仍有反复,需要执法部门到场告诫。",
        ((POLICE, "请到场告诫,并与舞队约定时间和音量。"),), "street",
        (("leader", "approve"), ("police", "acknowledge"), ("police", "reply 已与两支舞队签订约定,晚九点前结束。"),
         ("street", "confirm"), ("street", "rate"), ("police", "rate-back")),
    ),
    # Whose duty is it? The lead objects, and is bound until the street has ruled.
    Scene(
        "key", "own", "R03", "no-expertise", "小区绿地被圈占种菜,涉及绿地补种,街道没有专业力量。",
        ((CITY, "请牵头制定绿地恢复方案。"),), "street",
        (("leader", "approve"), ("city", "object 绿地恢复属园林绿化部门职责,建议改派。")),
    ),
)  # fmt: skip


async def blow(engine: AsyncEngine, data: Path, spot: Spot, at: datetime) -> None:
    """All of them, each order under a cause of its own: at a restart nothing happens twice."""
    async with engine.connect() as connection:
        ends = [(SOURCE, _cause(spot, n, len(scene.then))) for n, scene in enumerate(SCENES)]
        if len(await inbox.known(connection, ends)) == len(ends):
            return
        book = await Renewal(engine, settings.rules_folder(data)).begin(connection)
        cast, numbers = await _cast(connection, spot), await whistles.numbers(connection, len(SCENES))
    desk, seal = WhistleDesk(engine, book.whistling), Seal(settings.vault_key(data))
    orders = [_blown(cast, n, number, Pen(seal, number)) for n, number in enumerate(numbers)]
    numbers = [answer.number or "" for answer in await desk.act(orders, at=at, suspect=True)]
    for stage in range(max(len(scene.then) for scene in SCENES)):
        there = [(n, number) for n, number in enumerate(numbers) if stage < len(SCENES[n].then)]
        orders = [_next(cast, n, stage, number, Pen(seal, number), at) for n, number in there]
        await desk.act(orders, at=at, suspect=True)


def _cause(spot: Spot, n: int, stage: int) -> str:
    return f"demo-{spot.building_code}-{SCENES[n].category}-{stage}"


async def _cast(connection: AsyncConnection, spot: Spot) -> Cast:
    """The accounts of the demonstration, by their posts."""
    rows = (await connection.execute(_POSTS)).all()
    persons = {post: (role, person) for post, role, person in rows}
    posts = (f"street:{spot.street_code}", f"street_leader:{spot.street_code}", f"community:{spot.community_code}")
    return Cast(spot, *(Actor(post, *persons.get(post, ("", ""))) for post in (*posts, CITY, POLICE)))


_POSTS = text("SELECT post_code, role, person FROM accounts WHERE username LIKE 'demo-%'")


def _order(by: Actor, cause: str, number: str, command: Command, pen: Pen) -> Order:
    return Order(SOURCE, cause, by.post, Whistling(number, command, tuple(pen.kept)), role=by.role, person=by.person)


def _blown(cast: Cast, n: int, number: str, pen: Pen) -> Order:
    scene = SCENES[n]
    asks = tuple(c.Ask(post, pen.write("words", said), lead=not place) for place, (post, said) in enumerate(scene.asks))
    why = pen.write("words", scene.why)
    command = c.Blow(number, scene.kind, scene.source, scene.category, cast.spot, scene.beyond, why, asks)
    return _order(getattr(cast, scene.by), _cause(cast.spot, n, 0), number, command, pen)


def _next(cast: Cast, n: int, stage: int, number: str, pen: Pen, at: datetime) -> Order:
    scene = SCENES[n]
    who, said = scene.then[stage]
    by = getattr(cast, who)
    what, _, words = said.partition(" ")
    command = _command(what, pen.perhaps(words), by, scene, cast, at)
    return _order(by, _cause(cast.spot, n, stage + 1), number, command, pen)


def _command(what: str, said: Sealed | None, by: Actor, scene: Scene, cast: Cast, at: datetime) -> Command:
    known: dict[str, Command]
    if said is not None:
        known = {
            "answer": c.Answer(said),
            "object": c.Object("other-department", said),
            "reply": c.Reply(at, ("blower", "on_site"), said, finished=True),
        }
    else:
        known = {
            "approve": c.Approve(),
            "acknowledge": c.Acknowledge(by.person),
            "arrive": c.Arrive(at, cast.spot),
            "confirm": c.Confirm(),
            "rate": c.RateDepartment(scene.asks[0][0], 5, 4, 5),
            "rate-back": c.RateBlower("yes", 5),
        }
    return known[what]
