"""Calls beside new business, and warnings at underwriting: articles 9 and 11 of the Shandong guideline (S3). Pure.

Grace period: a call at least 15 workdays before it ends; again within 15 workdays after it, while the premium is unpaid.
Surrenders and claims over the limit get a call. Policies of different policyholders with one phone, or with an agent's phone,
are warned about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from server.domain.callback.calendar import Calendar


@dataclass(frozen=True, slots=True)
class ServiceCallRules:
    """Numbers of the service calls (rulebook data)."""

    grace_workdays_before: int = 15
    lapse_workdays_after: int = 15
    amount_over_fen: int = 100_000


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A call to make. `kind`: grace_reminder, lapse_followup, surrender, claim. `must_tell` are the items of article 11."""

    kind: str
    not_before: date
    due_on: date
    rule: str
    must_tell: tuple[str, ...]


def grace_calls(grace_ends_on: date, rules: ServiceCallRules, calendar: Calendar) -> tuple[ServiceCall, ServiceCall]:
    """The reminder before the end of a grace period, and the follow-up after it if still unpaid (A11.2)."""
    latest = calendar.add_workdays(grace_ends_on, -rules.grace_workdays_before)
    reminder = ServiceCall("grace_reminder", date.min, latest, "S3.A11.2", ("grace_ends_on", "pay_in_time"))
    last = calendar.add_workdays(grace_ends_on, rules.lapse_workdays_after)
    after = calendar.add_workdays(grace_ends_on, 1)
    told = ("reason_of_delay", "premium_embezzled", "lapsed", "reinstatement")
    return reminder, ServiceCall("lapse_followup", after, last, "S3.A11.2", told)


def payout_call(kind: str, amount_fen: int, paid_at: datetime, is_collected_by_other: bool, rules: ServiceCallRules,
                calendar: Calendar, due_workdays: int = 15) -> ServiceCall | None:  # fmt: skip
    """The call after a surrender or a claim, None at or below the limit (A11.3: 1 000 yuan)."""
    if kind not in ("surrender", "claim"):
        raise ValueError(f"unknown payout {kind}")
    if amount_fen <= rules.amount_over_fen:
        return None
    told = ("satisfaction", "money_arrived") if is_collected_by_other else ("satisfaction",)
    day = calendar.local_date(paid_at)
    return ServiceCall(kind, day, calendar.add_workdays(day, due_workdays), "S3.A11.3", told)


@dataclass(frozen=True, slots=True)
class PhoneWarning:
    """One phone with more than one policyholder, or an agent's phone on a policy (A9)."""

    kind: str
    phone_hash: str
    policy_nos: tuple[str, ...]
    rule: str = "S3.A9"


def phone_warnings(
    policies: Iterable[tuple[str, str, str]], agent_phones: Mapping[str, str], *, only_policy: str | None = None
) -> list[PhoneWarning]:
    """Find phones that hide callbacks.

    Args:
        policies: (policy or proposal number, policyholder's identity hash, phone hash).
        agent_phones: phone hash → agent id.
        only_policy: report only warnings that concern this number (underwriting of one application).
    """
    by_phone: dict[str, list[tuple[str, str]]] = {}
    for number, person, phone in policies:
        by_phone.setdefault(phone, []).append((number, person))
    warnings: list[PhoneWarning] = []
    for phone, entries in sorted(by_phone.items()):
        numbers = tuple(sorted(number for number, _ in entries))
        if only_policy and only_policy not in numbers:
            continue
        if len({person for _, person in entries}) > 1:
            warnings.append(PhoneWarning("shared_by_policyholders", phone, numbers))
        if phone in agent_phones:
            warnings.append(PhoneWarning("belongs_to_agent", phone, numbers))
    return warnings
