"""What happens next (接下来会怎样) when an order is given: told before it is, from the core's own decision."""

from collections.abc import Sequence

from huiyin.core.whistle import Step
from huiyin.core.whistle import steps as s
from huiyin.core.whistle.steps import Clock
from huiyin.web.paint import until

# By the step; in braces the end of the limit of that duty that begins with it.
_AHEAD: dict[type[Step], str] = {
    s.PassedOn: "由街道领导在 {approve} 前审批,审批以后派哨。",
    s.SentBack: "退回吹哨的社区,补齐以后可以再吹。",
    s.Approved: "同意记入办理日志。",
    s.Declined: "不同意记入办理日志。",
    s.Called: "马上派哨:须在 {acknowledge} 前接哨。",
    s.Joined: "那张工单的进展和这张哨单一起看;工单照常计时。",
    s.Cancelled: "已经派到的部门会看到撤哨。",
    s.Acknowledged: "记下由谁到场;接哨时限停止,其余时限照走。",
    s.Objected: "由街道在 {rule} 前裁定;裁定以前仍由本部门负责,时限照走。",
    s.Planned: "方案时限停止;街道、社区看得到方案和预计完成的时间。",
    s.Progressed: "记入办理日志;时限不变。",
    s.Answered: "协办时限停止;主办部门马上看到。",
    s.Replied: "交吹哨单位在 {confirm} 前现场核验;没有办好的会退回重办。",
    s.PauseAsked: "由街道在 {grant} 前审批;批准以前时限照走。",
    s.PauseRefused: "不暂停,时限照走;部门看得到理由。",
    s.Paused: "方案、答复、反馈的时限停到 {pause},到期自动恢复;接哨、到场不停。",
    s.Resumed: "停下的时限从现在接着计算。",
    s.Confirmed: "进入互评,双方在 {rate} 前评价,到期没有评价的自动结哨。",
    s.Returned: "主办部门须在 {reply} 前重办。",
    s.DepartmentRated: "部门看得到评分。",
    s.BlowerRated: "吹哨单位看得到评分。",
    s.Closed: "哨单结束,进入统计。",
}
_AGAIN = "退回已满次数,同时列入督办。"


def ahead(made: Sequence[Step]) -> str:
    """The sentences of some steps; what is told of a step's limits is when they end."""
    limits = _limits(made)
    told = [_AHEAD[type(one)].format_map(limits) for one in made if type(one) in _AHEAD]
    return "".join(told) + (_AGAIN if any(isinstance(one, s.Supervised) for one in made) else "")


def ruling(made: Sequence[Step]) -> str:
    """Where a ruling leads."""
    one = next((step for step in made if isinstance(step, s.ObjectionRuled)), None)
    if one is None:
        return ""
    if not one.upheld:
        return "由其继续负责,不得再退。"
    limits = _limits(made)
    return f"改由所选部门负责,须在 {limits['acknowledge']} 前接哨;不得再退。" if one.clocks else "不再参与。"


class _Limits(dict[str, str]):
    """A limit that this kind of whistle does not have is one of the rulebook's."""

    def __missing__(self, duty: str) -> str:
        return "规定的时限"


def _limits(made: Sequence[Step]) -> _Limits:
    """The soonest end of each duty that begins with some steps."""
    clocks: list[Clock] = [clock for one in made for clock in getattr(one, "clocks", ())]
    found = _Limits()
    for one in sorted(clocks, key=lambda clock: clock.watch.due.at):
        found.setdefault(one.duty, until(one.watch.due.at))
    return found
