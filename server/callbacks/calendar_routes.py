"""HTTP endpoints of the workday calendar."""

from aiohttp import web

from server.callbacks import calendars
from server.callbacks.access import DESK
from server.callbacks.calendar_schemas import (
    CalendarDays,
    CalendarPreview,
    CalendarRead,
    CalendarText,
    CalendarYear,
    CalendarYearDraft,
    CalendarYears,
)
from server.context import CONTEXT
from server.http.endpoint import Call, Routes, staff
from server.http.problem import not_found

routes = Routes(tag="callbacks")
ADMINISTRATOR = staff("administrator")
BASE = "/api/v1/workday-calendar"


def attach(app: web.Application) -> None:
    """Register the endpoints, and follow what other processes publish."""
    app.cleanup_ctx.append(calendars.keep_fresh)
    routes.attach(app)


def _year(request: web.Request) -> int:
    text = request.match_info["year"]
    if not text.isascii() or not text.isdigit() or len(text) != 4:
        raise not_found("CALENDAR_YEAR_UNKNOWN")
    return int(text)


@routes.get(BASE, access=DESK, response=CalendarYears)
async def list_calendar_years(call: Call[None, None]) -> CalendarYears:
    """The years around today and where their days come from."""
    context = call.request.app[CONTEXT]
    await calendars.refresh(context)
    async with context.db.read() as tx:
        return await calendars.years(tx, context)


@routes.get(BASE + "/{year}", access=DESK, response=CalendarYear)
async def show_calendar_year(call: Call[None, None]) -> CalendarYear:
    """A year in force, day by day, with its versions."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await calendars.show(tx, _year(call.request))


@routes.post(BASE + "/{year}/preview", access=ADMINISTRATOR, body=CalendarDays, response=CalendarPreview)
async def preview_calendar_year(call: Call[CalendarDays, None]) -> CalendarPreview:
    """Check a year and show which days are worked; nothing is stored."""
    return calendars.preview(_year(call.request), call.body)


@routes.post(BASE + "/{year}/text", access=ADMINISTRATOR, body=CalendarText, response=CalendarRead)
async def read_calendar_text(call: Call[CalendarText, None]) -> CalendarRead:
    """Read holidays and made-up workdays out of a published notice; nothing is stored."""
    return calendars.read(_year(call.request), call.body.text)


@routes.post(BASE + "/{year}/versions", access=ADMINISTRATOR, body=CalendarYearDraft, response=CalendarYear, status=201)
async def publish_calendar_year(call: Call[CalendarYearDraft, None]) -> CalendarYear:
    """Publish a version of a year; what falls due from now on follows it."""
    context, year = call.request.app[CONTEXT], _year(call.request)
    async with context.db.begin() as tx:
        await calendars.publish(tx, context, call.who, year, call.body)
    await calendars.refresh(context)
    async with context.db.read() as tx:
        return await calendars.show(tx, year)
