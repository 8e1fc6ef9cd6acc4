"""Tells every process that keeps the registry or the calendar in memory that there is a new one."""

import nats
from nats.errors import Error

from huiyin.bus.streams import INBOX_PREFIX, REGISTRY_CHANGED


async def changed(url: str) -> bool:
    """A hint on NATS at `url`; False where it cannot be given: then they look at the versions themselves."""
    try:
        client = await nats.connect(url, connect_timeout=1, allow_reconnect=False, inbox_prefix=INBOX_PREFIX.encode())
        await client.publish(REGISTRY_CHANGED, b"")
        await client.drain()
    except (Error, OSError, TimeoutError):
        return False
    return True
