"""The forms of what comes after: receipts, visits, confirmation by a court, the closing (履行 回访 司法确认 结案)."""

from huiyin.papers.blocks import Block, Grid, Head, Paper, Para, Place, paper
from huiyin.papers.facts import Agreement, Closing, Confirmation, File, Item, Visit
from huiyin.papers.pieces import (
    SIDES,
    SIGN,
    SOURCES,
    described,
    everyone,
    introduced,
    mediator_places,
    mediators,
    party_places,
    pen_place,
    row,
    seal_place,
    short,
    signing,
    told,
)
from huiyin.papers.words import blank, counted, day, named, unended


def performance(file: File) -> tuple[Paper, ...]:
    """履行凭证: a receipt (收条) for each thing that was performed without another proof."""
    items = enumerate((file.agreement or Agreement()).items, 1)
    return tuple(_receipt(file, one, number) for number, one in items if one.done is not None)


def blank_receipt(file: File) -> Paper:
    """For what is handed over on the spot."""
    return _receipt(file, Item(), 1)


def _receipt(file: File, one: Item, number: int) -> Paper:
    proof = (Para(one.proof, label="所附凭证："),) if one.proof.strip() else ()
    blocks = (
        Para(
            f"今收到{blank(one.by)}依照{blank(file.number, 3)}调解协议第 {number} 项履行的下列内容："
            f"{blank(unended(one.what), 4)}。"
        ),
        Para(f"{blank(one.manner, 3)}", label="履行方式："),
        Para(f"{blank(one.place, 3)}", label="履行地点："),
        *proof,
        Para("以上内容已经核对无误。"),
        signing(
            (Place("receiver", f"接受人 {one.to}", SIGN), Place("performer", f"履行人 {one.by}", SIGN)),
            (pen_place("witness", "见证人民调解员", ""),),
            closing=f"履行日期：{day(one.done)}",
        ),
    )
    title, which = "履行凭证（收条）", f"第 {number} 项"
    return paper(
        form="performance", of=str(number), title=title, number=file.number, blocks=blocks, on=one.done, remark=which
    )


def visit(file: File) -> tuple[Paper, ...]:
    """人民调解回访记录, one for each visit; repeats the agreement's number."""
    return tuple(_visit(file, one, number) for number, one in enumerate(file.visits, 1))


def blank_visit(file: File) -> Paper:
    """The form to take along."""
    return _visit(file, Visit(), len(file.visits) + 1)


def _visit(file: File, one: Visit, number: int) -> Paper:
    parties = one.parties or tuple(party.name for party in file.parties)
    rows = (
        row(("回访当事人", named(parties)), last=3),
        row(("调解协议编号", blank(file.number)), last=3),
        row(("回访事由", f"{short(file)}：{blank(file.dispute.subject)}"), last=3),
        row(("回访方式", blank(one.way)), ("回访日期", day(one.on))),
        row(("协议履行情况", one.performed), height=28, last=3),
        row(("当事人满意情况", one.satisfied), height=18, last=3),
        row(("事后诉讼及结果", one.lawsuit), height=18, last=3),
        row(("有无激化等隐患", one.risks), height=18, last=3),
        row(("回访人", blank(one.visitor)), ("备注", "")),
    )
    blocks = (
        Grid((4, 6, 4, 6), rows),
        signing(party_places(file, everyone(file)), (pen_place("visitor", "回访人", one.visitor),)),
    )
    of = one.ident or str(number)
    title, which = "人民调解回访记录", f"第 {number} 次回访"
    return paper(form="visit", of=of, title=title, number=file.number, blocks=blocks, on=one.on, remark=which)


def confirm_told(file: File) -> tuple[Paper, ...]:
    """司法确认权利告知书 (art. 33; 民事诉讼法 205, 206): the right, the court, the last day."""
    made, asked = file.agreement or Agreement(), file.confirmation or Confirmation()
    blocks = (
        Para(f"{'、'.join(blank(p.name) for p in everyone(file))}：", style="plain"),
        Para(
            f"你们经{blank(file.committee.name, 3)}调解达成的{blank(file.number, 3)}调解协议，"
            f"于{day(made.effective)}生效。"
        ),
        *_confirming(asked),
        Head("申请时需要提交"),
        *(Para(line) for line in counted(_PACK)),
        signing(
            (*mediator_places(file), seal_place(file)),
            party_places(file, everyone(file)),
            closing=f"告知日期：{day(asked.told)}",
        ),
    )
    title = "司法确认权利告知书"
    return (paper(form="confirm_told", title=title, number=file.number, blocks=blocks, on=asked.told),)


def _confirming(asked: Confirmation) -> tuple[Block, ...]:
    return (
        Para(
            "双方当事人认为有必要的，可以自调解协议生效之日起三十日内，"
            f"共同向{asked.court.strip() or '有管辖权的人民法院'}申请司法确认。"
            f"本协议申请司法确认的最后一日为{day(asked.last_day)}。逾期申请的，人民法院不予受理。"
        ),
        Para(
            "人民法院办理人民调解协议司法确认案件，不收取费用。"
            "裁定调解协议有效的，一方拒绝履行或者未全部履行，对方可以申请强制执行。"
        ),
        Para(
            "人民法院裁定驳回申请的，当事人可以通过调解方式变更原调解协议或者达成新的调解协议，也可以向人民法院提起诉讼。"
        ),
    )


_PACK = (
    "司法确认申请书（双方当事人共同签名）",
    "人民调解协议书",
    "当事人的身份证明、资格证明",
    "与调解协议相关的财产权利证明等材料",
    "当事人的送达地址、电话号码等联系方式",
    "委托他人代为申请的，授权委托书",
)


_UNDERTAKINGS = (
    "（一）本协议系出于解决纠纷的目的自愿达成，没有恶意串通、规避法律的行为；\n"
    "（二）如果因为该协议内容而给他人造成损害的，愿意承担相应的民事责任和其他法律责任；\n"
    "（三）没有就同一纠纷向其他人民法院申请司法确认或者提起诉讼。"
)


def confirm_apply(file: File) -> tuple[Paper, ...]:
    """司法确认申请书: jointly by all parties, with the undertakings that the court asks for."""
    made, asked = file.agreement or Agreement(), file.confirmation or Confirmation()
    parties = everyone(file)
    blocks = (
        *introduced(parties),
        Head("申请事项"),
        Para(f"请求人民法院依法确认{blank(file.number, 3)}人民调解协议有效。"),
        Head("事实和理由"),
        Para(
            f"申请人因{blank(file.dispute.subject, 3)}发生纠纷，经{blank(file.committee.name, 3)}主持调解，"
            f"于{day(made.on)}达成调解协议，协议于{day(made.effective)}生效。"
        ),
        *told(made.facts, 3),
        Head("申请人承诺"),
        Para(_UNDERTAKINGS),
        Para("此致"),
        Para(blank(asked.court, 3), style="plain"),
        signing(party_places(file, parties), closing=f"申请日期：{day(asked.applied)}"),
        Head("附件"),
        *(Para(line) for line in counted(_PACK[1:])),
    )
    return (paper(form="confirm_apply", title="司法确认申请书", number=file.number, blocks=blocks, on=asked.applied),)


def closing(file: File) -> tuple[Paper, ...]:
    """人民调解结案报告表: closed is when all is performed, or when it ended otherwise."""
    end = file.closing or Closing()
    source = SOURCES[file.source] + (f"({file.referrer.strip()})" if file.referrer.strip() else "")
    rows = (
        row(("案卷号", blank(file.binding.number or file.number)), ("人民调解委员会", blank(file.committee.name))),
        row(("受理日期", day(file.accepted)), ("结案日期", day(end.on))),
        row(("承办人", blank(end.handler or "、".join(m.name for m in mediators(file)))), ("纠纷来源", source)),
        *(row((SIDES[party.side], described(party)), height=14, last=3) for party in everyone(file)),
        row(("纠纷类型", blank(file.dispute.kind)), ("案由", blank(file.dispute.subject))),
        row(("纠纷主要事实", file.dispute.summary), height=30, last=3),
        row(("调解结果和履行情况", end.result), height=30, last=3),
        row(("备注", ""), height=10, last=3),
    )
    blocks = (
        Grid((3, 4, 3, 4), rows),
        signing((pen_place("handler", "承办人", end.handler), seal_place(file))),
    )
    return (paper(form="closing", title="人民调解结案报告表", number=file.number, blocks=blocks, on=end.on),)
