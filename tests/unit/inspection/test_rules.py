"""Rules of inspection, machine checks and retention."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import machine_checks, machine_pictures
from server.domain.inspection import (
    TRANSITIONS,
    Act,
    Inspection,
    Inspector,
    NodeVerdict,
    SampledPerson,
    SampleFacts,
    State,
    due_at,
    four_eyes,
    may,
    node_refusal,
    pass_refusal,
    reject_refusal,
    sampled_because,
    undecided_nodes,
    urgency,
)
from server.domain.retention import Contract, RetentionRules, may_dispose, retain_until
from server.domain.watching import Missing
from server.recordings.rulebook import load_rulebook

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
RULES = load_rulebook()
ALL_SEEN = Missing(1.0, 0.95, ())
people = st.sampled_from(["seller", "mate", "first", "other"])
TEAM = {"seller": "east", "mate": "east", "first": "quality", "other": "quality"}
inspections = st.builds(
    Inspection,
    state=st.sampled_from(State),
    seller_id=st.just("seller"),
    seller_team=st.just("east"),
    round=st.integers(1, 3),
    lock_by=st.none() | people,
    lock_until=st.none() | st.sampled_from([NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)]),
    assigned_to=st.none() | people,
    judged_by=st.frozensets(people, max_size=2),
    seller_team_now=st.sampled_from(["", "east", "west"]),
    decided_at=st.none() | st.just(NOW - timedelta(days=1)),
)


@given(inspection=inspections, who=people, act=st.sampled_from(Act), is_inspector=st.booleans())
def test_nobody_judges_their_own_sale(inspection: Inspection, who: str, act: Act, is_inspector: bool) -> None:
    refusal = may(act, inspection, Inspector(who, TEAM[who], is_inspector), NOW, RULES)
    if act is Act.APPEAL:
        assert refusal is not None or who == "seller"
        return
    if who in ("seller", "mate") or not is_inspector:
        assert refusal is not None
    if refusal is None and act in (Act.PASS, Act.REJECT, Act.DECIDE_NODE):
        assert inspection.locked_by(NOW) == who
        assert inspection.state is State.QUEUED
    if who in inspection.judged_by and (inspection.round > 1 or act in (Act.ACCEPT_APPEAL, Act.REFUSE_APPEAL)):
        assert refusal is not None


@given(inspection=inspections, one=people, two=people)
def test_two_people_never_hold_the_lock(inspection: Inspection, one: str, two: str) -> None:
    may_both = [may(Act.PASS, inspection, Inspector(who, TEAM[who], True), NOW, RULES) is None for who in (one, two)]
    assert one == two or not all(may_both)


def test_decided_states_change_only_by_an_appeal() -> None:
    assert {act for (state, act) in TRANSITIONS if state is State.PASSED} == set()
    assert {act for (state, act) in TRANSITIONS if state is State.REJECTED} == {Act.APPEAL}


def test_a_seller_who_moved_takes_both_teams_along() -> None:
    moved = Inspection(State.QUEUED, "seller", "east", seller_team_now="west")
    for team, code in (("east", "INSPECTION_SELLER_TEAM"), ("west", "INSPECTION_SELLER_TEAM"), ("quality", None)):
        refusal = four_eyes(moved, Inspector("other", team, True), RULES)
        assert (refusal.code if refusal else None) == code


def test_who_judged_in_any_round_judges_no_appeal_and_no_round_after_it() -> None:
    judged = Inspection(State.APPEALED, "seller", "east", round=2, judged_by=frozenset({"a", "b"}))
    for who, act in ((who, act) for who in "abc" for act in (Act.ACCEPT_APPEAL, Act.REFUSE_APPEAL)):
        refusal = may(act, judged, Inspector(who, "quality", True), NOW, RULES)
        assert (refusal.code if refusal else None) == (None if who == "c" else "INSPECTION_SAME_INSPECTOR")
    third = replace(judged, state=State.QUEUED, round=3)
    assert [may(Act.LOCK, third, Inspector(who, "quality", True), NOW, RULES) is None for who in "abc"] == [False, False, True]
    first = replace(judged, state=State.QUEUED, round=1, judged_by=frozenset())
    assert may(Act.LOCK, first, Inspector("a", "quality", True), NOW, RULES) is None


STAYS = [("greeting", False), ("consent", True), ("notice", True), ("consent", True)]


@pytest.mark.parametrize(
    ("asked", "decided", "left"),
    [
        ("critical", [], ("consent", "notice")), ("critical", ["consent"], ("notice",)), ("critical", ["notice", "consent"], ()),
        ("all", ["consent", "notice"], ("greeting",)), ("none", [], ()),
    ],
)  # fmt: skip
def test_nodes_are_judged_one_by_one_as_the_rulebook_asks(asked: str, decided: list[str], left: tuple[str, ...]) -> None:
    assert undecided_nodes(STAYS, decided, replace(RULES, node_verdicts=asked)) == left


def test_nothing_passes_with_a_critical_node_that_nobody_judged() -> None:
    assert RULES.node_verdicts == "critical"
    refusal = pass_refusal([], [], 0, {}, False, ALL_SEEN, ["consent"], RULES)
    assert refusal
    assert (refusal.code, refusal.params) == ("INSPECTION_NODES_UNDECIDED", {"count": 1, "node_ids": ["consent"]})


def test_an_empty_team_is_nobodys_team() -> None:
    inspection = Inspection(State.QUEUED, "seller", "")
    assert four_eyes(inspection, Inspector("other", "", True), RULES) is None


facts = st.builds(
    SampleFacts,
    recording_id=st.text(min_size=1, max_size=12),
    people=st.lists(
        st.builds(
            SampledPerson,
            roles=st.sampled_from(["policyholder", "insured", "guardian"]).map(lambda role: frozenset({role})),
            age=st.integers(0, 90),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    product_type=st.sampled_from(["term", "unit_linked", "participating"]),
    is_supplementary=st.booleans(),
    has_failed_check=st.booleans(),
)


@given(facts=facts)
def test_the_elderly_and_unit_linked_are_always_inspected(facts: SampleFacts) -> None:
    because = sampled_because(facts, RULES)
    assert ("elderly" in because) == any(person.age >= 60 for person in facts.people), "any customer, not the policyholder alone"
    assert ("unit_linked" in because) == (facts.product_type == "unit_linked")
    assert because == sampled_because(facts, RULES)


def test_the_drawn_share_is_about_the_ratio() -> None:
    rules = replace(RULES, general_ratio=0.3)
    young = (SampledPerson(frozenset({"policyholder"}), 30),)
    drawn = sum(bool(sampled_because(SampleFacts(f"rec_{n}", young, "term", False, False), rules)) for n in range(4000))
    assert 1080 <= drawn <= 1320


def test_whose_age_counts_is_the_rulebooks() -> None:
    holder_only = replace(RULES.sampling[0], roles=frozenset({"policyholder"}))
    rules = replace(RULES, sampling=(holder_only,), general_ratio=0.0)
    old, young = (SampledPerson(frozenset({role}), age) for role, age in (("insured", 72), ("policyholder", 41)))
    both = SampledPerson(frozenset({"policyholder", "insured"}), 60)
    assert sampled_because(SampleFacts("rec", (young, old), "term", False, False), rules) == ()
    assert sampled_because(SampleFacts("rec", (young, old), "term", False, False), RULES) == ("elderly",)
    assert sampled_because(SampleFacts("rec", (both,), "term", False, False), rules) == ("elderly",)


@given(hours=st.integers(-100, 400))
def test_the_deadline_is_never_behind_the_cooling_off_period(hours: int) -> None:
    end = NOW + timedelta(hours=hours)
    due = due_at(NOW, end, RULES)
    assert NOW <= due <= NOW + RULES.within
    assert due <= max(NOW, end - RULES.before_cooling_off_end)


@pytest.mark.parametrize(("hours", "word"), [(-1, "overdue"), (0, "overdue"), (1, "soon"), (24, "soon"), (25, "normal")])
def test_urgency(hours: int, word: str) -> None:
    assert urgency(State.QUEUED, NOW + timedelta(hours=hours), NOW, RULES) == word
    assert urgency(State.PASSED, NOW + timedelta(hours=hours), NOW, RULES) == "none"


def test_reasons_are_words() -> None:
    assert node_refusal(NodeVerdict("n1", "fail", "九个字还不够长呀"), ["n1"], RULES)
    assert node_refusal(NodeVerdict("n1", "fail", "   不够长         "), ["n1"], RULES)
    assert node_refusal(NodeVerdict("n1", "fail", "客户的回答听起来像旁人代答"), ["n1"], RULES) is None
    failed = [NodeVerdict("n1", "fail", "x" * 10)]
    assert reject_refusal([], ["third_party"], "y" * 10, RULES)
    assert reject_refusal(failed, ["made_up"], "y" * 10, RULES)
    assert reject_refusal(failed, ["third_party"], "短", RULES)
    assert reject_refusal(failed, ["third_party"], "y" * 10, RULES) is None


def test_a_failing_check_needs_a_persons_words() -> None:
    refusal = pass_refusal([], ["face_present"], 0, {}, False, ALL_SEEN, [], RULES)
    assert refusal
    assert refusal.code == "INSPECTION_CHECKS_UNANSWERED"
    assert (
        pass_refusal([], ["face_present"], 0, {"face_present": "画面角度偏低，本人一直在场"}, False, ALL_SEEN, [], RULES) is None
    )
    assert pass_refusal([], [], 2, {}, False, ALL_SEEN, [], RULES)
    assert pass_refusal([], [], 2, {}, True, ALL_SEEN, [], RULES) is None


@pytest.mark.parametrize("unwatched", [Missing(0.94, 0.95, ()), Missing(1.0, 0.0, ("n1",)), Missing(0.0, 0.0, ("n1", "n2"))])
def test_nothing_passes_unwatched(unwatched: Missing) -> None:
    refusal = pass_refusal([], [], 0, {}, False, unwatched, [], RULES)
    assert refusal
    assert (refusal.code, refusal.params["node_ids"]) == ("INSPECTION_UNWATCHED", list(unwatched.nodes))


MEASURED_NOTHING = {"duration_ms": 1000, "is_stopped": True, "seats": {"s": {"camera": None, "audio": None, "faces": None}}}


@pytest.mark.parametrize("measured", [None, MEASURED_NOTHING, {"duration_ms": 0, "is_stopped": False, "seats": {}}])
def test_nothing_passes_on_missing_input(measured: dict[str, object] | None) -> None:
    checks = machine_checks.check_media(measured, wall_clock_ms=None, seats=["s"], gaps=[], limits={})
    checks += machine_pictures.check_faces(measured, ["s"], {})
    passed = {check.code for check in checks if check.result == "pass"}
    assert passed <= {"recording_ended_in_order"}
    assert {check.code for check in checks if check.result == "not_measured"} >= {
        "length_matches_clock",
        "face_present",
        "same_person",
    }


def gap(t0_ms: int, t1_ms: int, seat: str = "s", track: str = "main") -> dict[str, object]:
    return {"seat_id": seat, "track": track, "t0_ms": t0_ms, "t1_ms": t1_ms}


@pytest.mark.parametrize(
    ("gaps", "missing"),
    [
        ([gap(4_000, 100_000), gap(4_020, 100_000)], [(4_000, 100_000)]),  # microphone and camera of one absence
        ([gap(9_000, 12_000), gap(1_000, 2_000), gap(11_000, 14_000)], [(1_000, 2_000), (9_000, 14_000)]),
        ([gap(1_000, 90_000, "other"), gap(1_000, 90_000, track="screen")], []),
    ],
)
def test_an_absence_counts_once(gaps: list[dict[str, object]], missing: list[tuple[int, int]]) -> None:
    measured = {"duration_ms": 100_000, "is_stopped": True, "seats": MEASURED_NOTHING["seats"]}
    checks = machine_checks.check_media(measured, wall_clock_ms=None, seats=["s"], gaps=gaps, limits={"gap_ms": 10_000})
    [found] = [check for check in checks if check.code == "gaps"]
    total = sum(t1 - t0 for t0, t1 in missing)
    assert found.value == total
    assert found.result == ("warn" if total > 10_000 else "pass")
    assert [(span["t0_ms"], span["t1_ms"]) for span in found.spans] == missing


def test_nobody_recorded_is_missing_all_the_time() -> None:
    measured = {"duration_ms": 100_000, "is_stopped": True, "seats": {}}
    checks = machine_checks.check_media(measured, wall_clock_ms=None, seats=["s"], gaps=[], limits={"gap_ms": 10_000})
    [found] = [check for check in checks if check.code == "gaps"]
    assert (found.result, found.value) == ("warn", 100_000)


@given(value=st.floats(0, 100), limit=st.floats(0, 100))
def test_a_check_is_its_value_against_its_limit(value: float, limit: float) -> None:
    low = machine_checks.at_most("c", "", "s", value, {"l": limit}, "l")
    high = machine_checks.at_least("c", "", "s", value, {"l": limit}, "l")
    assert (low.result == "pass") == (value <= limit)
    assert (high.result == "pass") == (value >= limit)
    assert machine_checks.at_most("c", "", "s", value, {}, "l").result == "not_measured"


days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
contracts = st.builds(
    Contract,
    is_over_one_year=st.booleans(),
    ended_on=st.none() | days,
    disputes_ended_on=st.lists(days, max_size=3).map(tuple),
    has_open_dispute=st.booleans(),
)


@given(reports=st.lists(contracts, min_size=1, max_size=8))
def test_retention_only_grows(reports: list[Contract]) -> None:
    current: date | None = None
    for contract in reports:
        found = retain_until(contract, RetentionRules(), current)
        if found is not None:
            assert current is None or found >= current
            assert contract.ended_on is not None
            assert (found - contract.ended_on).days >= (3652 if contract.is_over_one_year else 1826)
            current = found


@given(until=st.none() | days, today=days, is_held=st.booleans())
def test_only_what_is_over_and_free_may_go(until: date | None, today: date, is_held: bool) -> None:
    assert may_dispose(until, is_held, today) == (until is not None and today > until and not is_held)
