"""Shandong guideline, articles 9 and 11."""

from datetime import UTC, date, datetime

import pytest

from server.callbacks.library import shipped_calendar
from server.domain.callback.service_calls import ServiceCallRules, grace_calls, payout_call, phone_warnings

CALENDAR = shipped_calendar()
RULES = ServiceCallRules()
PAID = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def test_grace_reminder_leaves_fifteen_workdays() -> None:
    ends = date(2026, 3, 31)
    reminder, followup = grace_calls(ends, RULES, CALENDAR)
    assert CALENDAR.workdays_between(reminder.due_on, ends) == 15
    assert CALENDAR.workdays_between(ends, followup.due_on) == 15
    assert followup.not_before > ends
    assert "premium_embezzled" in followup.must_tell


def test_holidays_move_the_grace_reminder() -> None:
    with_holiday, _ = grace_calls(date(2026, 2, 27), RULES, CALENDAR)
    assert with_holiday.due_on == date(2026, 1, 30)  # nine days of Spring Festival are no workdays


@pytest.mark.parametrize(("fen", "is_due"), [(100_000, False), (100_001, True)])
def test_payouts_over_a_thousand_yuan(fen: int, is_due: bool) -> None:
    call = payout_call("surrender", fen, PAID, True, RULES, CALENDAR)
    assert (call is not None) is is_due
    if call:
        assert "money_arrived" in call.must_tell


def test_shared_and_agent_phones_are_warned_about() -> None:
    policies = [("P1", "zhang", "h1"), ("P2", "li", "h1"), ("P3", "zhang", "h2"), ("P4", "zhang", "h2"), ("P5", "wang", "h3")]
    warnings = phone_warnings(policies, {"h3": "agent-7"})
    assert [(w.kind, w.policy_nos) for w in warnings] == [
        ("shared_by_policyholders", ("P1", "P2")),
        ("belongs_to_agent", ("P5",)),
    ]
    assert phone_warnings(policies, {}, only_policy="P3") == []
