"""The forms of the beginning: application, acceptance, rights, identity, authority (申请 受理 告知 身份 委托)."""

from huiyin.papers.blocks import Cell, Grid, Head, Paper, Para, Place, Row, paper
from huiyin.papers.facts import Agent, File, Party
from huiyin.papers.pieces import (
    LAW,
    SIDES,
    SIGN,
    SOURCES,
    described,
    everyone,
    introduced,
    on_side,
    party_places,
    pen_place,
    row,
    seal_place,
    signing,
    told,
)
from huiyin.papers.words import BLANK, blank, counted, day, span


def application(file: File) -> tuple[Paper, ...]:
    """人民调解申请书 (art. 17): one for all who apply together."""
    asking = on_side(file, "applicant")
    blocks = (
        *introduced(asking),
        *introduced(on_side(file, "respondent")),
        *introduced(p for p in file.parties if p.side == "other"),
        Head("纠纷简要情况"),
        *told(file.dispute.summary, 6),
        Head("申请事项"),
        *(Para(line) for line in counted(file.dispute.requests, 3)),
        Para(
            f"{blank(file.committee.name, 3)}已将申请人民调解的有关规定告知本人，现自愿申请人民调解。"
            f"人民调解委员会依照{LAW}第四条调解民间纠纷，不收取任何费用。"
        ),
        Para("此致"),
        Para(blank(file.committee.name, 3), style="plain"),
        signing(party_places(file, asking), closing=f"申请日期：{day(file.applied)}"),
    )
    return (paper(form="application", title="人民调解申请书", number=file.number, blocks=blocks, on=file.applied),)


def acceptance(file: File) -> tuple[Paper, ...]:
    """人民调解受理登记表."""
    parties = everyone(file)
    source = SOURCES[file.source] + (f"({file.referrer.strip()})" if file.referrer.strip() else "")
    rows = [
        row(("受理日期", day(file.accepted)), ("纠纷类型", blank(file.dispute.kind))),
        row(("人民调解委员会", blank(file.committee.name)), ("纠纷来源", source)),
        *(row((SIDES[party.side], described(party)), height=14, last=3) for party in parties),
        row(("案由", blank(file.dispute.subject)), last=3),
        row(("纠纷发生地", blank(file.dispute.place)), last=3),
        row(("纠纷简要情况", file.dispute.summary), height=26, last=3),
        row(("备注", file.remarks), height=10, last=3),
    ]
    registrar = pen_place("registrar", "登记人", file.registrar)
    blocks = (
        Grid((3, 4, 3, 4), tuple(rows)),
        signing(party_places(file, parties), (registrar, seal_place(file))),
    )
    return (paper(form="acceptance", title="人民调解受理登记表", number=file.number, blocks=blocks, on=file.accepted),)


RIGHTS = (
    (
        "一、人民调解的性质",
        "人民调解是人民调解委员会通过说服、疏导等方法，促使当事人在平等协商基础上自愿达成调解协议，解决民间纠纷的活动。"
        "人民调解委员会调解民间纠纷，不收取任何费用。",
    ),
    (
        "二、人民调解的原则",
        "（一）在当事人自愿、平等的基础上进行调解；\n（二）不违背法律、法规和国家政策；\n"
        "（三）尊重当事人的权利，不得因调解而阻止当事人依法通过仲裁、行政、司法等途径维护自己的权利。",
    ),
    (
        "三、当事人的权利",
        "（一）选择或者接受人民调解员；\n（二）接受调解、拒绝调解或者要求终止调解；\n"
        "（三）要求调解公开进行或者不公开进行；\n（四）自主表达意愿、自愿达成调解协议。",
    ),
    (
        "四、当事人的义务",
        "（一）如实陈述纠纷事实；\n（二）遵守调解现场秩序，尊重人民调解员；\n（三）尊重对方当事人行使权利。",
    ),
    (
        "五、调解协议的效力",
        "（一）经人民调解委员会调解达成的调解协议，具有法律约束力，当事人应当按照约定履行。\n"
        "（二）当事人之间就调解协议的履行或者调解协议的内容发生争议的，一方当事人可以向人民法院提起诉讼。\n"
        "（三）双方当事人认为有必要的，可以自调解协议生效之日起三十日内共同向人民法院申请司法确认。"
        "人民法院依法确认调解协议有效，一方当事人拒绝履行或者未全部履行的，对方当事人可以向人民法院申请强制执行。",
    ),
    (
        "六、调解不成的",
        "调解不成的，人民调解委员会终止调解，当事人可以依法通过仲裁、行政、司法等途径维护自己的权利。",
    ),
)


def rights(file: File) -> tuple[Paper, ...]:
    """人民调解当事人权利义务告知书 (arts. 2, 3, 4, 23, 24, 26, 31–33), signed before the first session."""
    parties = everyone(file)
    blocks = (
        Para(f"根据{LAW}，现将人民调解的有关事项告知如下："),
        *(block for head, text in RIGHTS for block in (Head(head), Para(text))),
        Para("以上内容，本人已经阅读（或者已听人民调解员宣读）并且明白。"),
        signing(
            party_places(file, parties),
            (pen_place("teller", "告知人", ""), seal_place(file)),
            closing=f"告知日期：{day(file.told)}",
        ),
    )
    title = "人民调解当事人权利义务告知书"
    return (paper(form="rights", title=title, number=file.number, blocks=blocks, on=file.told),)


def identity(file: File) -> tuple[Paper, ...]:
    """身份证明: a sheet a party, on which the copy is stuck where it was not scanned."""
    return tuple(_identity(file, party, number) for number, party in enumerate(everyone(file), 1))


def _identity(file: File, party: Party, number: int) -> Paper:
    what = "统一社会信用代码" if party.organisation else "身份证号码"
    papers = "营业执照（登记证书）和法定代表人身份证明" if party.organisation else "身份证件（正面、反面）"
    sheet = f"{papers}复印件粘贴处"
    rows = (
        row((SIDES[party.side], blank(party.name)), (what, blank(party.id_number))),
        Row((Cell(sheet, span=4, style="centre"),), 120),
        row(("与原件核对", "□ 一致 □ 不一致"), ("核对人", "")),
    )
    note = Para("身份证明材料仅用于本纠纷的人民调解，存入本卷。", style="note")
    made = Grid((4, 6, 4, 6), rows)
    of = party.ident or str(number)
    title = "身份证明"
    return paper(form="identity", of=of, title=title, number=file.number, blocks=(made, note), remark=party.name)


def authority(file: File) -> tuple[Paper, ...]:
    """授权委托书: a sheet an agent; a blank one where a case has none is asked for by `blank_authority`."""
    return tuple(_authority(file, party, agent) for party in file.parties for agent in party.agents)


def blank_authority(file: File) -> Paper:
    """For a party who comes with an agent nobody knew of."""
    return _authority(file, Party(), Agent())


def _entrusted(agent: Agent) -> str:
    told = (
        blank(agent.name),
        f"性别：{blank(agent.sex, 1)}",
        f"身份证号码：{blank(agent.id_number, 3)}",
        f"住址：{blank(agent.address, 3)}",
        f"联系方式：{blank(agent.contact)}",
        f"与委托人的关系：{blank(agent.relation)}。",
    )
    return "，".join(told)


def _authority(file: File, party: Party, agent: Agent) -> Paper:
    scope = {"general": "一般代理", "special": "特别授权"}.get(agent.scope, f"{BLANK}（一般代理/特别授权）")
    powers = counted(agent.powers, 3) if agent.powers or agent.scope != "general" else ()
    known = [p for p in file.parties if p is party]
    blocks = (
        Para(described(party), label="委托人："),
        Para(_entrusted(agent), label="受委托人："),
        Para(
            f"委托人因{blank(file.dispute.subject, 3)}一案，委托上列受委托人作为委托人参加"
            f"{blank(file.committee.name, 3)}人民调解活动的代理人。"
        ),
        Para(f"{scope}。", label="代理权限："),
        *(Para(line) for line in powers),
        Para("代为承认、放弃、变更调解请求，达成调解协议，代收款物的，须在上面逐项写明。", style="note"),
        Para(f"{span(agent.since, agent.until)}。", label="委托期限："),
        signing(
            party_places(file, known) or (Place("party:1", "委托人", SIGN),),
            (Place(f"agent:{agent.ident or 1}", f"受委托人 {agent.name}", SIGN),),
            closing=day(agent.since),
        ),
    )
    of, on, who = f"{party.ident}/{agent.ident or agent.name}", agent.since, agent.name
    return paper(form="authority", of=of, title="授权委托书", number=file.number, blocks=blocks, on=on, remark=who)
