"""Workdays of published years, of years known by the law alone, and of years an installation adds."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from server.callbacks import library
from server.callbacks.library import installed_calendar, shipped_calendar, use_calendar_file
from server.domain.callback.calendar import DeskHours

OWN_2027 = "years: {2027: {holidays: [[2027-02-05, 2027-02-12]], workdays: [2027-02-20]}}"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(library, "_own", {})
    use_calendar_file(tmp_path / "calendar.yaml")
    return tmp_path / "calendar.yaml"


def worked(first: str, days: int) -> list[bool]:
    return [shipped_calendar().is_workday(date.fromisoformat(first) + timedelta(days=n)) for n in range(days)]


def test_a_published_year_knows_made_up_days() -> None:
    assert not any(worked("2024-10-01", 7))
    assert worked("2024-10-12", 2) == [True, False], "the Saturday is worked"
    assert not shipped_calendar().is_estimated(date(2024, 10, 1))


def test_a_year_without_a_notice_follows_the_law() -> None:
    assert worked("2027-01-01", 1) == [False]
    assert worked("2027-02-05", 8) == [False] * 6 + [True, True], (
        "four days, two of them made up; the swap with weekends is not known"
    )
    for day in ("2027-04-05", "2027-05-04", "2027-06-09", "2027-09-15", "2027-10-01", "2030-02-04", "2050-10-03"):
        assert worked(day, 1) == [False], day
    calendar = shipped_calendar()
    assert calendar.is_estimated(date(2027, 2, 6))
    assert calendar.published_years >= set(range(2018, 2027))
    assert not calendar.published_years & calendar.estimated_years


def test_a_year_beyond_the_data_knows_the_fixed_days() -> None:
    assert worked("2061-10-03", 1) == [False]
    assert worked("2010-01-01", 1) == [False]
    assert shipped_calendar().is_estimated(date(2061, 10, 3))


def test_a_desk_that_is_always_open_has_no_closed_minute() -> None:
    calendar = shipped_calendar()
    always, usual = DeskHours(time(0), time(23, 59), False), DeskHours(time(9), time(17, 30), True)
    late = datetime(2026, 11, 27, 23, 59, 30, tzinfo=calendar.zone)
    assert calendar.is_desk_open(late, always)
    assert not calendar.is_desk_open(late, usual)
    assert calendar.next_desk_time(late, usual) == datetime(2026, 11, 30, 9, tzinfo=calendar.zone), "after the weekend"


def test_an_installation_adds_a_year(own: Path) -> None:
    assert installed_calendar() == (shipped_calendar(), "")
    own.write_text(OWN_2027, encoding="utf-8")
    calendar, fault = installed_calendar()
    assert fault == ""
    assert not any(calendar.is_workday(date(2027, 2, day)) for day in range(5, 13))
    assert calendar.is_workday(date(2027, 2, 20))
    assert not calendar.is_estimated(date(2027, 2, 6))
    assert not calendar.is_workday(date(2026, 10, 1)), "the shipped years stay"


@pytest.mark.parametrize(
    "text",
    [
        "years: {2027: {holidays: [[2026-02-05, 2027-02-12]]}}",
        "years: {2027: {holidays: [[2027-02-12, 2027-02-05]]}}",
        "years: {2027: {holidays: [[2027-02-05, 2027-02-12]], workdays: [2027-02-06]}}",
        "years: {2027: {}}",
        "years: [2027]",
        "zone: UTC",
        "years: {2027: {holidays: [soon]}}",
        ": :",
    ],
)
def test_a_file_that_cannot_be_used_is_left_out_and_said(own: Path, text: str) -> None:
    own.write_text(text, encoding="utf-8")
    calendar, fault = installed_calendar()
    assert calendar == shipped_calendar()
    assert fault.startswith("calendar.yaml: ")
