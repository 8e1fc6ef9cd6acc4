"""What came of a case as papers are filled from it (结果): agreement, end, visits, the court, the closing, the file."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from huiyin.core.calendar import local
from huiyin.core.deadline import Due
from huiyin.core.mediation import Mediation
from huiyin.core.mediation.state import Owed
from huiyin.core.mediation.steps_agreed import Ended, Visited
from huiyin.papers import facts
from huiyin.papers.facts import File
from huiyin.papers.words import day
from huiyin.web.mediations.file import Desk

_MANNERS = {"money": "给付款项", "thing": "交付物品", "work": "施工或者修缮", "conduct": "为或者不为一定行为",
            "apology": "赔礼道歉"}  # fmt: skip
_CLOSED = ("performed", "ended", "archived")


def came_of(one: Mediation, desk: Desk, file: File) -> File:
    """The file with how it came out; of a danger nothing."""
    return replace(
        file,
        agreement=_agreement(one, desk),
        ending=_ending(one.ending, desk) if one.ending else None,
        visits=tuple(_visit(n, each, one, desk) for n, each in enumerate(one.visits, 1)),
        confirmation=_confirmation(one, desk),
        closing=_closing(one, desk) if one.state in _CLOSED else None,
        binding=facts.Binding(
            filed_by=desk.filer, filed_on=desk.past.filed, retention=desk.retention, notes=_notes(one, desk)
        ),
    )


def _agreement(case: Mediation, desk: Desk) -> facts.Agreement | None:
    one = case.agreement
    if one is None or case.ending is not None:  # what nobody signed in time is no document of the file
        return None
    said = one.terms
    return facts.Agreement(
        oral=one.form == "oral",
        partial=said.partial,
        facts=desk.said(said.facts),
        issues=desk.said(said.issues),
        responsibility=desk.said(said.responsibility),
        terms=(desk.said(said.content),),
        items=tuple(_item(each, desk) for each in one.owed),
        left_open=desk.said(said.left),
        on=local(one.at),
        effective=local(one.effective_at) if one.effective_at else None,
    )


def _item(one: Owed, desk: Desk) -> facts.Item:
    item, shots = one.item, len(one.evidence)
    return facts.Item(
        by=desk.name(item.owes),
        to=desk.name(item.owed),
        what=desk.said(item.words),
        manner=_MANNERS.get(item.manner, ""),
        place=desk.said(item.place),
        due=item.until,
        done=local(one.at) if one.at and one.done == "whole" else None,
        proof=f"照片 {shots} 张" if shots else "",
        broken=one.breached is not None,
    )


def _ending(one: Ended, desk: Desk) -> facts.Ending:
    routes = tuple(desk.word("routes", each) for each in one.routes)
    reason = "、".join(desk.word("bars", each) for each in one.bars) or desk.word("reason", one.reason)
    return facts.Ending(declined=one.reason == "declined", on=local(one.at), reason=f"{reason}。", routes=routes)


def _visit(n: int, one: Visited, case: Mediation, desk: Desk) -> facts.Visit:
    return facts.Visit(
        ident=str(n),
        on=local(one.at),
        parties=tuple(map(desk.name, one.parties)),
        performed="\n".join(filter(None, (f"{desk.word('kept', one.kept)}。", desk.said(one.words)))),
        satisfied=f"{one.satisfied} 分(满分 5 分)" if one.satisfied else "",
        lawsuit="\n".join(filter(None, (desk.said(one.lawsuit), _sued(case, desk)))),
        risks=desk.said(one.hazards),
        visitor=desk.staff.get(one.by, ""),
    )


def _sued(one: Mediation, desk: Desk) -> str:
    return f"{'、'.join(map(desk.name, one.sued))}已就协议向人民法院起诉。" if one.sued else ""


def _confirmation(one: Mediation, desk: Desk) -> facts.Confirmation | None:
    """Where an agreement has effect: until when the court may be asked, and what it said."""
    if one.confirm_by is None:
        return None
    ruled = one.confirmation in ("confirmed", "refused", "withdrawn")
    told = [line.confirm_told.at for line in one.lines if line.confirm_told]
    return facts.Confirmation(
        court=desk.said(one.court),
        told=local(max(told)) if len(told) == len(one.lines) else None,
        last_day=local(_before(one.confirm_by)),
        applied=desk.past.asked,
        outcome=desk.word("ruling", one.confirmation) if ruled else "",
        ruling=desk.said(one.confirm_words),
    )


def _before(due: Due) -> datetime:
    """A moment of the last day: a day ends as the next one begins."""
    return due.at - timedelta(microseconds=1)


def _closing(one: Mediation, desk: Desk) -> facts.Closing:
    """Closed is when all is performed, or when it ended otherwise (DOMAIN 3.3)."""
    over = local(one.ending.at) if one.ending else desk.past.fulfilled or desk.past.filed
    first = next((desk.staff.get(each.person, "") for each in one.mediators), "")
    return facts.Closing(on=over, handler=first, result=_result(one, desk))


def _result(one: Mediation, desk: Desk) -> str:
    made = one.agreement
    if one.ending is not None:
        return f"没有达成协议：{desk.word('reason', one.ending.reason)}。已告知其他解决途径。"
    if made is None:
        return ""
    done = sum(each.done == "whole" for each in made.owed)
    kind = "口头" if made.form == "oral" else "书面"
    said = [f"达成{kind}{'部分' if made.terms.partial else ''}协议"]
    said += [f"{day(local(made.effective_at))}生效"] if made.effective_at else []
    said += [f"约定 {len(made.owed)} 项，履行完毕 {done} 项"] if made.owed else []
    if one.confirmation in ("confirmed", "refused", "withdrawn"):
        said.append(f"司法确认：{desk.word('ruling', one.confirmation)}")
    return "，".join(said) + "。" + _sued(one, desk)


def _notes(one: Mediation, desk: Desk) -> tuple[str, ...]:
    """What is special about a file; of a danger and of reports nothing: they are no part of the bound file."""
    said = [f"经各方当事人同意，调解期限延长 {days} 日。" for days in desk.past.longer]
    said += [f"人民调解员{desk.staff.get(each.person, '')}退出调解：{desk.word('reason', each.reason)}。"
             for each in one.gone]  # fmt: skip
    said += [f"纠纷再起,另案调解：{number}。" for number in one.resurfaced]
    said += [f"本案由 {one.before} 号调解的同一纠纷再起而来。"] if one.before else []
    owed = one.agreement.owed if one.agreement else ()
    broken = [str(n) for n, each in enumerate(owed, 1) if each.breached]
    said += [f"协议第 {'、'.join(broken)} 项逾期未履行，已告知当事人其他解决途径。"] if broken else []
    return (*said, *filter(None, [_sued(one, desk)]))
