"""Whom and what the walk draws from: staffs, parties, rulebooks, actors, orders."""

from hypothesis import strategies as st

from huiyin.core import commands as c
from huiyin.core.mediated import Mediated
from huiyin.core.staff import NOBODY, Party, Person, Staff
from huiyin.core.ticket import CLOCK, RESIDENT, Rules
from huiyin.core.voices import Add, ReportPressure, Urge
from huiyin.core.whistled import Whistled
from huiyin.core.words import Spot
from tests.core.world import (
    AT,
    COMMITTEE,
    COMMUNITY,
    DESK,
    DISTRICT,
    GRID,
    LEADER,
    PROPERTY,
    RULES,
    STREET,
    WORDS,
    actor,
    rules,
    spot,
    staffed,
)

HOME = b"E1-B01/601"
A, B, D = Person("p-a", household=HOME), Person("p-b", employer="property:E1"), Person("p-d")
POSTS = [one.post for one in (LEADER, COMMITTEE, PROPERTY, COMMUNITY, STREET)]
STAFFS: list[Staff] = [
    NOBODY,
    staffed((A, POSTS[0]), (D, POSTS[1]), (B, POSTS[2]), (B, POSTS[3]), (D, POSTS[3]), (A, POSTS[4]), (D, POSTS[4])),
    staffed((A, POSTS[4]), (B, POSTS[3]), vacant=f"{POSTS[0]} {POSTS[2]}"),
    staffed((A, POSTS[0]), deputies=((D, POSTS[0]),), vacant=POSTS[4]),
]
PARTIES = [
    (),
    (Party("complainant", household=HOME),),
    (Party("respondent", person="p-a"), Party("complainant", person="p-x")),
]
BOOKS: list[Rules] = [
    RULES,
    rules({"owners_committee": "management", "property_company": "withdrawn"}),
    rules({"owners_committee": "expired", "property_company": "none"}),
]
LEAVES = ["A01", "A02", "B01", "B06", "C01", "G01", "J05", "L02", "L03", "M03", "T04", "T09"]
ABOUTS = [*sorted(RULES.ladder.accused), "none", "neighbour"]
BUILDINGS = sorted(RULES.registry.buildings)
PLACES = [spot(), spot(), spot("E1", "E1-B02"), spot(building=None), spot("E2", "E2-B01"), Spot()]
PEOPLE = ["", "p-a", "p-b", "p-d"]
ACTORS = [
    actor(one.post, person) for one in (LEADER, COMMITTEE, PROPERTY, COMMUNITY, STREET, GRID) for person in PEOPLE
]
ACTORS += [DESK, DISTRICT, RESIDENT, CLOCK, actor("property:E2"), actor("community:other", "p-d")]
RUNGS = st.sampled_from(RULES.ladder.order)

WHISTLED = st.builds(
    Whistled,
    st.sampled_from(["SH1", "SH2"]),
    st.sampled_from(["called", "supervised", "closed"]),
    st.integers(1, 9),
    st.none() | st.just(AT),
)
MEDIATED = st.builds(
    Mediated, st.sampled_from(["TJ1", "TJ2"]), st.sampled_from(["applied", "agreed", "ended"]), st.integers(1, 9)
)
ANYTHING = st.one_of(
    WHISTLED,
    MEDIATED,
    st.sampled_from(
        [c.Sign(), c.Contact(), c.Note(WORDS), c.CheckSite(WORDS), c.Resolve(WORDS), c.Reply(WORDS), c.Reassign("p-d"),
         c.HandUp("unsafe"), c.Object("other"), c.Rule(False), c.Rule(True), c.AnswerSupervision(WORDS), c.Approve(),
         c.Decline(), c.Clear(WORDS), c.Merge("HY2"), c.Join("HY3", None, AT), c.Split(), c.Leave("HY3"), c.Withdraw(),
         c.Follow(WORDS, "p-b", "property:E1"), c.Redirect("secret", WORDS), c.Reopen("came-back"), c.Recompute(),
         Urge(), Add(WORDS), ReportPressure(), c.Attach((WORDS,) * 9)]
    ),
    st.builds(c.Reclassify, st.none() | st.sampled_from(LEAVES), st.none() | st.sampled_from(BUILDINGS)),
    st.builds(c.Dispatch, RUNGS),
    st.builds(c.Rule, st.just(True), RUNGS),
    st.builds(c.Extend, st.just("other"), st.integers(0, 11)),
    st.builds(c.FollowUp, st.sampled_from(["yes", "partly", "no"]), st.none(), st.sampled_from(["receipt", "call"])),
    st.builds(c.Close, st.sampled_from(["solved", "explained", "outside-duty", "to-mediation", "no-answer"])),
    st.builds(c.Relate, st.sampled_from([Party("respondent", person="p-b"), Party("complainant", household=HOME),
                                         Party("respondent", organisation="property:E1")])),
)  # fmt: skip

THEN = [None, c.Approve(), c.Decline(), c.Rule(True), c.Rule(False), c.Split(), c.Clear(WORDS), c.Follow(WORDS, "", ""),
        c.Dispatch("building_leader"), c.Dispatch("community_committee"), c.AnswerSupervision(WORDS)]  # fmt: skip
