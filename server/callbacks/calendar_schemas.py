"""Wire models of the workday calendar."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.http.endpoint import Schema
from server.http.typed import MOST

Source = Literal["published", "file", "shipped", "estimated", "law"]
"""Who says so: an administrator, the installation's file, the release, the law alone, or nothing but weekends and fixed days."""


class DaysOff(Schema, strict=True):
    """A holiday: first and last day, both off."""

    first: date = Field(strict=False)
    last: date = Field(strict=False)


class CalendarDays(Schema, strict=True):
    """A year as it is entered: all days off, weekends inside them included or not, and the weekend days that are worked."""

    holidays: Annotated[list[DaysOff], Field(max_length=60)]
    workdays: Annotated[list[Annotated[date, Field(strict=False)]], Field(max_length=60)]


class CalendarYearDraft(CalendarDays, strict=True):
    """A year to publish, and why."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    base_version: int = Field(ge=0, le=MOST)
    """The newest version that the form was opened on; 409 `CALENDAR_CHANGED` when there is a newer one."""


class CalendarText(Schema, strict=True):
    """A notice, or lines of dates."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]


class CalendarFaultView(Schema):
    """Why a year cannot be used, or what of a text was not read."""

    code: str
    day: date | None
    text: str


class CalendarPreview(Schema):
    """What a year looks like. `months`: a letter per day; null where the days cannot be used.

    `w` worked, `m` a weekend day that is worked, `e` weekend, `h` a weekday off, `o` a weekend day inside a holiday.
    """

    faults: list[CalendarFaultView]
    months: list[str] | None
    worked: int
    """Days that are worked in the year."""


class CalendarRead(CalendarDays):
    """What was read out of a text."""

    faults: list[CalendarFaultView]


class CalendarVersion(Schema):
    """A published version of a year."""

    version: int
    note: str
    published_at: datetime
    published_by: str


class CalendarYear(CalendarDays):
    """A year in force, day by day, with its published versions, newest first. `version` 0: none was published."""

    year: int
    source: Source
    version: int
    months: list[str]
    worked: int
    versions: list[CalendarVersion]


class CalendarYearRow(Schema):
    """A year in short."""

    year: int
    source: Source
    version: int
    worked: int
    is_needed: bool
    """Due dates of this year are being made, or soon will be, and nobody has published it."""


class CalendarYears(Schema):
    """The years around today. `file_fault`: what is wrong with the installation's own file, which is left out then."""

    items: list[CalendarYearRow]
    today: date
    file_fault: str
