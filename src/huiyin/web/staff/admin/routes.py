"""The routes of administration, in the order of its pages."""

from typing import Any

from huiyin.web.staff.admin import accounts, letters, rulebook, system, terms, years

ROUTES: list[Any] = [
    system.overview,
    terms.page,
    terms.one,
    terms.appoint,
    terms.end,
    accounts.page,
    accounts.add,
    accounts.one,
    accounts.close,
    accounts.rename,
    accounts.renew,
    accounts.throw_out,
    letters.page,
    letters.one,
    letters.reveal,
    letters.replay,
    rulebook.page,
    years.page,
    years.look,
    years.put,
    system.page,
]
