"""What happens next (接下来会怎样) when an order about a mediation is given: from the core's own decision."""

from collections.abc import Sequence

from huiyin.core.mediation import Step
from huiyin.core.mediation import steps as s
from huiyin.core.mediation import steps_agreed as a
from huiyin.core.mediation.clocks import Countdown
from huiyin.web.paint import until
from huiyin.web.staff.mediations.case.called import word

# By the step; in braces the end of the limit of that duty that begins with it, {routes} where the dispute may go.
_AHEAD: dict[type[Step], str] = {
    s.Checked: "记入审查结果;有不予受理情形的,下一步是不予受理并告知其他途径。",
    s.Accepted: "编案号;{mediate} 前调解完毕,期满没有达成协议的自动终止。",
    s.Consented: "记入同意;各方都同意以后才能受理。",
    s.RightsNotified: "记入告知;每一方都告知以后才能开调解会。",
    s.Empowered: "代理人以后可以替这一方到场;特别授权的才可以代为同意、签字。与代理人有利害关系的调解员依法回避。",
    s.Represented: "以后由代表人替这一方表态、签字。",
    s.Invited: "每一方都同意以后才能参加。",
    s.Answered: "最后一次表态算数;各方都同意才算同意。",
    s.Extended: "办理期限延长到 {mediate};只能延长一次。",
    s.MediatorAssigned: "列入其承办案件;其看得到双方和全部内容,应当先向各方披露有没有利害关系。",
    s.Disclosed: "各方都看得到。",
    s.MediatorLeft: "马上看不到本件;协议书上其签名同时作废,请另行确定调解员。",
    s.SessionPlanned: "各方看得到邀请,可以答复来不来;开过以后按期限做好调解记录。",
    s.InvitationAnswered: "记入答复。",
    s.SessionHeld: "做成调解记录;下一步是再约一次,或者拟定协议。",
    s.SessionAdjourned: "这一次不开了,请另行约定。",
    s.Confided: "只有您本人看得到:对方、同事、委员会、导出文件里都没有。",
    s.Investigated: "记入调查记录;只有承办调解员看得到,印出来请被调查人核对签名。",
    s.RiskFlagged: "{report} 前必须报告;报告以前不再开调解会、不签协议。",
    s.Reported: "记入报告;要报告的都报告以后,调解才能继续。",
    a.MeetingAsked: "调解委员会收到请求,看得到请谁、哪一天,看不到为什么。",
    a.MeetingAnswered: "承办调解员看得到答复。",
    a.Drafted: "各方和调解员在这一份上签名;改动一个字就是另一份,原有签章作废。",
    a.Marked: "签了不能更改。",
    a.AgreedOrally: "自达成之日生效。",
    a.TookEffect: "协议生效,有法律约束力;{confirm} 前各方可以共同申请司法确认。",
    a.Performed: "记入履行情况。",
    a.Fulfilled: "约定全部履行完毕;{archive} 前归档。",
    a.Breached: "同时告知可以{routes}。",
    a.Visited: "记入回访。",
    a.Sued: "记入起诉;本件不再催履行,{archive} 前归档。",
    a.ConfirmationTold: "记入告知;每一方都告知以后,印出告知书请当事人签收。",
    a.ConfirmationApplied: "{ruling} 前登记法院的结果。",
    a.ConfirmationRuled: "记入法院的结果。",
    a.Ended: "调解结束,同时告知可以{routes};{deliver} 前把告知书送达每一方。",
    a.RoutesDelivered: "记入送达。",
    a.Archived: "全部时限停止,以后不能更改;纠纷再起的另行申请。",
}


def ahead(made: Sequence[Step]) -> str:
    """The sentences of some steps; what is told of a step's limits is when they end."""
    facts = _Facts({"routes": "、".join(word("routes", one) for one in _routes(made))})
    for one in sorted(_clocks(made), key=lambda clock: clock.due.at):
        facts.setdefault(one.duty, until(one.due.at))
    return "".join(_AHEAD[type(one)].format_map(facts) for one in made if type(one) in _AHEAD)


class _Facts(dict[str, str]):
    """A limit that runs already does not begin with these steps."""

    def __missing__(self, duty: str) -> str:
        return "规定的时限"


def _clocks(made: Sequence[Step]) -> list[Countdown]:
    return [clock for one in made for clock in getattr(one, "clocks", ())]


def _routes(made: Sequence[Step]) -> Sequence[str]:
    some: Sequence[Sequence[str] | None] = [getattr(one, "routes", None) for one in made]
    return next((one for one in some if one), ())
