"""One form before one viewer (办理表单): what its choices are worked out from, by what the viewer may see."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from litestar import Request
from msgspec import Struct

from huiyin.core.calendar import local
from huiyin.core.mediation import Rules
from huiyin.core.mediation.commands import Assign
from huiyin.core.mediation.committee import Registered, suited
from huiyin.core.mediation.ending import needed
from huiyin.core.mediation.ground import Ground, mediators_of
from huiyin.core.mediation.joining import WHEN
from huiyin.core.mediation.kinds import Matter
from huiyin.core.mediation.seen import CommitteeSight
from huiyin.core.mediation.state import Mediation
from huiyin.core.people import Viewer
from huiyin.core.scene import Refused
from huiyin.store import accounts, committees
from huiyin.web.mediations import finding, rehearsal
from huiyin.web.mediations.finding import Found
from huiyin.web.paint import moment
from huiyin.web.room import Room
from huiyin.web.staff.forms import Field, Form
from huiyin.web.staff.mediations.case import written
from huiyin.web.staff.mediations.case.ahead import ahead
from huiyin.web.staff.mediations.case.called import Callers, word
from huiyin.web.staff.orders import Option

Req = Request[Any, Any, Any]


class Asking(Struct, frozen=True):
    """One form: the case as it is seen, what people are called, who could mediate and how much they have to do."""

    found: Found
    rules: Rules
    viewer: Viewer
    command: str
    form: Form
    callers: Callers
    words: Mapping[str, str]
    register: Sequence[Registered] = ()
    load: Mapping[str, int] = {}

    @property
    def whole(self) -> Mediation | None:
        """The case, for its mediators."""
        return self.found.seen if isinstance(self.found.seen, Mediation) else None

    @property
    def refused(self) -> str:
        """Why the order is not taken now; "" where it may be."""
        found, at = self.found, self.found.room.clock()
        if next(rehearsal.led(found, self.rules, self.command, at), None) is not None:
            return ""
        return rehearsal.refusal(found, self.rules, self.command, at) or "not-your-mediation"

    @property
    def ahead(self) -> str:
        """Where there is one way only, it is said."""
        ways = list(rehearsal.led(self.found, self.rules, self.command, self.found.room.clock()))
        told = list(dict.fromkeys(map(ahead, ways)))
        return told[0] if len(told) == 1 else ""

    # -- choices ------------------------------------------------------------------------------------------

    def options(self, field: Field) -> list[Option]:
        """A field's choices."""
        if isinstance(field.options, dict):
            return [Option(code, words) for code, words in field.options.items()]
        return getattr(self, "_" + field.options.replace("-", "_"))() if field.options else []

    def _parties(self) -> list[Option]:
        return [Option(one.party, self.callers.party(one.party)) for one in self.found.one.lines]

    _party_list = _parties

    def _bars(self) -> list[Option]:
        return [Option(code, said) for code, said in self.rules.mediation.bars.items()]

    def _voices(self) -> list[Option]:
        """Only its mediators know who speaks for whom."""
        found = []
        for line in self.whole.lines if self.whole else ():
            of = self.callers.party(line.party)
            for n, one in enumerate(line.representatives, 1):
                found.append(Option(one, f"{self.callers.person(one, f'代表人 {n}')}({of}的代表人)"))
            for agent in line.agents:
                said = "特别授权" if agent.special else "一般授权"
                found.append(Option(agent.agent, f"{self.callers.person(agent.agent, '代理人')}({of}的代理人,{said})"))
        return found

    def _agents(self) -> list[Option]:
        some = [(line, one) for line in (self.whole.lines if self.whole else ()) for one in line.agents]
        return [
            Option(one.agent, f"{self.callers.person(one.agent, '代理人')}({self.callers.party(line.party)})")
            for line, one in some
        ]

    def _helpers(self) -> list[Option]:
        some = self.whole.helpers if self.whole else ()
        return [Option(one.person, self.callers.person(one.person, "受邀的人")) for one in some]

    def _matters(self) -> list[Option]:
        """What may be answered where the case stands; of helpers, where there are any."""
        state, helped = self.found.one.state, bool(self.found.one.helpers)
        some = [one for one in get_args(Matter) if state in WHEN[one] and (one != "invitee" or helped)]
        return [Option(one, word("matter", one)) for one in some]

    def _agreed(self) -> list[Option]:
        """Whom all parties agreed to."""
        whole = self.whole
        return [one for one in self._helpers() if whole and whole.allowed("invitee", one.value)]

    def _sessions(self) -> list[Option]:
        now = self.found.room.clock()
        some = [(one.number, one.plan.at) for one in self.found.one.sessions if one.waits and one.plan]
        return [Option(str(number), f"第 {number} 次,{moment(at, now)}") for number, at in some]

    def _items(self) -> list[Option]:
        """Of a restricted file the desk reads no words."""
        seen = self.found.seen
        open_ = not (isinstance(seen, CommitteeSight) and seen.subject is None)
        agreement, found = self.found.one.agreement, []
        for n, owed in enumerate(agreement.owed if agreement else (), 1):
            words = self.words.get(owed.item.words.dossier, "原文已经删除") if open_ else ""
            found.append(Option(owed.item.item, f"第 {n} 项{':' if words else ''}{words}"))
        return found

    def _hands(self) -> list[Option]:
        """A mediator is asked for what is missing; the desk does not see which party has signed."""
        own = Option("mediator", "本调解员签名") if self.whole else Option("committee", "调解委员会盖章")
        missing = self.whole.unmarked if self.whole else [one.party for one in self.found.one.lines]
        parties = [one for one in self._parties() if one.value in missing]
        return [own, *parties] if not self.whole or "mediator" in missing else parties

    def papers(self) -> set[str]:
        """The papers without which the file is not complete."""
        ground = Ground(self.found.room.clock(), self.rules, self.found.scene)
        return set(needed(self.found.one, ground))

    # -- mediators ----------------------------------------------------------------------------------------

    def _mediators(self) -> list[Option]:
        return [Option(one.person, self.callers.mediator(one.person)) for one in self.register]

    def _seated(self) -> list[Option]:
        some = [one.person for one in self.found.one.mediators]
        mine = [one for one in some if not self.whole or one == self.viewer.person]
        return [Option(one, self.callers.mediator(one)) for one in mine]

    def _suited(self) -> list[Option]:
        return [
            Option(one.person, self.callers.mediator(one.person), self._fitness(one))
            for one in self._ranked()
            if not self._barred(one.person)
        ]

    def barred(self) -> list[tuple[str, str]]:
        """Who cannot be chosen, and no more of why than that."""
        some = ((self.callers.mediator(one.person), self._barred(one.person)) for one in self._ranked())
        return [(name, why) for name, why in some if why] if self.command == "assign" else []

    @property
    def _category(self) -> str:
        """What it is about; "" for the desk of a restricted file, or who knows best of what would tell it."""
        return "" if self.found.one.restricted and self.whole is None else self.found.one.category

    def _ranked(self) -> Sequence[Registered]:
        category = self._category
        seated = {one.person for one in self.found.one.mediators}
        some = [one for one in self.register if one.person not in seated]
        return suited(some, category, local(self.found.room.clock()), self.load)

    def _fitness(self, one: Registered) -> str:
        category, entries = self._category, self.rules.catalogue.entries
        best = [code for code in (category, category[:1]) if code in one.specialities and code in entries]
        known = f"专长:{entries[best[0]].name};" if best else ""
        return f"{known}在办 {self.load.get(one.person, 0)} 件"

    def _barred(self, person: str) -> str:
        ground = Ground(self.found.room.clock(), self.rules, self.found.scene)
        try:
            ground.free(self.found.one, person)
        except Refused:
            return "与本件有利害关系"
        steps = rehearsal.tried(self.found.one, Assign(person), self.found.scene, self.rules, ground.at)
        return "" if steps else "不能担任本件调解员"


async def asking(request: Req, number: str, command: str) -> Asking:
    """Raises Problem where the mediation is hidden."""
    found = await finding.find(request, number)
    room: Room = found.room
    rules = (await room.mediations()).rules
    words, (names,) = await finding.opened([found])
    register = await of_register(found, rules)
    persons = [*(one.person for one in register), *(one.person for one in found.one.mediators)]
    staff = await room.ask(lambda c: accounts.names(c, persons))
    load = await room.ask(lambda c: committees.load_of(c, persons)) if command == "assign" else {}
    callers = Callers(found.one.lines, names, staff)
    form = written.form(command, found.one.lines, callers)
    return Asking(found, rules, request.state.viewer, command, form, callers, words, register, load)


async def of_register(found: Found, rules: Rules) -> list[Registered]:
    """Who mediates for the committee now."""
    one, room = found.one, found.room
    post = mediators_of(rules.mediation, one.kind, one.committee)
    return await room.ask(lambda c: committees.register(c, one.committee, post, room.clock()))
