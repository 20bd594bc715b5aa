"""`index.json`: the journal of a finished recording condensed, for players and people. The journal stays the truth."""

import os
from pathlib import Path

import orjson

from media.recorder.journal import INDEX_NAME
from media.recorder.reader import read_timeline


def write_index(folder: Path) -> Path:
    """Write the index beside the journal, atomically. Raises `OSError`, `RecordingUnreadable`."""
    timeline = read_timeline(folder)
    content = {
        "recording_id": timeline.recording_id,
        "room_id": timeline.room_id,
        "started_at": timeline.started_at.isoformat(),
        "duration_ms": timeline.duration_ms,
        "segments": [segment.entry() for segment in timeline.segments],
        "gaps": [
            {
                "seat_id": gap.seat_id,
                "track": gap.track,
                "media": gap.media,
                "kind": gap.kind,
                "t0_ms": gap.t0_ms,
                "t1_ms": gap.t1_ms,
            }
            for gap in timeline.gaps
        ],
        "marks": [{"t_ms": mark.t_ms, "kind": mark.kind, "data": dict(mark.data)} for mark in timeline.marks],
    }
    path = folder / INDEX_NAME
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(orjson.dumps(content, default=str))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return path
