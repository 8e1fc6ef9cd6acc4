"""A receipt (回执号) is sixteen digits in fours: made to be read over the phone, impossible to guess."""

import hmac

# The Damm quasigroup: finds every single wrong digit and every swap of neighbours.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_SPACE = 10**15
_SPOKEN = str.maketrans(
    "零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖０１２３４５６７８９", "00123456789121234567890123456789"
)


def make(secret: bytes, source: str, event_id: str, attempt: int = 0) -> int:
    """The receipt of an event: the same event always gets the same one; 10**15 values, keyed.

    `attempt` > 0 gives another one where two events met on the same value.
    """
    words = f"{attempt}\0{source}\0{event_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.digest(secret, words, "sha256")[:8]) % _SPACE


def show(value: int) -> str:
    """`4829-1305-7226-4137`: fifteen digits and a check digit."""
    digits = f"{value:015d}"
    digits += str(_check(digits))
    return "-".join(digits[i : i + 4] for i in range(0, 16, 4))


def read(text: str) -> int | None:
    """The value of a receipt however it was typed or spoken; None where it is none or the check fails."""
    if len(text) > 64:
        return None
    digits = "".join(letter for letter in text.translate(_SPOKEN) if letter not in " -—–－\t")
    if len(digits) != 16 or not (digits.isascii() and digits.isdigit()) or _check(digits) != 0:
        return None
    return int(digits[:15])


def _check(digits: str) -> int:
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state
