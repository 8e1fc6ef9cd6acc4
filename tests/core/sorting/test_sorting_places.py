"""Words to a place: every rule with a sentence of its own; a wrong grid is worse than a question."""

import pytest

from huiyin.core.sorting import Question, Sorter
from huiyin.core.sorting.normal import one
from huiyin.core.sorting.numerals import recognise
from huiyin.core.words import Place

# text → estate, building code, grid
IN_TEXT = [
    ("我是云栖里小区3栋的业主，楼道灯坏了。", "E1", "E1B3", "E1G0"),
    ("云栖里4幢2单元电梯坏了", "E1", "E1B4", "E1G1"),
    ("云栖里5号楼楼下有人烧烤", "E1", "E1B5", "E1G1"),
    ("云栖里六栋顶楼漏水", "E1", "E1B6", "E1G1"),
    ("云栖里２＃楼道堆满杂物", "E1", "E1B2", "E1G0"),
    ("云栖里小区12-2-301漏水", "E1", None, None),  # the registry has no building 12
    ("云栖里5-2-301漏水", "E1", "E1B5", "E1G1"),
    ("云栖里5-204漏水", "E1", None, None),  # building or unit? ask
    ("云西里3栋停水", "E1", "E1B3", "E1G0"),  # an alias
    ("云栖里停水了", "E1", None, None),
    ("云栖里第3栋停水了", "E1", "E1B3", "E1G0"),
    ("云栖里2、3栋停水了", "E1", None, "E1G0"),  # two buildings, one grid
    ("云栖里3栋、4栋停水了", "E1", None, None),  # two buildings, two grids
    ("云栖里二期3栋停水了", "E1", None, None),  # the registry knows no second phase
    ("云栖里B3栋停水了", "E1", None, None),  # B3 is not 3
    ("云栖里每一栋楼的灯都坏了", "E1", None, None),  # a count, not a name
    ("A1区云栖里3栋", "E1", "E1B3", "E1G0"),
    ("青杉小区物业太差", "E2", None, "E2G0"),  # one grid only
    ("望潮小区5栋停水", None, None, None),  # 望潮花园? a two-character stem is only a suggestion
    ("望 潮 花 园 5 栋停水", "E3", "E3B5", "E3G0"),
    ("望潮花園五棟停水", "E3", "E3B5", "E3G0"),
    ("锦书台三期2栋停水", "E5", "E5B2", "E5G0"),
    ("锦书台叁期2栋停水", "E5", "E5B2", "E5G0"),
    ("澜庭一号A座停水", "E8", "E8B4", "E8G1"),
    ("澜庭壹号A栋停水", "E8", "E8B4", "E8G1"),
    ("周末去公园里散步，路灯都不亮", None, None, None),
    ("我是公园里小区2栋业主，路灯不亮", "E4", "E4B2", "E4G0"),
    ("A1区公园里3栋停水", "E4", "E4B3", "E4G1"),
    ("望潮花园路上有人摆摊", None, None, None),  # a road that borrowed the name
    ("A2区鹤鸣苑2栋停水", "E7", "E7B2", "E7G0"),  # two estates of one name: the district decides
    ("鹤鸣苑2栋停水", None, None, None),
    ("我住在望潮花园2栋，像云栖里那样的小区早就装了充电桩", "E3", "E3B2", "E3G0"),
    ("我是望潮花园业主，隔壁的云栖里天天施工", "E3", None, None),
    ("从云栖里到望潮花园的公交太少", None, None, None),
    ("没有写地方", None, None, None),
]


@pytest.mark.parametrize(("text", "estate", "building", "grid"), IN_TEXT)
def test_text(sorter: Sorter, text: str, estate: str | None, building: str | None, grid: str | None) -> None:
    spot = sorter.sort([Question(text)])[0].spot
    assert (spot.estate_code, spot.building_code, spot.grid_code) == (estate, building, grid)
    if estate:
        assert spot.community_code is not None
        assert spot.street_code is not None


GIVEN = [
    (Place(building_code="E3B2"), "building_code", ("E3", "E3B2", "E3G0")),
    (Place(building_code="nonsense", estate="云栖里", building="3"), "fields", ("E1", "E1B3", "E1G0")),
    (Place(grid_code="E3G1"), "grid_code", ("E3", None, "E3G1")),
    (Place(grid_code="E3G1", building="12栋"), "grid_code", ("E3", "E3B12", "E3G1")),
    (Place(grid_code="E3G1", building="1栋"), "grid_code", ("E3", None, "E3G1")),  # 1栋 lies in another grid
    (Place(community_code="C2"), "community_code", (None, None, None)),
    (Place(community_code="C2", estate="望潮花园", building="1"), "community_code", ("E3", "E3B1", "E3G0")),
    (Place(lat=0.015, lon=0.035), "coordinates", ("E3", None, "E3G1")),
    (Place(lat=89.0, lon=1.0, estate="云栖里"), "fields", ("E1", None, None)),
    (Place(lat=float("nan"), lon=1.0), "none", (None, None, None)),
    (Place(estate="望潮花园", building="五号楼", unit="2", room="301"), "fields", ("E3", "E3B5", "E3G0")),
    (Place(address="东湾街道望潮花园5幢2单元301室"), "fields", ("E3", "E3B5", "E3G0")),
]


@pytest.mark.parametrize(("place", "by", "codes"), GIVEN)
def test_given(sorter: Sorter, place: Place, by: str, codes: tuple[str | None, str | None, str | None]) -> None:
    result = sorter.sort([Question("停水了", place=place)])[0]
    assert result.evidence.by == by
    assert (result.spot.estate_code, result.spot.building_code, result.spot.grid_code) == codes


def test_fields_beat_the_text(sorter: Sorter) -> None:
    asked = Question("云栖里那边天天施工，云栖里的人都不管", place=Place(estate="望潮花园", building="2"))
    assert sorter.sort([asked])[0].spot.building_code == "E3B2"


def test_unknown_building_is_kept_and_explained(sorter: Sorter) -> None:
    result = sorter.sort([Question("我是云栖里25栋业主")])[0]
    assert (result.spot.estate_code, result.spot.building, result.spot.grid_code) == ("E1", "25栋", None)
    assert result.evidence.why == "文中写明“云栖里”25栋，登记册无25栋，先交社区"


def test_suggestions_are_ranked(sorter: Sorter) -> None:
    result = sorter.sort([Question("鹤鸣苑2栋停水")])[0]
    assert {candidate.code for candidate in result.evidence.place} == {"E6", "E7"}
    assert result.place_confidence < 0.8


def test_community_in_the_text(sorter: Sorter) -> None:
    spot = sorter.sort([Question("东湾二社区的路灯不亮")])[0].spot
    assert (spot.community_code, spot.estate_code) == ("C2", None)


ADDRESSES = [
    ("东新路文苑6幢10单元1317", "6栋", "10单元", "1317"),
    ("缤纷北苑47-6-746", "47栋", "6单元", "746"),
    ("中山首府B座1251", "B栋", None, "1251"),
    ("御园66栋4单元2530室", "66栋", "4单元", "2530"),
    ("星光大道三号楼二单元", "3栋", "2单元", None),
    ("中河路650号", None, None, None),
]


@pytest.mark.parametrize(("address", "building", "unit", "room"), ADDRESSES)
def test_recognise(address: str, building: str | None, unit: str | None, room: str | None) -> None:
    parts = recognise(one(address))
    assert (parts.building, parts.unit, parts.room) == (building, unit, room)


@pytest.mark.parametrize(
    ("text", "estate"),
    [
        ("青杉小区停车太乱", "E2"),
        ("A1区青杉小区停车太乱", "E2"),
        ("B9市青杉小区停车太乱", None),
        ("西城区青杉小区停车太乱", None),
        ("我们学校片区的青杉小区停车太乱", "E2"),
        ("B9市望潮花园停车太乱", "E3"),
    ],
)
def test_a_short_name_needs_its_own_district_where_one_is_named(sorter: Sorter, text: str, estate: str | None) -> None:
    (found,) = sorter.sort([Question(text)])
    assert found.spot.estate_code == estate
    assert estate or found.evidence.place, "what was considered stays visible for the person who sorts it"


def test_a_form_field_is_believed_whatever_the_text_says(sorter: Sorter) -> None:
    (found,) = sorter.sort([Question("B9市的亲戚也这样说，停车太乱", place=Place(estate="青杉小区"))])
    assert found.spot.estate_code == "E2"
