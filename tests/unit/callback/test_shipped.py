"""What is shipped: a changed content has a version of its own, numbers stand in one place, and older data keeps its meaning."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import orjson
import pytest

from server.callbacks.library import (
    completed_data,
    shipped_calendar,
    shipped_data,
    shipped_questionnaire,
    shipped_questionnaires,
    shipped_rulebook,
    shipped_rulebooks,
    stored_rulebook,
)
from server.domain.callback.engine import start
from server.domain.callback.service_calls import payout_call
from tests.support.policies import plain_policy

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SHIPPED = {
    "rulebooks": {
        "S0": (2, "572d69c512fcc836"),
        "S1": (2, "9f3da665897cd60a"),
        "S2": (2, "54fa5797598ebae3"),
        "S3": (2, "81815dfb454a494e"),
        "default": (2, "2ec5d48224a2f72a"),
    },
    "questionnaires": {
        "S0": (4, "ee48d05d89371f4e"),
        "S1": (1, "c38558b44dcb176b"),
        "S2": (3, "c038ddc7415d1e7a"),
        "S3": (2, "c02d779f92a13f8d"),
        "default": (2, "a43e90b9bb5e9976"),
    },
}
"""Version and content of everything shipped. Histories and evidence name a version: a changed content gets the next one."""


def digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()[:16]


@pytest.mark.parametrize("kind", SHIPPED)
def test_other_content_has_another_version(kind: str) -> None:
    names = shipped_rulebooks() if kind == "rulebooks" else shipped_questionnaires()
    found = {name: (shipped_data(kind, name)["version"], digest(shipped_data(kind, name))) for name in names}
    assert found == SHIPPED[kind], "give the changed content the next version, then note it here"


def test_the_hours_that_customers_read_are_those_of_the_rulebook() -> None:
    book, form = shipped_rulebook("S0"), shipped_questionnaire("S0")
    assert "400-820-8599（工作日 09:00–17:30）" in start(plain_policy(NOW), book, form, NOW)[0].questionnaire.thanks
    every_day = replace(book.phone.hours, closes=time(20), workdays_only=False)
    longer = replace(book, phone=replace(book.phone, hours=every_day))
    assert "（每天 09:00–20:00）" in start(plain_policy(NOW), longer, form, NOW)[0].questionnaire.thanks


def test_a_rulebook_kept_with_an_amount_to_be_over_still_means_it() -> None:
    data = shipped_data("rulebooks", "S3")
    del data["service_calls"]["amount_from_fen"]
    data["service_calls"]["amount_over_fen"] = 200_000
    rules = stored_rulebook(data).service_calls
    assert [payout_call("claim", fen, NOW, rules, shipped_calendar()) is None for fen in (200_000, 200_001)] == [True, False]
    assert "amount_over_fen" not in completed_data(data)["service_calls"]
