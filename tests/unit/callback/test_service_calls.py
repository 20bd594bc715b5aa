"""Shandong guideline, articles 9, 11, 14 and 15: service calls, their scripts and results, phone warnings, sampling."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.callbacks.library import sampling_rules, service_scripts, shipped_calendar, shipped_rulebook
from server.domain.callback.sampling import Finished, SamplingError, choose, draw, parse_sampling
from server.domain.callback.service_calls import (
    CallRefusal,
    CallResult,
    ScriptError,
    call_result,
    grace_calls,
    parse_scripts,
    payout_call,
    phone_warnings,
)

CALENDAR = shipped_calendar()
RULES = shipped_rulebook("S3").service_calls
PAID = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def test_grace_reminder_leaves_fifteen_workdays() -> None:
    ends = date(2026, 3, 31)
    reminder, followup = grace_calls(ends, RULES, CALENDAR)
    assert CALENDAR.workdays_between(reminder.due_on, ends) == 15
    assert CALENDAR.workdays_between(ends, followup.due_on) == 15
    assert followup.not_before > ends


def test_holidays_move_the_grace_reminder() -> None:
    with_holiday, _ = grace_calls(date(2026, 2, 27), RULES, CALENDAR)
    assert with_holiday.due_on == date(2026, 1, 30)  # nine days of Spring Festival are no workdays


@pytest.mark.parametrize(("fen", "is_due"), [(99_999, False), (100_000, True)])
def test_payouts_of_a_thousand_yuan_and_more(fen: int, is_due: bool) -> None:
    assert (payout_call("surrender", fen, PAID, RULES, CALENDAR) is not None) is is_due


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(1, 40), st.integers(1, 40))
def test_grace_calls_always_lie_on_their_side_of_the_end(ends: date, before: int, after: int) -> None:
    rules = replace(RULES, grace_workdays_before=before, lapse_workdays_after=after)
    reminder, followup = grace_calls(ends, rules, CALENDAR)
    assert reminder.due_on < ends < followup.not_before <= followup.due_on
    assert CALENDAR.workdays_between(reminder.due_on, ends) >= before
    assert CALENDAR.workdays_between(ends, followup.due_on) == after


def decide(kind: str, result: str, answers: dict[str, str] | None = None, attempts: int = 0) -> CallResult | CallRefusal:
    scripts = service_scripts()
    return call_result(
        result,
        answers or {},
        scripts.by_kind[kind].asked(frozenset({"collected_by_other"})),
        attempts=attempts,
        retry_after_hours=(4, 24, 48),
        now=PAID,
        reports=scripts.reports,
    )


def test_embezzled_premium_is_reported() -> None:
    asked = {"L1": "忘了", "L2": "yes", "L3": "yes", "L4": "no"}
    found = decide("lapse_followup", "reached", asked)
    assert found == CallResult("done", None, ("premium_embezzled", "reinstatement_unclear"), True)
    assert decide("lapse_followup", "reached", {**asked, "L2": "no", "L4": "yes"}) == CallResult("done")
    assert decide("claim", "reached", {"P1": "yes", "P2": "no"}) == CallResult("done", None, ("money_not_arrived",), True)
    assert decide("claim", "reached", {"P1": "no", "P2": "yes"}) == CallResult("done", None, ("not_satisfied",), False)


def test_every_question_needs_an_answer_of_its_kind() -> None:
    for answers in ({}, {"L1": " ", "L2": "no", "L3": "yes", "L4": "yes"}, {"L1": "x", "L2": "maybe", "L3": "yes", "L4": "yes"}):
        found = decide("lapse_followup", "reached", answers)
        assert isinstance(found, CallRefusal)
        assert found.code == "ANSWERS_INCOMPLETE"
    found = decide("surrender", "reached", {"P1": "yes", "P2": "yes", "P9": "yes"})
    assert isinstance(found, CallRefusal)
    assert found.params == {"unknown": ["P9"]}


def test_the_plan_used_up_goes_to_the_number_list() -> None:
    results = [decide("claim", "no_answer", attempts=attempts) for attempts in range(4)]
    assert [r.status for r in results if isinstance(r, CallResult)] == ["open", "open", "open", "number_failed"]
    assert isinstance(results[1], CallResult)
    assert results[1].next_call_at == PAID + timedelta(hours=24)
    assert decide("claim", "wrong_number") == CallResult("number_failed")
    assert decide("claim", "refused") == CallResult("paper")
    assert decide("claim", "paper_missed") == CallResult("closed")
    assert isinstance(decide("claim", "nonsense"), CallRefusal)


def test_broken_scripts_are_named() -> None:
    good = {kind: {"notice": "n", "items": [{"id": "A", "text": "t"}]} for kind in service_scripts().by_kind}
    assert parse_scripts(good).reports == frozenset()
    with pytest.raises(ScriptError, match="claim: missing"):
        parse_scripts({key: value for key, value in good.items() if key != "claim"})
    with pytest.raises(ScriptError, match="nothing finds"):
        parse_scripts({**good, "reports": ["x"]})
    with pytest.raises(ScriptError, match="unknown colour"):
        parse_scripts({**good, "claim": {"notice": "n", "items": [{"id": "A", "text": "t", "colour": 1}]}})


def test_shared_and_agent_phones_are_warned_about() -> None:
    policies = [("P1", "zhang", "h1"), ("P2", "li", "h1"), ("P3", "zhang", "h2"), ("P4", "zhang", "h2"), ("P5", "wang", "h3")]
    warnings = phone_warnings(policies, {"h3": "agent-7"})
    assert [(w.kind, w.policy_nos) for w in warnings] == [
        ("shared_by_policyholders", ("P1", "P2")),
        ("belongs_to_agent", ("P5",)),
    ]
    assert phone_warnings(policies, {}, only_policy="P3") == []


def finished(number: int, **changes: object) -> Finished:
    facts: dict[str, object] = {
        "callback_id": f"cb_{number}", "channel": "electronic", "category": "", "had_problem": False, "is_shortened": False,
        "policyholder_age": 40,
    }  # fmt: skip
    return Finished(**{**facts, **changes})  # type: ignore[arg-type]


def test_sampling_draws_the_shares_it_says_and_always_the_same() -> None:
    rules = sampling_rules()
    drawn = [choose(rules, finished(n, channel="phone")) for n in range(3000)]
    share = sum(1 for rule in drawn if rule and rule.id == "phone") / len(drawn)
    assert 0.17 < share < 0.23
    assert drawn == [choose(rules, finished(n, channel="phone")) for n in range(3000)]
    assert all(choose(rules, finished(n, had_problem=True)) for n in range(200)), "every former problem case"
    closed = [choose(rules, finished(n, channel="", is_closed_by_staff=True)) for n in range(1000)]
    assert 0.4 < sum(1 for rule in closed if rule and rule.id == "closed") / len(closed) < 0.6
    elderly = [rule.id for n in range(100) if (rule := choose(rules, finished(n, policyholder_age=60)))]
    assert set(elderly) == {"elderly"}


@given(st.text(min_size=1, max_size=40))
def test_draws_lie_between_zero_and_one(name: str) -> None:
    assert 0 <= draw(name) < 1


def test_broken_sampling_is_named() -> None:
    rule = {"id": "a", "title": "t", "when": [], "share": 0.5, "due_workdays": 3}
    good = {"rules": [rule], "checks": [], "elderly_from_age": 60}
    assert parse_sampling(good).rules[0].share == 0.5
    for change, where in (({"share": 2}, "share"), ({"when": ["moon"]}, "moon"), ({"due_workdays": 0}, "due_workdays")):
        with pytest.raises(SamplingError, match=where):
            parse_sampling({**good, "rules": [{**rule, **change}]})
    with pytest.raises(SamplingError, match="own"):
        parse_sampling({**good, "rules": [rule, rule]})


def test_every_shipped_rulebook_orders_the_work_list() -> None:
    for name in ("S0", "S1", "S2", "S3", "default"):
        order = shipped_rulebook(name).phone.priorities
        assert order["verify_call"] < order["phone_call"] < order["letter"], name
