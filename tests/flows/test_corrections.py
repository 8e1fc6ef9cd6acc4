"""A person's choice becomes training: the words from the vault, the leaf from the log, a model that follows."""

from datetime import timedelta

from huiyin import corrections
from huiyin.core.commands import Object, Reclassify, Rule
from huiyin.core.sorting import Question, Sorter
from huiyin.desk import Change, Complaint, Desk, Order
from huiyin.rules.load import load_catalogue, load_model, load_sorting_rules
from huiyin.store import vault
from huiyin.store.database import connect
from huiyin.training import train
from tests.conftest import Database
from tests.core.world import AT, REGISTRY, RULES, sorting

SEAL = vault.Seal(b"m" * 32)
WORDS = "无人机在楼顶起降扰民,第{}次了,飞手每天都来"


def order(i: int, words: str, chosen: str | None = None) -> Order:
    sealed = SEAL.seal(vault.encode(vault.Dossier(words)))
    found = sorting("B03" if chosen else "T02", chosen=chosen)
    return Order("urn:test", str(i), "sorter", Complaint("web", "none", AT, found, sealed), i)


async def test_corrections_are_read_and_learnt(database: Database) -> None:
    engine, vault_engine = connect(database.url, name="test"), connect(database.vault_url, name="test")
    desk = Desk(engine, RULES, load_sorting_rules().matters, b"r" * 32)
    answers = await desk.act([order(i, WORDS.format(i)) for i in range(30)], at=AT)
    await desk.act([order(100, "广场上音箱开得很大", chosen="T02")], at=AT)
    changes = [
        Order(
            "urn:http",
            f"c{i}",
            "community:990101001001",
            Change(str(answer.number), Reclassify(category="B03")),
            role="community",
        )
        for i, answer in enumerate(answers)
    ]
    await desk.act(changes, at=AT + timedelta(minutes=1))
    found = [one async for one in corrections.read(engine, vault_engine, SEAL)]
    assert len(found) == 31
    assert {one.leaf for one in found} == {"B03"}
    assert found[0].text == WORDS.format(0)
    await engine.dispose()
    await vault_engine.dispose()

    catalogue, rules, shipped = load_catalogue(), load_sorting_rules(), load_model()
    question = Question(WORDS.format(77))
    assert Sorter(REGISTRY, catalogue, rules, shipped).sort([question])[0].category != "B03"
    learnt = train(found, catalogue=catalogue, base=shipped)
    assert Sorter(REGISTRY, catalogue, rules, learnt).sort([question])[0].category == "B03"


async def test_upheld_objections_say_where_the_catalogue_is_wrong(database: Database) -> None:
    engine = connect(database.url, name="test")
    desk = Desk(engine, RULES, load_sorting_rules().matters, b"r" * 32)
    assert await corrections.rulings(engine) == []
    sealed = SEAL.seal(vault.encode(vault.Dossier("外墙渗水")))
    what = Complaint("web", "none", AT, sorting("A02"), sealed)
    answers = await desk.act([Order("urn:test", str(i), "sorter", what, i) for i in range(3)], at=AT)
    for i, answer in enumerate(answers):
        number = str(answer.number)
        steps = [
            ("property:E1", "property", Object("not-our-duty")),
            ("community:990101001001", "community", Rule(i > 0)),
        ]
        for post, role, command in steps:
            one = Order("urn:http", f"{i}-{post}", post, Change(number, command), role=role)
            assert (await desk.act([one], at=AT + timedelta(minutes=1)))[0].code is None
    assert await corrections.rulings(engine) == [corrections.Ruled("A02", "not-our-duty", 3, 2)]
    await engine.dispose()
