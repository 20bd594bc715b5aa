"""One year of the workday calendar as an administrator enters it: checks, a day-by-day preview, and reading a published notice.

`read_notice` understands the sentences of the State Council's yearly notice (国务院办公厅关于节假日安排的通知) and plain lines
(`2027-02-05 至 2027-02-12`, `2027-02-20 上班`). What it cannot read is named, never guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.domain.callback.calendar import Calendar

Period = tuple[date, date]
LEGAL = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Days off by law in every year, whatever a notice moves (全国年节及纪念日放假办法)."""
_SECOND_OF_MAY_FROM = 2025
_WEEKDAYS = "一二三四五六日"
_BRACKET = r"(?:\s*[（(](?P<{0}b>[^）)]*)[）)])?"
_DATE = r"(?:(?P<{0}y>\d{{4}})\s*[年./-]\s*)?(?P<{0}m>\d{{1,2}})\s*[月./-]\s*(?P<{0}d>\d{{1,2}})\s*日?" + _BRACKET
_LAST = "(?:" + _DATE.format("z") + r"|(?P<only>\d{1,2})\s*日" + _BRACKET.format("o") + ")"
_RANGE = re.compile(_DATE.format("a") + r"\s*(?:至|到|—+|–|~|～|-)\s*" + _LAST)
_SINGLE = re.compile(_DATE.format("a"))
_COUNT = re.compile(r"共\s*(\d{1,2})\s*天")


@dataclass(frozen=True, slots=True)
class CalendarFault:
    """Why a year cannot be used. `day` or `text` names the place."""

    code: str
    day: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What was read out of a text."""

    holidays: tuple[Period, ...]
    workdays: tuple[date, ...]
    faults: tuple[CalendarFault, ...]


def days_of(periods: Sequence[Period]) -> list[date]:
    """Every day of the periods, in their order, also those that occur twice."""
    return [first + timedelta(days=n) for first, last in periods for n in range((last - first).days + 1)]


def year_faults(year: int, holidays: Sequence[Period], workdays: Sequence[date]) -> list[CalendarFault]:
    """Everything that is wrong with a year; empty when it may be published."""
    found = [CalendarFault("FROM_AFTER_UNTIL", first) for first, last in holidays if first > last]
    if found:
        return found
    off = days_of(holidays)
    if not off:
        return [CalendarFault("NO_HOLIDAY")]
    found += [CalendarFault("DAY_OF_OTHER_YEAR", day) for day in sorted({*off, *workdays}) if day.year != year]
    found += [CalendarFault("DAY_TWICE", day) for day in sorted({d for d in off if off.count(d) > 1})]
    found += [CalendarFault("DAY_TWICE", day) for day in sorted({d for d in workdays if list(workdays).count(d) > 1})]
    found += [CalendarFault("OFF_AND_WORKED", day) for day in sorted(set(off) & set(workdays))]
    found += [CalendarFault("NOT_A_WEEKEND", day) for day in sorted(set(workdays)) if day.weekday() < 5]
    legal = [date(year, month, day) for month, day in LEGAL]
    if year >= _SECOND_OF_MAY_FROM:
        legal.append(date(year, 5, 2))
    found += [CalendarFault("LEGAL_HOLIDAY_MISSING", day) for day in sorted(legal) if day not in off]
    return found


def months_of(calendar: Calendar, year: int) -> list[str]:
    """A year as twelve texts, a letter per day.

    `w` worked, `m` a weekend day that is worked, `e` weekend, `h` a weekday off, `o` a weekend day inside a holiday.
    """
    months: list[str] = []
    for month in range(1, 13):
        day, text = date(year, month, 1), ""
        while day.month == month:
            is_weekend = day.weekday() > 4
            if calendar.is_workday(day):
                text += "m" if is_weekend else "w"
            elif is_weekend:
                text += "o" if day in calendar.holidays else "e"
            else:
                text += "h"
            day += timedelta(days=1)
        months.append(text)
    return months


def read_notice(text: str, year: int) -> Notice:
    """Read holidays and made-up workdays out of a text.

    A sentence with 上班 or 工作 names workdays, one with 放假 or 休 (or a plain range) days off. A weekday in brackets and a
    count of days (共7天) must agree with the dates. Days of another year are left out and named.
    """
    holidays: list[Period] = []
    workdays: list[date] = []
    faults: list[CalendarFault] = []
    for sentence in re.split(r"[。；;\n]", text):
        plain = sentence.strip()
        if not plain:
            continue
        try:
            periods = _periods(plain, year)
        except ValueError:
            faults.append(CalendarFault("TEXT_UNREADABLE", text=plain))
            continue
        if not periods:
            continue
        worked = re.search("上班|工作", plain) is not None
        is_off = re.search("放假|休", plain) is not None
        if worked and is_off:
            faults.append(CalendarFault("TEXT_UNREADABLE", text=plain))
            continue
        count = _COUNT.search(plain)
        if count and not worked and len(days_of(periods)) != int(count[1]):
            faults.append(CalendarFault("COUNT_DIFFERS", text=plain))
        for first, last in periods:
            mine = [day for day in days_of([(first, last)]) if day.year == year]
            if len(mine) != (last - first).days + 1:
                faults.append(CalendarFault("DAY_OF_OTHER_YEAR", next(d for d in days_of([(first, last)]) if d.year != year)))
            if mine and worked:
                workdays += mine
            elif mine:
                holidays.append((mine[0], mine[-1]))
    if not holidays and not workdays and not faults:
        faults.append(CalendarFault("TEXT_UNREADABLE", text=text.strip()[:80]))
    return Notice(tuple(sorted(holidays)), tuple(sorted(workdays)), tuple(faults))


def _periods(sentence: str, year: int) -> list[Period]:
    """The dates and ranges of a sentence, in order. Raises `ValueError` for a date that is none, or a wrong weekday."""
    found: list[tuple[int, Period]] = []
    rest = sentence
    for match in _RANGE.finditer(sentence):
        first = _day(match, "a", year)
        if match["only"]:
            last = first.replace(day=int(match["only"]))
            _check_weekday(last, match["ob"])
        else:
            last = _day(match, "z", first.year)
        if last < first:
            raise ValueError("the end lies before the beginning")
        found.append((match.start(), (first, last)))
        rest = rest[: match.start()] + " " * (match.end() - match.start()) + rest[match.end() :]
    for match in _SINGLE.finditer(rest):
        day = _day(match, "a", year)
        found.append((match.start(), (day, day)))
    return [period for _, period in sorted(found)]


def _day(match: re.Match[str], part: str, year: int) -> date:
    day = date(int(match[f"{part}y"] or year), int(match[f"{part}m"]), int(match[f"{part}d"]))
    _check_weekday(day, match[f"{part}b"])
    return day


def _check_weekday(day: date, bracket: str | None) -> None:
    said = re.search(r"(?:周|星期)([一二三四五六日天])", bracket or "")
    if said and _WEEKDAYS[day.weekday()] != said[1].replace("天", "日"):
        raise ValueError("the weekday is another one")
