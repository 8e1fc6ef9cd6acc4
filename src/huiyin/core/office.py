"""What is done in the office (管理) beside giving posts: accounts, sessions, dead letters, the rulebook's files."""

from typing import Literal

from msgspec import Struct

from huiyin.core.people import Role


class AccountOpened(Struct, frozen=True, tag_field="step", tag="account.opened.v1"):
    """A person, by an opaque id, may log in from now on; their post of every day."""

    person: str
    post: str
    role: Role


class AccountClosed(Struct, frozen=True, tag_field="step", tag="account.closed.v1"):
    """They may not any more; what they hold ends by steps of its own."""

    person: str


class AccountCalled(Struct, frozen=True, tag_field="step", tag="account.called.v1"):
    """What their person is called is otherwise from now on, on papers and before parties; the name is in no log."""

    person: str


class CodesRenewed(Struct, frozen=True, tag_field="step", tag="account.codes_renewed.v1"):
    """Another secret for their one-time codes (动态口令); the old one is worth nothing."""

    person: str


class SessionsEnded(Struct, frozen=True, tag_field="step", tag="account.sessions_ended.v1"):
    """So many open sessions of theirs were ended by somebody."""

    person: str
    sessions: int


class LetterRevealed(Struct, frozen=True, tag_field="step", tag="letter.revealed.v1"):
    """Somebody read the whole of a dead letter (死信), which may hold a resident's words."""

    letter: int
    purpose: Literal["repair", "dispute"]


class LetterReplayed(Struct, frozen=True, tag_field="step", tag="letter.replayed.v1"):
    """A dead letter is sent again to where it came from."""

    letter: int


class RuleFile(Struct, frozen=True):
    """A file of the rulebook by its hash; `own`: the city's in the place of the shipped one."""

    file: str
    digest: str
    own: bool


class RulebookStands(Struct, frozen=True, tag_field="step", tag="rulebook.stands.v1"):
    """From now on it is decided under this version; registry and calendar have steps of their own beside it."""

    version: str
    files: tuple[RuleFile, ...]


OfficeStep = (
    AccountOpened
    | AccountClosed
    | AccountCalled
    | CodesRenewed
    | SessionsEnded
    | LetterRevealed
    | LetterReplayed
    | RulebookStands
)


def stands(version: str, files: tuple[RuleFile, ...], before: RulebookStands | None) -> list[RulebookStands]:
    """The step of a rulebook that stands; none where it stood before."""
    return [] if before is not None and before.version == version else [RulebookStands(version, files)]
