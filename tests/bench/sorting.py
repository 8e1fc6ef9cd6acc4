"""Benchmark 4: quality and microseconds of the sorter, as JSON lines; the yardstick (longest keyword) beside it.

    python tests/bench/sorting.py [--half dev|test|all] [--model FILE]

Uses the data of HUIYIN_SHARED (default: ../shared beside the repository); without it only the own samples are run.
"""

import argparse
import csv
import gc
import gzip
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from huiyin.core.catalogue import Catalogue
from huiyin.core.registry import Building, Community, Estate, Grid, Registry, Street
from huiyin.core.sorting import Question, Sorter
from huiyin.core.sorting.normal import one
from huiyin.core.sorting.numerals import number, recognise
from huiyin.core.words import Sorting
from huiyin.rules.load import load_catalogue, load_model, load_sorting_rules

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("HUIYIN_SHARED", ROOT.parent / "shared")) / "data"
Row = dict[str, Any]


def say(**fact: Any) -> None:
    sys.stdout.write(json.dumps({"bench": "sorting", **fact}, ensure_ascii=False) + "\n")


def table(name: str) -> list[dict[str, str]]:
    with (DATA / "a_city" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def city() -> Registry:
    return Registry(
        "a_city",
        {r["street_code"]: Street(r["street_code"], r["street"], r["district"]) for r in table("streets.csv")},
        {
            r["community_code"]: Community(r["community_code"], r["community"], r["street_code"])
            for r in table("communities.csv")
        },
        {r["estate_code"]: estate(r) for r in table("estates.csv")},
        {
            r["grid_code"]: Grid(r["grid_code"], r["community_code"], r["estate_code"] or None)
            for r in table("grids.csv")
        },
        {
            r["building_code"]: Building(
                r["building_code"], r["estate_code"], r["building"], int(r["units"]), r["grid_code"]
            )
            for r in table("buildings.csv")
        },
    )


def estate(row: dict[str, str]) -> Estate:
    aliases = tuple(alias for alias in row["aliases"].split("|") if alias)
    committee, company = row["owners_committee"], row["property_company"]
    return Estate(
        row["estate_code"],
        row["estate"],
        aliases,
        row["community_code"],
        committee,  # type: ignore[arg-type]
        company,  # type: ignore[arg-type]
        int(row["households"]),
    )


def lines(name: str) -> Iterator[Row]:
    opened = gzip.open if name.endswith(".gz") else open
    with opened(DATA / name, "rt", encoding="utf-8") as file:  # type: ignore[operator]
        yield from map(json.loads, file)


def longest_keyword(catalogue: Catalogue) -> Callable[[str], list[str]]:
    """The yardstick: every leaf's keywords that occur, longest total first."""
    words = [(word, entry.code) for entry in catalogue.leaves() for word in entry.keywords]
    automaton = AhoCorasick([word for word, _ in words], matchkind=MatchKind.LeftmostLongest)

    def leaves(text: str) -> list[str]:
        points: dict[str, int] = {}
        for index, _, _ in automaton.find_matches_as_indexes(text):
            word, leaf = words[index]
            points[leaf] = points.get(leaf, 0) + len(word)
        return sorted(points, key=lambda leaf: -points[leaf]) or ["T09"]

    return leaves


def share(hits: int, total: int) -> float:
    return round(100 * hits / total, 1) if total else 0.0


def places(rows: list[Row], results: list[Sorting]) -> None:
    named = [(row, found.spot) for row, found in zip(rows, results, strict=True) if row["estate_code"]]
    right = sum(spot.estate_code == row["estate_code"] for row, spot in named)
    asked = sum(spot.estate_code is None for _, spot in named)
    wrong = len(named) - right - asked
    rest = [(row, found.spot) for row, found in zip(rows, results, strict=True) if not row["estate_code"]]
    extra = sum(spot.estate_code is not None for _, spot in rest)
    unlike = sum(spot.estate_code is not None and not any(row["estate"]) for row, spot in rest)
    say(what="estate", named=len(named), right=share(right, len(named)), wrong=share(wrong, len(rows)))
    say(what="estate", asked=share(asked, len(named)), unlabelled=len(rest), placed=extra, placed_unnamed=unlike)
    grids = [(row, spot) for row, spot in named if row["grid_code"]]
    right = sum(spot.grid_code == row["grid_code"] for row, spot in grids)
    asked = sum(spot.grid_code is None for _, spot in grids)
    say(what="grid", given=len(grids), right=share(right, len(grids)), asked=share(asked, len(grids)))


def categories(rows: list[Row], results: list[Sorting]) -> None:
    total = len(rows)
    first = sum(found.category in row["accepted"] for row, found in zip(rows, results, strict=True))
    three = sum(
        any(candidate.code in row["accepted"] for candidate in found.candidates[:3])
        for row, found in zip(rows, results, strict=True)
    )
    urgency = sum(found.urgency in row["urgency"] for row, found in zip(rows, results, strict=True))
    confidence = sum(found.candidates[0].confidence for found in results)
    say(what="leaf", texts=total, first=share(first, total), three=share(three, total), urgency=share(urgency, total))
    say(what="calibration", mean_confidence=round(100 * confidence / total, 1), right=share(first, total))


def yardstick(rows: list[Row], leaves: Callable[[str], list[str]]) -> None:
    guesses = [leaves(f"{row['title']}\n{row['body']}") for row in rows]
    first = sum(guess[0] in row["accepted"] for row, guess in zip(rows, guesses, strict=True))
    three = sum(bool(set(guess[:3]) & set(row["accepted"])) for row, guess in zip(rows, guesses, strict=True))
    say(what="yardstick leaf", first=share(first, len(rows)), three=share(three, len(rows)))


def timed(work: Callable[[], object], count: int, clock: Callable[[], float]) -> float:
    began = clock()
    work()
    return (clock() - began) / count * 1e6


def speed(sorter: Sorter, leaves: Callable[[str], list[str]], rounds: int = 7) -> None:
    asked = [Question(row["text"], row["title"]) for row in lines("complaints_real.jsonl.gz")][:2000]
    batches = [asked[first : first + 500] for first in range(0, len(asked), 500)]
    kinds: dict[str, tuple[Callable[[], object], int]] = {
        "batch_500": (lambda: [sorter.sort(batch) for batch in batches], len(asked)),
        "single": (lambda: [sorter.sort([question]) for question in asked[:300]], 300),
        "yardstick": (lambda: [leaves(f"{question.title}\n{question.text}") for question in asked], len(asked)),
    }
    gc.collect()
    gc.freeze()  # as the sorter process does after its start: the registry is not searched for garbage
    wall: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, (work, count) in kinds.items():
            wall[kind].append(timed(work, count, time.perf_counter))
    mean = sum(len(question.text) for question in asked) / len(asked)
    for kind, taken in wall.items():
        ordered = sorted(taken)
        say(what="us_per_text", kind=kind, median=round(ordered[rounds // 2], 1), best=round(ordered[0], 1))
    say(what="texts", mean_characters=round(mean))


def digits(text: str | None) -> str:
    """'3栋' and '3幢' and '三号楼' are one building: compare the number or the letter alone."""
    name = "".join(c for c in one(text or "") if c.isalnum() and c not in "栋幢号楼座单元室房门街排弄层第")
    try:
        return str(number(name)) if name and not name.isascii() else name.lstrip("0")
    except (KeyError, ValueError):
        return name


def addresses() -> Iterator[tuple[str, dict[str, str]]]:
    tokens: list[tuple[str, str]] = []
    with gzip.open(DATA / "address_train.txt.gz", "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                token, tag = line.rstrip("\n").rsplit(" ", 1)
                tokens.append((token, tag))
            elif tokens:
                yield "".join(token for token, _ in tokens), spans(tokens)
                tokens = []


def spans(tokens: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for token, tag in tokens:
        kind = tag[2:]
        if kind in ("houseno", "cellno", "roomno"):
            found[kind] = (found.get(kind, "") if tag[0] in "IE" else "") + token
    return found


def recognition() -> None:
    right = dict.fromkeys(("houseno", "cellno", "roomno"), 0)
    given, false = dict(right), dict(right)
    for text, gold in addresses():
        parts = recognise(one(text))
        building = re.sub(r"^.*[期区]", "", parts.building or "") or None
        mine = {"houseno": building, "cellno": parts.unit, "roomno": parts.room}
        for kind, value in mine.items():
            given[kind] += kind in gold
            right[kind] += kind in gold and digits(value) == digits(gold[kind])
            false[kind] += kind not in gold and value is not None
    for kind, name in (("houseno", "building"), ("cellno", "unit"), ("roomno", "room")):
        say(what=f"address {name}", given=given[kind], right=share(right[kind], given[kind]), invented=false[kind])


def samples(sorter: Sorter) -> None:
    text = (ROOT / "tests" / "samples" / "sorting.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    results = sorter.sort([Question(row["text"], row["title"]) for row in rows])
    first = sum(found.category == row["leaf"] for row, found in zip(rows, results, strict=True))
    say(what="own samples", texts=len(rows), first=share(first, len(rows)))


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--half", choices=("dev", "test", "all"), default="all")
    given.add_argument("--model", type=Path)
    given.add_argument("--quality-only", action="store_true")
    asked = given.parse_args()
    catalogue = load_catalogue()
    shared = DATA.is_dir()
    registry = city() if shared else Registry("none", {}, {}, {}, {}, {})
    began = time.perf_counter()
    sorter = Sorter(registry, catalogue, load_sorting_rules(), load_model(asked.model))
    say(what="build", seconds=round(time.perf_counter() - began, 2), buildings=len(registry.buildings))
    samples(sorter)
    if not shared:
        say(what="skipped", why=f"no data in {DATA}; set HUIYIN_SHARED")
        return
    half = {"dev": (0,), "test": (1,), "all": (0, 1)}[asked.half]
    labelled = lines("complaints_labelled.jsonl")
    rows = [
        row
        for row in labelled
        if int(hashlib.md5(row["id"].encode(), usedforsecurity=False).hexdigest(), 16) % 2 in half
    ]
    results = sorter.sort([Question(row["body"], row["title"]) for row in rows])
    leaves = longest_keyword(catalogue)
    places(rows, results)
    categories(rows, results)
    yardstick(rows, leaves)
    if not asked.quality_only:
        recognition()
        speed(sorter, leaves)


if __name__ == "__main__":
    main()
