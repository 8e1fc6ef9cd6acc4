"""One web process: uvicorn with our own signals, so that it leaves in three seconds and says nothing itself."""

import contextlib
import gc
import logging
import signal
from collections.abc import Iterator
from typing import Any

import uvicorn

from huiyin import readiness

_DRAIN = 3  # seconds: an open stream would keep uvicorn for ever


class Server(uvicorn.Server):
    """Ends when told, and lets whoever runs it go on afterwards (uvicorn raises the signal again)."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Our own handler only."""
        before = {sign: signal.signal(sign, self._leave) for sign in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sign, handler in before.items():
                signal.signal(sign, handler)

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """It listens: what was loaded until now is never looked at by the collector again."""
        await super().startup(sockets)
        if self.started:
            gc.collect()
            gc.freeze()
            readiness.announce()

    def _leave(self, _sign: int, _frame: Any) -> None:
        self.should_exit = True


def server(app: Any, host: str, port: int) -> Server:
    """A server for an ASGI application; it believes no header about who is calling."""
    logging.getLogger("uvicorn.access").disabled = True  # addresses hold receipts; we write our own lines
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=_DRAIN,
            backlog=1024,
        )
    )
