"""The routes of mediation's windows, room by room."""

from typing import Any

from huiyin.web.mediations import pictures
from huiyin.web.mediations.own import routes as own
from huiyin.web.staff.mediations import applying, chain, day, papers
from huiyin.web.staff.mediations.case import looking, orders, page, people
from huiyin.web.staff.mediations.office import routes as office
from huiyin.web.staff.mediations.sitting import draft, minutes, screen, sign

ROUTES: list[Any] = [
    *office.ROUTES,
    *day.ROUTES,
    *applying.ROUTES,
    *own.ROUTES,
    *page.ROUTES,
    *orders.ROUTES,
    *people.ROUTES,
    *looking.ROUTES,
    *pictures.ROUTES,
    *papers.ROUTES,
    *chain.ROUTES,
    *screen.ROUTES,
    *minutes.ROUTES,
    *draft.ROUTES,
    *sign.ROUTES,
]
