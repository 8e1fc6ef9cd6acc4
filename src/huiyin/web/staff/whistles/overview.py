"""The routes that look over all whistles: the board, the report, what is printed and reviewed of one."""

from typing import Any

from huiyin.web.staff.whistles import board, chain, report, sheet

ROUTES: list[Any] = [*board.ROUTES, *report.ROUTES, *sheet.ROUTES, *chain.ROUTES]
