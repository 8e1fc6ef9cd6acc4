"""Milliseconds of mediation's papers: a whole file as PDF, one form as PDF and DOCX; bare typesetting beside them.

`python -m tests.bench.papers [--rounds 7] [--pages 40]` prints JSON lines. The yardstick is typst with the same words
in the same font as one run of paragraphs, no forms, no tables, no page numbers: the ratio is what the layout costs.
`first` is the first print of a process, looking for fonts included; `gap` the longest time that an asyncio loop stood
still while a file was printed in a thread beside it. Goal: a file of 40 pages in at most 2 s.
"""

import argparse
import asyncio
import io
import json
import sys
import time
from collections.abc import Callable
from statistics import median

import typst
from msgspec import structs
from pypdf import PdfReader

from huiyin.papers import forms, volume
from huiyin.papers.blocks import Paper
from huiyin.papers.editable import docx
from huiyin.papers.facts import File
from huiyin.papers.fonts import Fonts
from huiyin.papers.press import press
from tests.papers import cases, reading

_BARE = b"""#set document(date: none)
#set page(paper: "a4", margin: 28mm)
#set text(font: sys.inputs.font, size: 14pt, lang: "zh", fallback: false)
#for it in json(bytes(sys.inputs.words)) { par(it) }"""


def say(**fact: object) -> None:
    sys.stdout.write(json.dumps({"bench": "papers", **fact}, ensure_ascii=False) + "\n")


def of_pages(wanted: int, fonts: Fonts) -> tuple[File, int]:
    """The made-up case with as many sittings as it takes."""
    for sittings in range(1, 60):
        file = structs.replace(cases.full(sittings), scans=(cases.scan("ruling"),))
        pages = len(PdfReader(io.BytesIO(press(volume.volume(file), fonts).data)).pages)
        if pages >= wanted:
            return file, pages
    raise SystemExit("so many pages cannot be made")


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1e3)
    return sorted(taken)


def bare(papers: tuple[Paper, ...], fonts: Fonts) -> Callable[[], object]:
    lost = fonts.ready("".join(reading.said(one) for one in papers)).lost
    words = ["".join(c for c in reading.said(one) if c not in lost) for one in papers]
    inputs = {"words": json.dumps(words), "font": fonts.body[0]}
    return lambda: typst.compile(_BARE, font_paths=fonts.loaded, ignore_system_fonts=True, sys_inputs=inputs)


async def gap(papers: tuple[Paper, ...], fonts: Fonts) -> float:
    longest, done = 0.0, asyncio.create_task(asyncio.to_thread(press, papers, fonts))
    while not done.done():
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - began - 0.001)
    return longest * 1e3


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rounds", type=int, default=7)
    given.add_argument("--pages", type=int, default=40)
    asked = given.parse_args()
    (form,) = forms.papers(cases.full(), "agreement")
    fonts: list[Fonts] = []
    (first,) = timed(lambda: fonts.append(Fonts()) or press([form], fonts[0]), 1)
    say(what="first", ms=round(first, 1), font=fonts[0].body[0])
    file, pages = of_pages(asked.pages, fonts[0])
    papers = volume.volume(file)
    kinds: dict[str, Callable[[], object]] = {
        "file as PDF": lambda: press(volume.volume(file), fonts[0]),
        "bare typesetting": bare(papers, fonts[0]),
        "agreement as PDF": lambda: press([form], fonts[0]),
        "agreement as DOCX": lambda: docx(form),
        "what is missing": lambda: volume.missing(file),
    }
    middle = {kind: timed(work, asked.rounds) for kind, work in kinds.items()}
    yardstick = median(middle["bare typesetting"])
    for kind, taken in middle.items():
        ratio = {"ratio": round(median(taken) / yardstick, 2)} if kind == "file as PDF" else {}
        say(what=kind, median_ms=round(median(taken), 1), best_ms=round(taken[0], 1), **ratio)
    say(what="size", pages=pages, papers=len(papers), bytes=len(press(papers, fonts[0]).data))
    say(what="gap", ms=round(asyncio.run(gap(papers, fonts[0])), 1))


if __name__ == "__main__":
    main()
