"""Writes and reads the visible progress of jobs. Every call is its own short transaction: progress must survive a crash."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.context import Context
from server.jobs.registry import JobKind, Json, job_id
from server.jobs.tables import job_steps, jobs, workers
from storage.db.engine import Tx

LEASE = timedelta(seconds=15)


async def begin(context: Context, kind: JobKind, subject_id: str, attempt: int, worker: str) -> dict[str, Json]:
    """Mark a job running and return the results of steps that are done already (of this or an earlier attempt)."""
    key, now = job_id(kind.name, subject_id), context.now()
    async with context.db.begin() as tx:
        await _ensure(tx, kind, subject_id, now)
        started = sa.func.coalesce(jobs.c.started_at, now)
        await tx.execute(
            jobs.update()
            .where(jobs.c.id == key)
            .values(
                state="running", attempt=attempt, worker=worker, started_at=started, updated_at=now, ended_at=None,
                error_code=None, error_detail=None,
            )
        )  # fmt: skip
        rows = (await tx.execute(sa.select(job_steps).where(job_steps.c.job_id == key, job_steps.c.state == "done"))).mappings()
        return {row["name"]: row["result"] or {} for row in rows}


async def step_started(context: Context, key: str, name: str) -> None:
    """A step begins (again)."""
    now = context.now()
    started = sa.func.coalesce(job_steps.c.started_at, now)
    values = {"state": "running", "tries": job_steps.c.tries + 1, "started_at": started, "updated_at": now, "error_code": None}
    await _step(context, key, name, now, {**values, "progress": None, "ended_at": None})


async def step_progress(context: Context, key: str, name: str, progress: float) -> None:
    """A step moves on."""
    now = context.now()
    await _step(context, key, name, now, {"progress": min(max(progress, 0.0), 1.0), "updated_at": now})


async def step_done(context: Context, key: str, name: str, result: Json) -> None:
    """A step is done; its result is kept."""
    now = context.now()
    await _step(context, key, name, now, {"state": "done", "progress": 1.0, "result": result, "updated_at": now, "ended_at": now})


async def step_failed(context: Context, key: str, name: str, code: str) -> None:
    """A try of a step failed."""
    now = context.now()
    await _step(context, key, name, now, {"state": "failed", "error_code": code, "updated_at": now, "ended_at": now})


async def finish(context: Context, key: str, code: str | None, detail: str = "") -> None:
    """The job is done, or failed with a code."""
    now = context.now()
    async with context.db.begin() as tx:
        await tx.execute(
            jobs.update()
            .where(jobs.c.id == key)
            .values(
                state="failed" if code else "done",
                error_code=code,
                error_detail=detail[:2000] or None,
                updated_at=now,
                ended_at=now,
            )
        )


async def keep_lease(context: Context, worker: str, host: str) -> None:
    """Say that this jobs process is alive."""
    now = context.now()
    async with context.db.begin() as tx:
        changed = await tx.execute(workers.update().where(workers.c.id == worker).values(lease_until=now + LEASE))
        if changed.rowcount == 0:
            await tx.execute(workers.insert().values(id=worker, host=host, started_at=now, lease_until=now + LEASE))


async def has_lease(tx: Tx, worker: str, now: datetime) -> bool:
    """Whether a jobs process is alive."""
    alive = sa.select(workers.c.id).where(workers.c.id == worker, workers.c.lease_until > now)
    return await tx.scalar(alive) is not None


async def leases(tx: Tx) -> list[sa.Row[Any]]:
    """Jobs processes (id, lease_until) that did not end in order, alive or not, by name."""
    return list(await tx.execute(sa.select(workers.c.id, workers.c.lease_until).order_by(workers.c.id)))


async def drop_lease(context: Context, worker: str) -> None:
    """This jobs process ends in order."""
    async with context.db.begin() as tx:
        await tx.execute(workers.delete().where(workers.c.id == worker))


async def own(context: Context, key: str, worker: str) -> None:
    """Note which process runs a job now; after a take-over that is another one."""
    async with context.db.begin() as tx:
        await tx.execute(jobs.update().where(jobs.c.id == key).values(worker=worker, updated_at=context.now()))


async def claim_orphans(context: Context, worker: str) -> list[tuple[str, int]]:
    """Running jobs (key, attempt) whose process has no lease any more, now claimed by `worker` and nobody else."""
    alive = sa.select(workers.c.id).where(workers.c.lease_until > context.now())
    query = sa.select(jobs.c.id, jobs.c.attempt, jobs.c.worker).where(jobs.c.state == "running", jobs.c.worker.not_in(alive))
    async with context.db.read() as tx:
        found = list(await tx.execute(query))
    claimed = []
    for row in found:
        async with context.db.begin() as tx:
            same = (jobs.c.id == row.id) & (jobs.c.worker == row.worker) & (jobs.c.state == "running")
            if (await tx.execute(jobs.update().where(same).values(worker=worker))).rowcount:
                claimed.append((row.id, row.attempt))
    return claimed


async def announce(context: Context, kind: JobKind, subject_id: str) -> None:
    """Make a waiting job visible before a worker is free."""
    async with context.db.begin() as tx:
        await _ensure(tx, kind, subject_id, context.now())


async def _ensure(tx: Tx, kind: JobKind, subject_id: str, now: datetime) -> None:
    key = job_id(kind.name, subject_id)
    if await tx.scalar(sa.select(jobs.c.id).where(jobs.c.id == key)) is None:
        await tx.execute(
            jobs.insert().values(
                id=key, kind=kind.name, subject_id=subject_id, state="waiting", attempt=0, created_at=now, updated_at=now
            )
        )
    known = set((await tx.execute(sa.select(job_steps.c.name).where(job_steps.c.job_id == key))).scalars())
    rows: list[dict[str, Any]] = [
        {"job_id": key, "name": step.name, "ordinal": ordinal, "state": "pending"}
        for ordinal, step in enumerate(kind.steps)
        if step.name not in known
    ]
    if rows:
        await tx.execute(job_steps.insert(), rows)


async def _step(context: Context, key: str, name: str, now: datetime, values: dict[str, Any]) -> None:
    async with context.db.begin() as tx:
        await tx.execute(job_steps.update().where(job_steps.c.job_id == key, job_steps.c.name == name).values(**values))
        await tx.execute(jobs.update().where(jobs.c.id == key).values(updated_at=now))
