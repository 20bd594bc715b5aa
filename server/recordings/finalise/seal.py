"""Steps `seal`, `store`, `lock` and `hand_over`: from files to custody."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from media.recorder.journal import INDEX_NAME, JOURNAL_NAME
from server.cases import documents
from server.http.problem import Problem
from server.jobs.registry import JobError, Json, Services, StepRun
from server.ops.version import VERSION
from server.recordings.facts import SessionFacts, answers_of, ledger_of
from server.recordings.finalise.work import CHECKS, EVENTS, MEASURED, TRANSCRIPT, Work, facts_of, open_work
from server.recordings.places import key_prefix
from server.recordings.render import THUMBNAILS
from server.recordings.tables import recording_objects, recordings
from server.sessions.service import signatures_of
from storage.evidence.manifest import EventsEntry, FileKind, Manifest, SegmentEntry
from storage.evidence.package import MANIFEST, SEAL, STAMP
from storage.evidence.seal import Source, entries_of, trust_sources, write_seal
from storage.evidence.seal import seal as sign_and_stamp
from storage.evidence.signing import parse_instant, parse_seal
from storage.evidence.timestamp import TimeStampError, verify_stamp

_TYPES = {".webm": "video/webm", ".mkv": "video/x-matroska", ".mp4": "video/mp4", ".vtt": "text/vtt", ".pdf": "application/pdf",
          ".json": "application/json", ".ndjson": "application/x-ndjson", ".pem": "application/x-pem-file",
          ".jpg": "image/jpeg"}  # fmt: skip
SEAL_FILES = ((MANIFEST, "application/json"), (SEAL, "application/json"), (STAMP, "application/timestamp-reply"))


async def seal(services: Services, run: StepRun) -> Json:
    """Gather every file, write the manifest, sign and stamp it. The package's list of files is kept for the next steps."""
    context = services.context
    work = await open_work(services, run)
    facts = await facts_of(context, work)
    sources = await _sources(services, work, facts)
    now = context.now()
    sources += trust_sources(services.ring, services.authority, now)
    for source in sources:  # keys and drawn signatures exist only in memory until now
        if isinstance(source.content, bytes):
            path = work.out / "extra" / source.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.content)
    entries = await asyncio.to_thread(entries_of, sources)
    hashes = [json.loads(line)["hash"] for line in (work.out / EVENTS).read_bytes().splitlines()]
    manifest = _manifest(work, facts, run, EventsEntry(path=EVENTS, count=len(hashes), hashes=hashes), entries)
    try:
        sealed = await sign_and_stamp(manifest, services.ring, services.authority, now, {"recording_id": work.id})
    except TimeStampError as error:
        raise JobError("TIME_STAMP_FAILED", str(error), retryable=error.retryable) from error
    write_seal(work.out, sealed)
    places = {source.path: str(_place(work, source)) for source in sources}
    (work.out / "package.json").write_text(json.dumps(places))
    return {"files": len(entries), "bytes": sum(entry.bytes for entry in entries), "key_id": sealed.key_id}


async def _sources(services: Services, work: Work, facts: SessionFacts) -> list[Source]:
    timeline = work.timeline()
    found = [
        _file(segment.file, "segment", timeline.path(segment))
        for segment in timeline.segments
        if timeline.path(segment).is_file()
    ]
    found.append(_file(JOURNAL_NAME, "journal", work.folder / JOURNAL_NAME))
    wanted: list[tuple[str, FileKind, Path]] = [
        (INDEX_NAME, "index", work.folder / INDEX_NAME),
        (EVENTS, "events", work.out / EVENTS),
        (TRANSCRIPT, "transcript", work.out / TRANSCRIPT),
        (CHECKS, "checks", work.out / CHECKS),
        (MEASURED, "checks", work.out / MEASURED),
        ("composite.mp4", "video", work.out / "composite.mp4"),
        ("composite.vtt", "markers", work.out / "composite.vtt"),
        (THUMBNAILS, "other", work.out / THUMBNAILS),
    ]
    found += [_file(path, kind, place) for path, kind, place in wanted if place.is_file()]
    found += [_file(f"tracks/{place.name}", "track", place) for place in sorted((work.out / "tracks").glob("*.*"))]
    for document in work.meta.documents:
        data = await _document(services, document.document_id)
        if data is not None:
            found.append(Source(f"documents/{document.document_id}.pdf", "document", "application/pdf", data))
    async with services.context.db.read() as tx:
        drawn = await signatures_of(tx, services.context, work.row["session_id"])
    for signature in drawn:
        path = f"signatures/{signature['person_id']}.{signature['document_id']}.json"
        wire = orjson.dumps({**signature, "strokes": json.loads(signature["strokes"])}, option=orjson.OPT_SORT_KEYS)
        found.append(Source(path, "signature", "application/json", wire))
    return found


async def _document(services: Services, document_id: str) -> bytes | None:
    try:
        return await documents.content(services.context, document_id)
    except Problem:
        return None


def _file(path: str, kind: FileKind, place: Path) -> Source:
    return Source(path, kind, _TYPES.get(Path(path).suffix, "application/octet-stream"), place)


def _place(work: Work, source: Source) -> Path:
    return source.content if isinstance(source.content, Path) else work.out / "extra" / source.path


def _manifest(work: Work, facts: SessionFacts, run: StepRun, events: EventsEntry, entries: Sequence[Any]) -> Manifest:
    timeline, row, meta = work.timeline(), work.row, work.meta
    ledger = ledger_of(facts)
    return Manifest(
        recording={
            "id": work.id, "case_id": row["case_id"], "session_id": row["session_id"], "kind": row["kind"],
            "parent_id": row["parent_id"], "outcome": row["outcome"], "started_at": row["started_at"].isoformat(),
            "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None, "duration_ms": row["duration_ms"],
        },
        session=meta.model_dump(mode="json", exclude={"talk_script", "rulebook", "models"}),
        versions={
            "software": VERSION, **meta.model_dump(mode="json", include={"talk_script", "rulebook", "models"}),
            "transcript": run.results["transcribe"],
        },
        legs=[
            {"seat_id": chain.seat_id, "leg_id": chain.leg_id, "track": chain.track, "segments": len(chain.segments),
             "t0_ms": chain.t0_ms, "t1_ms": chain.t1_ms, "last_sha256": chain.segments[-1].sha256}
            for chain in timeline.chains()
        ],
        segments=[
            SegmentEntry(
                path=segment.file, seat_id=segment.seat_id, leg_id=segment.leg_id, track=segment.track, codec=segment.codec,
                t0_ms=segment.t0_ms, t1_ms=segment.t1_ms, sha256=segment.sha256, prev_sha256=segment.prev_sha256,
            )
            for segment in timeline.segments
        ],
        journal={"path": JOURNAL_NAME, "entries": len(timeline.entries)},
        events=events,
        documents=ledger,
        signatures=[
            {key: entry[key] for key in ("person_id", "document_id", "document_sha256", "signature_sha256")}
            for entry in ledger
            if entry["signature_sha256"]
        ],
        answers=answers_of(facts, meta),
        checks=json.loads((work.out / CHECKS).read_bytes()),
        files=list(entries),
    )  # fmt: skip


async def store(services: Services, run: StepRun) -> Json:
    """Put every file of the package; a file that is there already with the same hash is left alone."""
    context = services.context
    work = await open_work(services, run)
    manifest = Manifest.model_validate_json((work.out / MANIFEST).read_bytes())
    places: dict[str, str] = json.loads((work.out / "package.json").read_bytes())
    prefix = key_prefix(work.row["case_id"], work.id)
    rows: list[dict[str, Any]] = []
    for number, entry in enumerate(manifest.files):
        key = prefix + entry.path
        info = await services.store.put_file(key, Path(places[entry.path]), sha256=entry.sha256, content_type=entry.content_type)
        rows.append(_row(work.id, entry.path, key, entry.kind, entry.content_type, info.size, info.sha256, info.stored_at))
        await run.progress((number + 1) / (len(manifest.files) + len(SEAL_FILES)))
    for name, content_type in SEAL_FILES:
        info = await services.store.put_bytes(prefix + name, (work.out / name).read_bytes(), content_type=content_type)
        rows.append(_row(work.id, name, prefix + name, "seal", content_type, info.size, info.sha256, info.stored_at))
    async with context.db.begin() as tx:
        await tx.execute(sa.delete(recording_objects).where(recording_objects.c.recording_id == work.id))
        await tx.execute(recording_objects.insert(), rows)
    return {"objects": len(rows), "bytes": sum(row["bytes"] for row in rows), "prefix": prefix}


def _row(recording_id: str, path: str, key: str, kind: str, content_type: str, size: int, sha256: str, at: Any) -> dict[str, Any]:
    return {
        "recording_id": recording_id, "path": path, "key": key, "kind": kind, "content_type": content_type, "bytes": size,
        "sha256": sha256, "stored_at": at, "legal_hold": False, "retain_until": None,
    }  # fmt: skip


async def lock(services: Services, run: StepRun) -> Json:
    """Legal hold on every object: the end of the contract, and with it the retention, is not known yet."""
    context = services.context
    async with context.db.read() as tx:
        query = sa.select(recording_objects.c.key).where(recording_objects.c.recording_id == run.subject_id)
        keys = list((await tx.execute(query.order_by(recording_objects.c.key))).scalars())
    for number, key in enumerate(keys):
        await services.store.set_legal_hold(key, True)
        await run.progress((number + 1) / len(keys))
    async with context.db.begin() as tx:
        held = recording_objects.update().where(recording_objects.c.recording_id == run.subject_id)
        await tx.execute(held.values(legal_hold=True))
    return {"held": len(keys), "is_enforced": services.store.capabilities.enforces_lock}


async def hand_over(services: Services, run: StepRun) -> Json:
    """Mark the recording sealed. Inspection finds completed ones by itself."""
    context = services.context
    work = await open_work(services, run)
    prefix = key_prefix(work.row["case_id"], work.id)
    manifest = (work.out / MANIFEST).read_bytes()
    signature = (work.out / SEAL).read_bytes()
    statement = parse_seal(signature).statement
    stamp = verify_stamp((work.out / STAMP).read_bytes(), signature, services.tsa_roots())
    async with context.db.begin() as tx:
        changed = await tx.execute(
            recordings.update()
            .where(recordings.c.id == work.id, recordings.c.state == "finalising")
            .values(
                state="sealed",
                sealed_at=parse_instant(statement["sealed_at"]),
                seal_key_id=statement["key_id"],
                manifest_key=prefix + MANIFEST,
                manifest_sha256=statement["manifest_sha256"],
                video_key=prefix + "composite.mp4" if (work.out / "composite.mp4").is_file() else None,
                time_stamp_at=stamp.at,
                is_development_stamp=stamp.is_development,
                store_name=services.store.capabilities.name,
                is_locked=services.store.capabilities.enforces_lock,
                total_bytes=len(manifest) + sum(entry.bytes for entry in Manifest.model_validate_json(manifest).files),
            )
        )
    return {"is_new": bool(changed.rowcount)}
