"""What a resident says while a case runs (催办、补充、受到压力): what they ask, and the steps that it leads to."""

from datetime import datetime

from msgspec import Struct

from huiyin.core.deadline import Due
from huiyin.core.ladder import Post, Standing
from huiyin.core.watch import Watch
from huiyin.core.words import Rung, Sealed


class Urge(Struct, frozen=True):
    """催办: whoever has it is reminded; the second time whoever is above sees it, too."""


class Add(Struct, frozen=True):
    """补充: more words to the complaint."""

    words: Sealed


class ReportPressure(Struct, frozen=True):
    """受到压力: somebody leans on the resident because they complained."""


class Urged(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.urged.v1"):
    """`times` at this post; `watcher` is the post above that looks at it from now on."""

    times: int
    at: datetime
    watcher: Post | None = None


class Added(Struct, frozen=True, tag_field="step", tag="ticket.added.v1"):
    words: Sealed


class Pressured(Struct, frozen=True, omit_defaults=True, tag_field="step", tag="ticket.pressured.v1"):
    """To the street at once, out of sight of the property company and of whoever had it: `posts`, and `persons` by
    their opaque ids. Nobody at a desk can undo it."""

    was: Rung | None
    standing: Standing
    sign: Watch
    resolve: Due
    posts: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()


Voicing = Urge | Add | ReportPressure
Voiced = Urged | Added | Pressured
