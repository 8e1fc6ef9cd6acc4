"""The file as one volume (卷宗): which papers a case has called for, in which order, and what is still missing."""

from msgspec import Struct

from huiyin.papers import binding
from huiyin.papers.blocks import Paper, Picture, Place, paper, signed, unsigned
from huiyin.papers.facts import Agreement, File, Scan
from huiyin.papers.forms import FORMS
from huiyin.papers.forms import made as papers_of

# The list stays in the file before what it lists; everywhere else the signed original stands for what was printed.
_BESIDE = frozenset({"evidence"})
OUTSIDE = frozenset({"cover", "contents", "note", "back"})


class Missing(Struct, frozen=True):
    """What the file lacks: a stable code, the form it belongs to, and a sentence for the clerk."""

    code: str
    form: str
    said: str


def called(file: File, form: str) -> bool:
    """Whether the case has come to where this form is due."""
    made, end, asked = file.agreement, file.ending, file.confirmation
    due = {
        "application": file.applied is not None or file.source == "application",
        "acceptance": file.accepted is not None,
        "declined": end is not None and end.declined,
        "rights": file.accepted is not None,
        "identity": file.accepted is not None,
        "evidence": bool(file.evidence),
        "agreement": made is not None and not made.oral,
        "oral": made is not None and made.oral,
        "ended": end is not None and not end.declined,
        "confirm_told": asked is not None and asked.told is not None,
        "confirm_apply": asked is not None and asked.applied is not None,
        "closing": file.closing is not None,
    }
    return due.get(form, form not in OUTSIDE)  # the others are made one for each that there is


def documents(file: File) -> tuple[Paper, ...]:
    """The papers inside: made out and marked, or as they were signed by hand, in the order of the file."""
    inside: list[Paper] = []
    for form in FORMS:
        if form not in OUTSIDE:
            inside += _of(file, form)
    return tuple(inside)


def _of(file: File, form: str) -> list[Paper]:
    scans = [scan for scan in file.scans if scan.form == form]
    instead = {scan.of for scan in scans} if form not in _BESIDE else set()
    made = papers_of(file, form) if called(file, form) else ()
    printed = [(one.of, signed(one, file.marks)) for one in made if one.of not in instead]
    order = {one.of: place for place, one in enumerate(made)}
    remarks = {one.of: one.remark for one in made}
    pages = [(scan.of, _scanned(file, scan, remarks.get(scan.of, ""))) for scan in scans]
    return [one for _, one in sorted(printed + pages, key=lambda pair: order.get(pair[0], len(order)))]


def _scanned(file: File, scan: Scan, remark: str) -> Paper:
    title = scan.title or FORMS[scan.form].title
    said = f"{remark} 原件" if remark else "原件"
    return paper(
        form=scan.form, of=scan.of, title=title, number=file.number, blocks=scan.pages, on=scan.on, remark=said
    )


def volume(file: File) -> tuple[Paper, ...]:
    """Cover, contents, every paper, the note that says what is missing, back: as the press takes them."""
    inside = documents(file)
    (note,) = binding.note(file, [one.said for one in missing(file)])
    lines = [binding.Line(one.title, str(number), one.remark) for number, one in enumerate((*inside, note), 1)]
    return (*binding.cover(file), *binding.contents(file, lines), *inside, note, *binding.back(file))


def _is_scan(one: Paper) -> bool:
    return bool(one.blocks) and all(isinstance(block, Picture) for block in one.blocks)


# -- what is missing ---------------------------------------------------------------------------------------


def missing(file: File) -> list[Missing]:
    """Everything that this file lacks to be archived (art. 27 and the forms' own rules); empty means complete."""
    return [*_of_the_case(file), *_of_the_end(file), *_of_the_agreement(file), *_of_signing(file), *_of_binding(file)]


def _lacks(pairs: list[tuple[bool, str, str, str]]) -> list[Missing]:
    return [Missing(code, form, said) for lacking, code, form, said in pairs if lacking]


def _of_the_case(file: File) -> list[Missing]:
    have = {one.form for one in documents(file)}
    sat = bool(file.sessions) or "record" in have
    failed = file.ending is not None
    return _lacks(
        [
            (not file.number, "number", "cover", "案号"),
            (len(file.parties) < 2, "parties", "cover", "至少两方当事人"),
            (not file.mediators and not _declined(file), "mediator", "cover", "人民调解员"),
            (not have & {"application", "acceptance"}, "beginning", "application", "人民调解申请书或者受理登记表"),
            (file.accepted is None and not _declined(file), "accepted", "acceptance", "受理日期"),
            (file.accepted is not None and file.told is None, "told", "rights", "权利义务告知日期"),
            (not sat and not failed, "record", "record", "人民调解记录"),
        ]
    )


def _declined(file: File) -> bool:
    return file.ending is not None and file.ending.declined


def _of_the_end(file: File) -> list[Missing]:
    made, end, asked = file.agreement, file.ending, file.confirmation
    form = "declined" if _declined(file) else "ended"
    ruled = any(scan.form == "ruling" for scan in file.scans)
    return _lacks(
        [
            (made is None and end is None, "outcome", "agreement", "协议书、口头协议登记表或者终止调解告知书"),
            (end is not None and not end.reason.strip(), "reason", form, "终止调解或者不予受理的原因"),
            (end is not None and end.on is None, "ending-date", form, "终止调解或者不予受理的日期"),
            (asked is not None and bool(asked.outcome) and not ruled, "ruling", "ruling", "人民法院裁定书"),
        ]
    )


def _of_the_agreement(file: File) -> list[Missing]:
    """What art. 29 wants an agreement to say, and the proof that it was performed once the case is closed."""
    made = file.agreement
    if made is None:
        return []
    form = "oral" if made.oral else "agreement"
    vague = [str(n) for n, one in enumerate(made.items, 1) if not (one.what and one.manner and one.place and one.due)]
    late = [str(n) for n, one in enumerate(made.items, 1) if file.closing and not (one.done or one.broken)]
    return _lacks(
        [
            (not made.facts.strip(), "facts", form, "协议：纠纷的主要事实"),
            (not made.issues.strip(), "issues", form, "协议：争议事项"),
            (not made.responsibility.strip() and not made.oral, "responsibility", form, "协议：各方当事人的责任"),
            (not any(term.strip() for term in made.terms), "terms", form, "协议内容"),
            (not made.items, "items", form, "协议：履行的方式、时间和地点"),
            (bool(vague), "item", form, f"协议第 {'、'.join(vague)} 项：履行的内容、方式、地点或者时限"),
            (made.on is None, "agreed-on", form, "达成协议的日期"),
            (bool(late), "unperformed", "performance", f"协议第 {'、'.join(late)} 项的履行凭证"),
        ]
    )


def _of_signing(file: File) -> list[Missing]:
    """Every place that is neither signed on screen nor in a scan of the signed sheet."""
    found = []
    for one in documents(file):
        if lacking := _wanted(file, one):
            who = "、".join(place.label.replace(" ", "") for place in lacking)
            found.append(Missing("unsigned", one.form, f"{one.title}{_which(one)}的签名盖章：{who}"))
        if one.form == "identity" and not _is_scan(one):
            found.append(Missing("identity", "identity", f"身份证明：{_whose(file, one.of)}"))
    return found


def _wanted(file: File, one: Paper) -> list[Place]:
    """Nobody signs as a recorder where nobody recorded; a list needs no name where what it lists is behind."""
    if one.form in _BESIDE and any(scan.form == one.form for scan in file.scans):
        return []
    return [place for place in unsigned(one) if place.key != "recorder" or " " in place.label]


def _which(one: Paper) -> str:
    return f"({one.remark})" if one.remark else ""


def _whose(file: File, of: str) -> str:
    return next((p.name for n, p in enumerate(file.parties, 1) if of in (p.ident or str(n),)), "当事人") or "当事人"


def _of_binding(file: File) -> list[Missing]:
    bound = file.binding
    return _lacks(
        [
            (not bound.retention.strip(), "retention", "cover", "保管期限"),
            (not bound.filed_by.strip(), "filed-by", "cover", "立卷人"),
            (bound.filed_on is None, "filed-on", "cover", "立卷日期"),
        ]
    )


def required(file: File) -> tuple[str, ...]:
    """The keys of the marks that the agreement takes effect by: each party, each mediator, the committee (art. 29)."""
    made = papers_of(file, "agreement") if not (file.agreement or Agreement()).oral else ()
    keys = [place.key for one in made for place in one.places]
    return tuple(key for key in keys if key.startswith(("party:", "mediator:")) or key == "committee")
