"""Local dates, workdays and desk hours. Holidays are data (`server/domain/data/callback/calendar.yaml`), never code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Days off by law that follow from no moon: what is left where a year is not in the data at all."""
LAST_MINUTE = time(23, 59)
"""The latest end of a day that can be entered. It means midnight: a desk that is always open has no closed minute."""


@dataclass(frozen=True, slots=True)
class DeskHours:
    """When staff may call: from `opens` to `closes` local time, on workdays only or every day."""

    opens: time
    closes: time
    workdays_only: bool

    @property
    def text(self) -> str:
        """As people read them: 工作日 09:00–17:30."""
        return f"{'工作日' if self.workdays_only else '每天'} {self.opens:%H:%M}–{self.closes:%H:%M}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Workday calendar of one time zone.

    Args:
        zone: IANA name, `Asia/Shanghai` by default in the data file.
        holidays: dates off beside weekends.
        workdays: weekend dates that are worked (调休).
        published_years: years whose holidays were published.
        estimated_years: years without a notice yet, known by the law alone; any other year knows `FIXED` and weekends.
    """

    zone: ZoneInfo
    holidays: frozenset[date]
    workdays: frozenset[date]
    published_years: frozenset[int]
    estimated_years: frozenset[int] = frozenset()

    def is_estimated(self, day: date) -> bool:
        """Whether nobody has published the holidays of this date's year."""
        return day.year not in self.published_years

    def local_date(self, at: datetime) -> date:
        """The local date of an instant."""
        return at.astimezone(self.zone).date()

    def at(self, day: date, clock: time = time(0)) -> datetime:
        """The instant of a local date and time."""
        return datetime.combine(day, clock, self.zone)

    def is_workday(self, day: date) -> bool:
        """Whether a local date is worked."""
        if day in self.workdays:
            return True
        if day.weekday() > 4 or day in self.holidays:
            return False
        return day.year in self.published_years | self.estimated_years or (day.month, day.day) not in FIXED

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th workday after (negative: before) a date; 0 returns the date itself."""
        step = timedelta(days=1 if count >= 0 else -1)
        left = abs(count)
        while left:
            day += step
            if self.is_workday(day):
                left -= 1
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Workdays after `start` up to and including `end` (0 when `end` is not later)."""
        day, count = start, 0
        while day < end:
            day += timedelta(days=1)
            count += self.is_workday(day)
        return count

    def next_desk_time(self, at: datetime, hours: DeskHours) -> datetime:
        """The first instant not before `at` at which the desk is open."""
        local = at.astimezone(self.zone)
        for _ in range(400):
            day = local.date()
            if not hours.workdays_only or self.is_workday(day):
                if local.time() < hours.opens:
                    return self.at(day, hours.opens)
                if local.time() < hours.closes or hours.closes == LAST_MINUTE:
                    return local
            local = self.at(day + timedelta(days=1))
        raise ValueError("the calendar has no workday within 400 days")

    def is_desk_open(self, at: datetime, hours: DeskHours) -> bool:
        """Whether staff may call at this instant."""
        return self.next_desk_time(at, hours) <= at


def parse_calendar(data: Mapping[str, Any]) -> Calendar:
    """Build a calendar from its data. Raises `ValueError` for unknown keys or dates that are none."""
    unknown = set(data) - {"zone", "years", "estimated"}
    if unknown:
        raise ValueError(f"unknown calendar keys: {', '.join(sorted(unknown))}")
    published = {int(year): entry for year, entry in data["years"].items()}
    estimated = {int(year): entry for year, entry in data.get("estimated", {}).items() if int(year) not in published}
    holidays: set[date] = set()
    workdays: set[date] = set()
    for year, entry in (published | estimated).items():
        off, worked = _year(year, entry)
        holidays |= off
        workdays |= worked
    return Calendar(ZoneInfo(data["zone"]), frozenset(holidays), frozenset(workdays), frozenset(published), frozenset(estimated))


def with_years(data: Mapping[str, Any], years: Mapping[Any, Any]) -> dict[str, Any]:
    """Calendar data with published years added or replaced. Raises `ValueError` for years that cannot be used."""
    added: dict[int, Any] = {}
    for year, entry in years.items():
        if not isinstance(entry, Mapping) or set(entry) - {"holidays", "workdays"} or not entry.get("holidays"):
            raise ValueError(f"{year}: needs holidays, and may have workdays")
        _year(int(year), entry)
        added[int(year)] = entry
    return {**data, "years": {**{int(year): entry for year, entry in data["years"].items()}, **added}}


def _year(year: int, entry: Mapping[str, Any]) -> tuple[set[date], set[date]]:
    """Days off and made-up workdays of a year."""
    holidays: set[date] = set()
    for first, last in entry.get("holidays", []):
        day, end = _day(first), _day(last)
        if day > end:
            raise ValueError(f"{day} is later than {end}")
        while day <= end:
            holidays.add(day)
            day += timedelta(days=1)
    workdays = {_day(value) for value in entry.get("workdays", [])}
    for day in sorted(holidays | workdays):
        if day.year != year:
            raise ValueError(f"{day} does not belong to {year}")
    both = holidays & workdays
    if both:
        raise ValueError(f"{min(both)} is both off and worked")
    return holidays, workdays


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
