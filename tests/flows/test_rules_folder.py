"""A city's own rules: each file stands in the place of the shipped one, and a wrong one is told."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from huiyin.core.ladder import Case, Ladder
from huiyin.rules.load import stamp
from huiyin.rules.rulebook import Rulebook, load_ladder
from tests.core.world import REGISTRY, spot

SHIPPED = (files("huiyin.rules") / "ladder.toml").read_text()


def test_another_order_and_another_name(tmp_path: Path) -> None:
    """Names and order are the city's: here the property company comes before the owners' committee."""
    order = tomllib.loads(SHIPPED)["order"]
    swapped = [order[0], order[2], order[1], *order[3:]]
    text = SHIPPED.replace(f"order = {order}".replace("'", '"'), f"order = {swapped}".replace("'", '"'))
    (tmp_path / "ladder.toml").write_text(text.replace('name = "街道三方办"', 'name = "镇综治中心"'))
    before = stamp(tmp_path)
    rules = Rulebook(REGISTRY, tmp_path).rules
    ladder = Ladder(rules.ladder, REGISTRY)
    case, rungs, here = Case(spot(), "none"), [], "building_leader"
    while (standing := ladder.above(here, case)) is not None:  # type: ignore[arg-type]
        rungs.append(standing)
        here = str(standing.rung)
    assert [one.rung for one in rungs] == swapped[1:]
    assert rungs[-1].post.name.endswith("镇综治中心")
    assert rules.version != Rulebook(REGISTRY).rules.version, "steps name the rulebook that was in force"
    (tmp_path / "catalogue.csv").write_bytes((files("huiyin.rules") / "catalogue.csv").read_bytes())
    assert stamp(tmp_path) != before


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('"owners_committee", "property_company"', '"owners_committee"', "order and rungs differ"),
        ('unit = "working_day"', 'unit = "fortnight"', "fortnight"),
        ("[limits]", "[limit]", "limits"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    (tmp_path / "ladder.toml").write_text(SHIPPED.replace(was, becomes, 1))
    with pytest.raises(ValueError, match=said):
        load_ladder(tmp_path)
