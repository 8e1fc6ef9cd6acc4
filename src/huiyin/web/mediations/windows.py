"""Who may open which window of mediation (调解的窗口), as in `web.who`; whose case it is, `finding` decides."""

from typing import Literal

from huiyin.core.people import Role

TABLE: dict[tuple[str, str], Literal["anyone"] | frozenset[Role]] = {}
