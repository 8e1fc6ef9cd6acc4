"""Who may open which window of mediation (调解的窗口), as in `web.who`; whose case it is, `finding` decides."""

from typing import Literal

from huiyin.core.people import Role
from huiyin.web.mediations.orders import DESKS, MEDIATORS, ORDERS, PAGES, STAFF
from huiyin.web.mediations.own.windows import TABLE as OWN

TABLE: dict[tuple[str, str], Literal["anyone"] | frozenset[Role]] = {
    ("GET", "/mediations/committee"): STAFF,
    ("POST", "/mediations/committee"): DESKS,
    ("POST", "/mediations/committee/members"): DESKS,
    ("POST", "/mediations/committee/members/{what}"): DESKS,
    ("POST", "/mediations/committee/specialities"): DESKS,
    ("GET", "/mediations/committee/roster"): STAFF,
    ("POST", "/mediations/committee/roster"): DESKS,
    ("POST", "/mediations/committee/roster/copy"): DESKS,
    ("GET", "/mediations/committee/rooms"): STAFF,
    ("POST", "/mediations/committee/rooms"): DESKS,
    ("POST", "/mediations/committee/rooms/{what}"): DESKS,
    ("POST", "/mediations/committee/bookings"): STAFF,
    ("POST", "/mediations/committee/bookings/release"): STAFF,
    ("GET", "/mediations/report"): DESKS,
    ("GET", "/mediations/report/export"): DESKS,
    **OWN,
    ("GET", "/mediations"): STAFF,
    ("GET", "/mediations/list"): STAFF,
    ("GET", "/mediations/new"): STAFF,
    ("POST", "/mediations/new"): STAFF,
    ("GET", "/mediations/homes"): STAFF,
    ("POST", "/mediations/hints"): STAFF,
    ("GET", "/tickets/{number}/mediate"): DESKS,
    ("POST", "/tickets/{number}/mediate"): DESKS,
    ("GET", "/mediations/{number}/papers"): MEDIATORS,
    ("POST", "/mediations/{number}/papers"): MEDIATORS,
    ("GET", "/mediations/{number}/papers/{paper}"): MEDIATORS,
    ("GET", "/mediations/{number}"): STAFF,
    ("GET", "/mediations/{number}/now"): STAFF,
    ("GET", "/review/mediations/{number}"): STAFF | {"auditor"},
    ("GET", "/review/committees/{committee}/{kind}"): DESKS | {"auditor"},
    ("GET", "/mediations/{number}/parties/{party}"): STAFF,
    ("POST", "/mediations/{number}/parties/{party}"): STAFF,
    ("POST", "/mediations/{number}/parties/{party}/code"): STAFF,
    ("POST", "/mediations/{number}/look-up"): MEDIATORS,
    ("GET", "/mediations/{number}/pictures/{ref}"): STAFF,
    **{
        (method, f"/mediations/{{number}}/do/{command}"): row.roles
        for command, row in ORDERS.items()
        if command not in PAGES
        for method in ("GET", "POST")
    },
    ("GET", "/mediations/{number}/table"): MEDIATORS,
    ("GET", "/mediations/{number}/minutes"): MEDIATORS,
    ("POST", "/mediations/{number}/minutes"): MEDIATORS,
    ("GET", "/mediations/{number}/draft"): MEDIATORS,
    ("POST", "/mediations/{number}/drafting"): MEDIATORS,
    ("GET", "/mediations/{number}/sign"): MEDIATORS,
    ("POST", "/mediations/{number}/sign"): MEDIATORS,
}
