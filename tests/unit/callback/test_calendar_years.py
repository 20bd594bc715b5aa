"""A year of the workday calendar as an administrator enters it: checks, preview, and reading the published notice."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.callbacks.library import calendar_with, shipped_calendar
from server.domain.callback.calendar_years import days_of, months_of, read_notice, year_faults

NOTICE_2026 = """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。"""


def d(text: str) -> date:
    return date.fromisoformat(text)


def test_the_published_notice_of_a_year_gives_the_shipped_year() -> None:
    read = read_notice(NOTICE_2026, 2026)
    assert read.faults == ()
    assert year_faults(2026, read.holidays, read.workdays) == []
    entry = {"holidays": [list(period) for period in read.holidays], "workdays": list(read.workdays)}
    mine, shipped = calendar_with(2026, entry), shipped_calendar()
    assert months_of(mine, 2026) == months_of(shipped, 2026)
    assert (read.workdays[0], len(read.workdays), len(days_of(read.holidays))) == (d("2026-01-04"), 6, 33)


@pytest.mark.parametrize(
    ("text", "holidays", "workdays"),
    [
        ("2027-02-05 至 2027-02-12\n2027-02-20 上班", [("2027-02-05", "2027-02-12")], ["2027-02-20"]),
        ("2月5日到12日放假；2月20日、2月21日上班", [("2027-02-05", "2027-02-12")], ["2027-02-20", "2027-02-21"]),
        ("10/1-10/7 休", [("2027-10-01", "2027-10-07")], []),
        ("4月5日放假", [("2027-04-05", "2027-04-05")], []),
        ("1月30日至2月2日放假", [("2027-01-30", "2027-02-02")], []),
    ],
)
def test_lines_and_sentences(text: str, holidays: list[tuple[str, str]], workdays: list[str]) -> None:
    read = read_notice(text, 2027)
    assert read.faults == ()
    assert read.holidays == tuple((d(a), d(b)) for a, b in holidays)
    assert read.workdays == tuple(map(d, workdays))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2月30日放假", "TEXT_UNREADABLE"),
        ("2月12日至5日放假", "TEXT_UNREADABLE"),
        ("2月5日（周一）放假", "TEXT_UNREADABLE"),  # it is a Friday
        ("10月1日至7日放假调休，共8天", "COUNT_DIFFERS"),
        ("2月5日放假，2月20日上班", "TEXT_UNREADABLE"),  # which is which?
        ("祝大家节日快乐", "TEXT_UNREADABLE"),
        ("2026年12月31日至2027年1月2日放假", "DAY_OF_OTHER_YEAR"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_guessed(text: str, code: str) -> None:
    read = read_notice(text, 2027)
    assert [fault.code for fault in read.faults] == [code]
    assert all(day.year == 2027 for day in days_of(read.holidays))


LEGAL = [(d("2027-01-01"), d("2027-01-03")), (d("2027-05-01"), d("2027-05-05")), (d("2027-10-01"), d("2027-10-07"))]


@pytest.mark.parametrize(
    ("holidays", "workdays", "code", "day"),
    [
        ([], [], "NO_HOLIDAY", None),
        ([(d("2027-10-07"), d("2027-10-01"))], [], "FROM_AFTER_UNTIL", "2027-10-07"),
        ([*LEGAL, (d("2028-01-01"), d("2028-01-01"))], [], "DAY_OF_OTHER_YEAR", "2028-01-01"),
        ([*LEGAL, (d("2027-10-07"), d("2027-10-08"))], [], "DAY_TWICE", "2027-10-07"),
        (LEGAL, [d("2027-10-02")], "OFF_AND_WORKED", "2027-10-02"),
        (LEGAL, [d("2027-09-20")], "NOT_A_WEEKEND", "2027-09-20"),
        (LEGAL[:2], [], "LEGAL_HOLIDAY_MISSING", "2027-10-01"),
        (
            [*LEGAL[:2], (d("2027-10-01"), d("2027-10-01")), (d("2027-10-03"), d("2027-10-03"))],
            [d("2027-10-02")],
            "LEGAL_HOLIDAY_MISSING",
            "2027-10-02",
        ),  # nobody can be told to work on it either
    ],
)
def test_a_wrong_year_is_refused_at_its_day(
    holidays: list[tuple[date, date]], workdays: list[date], code: str, day: str | None
) -> None:
    fault = year_faults(2027, holidays, workdays)[0]
    assert (fault.code, fault.day) == (code, d(day) if day else None)


@given(st.integers(2018, 2060))
def test_the_preview_has_every_day_and_counts_as_the_calendar_does(year: int) -> None:
    calendar, months = shipped_calendar(), months_of(shipped_calendar(), year)
    assert [len(month) for month in months] == [31, len(months[1]), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    worked = sum(month.count("w") + month.count("m") for month in months)
    assert worked == calendar.workdays_between(date(year - 1, 12, 31), date(year, 12, 31))
