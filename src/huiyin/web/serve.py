"""One web process: uvicorn with our own signals, so that it leaves in three seconds and says nothing itself."""

import contextlib
import logging
import signal
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

_DRAIN = 3  # seconds: an open stream would keep uvicorn for ever


class Server(uvicorn.Server):
    """Ends when told, and lets whoever runs it go on afterwards (uvicorn raises the signal again)."""

    def __init__(self, config: uvicorn.Config, listens: Callable[[], None]) -> None:
        super().__init__(config)
        self._listens = listens

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
        """Tell that it listens."""
        await super().startup(sockets)
        if self.started:
            self._listens()

    def _leave(self, _sign: int, _frame: Any) -> None:
        self.should_exit = True


def server(app: Any, host: str, port: int, listens: Callable[[], None] = lambda: None) -> Server:
    """A server for an ASGI application; it believes no header about who is calling. `listens`: called when it does."""
    logging.getLogger("uvicorn.access").disabled = True  # addresses hold receipts; we write our own lines
    config = uvicorn.Config(
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
    return Server(config, listens)
