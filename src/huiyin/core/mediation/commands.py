"""What may be asked of a mediation (人民调解): commands, imperative; words come sealed, people as opaque ids."""

from datetime import datetime

from msgspec import Struct

from huiyin.core.mediation.commands_agreed import (
    AgreeOrally,
    AnswerMeeting,
    ApplyConfirmation,
    Archive,
    AskMeeting,
    Breach,
    DeliverRoutes,
    Draft,
    Enclose,
    End,
    LinkBack,
    Mark,
    NoteWhistle,
    Perform,
    RecordRuling,
    Sue,
    TellConfirmation,
    Visit,
)
from huiyin.core.mediation.kinds import (
    Bar,
    Body,
    Coming,
    Committee,
    Helper,
    How,
    Leaving,
    Matter,
    Purpose,
    Referrer,
    Risk,
    Side,
    Source,
    Statement,
)
from huiyin.core.mediation.number import CaseNumber
from huiyin.core.words import Sealed

# -- opening ----------------------------------------------------------------------------------------------


class Apply(Struct, frozen=True):
    """申请、移送、主动调解; `before` is an earlier mediation whose dispute flared up again, `requests` what is
    asked for (申请事项), one by one."""

    number: str
    committee: str
    kind: Committee
    source: Source
    category: str
    words: Sealed
    sides: tuple[Side, ...]
    ticket: str | None = None
    referrer: Referrer | None = None
    before: str | None = None
    requests: tuple[Sealed, ...] = ()


class Check(Struct, frozen=True):
    """The registrar's look at what may not be accepted; `civil`: only the civil damage is to be mediated."""

    bars: tuple[Bar, ...] = ()
    civil: bool = False


class Accept(Struct, frozen=True):
    """受理; the number comes from the committee's counter of the year, in the same transaction."""

    case: CaseNumber


class Decline(Struct, frozen=True):
    """不予受理, for what the check found."""

    words: Sealed


# -- the parties ------------------------------------------------------------------------------------------


class Identify(Struct, frozen=True):
    """Who a party is became known, or better known: their record in the vault."""

    party: str
    words: Sealed


class Consent(Struct, frozen=True):
    """A party is willing (art. 17); `by` the agent or representative who says so, "" the party itself."""

    party: str
    how: How
    by: str = ""


class Refuse(Struct, frozen=True):
    """A party is not willing, before acceptance: that ends it."""

    party: str
    how: How
    by: str = ""


class Stop(Struct, frozen=True):
    """A party has had enough (art. 23): at any time until effect; before acceptance it is a refusal."""

    party: str
    how: How
    by: str = ""


class RenewCode(Struct, frozen=True):
    """A party lost its code (查询码) and gets another; the code itself is in no command."""

    party: str


class LookUp(Struct, frozen=True):
    """查看联系方式: one party's name, phone and home, once."""

    party: str
    purpose: Purpose


class NotifyRights(Struct, frozen=True):
    """权利义务告知: nature, principles, effect, rights and duties."""

    party: str
    how: How


class Empower(Struct, frozen=True):
    """授权委托; only with `special` authority an agent consents, settles and signs."""

    party: str
    agent: str
    words: Sealed
    special: bool = False


class Represent(Struct, frozen=True):
    """A group chooses who speaks for it, at most five (宁波 20)."""

    party: str
    persons: tuple[str, ...]


class Invite(Struct, frozen=True):
    """Somebody who may help (art. 20), once every party agrees."""

    person: str
    helper: Helper


class Answer(Struct, frozen=True):
    """A party's yes or no to what only all together may allow; `of` is the person, or how many days. The last answer
    counts; a no to a mediator is a challenge, and the mediator withdraws (深圳 23)."""

    party: str
    matter: Matter
    yes: bool
    of: str = ""
    by: str = ""


# -- the mediators ----------------------------------------------------------------------------------------


class Assign(Struct, frozen=True):
    """A mediator of the committee's register; `chosen` by the parties, all of whom said yes, or else assigned."""

    person: str
    chosen: bool = False


class Disclose(Struct, frozen=True):
    """A mediator tells the parties what might touch their trust."""

    words: Sealed


class Release(Struct, frozen=True):
    """A mediator goes: withdraws, or cannot."""

    person: str
    reason: Leaving


# -- sessions ---------------------------------------------------------------------------------------------


class Plan(Struct, frozen=True):
    """The next session; without a venue at the committee's."""

    at: datetime
    online: bool = False
    venue: Sealed | None = None


class Reply(Struct, frozen=True):
    """A party's answer to an invitation."""

    party: str
    session: int
    coming: Coming


class Hold(Struct, frozen=True):
    """What a session came to; without `session` it took place on the spot (art. 21). Statements and offers are kept
    per party, `undisputed` is what both sides say; `ended` when it was over, `recorder` who wrote it down."""

    began: datetime
    present: tuple[str, ...]
    minutes: Sealed
    session: int | None = None
    invitees: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    offers: tuple[Statement, ...] = ()
    undisputed: tuple[Sealed, ...] = ()
    ended: datetime | None = None
    recorder: Sealed | None = None


class Adjourn(Struct, frozen=True):
    """A planned session does not take place."""

    session: int
    words: Sealed


class Confide(Struct, frozen=True):
    """背对背: what a party told the mediator alone; nobody else ever reads it."""

    party: str
    words: Sealed


class Investigate(Struct, frozen=True):
    """调查记录: a mediator asked somebody (`questioned`, and what they have to do with it), or looked at a place."""

    at: datetime
    place: Sealed
    questioned: Sealed
    words: Sealed
    relation: Sealed | None = None
    reach: Sealed | None = None
    present: Sealed | None = None
    recorder: Sealed | None = None


# -- danger -----------------------------------------------------------------------------------------------


class FlagRisk(Struct, frozen=True):
    """It may turn violent or be a matter for the police (art. 25); a child or violence at home (反家庭暴力法 14)."""

    risk: Risk
    words: Sealed


class Report(Struct, frozen=True):
    """Reported to a body; `at` when."""

    body: Body
    at: datetime
    words: Sealed


# -- time -------------------------------------------------------------------------------------------------


class Tick(Struct, frozen=True):
    """The moment has come, or not."""


class Recompute(Struct, frozen=True):
    """A year's calendar arrived."""


Opening = Apply | Check | Accept | Decline
Joining = Identify | RenewCode | LookUp | Consent | NotifyRights | Empower | Represent | Invite | Answer
Seating = Assign | Disclose | Release
Sitting = Plan | Reply | Hold | Adjourn | Confide | Investigate
Guarding = FlagRisk | Report
Meeting = AskMeeting | AnswerMeeting
Agreeing = Draft | Mark | AgreeOrally
After = Perform | Breach | Visit | Sue | LinkBack | NoteWhistle
Confirming = TellConfirmation | ApplyConfirmation | RecordRuling
Ending = Refuse | Stop | End | DeliverRoutes | Archive | Enclose
Timing = Tick | Recompute
Command = Opening | Joining | Seating | Sitting | Guarding | Meeting | Agreeing | After | Confirming | Ending | Timing
