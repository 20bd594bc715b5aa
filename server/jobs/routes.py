"""HTTP endpoints of durable work, for administrators: what failed, what is stuck, try again."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from server.audits.service import record
from server.context import CONTEXT, Context
from server.http.endpoint import Call, Routes, staff
from server.http.problem import conflict, not_found
from server.jobs.schemas import JobPage, JobQuery, JobStepView, JobView, WorkerView
from server.jobs.slices import build_registry
from server.jobs.tables import job_steps, jobs, workers
from storage.db.engine import Tx

routes = Routes(tag="jobs")
ADMINISTRATOR = staff("administrator")


@routes.get("/api/v1/admin/jobs", access=ADMINISTRATOR, query=JobQuery, response=JobPage)
async def list_jobs(call: Call[None, JobQuery]) -> JobPage:
    """Jobs, newest first; with `attention` only those a person should look at."""
    context, query = call.request.app[CONTEXT], call.query
    is_stuck = _stuck(context)
    wanted = sa.select(jobs, is_stuck.label("is_stuck"))
    if query.state:
        wanted = wanted.where(jobs.c.state == query.state)
    if query.subject_id:
        wanted = wanted.where(jobs.c.subject_id == query.subject_id)
    if query.attention:
        wanted = wanted.where(sa.or_(jobs.c.state == "failed", is_stuck))
    async with context.db.read() as tx:
        rows = (await tx.execute(wanted.order_by(jobs.c.created_at.desc(), jobs.c.id).limit(query.limit))).mappings().all()
        by_state = sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state)
        counts = {row[0]: row[1] for row in await tx.execute(by_state)}
        stuck = await tx.scalar(sa.select(sa.func.count()).select_from(jobs).where(is_stuck))
        steps = await _steps(tx, [row["id"] for row in rows])
    return JobPage(items=[_view(row, steps) for row in rows], counts=counts, stuck=stuck or 0)


@routes.post("/api/v1/admin/jobs/{job_id}/retry", access=ADMINISTRATOR, response=JobView)
async def retry_job(call: Call[None, None]) -> JobView:
    """Start a failed or stuck job again from its first unfinished step. 409 `JOB_NOT_FAILED`, `JOB_NOT_RETRYABLE`."""
    context, key = call.request.app[CONTEXT], call.path("job_id")
    async with context.db.begin() as tx:
        row = await _row(tx, context, key)
        if row["state"] != "failed" and not row["is_stuck"]:
            raise conflict("JOB_NOT_FAILED", state=row["state"])
        kind = build_registry().kinds.get(row["kind"])
        if kind is None or kind.retry is None:
            raise conflict("JOB_NOT_RETRYABLE", kind=row["kind"])
        await kind.retry(tx, row["subject_id"])
        await tx.execute(jobs.update().where(jobs.c.id == key).values(state="waiting", updated_at=context.now()))
        address = call.request.remote or ""
        await record(
            tx, context, actor=call.who, action="job.retried", subject=row["subject_id"], data={"job": key}, address=address
        )
        return _view(await _row(tx, context, key), await _steps(tx, [key]))


@routes.get("/api/v1/admin/workers", access=ADMINISTRATOR, response=list[WorkerView])
async def list_workers(call: Call[None, None]) -> list[WorkerView]:
    """Jobs processes that hold a lease."""
    context = call.request.app[CONTEXT]
    async with context.db.read() as tx:
        rows = (await tx.execute(sa.select(workers).where(workers.c.lease_until > context.now()))).mappings().all()
    return [WorkerView(**dict(row)) for row in rows]


def _stuck(context: Context) -> sa.ColumnElement[bool]:
    """Running without any movement for longer than its kind allows; or waiting as long while nothing at all moves.

    A job that waits behind others that move is not stuck.
    """
    now, other = context.now(), jobs.alias("other")
    stale: list[sa.ColumnElement[bool]] = []
    moving: list[sa.ColumnElement[bool]] = []
    for seconds, names in _kinds_by_limit().items():
        since = now - timedelta(seconds=seconds)
        stale.append(sa.and_(jobs.c.kind.in_(names), jobs.c.updated_at < since))
        moving.append(sa.and_(other.c.kind.in_(names), other.c.updated_at >= since))
    is_any_moving = sa.exists().where(other.c.state == "running", sa.or_(*moving))
    is_left = sa.or_(jobs.c.state == "running", sa.and_(jobs.c.state == "waiting", sa.not_(is_any_moving)))
    return sa.and_(is_left, sa.or_(*stale))


@cache
def _kinds_by_limit() -> dict[float, list[str]]:
    found: dict[float, list[str]] = {}
    for kind in build_registry().kinds.values():
        found.setdefault(kind.stuck_after_s, []).append(kind.name)
    return found


async def _row(tx: Tx, context: Context, key: str) -> Mapping[Any, Any]:
    query = sa.select(jobs, _stuck(context).label("is_stuck")).where(jobs.c.id == key)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        raise not_found("JOB_NOT_FOUND", job_id=key)
    return row


async def _steps(tx: Tx, keys: list[str]) -> dict[str, list[JobStepView]]:
    query = sa.select(job_steps).where(job_steps.c.job_id.in_(keys)).order_by(job_steps.c.ordinal)
    found: dict[str, list[JobStepView]] = {}
    for row in (await tx.execute(query)).mappings():
        step = JobStepView(**{name: row[name] for name in JobStepView.model_fields})
        found.setdefault(row["job_id"], []).append(step)
    return found


def _view(row: Mapping[Any, Any], steps: Mapping[str, list[JobStepView]]) -> JobView:
    plain = {name: row[name] for name in JobView.model_fields if name not in ("steps", "is_stuck")}
    return JobView(**plain, is_stuck=bool(row["is_stuck"]), steps=steps.get(row["id"], []))


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    routes.attach(app)
