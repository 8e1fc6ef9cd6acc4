"""The forms of the work itself: investigation, evidence, the record of a sitting (调查记录 证据材料 调解记录)."""

from huiyin.papers.blocks import Block, Cell, Grid, Head, Paper, Para, Place, Row, paper
from huiyin.papers.facts import Exhibit, File, Investigation, Session
from huiyin.papers.pieces import (
    SIGN,
    everyone,
    mediator_places,
    mediators,
    party_places,
    pen_place,
    row,
    ruled,
    short,
    signing,
    spoken,
    told,
)
from huiyin.papers.words import BLANK, blank, counted, date_of, day, moment, named


def investigation(file: File) -> tuple[Paper, ...]:
    """人民调解调查记录, one for each that was made."""
    return tuple(_investigation(file, one, number) for number, one in enumerate(file.investigations, 1))


def blank_investigation(file: File) -> Paper:
    """The form to take along."""
    return _investigation(file, Investigation(), 1)


def _investigation(file: File, one: Investigation, number: int) -> Paper:
    rows = (
        row(("时间", moment(one.at)), ("地点", blank(one.place))),
        row(("在场人", named(one.present)), last=3),
        row(("被调查人", blank(one.questioned)), ("联系方式", blank(one.contact))),
        row(("与纠纷的关系", blank(one.relation)), last=3),
        row(("调查人", blank(one.investigator)), ("记录人", blank(one.recorder))),
    )
    blocks = (
        Grid((4, 7, 4, 5), rows),
        Head("调查内容"),
        *spoken(one.statements, 12),
        Para("以上记录已经被调查人核对（或者向其宣读），与所述一致。"),
        signing(
            (Place("questioned", f"被调查人 {one.questioned}", SIGN),),
            (pen_place("investigator", "调查人", one.investigator), pen_place("recorder", "记录人", one.recorder)),
        ),
    )
    title = "人民调解调查记录"
    of, on = one.ident or str(number), date_of(one.at)
    return paper(
        form="investigation", of=of, title=title, number=file.number, blocks=blocks, on=on, remark=one.questioned
    )


def evidence(file: File) -> tuple[Paper, ...]:
    """证据材料: the list; what was handed in follows it in the file."""
    names = ("序号", "证据名称", "种类", "提交人", "证明内容", "页数", "原件", "提交日期")
    head = Row(tuple(Cell(name, style="label") for name in names))
    rows = [_exhibit(number, one) for number, one in enumerate(file.evidence or (Exhibit(),) * 8, 1)]
    blocks = (
        Grid((3, 8, 4, 6, 8, 3, 4, 7), (head, *rows), header=True),
        signing((pen_place("submitter", "提交人", ""), pen_place("receiver", "接收人", ""))),
    )
    return (paper(form="evidence", title="证据材料清单", number=file.number, blocks=blocks),)


def _exhibit(number: int, one: Exhibit) -> Row:
    original = {None: "", True: "原件", False: "复印件"}[one.original]
    sheets = "" if one.sheets is None else str(one.sheets)
    on = "" if one.on is None else one.on.isoformat()
    cells = (str(number), one.title, one.kind, one.by, one.proves, sheets, original, on)
    return Row(tuple(Cell(text, style="centre" if place in {0, 5, 6} else "value") for place, text in enumerate(cells)))


def record(file: File) -> tuple[Paper, ...]:
    """人民调解记录 (art. 27), one for each sitting."""
    return tuple(_record(file, one, number) for number, one in enumerate(file.sessions, 1))


def blank_record(file: File) -> Paper:
    """The form for a sitting that is recorded by hand."""
    return _record(file, Session(), len(file.sessions) + 1)


def _record(file: File, one: Session, number: int) -> Paper:
    recorder = one.recorder or ("" if one.began else file.recorder)
    came = one.parties or tuple(party.name for party in file.parties)
    where = blank(one.place, 3) + ("（在线）" if one.online else "")
    rows = (
        row(("时间", f"{moment(one.began)}至{moment(one.ended)}"), last=3),
        row(("地点", where), ("公开", ("公开" if one.open else "不公开") if one.began else "□ 公开 □ 不公开")),
        row(("事由", f"{short(file)}：{blank(file.dispute.subject)}"), last=3),
        row(("当事人", named(came)), last=3),
        row(("参加人", named(one.others)), last=3),
        row(("人民调解员", named(m.name for m in mediators(file))), ("记录人", blank(recorder))),
    )
    blocks = (
        Para(f"第 {number} 次调解", style="centre"),
        Grid((4, 7, 4, 5), rows),
        *_said(one),
        Para("以上记录已经当事人核对（或者向其宣读），与所述一致。"),
        signing(
            party_places(file, everyone(file)),
            mediator_places(file),
            (pen_place("recorder", "记录人", recorder),),
        ),
    )
    of, on, which = one.ident or str(number), date_of(one.began), f"第 {number} 次调解"
    return paper(form="record", of=of, title="人民调解记录", number=file.number, blocks=blocks, on=on, remark=which)


def _said(one: Session) -> tuple[Block, ...]:
    """In the order of a sitting: told, heard, undisputed, checked, offered, how it ended."""
    checked: tuple[Block, ...] = (Head("核实情况和风险提示"), Para(one.checked)) if one.checked.strip() else ()
    return (
        Para("调解开始前，人民调解员已告知当事人人民调解的性质、原则、效力和当事人的权利、义务。"),
        Head("调解内容"),
        *spoken(one.statements, 10),
        *_listed("当事人无争议的事实", one.undisputed),
        *checked,
        *_listed("当事人提出的方案", one.offers),
        Head("调解结果"),
        *(told(one.result) if one.result.strip() else _results()),
    )


def _listed(head: str, items: tuple[str, ...]) -> tuple[Block, ...]:
    return (Head(head), *(Para(line) for line in counted(items))) if items else ()


def _results() -> tuple[Block, ...]:
    """The boxes to tick; a failure says why, and that the other ways were told (art. 26)."""
    return (
        Para("□ 达成调解协议 □ 达成部分协议 □ 另行约期调解 □ 调解不成", style="plain"),
        Para(f"调解不成的原因：{BLANK * 6}", style="plain"),
        Para("□ 已告知当事人可以依法通过仲裁、行政、司法等途径维护自己的权利", style="plain"),
        Para(f"下次调解时间：{day(None)}", style="plain"),
        *ruled(2),
    )
