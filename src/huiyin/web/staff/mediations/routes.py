"""The routes of mediation's windows, room by room."""

from typing import Any

ROUTES: list[Any] = []
