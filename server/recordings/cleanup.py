"""Frees the disks of a sealed recording: only what the store confirms by its own checksum is deleted, what it does not is kept.

Two disks may hold it: the media worker's (its machine's agent looks after that) and the work folder of the jobs process (the job
`cleanup:{recording_id}`).
"""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from server.context import Context
from server.jobs.registry import Due, JobError, Json, Services, StepRun
from server.media_workers.tables import recording_cleanups
from server.recordings.places import journal_prefix
from server.recordings.tables import recording_objects, recordings
from server.recordings.uploads import STATE_NAME
from storage.db.engine import Tx
from storage.evidence.digest import digest_file
from storage.objects.port import ObjectMissing, ObjectStore

log = structlog.get_logger(__name__)

_BATCH = 50


async def due(services: Services) -> list[Due]:
    """Sealed recordings whose local copies are old enough and not yet freed by this machine."""
    return [Due(recording_id, attempt) for recording_id, attempt in await _due_here(services.context)]


async def _due_here(context: Context) -> list[tuple[str, int]]:
    settings = context.settings
    here = sa.and_(recording_cleanups.c.recording_id == recordings.c.id, recording_cleanups.c.node == settings.media_node)
    query = (
        sa.select(recordings.c.id, sa.func.coalesce(recording_cleanups.c.attempt, 0))
        .select_from(recordings.outerjoin(recording_cleanups, here))
        .where(recordings.c.sealed_at < context.now() - timedelta(hours=settings.keep_local_hours))
        .where(recording_cleanups.c.cleaned_at.is_(None))
        .order_by(recordings.c.sealed_at)
        .limit(_BATCH)
    )
    async with context.db.read() as tx:
        return [(row[0], row[1]) for row in await tx.execute(query)]


async def retry(tx: Tx, recording_id: str) -> None:
    """A person wants another try, having looked at why something was kept."""
    held = recording_cleanups.update().where(
        recording_cleanups.c.recording_id == recording_id, recording_cleanups.c.cleaned_at.is_(None)
    )
    await tx.execute(held.values(attempt=recording_cleanups.c.attempt + 1))


async def clean_step(services: Services, run: StepRun) -> Json:
    """The job's step. Idempotent: what is gone stays gone. Fails visibly when the store does not confirm everything."""
    result = await clean(services.context, services.store, run.subject_id)
    if result["kept"]:
        raise JobError("LOCAL_COPY_NOT_CONFIRMED", str(result["kept"][:3]))
    return result


async def clean_node(context: Context, store: ObjectStore) -> None:
    """Free this machine's copies; for machines with media workers and no jobs process (there the job does it)."""
    if context.settings.internal_host == "127.0.0.1":
        return
    for recording_id, _ in await _due_here(context):
        if (context.settings.data_dir / "recordings" / recording_id).is_dir():
            await clean(context, store, recording_id)


async def clean(context: Context, store: ObjectStore, recording_id: str) -> Json:
    """Delete the local copies of one sealed recording that the store confirms, file by file."""
    async with context.db.read() as tx:
        query = sa.select(
            recording_objects.c.path, recording_objects.c.key, recording_objects.c.bytes, recording_objects.c.sha256
        )
        stored = {row.path: row for row in await tx.execute(query.where(recording_objects.c.recording_id == recording_id))}
    data = context.settings.data_dir
    folder, work = data / "recordings" / recording_id, data / "finalise" / recording_id
    kept: list[dict[str, str]] = []
    freed = 0
    for path in await asyncio.to_thread(_files, folder):
        name = path.relative_to(folder).as_posix()
        if name == STATE_NAME or name.startswith("."):
            continue
        reason = await _doubt(store, stored.get(name), path)
        if reason is not None:
            kept.append({"file": name, "reason": reason})
            continue
        freed += path.stat().st_size
        path.unlink()
    if not kept:
        # The work folder is made anew from the store whenever it is needed.
        freed += await asyncio.to_thread(_remove, work)
        await asyncio.to_thread(_remove, folder)
        async for key in store.list(journal_prefix(recording_id)):
            await store.delete(key)
    else:
        log.error("recording_not_freed", recording_id=recording_id, kept=kept[:5], count=len(kept))
    async with context.db.begin() as tx:
        node = context.settings.media_node
        same = (recording_cleanups.c.recording_id == recording_id) & (recording_cleanups.c.node == node)
        values = {"cleaned_at": None if kept else context.now(), "freed_bytes": freed, "kept": kept}
        changed = await tx.execute(recording_cleanups.update().where(same).values(**values))
        if not changed.rowcount:
            await tx.execute(recording_cleanups.insert().values(recording_id=recording_id, node=node, **values))
    return {"freed_bytes": freed, "kept": kept[:20]}


async def _doubt(store: ObjectStore, row: Any, path: Path) -> str | None:
    """Why a file must stay, or None: the store holds these very bytes, by its own checksum."""
    if row is None:
        return "NOT_IN_PACKAGE"
    digest = await asyncio.to_thread(digest_file, path)
    if digest.sha256 != row.sha256:
        return "FILE_CHANGED"
    try:
        is_confirmed = await store.confirm(row.key, path, sha256=row.sha256)
    except ObjectMissing:
        return "OBJECT_MISSING"
    return None if is_confirmed else "CHECKSUM_MISMATCH"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def _remove(folder: Path) -> int:
    size = sum(path.stat().st_size for path in _files(folder))
    shutil.rmtree(folder, ignore_errors=True)
    return size
