"""The figures of the screen (大屏数字): what is asked of the tallies for a place and days, what it comes to."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from huiyin.core.tally import Metric
from huiyin.rules.figures import ScreenRules
from huiyin.store import tallies
from huiyin.store.tallies import By, Reach, Sum

PERIODS = {1: "今天", 7: "近 7 天", 30: "近 30 天", 90: "近 90 天"}
NAMES: dict[Metric, str] = {
    "filed": "新收",
    "signed": "签收",
    "contact": "须联系",
    "replied": "答复",
    "followed": "有效回访",
    "rated": "满意度回访",
    "closed": "办结归档",
    "revived": "结案后重开",
    "reopened": "重办",
    "climbed": "上报",
    "lapsed": "超过时限",
    "supervised": "列入督办",
}
_FLOWS: tuple[Metric, ...] = ("filed", "closed", "climbed", "lapsed", "supervised", "reopened")
_TIMES: dict[Metric, str] = {"signed": "平均签收用时", "replied": "平均答复用时", "closed": "平均结案用时"}
WANTED: tuple[tuple[Metric, By], ...] = (
    *((metric, "") for metric in (*_FLOWS, "signed", "replied")),
    *((metric, "said") for metric in ("contact", "followed", "rated", "closed")),
    ("closed", "rung"),
)
_DAILY: tuple[Metric, ...] = ("filed", "closed", "revived")
Sums = Mapping[tuple[str, str], Mapping[str, Sum]]


class Flow(Struct, frozen=True):
    """How often something happened, and in the period before; `link` shows which."""

    name: str
    count: int
    before: int
    link: str


class Rate(Struct, frozen=True):
    """A share with both its parts: 0/0 is no data. `link` shows those that are missing to the whole."""

    name: str
    top: float
    bottom: int
    before_top: float
    before_bottom: int
    how: str
    link: str


class Mean(Struct, frozen=True):
    """How long something took, in minutes; None where it did not happen."""

    name: str
    minutes: int | None
    count: int
    link: str


class Share(Struct, frozen=True):
    """One part of a whole."""

    key: str
    count: int
    link: str


class Day(Struct, frozen=True):
    """A day of the trend; `open` at its end."""

    day: date
    filed: int
    closed: int
    open: int


class Period(Struct, frozen=True):
    """Some days, and as many before them."""

    days: int
    since: date
    until: date

    @classmethod
    def of(cls, days: int, today: date) -> "Period":
        return cls(days, today - timedelta(days=days - 1), today)

    @property
    def before(self) -> "Period":
        """The period before."""
        return Period.of(self.days, self.since - timedelta(days=1))


class Links:
    """Addresses of what is behind a sum, in the same place and days."""

    def __init__(self, period: Period, place: Mapping[str, str]) -> None:
        self._kept = {**place, "since": str(period.since), "until": str(period.until)}

    def to(self, metric: Metric, by: By = "", key: str = "") -> str:
        """The page that lists the rows."""
        more = {"by": by, "key": key} if by else {}
        return "/screen/counted?" + urlencode({"metric": metric, **more, **self._kept})


class Told(Struct, frozen=True):
    """All that a period comes to."""

    period: Period
    flows: tuple[Flow, ...]
    rates: tuple[Rate, ...]
    means: tuple[Mean, ...]
    rungs: tuple[Share, ...]  # closed at which rung
    outcomes: tuple[Share, ...]
    trend: tuple[Day, ...]


async def tell(
    connection: AsyncConnection, reach: Reach, period: Period, rules: ScreenRules, links: Links, is_open: int
) -> Told:
    """Three questions: the period, the one before, and each day of the trend. `is_open`: how many are open now."""
    now = await tallies.sums(connection, reach, WANTED)
    was = period.before
    before = await tallies.sums(connection, _over(reach, was.since, was.until), WANTED)
    first = min(period.since, period.until - timedelta(days=29))
    daily = await tallies.daily(connection, _over(reach, first, period.until), _DAILY)
    return Told(
        period,
        tuple(Flow(NAMES[one], _count(now, one), _count(before, one), links.to(one)) for one in _FLOWS),
        _rates(now, before, rules, links),
        tuple(_mean(now, metric, name, links) for metric, name in _TIMES.items()),
        _shares(now, "rung", links),
        _shares(now, "said", links),
        tuple(_trend(daily, first, period.until, is_open)),
    )


def _over(reach: Reach, since: date, until: date) -> Reach:
    return replace(reach, since=since, until=until)


def _count(sums: Sums, metric: Metric) -> int:
    return sum(one.count for one in sums[metric, "" if (metric, "") in sums else "said"].values())


def _mean(sums: Sums, metric: Metric, name: str, links: Links) -> Mean:
    one = sums[metric, ""].get("", Sum())
    return Mean(name, round(one.minutes / one.count) if one.count else None, one.count, links.to(metric))


def _rates(now: Sums, before: Sums, rules: ScreenRules, links: Links) -> tuple[Rate, ...]:
    """DOMAIN 4.3: shown with numerator and denominator, weights from the rules."""
    partly = f"“部分解决”按 {rules.partly:g} 计" if rules.partly else "“部分解决”不计入"
    asked: tuple[tuple[str, Metric, str, str], ...] = (
        ("响应率", "contact", "首个时限到期前联系了来件人的工单 ÷ 须联系的工单", links.to("contact", "said", "late")),
        ("解决率", "followed", f"回访说“解决了”的 ÷ 有效回访;{partly}", links.to("followed", "said", "no")),
        ("满意率", "rated", f"打 {rules.satisfied_from} 分及以上的 ÷ 打了分的回访(5 分制)", links.to("rated")),
    )
    return tuple(
        Rate(name, *_parts(now, metric, rules), *_parts(before, metric, rules), how, link)
        for name, metric, how, link in asked
    )


def _parts(sums: Sums, metric: Metric, rules: ScreenRules) -> tuple[float, int]:
    """Numerator and denominator."""
    said = sums[metric, "said"]
    return _top(said, rules), sum(one.count for one in said.values())


def _top(said: Mapping[str, Sum], rules: ScreenRules) -> float:
    """The part of the answers that counts."""
    weights = {"in-time": 1.0, "yes": 1.0, "partly": rules.partly}
    weights |= {str(n): 1.0 for n in range(rules.satisfied_from, 6)}
    return round(sum(weights.get(key, 0.0) * one.count for key, one in said.items()), 1)


def _shares(sums: Sums, by: By, links: Links) -> tuple[Share, ...]:
    found = [Share(key, one.count, links.to("closed", by, key)) for key, one in sums["closed", by].items()]
    return tuple(sorted(found, key=lambda one: (-one.count, one.key)))


def _trend(daily: Mapping[str, Mapping[date, int]], since: date, until: date, is_open: int) -> Sequence[Day]:
    """Backwards from what is open now: a day's end had what came later less, what went later more."""
    days = []
    day = until
    while day >= since:
        filed, closed, revived = (daily[metric].get(day, 0) for metric in _DAILY)
        days.append(Day(day, filed, closed, max(is_open, 0)))
        is_open += closed - filed - revived
        day -= timedelta(days=1)
    return days[::-1]
