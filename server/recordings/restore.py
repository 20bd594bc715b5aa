"""A recording put together from the object store alone: its machine is gone, or finalising runs on another one.

The journal's pieces name only segments that were stored before, so everything but what was still open comes back. A journal
without an end gets one that says so: the recording ends with the last thing the store was told.
"""

import asyncio
import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import orjson

from media.ports import GapKind
from media.recorder.journal import JOURNAL_NAME, ClosedSegment, Entry, Journal, read_journal
from server.jobs.registry import JobError, Services
from server.media_workers import service as workers
from server.recordings import service
from server.recordings.places import journal_prefix, key_prefix, parse_piece
from server.recordings.uploads import course_of
from storage.objects.keys import ChecksumMismatch
from storage.objects.port import ObjectMissing, ObjectStore, read_all


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `missing`: segments that the journal names and the store lacks (disposed of, or never good)."""

    segments: int
    bytes: int
    missing: tuple[str, ...]
    is_stopped: bool


async def restore(store: ObjectStore, prefix: str, recording_id: str, target: Path) -> Restored | None:
    """Fetch a recording into `target`; None when the store knows nothing of it. Goes on where an earlier try ended.

    Raises:
        StoreError: the store is away, or gives bytes that are not those of the journal.
    """
    journal = await journal_of(store, recording_id)
    if not journal:
        return None
    entries: list[Entry] = [orjson.loads(line) for line in journal.splitlines()]
    segments = [ClosedSegment.of(entry) for entry in entries if entry.get("type") == "segment_closed"]
    missing: list[str] = []
    size = 0
    for segment in segments:
        try:
            await _fetch(store, prefix + segment.file, target / segment.file, segment.sha256)
        except ObjectMissing:
            missing.append(segment.file)
        else:
            size += segment.bytes
    await asyncio.to_thread(_write, target / JOURNAL_NAME, journal)
    is_stopped = any(entry.get("type") == "recording_stopped" for entry in entries)
    return Restored(len(segments) - len(missing), size, tuple(missing), is_stopped)


def close_lost(folder: Path) -> None:
    """End the journal of a recording whose machine is lost: open tracks get a gap, and the end says why. Idempotent."""
    entries, _ = read_journal(folder / JOURNAL_NAME)
    if not entries or any(entry["type"] == "recording_stopped" for entry in entries):
        return
    last_ms = max(int(entry.get("t1_ms") or entry["t_ms"]) for entry in entries if entry["type"] != "gap")
    ends: dict[tuple[str, str], int] = {}
    closed = {entry["file"] for entry in entries if entry["type"] == "segment_closed"}
    for entry in entries:
        if entry["type"] == "segment_closed":
            key = (entry["seat_id"], entry["track"])
            ends[key] = max(ends.get(key, 0), entry["t1_ms"])
    open_tracks = {(e["seat_id"], e["track"]) for e in entries if e["type"] == "segment_opened" and e["file"] not in closed}
    journal = Journal(folder / JOURNAL_NAME)
    try:
        for seat_id, track in sorted(open_tracks):
            t0_ms = ends.get((seat_id, track), 0)
            if last_ms > t0_ms:
                fields = {"seat_id": seat_id, "track": track, "kind": GapKind.RESTART, "t0_ms": t0_ms, "t1_ms": last_ms}
                journal.append("gap", last_ms, fields)
        journal.append("recording_stopped", last_ms, {"duration_ms": last_ms, "reason": "machine_lost"})
    finally:
        journal.close()


async def source_folder(services: Services, recording_id: str) -> Path:
    """Where a recording can be read on this machine: where it was made, else fetched from the store.

    A recording that began on another machine lies here in part; a copy beside it is made whole. One that went on elsewhere after
    this machine was taken as lost is fetched as it went on.

    Raises:
        JobError: `RECORDING_NOT_UPLOADED` (its machine is alive and still uploading; retryable), `RECORDING_FOLDER_MISSING`.
    """
    context = services.context
    async with context.db.read() as tx:
        row = await service.get(tx, recording_id)
        worker = await workers.last_worker(tx, row["session_id"])
    here = service.absolute_dir(context, row)
    target = context.settings.data_dir / "finalise" / recording_id / "source"
    mark = target / ".whole"
    if mark.is_file():
        return target
    if (here / JOURNAL_NAME).is_file():
        course = await asyncio.to_thread(course_of, here)
        is_ours = worker is None or worker["node"] == context.settings.media_node
        if course == 0 and is_ours:
            return here
        newest = await newest_course(services.store, recording_id)
        if course == 0 and newest == 0:
            return here
        if course >= newest:
            await _complete(services.store, key_prefix(row["case_id"], recording_id), here, target)
            await asyncio.to_thread(mark.touch)
            return target
    found = await restore(services.store, key_prefix(row["case_id"], recording_id), recording_id, target)
    if found is None or not found.is_stopped:
        is_elsewhere = worker is not None and worker["node"] != context.settings.media_node
        if is_elsewhere and worker is not None and not workers.is_lost(worker, context.now()):
            raise JobError("RECORDING_NOT_UPLOADED", str(worker["id"]), retryable=True)
    if found is None or not found.segments:
        raise JobError("RECORDING_FOLDER_MISSING", str(here))
    await asyncio.to_thread(close_lost, target)
    await asyncio.to_thread(mark.touch)
    return target


async def _pieces(store: ObjectStore, recording_id: str) -> dict[tuple[int, int], str]:
    """Keys of the journal's pieces, by course and offset."""
    found: dict[tuple[int, int], str] = {}
    async for key in store.list(journal_prefix(recording_id)):
        place = parse_piece(recording_id, key)
        if place is not None:
            found[place] = key
    return found


async def newest_course(store: ObjectStore, recording_id: str) -> int:
    """How often the recording went to another machine, as far as the store was told."""
    return max((course for course, _ in await _pieces(store, recording_id)), default=0)


async def journal_of(store: ObjectStore, recording_id: str) -> bytes:
    """The pieces in order, as far as they follow each other; a later course replaces what follows the place it began at."""
    content = b""
    current = 0
    for (course, offset), key in sorted((await _pieces(store, recording_id)).items()):
        if course != current:
            if offset > len(content):
                continue
            content, current = content[:offset], course
        if offset == len(content):
            content += await read_all(store, key)
    return content


async def _complete(store: ObjectStore, prefix: str, here: Path, target: Path) -> None:
    """A whole copy of a recording of which the first part was made on another machine."""
    entries, _ = read_journal(here / JOURNAL_NAME)
    for segment in (ClosedSegment.of(entry) for entry in entries if entry["type"] == "segment_closed"):
        if (here / segment.file).is_file():
            await asyncio.to_thread(_link, here / segment.file, target / segment.file)
        else:
            with contextlib.suppress(ObjectMissing):  # reported by the checks, as any segment that is not there
                await _fetch(store, prefix + segment.file, target / segment.file, segment.sha256)
    await asyncio.to_thread(_write, target / JOURNAL_NAME, (here / JOURNAL_NAME).read_bytes())


def _link(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.link(path, target)


async def _fetch(store: ObjectStore, key: str, target: Path, sha256: str) -> None:
    if await asyncio.to_thread(_has, target, sha256):
        return
    await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    digest = hashlib.sha256()
    try:
        with part.open("wb") as file:
            async for chunk in store.stream(key):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != sha256:
            raise ChecksumMismatch(key)
        part.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def _has(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


__all__ = ["Restored", "close_lost", "journal_of", "newest_course", "restore", "source_folder"]
