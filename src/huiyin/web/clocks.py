"""A limit as a person reads it (还剩 3 小时 · 明天 10:00 到期): how long, and when by the calendar on the wall."""

from datetime import datetime, timedelta

from msgspec import Struct

from huiyin.web.shown import BEIJING

SOON = timedelta(hours=4)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_NEAR = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}
_WEEKDAYS = "一二三四五六日"


class Clock(Struct, frozen=True):
    """`mark` is late, soon or calm: what the page colours by; the words say the same without the colour."""

    mark: str
    left: str
    when: str

    def __str__(self) -> str:
        return f"{self.left} · {self.when}"


def clock(due: datetime, now: datetime) -> Clock:
    """How a limit stands at `now`."""
    left = due - now
    if left < timedelta():
        return Clock("late", f"超时 {span(-left)}", f"{day_and_hour(due, now)} 已到期")
    return Clock("soon" if left <= SOON else "calm", f"还剩 {span(left)}", f"{day_and_hour(due, now)} 到期")


def span(time: timedelta) -> str:
    """The two largest units are enough: `2 天 3 小时`, `3 小时`, `12 分钟`."""
    if time < _HOUR:
        return f"{time // _MINUTE} 分钟" if time >= _MINUTE else "不到 1 分钟"
    if time < 3 * _HOUR and time % _HOUR >= _MINUTE:
        return f"{time // _HOUR} 小时 {time % _HOUR // _MINUTE} 分钟"
    if time < _DAY:
        return f"{time // _HOUR} 小时"
    hours = f" {time % _DAY // _HOUR} 小时" if time < 3 * _DAY and time % _DAY >= _HOUR else ""
    return f"{time // _DAY} 天{hours}"


def day_and_hour(at: datetime, now: datetime) -> str:
    """`明天 10:00`, `周四 18:00` within the week, `12月3日 18:00`; midnight is 24:00 of the day before."""
    there, here = at.astimezone(BEIJING), now.astimezone(BEIJING)
    hour = f"{there.hour:02}:{there.minute:02}"
    if hour == "00:00":
        there, hour = there - _MINUTE, "24:00"
    days = (there.date() - here.date()).days
    if days in _NEAR:
        return f"{_NEAR[days]} {hour}"
    if 2 < days < 7:
        return f"周{_WEEKDAYS[there.weekday()]} {hour}"
    year = f"{there.year}年" if there.year != here.year else ""
    return f"{year}{there.month}月{there.day}日 {hour}"
