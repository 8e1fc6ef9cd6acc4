"""Moments in a form (时间): a form knows minutes, and something happened in the minute of what it must come after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huiyin.core.mediation import Mediation
from huiyin.story import BEIJING
from huiyin.web.staff.forms import Form

_AHEAD = frozenset(("plan", "answer-meeting"))  # what is to come is not now
_AFTER_EFFECT = frozenset(("apply-confirmation", "tell-confirmation"))


def now(form: Form, command: str, at: datetime) -> dict[str, str]:
    """What stands in the fields that must say when something happened, before anybody wrote: what may stay empty (when
    a session ended) is not said for anybody."""
    if command in _AHEAD:
        return {}
    return {one.name: _minute(at) for one in form.fields if one.kind == "moment" and one.required}


def kept(one: Mediation, command: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """In the minute of what it must come after is not before it."""
    after = _after(one, command)
    same = (name for name in ("at", "began", "ended") if after and body.get(name) == f"{_minute(after)}:00+08:00")
    return dict.fromkeys(same, after)


def _after(one: Mediation, command: str) -> datetime | None:
    """The moment before which an order's own may not lie."""
    agreement = one.agreement
    if command == "hold":
        told = [each.at for line in one.lines for each in (line.notice, line.consent) if each]
        return max(told, default=None)
    if command == "mark":
        return agreement.at if agreement else None
    if command == "agree-orally":
        return max((each.held.began for each in one.sessions if each.held), default=None)
    return agreement.effective_at if command in _AFTER_EFFECT and agreement else None


def _minute(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}"
