"""The forms of how it ended: agreed in writing or orally, not agreed, not accepted (协议 口头协议 终止 不予受理)."""

from huiyin.papers.blocks import Block, Cell, Grid, Head, Paper, Para, Row, paper
from huiyin.papers.facts import Agreement, Ending, File, Item
from huiyin.papers.pieces import (
    LAW,
    ROUTES,
    SIDES,
    described,
    everyone,
    introduced,
    mediator_places,
    party_places,
    pen_place,
    row,
    seal_place,
    short,
    signing,
    told,
)
from huiyin.papers.words import BLANK, blank, counted, day, numeral, unended

_ITEMS = ("序号", "履行人", "接受人", "履行内容", "履行方式", "履行地点", "履行时限")


def copies(file: File) -> int:
    """One for each party and one for the committee (art. 29)."""
    return len(everyone(file)) + 1


def agreement(file: File) -> tuple[Paper, ...]:
    """人民调解协议书 with what art. 29 lists; blank where nothing is agreed yet and a pen will."""
    if file.agreement is not None and file.agreement.oral:
        return ()
    made = file.agreement or Agreement()
    blocks = (
        *introduced(everyone(file)),
        *_substance(file, made),
        *_rest(made),
        *_effect(file),
        signing(
            party_places(file, everyone(file)),
            (*mediator_places(file), pen_place("recorder", "记录人", file.recorder)),
            (seal_place(file),),
            dated=True,
            closing=day(made.on),
        ),
    )
    title = "人民调解协议书（部分协议）" if made.partial else "人民调解协议书"
    return (paper(form="agreement", title=title, number=file.number, blocks=blocks, on=made.on),)


def _substance(file: File, made: Agreement) -> tuple[Block, ...]:
    return (
        Head("一、纠纷的主要事实"),
        *told(made.facts, 4),
        Head("二、争议事项"),
        *told(made.issues, 2),
        Head("三、各方当事人的责任"),
        *told(made.responsibility, 2),
        Head("四、协议内容"),
        Para(f"经{blank(file.committee.name, 3)}调解，当事人自愿达成如下协议："),
        *(Para(line) for line in counted(made.terms, 3)),
        Head("五、履行的方式、时间和地点"),
        _schedule(made.items),
    )


def _schedule(items: tuple[Item, ...]) -> Grid:
    """What is to be performed, as a table that can be ticked off."""
    head = Row(tuple(Cell(name, style="label") for name in _ITEMS))
    rows = [_item(number, one) for number, one in enumerate(items or (Item(),) * 3, 1)]
    return Grid((3, 5, 5, 9, 5, 6, 6), (head, *rows), header=True)


def _item(number: int, one: Item) -> Row:
    due = "" if one.due is None else f"{day(one.due)}前"
    return Row(tuple(Cell(text) for text in (str(number), one.by, one.to, one.what, one.manner, one.place, due)), 11)


def _rest(made: Agreement) -> tuple[Block, ...]:
    if not made.partial:
        return ()
    others = Para("对上列尚未达成一致的事项，当事人可以继续申请调解，也可以依法通过仲裁、行政、司法等途径解决。")
    return (Head("尚未达成一致的事项"), *told(made.left_open, 2), others)


def _effect(file: File) -> tuple[Block, ...]:
    """When it counts, how many there are, and the thirty days of art. 33."""
    number = numeral(copies(file)) if file.parties else BLANK
    return (
        Para(
            "本协议自各方当事人签名、盖章或者按指印，人民调解员签名并加盖人民调解委员会印章之日起生效，"
            "具有法律约束力，当事人应当按照约定履行。"
        ),
        Para(
            "双方当事人认为有必要的，可以自本协议生效之日起三十日内共同向人民法院申请司法确认；"
            "就本协议的履行或者内容发生争议的，一方当事人可以向人民法院提起诉讼。"
        ),
        Para(f"本协议一式{number}份，当事人各执一份，人民调解委员会留存一份。"),
    )


_NO_PAPER = f"当事人认为无需制作调解协议书，采取口头协议方式，由人民调解员记录协议内容（{LAW}第二十八条）。"


def oral(file: File) -> tuple[Paper, ...]:
    """人民调解口头协议登记表 (arts. 28, 30): filled like the agreement; effective the day the parties agree."""
    if file.agreement is not None and not file.agreement.oral:
        return ()
    made = file.agreement or Agreement(oral=True)
    blocks = (
        Grid((4, 14), _oral(file, made)),
        Para("口头调解协议自各方当事人达成协议之日起生效。", style="note"),
        signing(
            party_places(file, everyone(file)),
            mediator_places(file),
            (pen_place("recorder", "记录人", file.recorder),),
            dated=True,
        ),
    )
    return (paper(form="oral", title="人民调解口头协议登记表", number=file.number, blocks=blocks, on=made.on),)


def _oral(file: File, made: Agreement) -> tuple[Row, ...]:
    return (
        *(row((SIDES[party.side], described(party)), height=14) for party in everyone(file)),
        row(("纠纷类型", blank(file.dispute.kind))),
        row(("纠纷的主要事实", made.facts), height=34),
        row(("争议事项", made.issues), height=20),
        row(("各方当事人的责任", made.responsibility), height=18),
        row(("协议内容", "\n".join(counted(made.terms)) if made.terms else ""), height=34),
        row(("履行的方式、时间和地点", "\n".join(counted(map(_in_words, made.items), 0))), height=24),
        row(("达成协议日期", day(made.on))),
        row(("登记理由", _NO_PAPER)),
        row(("备注", file.remarks), height=12),
    )


def _in_words(one: Item) -> str:
    parts = (f"{blank(one.by)}向{blank(one.to)}履行：{blank(unended(one.what))}", one.manner, one.place)
    return "，".join(part for part in (*parts, f"{day(one.due)}前") if part.strip())


def ended(file: File) -> tuple[Paper, ...]:
    """终止人民调解告知书 (art. 26): no end without the other ways told."""
    if file.ending is not None and file.ending.declined:
        return ()
    end = file.ending or Ending()
    blocks = (
        Para(f"{'、'.join(blank(p.name) for p in everyone(file))}：", style="plain"),
        Para(
            f"{short(file)}因{blank(file.dispute.subject, 3)}发生的纠纷，由本人民调解委员会于{day(file.accepted)}受理。"
        ),
        Para("因下列原因，现终止调解："),
        *told(end.reason, 3),
        *_routes(end),
        *_received(file, end),
    )
    return (paper(form="ended", title="终止人民调解告知书", number=file.number, blocks=blocks, on=end.on),)


def declined(file: File) -> tuple[Paper, ...]:
    """不予受理告知书: why this dispute is not for people's mediation, and where it is at home."""
    if file.ending is not None and not file.ending.declined:
        return ()
    end = file.ending or Ending(declined=True)
    asked = [party.name for party in everyone(file) if party.side == "applicant"]
    blocks = (
        Para(f"{'、'.join(blank(name) for name in asked) or BLANK * 2}：", style="plain"),
        Para(
            f"你（单位）于{day(file.applied)}就{blank(file.dispute.subject, 3)}提出的人民调解申请，因下列原因不予受理："
        ),
        *told(end.reason, 3),
        *_routes(end),
        *_received(file, end),
    )
    return (paper(form="declined", title="不予受理告知书", number=file.number, blocks=blocks, on=end.on),)


def _routes(end: Ending) -> tuple[Block, ...]:
    told_ = "人民调解不影响当事人通过其他途径维护自己的权利。你可以："
    return (Para(told_), *(Para(line) for line in counted(end.routes or ROUTES)))


def _received(file: File, end: Ending) -> tuple[Block, ...]:
    return (
        signing((*mediator_places(file), seal_place(file)), closing=day(end.on)),
        Head("签收"),
        signing(party_places(file, everyone(file)), dated=True),
    )
