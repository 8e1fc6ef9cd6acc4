"""Passwords and failed logins: slow to guess, the same for a name that exists and one that does not."""

import asyncio
import ipaddress
import secrets
import string
from collections import deque
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from time import monotonic

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import Type

WINDOW = 900.0
PER_ACCOUNT, PER_PEER = 5, 20
REMEMBERED = 10_000
_BUSY = 20  # failures of one account from everywhere, after which each further try waits a little
_SOFT_DELAY = 1.0

# RELIABILITY 4.2: 19 MiB, two passes; two at a time on two cores, so that a flood never starves the intake.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_ALPHABET = "".join(sorted(set(string.ascii_lowercase + string.digits) - set("il1o0")))


def hashed(password: str) -> str:
    """argon2id with its salt and parameters."""
    return _hasher.hash(password)


def new_password() -> str:
    """Sixteen characters that nobody mistakes for each other: 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def new_token() -> str:
    """256 random bits; what is kept of it is `digest`."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """SHA-256: enough for a random secret, and found by a unique index in constant time."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


@cache
def _nobody() -> str:
    return hashed(secrets.token_urlsafe(16))


def _matches(kept: str | None, password: str) -> bool:
    try:
        _hasher.verify(kept or _nobody(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None


class Logins:
    """Checks passwords and counts failures: per account and network, per network, per account.

    A stranger's failures never lock an account's owner out: they come from another network."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], deque[float]] = {}
        self._turns = asyncio.Semaphore(2)
        _nobody()

    def too_many(self, username: str, peer: str) -> bool:
        """Whether this network must wait before it may try this account again."""
        where = network(peer)
        return self._count((username, where)) >= PER_ACCOUNT or self._count(("", where)) >= PER_PEER

    async def check(self, username: str, peer: str, kept: str | None, password: str) -> bool:
        """Whether the password is right; the same time passes where there is no such account."""
        if self._count((username, "")) >= _BUSY:
            await asyncio.sleep(_SOFT_DELAY)
        async with self._turns:
            right = await asyncio.to_thread(_matches, kept, password)
        if not right:
            self.fail(username, peer)
        return right

    async def hash(self, password: str) -> str:
        """`hashed`, in its turn and beside the loop."""
        async with self._turns:
            return await asyncio.to_thread(hashed, password)

    def fail(self, username: str, peer: str) -> None:
        """A try that was wrong, also in its second factor."""
        for key in ((username, network(peer)), ("", network(peer)), (username, "")):
            self._fail(key)

    def _count(self, key: tuple[str, str]) -> int:
        times = self._failures.get(key)
        while times and times[0] < self._clock() - WINDOW:
            times.popleft()
        return len(times or ())

    def _fail(self, key: tuple[str, str]) -> None:
        times = self._failures.pop(key, None) or deque(maxlen=64)
        times.append(self._clock())
        self._failures[key] = times  # at the end: the dictionary is in order of the last failure
        if len(self._failures) > REMEMBERED:
            del self._failures[next(iter(self._failures))]


def network(peer: str) -> str:
    """An IPv4 address itself, the /64 of an IPv6 one."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer[:64]
    prefix = 32 if address.version == 4 else 64
    return str(ipaddress.ip_network((address, prefix), strict=False))
