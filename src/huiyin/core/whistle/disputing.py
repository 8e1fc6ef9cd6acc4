"""Whose duty is it (派哨异议、裁定): the department stays bound until the street has ruled (首接负责, 条例 14)."""

from msgspec.structs import replace

from huiyin.core.scene import Refused, accused
from huiyin.core.whistle.commands import Ask, Disputing, Object, Rule
from huiyin.core.whistle.ground import Ground, working
from huiyin.core.whistle.state import Line, Objection, State, Whistle
from huiyin.core.whistle.steps import Disputed, Objected, ObjectionRuled, RuledReason, Step


def decide(whistle: Whistle, command: Disputing, ground: Ground) -> list[Step]:
    """Steps of an objection and of its ruling."""
    return _object(whistle, command, ground) if isinstance(command, Object) else _rule(whistle, command, ground)


def _object(whistle: Whistle, command: Object, ground: Ground) -> list[Step]:
    line = whistle.line(ground.by.post)
    assert line is not None
    objection = Objection(command.reason, command.words)
    if line.objection == objection:
        return []
    working(whistle, "called")
    if line.objection is not None:
        raise Refused("already-objected")
    if line.bound:
        raise Refused("designated")
    if line.answered is not None:
        raise Refused("already-answered")
    clock = ground.clock(whistle.kind, "rule", whistle.street, line.post)
    return [Objected(line.post, command.reason, command.words, (clock,))]


def _rule(whistle: Whistle, command: Rule, ground: Ground) -> list[Step]:
    """On an objection; or without one on a department that turned out to be the one complained about."""
    line = whistle.line(command.post)
    if line is None:
        raise Refused("no-objection")
    recused = command.upheld and line.post in accused(ground.scene.parties)
    reason: RuledReason = line.objection.reason if line.objection is not None else "recused"
    if reason == "recused" and not recused:
        raise Refused("no-objection")
    working(whistle, "called", "replied")
    if ground.same(whistle.blown_by, whistle.passed_by) or ground.sits(line.post, line.person):
        raise Refused("own-request")
    if command.upheld and command.to is None and line.lead:
        raise Refused("lead-needed")
    to = command.to if command.upheld else None
    _free(whistle, to, line, ground)
    clocks = ground.called(whistle.kind, (Ask(to, line.words, line.lead),)) if to else ()
    head = (line.post, command.upheld, reason, whistle.category)
    return [ObjectionRuled(*head, ground.at, to, clocks, command.words)]


def _free(whistle: Whistle, to: str | None, line: Line, ground: Ground) -> None:
    """Whether another department may take it: not the one that objects, nor as a co-department one that is there."""
    if to is None:
        return
    if to == line.post:
        raise Refused("same-department")
    if not line.lead and whistle.line(to) is not None:
        raise Refused("already-asked")
    ground.callable(to, whistle.about)


# -- folding ----------------------------------------------------------------------------------------------


def follow(whistle: Whistle, step: Disputed) -> Whistle:
    """The whistle after a step of this kind."""
    line = whistle.line(step.post)
    assert line is not None
    if isinstance(step, Objected):
        return whistle.with_line(replace(line, objection=Objection(step.reason, step.words))).starting(step.clocks)
    if not step.upheld:
        return whistle.with_line(replace(line, objection=None, bound=True)).stopping("rule", post=line.post)
    return _readdressed(whistle, line, step)


def _readdressed(whistle: Whistle, line: Line, step: ObjectionRuled) -> Whistle:
    """Out goes who objected, with every clock of theirs; in comes who has the duty, which cannot object again."""
    out = tuple(one for one in (line.post, step.to) if one)
    after = replace(whistle, lines=tuple(one for one in whistle.lines if one.post not in out))
    for post in out:
        after = after.stopping(post=post)
    if step.to is not None:
        fresh = Line(step.to, line.lead, line.words, step.at, bound=True)
        after = replace(after, lines=(*after.lines, fresh))
    return (_led_anew(after) if line.lead else after).starting(step.clocks)


def _led_anew(whistle: Whistle) -> Whistle:
    """What the lead before asked for or replied is not its successor's: nothing waits to be confirmed any more."""
    state: State = "called" if whistle.state == "replied" else whistle.state
    return replace(whistle, state=state, reply=None, pause=None).stopping("confirm")
