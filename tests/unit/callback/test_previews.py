"""The designer's sample can meet and miss every condition, and the rulebook's preview says what becomes of the second message."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from server.callbacks.admin_schemas import SamplePolicy
from server.callbacks.versions import sample
from server.cases.schemas import ProductType
from server.domain.callback.questionnaire import CONDITIONS

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_can_be_switched_on_and_off_in_the_preview(name: str) -> None:
    switches: dict[str, list[Any]] = {
        "product_type": list(ProductType),
        "payment_mode": ["single_pay", "regular_pay"],
        "channel": ["agent", "bank", "intermediary"],
        "is_insured_policyholder": [True, False],
        "insured_age": [10, 43],
        "has_recording": [True, False],
        "waiting_period_days": [0, 90],
        "has_fees": [True, False],
    }
    seen = {
        CONDITIONS[name](sample(SamplePolicy(**dict(zip(switches, values, strict=True))), NOW), 18)
        for values in product(*switches.values())
    }
    assert seen == {True, False}
