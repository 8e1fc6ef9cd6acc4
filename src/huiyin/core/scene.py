"""What every noun's decision stands on: who acts, who holds the posts, whose case it is; and refusing."""

from collections.abc import Sequence

from msgspec import Struct

from huiyin.core.staff import NOBODY, Party, Person, Staff, conflict
from huiyin.core.words import Actor

CLOCK = Actor("clock", "clock")
RESIDENT = Actor("resident", "resident")
SORTER = Actor("sorter", "sorter")
MACHINES = ("clock", "sorter")


class Refused(Exception):
    """What a noun does not allow; `code` is stable and becomes HTTP 409, or an acknowledged refusal. `offer` is the
    number of what could be done instead, "" where nothing is."""

    def __init__(self, code: str, offer: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.offer = offer


class Scene(Struct, frozen=True):
    """Who acts, who holds the posts, whose case it is."""

    by: Actor = SORTER
    staff: Staff = NOBODY
    parties: tuple[Party, ...] = ()

    def interested(self, parties: Sequence[Party]) -> bool:
        """Whether who acts has an interest between parties, by person or as the post that is complained about."""
        if self.by.post in accused(parties):
            return True
        person = self._person
        return person is not None and conflict(person, parties) is not None

    def holds(self, post: str) -> bool:
        """Whether who acts holds that post, too, as whichever they act now (交叉任职)."""
        person = self._person
        return person is not None and post in person.posts

    @property
    def _person(self) -> Person | None:
        here = self.staff.holdings.get(self.by.post, ()) if self.by.person else ()
        return next((one.person for one in here if one.person.id == self.by.person), None)


def accused(parties: Sequence[Party]) -> frozenset[str]:
    """The posts that are complained about, and those that were barred."""
    return frozenset(one.organisation for one in parties if one.role != "complainant" and one.organisation)
