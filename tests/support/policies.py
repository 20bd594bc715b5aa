"""A plain policy, as the rules of the callback see it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from server.callbacks.library import shipped_calendar
from server.domain.callback.facts import Channel, PaymentMode, PolicyFacts


def plain_policy(issued_at: datetime, **changes: Any) -> PolicyFacts:
    """A whole-life policy by an agent, paid yearly, in force from the next day on; `changes` are fields of `PolicyFacts`."""
    policy = PolicyFacts(
        policy_no="00001354407808088",
        product_name="示例终身寿险",
        product_type="whole_life",
        payment_mode=PaymentMode.REGULAR_PAY,
        channel=Channel.AGENT,
        issued_at=issued_at,
        effective_on=shipped_calendar().local_date(issued_at) + timedelta(days=1),
        policyholder_name="张三",
        insured_name="李四",
        term_text="终身",
        payment_years=10,
        payment_frequency="年",
        premium_fen=500_000,
        phone="13700008888",
    )
    return replace(policy, **changes)
