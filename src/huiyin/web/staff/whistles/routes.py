"""The routes of one whistle's windows and of a department's inbox; those that blow and pass have their own rooms."""

from typing import Any

from huiyin.web.staff.whistles import calls, orders, page

ROUTES: list[Any] = [*page.ROUTES, *orders.ROUTES, *calls.ROUTES]
