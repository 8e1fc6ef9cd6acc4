"""The routes of a committee's own windows."""

from huiyin.web.staff.mediations.office import changes, committee, report, rooms, roster

ROUTES = [*committee.ROUTES, *roster.ROUTES, *rooms.ROUTES, *report.ROUTES, *changes.ROUTES]
