"""HTTP endpoints of inspection: queue, lock, node verdicts, pass, reject, appeal, assignment."""

from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from server.context import CONTEXT, Context
from server.http.endpoint import STAFF, Call, Principal, Routes, staff
from server.http.problem import not_found
from server.inspections import service, statistics, views, watching
from server.inspections.schemas import (
    AppealBody,
    AppealDecisionBody,
    AssignBody,
    AssignResult,
    InspectionPage,
    InspectionPeriod,
    InspectionQuery,
    InspectionStatistics,
    InspectionView,
    InspectorView,
    NodeDecision,
    PassBody,
    PlayedBody,
    RejectBody,
    WatchView,
)
from server.recordings import access
from server.recordings.paging import cursor_of
from server.users import repository as users
from storage.db.engine import Tx

routes = Routes(tag="inspections")
INSPECTOR = staff("inspector")
READERS = staff("inspector", "compliance", "administrator")
BASE = "/api/v1/inspections/{inspection_id}"


@routes.get("/api/v1/inspections", access=STAFF, query=InspectionQuery, response=InspectionPage)
async def list_inspections(call: Call[None, InspectionQuery]) -> InspectionPage:
    """The queue: nearest deadline first. Agents see what concerns their own cases."""
    context, query = call.request.app[CONTEXT], call.query
    now = context.now()
    async with context.db.read() as tx:
        rows = [dict(row) for row in (await tx.execute(views.queue_query(query, call.who, now))).mappings()]
        counts = await views.counts(tx, call.who)
        urgent = await views.urgent(tx, call.who, now)
        more = len(rows) > query.limit
        rows = rows[: query.limit]
        names = await views.assigned_names(tx, rows)
    return InspectionPage(
        items=[views.summary(row, call.who, now, names) for row in rows],
        next_cursor=cursor_of(rows[-1]["due_at"], rows[-1]["id"]) if more else None,
        counts=counts,
        urgent=urgent,
    )


@routes.get("/api/v1/inspections/statistics", access=READERS, query=InspectionPeriod, response=InspectionStatistics)
async def show_statistics(call: Call[None, InspectionPeriod]) -> InspectionStatistics:
    """What was decided in a period, by agent, organisation, inspector, day and reason."""
    return await _statistics(call)


@routes.get("/api/v1/inspections/statistics.csv", access=READERS, query=InspectionPeriod, produces=("text/csv",))
async def export_statistics(call: Call[None, InspectionPeriod]) -> web.Response:
    """The same as CSV (UTF-8 with a byte-order mark)."""
    found = await _statistics(call)
    name = f"inspections-{call.query.since}-{call.query.until}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=statistics.to_csv(found), content_type="text/csv", charset="utf-8", headers=headers)


@routes.get("/api/v1/inspections/inspectors", access=READERS, response=list[InspectorView])
async def list_inspectors(call: Call[None, None]) -> list[InspectorView]:
    """Who can be given inspections, the least busy first."""
    async with call.request.app[CONTEXT].db.read() as tx:
        return await statistics.inspectors(tx)


async def _statistics(call: Call[None, InspectionPeriod]) -> InspectionStatistics:
    context, query = call.request.app[CONTEXT], call.query
    async with context.db.read() as tx:
        zone = ZoneInfo(context.settings.time_zone)
        return await statistics.collect(tx, query.since, query.until, context.now(), zone)


@routes.get(BASE, access=STAFF, response=InspectionView)
async def show_inspection(call: Call[None, None]) -> InspectionView:
    """One inspection with verdicts, reasons, history and what the caller may do."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        return await _view(tx, context, call)


@routes.post(BASE + "/lock", access=INSPECTOR, response=InspectionView)
async def lock_inspection(call: Call[None, None]) -> InspectionView:
    """Take the review, or extend it. 403 for the seller and the seller's team, 409 while somebody else holds it."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        await service.lock(tx, context, call.who, call.path("inspection_id"))
        return await _view(tx, context, call)


@routes.post(BASE + "/release", access=INSPECTOR, response=InspectionView)
async def release_inspection(call: Call[None, None]) -> InspectionView:
    """Give the review back."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        await service.release(tx, context, call.who, call.path("inspection_id"))
        return await _view(tx, context, call)


@routes.post(BASE + "/watched", access=INSPECTOR, body=PlayedBody, response=WatchView)
async def report_watched(call: Call[PlayedBody, None]) -> WatchView:
    """Tell what was played; it counts as far as the server's clock allows. 409 without the lock, or before any film was sent."""
    context, inspection_id = call.request.app[CONTEXT], call.path("inspection_id")
    async with context.db.begin() as tx:
        await service.played(tx, context, call.who, inspection_id, call.body)
        return await watching.view(tx, await service.get(tx, inspection_id), call.who.id)


@routes.put(BASE + "/nodes", access=INSPECTOR, body=NodeDecision, response=InspectionView)
async def decide_node(call: Call[NodeDecision, None]) -> InspectionView:
    """Judge one node."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        await service.decide_node(tx, context, call.who, call.path("inspection_id"), call.body)
        return await _view(tx, context, call)


@routes.post(BASE + "/pass", access=INSPECTOR, body=PassBody, response=InspectionView)
async def pass_inspection(call: Call[PassBody, None]) -> InspectionView:
    """Release the recording."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        await service.pass_(tx, context, call.who, call.path("inspection_id"), call.body)
        return await _view(tx, context, call)


@routes.post(BASE + "/reject", access=INSPECTOR, body=RejectBody, response=InspectionView)
async def reject_inspection(call: Call[RejectBody, None]) -> InspectionView:
    """Reject; the agent owes a supplementary recording."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        await service.reject(tx, context, call.who, call.path("inspection_id"), call.body)
        return await _view(tx, context, call)


@routes.post(BASE + "/appeal", access=staff("agent"), body=AppealBody, response=InspectionView)
async def appeal_inspection(call: Call[AppealBody, None]) -> InspectionView:
    """The seller disagrees with a rejection."""
    context = call.request.app[CONTEXT]
    async with context.db.begin() as tx:
        await service.appeal(tx, context, call.who, call.path("inspection_id"), call.body.text)
        return await _view(tx, context, call)


@routes.post(BASE + "/appeal-decision", access=INSPECTOR, body=AppealDecisionBody, response=InspectionView)
async def decide_appeal(call: Call[AppealDecisionBody, None]) -> InspectionView:
    """Judge an appeal; never the inspector who rejected."""
    context, body = call.request.app[CONTEXT], call.body
    async with context.db.begin() as tx:
        await service.judge_appeal(tx, context, call.who, call.path("inspection_id"), body.text, accept=body.is_accepted)
        return await _view(tx, context, call)


@routes.post("/api/v1/inspections/assign", access=staff("administrator", "inspector"), body=AssignBody, response=AssignResult)
async def assign_inspections(call: Call[AssignBody, None]) -> AssignResult:
    """Give inspections to one inspector; four eyes holds here as well."""
    context, body = call.request.app[CONTEXT], call.body
    async with context.db.begin() as tx:
        row = await users.get(tx, body.inspector_id)
        if row is None or "inspector" not in row["roles"] or row["status"] != "active":
            raise not_found("USER_NOT_FOUND")
        inspector = Principal(
            "staff", row["id"], frozenset(row["roles"]), team=row["team"] or "", display_name=row["display_name"]
        )
        refused = await service.assign(tx, context, call.who, inspector, body.inspection_ids)
    return AssignResult(assigned=[item for item in dict.fromkeys(body.inspection_ids) if item not in refused], refused=refused)


async def _view(tx: Tx, context: Context, call: Call[Any, Any]) -> InspectionView:
    row = await service.get(tx, call.path("inspection_id"))
    await access.require_visible(tx, call.who, row["recording_id"])
    return await views.view(tx, row, call.who, context.now())


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)
