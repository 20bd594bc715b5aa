"""How long a recording is kept (54号 Art. 9 as found in public material; every number is the rulebook's). Pure.

Until the core system reports the end of the contract the recording is under legal hold: the end, and with it the period, is not
known. Then the period runs from the contract's end; a dispute prolongs it. A computed date only ever moves later.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Years to keep, by kind of contract, and after a dispute; how many different people approve a disposal."""

    short_years: int = 5
    long_years: int = 10
    after_dispute_years: int = 2
    approvals: int = 2


def parse_retention_rules(data: Mapping[str, Any]) -> RetentionRules:
    """Read a rulebook. Raises `ValueError` below what the law asks: an insurer may keep longer, never shorter."""
    floor, rules = RetentionRules(), RetentionRules(**{name: int(data[name]) for name in RetentionRules.__dataclass_fields__})
    for name in RetentionRules.__dataclass_fields__:
        if getattr(rules, name) < getattr(floor, name):
            raise ValueError(f"{name} must be at least {getattr(floor, name)}")
    return rules


@dataclass(frozen=True, slots=True)
class Contract:
    """What the core system reports. `ended_on` None: in force, or not known."""

    is_over_one_year: bool
    ended_on: date | None
    disputes_ended_on: tuple[date, ...] = ()
    has_open_dispute: bool = False


def retain_until(contract: Contract, rules: RetentionRules, current: date | None = None) -> date | None:
    """The last day the recording must be kept; None while that is not known (the legal hold stays).

    Args:
        current: the date already set; the result is never earlier.
    """
    if contract.ended_on is None or contract.has_open_dispute:
        return None
    years = rules.long_years if contract.is_over_one_year else rules.short_years
    dates = [add_years(contract.ended_on, years)]
    dates += [add_years(ended, rules.after_dispute_years) for ended in contract.disputes_ended_on]
    return max([*dates, *([current] if current else [])])


def may_dispose(until: date | None, is_held: bool, today: date) -> bool:
    """Whether a recording may go onto a disposal list: its period is known and over, and nothing holds it."""
    return until is not None and not is_held and today > until


def add_years(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 1 March, never an earlier day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def locked_until(until: date, zone: str) -> datetime:
    """The instant from which a store may let go: the local midnight after the last day."""
    return datetime.combine(until + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def contract_faults(contract: Contract, received_on: date, today: date) -> list[str]:
    """What cannot be true in a report, as codes. A wrong year must not let a recording go early."""
    faults = []
    if contract.ended_on is not None and contract.ended_on > today:
        faults.append("END_IN_THE_FUTURE")
    if contract.ended_on is not None and contract.ended_on < received_on:
        faults.append("END_BEFORE_PROPOSAL")
    if any(ended > today for ended in contract.disputes_ended_on):
        faults.append("DISPUTE_END_IN_THE_FUTURE")
    return faults


def approval_refused(approved_by: Collection[str], who: str) -> str | None:
    """Why a person may not approve a disposal list, or None. Each approval is another person's."""
    return "DISPOSAL_SAME_PERSON" if who in approved_by else None
