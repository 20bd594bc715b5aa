"""Opens recordings and finds the ones a dead worker left. Implements `media.ports.RecorderFactory`; owns the disk threads."""

import asyncio
import logging
import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from media.ports import RecorderListener, RecordingClock, RecoveredRecording
from media.recorder.compiled import CompiledSeat, CompiledStream, CompiledWriter, core
from media.recorder.journal import JOURNAL_NAME, NO_SHA256, SEGMENT_FOLDER, Journal, JournalHeld, read_journal, timestamp
from media.recorder.recording import Continued, Recording
from media.recorder.recover import boot_id, clock_of, continued, is_unfinished, recover
from media.recorder.writer import DiskWriter, WriterLimits

log = logging.getLogger(__name__)


class RecordingClosed(Exception):
    """The folder holds a finished recording; recordings are never overwritten."""


class Recorder:
    """One per worker process. See `media.ports.RecorderFactory`.

    Args:
        is_compiled: whether packets take the compiled path; None: where it was built.
    """

    def __init__(self, limits: WriterLimits | None = None, *, is_compiled: bool | None = None) -> None:
        compiled = None if is_compiled is False else core()
        if compiled is None and is_compiled:
            raise RuntimeError("the compiled recorder is missing: run `make native`")
        self._writer = DiskWriter(limits) if compiled is None else CompiledWriter(limits, compiled)
        self._kinds: dict[str, Any] = {}
        if compiled is not None:
            self._kinds = {"new_stream": CompiledStream, "new_seat": partial(CompiledSeat, compiled)}
        self._open: set[Recording] = set()

    async def open(self, directory: Path, recording_id: str, room_id: str, listener: RecorderListener) -> Recording:
        """Start a recording, or go on with an unfinished one in the same folder.

        Raises:
            RecordingClosed: the folder holds a finished recording.
            OSError: the disk refused.
        """
        self._writer.start()
        clock, journal, earlier = await asyncio.to_thread(_prepare, directory, recording_id, room_id)
        recording = Recording(directory, clock, journal, self._writer, listener, self._open.discard, earlier, **self._kinds)
        self._open.add(recording)
        return recording

    async def recover(self, root: Path) -> list[RecoveredRecording]:
        """Close the open segments of every unfinished recording below `root` and list these recordings."""
        return await asyncio.to_thread(_recover_all, root)

    def free_bytes(self, root: Path) -> int:
        """Free space where recordings are written; 0 when it cannot be told."""
        for folder in (root, *root.parents):
            try:
                return shutil.disk_usage(folder).free
            except FileNotFoundError:
                continue
            except OSError:
                return 0
        return 0

    def counters(self) -> Mapping[str, int]:
        """`written` bytes so far, and `backlog` bytes handed over and not yet written."""
        return {"written": self._writer.written, "backlog": self._writer.backlog}

    async def suspend(self) -> None:
        """Make durable what was handed over and let go, without ending any recording: `open` goes on with it later."""
        self._open.clear()
        await asyncio.to_thread(self._writer.close)

    async def aclose(self) -> None:
        """Stop every recording and the threads; idempotent."""
        for recording in list(self._open):
            await recording.stop()
        await asyncio.to_thread(self._writer.close)


def _prepare(directory: Path, recording_id: str, room_id: str) -> tuple[RecordingClock, Journal, Continued | None]:
    (directory / SEGMENT_FOLDER).mkdir(parents=True, exist_ok=True)
    path = directory / JOURNAL_NAME
    entries, _ = read_journal(path)
    earlier: Continued | None = None
    clock = clock_of(entries)
    if clock is not None:
        if not is_unfinished(entries):
            raise RecordingClosed(str(directory))
        recover(directory)
        entries, _ = read_journal(path)
        clock = clock_of(entries) or clock
        earlier = continued(entries)
        _pass_by(earlier.chains, directory / SEGMENT_FOLDER)
    journal = Journal(path)
    try:
        if clock is None:
            clock = RecordingClock(datetime.now(UTC), time.monotonic_ns())
            fields = {"recording_id": recording_id, "room_id": room_id, "started_at": timestamp(clock.started_at)}
            journal.append("recording_started", 0, fields | _beat(clock))
        else:
            journal.append("recording_resumed", clock.ms(time.monotonic_ns()), {"recording_id": recording_id} | _beat(clock))
        journal.sync()
    except OSError:
        journal.close()  # whoever tries again once the disk takes it needs its lock
        raise
    return clock, journal, earlier


def _beat(clock: RecordingClock) -> dict[str, Any]:
    """What the session clock is on this boot of this machine."""
    return {"started_monotonic_ns": clock.started_monotonic_ns, "boot_id": boot_id()}


def _pass_by(chains: dict[str, tuple[int, str]], folder: Path) -> None:
    """Chains go on behind files that a killed worker made and did not live to journal: nothing is written over."""
    for path in folder.iterdir():
        chain, _, number = path.stem.rpartition(".")
        if number.isdecimal():
            index, previous = chains.get(chain, (0, NO_SHA256))
            chains[chain] = (max(index, int(number) + 1), previous)


def _recover_all(root: Path) -> list[RecoveredRecording]:
    found: list[RecoveredRecording] = []
    for path in sorted([*root.glob(f"*/{JOURNAL_NAME}"), *root.glob(f"*/*/{JOURNAL_NAME}")]):
        try:
            if _looks_finished(path):
                continue
            result = recover(path.parent)
        except JournalHeld:
            continue  # another worker of this machine records it right now
        except Exception:
            # Left as it is, and tried again when its room returns; the others, and new rooms, need a worker.
            log.exception("recording cannot be recovered: %s", path.parent)
            continue
        if result is not None:
            found.append(RecoveredRecording(result.recording_id, result.room_id, path.parent, result.duration_ms))
    return found


def _looks_finished(path: Path) -> bool:
    """Whether the last lines say so; spares reading every old journal at each start."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 512))
        return b'"type":"recording_stopped"' in file.read()
