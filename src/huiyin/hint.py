"""Tells every process that keeps the registry or the calendar in memory that there is a new one."""

import asyncio

import nats
from nats.errors import Error

from huiyin.bus.streams import INBOX_PREFIX, REGISTRY_CHANGED


async def changed(url: str) -> bool:
    """A hint on NATS at `url`; False where it cannot be given: then they look at the versions themselves."""
    try:
        async with asyncio.timeout(3):
            client = await nats.connect(
                url,
                connect_timeout=1,
                allow_reconnect=False,
                max_reconnect_attempts=1,  # of the first connection, too: else it tries for two minutes
                reconnect_time_wait=0.1,
                error_cb=_silent,
                inbox_prefix=INBOX_PREFIX.encode(),
            )
            await client.publish(REGISTRY_CHANGED, b"")
            await client.drain()
    except (Error, OSError, TimeoutError):
        return False
    return True


async def _silent(_error: Exception) -> None:
    """Whoever asked is told False."""
