"""Durable job `dispose`: deletes what a list names, recording by recording, and proves that it is gone.

The store has the last word: an object under hold or retention is refused, whatever the list says. Deleted are the package in the
store, the work folders on this machine, the spoken words and the drawn signatures in the database, and with the last recording
of a proposal its pictures, documents and callback files (`papers`); what stays is the proof that something was there: its
hashes, the list, its approvals, the audit entries.
"""

import asyncio
import shutil
from pathlib import Path

import sqlalchemy as sa

from server.audits.service import record
from server.context import Context
from server.custody import papers
from server.custody.disposals import still_due
from server.custody.holding import is_locked
from server.custody.tables import disposal_approvals, disposal_items, disposals, recording_custody
from server.jobs.registry import Due, JobError, Json, Services, StepRun
from server.recordings import service as recording_service
from server.recordings.places import journal_prefix, key_prefix
from server.recordings.tables import recording_objects, recording_transcripts, recording_words, recordings
from server.sessions.tables import session_events, session_signatures
from storage.db.engine import Tx
from storage.objects.port import ObjectLocked, ObjectMissing, is_stored

DISPOSE = "dispose"


async def due(services: Services) -> list[Due]:
    """Lists that were approved by all."""
    query = sa.select(disposals.c.id, disposals.c.attempt).where(disposals.c.state == "approved")
    async with services.context.db.read() as tx:
        return [Due(row.id, row.attempt) for row in await tx.execute(query)]


async def on_failed(services: Services, disposal_id: str, code: str) -> None:
    """Show it; a person may retry."""
    async with services.context.db.begin() as tx:
        same = (disposals.c.id == disposal_id) & (disposals.c.state == "approved")
        await tx.execute(disposals.update().where(same).values(state="failed"))


async def delete(services: Services, run: StepRun) -> Json:
    """Delete each recording that is still due. One that is not, or that the store holds, is refused with its code."""
    planned = await _items(services.context, run.subject_id)
    for number, item in enumerate(planned):
        code = await _delete_one(services, run.subject_id, item)
        if code is not None:
            await _refuse(services.context, run.subject_id, item["recording_id"], code)
        await run.progress((number + 1) / len(planned))
    return {"recordings": len(planned)}


async def confirm(services: Services, run: StepRun) -> Json:
    """Ask the store for every object that was there, then write down that the recording is gone."""
    context = services.context
    planned = await _items(context, run.subject_id)
    for item in planned:
        recording_id = item["recording_id"]
        for key in await _keys(services, item):
            if await is_stored(services.store, key):
                raise JobError("OBJECT_STILL_THERE", key, retryable=True)
        async with context.db.begin() as tx:
            now = context.now()
            same = (disposal_items.c.disposal_id == run.subject_id) & (disposal_items.c.recording_id == recording_id)
            await tx.execute(disposal_items.update().where(same).values(state="deleted", ended_at=now))
            of_recording = recording_custody.c.recording_id == recording_id
            await tx.execute(recording_custody.update().where(of_recording).values(disposed_at=now))
            data = {name: item[name] for name in ("objects", "bytes", "manifest_sha256", "retain_until")}
            data |= {"disposal_id": run.subject_id, "approved_by": await _approved_by(tx, run.subject_id)}
            await record(tx, context, actor="job:dispose", action="recording.disposed", subject=recording_id, data=data)
    return {"deleted": len(planned)}


async def finish(services: Services, run: StepRun) -> Json:
    """Close the list."""
    context = services.context
    items = disposal_items.c
    counts = sa.select(sa.func.count().filter(items.state == "deleted"), sa.func.count().filter(items.state == "refused")).where(
        items.disposal_id == run.subject_id
    )
    async with context.db.begin() as tx:
        deleted, refused = (await tx.execute(counts)).one()
        same = (disposals.c.id == run.subject_id) & (disposals.c.state == "approved")
        changed = await tx.execute(disposals.update().where(same).values(state="done", ended_at=context.now()))
        if changed.rowcount:
            data = {"deleted": deleted, "refused": refused}
            await record(tx, context, actor="job:dispose", action="disposal.done", subject=run.subject_id, data=data)
    return {"deleted": deleted, "refused": refused}


async def _delete_one(services: Services, disposal_id: str, item: sa.RowMapping) -> str | None:
    context, recording_id = services.context, item["recording_id"]
    async with context.db.read() as tx:
        row = await recording_service.get(tx, recording_id)
        if row["state"] == "sealed" and not await still_due(tx, context, recording_id, disposal_id):
            return "NOT_DUE"
    keys = await _keys(services, item)
    if row["state"] == "sealed":
        for key in keys:
            if await is_locked(services.store, key, context.now()):
                return "OBJECT_LOCKED"
        if await papers.locked_file(services, item["proposal_no"]) is not None:
            return "CALLBACK_FILE_LOCKED"
        async with context.db.begin() as tx:  # from here on nobody plays or exports it
            if not await still_due(tx, context, recording_id, disposal_id):
                return "NOT_DUE"
            await _forget(tx, row)
    for key in keys:
        try:
            await services.store.delete(key)
        except ObjectMissing:
            continue
        except ObjectLocked as error:
            raise JobError("OBJECT_LOCKED", key) from error
    folders = [recording_service.absolute_dir(context, row), context.settings.data_dir / "finalise" / recording_id]
    for folder in folders:
        await asyncio.to_thread(_remove, folder)
    return None


async def _forget(tx: Tx, row: dict[str, object]) -> None:
    """What the database keeps of the recording's content. The session's own log goes with its last recording."""
    recording_id, session_id = row["id"], row["session_id"]
    await tx.execute(
        recordings.update().where(recordings.c.id == recording_id).values(state="disposed", timeline=None, media=None)
    )
    for spoken in (recording_transcripts, recording_words):
        await tx.execute(sa.delete(spoken).where(spoken.c.recording_id == recording_id))
    left = sa.select(recordings.c.id).where(recordings.c.session_id == session_id, recordings.c.state != "disposed")
    if await tx.scalar(left.limit(1)) is None:
        for table in (session_signatures, session_events):
            await tx.execute(sa.delete(table).where(table.c.session_id == session_id))


async def _refuse(context: Context, disposal_id: str, recording_id: str, code: str) -> None:
    async with context.db.begin() as tx:
        same = (disposal_items.c.disposal_id == disposal_id) & (disposal_items.c.recording_id == recording_id)
        values = {"state": "refused", "code": code, "ended_at": context.now()}
        await tx.execute(disposal_items.update().where(same).values(**values))
        listed = (recording_custody.c.recording_id == recording_id) & (recording_custody.c.disposal_id == disposal_id)
        await tx.execute(recording_custody.update().where(listed).values(disposal_id=None))
        data = {"disposal_id": disposal_id, "code": code}
        await record(tx, context, actor="job:dispose", action="disposal.refused", subject=recording_id, data=data)


async def _items(context: Context, disposal_id: str) -> list[sa.RowMapping]:
    query = sa.select(disposal_items).where(disposal_items.c.disposal_id == disposal_id, disposal_items.c.state == "planned")
    async with context.db.read() as tx:
        return list((await tx.execute(query.order_by(disposal_items.c.recording_id))).mappings())


async def _keys(services: Services, item: sa.RowMapping) -> list[str]:
    """Everything under the recording's prefixes, and what is written down of it."""
    query = sa.select(recording_objects.c.key).where(recording_objects.c.recording_id == item["recording_id"])
    async with services.context.db.read() as tx:
        known = set((await tx.execute(query)).scalars())
    for prefix in (key_prefix(item["case_id"], item["recording_id"]), journal_prefix(item["recording_id"])):
        known |= {key async for key in services.store.list(prefix)}
    return sorted(known)


async def _approved_by(tx: Tx, disposal_id: str) -> list[str]:
    query = sa.select(disposal_approvals.c.user_id).where(disposal_approvals.c.disposal_id == disposal_id)
    return list((await tx.execute(query.order_by(disposal_approvals.c.at))).scalars())


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
