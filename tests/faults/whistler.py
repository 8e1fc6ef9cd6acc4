"""Lives of whistles in a process of its own, so that it can be killed: `python -m tests.faults.whistler 200`.

Whoever starts it again after a kill gives the same orders under the same causes, as a window does whose form is sent
again.
"""

import asyncio
import sys

from huiyin import clock, settings
from huiyin.rules.rulebook import Rulebook
from huiyin.store import registry
from huiyin.store.database import connect
from huiyin.store.vault import Seal
from huiyin.whistling import WhistleDesk
from tests import whistle_lives
from tests.flows.sealing import Pen

BATCH = 50


async def main(count: int, stages: int) -> None:
    """`count` whistles from the call to both ratings, or for so many `stages`; every third has a co-department."""
    engine = connect(settings.connections().database_url, name="whistler", size=2)
    async with engine.connect() as connection:
        book = Rulebook(await registry.load(connection))
    desk = WhistleDesk(engine, book.whistling)
    grounds = await whistle_lives.grounds(engine, count)
    # Words as in every other complaint of the house, so that the search for leaks would find them.
    pen = Pen(Seal(settings.vault_key()), "秘语鷗1,联系人欧阳囍1,电话13977770001。".encode())
    lives = [(n, ground, n % 3 == 0) for n, ground in enumerate(grounds)]
    for first in range(0, count, BATCH):
        await whistle_lives.live(desk, pen, lives[first : first + BATCH], clock.now(), stages)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 99))
