"""HTTP endpoints: the administrators' media page, draining, live counters of a room, and the quality kept with a session."""

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from aiohttp import web

from media.rpc import RpcError
from server.audits import service as audits
from server.cases.service import require_visible
from server.context import CONTEXT
from server.http.endpoint import STAFF, Call, Routes, staff
from server.http.problem import Problem, not_found
from server.media_workers import alarms, quality, service
from server.media_workers import schemas as wire
from server.media_workers.tables import media_placements
from server.sessions import repository as sessions
from server.sessions.engines import MEDIA
from server.sessions.hub import HUB
from server.sessions.tables import sessions as session_table
from server.users.limits import address_of

routes = Routes(tag="media")
ADMIN = staff("administrator", "compliance")


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)


@routes.get("/api/v1/admin/media", access=ADMIN, response=wire.MediaOverview)
async def show_media(call: Call[None, None]) -> wire.MediaOverview:
    """Workers, rooms and alarms."""
    context = call.request.app[CONTEXT]
    now = context.now()
    query = (
        sa.select(media_placements, session_table.c.case_id, session_table.c.phase)
        .join(session_table, session_table.c.id == media_placements.c.room_id)
        .where(media_placements.c.released_at.is_(None))
        .order_by(media_placements.c.placed_at)
        .limit(500)
    )
    async with context.db.read() as tx:
        workers = await service.everyone(tx)
        rooms = [dict(row) for row in (await tx.execute(query)).mappings()]
        raised = await alarms.recent(tx, now)
    limits = (context.settings.media_cpu_limit, context.settings.media_disk_hours)
    engines = call.request.app[HUB].engines
    return wire.MediaOverview(
        checked_at=now,
        workers=[_worker(row, _state(row, now, engines.is_connected(row["id"])), *limits) for row in workers],
        rooms=[_room(row) for row in rooms],
        alarms=[wire.MediaAlarm.model_validate({key: row[key] for key in wire.MediaAlarm.model_fields}) for row in raised],
    )


@routes.post("/api/v1/admin/media/workers/{worker_id}/drain", access=staff("administrator"), body=wire.DrainRequest, status=204)
async def drain_worker(call: Call[wire.DrainRequest, None]) -> None:
    """No new rooms on this worker; running ones end. Or take that back."""
    context = call.request.app[CONTEXT]
    worker_id = call.path("worker_id")
    async with context.db.begin() as tx:
        await service.want_drain(tx, worker_id, call.body.is_on)
        action = "media.drain" if call.body.is_on else "media.undrain"
        await audits.record(tx, context, actor=call.who, action=action, subject=worker_id, address=address_of(call.request))


@routes.get("/api/v1/admin/media/rooms/{room_id}/legs", access=ADMIN, response=list[wire.RoomLeg])
async def show_room(call: Call[None, None]) -> list[wire.RoomLeg]:
    """Live counters of a room's legs."""
    room_id, engines = call.path("room_id"), call.request.app[HUB].engines
    if not engines.is_placed(room_id):
        raise not_found("ROOM_UNKNOWN")
    try:
        stats = await engines.call(MEDIA, "room.stats", {"room_id": room_id}, timeout=3)
    except RpcError as error:
        if error.code == "ROOM_UNKNOWN":
            raise not_found("ROOM_UNKNOWN") from error
        raise Problem(503, "MEDIA_UNAVAILABLE", retryable=True) from error
    return [wire.RoomLeg.model_validate({key: leg.get(key) for key in wire.RoomLeg.model_fields}) for leg in stats["legs"]]


@routes.get("/api/v1/sessions/{session_id}/quality", access=STAFF, response=wire.SessionQuality)
async def show_quality(call: Call[None, None]) -> wire.SessionQuality:
    """How well each leg of a session did, for inspection."""
    context = call.request.app[CONTEXT]
    session_id = call.path("session_id")
    async with context.db.read() as tx:
        row = await sessions.get_row(tx, session_id)
        if row is None:
            raise not_found("SESSION_NOT_FOUND")
        await require_visible(tx, call.who, row["case_id"])
        legs = await quality.of_session(tx, session_id)
    return wire.SessionQuality(session_id=session_id, started_at=row["started_at"], legs=[_leg(leg) for leg in legs])


State = Literal["up", "draining", "full", "disk_low", "unwatched", "away", "lost"]


def _worker(row: dict[str, Any], state: State, cpu_limit: float, disk_limit: float) -> wire.MediaWorker:
    uploads = row["uploads"] or {}
    values = {key: row[key] for key in wire.MediaWorker.model_fields if key in row}
    return wire.MediaWorker.model_validate(
        {
            **values, "state": state, "cpu_limit": cpu_limit, "disk_hours_limit": disk_limit,
            "uploads_waiting": uploads.get("waiting"), "uploads_waiting_bytes": uploads.get("waiting_bytes"),
            "uploads_oldest_at": uploads.get("oldest_at"), "is_store_up": uploads.get("is_store_up"),
        }
    )  # fmt: skip


def _state(row: dict[str, Any], now: datetime, is_connected: bool) -> State:
    if is_connected and not service.is_live(row, now):
        return "unwatched"
    if service.is_lost(row, now):
        return "lost"
    if not service.is_live(row, now):
        return "away"
    if row["is_draining"] or row["is_drain_wanted"]:
        return "draining"
    if row["refuses"] == "WORKER_DISK_LOW":
        return "disk_low"
    return "full" if row["refuses"] else "up"


def _room(row: dict[str, Any]) -> wire.MediaRoom:
    return wire.MediaRoom(
        room_id=row["room_id"],
        worker_id=row["worker_id"],
        case_id=row["case_id"],
        phase=row["phase"],
        placed_at=row["placed_at"],
        is_recording=row["phase"] == "recording",
    )


def _leg(row: dict[str, Any]) -> wire.LegQuality:
    names = tuple(wire.LegPoint.model_fields)
    counters = {key: row["counters"].get(key) or 0 for key in ("packets", "lost", "nack", "rtx", "pli")}
    return wire.LegQuality(
        leg_id=row["leg_id"],
        seat_id=row["seat_id"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        **counters,
        **quality.summary(row["points"]),
        points=[wire.LegPoint(**dict(zip(names, point, strict=True))) for point in row["points"]],
    )
