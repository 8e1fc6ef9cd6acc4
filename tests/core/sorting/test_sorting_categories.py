"""Words to a leaf: own samples, a person's choice, retraining, honesty of the evidence, and no text that breaks it."""

import json
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.sorting import Question, Sorter
from huiyin.core.sorting.normal import batch, one
from huiyin.core.words import Place
from huiyin.rules.load import load_catalogue, load_model, load_sorting_rules
from huiyin.training import Correction, train

SAMPLES = Path(__file__).parents[2] / "samples" / "sorting.jsonl"
TEXT = "我是云栖里3栋业主，楼下饭店油烟直排，请有关部门处理。"


def samples() -> list[dict[str, str]]:
    return [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]


def test_samples(sorter: Sorter) -> None:
    rows = samples()
    results = sorter.sort([Question(row["text"], row["title"]) for row in rows])
    first = sum(result.category == row["leaf"] for row, result in zip(rows, results, strict=True))
    near = sum(
        row["leaf"] in [candidate.code for candidate in result.candidates]
        for row, result in zip(rows, results, strict=True)
    )
    assert first >= 0.8 * len(rows)
    assert near >= 0.9 * len(rows)


def test_a_persons_choice_wins_and_is_kept(sorter: Sorter) -> None:
    free, chosen, wrong = sorter.sort([Question(TEXT), Question(TEXT, category="R03"), Question(TEXT, category="ZZ")])
    assert (free.category, free.chosen) == ("D01", None)
    assert (chosen.category, chosen.chosen) == ("R03", "D01")
    assert (wrong.category, wrong.chosen) == ("D01", None)


def test_candidates_are_ranked_and_explained(sorter: Sorter) -> None:
    result = sorter.sort([Question(TEXT)])[0]
    chances = [candidate.confidence for candidate in result.candidates]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) <= 1.001
    assert set(result.candidates[0].words) <= set(load_model().words)
    assert result.candidates[0].words


def test_nothing_said_is_unclassified(sorter: Sorter) -> None:
    for text in ("", "。。。", "abc 123", "\x00"):
        assert sorter.sort([Question(text)])[0].category == "T09"


def test_retraining_changes_a_decision(sorter: Sorter) -> None:
    text = "楼顶的鸽笼又脏又吵，羽毛飞得到处都是"
    before = sorter.sort([Question(text)])[0]
    wanted = "C06" if before.category != "C06" else "E05"
    catalogue, base = load_catalogue(), load_model()
    corrections = [Correction(f"{text}，第{number}次反映", wanted) for number in range(6)]
    model = train(corrections, catalogue=catalogue, base=base)
    again = train(corrections, catalogue=catalogue, base=base)
    assert model.version == again.version != base.version
    registry = sorter.registry
    changed = Sorter(registry, catalogue, load_sorting_rules(), model)
    assert changed.sort([Question(text)])[0].category == wanted
    assert changed.sort([Question(TEXT)])[0].category == "D01"


HOSTILE = st.text(st.characters(blacklist_categories=()), max_size=300)


@settings(max_examples=150, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_breaks_it(sorter: Sorter, text: str, title: str, field: str) -> None:
    place = Place(estate=field, building=field, unit=field, room=field, address=field, building_code=field)
    for result in sorter.sort([Question(text, title, place), Question(text * 40, title)]):
        msgspec.json.encode(result)


@given(HOSTILE)
def test_one_spelling_for_one_and_for_many(text: str) -> None:
    assert one(text) == batch([text])[0][:-1].replace("\n", "")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([row["text"] for row in samples()] + ["", "😀" * 50, "云栖里3栋\ud800"]), max_size=20))
def test_a_batch_is_its_parts(sorter: Sorter, texts: list[str]) -> None:
    questions = [Question(text, text[:12]) for text in texts]
    assert sorter.sort(questions) == [sorter.sort([question])[0] for question in questions]


NAMES = st.sampled_from(["欧阳德馨", "司马若兰", "诸葛明慧", "皇甫嵩山"])
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
ROOMS = st.integers(1000, 9999).map(str)


@settings(max_examples=100, deadline=None)
@given(NAMES, PHONES, ROOMS, st.sampled_from([row["text"] for row in samples()]))
def test_evidence_holds_no_personal_data(sorter: Sorter, name: str, phone: str, room: str, text: str) -> None:
    told = f"我叫{name}，电话{phone}，住云栖里3栋2单元{room}室。{text}{name}{phone}，云栖里3-2-{room}"
    place = Place(estate=f"云栖里{name}", building="3栋", unit="2", room=room, address=f"{name}{phone} {room}室")
    odd = Place(estate="云栖里", building=f"{name}的栋", unit=f"{name}单元", room=room)
    for question in (Question(told, name + phone), Question(told, place=place), Question(text, place=odd)):
        written = msgspec.json.encode(sorter.sort([question])[0]).decode()
        assert name not in written
        assert phone not in written
        assert room not in written


def test_long_texts_are_read_to_the_end(sorter: Sorter) -> None:
    text = "路上很吵。" * 1500 + "我住在云栖里3栋"
    assert sorter.sort([Question(text)])[0].spot.building_code == "E1B3"


def test_retraining_learns_no_names() -> None:
    told = [Correction(f"诸葛明慧又在楼道里堆纸箱，第{number}次反映", "C02") for number in range(9)]
    model = train(told, catalogue=load_catalogue(), base=load_model())
    assert not [word for word in model.words if "诸葛" in word or "明慧" in word]


def test_shipped_words_name_no_estate_or_district() -> None:
    words = load_model().words
    assert len(words) < 7_000
    assert not [word for word in words if any(sign in word for sign in ("丽发", "星沙", "某某", "A1区"))]
