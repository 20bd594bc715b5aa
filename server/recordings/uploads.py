"""Puts closed segments into the object store while the call runs, so that losing the machine loses at most what is open.

Reads the journals that media workers write, and nothing else of them: own process, own threads, never in the way of media. A
segment goes to its final key with the hash the journal has; the store's answer must have the same. Then the journal itself
follows in pieces, never naming a segment as closed that is not stored yet: what the store holds can always be put together and
sealed (`server.recordings.restore`). What is confirmed is noted beside the journal; a killed process goes on there, and putting
something again is a no-op. While the store is away everything waits on disk.
"""

import asyncio
import hashlib
import json
import os
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import structlog

from media.recorder.journal import JOURNAL_NAME, ClosedSegment
from server.context import Context
from server.http.problem import Problem
from server.media_workers import service as workers
from server.recordings import service
from server.recordings.places import key_prefix, piece_key
from storage.objects.keys import ObjectExists
from storage.objects.port import ObjectStore, StoreError

log = structlog.get_logger(__name__)

STATE_NAME = "uploads.ndjson"
PIECE_S = 5.0
SETTLE = timedelta(seconds=2.5)
"""Journal lines are made durable each second; younger ones may still be lost with the machine and are not told to the store."""
PARALLEL = 4
MAX_BACKOFF_S = 30.0


@dataclass(slots=True)
class UploadState:
    """What waits on this machine. `oldest_at` is when the oldest waiting segment was closed."""

    waiting: int = 0
    waiting_bytes: int = 0
    oldest_at: datetime | None = None
    is_store_up: bool = True
    confirmed: int = 0
    """Segments confirmed by this process."""

    def wire(self) -> dict[str, Any]:
        """For the worker's row."""
        return {
            "waiting": self.waiting, "waiting_bytes": self.waiting_bytes, "is_store_up": self.is_store_up,
            "oldest_at": self.oldest_at.isoformat() if self.oldest_at else None, "confirmed": self.confirmed,
        }  # fmt: skip


@dataclass(slots=True)
class _Line:
    entry: dict[str, Any]
    end: int


@dataclass(slots=True)
class _Folder:
    """One recording on its way to the store."""

    path: Path
    course: int = 0
    """How often the recording went to another machine before it came here."""
    session_id: str = ""
    done_to: int = 0
    """Bytes of the journal that are stored as pieces."""
    read_to: int = 0
    lines: list[_Line] = field(default_factory=list)
    """Whole lines behind `done_to`."""
    confirmed: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    """Segments that are not what the journal says: the store keeps what is right, finalising reports the rest."""
    prefix: str | None = None
    asked_at: float = -PIECE_S
    is_stopped: bool = False
    is_done: bool = False
    piece_at: float = 0.0
    noting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def id(self) -> str:
        return self.path.name

    def waiting(self) -> list[tuple[ClosedSegment, datetime]]:
        found = []
        for line in self.lines:
            if line.entry.get("type") == "segment_closed" and line.entry["file"] not in self.confirmed | self.broken:
                found.append((ClosedSegment.of(line.entry), datetime.fromisoformat(line.entry["at"])))
        return found


class Uploader:
    """Uploads everything below `<data_dir>/recordings`. Call `run`, or `step` in tests.

    Args:
        context: for the case of a recording.
        store: where to.
        settle: age of a journal line that is durable for sure.
        piece_s: how often the journal follows at most.
    """

    def __init__(self, context: Context, store: ObjectStore, *, settle: timedelta = SETTLE, piece_s: float = PIECE_S) -> None:
        self._settle = settle
        self._piece_s = piece_s
        self._context = context
        self._store = store
        self._root = context.settings.data_dir / "recordings"
        self._folders: dict[str, _Folder] = {}
        self._gate = asyncio.Semaphore(PARALLEL)
        self.state = UploadState()
        self._resting_until = 0.0
        self._backoff_s = 1.0

    async def run(self, every_s: float = 1.0) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                log.exception("upload_step_failed")
            await asyncio.sleep(every_s)

    async def step(self) -> None:
        """One look at every recording that is not wholly stored."""
        for folder in await asyncio.to_thread(self._look):
            await self._prefix(folder)
        await self._give_up_what_moved()
        if time.monotonic() >= self._resting_until:
            try:
                await asyncio.gather(*(self._advance(f) for f in self._folders.values() if not f.is_done and f.prefix))
            except StoreError as error:
                self._rest(error)
            else:
                self._backoff_s, self.state.is_store_up = 1.0, True
        self._count()

    async def drain(self, timeout_s: float) -> None:
        """Try to store what is closed before this process ends."""
        try:
            async with asyncio.timeout(timeout_s):
                self._resting_until = 0.0
                await self.step()
        except TimeoutError:
            log.warning("uploads_left_for_the_next_start", waiting=self.state.waiting)

    def _rest(self, error: StoreError) -> None:
        if self.state.is_store_up:
            log.error("object_store_away", code=error.code, detail=str(error)[:200])
        self.state.is_store_up = False
        self._resting_until = time.monotonic() + self._backoff_s
        self._backoff_s = min(self._backoff_s * 2, MAX_BACKOFF_S)

    def _count(self) -> None:
        waiting = [item for folder in self._folders.values() for item in folder.waiting()]
        self.state.waiting = len(waiting)
        self.state.waiting_bytes = sum(segment.bytes for segment, _ in waiting)
        self.state.oldest_at = min((at for _, at in waiting), default=None)

    # The disk

    def _look(self) -> list[_Folder]:
        """Read what journals grew by. In a thread."""
        active = []
        if not self._root.is_dir():
            return []
        for path in sorted(self._root.iterdir()):
            folder = self._folders.get(path.name)
            if folder is None:
                if not (path / JOURNAL_NAME).is_file():
                    continue
                folder = self._folders[path.name] = _opened(path)
            if folder.is_done:
                continue
            _read_on(folder)
            active.append(folder)
        for name in [name for name in self._folders if not (self._root / name).is_dir()]:
            del self._folders[name]
        return active

    async def _prefix(self, folder: _Folder) -> None:
        """Where the recording's package will lie. Its row comes a moment after its first packet."""
        if folder.prefix is not None or time.monotonic() < folder.asked_at + PIECE_S:
            return
        folder.asked_at = time.monotonic()
        try:
            async with self._context.db.read() as tx:
                row = await service.get(tx, folder.id)
        except Problem:
            return
        folder.session_id = row["session_id"]
        folder.prefix = key_prefix(row["case_id"], folder.id)

    async def _give_up_what_moved(self) -> None:
        """A recording that goes on elsewhere is no longer ours to tell of: this machine was taken as lost meanwhile."""
        sessions = {folder.session_id for folder in self._folders.values() if folder.session_id and not folder.is_done}
        if not sessions:
            return
        async with self._context.db.read() as tx:
            nodes = await workers.nodes_of(tx, sessions)
        for folder in self._folders.values():
            node = nodes.get(folder.session_id, self._context.settings.media_node)
            if not folder.is_done and node != self._context.settings.media_node:
                log.warning("recording_goes_on_elsewhere", recording_id=folder.id, node=node)
                folder.is_done = True
                folder.lines.clear()

    # The store

    async def _advance(self, folder: _Folder) -> None:
        waiting = folder.waiting()
        failures = await asyncio.gather(*(self._put(folder, segment) for segment, _ in waiting), return_exceptions=True)
        # Segments first: a piece may only name what is stored.
        await self._put_piece(folder)
        for failure in failures:
            if isinstance(failure, BaseException):
                raise failure

    async def _put(self, folder: _Folder, segment: ClosedSegment) -> None:
        key = f"{folder.prefix}{segment.file}"
        kind = "video/webm" if segment.file.endswith(".webm") else "video/x-matroska"
        async with self._gate:
            path = folder.path / segment.file
            try:
                info = await self._store.put_file(key, path, sha256=segment.sha256, content_type=kind)
                is_right = (info.size, info.sha256) == (segment.bytes, segment.sha256)
                # What an earlier process left there counts once its bytes are proven, not because a key exists.
                is_right = is_right and await self._store.confirm(key, path, sha256=segment.sha256)
            except (StoreError, OSError) as error:
                if not await asyncio.to_thread(_is_changed, path, segment.sha256):
                    if isinstance(error, ObjectExists):
                        log.error("segment_key_taken", key=key)
                    raise StoreError("UPLOAD_NOT_CONFIRMED", f"{key}: {error}", retryable=True) from error
                is_right = False
                log.error("segment_is_not_as_journalled", recording_id=folder.id, file=segment.file)
        if is_right:
            await asyncio.to_thread(
                _note, folder, {"file": segment.file, "key": key, "bytes": segment.bytes, "sha256": segment.sha256}
            )
            folder.confirmed.add(segment.file)
            self.state.confirmed += 1
        else:
            await asyncio.to_thread(_note, folder, {"file": segment.file, "broken": True})
            folder.broken.add(segment.file)

    async def _put_piece(self, folder: _Folder) -> None:
        end, is_last = self._piece_end(folder)
        if end <= folder.done_to or (time.monotonic() < folder.piece_at and not is_last):
            return
        data = await asyncio.to_thread(_slice, folder.path / JOURNAL_NAME, folder.done_to, end)
        key = piece_key(folder.id, folder.course, folder.done_to)
        try:
            info = await self._store.put_bytes(key, data, content_type="application/x-ndjson")
        except ObjectExists:
            # This process was killed between storing a piece and noting it: the piece that is there is a beginning of this one.
            info = await self._store.stat(key)
            data = data[: info.size]
        if (info.size, info.sha256) != (len(data), hashlib.sha256(data).hexdigest()):
            raise StoreError("UPLOAD_NOT_CONFIRMED", key, retryable=True)
        folder.done_to += len(data)
        folder.piece_at = time.monotonic() + self._piece_s
        is_done = is_last and folder.done_to == end
        await asyncio.to_thread(_note, folder, {"journal_to": folder.done_to, "key": key, "is_done": is_done})
        folder.lines = [line for line in folder.lines if line.end > folder.done_to]
        folder.is_done = is_done
        if is_done:
            folder.confirmed.clear()

    def _piece_end(self, folder: _Folder) -> tuple[int, bool]:
        """Up to where the journal may be told: whole, settled lines whose segments are stored; and whether that is all of it."""
        now = datetime.now(UTC)
        end, count = folder.done_to, 0
        for line in folder.lines:
            entry = line.entry
            is_stored = entry.get("type") != "segment_closed" or entry["file"] in folder.confirmed | folder.broken
            at = datetime.fromisoformat(entry["at"])
            is_fresh = now - self._settle < at <= now  # a time to come was written before the clock was set back
            if not is_stored or (is_fresh and not folder.is_stopped):
                break
            end, count = line.end, count + 1
        return end, folder.is_stopped and count == len(folder.lines)


def course_of(path: Path) -> int:
    """How often the recording in a folder went to another machine before it came here."""
    return _opened(path).course


def carried_note(course: int, journal_to: int) -> str:
    """What stands beside a journal that is brought from the store to go on here: so much of it is stored already."""
    return json.dumps({"journal_to": journal_to, "key": "", "is_done": False, "course": course}) + "\n"


def _opened(path: Path) -> _Folder:
    folder = _Folder(path)
    try:
        content = (path / STATE_NAME).read_bytes()
    except FileNotFoundError:
        content = b""
    for line in content.splitlines(keepends=True):
        try:
            note = json.loads(line) if line.endswith(b"\n") else None
        except json.JSONDecodeError:
            note = None
        if note is None:
            break  # what was not noted is only asked for again
        if "journal_to" in note:
            folder.course = note.get("course", folder.course)
            folder.done_to = folder.read_to = note["journal_to"]
            folder.is_done = note["is_done"]
        else:
            (folder.broken if note.get("broken") else folder.confirmed).add(note["file"])
    return folder


def _read_on(folder: _Folder) -> None:
    path = folder.path / JOURNAL_NAME
    try:
        with path.open("rb") as file:
            file.seek(folder.read_to)
            content = file.read()
    except FileNotFoundError:
        return
    for raw in content.splitlines(keepends=True):
        if not raw.endswith(b"\n"):
            break
        try:
            entry = orjson.loads(raw)
        except orjson.JSONDecodeError:
            break
        folder.read_to += len(raw)
        folder.lines.append(_Line(entry, folder.read_to))
        folder.is_stopped = folder.is_stopped or entry.get("type") == "recording_stopped"


def _note(folder: _Folder, note: dict[str, Any]) -> None:
    """Durable before it counts; a line that a crash cut off is cut away first. In a thread; one at a time."""
    with folder.noting:
        _append(folder.path / STATE_NAME, note)


def _append(path: Path, note: dict[str, Any]) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        size = os.lseek(handle, 0, os.SEEK_END)
        tail = os.pread(handle, min(size, 4096), max(0, size - 4096))
        whole = size - (len(tail) - (tail.rfind(b"\n") + 1))
        os.ftruncate(handle, whole)
        os.pwrite(handle, json.dumps(note).encode() + b"\n", whole)
        os.fdatasync(handle)
    finally:
        os.close(handle)


def _slice(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def _is_changed(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() != sha256
    except FileNotFoundError:
        return True
