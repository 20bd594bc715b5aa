"""Local dates, workdays and desk hours. Holidays are data (`server/domain/data/callback/calendar.yaml`), never code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class DeskHours:
    """When staff may call: from `opens` to `closes` local time, on workdays only or every day."""

    opens: time
    closes: time
    workdays_only: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Workday calendar of one time zone.

    Args:
        zone: IANA name, `Asia/Shanghai` by default in the data file.
        holidays: dates off beside weekends.
        workdays: weekend dates that are worked (调休).
        published_years: years whose holidays are in the data; other years know weekends only.
    """

    zone: ZoneInfo
    holidays: frozenset[date]
    workdays: frozenset[date]
    published_years: frozenset[int]

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
        return day.weekday() < 5 and day not in self.holidays

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
                if local.time() < hours.closes:
                    return local
            local = self.at(day + timedelta(days=1))
        raise ValueError("the calendar has no workday within 400 days")

    def is_desk_open(self, at: datetime, hours: DeskHours) -> bool:
        """Whether staff may call at this instant."""
        return self.next_desk_time(at, hours) <= at


def parse_calendar(data: Mapping[str, Any]) -> Calendar:
    """Build a calendar from its data. Raises `ValueError` for unknown keys or dates that are none."""
    unknown = set(data) - {"zone", "years"}
    if unknown:
        raise ValueError(f"unknown calendar keys: {', '.join(sorted(unknown))}")
    holidays: set[date] = set()
    workdays: set[date] = set()
    for year, entry in data["years"].items():
        for first, last in entry.get("holidays", []):
            day = _day(first)
            while day <= _day(last):
                if day.year != int(year):
                    raise ValueError(f"{day} does not belong to {year}")
                holidays.add(day)
                day += timedelta(days=1)
        workdays.update(_day(value) for value in entry.get("workdays", []))
    return Calendar(ZoneInfo(data["zone"]), frozenset(holidays), frozenset(workdays), frozenset(int(y) for y in data["years"]))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
