"""Where a case goes whose resident is under pressure (受到压力): the last rung, past whoever had it before."""

from collections.abc import Iterable

from msgspec.structs import replace

from huiyin.core.ladder import Case, Standing
from huiyin.core.staff import Party
from huiyin.core.state import Ticket
from huiyin.core.ticket.ground import Ground
from huiyin.core.voices import Pressured
from huiyin.core.words import Spot


def away(ticket: Ticket, spot: Spot, ground: Ground) -> Pressured:
    """The step there. Out of sight goes the property company of the place, and every post and person that had the
    case; of the last rung only the persons, for the post goes on with it."""
    rules = ground.rules.ladder
    here = ticket.post.code if ticket.post and ticket.rung else None
    had = (ground.ladder.respondent("property", spot), here, *(post for post, _ in ticket.hands))
    top = rules.rungs[rules.order[-1]].prefix + ":"
    posts = tuple(sorted({one for one in had if one and not one.startswith(top)}))
    persons = tuple(sorted({ticket.handler, *(person for _, person in ticket.hands)} - {""}))
    case = ground.case(ticket, spot)
    standing = refuge(replace(case, parties=(*case.parties, *barred(posts, persons))), ground)
    return Pressured(ticket.rung, standing, *ground.clocks(standing, ticket.urgency), posts, persons)


def refuge(case: Case, ground: Ground) -> Standing:
    """The last rung, or who stands in there; the sorting desk as long as nobody knows the place."""
    return ground.ladder.at(ground.rules.ladder.order[-1], case) or ground.ladder.desk("地点不明,人工分拣")


def barred(posts: Iterable[str], persons: Iterable[str]) -> tuple[Party, ...]:
    """Those who have no more to do with a case, as parties to it."""
    out = [Party("barred", organisation=one) for one in posts]
    return (*out, *(Party("barred", person=one) for one in persons))
