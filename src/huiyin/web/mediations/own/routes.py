"""The parties' routes (当事人窗口), for the application and for the table of who may what: the session decides."""

from typing import Any

from huiyin.web.mediations.own import doors, files, orders, page, renewing

ROUTES: list[Any] = [*doors.ROUTES, *page.ROUTES, *orders.ROUTES, *files.ROUTES, *renewing.ROUTES]
