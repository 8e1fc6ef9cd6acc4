"""What a ticket is when it has just come to a rung, field by field."""

from msgspec.structs import replace

from huiyin.core import commands as c
from huiyin.core.steps import HandedUp
from huiyin.core.ticket import Ticket
from tests.core.world import (
    AT,
    C,
    S,
    Story,
    actor,
)

LEAD = "building_leader:E1-B01"
POSTS = {
    "building_leader": (LEAD, "柳岸花园1栋楼栋长"),
    "owners_committee": ("owners_committee:E1", "柳岸花园业主委员会"),
    "property_company": ("property:E1", "柳岸花园物业服务企业"),
    "community_committee": (f"community:{C}", "柳岸社区党委"),
    "street_office": (f"street:{S}", "清河街道三方办"),
}


def whole(story: Story, rung: str | None, why: tuple[str, ...] = (), **more: object) -> None:
    """The whole ticket as it is when just filed at a rung."""
    one = story.ticket
    blank = Ticket("HY000000001", 2, "dispatched", "web", one.about, AT, "HY000000001/1")
    found = one.sorting
    assert found is not None
    bare = replace(
        blank, version=one.version, spot=found.spot, category=found.category, urgency=found.urgency, sorting=found
    )
    made, story.kept = story.kept, bare
    code, name = POSTS[rung] if rung else ("sorting", "人工分拣台")
    expected = replace(bare, **(story.stands(rung, code, name, *why) | {"case_due": one.case_due} | more))  # type: ignore[arg-type]
    story.kept = made
    assert made == expected
    assert one.case_due is not None
    assert (one.case_due.start, one.case_due.unit) == (AT, "natural_hour")


def climb(story: Story, rung: str, *why: str, **more: object) -> None:
    """The holder hands it up, and it comes to just this rung."""
    one = story.ticket
    assert one.post is not None
    code, name = POSTS[rung]
    changed = story.stands(rung, code, name, *why) | {"passed": (*one.passed, one.rung)} | more  # type: ignore[arg-type]
    story.does(c.HandUp("beyond-means"), actor(one.post.code), HandedUp, **changed)


def comes(story: Story, rung: str, *why: str, **more: object) -> dict[str, object]:
    """What coming to a rung now changes."""
    code, name = POSTS[rung]
    return story.stands(rung, code, name, *why) | more  # type: ignore[arg-type]
