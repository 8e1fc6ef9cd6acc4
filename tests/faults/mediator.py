"""Lives of mediations in a process of its own, so that it can be killed: `python -m tests.faults.mediator 60`.

A third of them comes of tickets, which are worked on all the while. Besides, as many tickets are closed for mediation.
Whoever starts it again after a kill gives the same orders under the same causes.
"""

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text

from huiyin import clock, settings
from huiyin.core import commands as ask
from huiyin.core.people import Role
from huiyin.core.words import Actor, Sealed
from huiyin.desk import Change, Desk, Order
from huiyin.mediating import MediationDesk
from huiyin.rules.load import load_sorting_rules
from huiyin.rules.rulebook import Rulebook
from huiyin.store import registry, vault
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from tests import mediation_lives
from tests.flows.sealing import Pen
from tests.mediation_lives import Ground, Records

BATCH = 50
PLACE = "330199001001"
ROLES: dict[str, Role] = {"grid": "grid_worker"}  # where a post is not called like its role
SAID = "秘语鷗1,联系人欧阳囍1,电话13977770001。"


async def main(count: int, stages: int, sent: int) -> None:
    """`count` mediations, for so many `stages`; `sent` tickets are closed for mediation."""
    engine = connect(settings.connections().database_url, name="mediator", size=2)
    async with engine.connect() as connection:
        book = Rulebook(await registry.load(connection))
        rows = (await connection.execute(_TICKETS)).all()
    seal, now = Seal(settings.vault_key()), clock.now()
    await mediation_lives.settle(engine, [PLACE], 3, now)
    desk = Desk(engine, book.rules, load_sorting_rules().matters, settings.receipt_key())
    may = [row[0] for row in rows if book.rules.catalogue.entries[row[2]].mediable][:sent]
    assert len(may) == sent
    await close(desk, {number: post for number, post, _ in rows if number in may}, seal, now)
    mediating, pen = MediationDesk(engine, book.mediating), Pen(seal, SAID.encode())
    of_tickets = [row[0] for row in rows if row[0] not in may]
    grounds = [Ground(PLACE, of_tickets[n // 3 % len(of_tickets)] if n % 3 == 0 else None, n % 3) for n in range(count)]
    some = list(enumerate(grounds))
    for first in range(0, count, BATCH):
        await mediation_lives.live(mediating, pen, Records(seal), some[first : first + BATCH], now, stages)
    await engine.dispose()


_TICKETS = text("SELECT number, post_code, category FROM tickets ORDER BY number")


async def close(desk: Desk, posts: Mapping[str, str], seal: Seal, at: datetime) -> None:
    """Signed for and answered by whoever has them, closed by the community: to be mediated."""
    boss = Actor(f"community:{PLACE}", "community", f"p-desk-{PLACE}")
    for stage in range(3):
        orders = []
        for number, post in posts.items():
            by = boss if stage == 2 else _holder(post)
            kept = seal.seal(vault.encode(vault.Dossier(text=SAID)))
            ref = f"{number}/closing{stage}"
            asked = (ask.Sign(), ask.Reply(Sealed(ref, kept.digest)), ask.Close("to-mediation"))[stage]
            change = Change(number, asked, (), ((ref, kept),) if stage == 1 else ())
            orders.append(Order("urn:test", f"{number}-{stage}", by.post, change, role=by.role, person=by.person))
        mediation_lives.done(await desk.act(orders, at=at, suspect=True))


def _holder(post: str) -> Actor:
    prefix = post.partition(":")[0]
    return Actor(post, ROLES.get(prefix, prefix), "p-holder")


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:4])))
