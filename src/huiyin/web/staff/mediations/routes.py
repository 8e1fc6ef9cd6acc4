"""The routes of mediation's windows, room by room."""

from typing import Any

from huiyin.web.mediations import pictures
from huiyin.web.staff.mediations.sitting import sign

ROUTES: list[Any] = [
    *pictures.ROUTES,
    *sign.ROUTES,
]
