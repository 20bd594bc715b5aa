"""Durable job `retain`: puts a contract's period on every object of a recording, on the store itself.

Retention first, the legal hold lifted after it: there is no moment without a lock. A contract in force again, or in dispute, is
held again; a retention that is set stays.
"""

from datetime import date
from typing import Any

import sqlalchemy as sa

from server.audits.service import record
from server.cases.tables import cases
from server.context import Context
from server.custody.holding import apply_period, lock_of, period, put_right
from server.custody.tables import contracts, recording_custody
from server.jobs.registry import Due, JobError, Json, Services, StepRun
from server.recordings.tables import recording_objects, recordings
from storage.db.engine import Tx

RETAIN = "retain"


def subject_of(recording_id: str, version: int) -> str:
    """A job of its own for each version of a contract: its steps are done once."""
    return f"{recording_id}.{version}"


def _split(subject: str) -> tuple[str, int]:
    recording_id, _, version = subject.rpartition(".")
    return recording_id, int(version)


async def due(services: Services) -> list[Due]:
    """Sealed recordings whose contract was reported anew."""
    applied = sa.func.coalesce(recording_custody.c.version, 0)
    query = (
        sa.select(recordings.c.id, contracts.c.version, sa.func.coalesce(recording_custody.c.attempt, 0).label("attempt"))
        .join(cases, cases.c.id == recordings.c.case_id)
        .join(contracts, contracts.c.proposal_no == cases.c.proposal_no)
        .outerjoin(recording_custody, recording_custody.c.recording_id == recordings.c.id)
        .where(recordings.c.state == "sealed", applied < contracts.c.version)
        .order_by(contracts.c.reported_at)
        .limit(500)
    )
    async with services.context.db.read() as tx:
        return [Due(subject_of(row.id, row.version), row.attempt) for row in await tx.execute(query)]


async def retry(tx: Tx, subject: str) -> None:
    """Let a failed job start again."""
    recording_id, _ = _split(subject)
    await _ensure(tx, recording_id)
    same = recording_custody.c.recording_id == recording_id
    await tx.execute(recording_custody.update().where(same).values(attempt=recording_custody.c.attempt + 1))


async def plan(services: Services, run: StepRun) -> Json:
    """What is to be applied, as the contract says now."""
    recording_id, _ = _split(run.subject_id)
    return await _planned(services, recording_id)


async def apply(services: Services, run: StepRun) -> Json:
    """Extend, then hold or let go of the hold, object by object, as the contract says now; again where it was reported anew
    meanwhile: a job that was away for a while must not take back the hold that a later report put there."""
    recording_id, _ = _split(run.subject_id)
    keys = await _keys(services.context, recording_id)
    planned = await _planned(services, recording_id)
    while True:
        for number, key in enumerate(keys):
            await apply_period(services.store, key, planned, services.context.now())
            await run.progress((number + 1) / len(keys))
        newest = await _planned(services, recording_id)
        if newest["version"] == planned["version"]:
            return {"objects": len(keys), "planned": planned}
        planned = newest


async def confirm(services: Services, run: StepRun) -> Json:
    """Ask the store what it holds now, and only then write down that it is so. A later report's own job tells of that one."""
    context = services.context
    recording_id, _ = _split(run.subject_id)
    planned = run.results["apply_retention"].get("planned", run.results["plan_retention"])
    newest = await _planned(services, recording_id)
    if newest["version"] != planned["version"]:
        return {"objects": 0, "followed_by": newest["version"]}
    keys = await _keys(context, recording_id)
    for key in keys:
        if not await put_right(services.store, key, planned, context.now()):
            raise JobError("RETENTION_NOT_APPLIED", key, retryable=True)
    day = date.fromisoformat(planned["retain_until"]) if planned["retain_until"] else None
    async with context.db.begin() as tx:
        await _ensure(tx, recording_id)
        same = recording_custody.c.recording_id == recording_id
        new = {"version": planned["version"], "attempt": 0, "retain_until": day, "is_held": planned["is_held"]}
        await tx.execute(recording_custody.update().where(same).values(**new, applied_at=context.now()))
        objects = recording_objects.update().where(recording_objects.c.recording_id == recording_id)
        await tx.execute(objects.values(legal_hold=planned["is_held"], retain_until=lock_of(planned)))
        data: dict[str, Any] = {**planned, "objects": len(keys), "is_enforced": services.store.capabilities.enforces_lock}
        await record(tx, context, actor="job:retain", action="recording.retained", subject=recording_id, data=data)
    return {"objects": len(keys)}


async def _planned(services: Services, recording_id: str) -> Json:
    """The contract's period and its version. Raises `JobError`."""
    async with services.context.db.read() as tx:
        row = await _contract(tx, recording_id)
    if row is None:
        raise JobError("CONTRACT_NOT_REPORTED", recording_id)
    return {"version": int(row["version"]), **period(dict(row), services.context.settings.time_zone)}


async def _contract(tx: Tx, recording_id: str) -> sa.RowMapping | None:
    query = (
        sa.select(contracts)
        .join(cases, cases.c.proposal_no == contracts.c.proposal_no)
        .join(recordings, recordings.c.case_id == cases.c.id)
        .where(recordings.c.id == recording_id)
    )
    return (await tx.execute(query)).mappings().one_or_none()


async def _keys(context: Context, recording_id: str) -> list[str]:
    query = sa.select(recording_objects.c.key).where(recording_objects.c.recording_id == recording_id)
    async with context.db.read() as tx:
        return list((await tx.execute(query.order_by(recording_objects.c.key))).scalars())


async def _ensure(tx: Tx, recording_id: str) -> None:
    known = sa.select(recording_custody.c.recording_id).where(recording_custody.c.recording_id == recording_id)
    if await tx.scalar(known) is None:
        await tx.execute(recording_custody.insert().values(recording_id=recording_id, version=0, attempt=0, is_held=True))
