"""Rulebooks hold every number; those kept before a number had to be named are read with what was in force then."""

from copy import deepcopy
from dataclasses import MISSING, fields, is_dataclass
from datetime import time
from typing import Any, get_type_hints

import pytest
import yaml

from server.callbacks.library import FOLDER, completed_data, shipped_data, shipped_rulebook, shipped_rulebooks, stored_rulebook
from server.domain.callback.rulebook import Rulebook, RulebookError, completed, parse_rulebook

OLD = {
    "id": "S2", "version": 3, "effective_from": "2024-01-01", "insurer": "旧版", "source": "旧版",
    "channel_order": ["electronic", "phone"], "eligibility": {}, "window": {"anchor": "issued_on", "days": 3}, "opening": {},
    "sms": {"mode": "on_task", "span_hours": 24}, "requires_binding": True,
    "identity": {"by_certificate": {"other": "face"}, "fail_daily_max": 5, "fail_days_to_phone": 3},
    "answering": {"questionnaire": "S2"},
    "phone": {"number": "1", "hours": {"opens": "09:00", "closes": "17:30", "workdays_only": True}, "priorities": {"visit": 7}},
}  # fmt: skip
"""As an administrator published it while numbers still had defaults."""


def _defaults(kind: Any, prefix: str = "") -> list[str]:
    hints = get_type_hints(kind)
    found: list[str] = []
    for item in fields(kind):
        hint = hints[item.name]
        if isinstance(hint, type) and is_dataclass(hint):
            found += _defaults(hint, f"{prefix}{item.name}.")
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        parts = default if isinstance(default, tuple) else default.values() if isinstance(default, dict) else (default,)
        if any(isinstance(part, (int, float, time)) and not isinstance(part, bool) for part in parts):
            found.append(prefix + item.name)
    return found


def test_no_number_and_no_time_of_day_has_a_default_in_the_code() -> None:
    assert _defaults(Rulebook) == []


@pytest.mark.parametrize("name", shipped_rulebooks())
def test_a_shipped_rulebook_names_everything_itself(name: str) -> None:
    assert completed_data(shipped_data("rulebooks", name)) == shipped_data("rulebooks", name)
    assert stored_rulebook(shipped_data("rulebooks", name)) == shipped_rulebook(name)


def test_a_number_that_is_missing_is_named() -> None:
    data = deepcopy(shipped_data("rulebooks", "S0"))
    del data["phone"]["due_hours"]
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(data)
    assert (refused.value.path, refused.value.message) == ("phone.due_hours", "is missing")


def test_a_rulebook_kept_before_is_read_as_it_was_meant_and_can_be_published_again() -> None:
    book = stored_rulebook(OLD)
    assert (book.phone.retry_after_hours, book.expires_after_days, book.sms.at) == ((4, 24, 48), 365, time(10))
    assert (book.phone.priorities, book.binding.browser_days) == ({"visit": 7, "other": 50}, 180)
    assert not book.sms.repeat_after_window
    assert parse_rulebook(completed_data(OLD)) == book
    with pytest.raises(RulebookError):
        parse_rulebook(OLD)


def test_what_a_rulebook_says_itself_is_never_replaced() -> None:
    former = yaml.safe_load((FOLDER / "rulebook-former.yaml").read_text("utf-8"))
    said = {"sms": {"within_minutes": 3}, "expires_after_days": 90, "phone": {"retry_after_hours": []}}
    filled = completed(said, former)
    assert (filled["sms"]["within_minutes"], filled["expires_after_days"], filled["phone"]["retry_after_hours"]) == (3, 90, [])
