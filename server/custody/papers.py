"""What belongs to a case beside its recordings: files of the callback desk, identity pictures, documents of the proposal.

A file of the callback desk is an object of its own: the durable job `retain_file` puts the contract's period on it, whenever it
was made. Pictures and documents are encrypted files of this machine. All of it goes with the last recording of the proposal, as
a step of the disposal list that names that recording; names, hashes and the proof of deletion stay.
"""

from datetime import datetime

import sqlalchemy as sa

from server.audits.service import record
from server.blobs import BlobStore
from server.callbacks.tables import callback_files, callbacks, policies, service_calls
from server.cases.tables import case_participants, cases, proposal_documents
from server.context import Context
from server.custody.holding import apply_period, is_locked, period, put_right
from server.custody.tables import contracts, disposal_items
from server.identity.service import blob_key
from server.identity.tables import identity_images
from server.jobs.registry import Due, JobError, Json, Services, StepRun
from server.recordings.tables import recordings
from storage.db.engine import Tx
from storage.objects.port import ObjectLocked, ObjectMissing

RETAIN_FILE = "retain_file"


def _files() -> sa.FromClause:
    """Files with the policy and the contract they belong to, by the callback or the service call they were made for."""
    policy_no = sa.func.coalesce(callbacks.c.policy_no, service_calls.c.policy_no)
    return (
        callback_files.outerjoin(callbacks, callbacks.c.id == callback_files.c.callback_id)
        .outerjoin(service_calls, service_calls.c.id == callback_files.c.service_call_id)
        .join(policies, policies.c.policy_no == policy_no)
        .join(contracts, contracts.c.proposal_no == policies.c.proposal_no)
    )


async def due(services: Services) -> list[Due]:
    """Files whose contract was reported since its period was last put on them."""
    files = callback_files.c
    query = (
        sa.select(files.id, files.custody_attempt, contracts.c.version)
        .select_from(_files())
        .where(files.disposed_at.is_(None), files.custody_version < contracts.c.version)
        .order_by(contracts.c.reported_at, files.id)
        .limit(500)
    )
    async with services.context.db.read() as tx:
        return [Due(f"{row.id}.{row.version}", row.custody_attempt) for row in await tx.execute(query)]


async def retry(tx: Tx, subject: str) -> None:
    """Let a failed job start again."""
    same = callback_files.c.id == subject.rpartition(".")[0]
    await tx.execute(callback_files.update().where(same).values(custody_attempt=callback_files.c.custody_attempt + 1))


async def plan(services: Services, run: StepRun) -> Json:
    """The file's object and what is to be put on it, as the contract says now."""
    return await _planned(services, run.subject_id.rpartition(".")[0])


async def _planned(services: Services, file_id: str) -> Json:
    wanted = (callback_files.c.object_key, contracts.c.version, contracts.c.retain_until, contracts.c.is_held)
    query = sa.select(*wanted).select_from(_files()).where(callback_files.c.id == file_id)
    async with services.context.db.read() as tx:
        row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise JobError("CONTRACT_NOT_REPORTED", file_id)
    return {**period(dict(row), services.context.settings.time_zone), "version": row["version"], "key": row["object_key"]}


async def apply(services: Services, run: StepRun) -> Json:
    """Extend, then hold or let go of the hold, as the contract says now; again where it was reported anew meanwhile."""
    file_id = run.subject_id.rpartition(".")[0]
    planned = await _planned(services, file_id)
    while True:
        await apply_period(services.store, planned["key"], planned, services.context.now())
        newest = await _planned(services, file_id)
        if newest["version"] == planned["version"]:
            return {"objects": 1, "planned": planned}
        planned = newest


async def confirm(services: Services, run: StepRun) -> Json:
    """Ask the store what it holds now, and only then write down that it is so. A later report's own job tells of that one."""
    context, file_id = services.context, run.subject_id.rpartition(".")[0]
    planned = run.results["apply_retention"].get("planned", run.results["plan_retention"])
    newest = await _planned(services, file_id)
    if newest["version"] != planned["version"]:
        return {"objects": 0, "followed_by": newest["version"]}
    if not await put_right(services.store, planned["key"], planned, context.now()):
        raise JobError("RETENTION_NOT_APPLIED", planned["key"], retryable=True)
    async with context.db.begin() as tx:
        same = callback_files.c.id == file_id
        await tx.execute(callback_files.update().where(same).values(custody_version=planned["version"], custody_attempt=0))
        data = {name: planned[name] for name in ("version", "retain_until", "is_held")}
        data["is_enforced"] = services.store.capabilities.enforces_lock
        await record(tx, context, actor="job:retain_file", action="callback_file.retained", subject=file_id, data=data)
    return {"objects": 1}


async def locked_file(services: Services, proposal_no: str) -> str | None:
    """A file of the callback desk that the store does not let go yet, or None."""
    for row in await _of_proposal(services.context, proposal_no):
        if await is_locked(services.store, row["object_key"], services.context.now()):
            return str(row["id"])
    return None


async def delete(services: Services, run: StepRun) -> Json:
    """Delete what belongs to the proposals of a list of which no recording is left.

    Raises:
        JobError: `OBJECT_LOCKED`: a file came after the list was checked; the list can be retried when its period is over.
    """
    context = services.context
    gone = {"pictures": 0, "documents": 0, "files": 0}
    for proposal_no in await _without_recordings(context, run.subject_id):
        found = {
            "pictures": await _pictures(context, proposal_no),
            "documents": await _documents(context, proposal_no),
            "files": await _desk_files(services, proposal_no),
        }
        if not any(found.values()):
            continue
        async with context.db.begin() as tx:
            now = context.now()
            await _forget(tx, found, now)
            data = {name: [{"id": key, "sha256": sha256} for key, sha256 in items] for name, items in found.items()}
            data["disposal_id"] = run.subject_id  # type: ignore[assignment]
            await record(tx, context, actor="job:dispose", action="proposal.papers_disposed", subject=proposal_no, data=data)
        gone = {name: count + len(found[name]) for name, count in gone.items()}
    return dict(gone)


Gone = list[tuple[str, str]]
"""Id and SHA-256 of what was deleted."""


async def _forget(tx: Tx, found: dict[str, Gone], now: datetime) -> None:
    pictures = [key for key, _ in found["pictures"]]
    await tx.execute(sa.delete(identity_images).where(identity_images.c.id.in_(pictures)))
    documents = proposal_documents.c.id.in_([key for key, _ in found["documents"]])
    await tx.execute(proposal_documents.update().where(documents).values(disposed_at=now))
    files = callback_files.c.id.in_([key for key, _ in found["files"]])
    await tx.execute(callback_files.update().where(files).values(disposed_at=now))


async def _without_recordings(context: Context, disposal_id: str) -> list[str]:
    """Proposals of the list's deleted recordings that have no other recording left."""
    left = (
        sa.select(cases.c.proposal_no)
        .join(recordings, recordings.c.case_id == cases.c.id)
        .where(cases.c.proposal_no == disposal_items.c.proposal_no, recordings.c.state != "disposed")
    )
    query = (
        sa.select(disposal_items.c.proposal_no)
        .where(disposal_items.c.disposal_id == disposal_id, disposal_items.c.state == "deleted", ~left.exists())
        .distinct()
        .order_by(disposal_items.c.proposal_no)
    )
    async with context.db.read() as tx:
        return list((await tx.execute(query)).scalars())


async def _pictures(context: Context, proposal_no: str) -> Gone:
    query = (
        sa.select(identity_images.c.id, identity_images.c.sha256)
        .join(case_participants, case_participants.c.id == identity_images.c.participant_id)
        .join(cases, cases.c.id == case_participants.c.case_id)
        .where(cases.c.proposal_no == proposal_no)
        .order_by(identity_images.c.id)
    )
    async with context.db.read() as tx:
        found = [(row.id, row.sha256) for row in await tx.execute(query)]
    for key, _ in found:
        await BlobStore(context).delete(blob_key(key))
    return found


async def _documents(context: Context, proposal_no: str) -> Gone:
    table = proposal_documents.c
    query = sa.select(table.id, table.sha256).where(table.proposal_no == proposal_no, table.disposed_at.is_(None))
    async with context.db.read() as tx:
        found = [(row.id, row.sha256) for row in await tx.execute(query.order_by(table.id))]
    for key, _ in found:
        await BlobStore(context).delete(f"documents/{key}")
    return found


async def _desk_files(services: Services, proposal_no: str) -> Gone:
    found = await _of_proposal(services.context, proposal_no)
    for row in found:
        try:
            await services.store.delete(row["object_key"])
        except ObjectMissing:
            continue
        except ObjectLocked as error:
            raise JobError("OBJECT_LOCKED", row["object_key"]) from error
    return [(row["id"], row["sha256"]) for row in found]


async def _of_proposal(context: Context, proposal_no: str) -> list[sa.RowMapping]:
    query = (
        sa.select(callback_files.c.id, callback_files.c.object_key, callback_files.c.sha256)
        .select_from(_files())
        .where(contracts.c.proposal_no == proposal_no, callback_files.c.disposed_at.is_(None))
        .order_by(callback_files.c.id)
    )
    async with context.db.read() as tx:
        return list((await tx.execute(query)).mappings())
