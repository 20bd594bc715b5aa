"""Alarms of media workers: raised once, cleared by themselves, kept. Shown to administrators, in metrics and in the log."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from server.media_workers.tables import media_alarms
from storage.db.engine import Tx
from storage.db.ids import new_id

log = structlog.get_logger(__name__)

LAG_LIMIT_MS = 20.0
UPLOAD_LIMIT = timedelta(seconds=120)
KINDS = ("disk_low", "busy", "lagging", "lost", "uploads_late")


def of_worker(info: Mapping[str, Any], disk_hours_limit: float) -> dict[str, dict[str, Any]]:
    """What is wrong with a worker, by kind, from what it says of itself."""
    found: dict[str, dict[str, Any]] = {}
    if info["refuses"] == "WORKER_DISK_LOW" or info["disk_hours"] < disk_hours_limit:
        found["disk_low"] = {"free_bytes": info["disk_free_bytes"], "hours": info["disk_hours"]}
    if info["refuses"] == "WORKER_BUSY":
        found["busy"] = {"cpu": info["cpu"]}
    if info["rooms"] and (info["loop_lag_p99_ms"] or 0.0) > LAG_LIMIT_MS:
        found["lagging"] = {"loop_lag_p99_ms": info["loop_lag_p99_ms"]}
    return found


def of_uploads(uploads: Mapping[str, Any] | None, now: datetime) -> dict[str, dict[str, Any]]:
    """What is wrong with the uploads of a machine."""
    if not uploads or not uploads["oldest_at"]:
        return {}
    if now - datetime.fromisoformat(uploads["oldest_at"]) < UPLOAD_LIMIT:
        return {}
    return {"uploads_late": {"waiting": uploads["waiting"], "waiting_bytes": uploads["waiting_bytes"]}}


async def settle(tx: Tx, worker_id: str, kinds: tuple[str, ...], found: Mapping[str, dict[str, Any]], now: datetime) -> list[str]:
    """Make the stored alarms of a worker (of these kinds) those that were found. Returns the kinds raised now."""
    query = sa.select(media_alarms).where(
        media_alarms.c.worker_id == worker_id, media_alarms.c.cleared_at.is_(None), media_alarms.c.kind.in_(kinds)
    )
    standing = {row["kind"]: row["id"] for row in (await tx.execute(query)).mappings()}
    raised = [kind for kind in found if kind not in standing]
    for kind in raised:
        row = {"id": new_id("alarm"), "worker_id": worker_id, "kind": kind, "detail": found[kind], "raised_at": now}
        await tx.execute(media_alarms.insert().values(**row))
        log.error("media_alarm", worker=worker_id, kind=kind, **found[kind])
    over = [alarm_id for kind, alarm_id in standing.items() if kind not in found]
    if over:
        await tx.execute(media_alarms.update().where(media_alarms.c.id.in_(over)).values(cleared_at=now))
    return raised


async def standing(tx: Tx) -> list[dict[str, Any]]:
    """Alarms that stand, oldest first."""
    query = sa.select(media_alarms).where(media_alarms.c.cleared_at.is_(None)).order_by(media_alarms.c.raised_at)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def recent(tx: Tx, now: datetime) -> list[dict[str, Any]]:
    """Alarms that stand, and those of the last day, newest first."""
    query = sa.select(media_alarms).where(
        sa.or_(media_alarms.c.cleared_at.is_(None), media_alarms.c.raised_at > now - timedelta(days=1))
    )
    return [dict(row) for row in (await tx.execute(query.order_by(media_alarms.c.raised_at.desc()).limit(100))).mappings()]
