"""What is whole of a segment that was not closed in order: its worker was killed, or the disk refused a part of it."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from media.recorder import ebml
from media.recorder.depacketise import opus_duration_ms
from media.recorder.ebml import AUDIO_TRACK, VIDEO_TRACK
from media.recorder.journal import NO_SHA256, ClosedSegment, Entry

_MAX_FRAME_MS = 200


def salvage(folder: Path, entry: Entry, previous: Mapping[str, str]) -> ClosedSegment | None:
    """Cut a file behind its last whole block; None (and no file) when it has none.

    Args:
        folder: the recording folder.
        entry: the fields of its `segment_opened`.
        previous: by chain the sha256 of the segment before.

    Raises:
        OSError: it cannot be read or cut.
    """
    path = folder / entry["file"]
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    found = ebml.scan(content)
    if not found.blocks:
        path.unlink()
        return None
    if found.size < len(content):
        content = content[: found.size]
        with path.open("r+b") as file:
            file.truncate(found.size)
            os.fsync(file.fileno())
    pictures = [block.t_ms for block in found.blocks if block.track == VIDEO_TRACK][-2:]
    t1_ms = pictures[-1] + min(_MAX_FRAME_MS, pictures[-1] - pictures[0]) if pictures else 0
    for block in found.blocks:
        if block.track == AUDIO_TRACK:
            t1_ms = max(t1_ms, round(block.t_ms + opus_duration_ms(bytes(block.data[:2]))))
    chain = f"{entry['seat_id']}.{entry['leg_id']}.{entry['track']}"
    return ClosedSegment(
        file=entry["file"],
        seat_id=entry["seat_id"],
        leg_id=entry["leg_id"],
        track=entry["track"],
        codec=entry["codec"],
        t0_ms=min(block.t_ms for block in found.blocks),
        t1_ms=t1_ms,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        prev_sha256=previous.get(chain, NO_SHA256),
        frames=len(found.blocks),
    )
