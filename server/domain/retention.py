"""How long a recording is kept (54号 Art. 9 as found in public material; every number is the rulebook's). Pure.

Until the core system reports the end of the contract the recording is under legal hold: the end, and with it the period, is not
known. Then the period runs from the contract's end; a dispute prolongs it. A computed date only ever moves later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Years to keep, by kind of contract, and after a dispute."""

    short_years: int = 5
    long_years: int = 10
    after_dispute_years: int = 2


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


def due_for_disposal(items: Iterable[tuple[str, date | None, bool]], today: date) -> list[str]:
    """Ids of (id, until, is_held) that may be disposed of, in order."""
    return [item for item, until, is_held in items if may_dispose(until, is_held, today)]


def add_years(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 1 March, never an earlier day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
