"""Where a page of a list goes on: after which one."""

from datetime import datetime

from msgspec import Struct


class Place(Struct, frozen=True):
    """After this one; `at` is what the list goes by."""

    at: datetime
    number: str
