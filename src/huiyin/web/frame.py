"""Around every request: safe headers on the answer, one log line, one count; never a word of the request."""

from time import perf_counter
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_log = structlog.get_logger()

_STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Swagger UI draws with inline styles and data: icons; scripts are our own files only.
_DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
)


def _headers(policy: str, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        *more,
    ]


_API = _headers(_STRICT, (b"cache-control", b"no-store"))
_STATIC = _headers(_STRICT, (b"cache-control", b"public, max-age=3600"))
_PAGE = _headers(_DOCS, (b"cache-control", b"no-store"))


class Meter:
    """Counts and times by route template and status."""

    MEDIA = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "huiyin_http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "huiyin_http_seconds",
            "Time to answer",
            ["method", "route"],
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
        )
        self.accepted = Counter(
            "huiyin_intake_accepted", "Complaints kept before their receipt was given", registry=self.registry
        )
        self._known: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request."""
        pair = self._known.get((method, route, status))
        if pair is None:
            pair = (self._requests.labels(method, route, str(status)), self._seconds.labels(method, route))
            self._known[method, route, status] = pair
        pair[0].inc()
        pair[1].observe(seconds)
        if (method, route, status) in _ACCEPTED:
            self.accepted.inc()

    def text(self) -> bytes:
        """Prometheus' exposition format."""
        return generate_latest(self.registry)


class Frame:
    """ASGI around the application."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app, self._meter = app, meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 0
        extra = _extra(scope["path"])

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = {name.lower() for name, _ in message["headers"]}  # a page has a policy of its own
                message["headers"] = [*message["headers"], *(one for one in extra if one[0] not in said)]
            await send(message)

        try:
            await self._app(scope, receive, framed)
        except Exception:  # the server would print its text, which may quote the resident
            _log.error("failed", noun="request", exc_info=True)
            if not status:
                await framed({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        self._tell(scope, status, perf_counter() - began)

    def _tell(self, scope: Any, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = scope.get("path_template") or "unmatched"
        self._meter.count(method, route, status, seconds)
        say = _log.info if status < 500 else _log.warning
        about = scope.get("huiyin") or {}
        word = "answered" if status < 400 else "refused" if status < 500 else "failed"
        say(word, noun="request", method=method, route=route, status=status, ms=round(seconds * 1000, 1), **about)


_ACCEPTED = frozenset((("POST", "/api/v1/complaints", 201), ("POST", "/file", 303), ("POST", "/patrol/findings", 201)))
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def _extra(path: str) -> list[tuple[bytes, bytes]]:
    if path == "/docs":
        return _PAGE
    return _STATIC if path.startswith("/static/") else _API
