"""What a mediation's codes and people are called (叫法) on its pages: the words of its log; who is who by sight."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from huiyin.core.mediation.state import Line
from huiyin.mediation_story import NTH
from huiyin.story import load_words

_WORDS = "mediation_story.toml"
KINDS = {"person": "个人", "organisation": "单位", "group": "人数众多的一方"}


def word(field: str, code: str) -> str:
    """A code in the words of the mediation's log."""
    return load_words(_WORDS).words.get(field, {}).get(code, code)


def words(field: str, codes: Sequence[str]) -> dict[str, str]:
    """Some codes with their words, in their order."""
    return {code: word(field, code) for code in codes}


class Callers(Struct, frozen=True):
    """What the people of one case are called before one viewer: `names` are of the vault, for its mediators alone;
    `staff` are the accounts of those who mediate."""

    lines: tuple[Line, ...]
    names: Mapping[str, str]
    staff: Mapping[str, str]

    def party(self, ident: str) -> str:
        """By name and side; without the name 当事人甲, as in the log."""
        n = next((n for n, one in enumerate(self.lines) if one.party == ident), None)
        if n is None:
            return "当事人"
        name = self.names.get(ident) or f"当事人{NTH[n] if n < len(NTH) else n + 1}"
        return f"{name}({self.side(self.lines[n])})"

    def side(self, line: Line) -> str:
        return "申请人" if line.applicant else "被申请人"

    def person(self, ident: str, otherwise: str) -> str:
        """Somebody else of the case."""
        return self.names.get(ident) or otherwise

    def mediator(self, person: str) -> str:
        return self.staff.get(person) or "调解员"
