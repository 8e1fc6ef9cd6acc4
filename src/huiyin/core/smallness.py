"""What may be told of small numbers (小数保护): those of a few people are hidden, and so is what gives them away."""

from collections.abc import Mapping

from msgspec import Struct

FAR = 10**9


class Figure(Struct, frozen=True):
    """A number, or that there are fewer than so many, or nothing at all where a number would give others away."""

    value: int | None = None
    few: bool = False


HIDDEN, FEW = Figure(), Figure(few=True)

Cells = Mapping[str, int]


def one(value: int, fewest: int) -> Figure:
    """A number by itself."""
    return FEW if 0 < value < fewest else Figure(value)


def column(cells: Cells, fewest: int, within: Cells | None = None) -> dict[str, Figure]:
    """The numbers of a column. `within` is what the same rows show of a part of it (thirty days of ninety): a
    difference of a few is not told either."""
    found = {key: one(value, fewest) for key, value in cells.items()}
    for key, part in (within or {}).items():
        rest = cells.get(key, 0) - part
        told = found.get(key, FEW).value is not None and one(part, fewest).value is not None
        if told and 0 < rest < fewest:
            found[key] = HIDDEN
    return found


def total(cells: Cells, shown: Mapping[str, Figure], fewest: int, part: int = 0) -> Figure:
    """The sum of a column; hidden where a hidden number of it could be worked out from it, or where it is only a few
    more than `part` of it that is told elsewhere."""
    whole = sum(cells.values())
    hidden = [figure for figure in shown.values() if figure.value is None]
    bounds = [(1, fewest - 1) if figure.few else (fewest, FAR) for figure in hidden]
    rest = whole - sum(figure.value or 0 for figure in shown.values())
    if _derivable(bounds, rest) or (part and 0 < whole - part < fewest):
        return HIDDEN
    return one(whole, fewest)


def beside(part: int, whole: int, fewest: int) -> Figure:
    """A part of a number that is told: hidden where what is left of it is of a few."""
    return HIDDEN if 0 < whole - part < fewest else one(part, fewest)


def _derivable(bounds: list[tuple[int, int]], rest: int) -> bool:
    """Whether one of some hidden numbers is the only one that fits their sum."""
    lows, highs = sum(low for low, _ in bounds), sum(high for _, high in bounds)
    return any(max(low, rest - (highs - high)) == min(high, rest - (lows - low)) for low, high in bounds)


class Share(Struct, frozen=True):
    """So many of so many; hidden where either, or what is left of it, is of a few."""

    part: int | None = None
    whole: int | None = None
    nothing: bool = False

    @property
    def percent(self) -> int | None:
        """Rounded; None where there is nothing to say."""
        return round(100 * self.part / self.whole) if self.part is not None and self.whole else None


def share(part: int, whole: int, fewest: int) -> Share:
    """A share that tells of nobody."""
    if whole == 0:
        return Share(nothing=True)
    if any(0 < few < fewest for few in (whole, part, whole - part)):
        return Share()
    return Share(part, whole)
