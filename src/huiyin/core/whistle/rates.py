"""What whistles come to (吹哨报到考核): rates of departments and of who blows, each with both its parts (条例 33)."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Literal

from msgspec import Struct


class Ratio(Struct, frozen=True):
    """A share with both its parts; 0/0 is no data, never 100 %."""

    top: float = 0
    bottom: int = 0

    @property
    def percent(self) -> float | None:
        return 100 * self.top / self.bottom if self.bottom else None

    @property
    def share(self) -> float | None:
        return self.top / self.bottom if self.bottom else None

    def __add__(self, other: "Ratio") -> "Ratio":
        return Ratio(round(self.top + other.top, 6), self.bottom + other.bottom)


class Mean(Struct, frozen=True):
    """Scores together and how many they are of; of none there is no average."""

    total: int = 0
    count: int = 0

    @property
    def value(self) -> float | None:
        return self.total / self.count if self.count else None

    def __add__(self, other: "Mean") -> "Mean":
        return Mean(self.total + other.total, self.count + other.count)


class Measures(Struct, frozen=True, forbid_unknown_fields=True):
    """What a city reckons by: `partly` is what half an answer counts, below `few` a share says little. The alarm: a
    share of `high` times the median of the others, or of one `low`th of it; only of streets with so many tickets, where
    there are so many other streets, and where so many whistles are there or were to be expected."""

    partly: float = 0.5
    few: int = 10
    high: float = 3.0
    low: float = 3.0
    tickets: int = 100
    peers: int = 4
    whistles: int = 5


# -- departments ------------------------------------------------------------------------------------------


class Facts(Struct, frozen=True):
    """What is known of a department on a whistle, or of `count` alike; `late` are the duties that ran out on it,
    `must_come` whether the kind asks for it, `confirmed` whether the blower did. Scores are sums."""

    post: str
    lead: bool
    stage: str
    on_site: str | None
    late: frozenset[str]
    must_come: bool
    confirmed: bool
    returned: bool
    count: int = 1
    scores: tuple[Mean, Mean, Mean, Mean] = (Mean(), Mean(), Mean(), Mean())


# Yes, no, or None: not asked, or not yet known either way, because the limit still runs or fell away.
def responded(one: Facts) -> bool | None:
    """响应: acknowledged before the limit."""
    return _in_time(one, "acknowledge", done=one.stage != "called")


def came(one: Facts) -> bool | None:
    """到场: there before the limit. Without a proof it is taken at their word; who says not to be there is not."""
    return _in_time(one, "arrive", done=one.on_site in ("yes", "unproven")) if one.must_come else None


def answered(one: Facts) -> bool | None:
    """答复: the lead's reply, or what another department told the lead, before the limit."""
    return _in_time(one, "reply", done=one.stage == "replied") if one.lead else helped(one)


def helped(one: Facts) -> bool | None:
    """协办反馈."""
    return None if one.lead else _in_time(one, "answer", done=one.stage == "answered")


def settled(one: Facts) -> bool | None:
    """一次办结: confirmed, and never sent back; it is the lead's."""
    return not one.returned if one.lead and one.confirmed else None


def _in_time(one: Facts, duty: str, *, done: bool) -> bool | None:
    if duty in one.late:
        return False
    return True if done else None


class Department(Struct, frozen=True):
    """All that one department's lines come to. `upheld` counts rulings on its objections, on whistles that it is not on
    any more, too: where an objection is upheld no line stays, so nothing of that call counts for or against it."""

    called: int
    leads: int
    responded: Ratio
    came: Ratio
    answered: Ratio
    helped: Ratio
    settled: Ratio
    upheld: Ratio
    away: int  # 不在现场
    unproven: int
    response: Mean
    arrival: Mean
    quality: Mean
    cooperation: Mean


def department(lines: Sequence[Facts], rulings: Mapping[bool, int]) -> Department:
    """The rates over some lines; `rulings` by whether they upheld (one on who is complained about is none)."""
    response, arrival, quality, cooperation = (_mean(lines, n) for n in range(4))
    return Department(
        sum(one.count for one in lines),
        sum(one.count for one in lines if one.lead),
        _ratio((responded(one), one.count) for one in lines),
        _ratio((came(one), one.count) for one in lines),
        _ratio((answered(one), one.count) for one in lines if one.lead),
        _ratio((helped(one), one.count) for one in lines),
        _ratio((settled(one), one.count) for one in lines),
        Ratio(rulings.get(True, 0), sum(rulings.values())),
        sum(one.count for one in lines if one.must_come and one.on_site == "no"),
        sum(one.count for one in lines if one.must_come and one.on_site == "unproven"),
        response,
        arrival,
        quality,
        cooperation,
    )


def _ratio(told: Iterable[tuple[bool | None, int]]) -> Ratio:
    top = bottom = 0
    for yes, count in told:
        top += count if yes else 0
        bottom += 0 if yes is None else count
    return Ratio(top, bottom)


def _mean(lines: Iterable[Facts], n: int) -> Mean:
    return sum((one.scores[n] for one in lines), Mean())


# -- who blows --------------------------------------------------------------------------------------------


class Blown(Struct, frozen=True):
    """What is known of a whistle, or of `count` alike, on the blower's side."""

    key: str  # the blower, or the street
    outcome: str | None
    called: bool
    confirmed: bool
    returned: bool
    level: int
    justified: str | None
    solved: str | None
    count: int = 1
    score: Mean = Mean()


class Blower(Struct, frozen=True):
    """All that the whistles of a street or a community come to. Only the lead rates it."""

    blown: int
    called: int
    stopped: Mapping[str, int]  # sent back, declined, cancelled
    supervised: int
    justified: Ratio
    score: Mean
    settled: Ratio
    solved: Ratio


_STOPPED = ("sent-back", "declined", "cancelled")


def blower(some: Sequence[Blown], by: Measures) -> Blower:
    """吹哨准, 一次办结, what residents said: each of those that were asked."""
    stopped = {name: sum(one.count for one in some if one.outcome == name) for name in _STOPPED}
    return Blower(
        sum(one.count for one in some),
        sum(one.count for one in some if one.called),
        {name: count for name, count in stopped.items() if count},
        sum(one.count for one in some if one.level),
        weighed(((one.justified, one.count) for one in some), by.partly),
        sum((one.score for one in some), Mean()),
        _ratio((not one.returned if one.confirmed else None, one.count) for one in some),
        weighed(((one.solved, one.count) for one in some), by.partly),
    )


def weighed(told: Iterable[tuple[str | None, int]], partly: float) -> Ratio:
    """yes counts one, partly what the city says, no nothing; who was not asked is in neither part."""
    weights = {"yes": 1.0, "partly": partly, "no": 0.0}
    said = [(weights[word], count) for word, count in told if word is not None]
    return Ratio(round(sum(weight * count for weight, count in said), 6), sum(count for _, count in said))


# -- too few, too many ------------------------------------------------------------------------------------

Verdict = Literal["high", "low", "usual", "few-tickets", "few-peers", "no-median"]


class Compared(Struct, frozen=True):
    """A street's whistles to its tickets beside the others' (DOMAIN 4.4: neither low nor high)."""

    share: Ratio
    median: float | None
    peers: int
    verdict: Verdict


def compared(own: Ratio, others: Iterable[Ratio], by: Measures) -> Compared:
    """Whether a street whistles far less or far more than its peers; of small numbers nothing is said."""
    peers = [one.share for one in others if one.bottom >= by.tickets and one.share is not None]
    middle = median(peers) if len(peers) >= max(by.peers, 1) else None
    return Compared(own, middle, len(peers), _verdict(own, middle, by))


def _verdict(own: Ratio, middle: float | None, by: Measures) -> Verdict:
    if own.bottom < by.tickets or own.share is None:
        return "few-tickets"
    if middle is None:
        return "few-peers"
    if not middle:
        return "no-median"
    if own.share >= by.high * middle and own.top >= by.whistles:
        return "high"
    if own.share * by.low <= middle and middle * own.bottom >= by.whistles:
        return "low"
    return "usual"
