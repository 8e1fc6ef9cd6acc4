"""One-time codes of an authenticator (动态口令, RFC 6238): six digits, 30 seconds, one step of tolerance."""

from datetime import datetime
from hmac import compare_digest

import pyotp

from huiyin.store.vault import Seal, Sealed

PERIOD = 30
ISSUER = "回音 Huiyin"
_WRAPPED = 60  # bytes of a wrapped key: nonce, AES-256 key, tag


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def uri(secret: str, username: str) -> str:
    """The otpauth:// address that authenticators read, as text or as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def sealed(seal: Seal, secret: str) -> bytes:
    """The secret as accounts keep it: a wrapped key, then the ciphertext."""
    made = seal.seal(secret.encode())
    return made.key + made.body


def opened(seal: Seal, kept: bytes) -> str:
    """The secret again."""
    return seal.open(Sealed(kept[:_WRAPPED], kept[_WRAPPED:])).decode()


def step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, at most one off; None where it is none's."""
    given = code.replace(" ", "").encode()
    here = int(now.timestamp()) // PERIOD
    device = pyotp.TOTP(secret)
    found = [n for n in (here - 1, here, here + 1) if compare_digest(device.generate_otp(n).encode(), given)]
    return found[-1] if found else None
