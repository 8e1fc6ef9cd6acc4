"""What happens next with a whistle (接下来会怎样): a sentence for each limit that its steps would start."""

from collections.abc import Iterable, Sequence

from huiyin.core.deadline import length
from huiyin.core.whistle import Step
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.commands import Ask, Kind
from huiyin.core.whistle.rules import WhistleRules
from huiyin.core.whistle.steps import Clock, Duty
from huiyin.web.paint import until
from huiyin.whistle_story import WhistleTeller

LEAD: tuple[Duty, ...] = ("acknowledge", "arrive", "plan", "reply")


def ahead(
    steps: Iterable[Step], asks: Sequence[Ask], rules: WhistleRules, kind: Kind, teller: WhistleTeller
) -> list[str]:
    """In the order in which it happens; who is called only after an approval is told the limits from the call on."""
    said: list[str] = []
    called = False
    for step in steps:
        clocks: Sequence[Clock] = getattr(step, "clocks", ())
        said += [_waits(one, rules, kind, teller) for one in clocks if one.duty in ("pass", "approve")]
        if isinstance(step, s.Called):
            called = True
            said += [_bound(one, step.clocks, rules, teller) for one in step.asks]
    if not called:
        names = "、".join(teller.post(one.post) for one in asks)
        said.append(f"同意以后{f'通知{names}' if names else '通知部门'},从派哨起算:{limits(rules, kind)}。")
    return said


def limits(rules: WhistleRules, kind: Kind) -> str:
    """`接哨 10 分钟、到场 1 小时、办结 2 小时`."""
    found = [(rules.duties[duty], rules.kinds[kind].limits.of(duty)) for duty in LEAD]
    return "、".join(f"{name} {length(limit)}" for name, limit in found if limit is not None)


def _waits(one: Clock, rules: WhistleRules, kind: Kind, teller: WhistleTeller) -> str:
    """Who passes it on or approves it, until when."""
    by = until(one.watch.due.at)
    if one.duty == "pass":
        return f"先由{teller.post(one.post)}在 {by} 前审核转报,再由领导审批。"
    if rules.kinds[kind].approval == "afterwards":
        return f"马上派哨;{teller.post(one.post)}在 {by} 前补办审批,逾期没有审批直接督办,哨单不作废。"
    return f"由{teller.post(one.post)},或街道岗位上的另一个人,在 {by} 前审批。"


def _bound(ask: Ask, clocks: Sequence[Clock], rules: WhistleRules, teller: WhistleTeller) -> str:
    own = [one for one in clocks if one.post == ask.post]
    dues = "、".join(f"{until(one.watch.due.at)} 前{rules.duties[one.duty]}" for one in own)
    name = "所选部门" if ask.post.endswith(":?") else teller.post(ask.post)
    return f"{name}({'主办' if ask.lead else '协办'})须在 {dues}。"
