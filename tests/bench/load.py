"""A small load generator: keep-alive connections that send one request after the other, and their latencies."""

import asyncio
import re
import time
from collections.abc import Callable

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


async def call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    """One request; the status and the body."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length.group(1))) if length else b""
    return int(head[9:12]), body


def post(path: str, body: bytes, headers: str = "") -> bytes:
    """A POST of JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def get(path: str, headers: str = "") -> bytes:
    """A GET."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n".encode()


async def storm(port: int, make: Callable[[int], bytes], connections: int, seconds: float) -> dict[str, float]:
    """`connections` clients for `seconds`: requests a second, p50 and p99 in ms, how many were not 2xx."""
    took: list[float] = []
    bad = 0
    sent = iter(range(10**9))
    end = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal bad
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < end:
            status, _ = await call(reader, writer, make(next(sent)))
            took.append(time.perf_counter() - begun)
            bad += not 200 <= status < 300
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    whole = time.perf_counter() - begun
    took.sort()
    return {
        "rate": round(len(took) / whole, 1),
        "p50_ms": round(took[len(took) // 2] * 1000, 2),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 2),
        "bad": bad,
    }
