"""What the forms ask of a party besides name and home (身份信息): in the vault alone, printed for its mediators."""

import re
import unicodedata
from datetime import date, datetime

from msgspec.structs import asdict, replace

from huiyin.core.registry import Registry
from huiyin.store.vault import Dossier, Particulars
from huiyin.web.mediations.bodies import Identity
from huiyin.web.problems import CODES, Problem

CODES["id-number-wrong"] = (422, "身份证号码有误,请对照证件核对")
# GB 11643: seventeen digits, eight of them a day of birth, one that tells sex; what the last one must be by their sum.
_CARD = re.compile(r"\d{6}(\d{8})\d\d(\d)[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_LAST = "10X98765432"
_FIRST = date(1900, 1, 1)


def of(who: Identity) -> Particulars | None:
    """As they are kept; the number of an identity card says the day of birth and the sex by itself. None where nothing
    was said; raises Problem for a number that no card has."""
    number = "".join(unicodedata.normalize("NFKC", who.id_number).split()).upper()
    born, sex = _card(number)
    found = Particulars(
        sex=who.sex or sex,
        ethnicity=who.ethnicity.strip(),
        born=who.born or born,
        occupation=who.occupation.strip(),
        id_number=number,
        head=who.head.strip(),
    )
    return found if found != Particulars() else None


def _card(number: str) -> tuple[date | None, str]:
    """What a card's number says; nothing where it is of another kind (a passport, an organisation)."""
    card = _CARD.fullmatch(number)
    born = _day(card[1]) if card else None
    if card is None or born is None:
        return None, ""
    if number[-1] != _LAST[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]:
        raise Problem("id-number-wrong", field="id_number")
    return born, "男" if int(card[2]) % 2 else "女"


def _day(digits: str) -> date | None:
    try:
        day = datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007  # a day of birth has no zone
    except ValueError:
        return None
    return day if day >= _FIRST else None


def completed(who: Identity, known: Particulars | None) -> Identity:
    """With what was known where nothing is said; a new card says sex and day of birth anew."""
    anew = ("sex", "born") if _card(who.id_number)[0] else ()
    some = asdict(known or Particulars()).items()
    return replace(who, **{name: value for name, value in some if name not in anew and not getattr(who, name)})


def home(known: Dossier | None, registry: Registry) -> str:
    """Where somebody lives, as one writes it; "" where it is not known."""
    place = known.place if known and isinstance(known.place, dict) else {}
    building = registry.buildings.get(str(place.get("building_code", "")))
    estate = registry.estates.get(building.estate_code) if building else None
    house = f"{estate.name if estate else ''}{building.name}" if building else ""
    room = str(place.get("room") or "")
    return str(place.get("address") or "") or house + (f"{room}室" if room.isdigit() else room)


def age(known: Particulars | None, on: date) -> int | None:
    """周岁 on a day."""
    born = known.born if known else None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) if born and born <= on else None
