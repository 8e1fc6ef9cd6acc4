"""A party's own copy of the agreement (协议书副本): every word that binds it, of others the name and nothing else."""

from collections.abc import Sequence

from msgspec.structs import replace

from huiyin.papers.blocks import COPY, Block, Mark, Paper, Para, signed
from huiyin.papers.facts import File
from huiyin.papers.pieces import SIDES
from huiyin.web.mediations.finding import Found
from huiyin.web.mediations.papers import marked
from huiyin.web.mediations.printing import printed
from huiyin.web.mediations.sheets import place_of, with_pictures
from huiyin.web.problems import Problem

# What a description of somebody says last, in this order: from the first of them on it is left to the original.
_PRIVATE = ("，性别：", "，统一社会信用代码：", "，身份证号码：", "，联系方式：")
_LEFT_OUT = "，其他身份信息、联系方式、住址见原件。"
_LABELS = frozenset(f"{side}：" for side in SIDES.values())
_AGENT = "委托代理人："


async def own_paper(found: Found) -> Paper | None:
    """The agreement for the party that looks, with the marks that it may know of; None where nothing was laid before
    it, or where that was erased."""
    paper = await marked(found.room, found.one)
    if paper is None:
        return None
    file = await with_pictures(found.room, found.one, File())
    lines = [line.party for line in found.one.lines]
    shown = signed(paper, _known(found, file.marks))
    note = Para(f"本件是当事人持有的副本，与校验码为 {paper.digest[:16]} 的原件内容一致；"
                "其他当事人的其他身份信息、联系方式和住址没有印出。", style="note")  # fmt: skip
    return replace(shown, of=COPY, remark="副本", blocks=(note, *_left(shown.blocks, lines, found.who)))


async def own_agreement(found: Found) -> bytes:
    """The same as PDF; raises Problem."""
    paper = await own_paper(found)
    if paper is None:
        raise Problem("no-such-paper")
    return (await printed(found.room, (paper,), "pdf")).data


def at_table(paper: Paper, lines: Sequence[str], who: str = "") -> Paper:
    """The paper as it is read from one screen by several: of nobody but `who` is to sign a phone or a home."""
    return replace(paper, blocks=tuple(_left(paper.blocks, lines, who)))


def _known(found: Found, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Who else has signed is told once all have; a signature is its owner's."""
    agreement = found.one.agreement
    over = agreement is not None and agreement.effective_at is not None
    own = [place_of(each) for each in agreement.marks if each.party == found.who] if agreement else []
    return tuple(one if one.place in own else replace(one, image=b"") for one in marks if over or one.place in own)


def _left(blocks: Sequence[Block], lines: Sequence[str], who: str) -> list[Block]:
    """Without the private part of every description but the party's own and its agents'."""
    found: list[Block] = []
    at = -1
    for block in blocks:
        if isinstance(block, Para) and block.label in _LABELS:
            at += 1
        described = isinstance(block, Para) and (block.label in _LABELS or block.label == _AGENT)
        mine = 0 <= at < len(lines) and lines[at] == who
        found.append(_cut(block) if described and not mine else block)  # type: ignore[arg-type]
    return found


def _cut(block: Para) -> Para:
    places = [place for mark in _PRIVATE if (place := block.text.find(mark)) >= 0]
    return replace(block, text=block.text[: min(places)] + _LEFT_OUT) if places else block
