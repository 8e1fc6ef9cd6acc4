"""Log lines (ARCHITECTURE 6): a past verb first, from one list; never a word of a resident."""

import ast
import re
from collections.abc import Iterator

from tests.laws.sources import Source, sources

# The first word of every log line, past tense; a new one is written down here.
EVENTS = {
    "answered": "a request got its answer",
    "buried": "a message became a dead letter",
    "counted": "steps were added to the tallies",
    "failed": "something did not work; an exception's class only",
    "held": "a clock jumped: nothing climbs by it for a while",
    "kept_out": "fields nobody knows were left out of a complaint",
    "let_in": "what waited at the door went on the stream",
    "lost": "a connection went away",
    "moved": "the relay's mark was not where the stream ends",
    "opened": "the door takes complaints again",
    "read": "sealed texts were opened to train the sorter",
    "published": "steps went out as events",
    "recomputed": "provisional due times were worked out under a new calendar",
    "refused": "a request or order was not allowed",
    "renewed": "a new registry, calendar or model was taken up",
    "resumed": "the clock runs steadily again",
    "retried": "NATS did not answer in time",
    "returned": "a connection came back",
    "revealed": "a person read a dead letter's words",
    "shut": "the door takes nothing: the database is away",
    "sorted": "a batch of complaints became tickets",
    "split": "an atomic batch goes one by one",
    "ticked": "to some tickets happened what was due",
    "told": "tickets and whistles heard of each other",
    "waited": "the database or the registry was not there yet",
    # the supervisor's journal
    "died": "a part ended by itself",
    "ended": "a part was ended",
    "killed": "a part did not stop in time",
    "restarted": "a part was started anew",
}
NEVER_LOGGED = {"text", "phone", "reporter", "title", "words", "address", "room", "body", "payload", "data", "comment"}


def lines(module: Source) -> Iterator[ast.Call]:
    """Calls of a module's logger or journal, also under another name."""
    aliases = {"self.journal", "journal"} | {
        target.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and "_log." in ast.unparse(node.value) and "get_logger" not in ast.unparse(node)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in module.calls():
        name = ast.unparse(call.func)
        if re.fullmatch(r"_?log(ger)?\.(debug|info|warning|error|critical|exception)", name) or name in aliases:
            yield call


def said(module: Source, call: ast.Call) -> set[str]:
    """The words a line may begin with: a constant, or the constants its variable is given."""
    first = call.args[0]
    if isinstance(first, ast.Name):
        assigned = [n.value for n in ast.walk(module.tree) if isinstance(n, ast.Assign) and _is(n.targets[0], first.id)]
        return (
            {c.value for value in assigned for c in ast.walk(value) if isinstance(c, ast.Constant)} - {None} - NUMBERS
        )
    assert isinstance(first, ast.Constant), f"{module.path}:{call.lineno}: a log line begins with a plain word"
    return {first.value}


NUMBERS = {400, 500}


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


LINES = [(module, call) for module in sources() for call in lines(module)]


def test_a_log_line_begins_with_a_known_past_verb() -> None:
    """Law: past verb first. One list of words, so that a search finds them all, and it is true."""
    used = {word: f"{module.path}:{call.lineno}" for module, call in LINES for word in said(module, call)}
    assert not {word: where for word, where in used.items() if word not in EVENTS}
    assert not EVENTS.keys() - used.keys()


def test_a_log_line_has_no_word_for_personal_data() -> None:
    """Law: no personal data in log lines. `name` is a connection's, and only a connection's."""
    for module, call in LINES:
        words = {word.arg: ast.unparse(word.value) for word in call.keywords}
        assert not words.keys() & NEVER_LOGGED, f"{module.path}:{call.lineno}"
        assert "name" not in words or words["noun"] == "'nats'", f"{module.path}:{call.lineno}"


def test_a_log_line_about_an_exception_has_its_class_only() -> None:
    """Law: no personal data in log lines: an exception's text may quote the resident."""
    for module, call in LINES:
        for word in call.keywords:
            if word.arg == "error" and "str(" in (value := ast.unparse(word.value)):
                assert value in QUOTED, f"{module.path}:{call.lineno}"


# Exceptions of our own whose text is a class's name or the NATS server's words about itself.
QUOTED = {"str(away)", "str(trouble)"}
