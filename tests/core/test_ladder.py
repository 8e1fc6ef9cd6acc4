"""Who gets a complaint where a rung is missing (DOMAIN 2.2), and in an emergency."""

import pytest
from msgspec.structs import replace

from huiyin.core import commands as c
from huiyin.core.ladder import Post
from huiyin.core.staff import Party, Person
from huiyin.core.steps import Filed, HandedUp, HotlineInstructed, Related, Signed, Sorted
from huiyin.core.words import Spot
from tests.core.rungs import POSTS, climb, whole
from tests.core.world import (
    COMMUNITY,
    REGISTRY,
    C,
    S,
    Story,
    rules,
    sorting,
    spot,
    staffed,
)

HOME = b"E1-B01/601"
WANG = Person("p-wang", household=HOME)
LI = Person("p-li", household=b"E1-B02/101")


def test_a_management_committee_stands_in_for_the_owners() -> None:
    story = Story("L02", rulebook=rules({"owners_committee": "management"}))
    post = Post("management_committee:E1", "柳岸花园物业管理委员会")
    basis = "未成立业主委员会,由物业管理委员会履行职责"
    whole(story, "owners_committee", ("柳岸花园没有业主委员会",), post=post, acting=basis)


@pytest.mark.parametrize("status", ["none", "preparing", "expired"])
def test_else_the_residents_committee_acts_for_them(status: str) -> None:
    """以居代业, marked with its basis; from there it goes on as from any other rung."""
    story = Story("L02", rulebook=rules({"owners_committee": status}))
    post = Post(f"community:{C}", "柳岸社区居民委员会(代行业主委员会职责)")
    basis = "以居代业:居民委员会暂代,只作指导协调,不代替业主决定"
    whole(story, "owners_committee", ("柳岸花园没有业主委员会",), post=post, acting=basis)
    climb(story, "property_company")
    assert story.ticket.acting is None


def test_who_stands_in_and_has_an_interest_is_passed_over() -> None:
    """No stand-in of the committee where the community itself is complained about, or all of it withdraw."""
    book = rules({"owners_committee": "none"})
    story = Story("L02", about="none", rulebook=book, staff=staffed((WANG, COMMUNITY.post)),
                  parties=(Party("respondent", person="p-wang"),))  # fmt: skip
    withdrawn = "居民委员会(代行业主委员会职责)与本件有利害关系(本人是当事人),回避"
    again = "社区党委与本件有利害关系(本人是当事人),回避"
    whole(story, "street_office", ("柳岸花园没有业主委员会", withdrawn, again))


@pytest.mark.parametrize("status", ["none", "withdrawn"])
def test_no_company_or_one_that_left(status: str) -> None:
    story = Story("A02", rulebook=rules({"property_company": status}))
    whole(story, "community_committee", ("柳岸花园没有物业服务企业",))
    story = Story("L02", rulebook=rules({"property_company": status}))
    climb(story, "community_committee", "柳岸花园没有物业服务企业")


def test_no_committee_and_no_company_never_come_to_the_same_post_twice() -> None:
    """The community that acted for the owners is not handed its own ticket again."""
    story = Story("L02", spot("E2", "E2-B01"))
    assert story.ticket.post is not None
    assert (story.ticket.rung, story.ticket.post.code) == ("owners_committee", f"community:{C}")
    climb(story, "street_office", "老纺织大院没有物业服务企业")


def test_a_vacant_post_has_a_deputy_or_the_next_rung_has_it() -> None:
    deputy = Story("A02", staff=staffed(deputies=((LI, "property:E1"),)))
    whole(deputy, "property_company", ("物业服务企业空缺,由副职承办",))
    vacant = Story("A02", staff=staffed(vacant="property:E1"))
    whole(vacant, "community_committee", ("物业服务企业空缺",))
    story = Story("L02", staff=staffed(vacant="property:E1"))
    climb(story, "community_committee", "物业服务企业空缺")
    top = Story("M02", staff=staffed(vacant=f"street:{S}"))
    whole(top, "street_office", ("街道三方办空缺",))  # a vacant last desk keeps it: its clock runs


def test_a_street_that_all_withdraws_is_looked_after_by_the_district() -> None:
    staff = staffed((WANG, f"street:{S}"))
    story = Story("M02", staff=staff, parties=(Party("complainant", person="p-wang"),))
    district = Post("district:东城区", "东城区区级督办席")
    why = ("街道三方办与本件有利害关系(本人是当事人),回避",)
    whole(story, "street_office", why, post=district, acting="街道三方办回避,由区级督办")
    later = Story("M02", staff=staff)
    whole(later, "street_office")
    made = later.stands("street_office", district.code, district.name, *why)
    made |= {"acting": "街道三方办回避,由区级督办", "passed": ("street_office",)}
    later.does(c.Relate(Party("complainant", person="p-wang")), COMMUNITY, Related, HandedUp, **made)


def test_nothing_known_is_sorted_by_people() -> None:
    story = Story("A01", Spot())
    whole(story, None, ("地点不明,人工分拣",))


@pytest.mark.parametrize(
    ("where", "rung", "why"),
    [
        (spot(building=None), "community_committee", "楼栋不明,楼栋长无法确定"),
        (spot(estate=None, building=None), "community_committee", "楼栋不明,楼栋长无法确定"),
    ],
)
def test_a_place_that_is_half_known(where: Spot, rung: str, why: str) -> None:
    whole(Story("A01", where), rung, (why,))


def test_a_building_that_left_the_registry_stops_nothing() -> None:
    """Another registry came while the ticket was open: what it stood at is missing, and it goes on."""
    book = rules()
    gone = replace(REGISTRY, buildings={}, estates={}, grids={})
    for leaf in ("A01", "L02", "A02"):
        story = Story(leaf)
        story.rules = replace(book, registry=gone)
        story.lapses()
        assert story.ticket.rung == "community_committee", leaf
    story.rules = replace(book, registry=replace(gone, communities={}, streets={}))
    assert story.lapses().ticket.lapsed


# -- emergencies ------------------------------------------------------------------------------------------


def test_the_hotline_comes_first_then_company_and_community_at_once() -> None:
    story = Story("J05", urgency="emergency", hotline=("119", "gas"))
    assert [type(one) for one in story.steps] == [Filed, HotlineInstructed, Sorted]
    also = (Post(*POSTS["community_committee"]),)
    whole(story, "property_company", also=also, hotline=("119", "gas"))
    assert story.ticket.sorting == sorting("J05", urgency="emergency", hotline=("119", "gas"))
    story.does(c.Sign(), COMMUNITY, Signed, **story.signed())


def test_an_emergency_about_the_company_is_the_communitys() -> None:
    story = Story("H08", about="property")
    whole(story, "community_committee", ("物业服务企业是被反映对象,回避",))
    story = Story("J05", about="grid_or_community_staff")
    whole(story, "property_company")  # at once, the accused are not told


def test_an_urgent_word_makes_any_leaf_an_emergency() -> None:
    story = Story("B01", urgency="emergency", hotline=("110",))
    whole(story, "property_company", also=(Post(*POSTS["community_committee"]),), hotline=("110",))
