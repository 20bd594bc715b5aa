"""What the journal alone tells of a seat: how far sound lies behind the picture, and for how long there are media at all."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from media.recorder.journal import ClosedSegment
from media.recorder.reader import Timeline


def seat_offset(timeline: Timeline, seat_id: str) -> dict[str, Any] | None:
    """How far sound lies behind the picture, as the recorder found it at the sender's reports; None without any."""
    entries = [entry for entry in timeline.entries if entry.get("type") == "av_offset" and entry["seat_id"] == seat_id]
    if not entries:
        return None
    worst = max(entries, key=lambda entry: abs(entry["offset_ms"]))
    found = [entry["offset_ms"] for entry in entries]
    return {
        "reports": len(found),
        "median_ms": round(float(np.median(found)), 1),
        "worst_ms": worst["offset_ms"],
        "worst_at_ms": worst["t_ms"],
    }


def covered(segments: Iterable[ClosedSegment]) -> int:
    """How many ms the segments cover together."""
    total, end = 0, 0
    for t0, t1 in sorted((segment.t0_ms, segment.t1_ms) for segment in segments):
        total += max(0, t1 - max(t0, end))
        end = max(end, t1)
    return total
