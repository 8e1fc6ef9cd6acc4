"""What happens next (接下来会怎样): a sentence for each step that an order would lead to, before it is given."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from huiyin.core import endings, steps
from huiyin.core.deadline import Due
from huiyin.core.ladder import Standing
from huiyin.core.steps import Step
from huiyin.core.watch import Watch
from huiyin.web.paint import until

# By the step; in braces its fields: a limit as a time, a standing as its post.
_AHEAD: dict[type[Any], str] = {
    steps.Signed: "由您的岗位办理,须在 {resolve} 前办结。",
    steps.Contacted: "居民凭回执能看到“工作人员已联系您”;时限不变。",
    steps.Noted: "记入办理日志,文字只给办理本件的岗位看;时限不变。",
    steps.SiteChecked: "居民凭回执能看到“已现场核实”;文字只给办理本件的岗位看,时限不变。",
    steps.Dissuaded: "留下一条劝阻记录,可以打印交给公安机关;时限不变。",
    steps.Reassigned: "由选中的人继续办理;岗位和时限都不变。",
    steps.Related: "有利害关系的人从此看不到、也不能办理这件事。填的姓名、电话、门牌不保存,只留认不出人的标记。",
    steps.Resolved: "变为“已办结,待答复”;接下来请答复居民。办结的人和岗位不能自己回访、结案。",
    steps.Replied: "居民凭回执马上看到答复,可在 {follow_up} 前评价;到期没有反馈的自动结案。发出后不能改。",
    steps.HandedUp: "转到{standing},对方须在 {sign} 前签收、{resolve} 前办结;本件离开您的岗位。",
    steps.Dispatched: "由{standing}承办,不能退回;须在 {sign} 前签收、{resolve} 前办结。",
    steps.SupervisionAnswered: "督办解除;须在 {resolve} 前办好。",
    steps.Objected: "由{ruler}在 {due} 前裁定;裁定前仍由您的岗位办理,时限照走。",
    steps.Requested: "报上一级批准;批准之前时限照走。",
    steps.RequestDeclined: "申请被驳回,原岗位按原来的时限继续办理。",
    steps.Extended: "改为须在 {resolve} 前办结(按 {days} 个工作日算);居民会看到延期和理由。",
    steps.Shelved: "挂账到复查日期,到时再看一次;挂账不算解决,居民会看到。",
    steps.Cleared: "恢复办理,须在 {resolve} 前办结。",
    steps.Reclassified: "改由{standing}承办,须在 {due} 前办结。",
    steps.Viewed: "先记入办理日志(谁、看哪一项、为什么),居民会看到有人查看过,然后才显示。",
    steps.Notified: "单独成文发给对方,不含诉求原件;认得出诉求人的文字发不出去。发出后不能收回。",
    endings.Merged: "本单由主办工单统一办理,答复同时送达;居民的回执、评价和拆单的权利不变。并错了可以拆单。",
    endings.Split: "单独办理,须在 {sign} 前签收、{resolve} 前办结。",
    endings.FollowedUp: "居民的评价记入办理日志。",
    endings.Reopened: "交由{standing}重办,须在 {sign} 前签收、{resolve} 前办结。",
    endings.Redirected: "居民凭回执马上看到您写的渠道说明。",
    endings.Closed: "结案,之后不能再办理。",
}


def ahead(made: Sequence[Step]) -> str:
    """The sentences of some steps; an order that changes nothing says so."""
    away = any(isinstance(one, endings.Redirected) for one in made)  # then the reply is the route
    told = [one for one in made if type(one) in _AHEAD and not (away and isinstance(one, steps.Replied))]
    return "".join(_AHEAD[type(one)].format_map(_values(one)) for one in told)


def _values(step: Step) -> dict[str, str]:
    return {name: _said(getattr(step, name)) for name in step.__struct_fields__}


def _said(value: object) -> str:
    if isinstance(value, Watch):
        return until(value.due.at)
    if isinstance(value, Due):
        return until(value.at)
    if isinstance(value, Standing):
        return value.post.name
    return until(value) if isinstance(value, datetime) else str(value)
