"""Why a whistle does not allow something, and what to do instead: `docs/guide/whistle.md`, word for word."""

from huiyin.web.problems import CODES, Problem

REFUSALS: dict[str, str] = {
    "unknown-whistle": "没有这张哨单,请核对哨单号",
    "not-your-whistle": "这张哨单与您的岗位无关,或这一步不归您的岗位;请由相应岗位操作",
    "recused": "您与本件有利害关系,依法回避;请由其他人办理",
    "own-request": "自己吹的、转报的或申请的,不能自己批准;请由另一个人办理",
    "blower-first": "先由吹哨的社区核验;逾期还没有核验的,街道才可以代为核验或退回",
    "own-work": "自己承办的,不能自己核验或评价;请由另一个人办理",
    "not-your-place": "只能就本社区、本街道的事项吹哨,请核对地点",
    "unknown-category": "事项清单里没有这个事项,或它不是末级事项;请从清单里选一个末级事项",
    "own-duty": "这是街道、社区自己的职责,不需要吹哨;确需部门配合的,请吹重点工作哨",
    "ticket-missing": "来自工单的哨、反映社区工作人员的哨要写明工单号",
    "nothing-tried": "还没有逐级办理的记录;请先在本级办理,或从办理日志里选出证据",
    "already-blown": "同一地点、同一事项已有哨单;请并入那张哨单,确属另一件事的请写明理由",
    "one-lead": "要有一个、而且只有一个主办部门",
    "asked-twice": "同一个部门只能点名一次",
    "department-duty": "这是职能部门的法定职责,不得派给社区、网格和楼栋(北京市接诉即办工作条例第十七条);请点名部门",
    "not-a-department": "只能点名职能部门;物业、业委会等请走逐级办理",
    "accused-unknown": "来件反映的是职能部门,请先登记是哪一个部门,它不得承办",
    "department-recused": "这个部门是被反映对象,依法回避;请点名其他部门",
    "not-passed-on": "街道还没有转报,请等街道审核",
    "not-approved": "领导还没有审批,请先审批",
    "not-replied": "主办部门还没有答复,请等答复以后再办理",
    "not-confirmed": "还没有核验,请先核验再评价",
    "already-passed-on": "街道已经转报,请等领导审批",
    "already-approved": "已经同意,不能再改为不同意;情况有变的请撤哨或退回",
    "already-declined": "领导已经不同意,不能再批准",
    "already-called": "已经派哨,不能再退回哨单;确需停止的请撤哨",
    "already-acknowledged": "部门已经接哨,不能再撤哨;请等办结后核验",
    "already-replied": "主办部门已经答复,请等核验;没有办好的会退回",
    "already-confirmed": "已经核验,不能更改;请互相评价",
    "closed-whistle": "哨单已经结哨,不能更改;问题没有解决的请重新吹哨",
    "paused-whistle": "正在暂停计时,请先恢复计时再办理",
    "nobody-named": "接哨要写明到场人员",
    "not-acknowledged": "还没有接哨,请先接哨",
    "not-arrived": "还没有到场,请先到现场报到",
    "already-arrived": "已经报到,不必重复;新的情况请记录进展",
    "not-planned": "这种哨要先提出方案,请先提交方案",
    "not-yet-happened": "时间在将来;请填已经发生的时间",
    "before-the-call": "时间早于派哨;请核对时间",
    "by-when-past": "完成时间要在今后;已经完成的请写明办结",
    "by-when-too-far": "承诺的完成时间太远;请分段办理或申请暂停",
    "already-asked": "这个部门已经在这张哨单上",
    "ask-the-street": "这个部门要由街道来请;请在进展里写明需要谁、做什么",
    "already-answered": "已经反馈过了;新的情况请记录进展",
    "reply-lacks-accepted": "答复缺少:何时受理",
    "reply-lacks-contacted": "答复缺少:联系了谁",
    "reply-lacks-done": "答复缺少:做了什么",
    "reply-lacks-by-when": "答复缺少:是否办结,没有办结的何时办完",
    "already-objected": "已经提出过异议,正在等待裁定;裁定前请继续办理",
    "no-objection": "没有等待裁定的异议",
    "designated": "街道已裁定由你部门负责,不能再退",
    "lead-needed": "主办部门的异议成立时,要写明改由哪个部门主办",
    "same-department": "改派的部门就是提出异议的部门;请另选一个部门",
    "not-for-this-kind": "这种哨不能暂停;请立即处置",
    "pause-asked": "已经申请暂停,请等街道审批",
    "no-pause-left": "暂停次数已经用完;请办结,或承诺完成时间",
    "pause-too-long": "暂停天数不在规定范围内;请减少工作日数",
    "objection-pending": "异议还没有裁定,不能暂停",
    "too-late": "已经逾期,逾期之后不能暂停;请尽快办理",
    "nothing-asked": "没有等待审批的暂停申请",
    "not-paused": "没有暂停,不需要恢复",
    "no-such-department": "这个部门不在这张哨单上",
    "already-rated": "已经评价过了,不能更改",
    "rating-incomplete": "需要到场的哨,请一并评价到场",
    "score-out-of-range": "评分是 1 至 5 分",
    "not-of-this-whistle": "这张工单不在这张哨单上",
    "joins-hidden": "吹这张哨的岗位看不到这张工单,并入以后连哨单也会看不到;请为它另外吹哨",
}


def problem(code: str, offer: str = "") -> Problem:
    """A refusal as the window says it; `offer` is the whistle that could be joined instead."""
    said = REFUSALS.get(code, "")
    return Problem(code, f"{said}(哨单 {offer})" if offer else said)


# What only whistles are refused with is a problem like the others; where tickets have the code too, theirs stands in
# the table and the words of `problem` in the answer.
CODES.update({code: (409, said) for code, said in REFUSALS.items() if code not in CODES})
