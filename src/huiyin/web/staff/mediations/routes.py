"""The routes of mediation's windows, room by room."""

from typing import Any

from huiyin.web.mediations import pictures

ROUTES: list[Any] = [
    *pictures.ROUTES,
]
