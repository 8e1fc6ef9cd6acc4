"""Dead letters (死信) sent again, as they came: to their subject, with their own headers, under a new id."""

from collections.abc import Sequence
from datetime import datetime

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from huiyin.bus.publish import Outgoing, publish_batch
from huiyin.bus.streams import EVENTS
from huiyin.store import dead
from huiyin.store.dead import Listed
from huiyin.store.vault import Seal


def ours(letter: Listed) -> bool:
    """Whether it was read on the stream of our own events. What stands there is what the log says, under an id of its
    own: sent again under another, whoever listens would hear a thing twice, or hear what the log never said."""
    return letter.stream == EVENTS


async def send_again(
    nc: Client, vault_engine: AsyncEngine, seal: Seal, letters: Sequence[Listed], at: datetime
) -> list[Listed]:
    """Publish letters, none of them `ours`, and mark them; returns those whose message is no longer kept.

    Each is on the stream before it is marked: a crash in between sends it twice, which the inbox knows. The
    new Nats-Msg-Id is the same for the same try, so that a repeat within the stream's window is none. Raises
    publish.Unsent, and cryptography's InvalidTag where the vault key is another.
    """
    assert not any(ours(letter) for letter in letters)
    outgoing: list[tuple[int, Outgoing]] = []
    lost: list[Listed] = []
    async with vault_engine.connect() as connection:
        for letter in letters:
            message = await dead.exhume(connection, seal, letter.stream, letter.stream_seq)
            if message is None:
                lost.append(letter)
            else:
                outgoing.append((letter.id, _outgoing(letter, message)))
    await publish_batch(nc, [message for _, message in outgoing])
    async with vault_engine.begin() as connection:
        for ident, _ in outgoing:
            await dead.mark_replayed(connection, ident, at)
    return lost


def _outgoing(letter: Listed, message: dead.Message) -> Outgoing:
    """What the stream itself wrote beside the message (ids, batches, expectations) is not sent again."""
    kept = {k: v for k, v in (message.headers or {}).items() if not k.lower().startswith("nats-")}
    before = f"-{letter.replayed_at:%Y%m%d%H%M%S}" if letter.replayed_at else ""
    return Outgoing(letter.subject, message.payload, f"dead-{letter.id}{before}", kept)
