"""What a list of tickets is asked for (筛选): the same filters for the API and for the page, read in one place."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta, Struct

from huiyin.core.catalogue import Catalogue
from huiyin.core.state import State
from huiyin.core.words import Rung, Urgency
from huiyin.store import lists
from huiyin.web.problems import Problem

Code = Annotated[str, Meta(max_length=64)]


class Wanted(Struct, frozen=True):
    """None: not asked for. The names are those of the address."""

    state: State | None = None
    open: bool | None = None
    rung: Rung | None = None
    grid: Code | None = None
    community: Code | None = None
    category: Code | None = None
    overdue: bool | None = None
    urgency: Urgency | None = None
    supervised: bool | None = None
    q: Code | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From an address or a form; what is empty or unknown is not asked for. Raises Problem."""
        given = {name: query[name].strip() for name in cls.__struct_fields__ if query.get(name, "").strip()}
        try:
            return msgspec.convert(given, cls, strict=False)
        except msgspec.ValidationError:
            raise Problem("bad-query") from None

    def given(self) -> dict[str, str]:
        """What is asked for, as it stands in an address."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: _plain(value) for name, value in values.items() if value is not None}

    def asked(self, catalogue: Catalogue) -> dict[str, Any]:
        """For `store.lists`; raises Problem for what no column can hold."""
        values = {name: getattr(self, name) for name in self.__struct_fields__} | {"q": self.q or None}
        if any("\0" in value for value in values.values() if isinstance(value, str)):
            raise Problem("bad-query")
        return values | {"leaves": lists.meant(catalogue, self.q) if self.q else None}


def _plain(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value
