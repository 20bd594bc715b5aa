"""Laws of the callback engine, for every shipped rulebook and any history of commands and clock moves."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.callbacks.library import shipped_calendar, shipped_questionnaire, shipped_rulebook, shipped_rulebooks
from server.domain.callback.case import FINAL, CallbackCase, Command, Event, State
from server.domain.callback.desk import INBOUND, OUTBOUND, RESULTS, results_of
from server.domain.callback.engine import COMMANDS, advance, handle, start
from server.domain.callback.facts import CertificateType, Channel, PaymentMode, PolicyFacts
from server.domain.callback.timers import next_due_at

CALENDAR = shipped_calendar()
ISSUED = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)

policies = st.builds(
    PolicyFacts,
    policy_no=st.just("P1"),
    product_name=st.just("演示终身寿险"),
    product_type=st.sampled_from(["participating", "universal", "health", "term", "unit_linked"]),
    payment_mode=st.sampled_from(PaymentMode),
    channel=st.sampled_from(Channel),
    issued_at=st.integers(0, 60 * 24 * 40).map(lambda m: ISSUED + timedelta(minutes=m)),
    effective_on=st.just(ISSUED.date() + timedelta(days=1)),
    policyholder_name=st.just("张三"),
    insured_name=st.just("李四"),
    certificate=st.sampled_from(CertificateType),
    is_first_time=st.booleans(),
    is_insured_policyholder=st.booleans(),
    insured_age=st.integers(0, 80),
    term_text=st.just("终身"),
    payment_years=st.just(20),
    payment_frequency=st.just("年"),
    premium_fen=st.just(100_00),
    next_due_on=st.just(ISSUED.date()),
    guaranteed_rate=st.just("2%"),
    waiting_period_days=st.sampled_from([0, 90]),
    fees_text=st.just("初始费用 1%"),
    net_amount_fen=st.just(99_00),
    has_recording=st.booleans(),
    phone=st.just("13800000000"),
    has_phone=st.booleans(),
)

data = st.fixed_dictionaries(
    {},
    optional={
        "entry": st.sampled_from(["web", "link"]),
        "result": st.sampled_from(["success", "problem", "no_answer", "refused", "wrong_number", "nonsense"]),
        "from_phone": st.sampled_from(["13800000000", "13900000000"]),
        "phone": st.sampled_from(["", "13700000000"]),
        "channel": st.sampled_from(["visit", "letter", "fax"]),
        "category": st.sampled_from(["misconduct", "signature_missing", "unclear_rights", "nonsense"]),
        "needs_visit": st.booleans(),
        "signed_by_policyholder": st.booleans(),
        "staff_role": st.sampled_from(["service", "sales"]),
        "is_confirmed": st.booleans(),
        "is_signature_genuine": st.booleans(),
        "reached": st.booleans(),
        "reason": st.sampled_from(["", "客户要求"]),
        "sha256": st.just("a" * 64),
        "mood": st.sampled_from(["expected", "wrong", "none"]),
        "contradictions": st.sampled_from([[], ["Q5"]]),
        "is_noticed": st.booleans(),
    },
)
steps = st.lists(
    st.tuples(st.sampled_from(sorted(COMMANDS)), data, st.sampled_from([0, 1, 61, 3600, 20 * 3600, 86400, 5 * 86400])),
    max_size=30,
)


def answers(case: CallbackCase, mood: str) -> dict[str, str]:
    expected: dict[str, str] = {q.id: q.expected for q in case.questionnaire.asked}
    if mood == "wrong" and expected:
        first = next(iter(expected))
        expected[first] = "no" if expected[first] == "yes" else "yes"
    return {} if mood == "none" else expected


def play(name: str, policy: PolicyFacts, plan: Any) -> list[tuple[CallbackCase, Event]]:
    """Run a plan; returns every (state before, event)."""
    rulebook = shipped_rulebook(name)
    now = policy.issued_at
    case, first = start(policy, rulebook, shipped_questionnaire(rulebook.answering.questionnaire), now)
    history = [(case, first)]
    for kind, given_data, seconds in plan:
        now += timedelta(seconds=seconds)
        command = Command(kind, {**given_data, "answers": answers(case, given_data.get("mood", "expected"))})
        if kind.startswith(("face_", "sms_code_")) and given_data.get("is_noticed"):  # first, where a rulebook has it there
            noticed, events, _ = handle(case, Command("notice_confirmed", given_data), now, CALENDAR)
            history += [(case, event) for event in events]
            case = noticed
        before = case
        case, events, refusal = handle(case, command, now, CALENDAR)
        for event in events:
            history.append((before, event))
        if before.is_final:
            assert not events
            assert refusal is not None
    history.append((case, history[-1][1]))
    return history


@pytest.mark.parametrize("name", shipped_rulebooks())
@given(policy=policies, plan=steps)
@settings(max_examples=120, deadline=None)
def test_any_history_keeps_the_laws(name: str, policy: PolicyFacts, plan: Any) -> None:
    history = play(name, policy, plan)
    final_seen = False
    problem_seen = False
    last_at = policy.issued_at
    for _, event in history[:-1]:
        assert isinstance(event.state, State)  # exactly one state
        assert not final_seen, "something happened after a final state"
        assert event.rule.startswith(f"{name}.")
        assert event.at >= last_at
        last_at = event.at
        if problem_seen:
            assert event.kind != "identity_passed", "a problem case came back to the electronic channel"
        assert not event.data.get("is_reused"), "a check was reused that nobody passed"
        final_seen = event.state in FINAL
        problem_seen = problem_seen or event.state is State.PROBLEM
    events = [event for _, event in history[:-1]]
    for event, after in pairwise((*events, events[-1])):
        if event.kind == "call_unsuccessful" and event.state is State.PROBLEM:
            assert event.tasks or after.kind == "escalated", "a problem case that nobody reaches is on no list"
    found = [index for index, event in enumerate(events) if event.kind == "problem_found"]
    if found and history[0][0].rulebook.phone.problem_needs_classification and events[-1].kind == "succeeded":
        assert "problem_classified" in {event.kind for event in events[found[-1] :]}, "a round of the problem had no steps"
    case = history[-1][0]
    if case.state is State.LOCKED:
        assert case.locked_days


@pytest.mark.parametrize("name", shipped_rulebooks())
@given(policy=policies, plan=steps)
@settings(max_examples=60, deadline=None)
def test_every_callback_reaches_an_end(name: str, policy: PolicyFacts, plan: Any) -> None:
    case = play(name, policy, plan)[-1][0]
    case, _ = advance(case, policy.issued_at + timedelta(days=800), CALENDAR)
    assert case.is_final
    assert next_due_at(case, CALENDAR) is None


@pytest.mark.parametrize("name", ["S0", "S1", "S2", "default"])
@given(policy=policies, gaps=st.lists(st.integers(1, 200_000), max_size=12))
@settings(max_examples=60, deadline=None)
def test_it_does_not_matter_how_often_the_clock_is_looked_at(name: str, policy: PolicyFacts, gaps: list[int]) -> None:
    rulebook = shipped_rulebook(name)
    case, _ = start(policy, rulebook, shipped_questionnaire(rulebook.answering.questionnaire), policy.issued_at)
    end = policy.issued_at + timedelta(days=30)
    at_once = advance(case, end, CALENDAR)
    now, events = policy.issued_at, []
    for gap in gaps:
        now = min(now + timedelta(seconds=gap), end)
        case, new = advance(case, now, CALENDAR)
        events += new
    case, new = advance(case, end, CALENDAR)
    assert (case, events + new) == at_once


@pytest.mark.parametrize("name", ["S0", "S1", "S2", "default"])
@given(policy=policies)
@settings(max_examples=60, deadline=None)
def test_locked_means_locked(name: str, policy: PolicyFacts) -> None:
    rulebook = shipped_rulebook(name)
    case, _ = start(policy, rulebook, shipped_questionnaire(rulebook.answering.questionnaire), policy.issued_at)
    case, _ = advance(case, policy.issued_at + timedelta(days=1), CALENDAR)
    method = rulebook.identity.method_for(policy.certificate.value)
    now = policy.issued_at + timedelta(days=1)
    case, _, _ = handle(case, Command("notice_confirmed", {"entry": "link"}), now, CALENDAR)
    for _ in range(rulebook.identity.fail_daily_max):
        case, _, _ = handle(case, Command(f"{method}_failed", {"entry": "link"}), now, CALENDAR)
    if case.state is not State.LOCKED:
        return  # not open yet, or not offered electronically
    for kind in ("face_passed", "sms_code_passed", "identity_reused"):
        for entry in ("web", "link"):
            _, _, refusal = handle(case, Command(kind, {"entry": entry}), now, CALENDAR)
            assert refusal is not None
            assert refusal.code == "IDENTITY_LOCKED"


@pytest.mark.parametrize("name", shipped_rulebooks())
@given(policy=policies, plan=steps)
@settings(max_examples=60, deadline=None)
def test_the_results_that_are_offered_are_those_that_are_taken(name: str, policy: PolicyFacts, plan: Any) -> None:
    case, last = play(name, policy, plan)[-1]
    open_at = CALENDAR.next_desk_time(max(last.at, policy.issued_at) + timedelta(minutes=1), case.rulebook.phone.hours)
    case, _ = advance(case, open_at, CALENDAR)
    assert_offers(case, open_at)
    if case.retry_at is not None and not case.is_final:
        case, _ = advance(case, max(case.retry_at, open_at), CALENDAR)
        assert_offers(case, CALENDAR.next_desk_time(max(case.retry_at or open_at, open_at), case.rulebook.phone.hours))


def assert_offers(case: CallbackCase, open_at: datetime) -> None:
    for kind, direction in (("phone_result", OUTBOUND), ("inbound_call", INBOUND)):
        for result in RESULTS:
            command = Command(kind, {"result": result, "from_phone": case.policy.phone, "answers": answers(case, "expected")})
            _, _, refusal = handle(case, command, open_at, CALENDAR)
            assert (refusal is None) is (result in results_of(case, direction, open_at)), (result, refusal)
