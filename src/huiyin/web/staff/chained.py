"""A chain of the log as a review shows it (日志链): each step with its limit and hash, whole or where it breaks."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from huiyin.core.proof import Broken, check, read
from huiyin.store.reviews import Link
from huiyin.web.clocks import span

WHY = {
    "version-gap": "前面缺少步骤",
    "body-changed": "内容被改动过",
    "link-broken": "与前一步接不上",
    "unreadable": "内容读不出",
    "columns-differ": "列出的内容与存证不符",
}
_MINUTE = timedelta(minutes=1)


class Told(Struct, frozen=True):
    """One row of a review; `limit` is what runs from then on, `gap` how long it was since the step before."""

    number: str
    version: int
    at: datetime
    post: str
    said: str
    limit: str
    hash: str
    step: str
    faults: tuple[str, ...] = ()
    gap: str = ""


def faults(links: Sequence[Link], before: Link | None = None) -> list[Broken]:
    """All that is wrong with a chain: in its hashes, and in the columns that people are shown; `before` is the link
    that comes before a part of one."""
    walked = check([msgspec.structs.astuple(one)[:6] for one in (before, *links) if one is not None])
    return [*(one for one in walked if before is None or one.version != before.version), *_columns(links)]


def _columns(links: Sequence[Link]) -> Iterator[Broken]:
    """What is shown comes from the columns, too: they must say what the hashed bytes say."""
    for one in links:
        try:
            leaf = read(one.body)
            step = msgspec.json.decode(leaf.data, type=_Tagged).step
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue  # `check` says so
        if (step, leaf.at) != (one.step, one.at):
            yield Broken(one.noun, one.id, one.version, "columns-differ")


class _Tagged(Struct, frozen=True):
    step: str


def rows(
    links: Sequence[Link], told: Iterator[tuple[str, str]], post: Callable[[str], str], wrong: Sequence[Broken]
) -> Iterator[Told]:
    """Each link with its sentence and limit; `told` may end early where the chain cannot be read."""
    for before, link in zip([None, *links], links, strict=False):
        said, limit = next(told, (WHY["unreadable"], ""))
        why = tuple(dict.fromkeys(WHY[one.why] for one in wrong if one.version == link.version))
        gap = span(link.at - before.at) if before and link.at - before.at >= _MINUTE else ""
        who = _actor(post, link.body)
        yield Told(link.id, link.version, link.at, who, said, limit, short(link.hash), link.step, why, gap)


def _actor(post: Callable[[str], str], body: bytes) -> str:
    try:
        return post(read(body).actor)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def short(digest: bytes) -> str:
    """The beginning of a hash is enough for eyes."""
    return digest.hex()[:16]
