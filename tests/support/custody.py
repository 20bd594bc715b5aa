"""Sealed recordings with real objects in a store, and the jobs of custody run step by step without the workflow engine."""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa

from server.context import Context
from server.jobs import progress
from server.jobs.registry import Registry, Services, StepRun, job_id
from server.jobs.slices import build_registry
from server.recordings.places import key_prefix
from server.recordings.spoken import store_lines
from server.recordings.stores import build_authority, build_ring
from server.recordings.tables import recording_objects, recordings
from storage.objects.port import ObjectStore
from tests.support.recordings import Made, make_session

SAID = "不承诺保本，您清楚了吗"
FILES = ("manifest.json", "signature.json", "segments/s1.l1.main.00000.webm")


async def sealed_recording(context: Context, store: ObjectStore, **session: str) -> Made:
    """A session whose recording is sealed: small files in the store, each under legal hold, as the seal leaves them."""
    made = await make_session(context, with_media=False, **session)  # type: ignore[arg-type]
    made.folder.mkdir(parents=True, exist_ok=True)
    (made.folder / "left-over.webm").write_bytes(b"local copy")
    prefix = key_prefix(made.case_id, made.recording_id)
    rows = []
    for path in FILES:
        data = f"{made.recording_id} {path}".encode()
        await store.put_bytes(prefix + path, data)
        await store.set_legal_hold(prefix + path, True)
        rows.append({
            "recording_id": made.recording_id, "path": path, "key": prefix + path, "kind": "other", "content_type": "text/plain",
            "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "stored_at": context.now(), "legal_hold": True,
        })  # fmt: skip
    async with context.db.begin() as tx:
        await tx.execute(recording_objects.insert(), rows)
        line = {"seat_id": "s1", "start_ms": 0, "end_ms": 900, "text": SAID, "words": [], "engine": "test"}
        await store_lines(tx, context, made.recording_id, [line])
        sealed = recordings.update().where(recordings.c.id == made.recording_id)
        digest = rows[0]["sha256"]
        await tx.execute(
            sealed.values(
                state="sealed", sealed_at=context.now(), total_bytes=sum(len(path) for path in FILES), manifest_sha256=digest,
                manifest_key=prefix + "manifest.json", is_locked=store.capabilities.enforces_lock,
            )
        )  # fmt: skip
    return made


def services_of(context: Context, store: ObjectStore) -> Services:
    """What the jobs process hands to its steps."""
    return Services(context, store, build_ring(context.settings, context.now()), build_authority(context.settings))


async def run_due(context: Context, store: ObjectStore, kinds: Sequence[str] = ("retain", "dispose")) -> list[str]:
    """Run everything that is due now, to the end; returns the jobs' keys. A failure is handled as the engine does."""
    services, registry = services_of(context, store), build_registry()
    ran = []
    for name in kinds:
        for due in await registry.kinds[name].due(services):
            await _run(services, registry, name, due.subject_id, due.attempt)
            ran.append(job_id(name, due.subject_id))
    return ran


async def _run(services: Services, registry: Registry, name: str, subject: str, attempt: int) -> None:
    kind, context = registry.kinds[name], services.context
    key = job_id(name, subject)
    results = await progress.begin(context, kind, subject, attempt, "test")

    async def ignore(_value: float) -> None:
        return None

    try:
        for step in kind.steps:
            if step.name in results:
                continue
            await progress.step_started(context, key, step.name)
            results[step.name] = await step.run(services, StepRun(key, subject, dict(results), ignore)) or {}
            await progress.step_done(context, key, step.name, results[step.name])
    except Exception as error:
        code = getattr(error, "code", "INTERNAL")
        await progress.finish(context, key, code, str(error))
        if kind.on_failed:
            await kind.on_failed(services, subject, code)
        return
    await progress.finish(context, key, None)


async def state_of(context: Context, recording_id: str) -> str:
    """The recording's state."""
    async with context.db.read() as tx:
        return str(await tx.scalar(sa.select(recordings.c.state).where(recordings.c.id == recording_id)))
