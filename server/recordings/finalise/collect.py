"""Steps `collect` and `verify_chain`: the journal is closed, the event file written, every segment's hash checked."""

import asyncio
import time
from datetime import timedelta
from typing import Any

from media.recorder.journal import JOURNAL_NAME, JournalHeld
from media.recorder.reader import Timeline
from media.recorder.recover import recover
from server.jobs.registry import JobError, Json, Services, StepRun
from server.recordings.facts import event_wire
from server.recordings.finalise.work import EVENTS, Work, facts_of, open_work
from server.recordings.tables import recordings
from storage.evidence.chain import ZERO, chain_events
from storage.evidence.digest import digest_file

QUIET_S = 5.0
"""A journal without an end that was written to more recently may still belong to a living worker."""


async def collect(services: Services, run: StepRun) -> Json:
    """Close what a lost worker left open, settle the duration, write the chained event file."""
    context = services.context
    work = await open_work(services, run)
    timeline = await asyncio.to_thread(_closed_timeline, work)
    if not timeline.segments:
        raise JobError("RECORDING_EMPTY", "no segment was closed")
    ended_at = work.row["ended_at"] or timeline.started_at + timedelta(milliseconds=timeline.duration_ms)
    async with context.db.begin() as tx:
        await tx.execute(
            recordings.update()
            .where(recordings.c.id == work.id, recordings.c.state.in_(("stopped", "finalising")))
            .values(state="finalising", duration_ms=timeline.duration_ms, started_at=timeline.started_at, ended_at=ended_at)
        )
    work = await open_work(services, run)
    facts = await facts_of(context, work)
    content, hashes = chain_events(event_wire(facts, event) for event in facts.events)
    (work.out / EVENTS).write_bytes(content)
    size = sum(segment.bytes for segment in timeline.segments)
    return {"segments": len(timeline.segments), "bytes": size, "events": len(hashes), "duration_ms": timeline.duration_ms}


def _closed_timeline(work: Work) -> Timeline:
    timeline = work.timeline()
    if timeline.is_stopped:
        return timeline
    if time.time() - (work.folder / JOURNAL_NAME).stat().st_mtime < QUIET_S:
        raise JobError("RECORDING_STILL_OPEN", "the journal has no end and is still being written", retryable=True)
    try:
        recover(work.folder)
    except JournalHeld as error:
        raise JobError("RECORDING_STILL_OPEN", "a media worker records it at this moment", retryable=True) from error
    return work.timeline()


async def verify_chain(services: Services, run: StepRun) -> Json:
    """Hash every segment and compare it with what the recorder wrote down; faults are findings, not failures."""
    work = await open_work(services, run)
    timeline = work.timeline()
    faults: list[dict[str, Any]] = []
    heads: dict[str, str] = {}
    for number, segment in enumerate(timeline.segments):
        path = timeline.path(segment)
        if not path.is_file():
            faults.append({"code": "SEGMENT_REMOVED", "file": segment.file})
            continue
        digest = await asyncio.to_thread(digest_file, path)
        if digest.sha256 != segment.sha256:
            faults.append({"code": "FILE_CHANGED", "file": segment.file})
        if segment.prev_sha256 != heads.get(segment.chain, ZERO):
            faults.append({"code": "SEGMENT_CHAIN_BROKEN", "file": segment.file})
        heads[segment.chain] = segment.sha256
        if number % 16 == 0:
            await run.progress(number / len(timeline.segments))
    return {"segments": len(timeline.segments), "faults": faults}
