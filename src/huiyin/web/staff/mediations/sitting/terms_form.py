"""The form of an agreement's terms (协议条款表单): from what was typed to an order, from a draft back to the form."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from huiyin.web.staff.mediations.sitting.amounts import AMOUNT, priced, unpriced

ROWS = 5  # items that are there without a script
MOST = 20
# name, label, help
TEXTS = (
    ("facts", "纠纷的主要事实", "时间、地点、经过、后果。"),
    ("issues", "争议事项", "各方要求什么,争的是什么。"),
    ("responsibility", "各方责任", "各方认可的责任;不分责任的,写“各方自愿,不分责任”。"),
    ("content", "协议内容", "一句话说明怎样解决;具体的写在下面的履行事项里。"),
)
MANNERS = {"money": "付钱", "thing": "交付物品", "work": "施工、修缮", "conduct": "做或者不做某事",
           "apology": "赔礼道歉", "other": "其他"}  # fmt: skip
_FIELDS = ("owes", "owed", "what", "amount", "manner", "place", "until")
_TYPED = ("what", "amount", "place", "until")
# What art. 29 lists, and which fields say it.
ELEMENTS = {"facts": "主要事实", "issues": "争议事项", "responsibility": "各方责任", "content": "协议内容",
            "items": "履行方式和期限", "place": "履行地点"}  # fmt: skip
_ROW = re.compile(r"(?:" + "|".join(_FIELDS) + r")-([0-9]{1,2})")


class Item(Struct, frozen=True):
    """One row as it was typed; `n` names its fields."""

    n: int
    owes: str = ""
    owed: str = ""
    what: str = ""
    amount: str = ""
    manner: str = ""
    place: str = ""
    until: str = ""

    @property
    def begun(self) -> bool:
        return any(getattr(self, name) for name in _TYPED)


def items(said: Mapping[str, str]) -> list[Item]:
    """The rows of a form in their order, empty ones left out."""
    numbers = sorted({int(found[1]) for name in said if (found := _ROW.fullmatch(name))})
    rows = [Item(n, **{field: said.get(f"{field}-{n}", "") for field in _FIELDS}) for n in numbers]
    return [one for one in rows if one.begun][:MOST]


def padded(rows: Sequence[Item], first: str, second: str) -> list[Item]:
    """With empty rows to write on; who applied is owed, as a rule."""
    kept = [Item(n, **{name: getattr(one, name) for name in _FIELDS}) for n, one in enumerate(rows, 1)]
    return kept + [Item(n, second, first) for n in range(len(kept) + 1, max(ROWS, len(kept) + 1) + 1)]


def faults(said: Mapping[str, str], parties: Collection[str], today: date) -> dict[str, str]:
    """Field → what is wrong with it, as far as the form itself can tell: art. 29, row by row; nothing that is still to
    be done is due before the day that it is written down."""
    found = {name: f"请填写“{label}”。" for name, label, _ in TEXTS if not said.get(name)}
    rows = items(said)
    if not rows and said.get("none") != "yes":
        found["what-1"] = "请至少写一项要履行的事;没有的,请勾选“没有要履行的”。"
    for one in rows:
        found |= _faults(one, parties, today)
    if said.get("partial") and not said.get("left"):
        found["left"] = "请写明哪些还没有达成一致。"
    return found


def _faults(one: Item, parties: Collection[str], today: date) -> dict[str, str]:
    n, wrong = one.n, {}
    if one.owes == one.owed or not {one.owes, one.owed} <= set(parties):
        wrong[f"owes-{n}"] = f"第 {n} 项:请选择谁向谁履行,两边不能是同一方。"
    if not one.what:
        wrong[f"what-{n}"] = f"第 {n} 项:请写明做什么。"
    if one.amount and not AMOUNT.fullmatch(one.amount):
        wrong[f"amount-{n}"] = f"第 {n} 项:金额只写数字,如 3000 或 3000.50。"
    if not one.place:
        wrong[f"place-{n}"] = f"第 {n} 项:请写明在哪里履行;转账的写收款方式。"
    if (day := _day(one.until)) is None:
        wrong[f"until-{n}"] = f"第 {n} 项:请写明最迟哪一天。"
    elif day < today:
        wrong[f"until-{n}"] = f"第 {n} 项:这一天已经过了,请核对;已经做完的写在“协议内容”里。"
    return wrong


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def body(said: Mapping[str, str]) -> dict[str, Any]:
    """The order `draft`."""
    texts = {name: said.get(name, "") for name, _, _ in TEXTS}
    return {
        "terms": {
            **texts,
            "items": [_item(n, one) for n, one in enumerate(items(said), 1)],
            "insist": said.get("insist") == "yes",
            "partial": said.get("partial") == "yes",
            "left": said.get("left") or None if said.get("partial") == "yes" else None,
        }
    }


def _item(n: int, one: Item) -> dict[str, Any]:
    return {
        "item": f"i{n}",
        "owes": one.owes,
        "owed": one.owed,
        "text": priced(one.what, one.amount),
        "manner": one.manner if one.manner in MANNERS else "other",
        "until": one.until,
        "place": one.place,
    }


def looked_at(said: Mapping[str, str]) -> dict[str, str]:
    """The fields whose words are looked over, with what they say."""
    texts = {name: said.get(name, "") for name in (*(one for one, _, _ in TEXTS), "left")}
    rows = {f"{name}-{one.n}": getattr(one, name) for one in items(said) for name in ("what", "place")}
    return {name: words for name, words in (texts | rows).items() if words}


def filled(terms: Mapping[str, Any]) -> dict[str, str]:
    """A form as it would have been typed, from the terms that were drafted last."""
    said = {name: terms.get(name) or "" for name in (*(one for one, _, _ in TEXTS), "left")}
    for n, one in enumerate(terms["items"], 1):
        what, amount = unpriced(one["words"] or "")
        row = {"what": what, "amount": amount} | {name: str(one[name] or "") for name in _FIELDS if name in one}
        said |= {f"{name}-{n}": value for name, value in row.items()}
    ticks = [name for name in ("insist", "partial") if terms[name]] + ([] if terms["items"] else ["none"])
    return said | dict.fromkeys(ticks, "yes")
