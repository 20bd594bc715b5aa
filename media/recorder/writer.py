"""Disk I/O of the recorder, off the event loop: a writer thread and a sync thread for all recordings of a worker.

The loop hands over whole blocks and never waits. The writer appends blocks that arrived together with one `write` per file,
in order, and hashes them. The sync thread makes data durable once a second and closes finished segments; a slow disk delays
only it. The queue is bounded by `max_backlog`: beyond it the recorder stops taking pictures; sound goes on until four times that.
Where the machine is so busy that the writer does not get its turn, the loop writes what waits itself; never while the writer is
inside a write, so a slow disk does not stop it.
"""

import contextlib
import errno
import hashlib
import logging
import os
import queue
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from media.recorder.journal import Journal
from media.recorder.state import TrackState

log = logging.getLogger(__name__)

LINGER_S = 0.018
SOUND_BACKLOGS = 4
_STARVED_NS = 24_000_000
_STOP_TIMEOUT_S = 30.0


@dataclass(slots=True)
class FileState:
    """Numbers of a file, or the C struct with these fields. `fd` is -1 until the first block, `error` the errno that ended it."""

    fd: int = -1
    size: int = 0
    error: int = 0


@dataclass(eq=False, slots=True)
class OutputFile:
    """One file being appended. Everything is the writer's and the sync thread's; `is_failed` may be read anywhere."""

    path: Path
    on_error: Callable[[OSError], None]
    state: FileState = field(default_factory=FileState)
    synced: int = 0
    hashed: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @property
    def fd(self) -> int:
        """The descriptor, -1 while closed."""
        return self.state.fd

    @property
    def size(self) -> int:
        """Bytes written."""
        return self.state.size

    @property
    def is_failed(self) -> bool:
        """The disk refused a block."""
        return self.state.error != 0


@dataclass(frozen=True, slots=True)
class WriterLimits:
    """Bounds of the writer; sizes in bytes."""

    max_backlog: int = 64 << 20
    sync_interval_s: float = 1.0
    disk_low: int = 2 << 30


class DiskWriter:
    """Owns both threads. Methods are called on the event loop unless said otherwise."""

    def __init__(self, limits: WriterLimits | None = None) -> None:
        self.limits = limits or WriterLimits()
        self._ops: deque[tuple[OutputFile | None, bytes | Callable[[], None]]] = deque()
        self._wake = threading.Event()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._open: set[OutputFile] = set()
        self._journals: set[Journal] = set()
        self._turn = threading.Lock()
        self._oldest_ns = 0
        self._taken = 0
        self._done = 0
        self._is_stopping = False
        self._threads: list[threading.Thread] = []
        self._watched: dict[Path, Callable[[int], None]] = {}
        self._next_disk_check = 0.0

    def start(self) -> None:
        """Start the threads; idempotent."""
        if not self._threads:
            self._threads = [
                threading.Thread(target=self._write_loop, name="recorder-writer", daemon=True),
                threading.Thread(target=self._sync_loop, name="recorder-sync", daemon=True),
            ]
            for thread in self._threads:
                thread.start()

    @property
    def backlog(self) -> int:
        """Bytes handed over and not yet written."""
        return self._taken - self._done

    @property
    def written(self) -> int:
        """Bytes written so far."""
        return self._done

    def new_file(self, path: Path, on_error: Callable[[OSError], None]) -> OutputFile:
        """A file to append to."""
        return OutputFile(path, on_error)

    def new_track(self) -> TrackState:
        """The numbers of a track's open segment."""
        return TrackState()

    def point(self, track: TrackState, file: OutputFile | None) -> None:
        """Blocks of the track go to this file from now on (the compiled writer must know)."""

    def append(self, file: OutputFile, data: bytes) -> None:
        """Append whole blocks to a file; it is created at the first."""
        self._taken += len(data)
        if not self._ops:
            self._oldest_ns = time.monotonic_ns()
        self._ops.append((file, data))
        if not self._wake.is_set():
            self._wake.set()
        elif time.monotonic_ns() - self._oldest_ns > _STARVED_NS and self._turn.acquire(blocking=False):
            try:
                self._drain()
            finally:
                self._turn.release()

    def run(self, action: Callable[[], None]) -> None:
        """Run something in the writer thread behind everything handed over so far."""
        self._ops.append((None, action))
        self._wake.set()

    def run_synced(self, action: Callable[[], None]) -> None:
        """Run something in the sync thread behind everything handed over so far, closes included."""
        self.run(lambda: self._jobs.put(action))

    def finish(self, file: OutputFile, on_closed: Callable[[OutputFile], None]) -> None:
        """Close a file behind its last block; `on_closed` runs in the sync thread once the content is durable."""
        self.run(lambda: self._jobs.put(lambda: self._close(file, on_closed)))

    def watch(self, journal: Journal, on_low: Callable[[int], None]) -> None:
        """Sync a journal each second and watch the free space of its disk (`on_low` runs in the sync thread)."""
        self._journals.add(journal)
        self._watched[journal.path] = on_low
        self._next_disk_check = 0.0

    def unwatch(self, journal: Journal) -> None:
        """Stop watching a journal."""
        self._journals.discard(journal)
        self._watched.pop(journal.path, None)

    def close(self) -> None:
        """Write everything handed over, stop the threads; blocks for as long as the disk needs (at most 30 s). Idempotent."""
        self._is_stopping = True
        self._rouse()
        for thread in self._threads:
            thread.join(_STOP_TIMEOUT_S)
        self._threads = []

    def _rouse(self) -> None:
        self._wake.set()

    def _write_loop(self) -> None:
        while True:
            self._wake.wait(1.0)
            self._wake.clear()
            with self._turn:
                self._drain()
            if self._is_stopping and not self._ops:
                self._jobs.put(None)
                return
            # Blocks of the next moments go out together: far fewer thread switches, less than a frame at risk.
            time.sleep(LINGER_S)

    def _drain(self) -> None:
        pending: dict[OutputFile, list[bytes]] = {}
        while self._ops:
            file, data = self._ops.popleft()
            if file is not None:
                assert isinstance(data, bytes)
                pending.setdefault(file, []).append(data)
                continue
            self._write_all(pending)
            assert callable(data)
            self._call(data)
            del data
        self._write_all(pending)

    def _call(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            log.exception("recorder action failed")

    def _write_all(self, pending: dict[OutputFile, list[bytes]]) -> None:
        for file, parts in pending.items():
            data = parts[0] if len(parts) == 1 else b"".join(parts)
            self._done += len(data)
            if file.is_failed:
                continue
            try:
                self._write(file, data)
            except OSError as error:
                file.state.error = error.errno or errno.EIO
                if file.fd >= 0:
                    with contextlib.suppress(OSError):
                        os.ftruncate(file.fd, file.size)
                file.on_error(error)
        pending.clear()

    def _write(self, file: OutputFile, data: bytes) -> None:
        if file.fd < 0:
            file.state.fd = os.open(file.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
            self._open.add(file)
        done = os.write(file.fd, data)
        while done < len(data):
            done += os.write(file.fd, data[done:])
        file.digest.update(data)
        file.state.size += len(data)

    def _sync_loop(self) -> None:
        due = time.monotonic() + self.limits.sync_interval_s
        while True:
            try:
                job = self._jobs.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                self._call(self._sync_all)
                due = time.monotonic() + self.limits.sync_interval_s
                continue
            if job is None:
                self._sync_all()
                return
            try:
                job()
            except Exception:
                log.exception("recorder sync action failed")
            del job  # the next one may be long in coming, and a recording hangs on it

    def _sync_all(self) -> None:
        for journal in list(self._journals):
            try:
                journal.sync()
            except OSError:
                log.exception("journal sync failed")
        files = [file for file in list(self._open) if file.fd >= 0 and file.size != file.synced]
        self._begin_sync(files)
        for file in files:
            self._sync(file)
        if time.monotonic() >= self._next_disk_check:
            self._next_disk_check = time.monotonic() + 5.0
            for path, on_low in list(self._watched.items()):
                with contextlib.suppress(OSError):
                    free = shutil.disk_usage(path.parent).free
                    if free < self.limits.disk_low:
                        on_low(free)

    def _begin_sync(self, files: Sequence[OutputFile]) -> None:
        """Files that are about to be made durable, one after the other."""

    def _sync(self, file: OutputFile) -> None:
        size = file.size
        if file.fd < 0 or size == file.synced:
            return
        try:
            os.fdatasync(file.fd)
            if not file.synced:
                folder = os.open(file.path.parent, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
            file.synced = size
        except OSError as error:
            file.state.error = error.errno or errno.EIO
            file.on_error(error)

    def _close(self, file: OutputFile, on_closed: Callable[[OutputFile], None]) -> None:
        self._sync(file)
        self._open.discard(file)
        if file.fd >= 0:
            os.close(file.fd)
            file.state.fd = -1
        on_closed(file)
