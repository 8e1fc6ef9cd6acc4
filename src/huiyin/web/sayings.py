"""How residents are told of states, steps and reasons (公开用语): plain words for every code, none of anybody."""

STATES = {
    "received": "已收到,正在分派",
    "sorting": "人工分拣中:正在核实地点或承办单位",
    "dispatched": "已派到承办岗位,等待签收",
    "signed": "承办岗位已签收,正在办理",
    "resolved": "承办岗位已办结,正在准备答复",
    "replied": "已答复,请您评价是否解决",
    "shelved": "暂时不能办理,已列入计划(挂账),到期复查",
    "merged": "已与同类诉求合并办理",
    "closed": "已结案",
}
CLOSED = {
    "solved": "已解决",
    "explained": "已解释说明",
    "outside-duty": "不属于受理职责,已告知",
    "withdrawn": "已撤回",
    "to-mediation": "已转人民调解",
    "redirected": "已告知法定渠道",
    "no-answer": "已答复,回访期内没有收到您的反馈",
    "merged": "已并入同类诉求",
}
# A name that ends in a colon is followed by the rung it came to.
STEPS = {
    "ticket.filed.v1": "已登记",
    "ticket.hotline_instructed.v1": "已提示先拨打紧急电话",
    "ticket.sorted.v1": "已分派",
    "ticket.reclassified.v1": "工作人员已更正事项或地点",
    "ticket.dispatched.v1": "已改派:",
    "ticket.signed.v1": "承办岗位已签收",
    "ticket.contacted.v1": "工作人员已联系您",
    "ticket.pictured.v1": "已附照片",
    "ticket.site_checked.v1": "已现场核实",
    "ticket.handed_up.v1": "已上报上一级:",
    "ticket.supervised.v1": "已督办",
    "ticket.supervision_answered.v1": "承办岗位已答复督办",
    "ticket.extended.v1": "办理时限已延长",
    "ticket.shelved.v1": "暂时不能办理,已挂账",
    "ticket.cleared.v1": "已销账,恢复办理",
    "ticket.merged.v1": "已与同类诉求合并办理",
    "ticket.split.v1": "已拆分,单独办理",
    "ticket.resolved.v1": "承办岗位已办结",
    "ticket.replied.v1": "已答复",
    "ticket.redirected.v1": "已告知法定渠道",
    "ticket.followed_up.v1": "已回访",
    "ticket.reopened.v1": "已重办:",
    "ticket.closed.v1": "已结案",
    "ticket.viewed.v1": "工作人员查看了您的身份信息",
    "ticket.urged.v1": "您催办了一次",
    "ticket.added.v1": "您补充了情况",
    "ticket.pressured.v1": "您说受到了压力,已转到:",
}
PICTURED = {
    "complaint": "您反映时附的",
    "added": "您补充的",
    "site": "工作人员在现场拍的",
    "evidence": "工作人员附的办理凭据",
}
HANDED_UP = {
    "beyond-means": "超出本级的办理能力",
    "not-my-duty": "不属于本级职责",
    "no-agreement": "各方没有达成一致",
    "needs-other": "需要其他单位配合",
    "unsafe": "存在安全隐患",
    "other": "其他原因",
    "sign-lapsed": "承办岗位没有按时签收",
    "resolve-lapsed": "承办岗位没有按时办结",
    "ruling-lapsed": "派单异议没有按时裁定",
    "unsatisfied": "居民认为没有解决",
    "recused": "承办岗位依法回避",
}
SUPERVISED = {
    "last-rung-lapsed": "最后一级没有按时办结",
    "case-lapsed": "全案超过总时限",
    "sorting-lapsed": "没有按时分派",
    "review-lapsed": "挂账到期没有复查",
    "unanswered": "督办没有按时答复,升级督办",
    "urged": "居民再次催办",
    "pressured": "居民受到压力",
}
EXTENDED = {
    "waiting-parts": "等待配件材料",
    "waiting-weather": "天气原因",
    "waiting-parties": "等待当事人",
    "needs-vote": "需要业主共同表决",
    "complex": "情况复杂",
    "other": "其他原因",
}
SHELVED = {
    "engineering": "需要工程改造",
    "seasonal": "受季节影响",
    "funds": "资金尚未落实",
    "vote": "需要业主共同决定",
    "history": "历史遗留问题",
    "other": "其他原因",
}
REOPENED = {
    "not-done": "没有办完",
    "came-back": "问题又出现",
    "new-facts": "有新的情况",
    "unsatisfied": "居民反馈没有解决",
    "other": "其他原因",
}
PURPOSES = {
    "contact": "为了联系您",
    "site-visit": "为了上门核实",
    "mediation": "为了组织调解",
    "emergency": "为了紧急处置",
    "verification": "为了核实情况",
}
HOTLINES = {
    "110": "请立即拨打 110 报警",
    "119": "请立即拨打 119",
    "120": "请立即拨打 120 急救",
    "122": "请立即拨打 122",
    "gas": "请先撤离到室外,再拨打燃气公司抢修电话;在室内不要开关电器",
    "lift": "请按轿厢内的求助按钮,或拨打轿厢内张贴的救援电话",
    "water": "请先关闭阀门,再拨打供水公司抢修电话",
    "power": "请远离带电物体,再拨打 95598",
}
