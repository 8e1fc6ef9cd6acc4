"""Every form of people's mediation by its code: what it is called, where it stands in the file, who makes it."""

from collections.abc import Callable

from msgspec import Struct

from huiyin.papers import afterwards, binding, opening, settling, sitting
from huiyin.papers.blocks import Paper
from huiyin.papers.facts import File


class Form(Struct, frozen=True):
    """`make` answers one paper, one for each of several, or none; `empty` makes one to be filled in by hand."""

    title: str
    make: Callable[[File], tuple[Paper, ...]]
    empty: Callable[[File], Paper] | None = None


def _of_scans_only(file: File) -> tuple[Paper, ...]:
    return ()


# In the order in which they lie in the file.
FORMS: dict[str, Form] = {
    "cover": Form("卷宗封面", binding.cover),
    "contents": Form("卷内目录", binding.contents),
    "application": Form("人民调解申请书", opening.application),
    "acceptance": Form("人民调解受理登记表", opening.acceptance),
    "declined": Form("不予受理告知书", settling.declined),
    "rights": Form("人民调解当事人权利义务告知书", opening.rights),
    "identity": Form("身份证明", opening.identity),
    "authority": Form("授权委托书", opening.authority, opening.blank_authority),
    "investigation": Form("人民调解调查记录", sitting.investigation, sitting.blank_investigation),
    "evidence": Form("证据材料", sitting.evidence),
    "record": Form("人民调解记录", sitting.record, sitting.blank_record),
    "agreement": Form("人民调解协议书", settling.agreement),
    "oral": Form("人民调解口头协议登记表", settling.oral),
    "ended": Form("终止人民调解告知书", settling.ended),
    "performance": Form("履行凭证", afterwards.performance, afterwards.blank_receipt),
    "visit": Form("人民调解回访记录", afterwards.visit, afterwards.blank_visit),
    "confirm_told": Form("司法确认权利告知书", afterwards.confirm_told),
    "confirm_apply": Form("司法确认申请书", afterwards.confirm_apply),
    "ruling": Form("人民法院裁定书", _of_scans_only),
    "closing": Form("人民调解结案报告表", afterwards.closing),
    "note": Form("卷宗情况说明", binding.note),
    "back": Form("封底", binding.back),
}


def made(file: File, form: str) -> tuple[Paper, ...]:
    """The papers of one form that this case has: as they were marked, else made out."""
    return tuple(one for one in file.fixed if one.form == form) or FORMS[form].make(file)


def papers(file: File, form: str) -> tuple[Paper, ...]:
    """All papers of one form of this case; the form to fill in by hand where the case has none of several."""
    return made(file, form) or by_hand(file, form)


def by_hand(file: File, form: str) -> tuple[Paper, ...]:
    """One of a form of which a case may have any number, to be filled in by hand; () of all others."""
    empty = FORMS[form].empty
    return (empty(file),) if empty is not None else ()
