"""The routes of administration, in the order of its pages."""

from typing import Any

from huiyin.web.staff.admin import accounts, terms

ROUTES: list[Any] = [
    terms.page,
    terms.one,
    terms.appoint,
    terms.end,
    accounts.page,
    accounts.add,
    accounts.one,
    accounts.close,
    accounts.renew,
    accounts.throw_out,
]
