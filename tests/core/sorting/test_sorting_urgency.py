"""Emergencies call the hotline first; what is denied, past, feared or a matter of policy does not."""

import pytest

from huiyin.core.sorting import Question, Sorter

NOW = [
    ("我家楼下着火了，快来人", "119"),
    ("3栋电梯困人了，老人被困电梯十分钟", "lift"),
    ("厨房闻到煤气味，很浓", "gas"),
    ("楼道里燃气管道漏气了", "gas"),
    ("有人要跳楼，站在楼顶", "110"),
    ("楼下有人昏迷了", "120"),
    ("有人持刀在小区里", "110"),
    ("老人走失了，穿红衣服", "110"),
    ("以前也修过，现在又着火了", "119"),
    ("电瓶充电引起着火了，快来人", "119"),
    ("老人没出来，楼上着火了", "119"),
    ("打不开门，被困在屋里了", "119"),
]
NOT_NOW = [
    "没有漏气了，谢谢燃气公司",
    "上个月着火，已经扑灭了，要求赔偿",
    "去年小区起火，希望加强管理",
    "消防通道被占，万一着火怎么办",
    "电动车上楼充电存在火灾隐患，容易引发着火",
    "建议开展漏气检测和消防演练",
    "担心老人被困在里面",
    "曾经有人跳楼，请安装防护网",
    "如果燃气泄漏谁负责",
    "电梯经常困人，请更换",
    "路灯不亮",
    "房价跳楼价甩卖，损害老业主利益",
    "开发商实质性侵占绿地",
    "物业管理混乱，业主多次反映无人理睬，绿化、保洁、停车、收费样样都有问题，希望领导重视。" * 3 + "小区还着火过。",
]


@pytest.mark.parametrize(("text", "call"), NOW)
def test_emergency(sorter: Sorter, text: str, call: str) -> None:
    result = sorter.sort([Question(text)])[0]
    assert result.urgency == "emergency"
    assert call in result.hotline
    assert result.evidence.urgency


@pytest.mark.parametrize("text", NOT_NOW)
def test_no_emergency(sorter: Sorter, text: str) -> None:
    result = sorter.sort([Question(text)])[0]
    assert result.urgency != "emergency"
    assert result.hotline == ()


def test_class_follows_the_leaf(sorter: Sorter) -> None:
    kinds = {"H02": "urgent", "C05": "normal", "M02": "complex"}
    for leaf, urgency in kinds.items():
        assert sorter.sort([Question("请处理一下", category=leaf)])[0].urgency == urgency


def test_parking_is_urgent_only_when_it_blocks(sorter: Sorter) -> None:
    assert sorter.sort([Question("路边违停严重", category="G02")])[0].urgency == "normal"
    assert sorter.sort([Question("车库门口被堵住出不来", category="G02")])[0].urgency == "urgent"


@pytest.mark.parametrize(
    ("text", "leaf"), [("电梯里有人被困，在3栋2单元", "H01"), ("快来人，着火了", "J06"), ("有人要跳楼", "J11")]
)
def test_an_emergency_names_the_category_where_the_words_alone_do_not(sorter: Sorter, text: str, leaf: str) -> None:
    (found,) = sorter.sort([Question(text)])
    assert (found.category, found.candidates[0].code, found.urgency) == (leaf, leaf, "emergency")
