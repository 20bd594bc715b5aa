"""The recording's journal: one JSON object a line, appended, fsynced; the truth about a recording after a crash.

`Journal` is used from the writer and sync threads only. A line that a crash cut off is ignored and cut away when the journal
is opened again. What must not be missing waits in memory while the disk refuses it, and follows in its order.
"""

import contextlib
import fcntl
import os
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

JOURNAL_NAME = "journal.ndjson"
INDEX_NAME = "index.json"
SEGMENT_FOLDER = "segments"
NO_SHA256 = "0" * 64
_MOST_KEPT = 50_000

Entry = dict[str, Any]


def timestamp(at: datetime | None = None) -> str:
    """An ISO 8601 UTC instant with milliseconds."""
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JournalHeld(OSError):
    """Another process records here at this moment: nothing of it may be touched."""


class Journal:
    """An append-only journal file, held by one process at a time (the system lets go when that process dies).

    Args:
        path: the file; continued when it exists. Raises `JournalHeld`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            entries, size = read_journal(path)
            os.ftruncate(self._fd, size)
            os.lseek(self._fd, 0, os.SEEK_END)
        except BlockingIOError:
            os.close(self._fd)
            raise JournalHeld(str(path)) from None
        except OSError:
            os.close(self._fd)
            raise
        self._seq = entries[-1].get("seq", -1) + 1 if entries else 0
        self._lock = threading.Lock()
        self._size = size
        self._is_dirty = bool(entries)
        self._kept: deque[bytes] = deque()
        """Lines that the disk refused and that follow once it takes them."""

    def append(self, type: str, t_ms: int, data: Mapping[str, Any], *, is_kept: bool = False) -> Entry:
        """Write one entry; durable after `sync`. Raises `OSError`; nothing half-written stays.

        Args:
            is_kept: an entry that the disk refuses is written before the next one, or by a later `sync`.
        """
        with self._lock:
            entry: Entry = {"seq": self._seq, "at": timestamp(), "t_ms": t_ms, "type": type, **data}
            line = orjson.dumps(entry, default=str) + b"\n"
            try:
                self._write_kept()
                self._write(line)
            except OSError:
                if is_kept and self._fd >= 0 and len(self._kept) < _MOST_KEPT:
                    self._kept.append(line)
                    self._seq += 1
                raise
            self._seq += 1
            return entry

    def _write_kept(self) -> None:
        while self._kept:
            self._write(self._kept[0])
            self._kept.popleft()

    def _write(self, line: bytes) -> None:
        try:
            done = 0
            while done < len(line):
                done += os.write(self._fd, line[done:])
        except OSError:
            os.ftruncate(self._fd, self._size)
            os.lseek(self._fd, 0, os.SEEK_END)
            raise
        self._size += len(line)
        self._is_dirty = True

    def sync(self) -> None:
        """Make everything appended durable. Raises `OSError`."""
        if self._kept and self._fd >= 0:
            with self._lock, contextlib.suppress(OSError):
                self._write_kept()
        if self._is_dirty and self._fd >= 0:
            self._is_dirty = False
            try:
                os.fsync(self._fd)
            except OSError:
                self._is_dirty = True
                raise

    def close(self) -> None:
        """Sync and close; idempotent."""
        if self._fd >= 0:
            try:
                self.sync()
            finally:
                os.close(self._fd)
                self._fd = -1


def read_journal(path: Path) -> tuple[list[Entry], int]:
    """Whole entries of a journal and the size they take; a cut-off or damaged tail is left out. A missing file is empty."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    entries: list[Entry] = []
    size = 0
    for line in content.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            break
        if not isinstance(entry, dict):
            break
        entries.append(entry)
        size += len(line)
    return entries, size


@dataclass(frozen=True, slots=True)
class ClosedSegment:
    """The fields of a `segment_closed` entry."""

    file: str
    seat_id: str
    leg_id: str
    track: str
    codec: str
    t0_ms: int
    t1_ms: int
    bytes: int
    sha256: str
    prev_sha256: str
    frames: int

    @property
    def chain(self) -> str:
        """Name of the chain the segment belongs to."""
        return f"{self.seat_id}.{self.leg_id}.{self.track}"

    def entry(self) -> Entry:
        """As journal fields."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "ClosedSegment":
        """From a journal entry. Raises `KeyError`."""
        return cls(**{name: entry[name] for name in cls.__slots__})
