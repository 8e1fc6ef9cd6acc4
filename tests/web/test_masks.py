"""What is shown of a complainant: DOMAIN 8.2's table cell by cell, and words with nothing in them that tells who."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core import masks, telltale
from huiyin.core.masks import PARTS
from huiyin.core.people import ROLES
from huiyin.core.telltale import BLANK, Known, kinds, masked

# DOMAIN 8.2, "Masking": role, with the case in hand, then name, phone, room, text, identity papers.
# "full, logged" and "reveal logged" are `reveal` (8.2 (6): every look at a full contact is logged with its purpose);
# rows that say "(assigned)" are the least for anybody else; "full [address] only for assigned person".
DOMAIN = """
public            yes  nothing  nothing  nothing   nothing  nothing
public            no   nothing  nothing  nothing   nothing  nothing
building_leader   yes  alias    nothing  unit      masked   nothing
building_leader   no   alias    nothing  building  masked   nothing
owners_committee  yes  alias    nothing  building  masked   nothing
owners_committee  no   alias    nothing  building  masked   nothing
property          yes  alias    relay    building  masked   nothing
property          no   alias    nothing  building  masked   nothing
grid_worker       yes  full     reveal   full      full     nothing
grid_worker       no   alias    nothing  building  masked   nothing
mediator          yes  full     reveal   full      full     reveal
mediator          no   alias    nothing  nothing   nothing  nothing
community         yes  full     reveal   full      full     nothing
community         no   masked   reveal   unit      full     nothing
street            yes  reveal   reveal   unit      full     nothing
street            no   alias    nothing  building  masked   nothing
department        yes  reveal   reveal   unit      full     nothing
department        no   alias    nothing  building  masked   nothing
auditor           yes  alias    nothing  nothing   nothing  nothing
auditor           no   alias    nothing  nothing   nothing  nothing
registrar         yes  nothing  nothing  nothing   nothing  nothing
registrar         no   nothing  nothing  nothing   nothing  nothing
machine           yes  nothing  nothing  nothing   nothing  nothing
machine           no   nothing  nothing  nothing   nothing  nothing
stranger          yes  nothing  nothing  nothing   nothing  nothing
"""
CELLS = [
    (role, assigned == "yes", part, cell)
    for role, assigned, *cells in map(str.split, DOMAIN.strip().splitlines())
    for part, cell in zip(PARTS, cells, strict=True)
]


@pytest.mark.parametrize(("role", "assigned", "part", "expected"), CELLS)
def test_the_table_cell_by_cell(role: str, assigned: bool, part: masks.Part, expected: masks.Level) -> None:
    assert masks.level(role, part, assigned=assigned, category="C01") == expected


def test_the_table_has_every_role_and_nobody_else() -> None:
    assert {role for role, *_ in CELLS} == {*ROLES, "public", "stranger"}
    assert set(masks.TABLE) == {*ROLES, "public"}
    assert len(CELLS) == 25 * 5


@pytest.mark.parametrize("role", [*ROLES, "public"])
@pytest.mark.parametrize("assigned", [True, False])
@pytest.mark.parametrize("category", ["A01", "A07", "C01", "L02", "T09"])
def test_a_repair_shows_property_the_entrance_and_nobody_else_more(role: str, assigned: bool, category: str) -> None:
    repair = masks.level(role, "room", assigned=assigned, category=category)
    other = masks.level(role, "room", assigned=assigned, category="C01")
    if role == "property" and assigned and category.startswith("A"):
        assert (repair, other) == ("unit", "building")
    else:
        assert repair == other


REVEALS = {  # role, with the case in hand: what it may look at in full, logged
    ("grid_worker", True): {"name", "phone", "room"},
    ("mediator", True): {"name", "phone", "room"},
    ("community", True): {"name", "phone", "room"},
    ("community", False): {"phone"},
    ("street", True): {"name", "phone"},
    ("department", True): {"name", "phone"},
}


@pytest.mark.parametrize("role", [*ROLES, "public", "clock", "resident", ""])
@pytest.mark.parametrize("assigned", [True, False])
def test_who_may_look_at_what(role: str, assigned: bool) -> None:
    found = {part for part in get_args(masks.Field) if masks.revealable(role, part, assigned=assigned)}
    assert found == REVEALS.get((role, assigned), set())


def test_an_alias_is_of_the_case_and_of_nothing_else() -> None:
    assert masks.alias("HY000000001") == masks.alias("HY000000001")
    assert masks.alias("HY000000001") != masks.alias("HY000000002")
    assert masks.alias("HY000000001").startswith("居民甲")


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("name", "张三", "张*"), ("name", "张小三", "张*"), ("name", "欧阳娜娜", "欧阳*"), ("name", "", ""),
        ("phone", "13812345678", "138****5678"), ("phone", "+86 138-1234-5678", "138****5678"),
        ("phone", "010-62345678", "010****5678"), ("phone", "62345678", "****78"), ("phone", "12", "****"),
        ("phone", "", ""), ("phone", "１３８１２３４５６７８", "138****5678"),
        ("papers", "11010119900307123X", "110***********123X"), ("papers", "1", "****"), ("papers", "", ""),
    ],
)  # fmt: skip
def test_values_in_part(kind: str, value: str, shown: str) -> None:
    assert getattr(telltale, kind)(value) == shown


# what stands in a text, what stands there after: "" = gone, the text is one blank
TELLING = [
    ("13912345678", "phone"), ("139 1234 5678", "phone"), ("139-1234-5678", "phone"),
    ("１３９１２３４５６７８", "phone"),
    ("一三九一二三四五六七八", "phone"), ("幺三九 幺二三四 五六七八", "phone"), ("壹叁玖壹贰叁肆伍陆柒捌", "phone"),
    ("139一二三四5678", "phone"), ("1.3.9.1.2.3.4.5.6.7.8", "phone"), ("+86 139 1234 5678", "phone"),
    ("1\u200b3\u200b9\u200b1\u200b2\u200b3\u200b4\u200b5\u200b6\u200b7\u200b8", "phone"), ("①③⑨12345678", "phone"),
    ("1️⃣3️⃣9️⃣12345678", "phone"), ("010-62345678", "phone"), ("(0571)8765 4321", "phone"), ("尾号5678", "phone"),
    ("400-123-4567", "phone"), ("abc@example.com", "contact"), ("微信:abc_12345", "contact"),
    ("QQ 12345678", "contact"),
    ("302室", "room"), ("三〇二室", "room"), ("三百零二室", "room"), ("３０２室", "room"),
    ("302 室", "room"), ("1201房", "room"),
    ("2单元302", "room"), ("二单元三〇二室", "room"), ("3-2-301", "room"), ("３－２－３０１", "room"),
    ("3—2—301", "room"),
    ("3#2-301", "room"), ("12-1-1201", "room"), ("2-302", "room"), ("五楼东户", "room"), ("302号", "room"),
    ("110101199003071234", "papers"), ("11010119900307123X", "papers"), ("110101 19900307 1234", "papers"),
    ("京A12345", "plate"), ("京A·12345", "plate"), ("浙ad12345", "plate"), ("粤B 1234学", "plate"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kind"), TELLING)
def test_what_tells_who_is_blank(said: str, kind: str) -> None:
    text = f"有人说“{said}”,请处理"
    assert kind in kinds(text)
    assert masked(text) == f"有人说“{BLANK}”,请处理"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我叫王小明,", "我叫▇,"), ("我叫李四", "我叫▇"), ("我叫欧阳娜娜。", "我叫▇。"), ("姓名:张三", "姓名:▇"),
        ("我是张伟,家里漏水", "我是▇,家里漏水"), ("本人李四,", "本人▇,"), ("张女士说", "▇女士说"), ("我姓赵", "我姓▇"),
        ("三栋三〇二漏水", "三栋▇漏水"), ("3号楼302漏水", "3号楼▇漏水"), ("楼上302漏水", "▇漏水"),
        ("1栋1单元101、1栋1单元102", "1栋▇、1栋▇"), ("我住五楼", "▇"),
    ],
)  # fmt: skip
def test_names_and_homes_in_their_sentence(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 漏水3天", "9月5日上午10点起,已经3天没有热水,共14户", "3号楼2单元的门坏了", "我是3栋业主",
    "我叫了物业三次",
        "HY000000123", "物业费2.5元/平米,收了1200元", "电梯坏了,已打96333", "晚上22:00-06:00", "停车费300元/月",
    "三楼漏水",
        "房间漏水", "李师傅没来", "第十二届", "一直吵到晚上十点", "他说我是骗子",
    ],
)  # fmt: skip
def test_what_tells_nobody_stays(text: str) -> None:
    assert masked(text) == text
    assert kinds(text) == ()


def test_what_the_dossier_knows_is_found_without_a_word_before_it() -> None:
    known = Known("王小明", "13912345678", "九九九室")
    for text in ("王小明", "小明家", "王 小 明", "王·小明", "678 345678", "住999那家", "九九九", "九百九十九"):
        assert masked(text) == text, text
        assert BLANK in masked(text, known), text
    assert kinds("小明", known) == ("name",)
    assert masked("大明来过", known) == "大明来过"
    assert masked("女士", Known("王女士")) == "女士"


def test_what_is_not_known_is_not_looked_for() -> None:
    assert masked("一切正常 1", Known()) == "一切正常 1"
    assert masked("5号楼有5个人", Known("", "1", "5")) == "5号楼有5个人"


@given(st.text(alphabet="的了在-—  \u200b,", max_size=8), st.text(alphabet="0123456789", min_size=9, max_size=9))
def test_no_number_survives_whatever_stands_around(around: str, rest: str) -> None:
    number = "13" + rest
    for spelled in (number, number.translate(str.maketrans("0123456789", "零一二三四五六七八九"))):
        assert spelled not in masked(f"{around}{spelled}{around}")
        assert spelled[3:] not in masked(f"{around}{spelled[:3]} {spelled[3:]}{around}")


@given(st.text(max_size=200))
def test_masking_is_done_once(text: str) -> None:
    once = masked(text)
    assert not kinds(once) or BLANK in once
    assert len(once) <= len(text)
