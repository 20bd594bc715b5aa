"""Published years of the workday calendar: kept in versions, and taken over by every process that runs callbacks.

`refresh` is called before anything falls due and every few seconds by the web process; due times that were set before a year was
published stay as they are.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from aiohttp import web

from server.audits.service import actor_of, record
from server.callbacks.calendar_schemas import (
    CalendarDays,
    CalendarFaultView,
    CalendarPreview,
    CalendarRead,
    CalendarVersion,
    CalendarYear,
    CalendarYearDraft,
    CalendarYearRow,
    CalendarYears,
    DaysOff,
    Source,
)
from server.callbacks.library import calendar_with, installed_calendar, use_published_years, year_entry
from server.callbacks.tables import workday_years
from server.context import CONTEXT, Context
from server.domain.callback.calendar import Calendar
from server.domain.callback.calendar_years import CalendarFault, Period, months_of, read_notice, year_faults
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, not_found
from storage.db.engine import Tx

log = structlog.get_logger(__name__)

REFRESH_S = 5.0
YEARS = range(2018, 2100)
AHEAD_DAYS = 31
"""From December on the next year is needed."""


async def refresh(context: Context) -> None:
    """Take over what administrators have published."""
    newest = sa.select(workday_years.c.year, sa.func.max(workday_years.c.version).label("version"))
    newest_of = newest.group_by(workday_years.c.year).subquery()
    query = sa.select(workday_years.c.year, workday_years.c.data).join(
        newest_of, sa.and_(newest_of.c.year == workday_years.c.year, newest_of.c.version == workday_years.c.version)
    )
    async with context.db.read() as tx:
        use_published_years({int(row.year): row.data for row in await tx.execute(query)})


async def keep_fresh(app: web.Application) -> AsyncIterator[None]:
    """While the application runs: what another process published counts here within seconds."""
    context = app[CONTEXT]

    async def follow() -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            try:
                await refresh(context)
            except sa.exc.DBAPIError:
                log.exception("calendar_refresh_failed")

    use_published_years({})
    with suppress(sa.exc.DBAPIError):  # a database that is still coming up is waited for below
        await refresh(context)
    task = asyncio.create_task(follow(), name="workday_calendar")
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    use_published_years({})


def years_needed(today: date) -> set[int]:
    """This year, and the next one once it is near: they ought to be published."""
    return {today.year, (today + timedelta(days=AHEAD_DAYS)).year}


async def years(tx: Tx, context: Context) -> CalendarYears:
    """The years around today, and every published one."""
    calendar, fault = installed_calendar()
    today = calendar.local_date(context.now())
    newest = await _newest(tx)
    shown = sorted({today.year - 1, today.year, today.year + 1, today.year + 2, *newest})
    needed = years_needed(today)
    items = [
        CalendarYearRow(
            year=year,
            source="published" if year in newest else year_entry(year)[0],
            version=newest.get(year, 0),
            worked=_worked(months_of(calendar, year)),
            is_needed=year in needed and year not in calendar.published_years,
        )
        for year in shown
    ]
    return CalendarYears(items=items, today=today, file_fault=fault)


async def show(tx: Tx, year: int) -> CalendarYear:
    """A year in force. 404 `CALENDAR_YEAR_UNKNOWN` outside the years there are."""
    _require(year)
    query = sa.select(workday_years).where(workday_years.c.year == year).order_by(workday_years.c.version.desc())
    rows = [dict(row) for row in (await tx.execute(query)).mappings()]
    source: Source = "published" if rows else year_entry(year)[0]
    entry = rows[0]["data"] if rows else year_entry(year)[1]
    months = months_of(calendar_with(year, entry) if rows else installed_calendar()[0], year)
    return CalendarYear(
        year=year,
        source=source,
        version=rows[0]["version"] if rows else 0,
        holidays=[DaysOff(first=_day(first), last=_day(last)) for first, last in entry.get("holidays", [])],
        workdays=sorted(map(_day, entry.get("workdays", []))),
        months=months,
        worked=_worked(months),
        versions=[CalendarVersion.model_validate({k: row[k] for k in CalendarVersion.model_fields}) for row in rows],
    )


def preview(year: int, body: CalendarDays) -> CalendarPreview:
    """Check a year and show its days; nothing is stored."""
    _require(year)
    faults = year_faults(year, _periods(body), body.workdays)
    try:
        calendar: Calendar | None = calendar_with(year, _entry(body))
    except ValueError:
        calendar = None
    months = months_of(calendar, year) if calendar else None
    return CalendarPreview(faults=_views(faults), months=months, worked=_worked(months or []))


def read(year: int, text: str) -> CalendarRead:
    """Read a notice; nothing is stored."""
    _require(year)
    found = read_notice(text, year)
    return CalendarRead(
        holidays=[DaysOff(first=first, last=last) for first, last in found.holidays],
        workdays=list(found.workdays),
        faults=_views(found.faults),
    )


async def publish(tx: Tx, context: Context, who: Principal, year: int, body: CalendarYearDraft) -> None:
    """Publish a version of a year. The caller refreshes after the commit.

    Raises:
        Problem: 422 `CALENDAR_INVALID` with the faults, 409 `CALENDAR_CHANGED`.
    """
    _require(year)
    faults = year_faults(year, _periods(body), body.workdays)
    if faults:
        raise Problem(422, "CALENDAR_INVALID", faults=[view.model_dump(mode="json") for view in _views(faults)])
    version = (await _newest(tx)).get(year, 0)
    if version != body.base_version:
        raise conflict("CALENDAR_CHANGED", version=version)
    values = {"year": year, "version": version + 1, "data": _entry(body), "note": body.note}
    try:
        await tx.execute(sa.insert(workday_years).values(**values, published_at=context.now(), published_by=actor_of(who)))
    except sa.exc.IntegrityError as error:
        raise conflict("CALENDAR_CHANGED", version=version + 1) from error
    data = {"version": version + 1, "note": body.note}
    await record(tx, context, actor=who, action="workday_calendar.published", subject=str(year), data=data)


async def _newest(tx: Tx) -> dict[int, int]:
    query = sa.select(workday_years.c.year, sa.func.max(workday_years.c.version)).group_by(workday_years.c.year)
    return {int(year): int(version) for year, version in await tx.execute(query)}


def _require(year: int) -> None:
    if year not in YEARS:
        raise not_found("CALENDAR_YEAR_UNKNOWN", year=year)


def _periods(body: CalendarDays) -> list[Period]:
    return [(period.first, period.last) for period in body.holidays]


def _entry(body: CalendarDays) -> dict[str, Any]:
    return {
        "holidays": [[first.isoformat(), last.isoformat()] for first, last in sorted(_periods(body))],
        "workdays": [day.isoformat() for day in sorted(body.workdays)],
    }


def _views(faults: Sequence[CalendarFault]) -> list[CalendarFaultView]:
    return [CalendarFaultView(code=fault.code, day=fault.day, text=fault.text) for fault in faults]


def _worked(months: Sequence[str]) -> int:
    return sum(month.count("w") + month.count("m") for month in months)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
